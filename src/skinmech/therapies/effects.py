"""What exposure does to its targets: pure functions of concentration and affinity.

Every function takes the exposure of all slots and combines drugs by the product of what each
leaves active. An empty slot contributes exactly one.
"""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .arrays import DrugArrays
from .drug import KINASES as KINASES, TARGETS as TARGETS

Scalar = Float[Array, ""]

RECEPTOR_KINASES: dict[str, dict[str, float]] = {
    "IL-4 type I": {"JAK1": 1.0, "JAK3": 1.0},
    "IL-4/IL-13 type II": {"JAK1": 1.0, "TYK2": 0.5, "JAK2": 0.5},
    "IL-31": {"JAK1": 1.5, "JAK2": 0.5},
    "IL-22": {"JAK1": 1.0, "TYK2": 1.0},
    "TSLP": {"JAK2": 1.0, "JAK1": 1.0},
    "IFNg": {"JAK1": 1.0, "JAK2": 1.0},
    "IL-23": {"TYK2": 1.0, "JAK2": 1.0},
    "IL-17A": {},
    "TNF": {},
    "IL-36": {},
    "IL-33": {},
    "OX40": {},
}
"""Kinases of each receptor complex: one unit of weight per receptor chain, shared equally where a
chain can use either of two kinases (IL-13Rα1: TYK2 or JAK2; OSMR: JAK1 or JAK2). To verify:
textbook assignments."""

RECEPTOR_COMPLEXES = tuple(RECEPTOR_KINASES)

KINASE_WEIGHTS = np.array(
    [[weights.get(kinase, 0.0) for kinase in KINASES] for weights in RECEPTOR_KINASES.values()]
)
"""Weights of `RECEPTOR_KINASES`, shape (complexes, kinases)."""

_SMALLEST_RATIO = 1e-9  # C/IC50 below which a power law is continued by a straight line


def target_index(target: str) -> int:
    """Position of a target in `TARGETS`."""
    if target not in TARGETS:
        raise ValueError(f"Unrecognized target: '{target}'. Expected one of {', '.join(TARGETS)}.")
    return TARGETS.index(target)


def complex_index(receptor_complex: str) -> int:
    """Position of a receptor complex in `RECEPTOR_COMPLEXES`."""
    if receptor_complex not in RECEPTOR_COMPLEXES:
        raise ValueError(
            f"Unrecognized receptor complex: '{receptor_complex}'. "
            f"Expected one of {', '.join(RECEPTOR_COMPLEXES)}."
        )
    return RECEPTOR_COMPLEXES.index(receptor_complex)


def tissue_exposure(central: Float[Array, " slots"], drugs: DrugArrays) -> Float[Array, " slots"]:
    """Free concentration in skin, in equilibrium with the central compartment.

        C_skin = f_u · K_skin · C

    K_skin of an antibody is its biodistribution coefficient in skin (Shah and Betts 2013); of a
    small molecule it is one for the unbound drug; the central compartment of a topical is skin.

    Args:
        central: Central concentrations [nM], shape (slots,).
        drugs: Drug arrays.

    Returns:
        Free concentrations [nM], shape (slots,).
    """
    # A solver step may undershoot zero by its tolerance; the effects have poles at negative values.
    positive = jnp.where(central >= 0, central, 0.0)
    return drugs.fraction_unbound * drugs.skin_partition * positive


def free_fractions(tissue: Float[Array, " slots"], drugs: DrugArrays) -> Float[Array, " targets"]:
    """Fraction of each target left free by the antibodies, ∏ 1/(1 + C/K_D).

    Antibody is taken to be in excess of its target.

    Args:
        tissue: Free concentrations in skin [nM], shape (slots,).
        drugs: Drug arrays.

    Returns:
        Fractions in the order of `TARGETS`, shape (targets,).
    """
    return jnp.prod(1.0 / (1.0 + tissue[:, None] * drugs.inverse_affinity), axis=0)


def decoy_clearable_fractions(
    tissue: Float[Array, " slots"], drugs: DrugArrays
) -> Float[Array, " targets"]:
    """Fraction of each ligand that its decoy receptor can still clear, ∏ (f + (1 − f)·c).

    f is the fraction left free by a drug and c the share of its complexes that the decoy still
    takes up. Lebrikizumab leaves the IL-13Rα2 site of IL-13 open (c = 1), tralokinumab covers it
    (c = 0), so that bound IL-13 escapes clearance (Okragly 2023).

    Args:
        tissue: Free concentrations in skin [nM], shape (slots,).
        drugs: Drug arrays.

    Returns:
        Fractions in the order of `TARGETS`, shape (targets,).
    """
    free = 1.0 / (1.0 + tissue[:, None] * drugs.inverse_affinity)
    return jnp.prod(free + (1.0 - free) * drugs.decoy_competent, axis=0)


