"""Multi-start least squares: all starts in step, with progress, interruption and resumption."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtri

from .errors import CalibrationError
from .files import read_json, write_json
from .identifiability import Undetermined, undetermined
from .levenberg import Search
from .posterior import Posterior, laplace
from .problem import CalibrationProblem

_SCREENED = 4  # points drawn and run for every start that is then searched from


class FitError(RuntimeError):
    """No start could be simulated; the message says why for each."""


@dataclasses.dataclass(frozen=True)
class Progress:
    """Where a fit stands.

    Attributes:
        round: Batches of simulations done.
        num_running: Starts still searching.
        num_starts: Starts in all.
        best_cost: Least half sum of squares so far; inf before the first.
        best: Best values so far in declared units, by name.
    """

    round: int
    num_running: int
    num_starts: int
    best_cost: float
    best: dict[str, float]


@dataclasses.dataclass(frozen=True)
class StartResult:
    """What became of one start.

    Attributes:
        label: `"centre"` or the number of the draw.
        values: Best values in declared units, by name.
        cost: Half the sum of squares there; inf if the start could not be simulated.
        is_converged: Whether it ended at a minimum; never where a simulation failed.
        reason: Why it ended.
        explanation: What failed on the way, if anything.
        gradient_norm: Largest component not blocked by a bound.
        num_iterations: Accepted steps.
        num_rejected: Rejected steps.
        num_failed: Those among them at which a simulation failed.
        history: Cost after each accepted step.
    """

    label: str
    values: dict[str, float]
    cost: float
    is_converged: bool
    reason: str
    explanation: str
    gradient_norm: float
    num_iterations: int
    num_rejected: int
    num_failed: int
    history: tuple[float, ...]


@dataclasses.dataclass(frozen=True)
class FitResult:
    """All starts of a fit, the best of them, and what the data left open.

    Attributes:
        problem: What was fitted.
        starts: Every start, best first.
        values: Best values in declared units, by name.
        z: Best point in coordinates.
        cost: Half the sum of squares there, data and prior.
        data_cost: The data's share of it.
        is_converged: Whether the best start ended at a minimum.
        interrupted: Whether the fit was stopped from outside.
        posterior: Laplace approximation at the best point.
        jacobian: d data residuals / dz there, shape (observation, free).
    """

    problem: CalibrationProblem
    starts: tuple[StartResult, ...]
    values: dict[str, float]
    z: np.ndarray
    cost: float
    data_cost: float
    is_converged: bool
    interrupted: bool
    posterior: Posterior
    jacobian: np.ndarray

    @property
    def covariance(self) -> np.ndarray:
        """Posterior covariance of the coordinates, shape (free, free)."""
        return self.posterior.covariance

    @property
    def at_bounds(self) -> tuple[str, ...]:
        """Free parameters that ended at a bound."""
        low, high = self.problem.free.bounds
        near = 1e-6 * (high - low)
        hit = (self.z <= low + near) | (self.z >= high - near)
        return tuple(name for name, is_hit in zip(self.problem.free.names, hit, strict=True)
                     if is_hit)  # fmt: skip

    @property
    def num_agreeing(self) -> int:
        """Starts that reached the best cost to within 0.1 (half a chi-square unit is 0.5)."""
        return sum(start.cost < self.cost + 0.1 for start in self.starts)

    def undetermined(self) -> Undetermined:
        """What the data left undetermined."""
        return undetermined(self.problem.free, self.z, self.jacobian, self.covariance)

    def predictions(self) -> dict[str, np.ndarray]:
        """The model's value for every observation at the best point, by experiment."""
        return self.problem.predictions(self.z)


def fit(
    problem: CalibrationProblem,
    *,
    starts: int = 4,
    max_iterations: int = 25,
    seed: int = 0,
    checkpoint: str | Path | None = None,
    progress: Callable[[Progress], None] | None = None,
    initial: Sequence[dict[str, float]] = (),
) -> FitResult:
    """Fit by Levenberg-Marquardt from several starts, all searched in step.

    The first start is the prior's centre (or `base`); the others are the best of a Latin
    hypercube over the prior. A start whose simulation fails is given up and explained; a step
    that fails is rejected and shortened. A KeyboardInterrupt, from the keyboard or from
    `progress`, ends the fit with the best so far and leaves the checkpoint.

    Args:
        problem: What to fit.
        starts: How many.
        max_iterations: Accepted steps for each.
        seed: Of the hypercube.
        checkpoint: File to write after every round. If it is there already, the fit goes on from
            it, with the same result as if it had never stopped.
        progress: Called after every round.
        initial: Further starts, values by name of the free parameter.

    Raises:
        FitError: no start could be simulated.
        CalibrationError: the checkpoint is of other data or settings, or damaged.
    """
    if starts < 1 or max_iterations < 1:
        raise CalibrationError(
            f"Expected at least one start and one iteration, got {starts} and {max_iterations}."
        )
    low, high = problem.free.bounds
    settings = {"starts": starts, "max_iterations": max_iterations, "seed": seed,
                "initial": [dict(sorted(one.items())) for one in initial]}  # fmt: skip
    searches, rounds, interrupted = None, 0, False
    if checkpoint is not None and Path(checkpoint).exists():
        searches, rounds = _resume(checkpoint, problem, settings)
    try:
        if searches is None:
            searches = _begin(problem, starts, seed, initial)
        while running := [search for search in searches if not search.is_done]:
            for with_jacobian in (False, True):  # a trial is judged by its values alone
                group = [one for one in running if one.wants_jacobian == with_jacobian]
                points = [search.propose(low, high) for search in group]
                found = problem.evaluate(points, with_jacobian=with_jacobian)
                for search, evaluation in zip(group, found, strict=True):
                    search.learn(evaluation, low, high, max_iterations)
            rounds += 1
            if checkpoint is not None:
                _save(checkpoint, problem, settings, searches, rounds)
            if progress is not None:
                progress(_progress(problem, searches, rounds))
    except KeyboardInterrupt:
        interrupted = True
        if searches is None or all(search.evaluation is None for search in searches):
            raise  # nothing to keep yet
    return _result(problem, searches, interrupted)


