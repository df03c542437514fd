"""Profile likelihoods: how far each parameter can go while all others make up for it.

Along parameter i the profile is PL(c) = min over z with z_i = c of the cost, half of minus twice
the log-likelihood (Murphy and van der Vaart 2000, J Am Stat Assoc 95, 449). The confidence
interval holds all c at which it rises by no more than χ²(level, 1)/2. A profile that never rises
that far is open on that side: structurally non-identifiable where it is flat, practically where it
rises too little (Raue et al. 2009, Bioinformatics 25, 1923). Each point starts from its neighbour,
moved along the direction in which the others follow.
"""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float
from scipy.stats import chi2

from .errors import CalibrationError
from .objective import AbstractObjective, LikelihoodAlone, Point
from .search import minimise

_PIECES = 5.0  # steps a side until the threshold, on a parabola
_GROWTH, _FARTHEST = 2.0, 60.0  # longest step over the one before; farthest in coordinates
_MOST_POINTS = 60
_FLAT = 1e-3  # rise, in units of the threshold, over a whole side that counts as none
_EDGE = 1e-9  # of the box, that counts as the bound
_BETTER = 1e-2  # gain over the given optimum that is told
_REFINED = 1e-2  # relative rise of the threshold within which an end is placed

CLOSED, HELD = "closed", "held only by another parameter's bound"
AT_BOUND, OPEN, FAILED = "at the bound", "open", "failed"


@dataclasses.dataclass(frozen=True)
class Side:
    """One end of an interval.

    Attributes:
        coordinate: Where the profile crosses the threshold; the farthest point tried if it does
            not.
        value: The same in declared units; nan where there is no crossing.
        kind: `"closed"`; `"at the bound"` or `"open"` where the profile stays below the threshold
            as far as the bound, or as far as it was followed; `"held only by another parameter's
            bound"` where it crosses it, but only since another one could follow no further;
            `"failed"` where simulations failed.
        rise: Of the cost at the farthest point before any other parameter met its bound, over the
            threshold; 1 at a closed end.
    """

    coordinate: float
    value: float
    kind: str
    rise: float


@dataclasses.dataclass(frozen=True)
class Profile:
    """The profile of one parameter.

    Attributes:
        name: The parameter.
        coordinates: Fixed values tried, ascending, in coordinates.
        values: The same in declared units.
        costs: Least cost at each.
        others: All parameters there in coordinates, shape (point, free).
        threshold: Rise of the cost at the ends of the interval.
        low: Lower end.
        high: Upper end.
        is_at_optimum: Whether no point lay below the given optimum by more than 0.01.
    """

    name: str
    coordinates: Float[np.ndarray, " point"]
    values: Float[np.ndarray, " point"]
    costs: Float[np.ndarray, " point"]
    others: Float[np.ndarray, "point free"]
    threshold: float
    low: Side
    high: Side
    is_at_optimum: bool

    @property
    def interval(self) -> tuple[float, float]:
        """Confidence interval in declared units; nan on an open side."""
        return self.low.value, self.high.value

    @property
    def verdict(self) -> str:
        """What the interval says, in two words."""
        sides = (self.low, self.high)
        if all(side.kind == CLOSED for side in sides):
            return "identifiable"
        if any(side.kind == FAILED for side in sides):
            return "not known: simulations failed"
        if max(side.rise for side in sides) < _FLAT:
            return "structurally non-identifiable"
        return "practically non-identifiable"

    @property
    def text(self) -> str:
        """One sentence."""

        def end(side: Side) -> str:
            if side.kind == CLOSED:
                return f"{side.value:.4g}"
            if side.kind == HELD:
                return f"{side.value:.4g} ({side.kind})"
            return f"{side.kind} ({100 * side.rise:.0f} % of the threshold)"

        told = f"{self.name} is {self.verdict}: from {end(self.low)} to {end(self.high)}."
        if not self.is_at_optimum:
            told += " A better optimum was met on the way: fit again from it."
        return told


