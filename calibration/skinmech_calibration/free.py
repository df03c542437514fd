"""Free parameters and the unconstrained coordinates a fit works in.

Each coordinate is zero at the prior's centre and moves by one for one spread of the prior:
z = (ln θ - ln m)/s for a parameter of transform "log", and a logit between the bounds, scaled by
the prior's spread at its centre, for the others.
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from skinmech.modelling.parameters import ParameterSpec, Prior

from .errors import CalibrationError
from .names import nearest

_EDGE = 0.005  # fraction of the range that a logit's centre keeps from either bound


@dataclasses.dataclass(frozen=True)
class FreeParameter:
    """One free parameter.

    Attributes:
        name: Its path, or `"experiment:path"` where it belongs to one experiment.
        path: Path in the model.
        experiment: Name of the experiment it belongs to, or None if shared by all.
        spec: Its declaration.
        prior: Prior in natural units.
    """

    name: str
    path: str
    experiment: str | None
    spec: ParameterSpec
    prior: Prior

    @property
    def is_log(self) -> bool:
        """Whether the coordinate is the logarithm."""
        return self.spec.transform == "log"

    @property
    def _log_spread(self) -> float:
        """Spread of the logarithm that is one step of the coordinate."""
        relative = self.prior.kind == "log-normal"
        return self.prior.sd if relative else self.prior.sd / self.prior.location

    @property
    def _logit(self) -> tuple[float, float]:
        """Centre and scale of the logit."""
        low, high = self.spec.bounds
        u = min(max((self.prior.location - low) / (high - low), _EDGE), 1.0 - _EDGE)
        return math.log(u / (1 - u)), self.prior.sd / ((high - low) * u * (1 - u))

    @property
    def limits(self) -> tuple[float, float]:
        """Bounds of the coordinate; a logit gets close to its own within thirty spreads."""
        if not self.is_log:
            return -30.0, 30.0
        low, high = self.spec.bounds
        centre, sd = math.log(self.prior.location), self._log_spread
        least = (math.log(low) - centre) / sd if low > 0 else -30.0
        return least, (math.log(high) - centre) / sd

    def to_natural(self, z: Any) -> Any:
        """Value in the declared unit."""
        if self.is_log:
            return self.prior.location * jnp.exp(self._log_spread * z)
        low, high = self.spec.bounds
        centre, scale = self._logit
        return low + (high - low) / (1.0 + jnp.exp(-(centre + scale * z)))

    def slope(self, z: Any) -> Any:
        """dθ/dz."""
        value = self.to_natural(z)
        if self.is_log:
            return self._log_spread * value
        low, high = self.spec.bounds
        return self._logit[1] * (value - low) * (high - value) / (high - low)

    def to_coordinate(self, value: float) -> float:
        """Coordinate of a value in the declared unit, moved inside the bounds."""
        low, high = self.limits
        if self.is_log:
            z = (math.log(max(value, 1e-300)) - math.log(self.prior.location)) / self._log_spread
            return min(max(z, low), high)
        least, most = self.spec.bounds
        centre, scale = self._logit
        u = min(max((value - least) / (most - least), 1e-12), 1.0 - 1e-12)
        return min(max((math.log(u / (1 - u)) - centre) / scale, low), high)

    def prior_residual(self, z: Any) -> Any:
        """Distance from the prior's centre in spreads."""
        if self.prior.kind == "log-normal":
            if self.is_log:
                return z
            return (jnp.log(self.to_natural(z)) - math.log(self.prior.location)) / self.prior.sd
        return (self.to_natural(z) - self.prior.location) / self.prior.sd


