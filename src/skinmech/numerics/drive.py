"""The loop of accepted and rejected steps behind `integrate`."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from .rodas5p import ERROR_ORDER, StepResult, interpolate, rodas5p_step
from .segments import SegmentedProblem
from .status import Status
from .trees import stop_derivatives, with_row

_WORST_RESIDUAL = 1e-6  # of a linear solve, relative; beyond it the step is rejected
_SAFETY, _SHRINK, _GROW = 0.9, 0.2, 6.0
_PROPORTIONAL, _INTEGRAL = 0.4 / ERROR_ORDER, 0.7 / ERROR_ORDER  # Gustafsson's PI control
_ROUNDING = 1e-13  # of the whole span
_FIRST_GUESS = 1e-6
FIRST = 0.01
"""Length of the first step after a change; see `integrate_segments`."""


class Options(NamedTuple):
    """Accuracy and limits of a solve; see `integrate_segments`."""

    rtol: float
    atol: float | Float[Array, " state"]
    max_steps: int
    dtmin: float
    dt0: float | None
    first: float


class Record(NamedTuple):
    """Accepted steps, one row each, for the reverse pass. `num` rows are in use."""

    num: Int[Array, ""]
    segment: Int[Array, " step"]
    tau: Float[Array, " step"]
    fraction: Float[Array, " step"]
    cursor: Int[Array, " step"]
    y: Float[Array, "step state"]


class Loop(NamedTuple):
    """State of the solve between two attempted steps."""

    segment: Int[Array, ""]
    tau: Float[Array, ""]
    dt: Float[Array, ""]  # proposed step; negative where a segment has just begun
    last_error: Float[Array, ""]
    y: Float[Array, " state"]
    cursor: Int[Array, ""]  # next save time
    ys: Any
    num_steps: Int[Array, ""]
    num_rejected: Int[Array, ""]
    status: Int[Array, ""]
    record: Record | None


def drive(
    problem: SegmentedProblem, y0: Float[Array, " state"], options: Options, is_recorded: bool
) -> Loop:
    """Run the problem to its end or to a failure."""
    return jax.lax.while_loop(
        lambda loop: (loop.segment < problem.num_segments) & (loop.status == Status.OK),
        lambda loop: _attempt(problem, options, loop),
        _begin(problem, y0, options, is_recorded),
    )


def step_of(
    problem: SegmentedProblem,
    k: Int[Array, ""],
    tau: Float[Array, ""],
    fraction: Float[Array, ""],
    y: Float[Array, " state"],
) -> StepResult:
    """The step from τ over `fraction` of segment k; both are held fixed under derivatives."""
    start, length = problem.span(k)
    return rodas5p_step(
        problem.f,
        problem.system,
        start + tau * length,
        fraction * length,
        y,
        problem.args_of(k),
    )


def saved_value(
    problem: SegmentedProblem,
    k: Int[Array, ""],
    tau: Float[Array, ""],
    fraction: Float[Array, ""],
    cursor: Int[Array, ""],
    y: Float[Array, " state"],
    step: StepResult,
) -> Any:
    """Output at save time `cursor`, which lies in this step."""
    start, length = problem.span(k)
    time = problem.save_times[cursor]
    theta = ((time - start) / length - tau) / fraction
    return problem.save(time, interpolate(theta, y, step.y1, step.dense), k)


def _begin(problem, y0, options, is_recorded) -> Loop:
    zero = jnp.asarray(0)
    start = problem.boundaries[0]
    first = problem.save(start, y0, zero)

    def rows(value):
        at_start = (problem.save_times == start).reshape(-1, *([1] * value.ndim))
        blank = jnp.full((problem.num_saves, *value.shape), jnp.nan, value.dtype)
        return jnp.where(at_start, value[None], blank)

    segment, y = problem.enter(zero, y0)
    is_valid = jnp.all(jnp.isfinite(y0)) & jnp.all(jnp.isfinite(problem.boundaries))
    for times in (problem.boundaries, problem.save_times):
        is_valid = is_valid & jnp.all(times[1:] >= times[:-1])
    size = options.max_steps
    record = None
    if is_recorded:
        record = Record(
            num=zero,
            segment=jnp.zeros(size, zero.dtype),
            tau=jnp.zeros(size),
            fraction=jnp.ones(size),
            cursor=jnp.zeros(size, zero.dtype),
            y=jnp.zeros((size, y0.size)),
        )
    return Loop(
        segment=segment,
        tau=jnp.zeros(()),
        dt=-jnp.ones(()),
        last_error=jnp.ones(()),
        y=y,
        cursor=jnp.sum(problem.save_times <= start),
        ys=jax.tree.map(rows, first),
        num_steps=zero,
        num_rejected=zero,
        status=jnp.where(is_valid, Status.OK, Status.INVALID_INPUT).astype(jnp.int32),
        record=record,
    )


def _attempt(problem: SegmentedProblem, options: Options, loop: Loop) -> Loop:
    """Try one step; take it, save what lies in it, and pass the boundary if it ends on one."""
    k = loop.segment
    start, length = stop_derivatives(problem.span(k))
    dt = _proposal(problem, options, loop, start, length)
    rest = 1.0 - loop.tau
    fraction = dt / length
    halved = jnp.where(fraction > 0.5 * rest, 0.5 * rest, fraction)
    fraction = jax.lax.stop_gradient(jnp.where(fraction >= 0.999 * rest, rest, halved))
    is_last = fraction == rest
    step = step_of(problem, k, loop.tau, fraction, loop.y)
    accepted, size, next_dt = _control(options, loop, step, dt, fraction * length)

    end_tau = jnp.where(is_last, 1.0, loop.tau + fraction)
    end_time = jnp.where(is_last, problem.boundaries[k + 1], start + end_tau * length)
    cursor, ys = _save(problem, loop, step, fraction, accepted, end_time)
    leaves = accepted & is_last
    segment, y = jax.lax.cond(
        leaves,
        lambda state: problem.enter(k + 1, state),
        lambda state: (k, state),
        jnp.where(accepted, step.y1, loop.y),
    )
    num_steps = loop.num_steps + 1
    status = jnp.where(~leaves & (next_dt < options.dtmin), Status.DT_MIN, loop.status)
    is_finite = jnp.all(jnp.isfinite(stop_derivatives(y)))
    status = jnp.where(leaves & ~is_finite, Status.NONFINITE, status)
    unfinished = (segment < problem.num_segments) & (status == Status.OK)
    status = jnp.where(unfinished & (num_steps >= options.max_steps), Status.MAX_STEPS, status)
    return Loop(
        segment=segment,
        tau=jnp.where(leaves, 0.0, jnp.where(accepted, end_tau, loop.tau)),
        dt=jnp.where(leaves, -1.0, next_dt),
        last_error=jnp.where(leaves, 1.0, jnp.where(accepted, size, loop.last_error)),
        y=y,
        cursor=cursor,
        ys=ys,
        num_steps=num_steps,
        num_rejected=loop.num_rejected + ~accepted,
        status=status.astype(jnp.int32),
        record=_recorded(loop, fraction, accepted),
    )


def _recorded(loop: Loop, fraction: Array, accepted: Bool[Array, ""]) -> Record | None:
    if loop.record is None:
        return None
    # A rejected attempt writes its row too; the next attempt overwrites it.
    num, rows = loop.record.num, loop.record
    values = (loop.segment, loop.tau, fraction, loop.cursor, loop.y)
    return Record(num + accepted, *with_row(tuple(rows[1:]), num, values))


def _save(problem, loop, step, fraction, accepted, end_time):
    """Write the outputs whose time lies in an accepted step."""
    if problem.num_saves == 0:
        return loop.cursor, loop.ys

    # A time that rounding has put just behind a boundary still belongs to it.
    latest = end_time + _ROUNDING * (problem.boundaries[-1] - problem.boundaries[0])

    def is_due(carry):
        cursor, _ = carry
        time = problem.save_times[jnp.minimum(cursor, problem.num_saves - 1)]
        return accepted & (cursor < problem.num_saves) & (time <= latest)

    def write(carry):
        cursor, ys = carry
        value = saved_value(problem, loop.segment, loop.tau, fraction, cursor, loop.y, step)
        return cursor + 1, with_row(ys, cursor, value)

    return jax.lax.while_loop(is_due, write, (loop.cursor, loop.ys))


def _control(options, loop, step, dt, tried):
    """Whether the step is accepted, its scaled error, and the next step to try."""
    scale = options.atol + options.rtol * jnp.maximum(jnp.abs(loop.y), jnp.abs(step.y1))
    size = stop_derivatives(jnp.sqrt(jnp.mean((step.error / scale) ** 2)))
    is_sound = jnp.isfinite(size) & (step.residual < _WORST_RESIDUAL)
    accepted = is_sound & (size <= 1.0)
    size = jnp.maximum(jnp.where(is_sound, size, 1.0), 1e-8)
    growth = _SAFETY * size**-_INTEGRAL * loop.last_error**_PROPORTIONAL
    cut = jnp.where(is_sound, _SAFETY * size ** (-1.0 / ERROR_ORDER), _SHRINK)
    factor = jnp.where(accepted, jnp.clip(growth, _SHRINK, _GROW), jnp.clip(cut, _SHRINK, 0.9))
    next_dt = tried * factor
    # A step that was cut short to end on the boundary must not shrink the next one.
    was_cut = accepted & (tried < 0.99 * dt)
    next_dt = jnp.where(was_cut, jnp.maximum(next_dt, jnp.minimum(dt, tried * _GROW)), next_dt)
    return accepted, size, next_dt


def _proposal(problem, options, loop, start, length):
    """The proposed step; at the start of a segment, from how fast the tendency moves y."""
    if options.dt0 is not None:
        return jnp.where(loop.dt > 0, loop.dt, jnp.minimum(options.dt0, length))

    def fresh():
        y = stop_derivatives(loop.y)
        args = stop_derivatives(problem.args_of(loop.segment))
        scale = options.atol + options.rtol * jnp.abs(y)
        slope = jnp.sqrt(jnp.mean((stop_derivatives(problem.f(start, y, args)) / scale) ** 2))
        size = jnp.sqrt(jnp.mean((y / scale) ** 2))
        is_usable = (size > 1e-5) & (slope > 1e-5) & jnp.isfinite(slope)
        guess = options.first * size / jnp.where(is_usable, slope, 1.0)
        guess = jnp.maximum(guess, 100.0 * options.dtmin)
        return jnp.minimum(jnp.where(is_usable, guess, _FIRST_GUESS), length)

    return jax.lax.cond(loop.dt > 0, lambda: loop.dt, fresh)
