"""What every disease of the population shares: how exposure blocks targets in living skin."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float

from skinmech.therapies.drug import TARGETS
from skinmech.therapies.effects import KINASE_WEIGHTS, RECEPTOR_COMPLEXES

from .population import PopulationParameter as P

COMMON = (
    P("antibody_shift", 50.0, 0.7, "log", "dimensionless",
      "Factor on the affinity of an antibody between a test tube and skin: antigen in excess, "
      "diffusion through tissue"),
    P("affinity_power", 0.9, 0.15, "log", "dimensionless",
      "Power of concentration over affinity; below 1 where target turnover limits blockade"),
    P("exposure_spread", 0.45, 0.2, "log", "dimensionless",
      "Spread between patients of ln exposure, about that of published clearances"),
    P("kinase_shift", 1.5, 0.7, "log", "dimensionless", "Factor on IC50 between assay and skin, "
      "more ATP among its reasons"),
    P("kinase_hill", 1.0, 0.15, "log", "dimensionless", "Steepness of kinase inhibition"),
    P("pde4_share", 0.3, 0.5, "logit", "dimensionless",
      "Share of cytokine production that PDE4 inhibition can take away"),
)  # fmt: skip
"""Shared by psoriasis, eczema and vitiligo: one tissue, one pharmacology."""

AFFINITY_ERROR = 0.7
"""Standard deviation of ln affinity or ln IC50 of one drug between assays: a factor of two. Drugs
in the fit have a posterior of theirs; a drug that was not has this prior."""


class Blockade:
    """What one arm leaves free or active, day by day and patient by patient.

    Args:
        v: Values of the population parameters by name.
        arm: Engagement as arrays, see `arms.arrays_of`.
        exposure: Factor on exposure of every patient, shape (patient,).
    """

    def __init__(self, v: dict[str, Array], arm: dict[str, Any], exposure: Array):
        self._v, self._arm, self._exposure = v, arm, exposure[None]
        power = jnp.log1p((arm["kinases"][:, None, :] * exposure[None, :, None] / v["kinase_shift"]
                           + 1e-9) ** v["kinase_hill"])  # fmt: skip
        # A binder of the JH2 domain does not compete with ATP: no shift.
        power = power + jnp.log1p(arm["pseudokinases"][:, None, :] * exposure[None, :, None])
        self._left = jnp.exp(-power @ jnp.asarray(KINASE_WEIGHTS).T)

    def free(self, target: str) -> Float[Array, "day patient"]:
        """Fraction of a target left free, 1/(1 + (C/(s K_D))^p)."""
        ratio = self._arm["targets"][:, TARGETS.index(target)][:, None] * self._exposure
        x = ratio / self._v["antibody_shift"]
        return 1.0 / (1.0 + (x + 1e-12) ** self._v["affinity_power"])

    def active(self, receptor: str) -> Float[Array, "day patient"]:
        """Activity left to a receptor complex, prod [(1 + (C/(s IC50))^h) (1 + C/K)]^(-w)."""
        return self._left[..., RECEPTOR_COMPLEXES.index(receptor)]

    def inhibited(self, enzyme: str) -> Float[Array, "day patient"]:
        """Inhibited fraction of an enzyme inside cells, x/(1 + x) with x = C/IC50."""
        x = self._arm["targets"][:, TARGETS.index(enzyme)][:, None] * self._exposure
        return x / (1.0 + x)

    def produced(self) -> Float[Array, "day patient"]:
        """Cytokine production left by PDE4 inhibition."""
        return 1.0 - self._v["pde4_share"] * self.inhibited("PDE4")
