"""The objective of a fit, its gradient, and a positive model of its second derivative.

With ρ = (y - m)/σ and l = log σ, a reading with normal noise costs ½ρ² + l. Its gradient is
ρ J_y/σ + (1 - ρ²) J_l. The second derivative is taken as r rᵀ + J_lᵀJ_l with r = J_y/σ - ρ J_l, the
derivative of ρ: at the optimum its expectation is the Fisher information, J_yᵀJ_y/σ² + 2 J_lᵀJ_l,
and far from it the noise is not let grow where the model itself can come nearer to the readings.
Laplace noise of scale b has |ρ| + l, the gradient sign(ρ) J_y/b + (1 - |ρ|) J_l, and
J_yᵀJ_y/b² + ½(1 + |ρ|) J_lᵀJ_l.
"""

import dataclasses
import functools
import hashlib
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from skinmech.numerics import Status, compiled, status_text

from ...objective import AbstractObjective, Point, spread_of
from ...search import minimise
from .coordinates import Coordinates, coordinates
from .noise import Readings
from .problem import PetabProblem
from .settle import Settler
from .tables import Parameter

_MOST_NEAR = 3  # accepted steps of the search on observables alone; the whole search goes on


class PetabObjective(AbstractObjective):
    """Negative log posterior of a problem over coordinates.

    Attributes:
        problem: The problem.
        coordinates: The coordinates of its free parameters.
        settled: Scales, offsets, noise and what else only serves observables; it follows from all
            other parameters without a simulation of its own.
    """

    def __init__(self, problem: PetabProblem, fixed: Mapping[str, float] | None = None):
        """Lay out the free parameters.

        Args:
            problem: What to calibrate.
            fixed: Values of parameters that are not estimated, if not nominal.
        """
        self.problem = problem
        self.coordinates: Coordinates = coordinates(problem.free, problem.tables.version)
        self.names = tuple(one.id for one in problem.free)
        self.bounds = self.coordinates.bounds
        given = [_middle(one) if one.nominal is None else one.nominal for one in problem.free]
        self.start = np.clip(self.coordinates.from_linear(given), *self.bounds)
        fixed = dict(fixed or {})
        told = repr((dataclasses.replace(problem.tables, frame=None), problem.options, fixed))
        self.identity = hashlib.sha256(told.encode()).hexdigest()
        names = problem.layout.names
        self._places = np.array([names.index(one.id) for one in problem.free], int)
        filled = {one.id: 1.0 for one in problem.free}  # replaced at every point
        self._base = problem.vector({**filled, **problem.nominal, **fixed})
        self._settler = Settler(problem)
        self.settled = self._settler.names
        self._columns = np.array([self.names.index(name) for name in self.settled], int)

    def evaluate(self, z: np.ndarray, *, derivatives: bool = True) -> Point:
        """The objective at a point; inf, with an explanation, where it cannot be computed."""
        z = np.asarray(z, float)
        y, log_sigma, statuses, slopes = self._at(z, derivatives)
        failed = self._failures(statuses)
        if failed:
            return Point(z, np.inf, explanation=failed)
        return self._point(z, y, log_sigma, slopes)

    def _point(
        self, z: np.ndarray, y: np.ndarray, log_sigma: np.ndarray, slopes: Any,
        columns: Any = slice(None),
    ) -> Point:  # fmt: skip
        """The objective from values on the scale of the noise, log σ and their slopes by some of
        the coordinates; gradient and Hessian are by those."""
        prior = [np.asarray(part) for part in self._prior(jnp.asarray(z))]
        rho, cost, why = self._cost(float(prior[0]), y, log_sigma)
        if why:
            return Point(z, np.inf, explanation=why)
        if slopes is None:
            return Point(z, cost)
        by_value, by_noise = slopes
        if not (np.all(np.isfinite(by_value)) and np.all(np.isfinite(by_noise))):
            return Point(z, np.inf, explanation="A derivative is not finite.")
        by_value = by_value * np.exp(-log_sigma)[:, None]
        is_laplace, size = self.problem.layout.readings.is_laplace, np.abs(rho)
        gradient = by_value.T @ np.where(is_laplace, np.sign(rho), rho)
        gradient += by_noise.T @ np.where(is_laplace, 1.0 - size, 1.0 - rho**2)
        bend = np.where(is_laplace, 0.5 * (1.0 + size), 1.0)
        moves = by_value - np.where(is_laplace, 0.0, rho)[:, None] * by_noise
        hessian = moves.T @ moves + by_noise.T @ (bend[:, None] * by_noise)
        by_prior = np.diag(np.maximum(-prior[2][columns], 0.0))
        return Point(z, cost, gradient - prior[1][columns], hessian + by_prior)

    def _cost(
        self, log_prior: float, y: np.ndarray, log_sigma: np.ndarray
    ) -> tuple[np.ndarray, float, str]:
        """ρ of every measurement, the objective, and why it is not finite where it is not."""
        readings = self.problem.layout.readings
        with np.errstate(all="ignore"):
            rho = (y - np.asarray(readings.on_scale(readings.value))) / np.exp(log_sigma)
            density = _log_density(readings, rho, log_sigma)
        cost = -(float(np.sum(density)) + log_prior)
        if np.isfinite(cost):
            return rho, cost, ""
        rows = np.flatnonzero(~np.isfinite(density))
        what = f"The likelihood of measurement {rows[0]}" if rows.size else "The prior"
        return rho, cost, f"{what} is zero or not a number."

    def settle(self, z: np.ndarray) -> Point:
        """The objective near a point, with what only serves observables at its best.

        One simulation: what `settled` names moves to where the states put it, by formula where
        there is one (`settle.Settler`) and by a search on the observables elsewhere. All else
        stays. Never worse than `evaluate` at the point itself.
        """
        if not self.settled:
            return self.evaluate(z, derivatives=False)
        z, p = np.asarray(z, float), np.array(self._base)
        p[self._places] = self.to_natural(z)
        found = self.problem.native.predict(p, self.problem.options)
        if found is not None:
            statuses, states = found.statuses, found.states
        else:
            _, (_, runs) = self._values(jnp.asarray(z))
            statuses, states = np.asarray(runs.status), (runs.y, runs.d, runs.c)
        failed = self._failures(statuses)
        if failed or states is None:
            return Point(z, np.inf, explanation=failed)
        columns = self._columns
        last: list[Point] = []

        def near(part: np.ndarray, *, derivatives: bool = True) -> Point:
            if derivatives and last and np.array_equal(last[0].z, part):
                return last[0]
            at = z.copy()
            at[columns] = part
            x = p[self._places] = self.to_natural(at)
            both, slopes = self._settler.observed(p, *states)
            by_parts = np.moveaxis(slopes, 0, 2) * self.coordinates.slope(x)[columns]
            y, log_sigma, by_both = self._on_scale(both.T, np.moveaxis(by_parts, 1, 0))
            one = self._point(at, y, log_sigma, by_both, columns)
            last[:] = [dataclasses.replace(one, z=part)]
            return last[0]

        tried = [z[columns]]
        if self._settler.roles.names:
            solved = self._settler.solve(p, *states)[self._places]
            tried.append(np.clip(self.coordinates.from_linear(solved), *self.bounds)[columns])
        points = [near(part, derivatives=False) for part in tried]
        best = min(points, key=lambda one: one.cost)
        if self._settler.others and np.isfinite(best.cost):
            low, high = (bound[columns] for bound in self.bounds)
            best = min(best, minimise(near, best.z, low, high, _MOST_NEAR).point,
                       key=lambda one: one.cost)  # fmt: skip
        whole = z.copy()
        whole[columns] = best.z
        return Point(whole, best.cost, explanation=best.explanation)

    def prior(self, z: np.ndarray) -> Point:
        """The prior's share; it costs nothing where the problem gives none."""
        value, slope, bend = (np.asarray(part) for part in self._prior(jnp.asarray(z, float)))
        return Point(np.asarray(z, float), -float(value), -slope, np.diag(np.maximum(-bend, 0.0)))

    def log_density(self, z: Float[Array, " free"]) -> Float[Array, ""]:
        """Log posterior density of the coordinates.

        A parameter without a prior is flat in its coordinate between its bounds.
        """
        _, (both, runs) = self._told(z)
        is_ok = jnp.all(runs.status == Status.OK)
        y, log_sigma = jnp.where(is_ok, both, 1.0)
        readings = self.problem.layout.readings
        rho = (y - readings.on_scale(readings.value)) / jnp.exp(log_sigma)
        total = jnp.sum(jnp.where(readings.is_laplace, -jnp.abs(rho), -0.5 * rho**2) - log_sigma)
        total = total + self._log_prior(z) + self._log_stretch(z)
        return jnp.where(is_ok & jnp.isfinite(total), total, -jnp.inf)

    def _log_stretch(self, z: Array) -> Array:
        """Log of dx/dz where a prior is a density of x, so that it becomes one of z."""
        counts = np.array([one.id in self.problem.priors and not (one.prior and one.prior.on_scale)
                           for one in self.problem.free])  # fmt: skip
        return jnp.sum(jnp.where(counts & self.coordinates.is_log, z * np.log(10.0), 0.0))

    def spread(self, z: np.ndarray) -> Float[np.ndarray, " free"]:
        """From the prior's curvature at `z`; a flat prior's is that of its box."""
        hessian = self.prior(z).hessian
        assert hessian is not None
        return spread_of(np.diag(hessian), self.bounds)

    def to_natural(self, z: np.ndarray) -> Float[np.ndarray, "... free"]:
        """Parameters on linear scale."""
        return np.asarray(self.coordinates.to_linear(np.asarray(z, float)))

    def draw(self, count: int, seed: int) -> list[np.ndarray]:
        """A Latin hypercube over the start distributions, or the box."""
        return self.coordinates.draw(count, seed)

    def _failures(self, statuses: np.ndarray) -> str:
        names = self.problem.layout.experiments
        return " ".join(
            f"Experiment '{names[e]}': {status_text(int(statuses[e]))}"
            for e in np.flatnonzero(statuses != Status.OK)
        )

    def _at(self, z: np.ndarray, derivatives: bool) -> tuple[np.ndarray, np.ndarray, Any, Any]:
        """Values on the scale of the noise, log σ, statuses, and derivatives of the first two."""
        native, base = self.problem.native, np.array(self._base)
        x = base[self._places] = self.to_natural(z)
        found = native.predict(base, self.problem.options, slopes=derivatives)
        if found is None:
            call = self._with_slopes if derivatives else self._values
            slopes, (both, runs) = call(jnp.asarray(z))
            y, log_sigma = np.asarray(both)
            return (
                y,
                log_sigma,
                np.asarray(runs.status),
                np.asarray(slopes) if derivatives else None,
            )
        slopes = None
        if found.value_slopes is not None and found.sigma_slopes is not None:
            slopes = np.stack([found.value_slopes, found.sigma_slopes]) * self.coordinates.slope(x)
        y, log_sigma, by_both = self._on_scale((found.value, found.sigma), slopes)
        return y, log_sigma, found.statuses, by_both

    def _on_scale(self, both: Any, slopes: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, Any]:
        """Values on the scale of the noise, log σ, and slopes of the two by coordinates.

        Args:
            both: Value and noise of every measurement.
            slopes: Of the two by coordinates, shape (2, row, coordinate), or None.
        """
        readings, (value, sigma) = self.problem.layout.readings, both
        with np.errstate(all="ignore"):
            y, log_sigma = np.asarray(readings.on_scale(value)), np.log(sigma)
            if slopes is None:
                return y, log_sigma, None
            stretch = np.where(readings.is_log10, np.log(10.0), 1.0) * value
            stretch = np.where(readings.is_log | readings.is_log10, stretch, 1.0)
            return y, log_sigma, (slopes[0] / stretch[:, None], slopes[1] / sigma[:, None])

    def _told(self, z: jax.Array) -> tuple[jax.Array, Any]:
        """Values on the scale of the noise and log σ, shape (2, row)."""
        x = self.coordinates.to_linear(z)
        found = self.problem.predict(jnp.asarray(self._base).at[self._places].set(x))
        y = self.problem.layout.readings.on_scale(found.value)
        both = jnp.stack([y, jnp.log(found.sigma)])
        return both, (both, found.runs)

    @functools.cached_property
    def _values(self) -> Any:
        return compiled(self._told)

    @functools.cached_property
    def _with_slopes(self) -> Any:
        return compiled(jax.jacfwd(self._told, has_aux=True))

    def _log_prior(self, z: Array) -> Array:
        index = {one.id: i for i, one in enumerate(self.problem.free)}
        x = self.coordinates.to_linear(z)
        parts = [f(x[index[name]]) for name, (_, f) in self.problem.priors.items()]
        return sum(parts, jnp.zeros(()))

    @functools.cached_property
    def _prior(self) -> Any:
        """Log prior density with its first and second derivatives in each coordinate."""
        total = self._log_prior

        def all_three(z):
            return total(z), jax.jacfwd(total)(z), jnp.diag(jax.jacfwd(jax.jacfwd(total))(z))

        return compiled(all_three)


def _log_density(readings: Readings, rho: np.ndarray, log_sigma: np.ndarray) -> np.ndarray:
    """Log density of every reading, from ρ and log σ."""
    normal = -0.5 * rho**2 - log_sigma - 0.5 * np.log(2 * np.pi)
    laplace = -np.abs(rho) - log_sigma - np.log(2.0)
    on_log = readings.is_log | readings.is_log10
    shift = np.log(np.where(on_log, readings.value, 1.0)) + readings.is_log10 * np.log(np.log(10.0))
    return np.where(readings.is_laplace, laplace, normal) - shift


def _middle(one: Parameter) -> float:
    """A value inside the bounds of a parameter without a nominal one."""
    if one.lower > 0 and np.isfinite(one.upper):
        return float(np.sqrt(one.lower * one.upper))
    ends = [x for x in (one.lower, one.upper) if np.isfinite(x)]
    return float(np.mean(ends)) if ends else 1.0
