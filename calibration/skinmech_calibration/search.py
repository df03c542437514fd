"""One search for a minimum inside bounds: a trust region of one width in every coordinate.

`skinmech_calibration.levenberg` wants a prior on everything, so that no direction is free. PEtab
problems often have none and often leave parameters undetermined. Here every coordinate may move
by at most the width of the region and no further than its bound, so that an undetermined one
neither stalls the others nor is thrown out of its bounds.
"""

import dataclasses
from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from .objective import Point

_FIRST_WIDTH, _LEAST_WIDTH, _MOST_WIDTH = 0.5, 1e-7, 4.0
_SMALL_GAIN = 1e-5
_STALLED, _PATIENCE = 2e-3, 10  # gain over so many accepted steps below which a valley is flat
_RIDGE = 1e-6
_QP_ITERATIONS = 100

NO_GAIN, FLAT = "no gain to expect", "no gain to speak of along a flat valley"
TOO_SHORT = "no gain along the shortest step"


@dataclasses.dataclass(frozen=True)
class Outcome:
    """Where a search ended.

    Attributes:
        point: Best point.
        reason: Why it ended.
        is_converged: Whether that is a minimum.
        num_iterations: Accepted steps.
        num_rejected: Rejected steps.
        num_failed: Those among them at which the objective could not be computed.
        explanation: What failed on the way.
    """

    point: Point
    reason: str
    is_converged: bool
    num_iterations: int
    num_rejected: int
    num_failed: int
    explanation: str


def minimise(
    evaluate: Callable[..., Point],
    start: Float[np.ndarray, " free"],
    low: Float[np.ndarray, " free"],
    high: Float[np.ndarray, " free"],
    max_iterations: int,
    settle: Callable[[np.ndarray], Point] | None = None,
) -> Outcome:
    """Search from a start.

    Args:
        evaluate: `(z, derivatives=...) -> Point`.
        start: Inside the bounds.
        low: Lower bounds.
        high: Upper bounds.
        max_iterations: Most accepted steps.
        settle: Value at a point moved to the best of what follows from the rest; default the value
            at the point itself.
    """
    look = settle or (lambda z: evaluate(z, derivatives=False))
    start = np.clip(start, low, high)
    point = evaluate(start if settle is None else settle(start).z, derivatives=True)
    if not np.isfinite(point.cost):
        return Outcome(point, "failed at the start", False, 0, 0, 1, point.explanation)
    width = _FIRST_WIDTH
    accepted = rejected = failed = 0
    explanation, reason = "", "most iterations reached"
    history = [point.cost]
    while accepted < max_iterations:
        _, most = quadratic_step(point, low, high, _MOST_WIDTH)
        if most < _SMALL_GAIN:
            reason = NO_GAIN
            break
        if accepted >= _PATIENCE and history[-1 - _PATIENCE] - point.cost < _STALLED:
            reason = FLAT
            break
        if width < _LEAST_WIDTH:
            reason = TOO_SHORT
            break
        step, expected = quadratic_step(point, low, high, width)
        found = look(np.clip(point.z + step, low, high))
        gain = point.cost - found.cost
        ratio = gain / expected if expected > 0 else -1.0
        if np.isfinite(found.cost) and gain > 0:
            full = evaluate(found.z, derivatives=True)
            if np.isfinite(full.cost):
                point, accepted = full, accepted + 1
                history.append(point.cost)
            else:
                found, ratio = full, -1.0
        if not (np.isfinite(found.cost) and gain > 0):
            rejected += 1
            failed += not np.isfinite(found.cost)
            explanation = found.explanation or explanation
        if ratio < 0.25:
            width = 0.25 * min(width, float(np.max(np.abs(step), initial=0.0)))
        elif ratio > 0.75 and np.max(np.abs(step), initial=0.0) > 0.9 * width:
            width = min(2.0 * width, _MOST_WIDTH)
    return Outcome(
        point, reason, reason in (NO_GAIN, FLAT), accepted, rejected, failed, explanation
    )


def quadratic_step(
    point: Point, low: np.ndarray, high: np.ndarray, width: float
) -> tuple[Float[np.ndarray, " free"], float]:
    """The step that minimises the quadratic model inside region and bounds, and what it gains.

    Projected Newton: solve for the coordinates that are free to move, cut at the box, repeat.
    """
    gradient, hessian = point.gradient, point.hessian
    assert gradient is not None and hessian is not None
    hessian = hessian + _RIDGE * np.diag(1.0 + np.diag(hessian))
    least = np.maximum(low - point.z, -width)
    most = np.minimum(high - point.z, width)
    step, slope = np.zeros_like(gradient), gradient
    value = 0.0
    for _ in range(_QP_ITERATIONS):
        free = ~(((step <= least) & (slope > 0)) | ((step >= most) & (slope < 0)))
        if not np.any(free):
            break
        move = np.zeros_like(step)
        move[free] = -np.linalg.solve(hessian[np.ix_(free, free)], slope[free])
        share = 1.0
        while True:
            trial = np.clip(step + share * move, least, most)
            trial_value = float(gradient @ trial + 0.5 * trial @ hessian @ trial)
            if trial_value < value or share < 1e-10:
                break
            share *= 0.5
        if not trial_value < value - 1e-12 * abs(value):
            break
        step, value = trial, trial_value
        slope = gradient + hessian @ step
    return step, -value