def profile(
    objective: AbstractObjective,
    optimum: np.ndarray,
    parameters: Sequence[str] | None = None,
    *,
    level: float = 0.95,
    with_prior: bool = True,
    max_iterations: int = 50,
    progress: Callable[[Profile], None] | None = None,
) -> tuple[Profile, ...]:
    """Profiles along parameters.

    Args:
        objective: What was fitted.
        optimum: Coordinates of its optimum, as of `fit`, shape (free,).
        parameters: Names; all if None.
        level: Confidence, with one degree of freedom.
        with_prior: Whether the prior counts. Without it the profile is the data's alone, started
            from the optimum of the data nearest to the given one.
        max_iterations: Of each re-optimisation.
        progress: Called after every profile.

    Raises:
        CalibrationError: an unknown name, a level outside 0 to 1, or no simulation at the optimum.
    """
    names = objective.names if parameters is None else tuple(parameters)
    unknown = [name for name in names if name not in objective.names]
    if unknown or not 0.0 < level < 1.0:
        raise CalibrationError(
            f"Expected names among {', '.join(objective.names)} and a level between 0 and 1, got "
            f"{', '.join(names)} and {level:g}."
        )
    if not with_prior:
        objective = LikelihoodAlone(objective)
    low, high = objective.bounds
    best = minimise(objective.evaluate, np.asarray(optimum, float), low, high, max_iterations)
    if not np.isfinite(best.point.cost):
        raise CalibrationError(
            f"The optimum cannot be simulated, so there is no profile. {best.point.explanation}"
        )
    found = []
    for name in names:
        index = objective.names.index(name)
        found.append(_Walk(objective, index, best.point, level, max_iterations).profile())
        if progress is not None:
            progress(found[-1])
    return tuple(found)


