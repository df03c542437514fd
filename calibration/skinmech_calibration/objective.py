"""What a method of calibration needs to know of a problem, whichever problem it is.

The skin model (`skin_objective`), a PEtab problem (`interchange.PetabObjective`) and a log density
written in JAX (`FunctionObjective`) all offer it, so that fits, profiles, samplers and sensitivity
are written once. Points are coordinates z, shape (free,): one unit is about a spread of the prior
or a decade, and bounds are a box.
"""

import abc
import dataclasses
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .errors import CalibrationError


@dataclasses.dataclass(frozen=True)
class Point:
    """The objective, or the prior's share of it, at a point.

    Attributes:
        z: Coordinates.
        cost: Minus a log density, up to a constant; inf where it could not be computed.
        gradient: Its first derivative, or None if not asked for.
        hessian: A positive semi-definite model of its second, or None if not asked for.
        explanation: What failed, in words; empty where nothing did.
    """

    z: Float[np.ndarray, " free"]
    cost: float
    gradient: Float[np.ndarray, " free"] | None = None
    hessian: Float[np.ndarray, "free free"] | None = None
    explanation: str = ""


class AbstractObjective(abc.ABC):
    """Minus a log posterior over coordinates.

    Attributes:
        names: Of the free parameters.
        bounds: Lowest and highest coordinates; infinite where there are none.
        start: Where a search begins that is told nothing else.
        identity: sha256 of all that the values depend on, for checkpoints.
        is_reversible: Whether `log_density` can be differentiated in reverse.
    """

    names: tuple[str, ...]
    bounds: tuple[np.ndarray, np.ndarray]
    start: np.ndarray
    identity: str
    is_reversible: bool = False

    @abc.abstractmethod
    def evaluate(self, z: np.ndarray, *, derivatives: bool = True) -> Point:
        """Cost, likelihood and prior, with derivatives if asked for; never raises for a failed
        simulation, which costs inf and is explained."""

    @abc.abstractmethod
    def prior(self, z: np.ndarray) -> Point:
        """The prior's share of `evaluate`; zeros where it is flat."""

    @abc.abstractmethod
    def log_density(self, z: Float[Array, " free"]) -> Float[Array, ""]:
        """Log posterior density of the coordinates, up to a constant; pure, for samplers.

        Other than `evaluate` it counts how the map from parameters to coordinates stretches.
        -inf where a simulation fails.
        """

    @abc.abstractmethod
    def spread(self, z: np.ndarray) -> Float[np.ndarray, " free"]:
        """The prior's standard deviation in coordinates; inf where there is neither prior nor
        bound."""

    def settle(self, z: np.ndarray) -> Point:
        """The cost near a point, moved to the best of those parameters that follow from the rest
        without another simulation; at the point itself where there are none."""
        return self.evaluate(z, derivatives=False)

    def to_natural(self, z: np.ndarray) -> Float[np.ndarray, "... free"]:
        """Values in declared units, shape as `z`."""
        return np.asarray(z, float)

    def value_and_gradient(self, z: np.ndarray) -> tuple[float, np.ndarray]:
        """Cost and gradient, by the cheapest way there is; gradient of zeros where it failed."""
        found = self.evaluate(z)
        gradient = np.zeros(len(self.names)) if found.gradient is None else found.gradient
        return found.cost, gradient

    def draw(self, count: int, seed: int) -> list[np.ndarray]:
        """Start points: a Latin hypercube over the box, or three spreads around `start`.

        Raises:
            CalibrationError: a parameter has neither finite bounds nor a prior to draw from.
        """
        low, high = self.bounds
        spread = self.spread(self.start)
        reach = np.where(np.isfinite(spread), 3.0 * spread, np.inf)
        low, high = np.maximum(low, self.start - reach), np.minimum(high, self.start + reach)
        if not np.all(np.isfinite(high - low)):
            lost = [n for n, w in zip(self.names, high - low, strict=True) if not np.isfinite(w)]
            raise CalibrationError(
                f"Starts cannot be drawn for {', '.join(lost)}: neither bounds nor a prior. Give "
                "bounds, or name the starts."
            )
        random = np.random.default_rng(seed)
        strata = np.stack([random.permutation(count) for _ in self.names], axis=1)
        share = (strata + random.random((count, len(self.names)))) / max(count, 1)
        return list(low + share * (high - low))


