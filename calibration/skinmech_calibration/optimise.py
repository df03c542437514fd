"""Multi-start search on any objective: all starts kept, resumable, with a waterfall picture."""

import dataclasses
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.optimize import minimize

from .errors import CalibrationError
from .files import read_json, write_json
from .objective import AbstractObjective
from .search import minimise

_KIND = "skinmech search"
_PENALTY = 1e10  # cost of a point that cannot be computed, so that a line search turns back
METHODS = ("trust-region", "l-bfgs")
SAME = 0.1
"""Costs this near count as one optimum; a chi-square unit is 0.5."""


class NothingComputed(CalibrationError):
    """No start could be computed; the message says why for each."""


@dataclasses.dataclass(frozen=True)
class Optimum:
    """Where one start ended.

    Attributes:
        label: Number of the draw, or `"given ..."`.
        z: Its best point in coordinates.
        cost: Minus the log posterior there; inf if the start could not be computed.
        is_converged: Whether it ended at a minimum.
        reason: Why it ended.
        num_iterations: Accepted steps.
        num_rejected: Rejected steps; 0 for `"l-bfgs"`, which does not tell them apart.
        num_failed: Points that could not be computed.
        explanation: What failed on the way, if anything.
    """

    label: str
    z: Float[np.ndarray, " free"]
    cost: float
    is_converged: bool
    reason: str
    num_iterations: int
    num_rejected: int
    num_failed: int
    explanation: str


@dataclasses.dataclass(frozen=True)
class Optima:
    """All starts of a search, best first.

    Attributes:
        objective: What was searched.
        starts: Every start.
        interrupted: Whether it was stopped from outside.
    """

    objective: AbstractObjective
    starts: tuple[Optimum, ...]
    interrupted: bool = False

    @property
    def best(self) -> Optimum:
        """The best start."""
        return self.starts[0]

    @property
    def values(self) -> dict[str, float]:
        """Best values in declared units, by name."""
        found = self.objective.to_natural(self.best.z)
        return dict(zip(self.objective.names, map(float, found), strict=True))

    @property
    def num_agreeing(self) -> int:
        """Starts within 0.1 of the best cost."""
        return sum(one.cost <= self.best.cost + SAME for one in self.starts)

    def waterfall(self, path: str | Path) -> None:
        """Draw costs above the best one, start by start, into a picture file.

        Raises:
            ImportError: matplotlib is not installed.
        """
        from matplotlib.figure import Figure

        costs = np.array([one.cost for one in self.starts])
        above = costs - costs[0]
        place = np.arange(1, len(costs) + 1)
        figure = Figure(figsize=(5.0, 3.2), layout="constrained")
        axes = figure.subplots()
        same = above <= SAME
        shown = np.isfinite(above)
        for which, colour, text in ((same, "#1b7f79", f"within {SAME} of the best"),
                                    (~same & shown, "#c05a2b", "local optima")):  # fmt: skip
            axes.plot(place[which], np.maximum(above[which], 1e-4), "o", color=colour, label=text)
        axes.set_yscale("log")
        axes.axhline(SAME, color="0.7", linewidth=0.8)
        axes.set_xlabel("start, best first")
        axes.set_ylabel("cost above the best (floor 1e-4)")
        if not shown.all():
            axes.set_title(f"{int((~shown).sum())} starts could not be computed", fontsize=9)
        axes.legend(frameon=False)
        figure.savefig(path, dpi=150)