def complex_activity(
    tissue: Float[Array, " slots"], drugs: DrugArrays, hill: Scalar | float = 1.0
) -> Float[Array, " complexes"]:
    """Activity that kinase inhibitors leave to each receptor complex.

        ∏_k [(1 + (C/IC50_k)^h) (1 + C/K_k)]^(−w)

    IC50 is that of an inhibitor in the ATP site, whose steepness h is the assay's and the cell's. K
    belongs to a binder of the regulatory JH2 domain, which keeps the kinase shut whatever the ATP:
    one site, h = 1, and both kinds may sit on one kinase.

    Args:
        tissue: Free concentrations [nM], shape (slots,).
        drugs: Drug arrays.
        hill: h [1].

    Returns:
        Activities in the order of `RECEPTOR_COMPLEXES`, shape (complexes,); one where no Janus
        kinase takes part.
    """
    ratio = tissue[:, None] * drugs.inverse_ic50
    # Shifted power: exactly zero at zero, with finite derivatives there for every Hill exponent.
    power = (ratio + _SMALLEST_RATIO) ** hill - _SMALLEST_RATIO**hill
    shut = jnp.log1p(tissue[:, None] * drugs.inverse_pseudokinase)
    return jnp.exp(-KINASE_WEIGHTS @ jnp.sum(jnp.log1p(power) + shut, axis=0))


class GlucocorticoidResponse(eqx.Module):
    """Largest effects of a fully occupied glucocorticoid receptor, shared by all glucocorticoids.

    They belong to the skin, not to a drug; all are assumptions to be fitted.

    Attributes:
        inflammation: Largest fall of NF-κB activity [1].
        immune_activation: Largest fall of T cell activation [1].
        proliferation: Largest fall of keratinocyte proliferation [1].
        lipid_synthesis: Largest fall of lipid synthesis [1].
    """

    inflammation: Scalar | float = 0.8
    immune_activation: Scalar | float = 0.8
    proliferation: Scalar | float = 0.4
    lipid_synthesis: Scalar | float = 0.3


class GlucocorticoidEffects(NamedTuple):
    """Factors on NF-κB, T cell activation, keratinocyte proliferation and lipid synthesis [1]."""

    inflammation: Scalar
    immune_activation: Scalar
    proliferation: Scalar
    lipid_synthesis: Scalar


def glucocorticoid_occupancy(tissue: Float[Array, " slots"], drugs: DrugArrays) -> Scalar:
    """Occupied fraction of the receptor, x/(1 + x) with x = Σ C/K_d over competing agonists."""
    load = jnp.sum(tissue * drugs.glucocorticoid_affinity)
    return load / (1.0 + load)


def glucocorticoid_effects(
    occupancy: Scalar, response: GlucocorticoidResponse
) -> GlucocorticoidEffects:
    """Factors 1 − E_max·occupancy on what glucocorticoids suppress."""
    return GlucocorticoidEffects(
        inflammation=1.0 - response.inflammation * occupancy,
        immune_activation=1.0 - response.immune_activation * occupancy,
        proliferation=1.0 - response.proliferation * occupancy,
        lipid_synthesis=1.0 - response.lipid_synthesis * occupancy,
    )


def emollient_lipid_input(depot: Float[Array, " slots"], drugs: DrugArrays) -> Scalar:
    """Lipid entering the stratum corneum from films on the skin, Σ F·φ·k_a·D [g/m²/day].

    Args:
        depot: Depot states [g/m²] of the emollient slots, shape (slots,).
        drugs: Drug arrays; only emollients contribute.
    """
    taken_up = drugs.pk.bioavailability * drugs.pk.absorption_rate * depot
    return jnp.sum(drugs.lipid_fraction * taken_up)


def occlusion_factor(depot: Float[Array, " slots"], drugs: DrugArrays) -> Scalar:
    """Factor on evaporation from the surface under films, ∏ (1 − O_max·D/(D + D_half)) [1].

    Args:
        depot: Depot states [g/m²] of the emollient slots, shape (slots,).
        drugs: Drug arrays; only emollients contribute.
    """
    film = jnp.where(depot >= 0, depot, 0.0)  # a solver step may undershoot zero
    held = drugs.occlusion_maximum * film / (film + drugs.occlusion_half_amount)
    return jnp.prod(1.0 - held)