class FunctionObjective(AbstractObjective):
    """A log density written in JAX, with exact derivatives in reverse mode.

    Attributes:
        log_likelihood: Of coordinates; pure.
        log_prior: Of coordinates, with its log-determinant if the coordinates are not the
            parameters; None where it is flat.
    """

    is_reversible = True

    def __init__(
        self,
        log_likelihood: Callable[[Array], Array],
        names: Sequence[str],
        *,
        log_prior: Callable[[Array], Array] | None = None,
        bounds: tuple[Any, Any] | None = None,
        start: Any = None,
        to_natural: Callable[[Any], Any] | None = None,
        label: str = "",
    ):
        """Take the functions.

        Args:
            log_likelihood: Shape (free,) to a scalar.
            names: One for each coordinate.
            log_prior: The same for the prior.
            bounds: Lowest and highest coordinates, numbers or arrays; none if left out.
            start: Default: the middle of finite bounds, else zero.
            to_natural: Coordinates to values in declared units; default the same.
            label: Names data and settings, so that a checkpoint is not taken for another's.
        """
        self.names = tuple(names)
        shape = (len(self.names),)
        low, high = (-np.inf, np.inf) if bounds is None else bounds
        self.bounds = tuple(np.array(np.broadcast_to(np.asarray(b, float), shape))
                            for b in (low, high))  # type: ignore[assignment]  # fmt: skip
        low, high = self.bounds
        boxed = np.isfinite(low) & np.isfinite(high)
        middle = np.where(boxed, 0.5 * (np.where(boxed, low, 0) + np.where(boxed, high, 0)), 0.0)
        self.start = np.clip(middle if start is None else np.asarray(start, float), low, high)
        self.log_likelihood, self.log_prior = log_likelihood, log_prior
        self._natural = to_natural
        told = repr((self.names, low.tolist(), high.tolist(), label))
        self.identity = hashlib.sha256(told.encode()).hexdigest()
        self._slope = jax.jit(jax.value_and_grad(self.log_density))
        self._data = _three(log_likelihood)
        self._prior = None if log_prior is None else _three(log_prior)

    def log_density(self, z: Float[Array, " free"]) -> Float[Array, ""]:
        """Log likelihood plus log prior."""
        prior = 0.0 if self.log_prior is None else self.log_prior(z)
        return self.log_likelihood(z) + prior

    def evaluate(self, z: np.ndarray, *, derivatives: bool = True) -> Point:
        """Cost with gradient and the Hessian's positive part."""
        z = np.asarray(z, float)
        if not derivatives:
            cost = -float(self._slope(jnp.asarray(z))[0])
            return Point(z, cost) if np.isfinite(cost) else _lost(z)
        cost, gradient, hessian = self._data(z)
        prior = self.prior(z)
        assert prior.gradient is not None and prior.hessian is not None
        total = cost + prior.cost
        if not (np.isfinite(total) and np.all(np.isfinite(gradient))):
            return _lost(z)
        return Point(z, total, gradient + prior.gradient, hessian + prior.hessian)

    def value_and_gradient(self, z: np.ndarray) -> tuple[float, np.ndarray]:
        """By one sweep in reverse, whatever the number of parameters."""
        value, slope = self._slope(jnp.asarray(z, float))
        return -float(value), -np.asarray(slope)

    def prior(self, z: np.ndarray) -> Point:
        """The prior's share."""
        z, size = np.asarray(z, float), len(self.names)
        if self._prior is None:
            return Point(z, 0.0, np.zeros(size), np.zeros((size, size)))
        return Point(z, *self._prior(z))

    def spread(self, z: np.ndarray) -> Float[np.ndarray, " free"]:
        """From the prior's curvature at `z`; a flat prior's is that of its box."""
        prior = self.prior(z)
        assert prior.hessian is not None
        return spread_of(np.diag(prior.hessian), self.bounds)

    def to_natural(self, z: np.ndarray) -> Float[np.ndarray, "... free"]:
        """Values in declared units."""
        return np.asarray(z if self._natural is None else self._natural(z), float)