def optimise(
    objective: AbstractObjective,
    *,
    starts: int = 10,
    method: str = "trust-region",
    max_iterations: int = 200,
    seed: int = 0,
    initial: Sequence[np.ndarray] = (),
    checkpoint: str | Path | None = None,
    progress: Callable[[Optimum], None] | None = None,
) -> Optima:
    """Search an objective from many starts.

    A KeyboardInterrupt ends the search with the starts that are done.

    Args:
        objective: What to search.
        starts: How many to draw.
        method: `"trust-region"`, with the objective's model of the second derivative, or
            `"l-bfgs"` (Byrd et al. 1995, SIAM J Sci Comput 16, 1190), which asks for gradients
            only and suits many parameters where these come in reverse mode.
        max_iterations: Accepted steps of each start.
        seed: Of the draws.
        initial: Further starts, coordinates.
        checkpoint: File written after every start. If it is there already, the search goes on
            with the next start.
        progress: Called after every start.

    Raises:
        CalibrationError: numbers or names that make no sense, or a checkpoint of something else.
        NothingComputed: no start could be computed.
    """
    if method not in METHODS:
        raise CalibrationError(f"Expected a method among {', '.join(METHODS)}, got '{method}'.")
    if starts < 0 or starts + len(initial) < 1 or max_iterations < 1:
        raise CalibrationError("Expected at least one start and one iteration.")
    drawn = objective.draw(starts, seed) if starts else []
    named = [(f"given {i + 1}", np.asarray(z, float)) for i, z in enumerate(initial)]
    named += [(str(i + 1), z) for i, z in enumerate(drawn)]
    told = repr([objective.identity, method, max_iterations, [z.tolist() for _, z in named]])
    settings = hashlib.sha256(told.encode()).hexdigest()
    done: list[Optimum] = []
    if checkpoint is not None and Path(checkpoint).exists():
        done = _resume(checkpoint, settings)
    run = _trust_region if method == "trust-region" else _quasi_newton
    interrupted = False
    try:
        for label, z in named[len(done) :]:
            done.append(run(objective, label, z, max_iterations))
            if checkpoint is not None:
                rows = [dataclasses.asdict(one) | {"z": one.z.tolist()} for one in done]
                write_json(checkpoint, {"kind": _KIND, "settings": settings, "starts": rows})
            if progress is not None:
                progress(done[-1])
    except KeyboardInterrupt:
        if not done:
            raise
        interrupted = True
    ordered = tuple(sorted(done, key=lambda one: one.cost))
    if not np.isfinite(ordered[0].cost):
        lines = [f"Start '{one.label}': {one.explanation}" for one in ordered]
        raise NothingComputed("No start could be computed.\n" + "\n".join(lines))
    return Optima(objective, ordered, interrupted)


def _trust_region(objective: AbstractObjective, label: str, z: np.ndarray, most: int) -> Optimum:
    found = minimise(objective.evaluate, z, *objective.bounds, most, objective.settle)
    return Optimum(label, found.point.z, found.point.cost, found.is_converged, found.reason,
                   found.num_iterations, found.num_rejected, found.num_failed,
                   found.explanation)  # fmt: skip


def _quasi_newton(objective: AbstractObjective, label: str, z: np.ndarray, most: int) -> Optimum:
    lost = [0]

    def both(z: np.ndarray) -> tuple[float, np.ndarray]:
        cost, gradient = objective.value_and_gradient(z)
        if np.isfinite(cost) and np.all(np.isfinite(gradient)):
            return cost, gradient
        lost[0] += 1
        return _PENALTY, np.zeros_like(z)

    low, high = objective.bounds
    start = np.clip(z, low, high)
    first, _ = both(start)
    if first == _PENALTY:
        told = objective.evaluate(start, derivatives=False).explanation
        return Optimum(label, start, np.inf, False, "failed at the start", 0, 0, 1, told)
    found: Any = minimize(both, start, jac=True, method="L-BFGS-B",
                          bounds=list(zip(low, high, strict=True)),
                          options={"maxiter": most, "ftol": 1e-10, "gtol": 1e-5})  # fmt: skip
    explanation = f"{lost[0]} points on the way could not be computed." if lost[0] else ""
    return Optimum(label, np.asarray(found.x), float(found.fun), bool(found.success),
                   str(found.message), int(found.nit), 0, lost[0], explanation)  # fmt: skip


def _resume(path: str | Path, settings: str) -> list[Optimum]:
    told, name = read_json(path), Path(path).name
    if told.get("kind") != _KIND or told["settings"] != settings:
        raise CalibrationError(
            f"The checkpoint {name} belongs to another problem, to other starts or another method. "
            "Use the same settings, delete it to start anew, or name another file."
        )
    return [Optimum(**{**one, "z": np.array(one["z"], float)}) for one in told["starts"]]