class _Walk:
    """The walk along one parameter, both ways."""

    def __init__(self, objective: AbstractObjective, index: int, best: Point, level: float,
                 most: int):  # fmt: skip
        self.objective, self.index, self.best, self.most = objective, index, best, most
        self.threshold = 0.5 * float(chi2.ppf(level, 1))
        low, high = objective.bounds
        self.low, self.high = low, high
        self.rest = np.arange(len(objective.names)) != index

    def profile(self) -> Profile:
        """Both sides."""
        below, low = self._side(-1.0)
        above, high = self._side(1.0)
        points = sorted([*below, self.best, *above], key=lambda one: one.z[self.index])
        others = np.stack([one.z for one in points])
        costs = np.array([one.cost for one in points])
        return Profile(
            self.objective.names[self.index], others[:, self.index],
            self.objective.to_natural(others)[:, self.index], costs, others, self.threshold, low,
            high, bool(costs.min() > self.best.cost - _BETTER),
        )  # fmt: skip

    def _side(self, sign: float) -> tuple[list[Point], Side]:
        here, points = self.best, []
        bound = (self.low, self.high)[sign > 0][self.index]
        far = self.best.z[self.index] + sign * _FARTHEST
        end = max(bound, far) if sign < 0 else min(bound, far)
        step = self._first_step()
        rise = 0.0
        while len(points) < _MOST_POINTS:
            at = here.z[self.index]
            if sign * (end - at) <= _EDGE * max(1.0, abs(end)):
                kind = AT_BOUND if end == bound else OPEN
                return points, Side(at, np.nan, kind, rise / self.threshold)
            to = at + sign * min(step, sign * (end - at))
            found = self._at(to, here)
            if not np.isfinite(found.cost):
                if step < 1e-3:
                    return points, Side(at, np.nan, FAILED, rise / self.threshold)
                step *= 0.25
                continue
            new = found.cost - self.best.cost
            if new > 3.0 * self.threshold and step > 1e-3 * self._first_step():
                step *= 0.4  # too far: the threshold is to be bracketed closely
                continue
            points.append(found)
            if new >= self.threshold:
                point = self._crossing(here, found)
                points.append(point)
                z = point.z[self.index]
                value = float(self.objective.to_natural(point.z)[self.index])
                if self._is_held(point):
                    return points, Side(z, value, HELD, rise / self.threshold)
                return points, Side(z, value, CLOSED, 1.0)
            gained = new - (here.cost - self.best.cost)
            aim = self.threshold / _PIECES
            step *= float(np.clip(aim / max(gained, 1e-12), 0.5, _GROWTH))
            here = found
            rise = rise if self._is_held(found) else max(new, rise)
        kind = OPEN
        return points, Side(here.z[self.index], np.nan, kind, rise / self.threshold)

    def _is_held(self, point: Point) -> bool:
        """Whether another parameter is at its bound there, and was not at the optimum."""
        near = _EDGE * np.maximum(1.0, np.abs(point.z))
        at_low, at_high = point.z <= self.low + near, point.z >= self.high - near
        began = (self.best.z <= self.low + near) | (self.best.z >= self.high - near)
        return bool(np.any((at_low | at_high) & ~began & self.rest))

    def _first_step(self) -> float:
        """Such that a parabola would take `_PIECES` steps to the threshold; at most one."""
        assert self.best.hessian is not None
        hessian, i, rest = self.best.hessian, self.index, self.rest
        along = hessian[i, i]
        if rest.any():
            block = hessian[np.ix_(rest, rest)]
            along -= hessian[i, rest] @ np.linalg.pinv(block, rcond=1e-10) @ hessian[rest, i]
        reach = np.sqrt(2.0 * self.threshold / max(along, 1e-12))
        width = self.high[i] - self.low[i]
        return float(min(reach / _PIECES, 1.0, 0.1 * width if np.isfinite(width) else 1.0))

    def _at(self, value: float, near: Point) -> Point:
        """The least cost where the parameter is `value`, searched from `near`."""
        i, rest = self.index, self.rest
        start = np.array(near.z)
        if near.hessian is not None and rest.any():
            block = near.hessian[np.ix_(rest, rest)]
            follow = -np.linalg.pinv(block, rcond=1e-10) @ near.hessian[rest, i]
            start[rest] += np.clip(follow * (value - near.z[i]), -1.0, 1.0)
        start[i] = value

        def evaluate(x: np.ndarray, *, derivatives: bool = True) -> Point:
            z = np.array(start)
            z[rest] = x
            found = self.objective.evaluate(z, derivatives=derivatives)
            if found.gradient is None or found.hessian is None:
                return Point(x, found.cost, explanation=found.explanation)
            block = found.hessian[np.ix_(rest, rest)]
            return Point(x, found.cost, found.gradient[rest], block, found.explanation)

        low, high = self.low[rest], self.high[rest]
        x = np.clip(start[rest], low, high)
        if rest.any():
            done = minimise(evaluate, x, low, high, self.most)
            if not np.isfinite(done.point.cost):  # the others did not follow well: as they were
                done = minimise(evaluate, np.clip(near.z[rest], low, high), low, high, self.most)
            x = done.point.z
        z = np.array(start)
        z[rest] = x
        return self.objective.evaluate(z)

    def _crossing(self, inside: Point, outside: Point) -> Point:
        """The point between two at which the profile crosses the threshold, by regula falsi."""
        i, aim = self.index, self.best.cost + self.threshold
        for _ in range(8):
            a, b = inside.cost - aim, outside.cost - aim
            if min(-a, b) < _REFINED * self.threshold:
                break
            # On roots, for the profile is nearly a parabola about the optimum.
            root_a = np.sqrt(max(a + self.threshold, 0.0))
            root_b = np.sqrt(b + self.threshold)
            share = (np.sqrt(self.threshold) - root_a) / (root_b - root_a)
            at = inside.z[i] + float(np.clip(share, 0.02, 0.98)) * (outside.z[i] - inside.z[i])
            found = self._at(at, inside)
            if not np.isfinite(found.cost):
                break
            inside, outside = (found, outside) if found.cost < aim else (inside, found)
        return inside if aim - inside.cost < outside.cost - aim else outside