@dataclasses.dataclass(frozen=True)
class FreeSet:
    """The free parameters of a problem, in order."""

    members: tuple[FreeParameter, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(member.name for member in self.members)

    def __len__(self) -> int:
        return len(self.members)

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper bounds of the coordinates."""
        low, high = zip(*(member.limits for member in self.members), strict=True)
        return np.array(low), np.array(high)

    def to_natural(self, z: Float[Array, " free"]) -> Float[Array, " free"]:
        """Values in declared units."""
        return jnp.stack([m.to_natural(z[i]) for i, m in enumerate(self.members)])

    def slopes(self, z: Float[Array, " free"]) -> Float[Array, " free"]:
        """dθ/dz of each."""
        return jnp.stack([m.slope(z[i]) for i, m in enumerate(self.members)])

    def to_coordinates(self, values: Mapping[str, float]) -> np.ndarray:
        """Coordinates of natural values by name; the prior's centre where none is given."""
        return np.array([m.to_coordinate(values.get(m.name, m.prior.location))
                         for m in self.members])  # fmt: skip

    def prior_residuals(self, z: Float[Array, " free"]) -> Float[Array, " free"]:
        """One residual for each parameter."""
        return jnp.stack([m.prior_residual(z[i]) for i, m in enumerate(self.members)])

    def log_prior(self, z: Float[Array, " free"]) -> Float[Array, ""]:
        """Log density of the coordinates: priors in natural units, with the log-determinant."""
        parts = [
            m.prior.log_density(m.to_natural(z[i])) + jnp.log(m.slope(z[i]))
            for i, m in enumerate(self.members)
        ]
        return jnp.sum(jnp.stack(parts))

    def prior_spread(self, z: np.ndarray) -> np.ndarray:
        """The prior's standard deviation in coordinates, linearised at `z`."""
        spreads = []
        for i, m in enumerate(self.members):
            if m.is_log == (m.prior.kind == "log-normal"):
                spread = 1.0 if m.is_log else m.prior.sd / float(m.slope(z[i]))
            else:
                spread = m.prior.sd * (float(m.to_natural(z[i])) if m.prior.kind == "log-normal"
                                       else 1.0) / float(m.slope(z[i]))  # fmt: skip
            spreads.append(spread)
        return np.array(spreads)


def free_set(
    specs: Mapping[str, ParameterSpec],
    free: Sequence[str],
    base: Mapping[str, float],
    experiments: Sequence[str],
    priors: Mapping[str, Prior] | None = None,
) -> FreeSet:
    """Look up the free parameters.

    Args:
        specs: Declarations by path.
        free: Paths, or `"experiment:path"` for a parameter of one experiment.
        base: Values that differ from the defaults; a free one's prior is centred there.
        experiments: Names of the experiments.
        priors: Priors that replace the declared ones, by name.

    Raises:
        CalibrationError: an unknown path or experiment, a donor parameter tied to one experiment,
            a name given twice, or none at all; every problem is listed.
    """
    problems, members = [], []
    if not free:
        problems.append("Expected at least one free parameter, got none.")
    for name in free:
        experiment, _, path = name.rpartition(":")
        if list(free).count(name) > 1:
            problems.append(f"Expected each free parameter once, got '{name}' more than once.")
            continue
        if path not in specs:
            problems.append(f"Unrecognized parameter: '{path}'.{nearest(path, specs)}")
            continue
        if experiment and experiment not in experiments:
            problems.append(
                f"Unrecognized experiment: '{experiment}' of '{name}'."
                f"{nearest(experiment, experiments)}"
            )
            continue
        spec = specs[path]
        if experiment and spec.scope == "donor":
            problems.append(
                f"'{name}': {path} belongs to the donor, who is one over all experiments. Free it "
                f"as '{path}', or fit donors as separate problems."
            )
            continue
        prior = (priors or {}).get(name, spec.prior)
        if name not in (priors or {}) and path in base:
            prior = _centred(spec, base[path])
        members.append(FreeParameter(name, path, experiment or None, spec, prior))
    if problems:
        raise CalibrationError("\n".join(dict.fromkeys(problems)))
    return FreeSet(tuple(members))


def _centred(spec: ParameterSpec, value: float) -> Prior:
    low, high = spec.bounds
    inside = min(max(float(value), low), high)
    if spec.prior.kind == "log-normal" and inside <= 0:
        return spec.prior
    return dataclasses.replace(spec.prior, location=inside)
