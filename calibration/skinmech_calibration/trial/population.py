"""What a population is made of: declared parameters with priors, and draws of patients."""

import dataclasses
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float


@dataclasses.dataclass(frozen=True)
class PopulationParameter:
    """One parameter of the population, fitted to the open trials.

    Attributes:
        name: Name.
        value: Centre of the prior, in natural units.
        spread: Standard deviation of the prior in the transformed coordinate.
        transform: `"log"` (positive), `"logit"` (between 0 and 1) or `"none"`.
        unit: Unit.
        description: What it is.
        source: Citation key, or `"assumed"`.
    """

    name: str
    value: float
    spread: float
    transform: Literal["log", "logit", "none"]
    unit: str
    description: str
    source: str = "assumed"

    @property
    def centre(self) -> float:
        """Centre of the prior in the transformed coordinate."""
        if self.transform == "log":
            return float(np.log(self.value))
        if self.transform == "logit":
            return float(np.log(self.value / (1.0 - self.value)))
        return self.value


def natural(
    parameters: tuple[PopulationParameter, ...], theta: Float[Array, " parameter"]
) -> dict[str, Array]:
    """Values by name from coordinates in units of the prior's spread around its centre."""
    found = {}
    for k, one in enumerate(parameters):
        x = one.centre + one.spread * theta[k]
        found[one.name] = {"log": jnp.exp, "logit": jax.nn.sigmoid, "none": lambda v: v}[
            one.transform
        ](x)
    return found


def patients(count: int, dimensions: int, seed: int = 0) -> Float[np.ndarray, "patient dimension"]:
    """Standard normal scores of virtual patients: a scrambled Sobol sequence."""
    from scipy.stats import norm, qmc

    points = qmc.Sobol(dimensions, scramble=True, rng=seed).random(count)
    return norm.ppf(np.clip(points, 1e-6, 1 - 1e-6))