def _begin(
    problem: CalibrationProblem, starts: int, seed: int, initial: Sequence[dict[str, float]]
) -> list[Search]:
    centre = problem.free.to_coordinates({})
    given = [problem.free.to_coordinates(one) for one in initial]
    searches = [Search("centre", centre)]
    searches += [Search(f"given {i + 1}", z) for i, z in enumerate(given)]
    if starts > 1:
        drawn = latin_hypercube(problem, _SCREENED * (starts - 1), seed)
        found = problem.evaluate(drawn, with_jacobian=False)
        cost = [one.cost if one.is_ok else np.inf for one in found]
        best = np.argsort(cost, kind="stable")[: starts - 1]
        searches += [Search(f"draw {i + 1}", drawn[i]) for i in best]
    return searches


def latin_hypercube(problem: CalibrationProblem, count: int, seed: int) -> list[np.ndarray]:
    """Points of a Latin hypercube over the prior, in coordinates; no two share a stratum."""
    random = np.random.default_rng(seed)
    low, high = problem.free.bounds
    size = len(problem.free)
    spread = problem.free.prior_spread(problem.free.to_coordinates({}))
    strata = np.stack([random.permutation(count) for _ in range(size)], axis=1)
    share = (strata + random.random((count, size))) / count
    z = problem.free.to_coordinates({}) + spread * _normal_quantile(share)
    return list(np.clip(z, low, high))


def _normal_quantile(share: np.ndarray) -> np.ndarray:
    return np.asarray(ndtri(np.clip(share, 1e-6, 1 - 1e-6)))


def _progress(problem: CalibrationProblem, searches: list[Search], rounds: int) -> Progress:
    best = min(searches, key=lambda search: search.cost)
    return Progress(
        rounds, sum(not search.is_done for search in searches), len(searches), best.cost,
        _named(problem, best.z),
    )  # fmt: skip


def _named(problem: CalibrationProblem, z: np.ndarray) -> dict[str, float]:
    values = np.asarray(problem.free.to_natural(jnp.asarray(z)))
    return {name: float(v) for name, v in zip(problem.free.names, values, strict=True)}


def _save(
    path: str | Path, problem: CalibrationProblem, settings: Any, searches: Any, rounds: int
) -> None:
    write_json(
        path,
        {"kind": "skinmech fit", "data": problem.data_hash, "settings": settings,
         "rounds": rounds, "searches": [search.to_dict() for search in searches]},
    )  # fmt: skip


def _resume(
    path: str | Path, problem: CalibrationProblem, settings: Any
) -> tuple[list[Search], int]:
    told = read_json(path)
    name = Path(path).name
    if told.get("kind") != "skinmech fit":
        raise CalibrationError(f"{name} is no checkpoint of a fit. Name another file.")
    if told["data"] != problem.data_hash:
        raise CalibrationError(
            f"The checkpoint {name} belongs to other data, free parameters, priors or model. "
            "Delete it to start anew, or name another file."
        )
    if told["settings"] != settings:
        raise CalibrationError(
            f"The checkpoint {name} was made with {told['settings']}, asked for is {settings}. "
            "Use the same settings, or another file."
        )
    return [Search.from_dict(one) for one in told["searches"]], told["rounds"]


def _result(problem: CalibrationProblem, searches: list[Search], interrupted: bool) -> FitResult:
    order = sorted(searches, key=lambda search: search.cost)
    best = order[0]
    if best.evaluation is None or best.evaluation.jacobian is None:
        lines = [f"Start '{search.label}': {search.explanation}" for search in searches]
        raise FitError(
            "No start could be simulated.\n" + "\n".join(lines) + "\nCheck that the fixed "
            "parameters fit together and that the start state exists under them."
        )
    if best.num_secant:
        derived = problem.evaluate([best.z])[0]
        if derived.is_ok:
            best.evaluation = derived
    assert best.evaluation.jacobian is not None
    low, high = problem.free.bounds
    starts = tuple(
        StartResult(
            label=search.label, values=_named(problem, search.z), cost=search.cost,
            is_converged=search.is_converged, reason=search.reason or "interrupted",
            explanation=search.explanation, gradient_norm=search.gradient_norm(low, high),
            num_iterations=search.num_iterations, num_rejected=search.num_rejected,
            num_failed=search.num_failed, history=tuple(search.history),
        )
        for search in order
    )  # fmt: skip
    count = len(best.evaluation.residuals) - len(problem.free)
    data = best.evaluation.residuals[:count]
    return FitResult(
        problem=problem, starts=starts, values=_named(problem, best.z), z=best.z, cost=best.cost,
        data_cost=0.5 * float(data @ data), is_converged=best.is_converged,
        interrupted=interrupted, posterior=laplace(problem, best.evaluation),
        jacobian=best.evaluation.jacobian[:count],
    )  # fmt: skip
