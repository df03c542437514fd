"""Absorption and scattering of what colours skin, from published formulas and tables."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

WAVELENGTHS = np.arange(380.0, 781.0, 10.0)
"""Wavelengths of every spectrum here [nm], shape (41,)."""

# Molar extinction of haemoglobin per tetramer at the bands' peaks, shoulders and valleys
# [1000/(cm mol/L)], oxygenated and not: tabulated by Prahl (omlc.org) from Gratzer and Kollias.
_HAEMOGLOBIN = np.array([
    (380, 109.6, 145.2), (390, 167.7, 167.8), (400, 266.2, 223.3), (410, 466.8, 304.0),
    (414, 524.3, 342.6), (420, 480.4, 407.6), (430, 246.1, 528.6), (440, 102.6, 413.3),
    (450, 62.8, 103.3), (460, 44.5, 23.4), (470, 33.2, 16.2), (480, 26.6, 14.55),
    (490, 23.7, 16.7), (500, 20.9, 20.9),
    (510, 20.0, 25.8), (520, 24.2, 31.6), (530, 40.0, 39.0), (540, 53.2, 46.6),
    (550, 43.0, 53.4), (560, 32.6, 53.8), (570, 44.5, 45.1), (576, 55.5, 40.1),
    (580, 50.1, 37.0), (590, 14.4, 28.3), (600, 3.20, 14.7), (610, 1.51, 9.44),
    (620, 0.942, 6.51), (630, 0.610, 5.15), (640, 0.442, 4.35), (660, 0.320, 3.23),
    (670, 0.294, 2.80), (690, 0.276, 2.05), (720, 0.348, 1.33), (730, 0.390, 1.10),
    (740, 0.446, 1.12), (750, 0.518, 1.41), (760, 0.586, 1.55), (780, 0.710, 1.08),
])  # fmt: skip
_GRAMS_PER_MOLE = 64500.0


def eumelanosome_absorption(wavelength: Float[Array, "w"], scale: Array) -> Float[Array, "w"]:
    """Inside of a eumelanosome, μ = scale λ^−3.33 [1/cm], λ in nm (Jacques)."""
    return scale * wavelength**-3.33


def pheomelanosome_absorption(wavelength: Float[Array, "w"], scale: Array) -> Float[Array, "w"]:
    """The same of pheomelanin, μ = scale λ^−4.75 [1/cm], λ in nm (Donner and Jensen)."""
    return scale * wavelength**-4.75


def bloodless_absorption(wavelength: Float[Array, "w"]) -> Float[Array, "w"]:
    """Tissue without melanin and blood, μ = 0.244 + 85.3 e^(−(λ−154)/66.2) [1/cm] (Jacques)."""
    return 0.244 + 85.3 * jnp.exp(-(wavelength - 154.0) / 66.2)


def blood_absorption(
    wavelength: Float[Array, "w"], haemoglobin: Array, saturation: Array, vessel_radius: Array
) -> Float[Array, "w"]:
    """Absorption of whole blood as the tissue around its vessels sees it [1/cm].

    μ = ln 10 ε c, flattened by (1 − e^(−2 μ r))/(2 μ r): light that is absorbed at a vessel's
    near side does not reach its core (van Veen and others 2002).

    Args:
        wavelength: nm.
        haemoglobin: g/L of blood.
        saturation: Share that is oxygenated, 0 to 1.
        vessel_radius: um.
    """
    table = jnp.asarray(_HAEMOGLOBIN)
    oxy, deoxy = (
        jnp.exp(jnp.interp(wavelength, table[:, 0], jnp.log(1e3 * table[:, column])))
        for column in (1, 2)
    )
    molar = saturation * oxy + (1.0 - saturation) * deoxy
    absorption = jnp.log(10.0) * molar * haemoglobin / _GRAMS_PER_MOLE
    depth = 2.0 * absorption * vessel_radius * 1e-4
    return absorption * -jnp.expm1(-depth) / depth


def reduced_scattering(
    wavelength: Float[Array, "w"], at_500: Array, rayleigh: float, power: float
) -> Float[Array, "w"]:
    """μ_s' = a (f (λ/500)^−4 + (1 − f)(λ/500)^−b) [1/cm], λ in nm (Jacques 2013).

    Args:
        wavelength: nm.
        at_500: a, at 500 nm [1/cm].
        rayleigh: f, share of small scatterers.
        power: b, of large ones.
    """
    relative = wavelength / 500.0
    return at_500 * (rayleigh * relative**-4 + (1.0 - rayleigh) * relative**-power)
