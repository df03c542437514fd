"""A laser pulse by its wavelength, fluence, duration and spot, against melanosomes and the skin.

Selective photothermolysis: a melanosome of radius a cools with τ = a²/(4 κ) (Anderson and Parrish
1983), so that a pulse of length t needs the fluence

    H_th(λ, t) = H₀ (μ_mel(λ₀)/μ_mel(λ)) (1 + t/τ)

where H₀ is the threshold of cavitation at λ₀ for pulses of nanoseconds. Fluence at depth follows
from absorption and scattering of what lies above, a narrow spot loses more of it,

    H(z) = H k(w) e^(−μ_eff z),   k = backscatter × w/(w + w₀)

and the share of melanosomes broken is log-normal about the threshold. Between pulses of more than
the thermal relaxation of the epidermis the heat leaves it:

    ΔT = μ_a H k/(ρ c) × 1/(1 + t/τ_e),   τ_e = d²/(12 κ)... thickness d

Skin is burnt where T exceeds the damage threshold.
"""