class LikelihoodAlone(AbstractObjective):
    """An objective less its prior: what the data say by themselves, inside the same bounds."""

    def __init__(self, whole: AbstractObjective):
        self.whole = whole
        self.names, self.bounds, self.start = whole.names, whole.bounds, whole.start
        self.identity = f"likelihood of {whole.identity}"
        self.is_reversible = whole.is_reversible

    def evaluate(self, z: np.ndarray, *, derivatives: bool = True) -> Point:
        """The likelihood's share."""
        found = self.whole.evaluate(z, derivatives=derivatives)
        if not np.isfinite(found.cost):
            return found
        prior = self.whole.prior(z)
        if found.gradient is None or found.hessian is None:
            return Point(found.z, found.cost - prior.cost)
        assert prior.gradient is not None and prior.hessian is not None
        return Point(found.z, found.cost - prior.cost, found.gradient - prior.gradient,
                     found.hessian - prior.hessian)  # fmt: skip

    def prior(self, z: np.ndarray) -> Point:
        """Nothing."""
        size = len(self.names)
        return Point(np.asarray(z, float), 0.0, np.zeros(size), np.zeros((size, size)))

    def log_density(self, z: Float[Array, " free"]) -> Float[Array, ""]:
        """Refused: without a prior there need be no density.

        Raises:
            CalibrationError: always.
        """
        raise CalibrationError("A likelihood alone cannot be sampled. Sample the objective itself.")

    def spread(self, z: np.ndarray) -> Float[np.ndarray, " free"]:
        """Of the whole objective's prior."""
        return self.whole.spread(z)

    def to_natural(self, z: np.ndarray) -> Float[np.ndarray, "... free"]:
        """Values in declared units."""
        return self.whole.to_natural(z)


def spread_of(
    curvature: np.ndarray, bounds: tuple[np.ndarray, np.ndarray]
) -> Float[np.ndarray, " free"]:
    """Standard deviations of priors of this curvature between bounds, shape (free,).

    A flat one has the width over √12; a curved one is never wider than that.
    """
    flat = (bounds[1] - bounds[0]) / np.sqrt(12.0)
    with np.errstate(divide="ignore"):
        return np.minimum(1.0 / np.sqrt(np.maximum(curvature, 0.0)), flat)


def positive(hessian: np.ndarray) -> Float[np.ndarray, "free free"]:
    """The same matrix with its negative eigenvalues turned positive, so that steps go down."""
    values, vectors = np.linalg.eigh(0.5 * (hessian + hessian.T))
    return (vectors * np.abs(values)) @ vectors.T


def _three(function: Callable[[Array], Array]) -> Callable[[np.ndarray], tuple[Any, Any, Any]]:
    """Minus a function with its gradient and positive Hessian."""
    program = jax.jit(lambda z: (function(z), jax.grad(function)(z), jax.hessian(function)(z)))

    def all_three(z: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        value, slope, bend = (np.asarray(part) for part in program(jnp.asarray(z, float)))
        if not np.all(np.isfinite(bend)):
            return np.inf, -slope, np.zeros_like(bend)
        return -float(value), -slope, positive(-bend)

    return all_three


def _lost(z: np.ndarray) -> Point:
    return Point(z, np.inf, explanation="The density is zero or not a number there.")
