"""What every disease of the population shares: how exposure blocks targets in living skin."""

from typing import Any

import jax
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
    P("affinity_share", 0.5, 0.5, "logit", "dimensionless",
      "Power of K_D itself: tighter binding gains less in tissue, where diffusion and turnover of "
      "the target limit blockade too (affinity ceiling, Foote and Eisen 1995)"),
    P("exposure_spread", 0.45, 0.2, "log", "dimensionless",
      "Spread between patients of ln exposure, about that of published clearances"),
    P("kinase_shift", 1.5, 0.7, "log", "dimensionless", "Factor on IC50 between assay and skin"),
    P("kinase_hill", 1.0, 0.15, "log", "dimensionless", "Steepness of kinase inhibition"),
    P("topical_reach", 0.7, 0.5, "logit", "dimensionless",
      "Share of the diseased skin, and of the days, on which a topical is used as prescribed"),
    P("pde4_share", 0.3, 0.5, "logit", "dimensionless",
      "Share of cytokine production that PDE4 inhibition can take away"),
)  # fmt: skip
"""Shared by psoriasis, eczema and vitiligo: one tissue, one pharmacology."""

AFFINITY_ERROR = 0.7
"""Standard deviation of ln affinity or ln IC50 of one drug between assays: a factor of two. Drugs
in the fit have a posterior of theirs; a drug that was not has this prior."""


USUAL_AFFINITY = 0.05
"""K_D at which an antibody's own affinity is taken as it is [nM]: about the middle of the
catalogue's."""


class Blockade:
    """What one arm leaves free or active, day by day and patient by patient.

    Args:
        v: Values of the population parameters by name.
        arm: Engagement as arrays, see `arms.arrays_of`.
        exposure: Factor on exposure of every patient, shape (patient,).
    """

    def __init__(self, v: dict[str, Array], arm: dict[str, Any], exposure: Array):
        self._v, self._arm, self._exposure = v, arm, exposure[None]
        # Who is exposed more uses more: one score stands for both.
        odds = jnp.log(v["topical_reach"] / (1.0 - v["topical_reach"]))
        used = jax.nn.sigmoid(odds + jnp.log(exposure) / v["exposure_spread"])
        self._reach = jnp.where(arm["topical"] > 0, used, 1.0)[None]
        power = jnp.log1p((arm["kinases"][:, None, :] * exposure[None, :, None] / v["kinase_shift"]
                           + 1e-9) ** v["kinase_hill"])  # fmt: skip
        self._left = jnp.exp(-power @ jnp.asarray(KINASE_WEIGHTS).T)

    def free(self, target: str) -> Float[Array, "day patient"]:
        """Fraction of a target left free, 1/(1 + x^p) with x = C/(s K), K = K₀ (K_D/K₀)^w."""
        k = TARGETS.index(target)
        ratio = self._arm["targets"][:, k][:, None] * self._exposure
        own = (self._arm["affinity"][k] / USUAL_AFFINITY) ** (1.0 - self._v["affinity_share"])
        x = ratio * own / self._v["antibody_shift"]
        blocked = 1.0 - 1.0 / (1.0 + (x + 1e-12) ** self._v["affinity_power"])
        return 1.0 - self._reach * blocked

    def active(self, receptor: str) -> Float[Array, "day patient"]:
        """Activity left to a receptor complex, prod (1 + (C/(s IC50))^h)^(-w)."""
        left = self._left[..., RECEPTOR_COMPLEXES.index(receptor)]
        return 1.0 - self._reach * (1.0 - left)

    def inhibited(self, enzyme: str) -> Float[Array, "day patient"]:
        """Inhibited fraction of an enzyme inside cells, x/(1 + x) with x = C/IC50."""
        x = self._arm["targets"][:, TARGETS.index(enzyme)][:, None] * self._exposure
        return self._reach * x / (1.0 + x)

    def steroid(self) -> Float[Array, "day patient"]:
        """Occupied fraction of the glucocorticoid receptor."""
        x = self._arm["steroid"][:, None] * self._exposure
        return self._reach * x / (1.0 + x)

    def produced(self) -> Float[Array, "day patient"]:
        """Cytokine production left by PDE4 inhibition."""
        return 1.0 - self._v["pde4_share"] * self.inhibited("PDE4")
