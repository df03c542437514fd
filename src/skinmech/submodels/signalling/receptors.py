"""From cytokine concentrations to the receptor drive of each pathway, drugs included."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float

from ...modelling.species import cytokine
from ...therapies.effects import RECEPTOR_COMPLEXES, TARGETS


def _occupancy(concentration: Array, half: Array) -> Array:
    return concentration / (half + concentration)


def drive(
    cytokines: Float[Array, "cytokine *z"],
    free_fraction: Float[Array, "target"],
    complex_activity: Float[Array, "complex"],
    glucocorticoid: Array,
    params: Any,
) -> Float[Array, "pathway *z"]:
    """Receptor drive R of (pSTAT6, pSTAT3, pSTAT1, NF-kB), each 0 to 1.

    STAT6: R = f(IL-4Rα) x/(1 + x) J,  x = f(IL-4) [IL-4]/K₄ + f(IL-13) [IL-13]/K₁₃
    STAT3: occupancy of IL-22 receptors and, weighted, of IL-31 receptors, each times its J
    STAT1: occupancy of IFN-γ receptors times J
    NF-kB: x^n/(1 + x^n), x the weighted IL-17A, TNF, IL-36γ and IL-33 over K; no JAK

    f is what an antibody leaves free, J what a kinase inhibitor leaves of the complex.

    Args:
        cytokines: Concentrations, internal units, species first.
        free_fraction: Free fraction of each drug target.
        complex_activity: Remaining activity of each receptor complex.
        glucocorticoid: Glucocorticoid action, 0 to 1.
        params: `SignallingParameters` in internal units.
    """

    def free(name: str) -> Array:
        return free_fraction[TARGETS.index(name)]

    def kinases(name: str) -> Array:
        return complex_activity[RECEPTOR_COMPLEXES.index(name)]

    def level(name: str) -> Array:
        return jnp.maximum(cytokines[cytokine(name)], 0.0)

    type2 = (
        free("IL-4") * level("IL-4") / params.IL4_half
        + free("IL-13") * level("IL-13") / params.IL13_half
    )
    stat6 = free("IL-4Ra") * type2 / (1.0 + type2) * kinases("IL-4/IL-13 type II")
    il22 = _occupancy(free("IL-22") * level("IL-22"), params.IL22_half) * kinases("IL-22")
    il31 = _occupancy(level("IL-31"), params.IL31_half) * free("IL-31RA") * kinases("IL-31")
    stat3 = (il22 + params.IL31_weight * il31) / (1.0 + params.IL31_weight)
    stat1 = _occupancy(free("IFNg") * level("IFN-gamma"), params.IFNg_half) * kinases("IFNg")
    # IL-17F comes with IL-17A from the same cells; an antibody to one leaves the other's share.
    seen = (1.0 - params.IL17F_share) * free("IL-17A") + params.IL17F_share * free("IL-17F")
    inflammatory = (
        params.IL17_weight * seen * free("IL-17RA") * level("IL-17A")
        + params.TNF_weight * free("TNF") * level("TNF")
        + params.IL36_weight * free("IL-36R") * level("IL-36gamma")
        + params.IL33_weight * level("IL-33")
    ) / params.NFkB_half
    power = (inflammatory + 1e-9) ** params.NFkB_power
    nfkb = power / (1.0 + power) * (1.0 - params.glucocorticoid_inhibition * glucocorticoid)
    return jnp.stack([stat6, stat3, stat1, nfkb])


def balance(
    receptor: Float[Array, "pathway *z"], sensitivity: Array, feedback: Array
) -> Float[Array, "pathway *z"]:
    """Activity P where phosphorylation and dephosphorylation balance, feedback included.

    ρ R (1 − P) = (1 + g P) P, so P = 2ρR / (1 + ρR + √((1 + ρR)² + 4 g ρR)).

    Args:
        receptor: Drive R.
        sensitivity: ρ, broadcastable to R.
        feedback: g, broadcastable to R.
    """
    rho = sensitivity * receptor
    root = jnp.sqrt((1.0 + rho) ** 2 + 4.0 * feedback * rho)
    return 2.0 * rho / (1.0 + rho + root)
