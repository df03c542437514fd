"""Multi-start estimation of a PEtab problem."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ...optimise import NothingComputed, Optimum, optimise
from ..errors import SimulationFailure
from .objective import PetabObjective
from .problem import PetabProblem

_SAME = 0.1
"""Objectives this near count as one optimum; a chi-square unit is 0.5."""
_SHARED = ("is_converged", "reason", "explanation", "num_iterations", "num_rejected", "num_failed")


@dataclasses.dataclass(frozen=True)
class PetabStart:
    """What became of one start.

    Attributes:
        label: Number of the draw, or `"given ..."`.
        values: Free parameters at its best point, linear scale.
        objective: Negative log posterior (likelihood where there is no prior) there; inf if the
            start could not be simulated.
        is_converged: Whether it ended at a minimum.
        reason: Why it ended.
        explanation: What failed on the way, if anything.
        num_iterations: Accepted steps.
        num_rejected: Rejected steps.
        num_failed: Steps at which a simulation failed.
    """

    label: str
    values: dict[str, float]
    objective: float
    is_converged: bool
    reason: str
    explanation: str
    num_iterations: int
    num_rejected: int
    num_failed: int


@dataclasses.dataclass(frozen=True)
class PetabFit:
    """All starts of a fit, best first.

    Attributes:
        problem: What was fitted.
        starts: Every start.
        interrupted: Whether it was stopped from outside.
    """

    problem: PetabProblem
    starts: tuple[PetabStart, ...]
    interrupted: bool

    @property
    def best(self) -> PetabStart:
        """The best start."""
        return self.starts[0]

    @property
    def values(self) -> dict[str, float]:
        """Free parameters at the best point, linear scale."""
        return self.best.values

    @property
    def objective(self) -> float:
        """Negative log posterior at the best point."""
        return self.best.objective

    @property
    def at_bounds(self) -> tuple[str, ...]:
        """Free parameters that ended at a bound."""
        return tuple(
            one.id
            for one in self.problem.free
            if self.values[one.id] <= one.lower * (1 + 1e-6) + 1e-300
            or self.values[one.id] >= one.upper * (1 - 1e-6)
        )

    def num_reaching(self, objective: float | None = None) -> int:
        """Starts that came within 0.1 of an objective or below it; of the best one by default."""
        aim = self.objective if objective is None else objective
        return sum(start.objective <= aim + _SAME for start in self.starts)


def fit_petab(
    problem: PetabProblem,
    *,
    starts: int = 10,
    max_iterations: int = 200,
    seed: int = 0,
    initial: Sequence[Mapping[str, float]] = (),
    fixed: Mapping[str, float] | None = None,
    rtol: float = 1e-6,
    checkpoint: str | Path | None = None,
    progress: Callable[[PetabStart], None] | None = None,
) -> PetabFit:
    """Minimise the negative log posterior from many starts.

    Start points are a Latin hypercube over the start distributions, or the bounds on the scale
    of estimation. Steps follow the gradient and a positive model of the curvature in a trust
    region, inside the bounds. The prior counts where the problem gives one. A step at which a
    simulation fails is rejected and shortened. Scales, offsets and noise parameters that only
    serve observables are solved for at every point (`PetabObjective.settled`). A start that
    cannot be simulated is given up and explained. A KeyboardInterrupt ends the fit with what there
    is.

    Args:
        problem: What to fit.
        starts: How many to draw.
        max_iterations: Accepted steps of each.
        seed: Of the draws.
        initial: Further starts, values by name on linear scale; nominal where not given.
        fixed: Values of parameters that are not estimated, if not nominal.
        rtol: Relative tolerance of the simulations while fitting.
        checkpoint: File written after every start; if it is there already, the fit goes on with
            the next start.
        progress: Called after every start.

    Raises:
        CalibrationError: numbers that make no sense, or a checkpoint of something else.
        InterchangeError: start points cannot be drawn, or a name is unknown.
        SimulationFailure: no start could be simulated.
    """
    objective = PetabObjective(problem.with_options(rtol=max(rtol, problem.options.rtol)), fixed)

    def told(one: Optimum) -> PetabStart:
        values = objective.to_natural(one.z)
        return PetabStart(
            label=one.label,
            values=dict(zip(objective.names, map(float, values), strict=True)),
            objective=one.cost,
            **{name: getattr(one, name) for name in _SHARED},
        )

    places = [problem.layout.names.index(name) for name in objective.names]
    further = [
        objective.coordinates.from_linear(problem.vector({**(fixed or {}), **given})[places])
        for given in initial
    ]
    try:
        found = optimise(
            objective, starts=starts, max_iterations=max_iterations, seed=seed, initial=further,
            checkpoint=checkpoint, progress=progress and (lambda one: progress(told(one))),
        )  # fmt: skip
    except NothingComputed as error:
        raise SimulationFailure(str(error)) from error
    return PetabFit(problem, tuple(told(one) for one in found.starts), found.interrupted)
