"""Coordinates in which a PEtab problem is fitted: about one unit a decade."""

import dataclasses
import math
from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..errors import refuse
from .priors import start_quantile
from .tables import Parameter

_SPAN = 8.0
"""Length in coordinates of a bounded parameter on linear scale."""
_WIDE = 100.0
"""Ratio of positive bounds from which a parameter without a scale (version 2) is fitted on a
logarithm. The optimum does not depend on it, only the way there."""


@dataclasses.dataclass(frozen=True)
class Coordinates:
    """A map between coordinates and parameters.

    Attributes:
        parameters: The free parameters.
        is_log: Whether each is fitted on a logarithm.
        origin: Of the linear ones.
        unit: Of the linear ones.
    """

    parameters: tuple[Parameter, ...]
    is_log: np.ndarray
    origin: np.ndarray
    unit: np.ndarray

    def to_linear(self, z: Array | np.ndarray) -> Float[Array, " free"]:
        """Parameters on linear scale."""
        power = 10.0 ** jnp.where(self.is_log, z, 0.0)
        return jnp.where(self.is_log, power, self.origin + self.unit * z)

    def from_linear(self, x: Sequence[float] | np.ndarray) -> Float[np.ndarray, " free"]:
        """Coordinates of parameters on linear scale."""
        x = np.asarray(x, float)
        with np.errstate(divide="ignore"):
            log = np.log10(np.where(self.is_log, x, 1.0))
        return np.where(self.is_log, log, (x - self.origin) / self.unit)

    def slope(self, x: np.ndarray) -> Float[np.ndarray, " free"]:
        """Derivative of each parameter, whose value is `x`, by its coordinate."""
        return np.where(self.is_log, x * np.log(10.0), self.unit)

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest coordinates."""
        return (
            self.from_linear([one.lower for one in self.parameters]),
            self.from_linear([one.upper for one in self.parameters]),
        )

    def draw(self, count: int, seed: int) -> list[np.ndarray]:
        """Points of a Latin hypercube over the start distributions, flat where there is none.

        Raises:
            InterchangeError: a parameter has neither finite bounds nor a start distribution.
        """
        refuse(
            [
                f"'{one.id}' has no finite bounds and no start distribution to draw from"
                for one in self.parameters
                if one.start is None and not _is_bounded(one)
            ],
            "Start points cannot be drawn:",
        )
        random = np.random.default_rng(seed)
        size = len(self.parameters)
        strata = np.stack([random.permutation(count) for _ in range(size)], axis=1)
        share = (strata + random.random((count, size))) / count
        low, high = self.bounds
        with np.errstate(invalid="ignore"):
            points = low + share * (high - low)
        for i, one in enumerate(self.parameters):
            if one.start is not None:
                scaled = np.asarray(start_quantile(one, share[:, i]), float)
                linear = {"lin": lambda v: v, "log": np.exp, "log10": lambda v: 10.0**v}
                points[:, i] = self.from_linear_column(i, linear[one.scale](scaled))
        return list(np.clip(points, low, high))

    def from_linear_column(self, i: int, x: np.ndarray) -> np.ndarray:
        """Coordinates of many values of one parameter."""
        return np.log10(x) if self.is_log[i] else (x - self.origin[i]) / self.unit[i]


def coordinates(parameters: Sequence[Parameter], version: int) -> Coordinates:
    """Choose the coordinates of free parameters."""
    is_log = [
        one.scale != "lin" or (version == 2 and one.lower > 0 and one.upper / one.lower >= _WIDE)
        for one in parameters
    ]
    origin, unit = [], []
    for one in parameters:
        origin.append(one.lower if _is_bounded(one) else 0.0)
        width = (one.upper - one.lower) / _SPAN if _is_bounded(one) else abs(one.nominal or 1.0)
        unit.append(width or 1.0)
    return Coordinates(tuple(parameters), np.array(is_log), np.array(origin), np.array(unit))


def _is_bounded(one: Parameter) -> bool:
    return math.isfinite(one.lower) and math.isfinite(one.upper)
