"""The way through time: steps, stops, events and periods in one compiled loop.

Derivatives are forward ones. Free step lengths are frozen under them; a step that ends on a stop
carries the derivative of the stop's time, and a stop found from the state is moved along the flow
by the implicit function theorem, so that derivatives across events are those of the solution.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from skinmech.numerics import Status
from skinmech.numerics.trees import stop_derivatives

from .control import QUIET_GROWTH, first_step, judge, quiet_from
from .events import Fired, fire, next_stop
from .loop import LEAVE, SETTLE, STEP, Loop, Options, Plan, near
from .saves import save_here, save_inside
from .step import step
from .surface import first_change, has_changed, onto_surface
from .system import System


class Run(NamedTuple):
    """What a run returns.

    Attributes:
        y: Continuous states at the saves.
        d: Discrete states at the saves.
        c: Constants.
        status: A `Status` code.
        time: Time reached.
        period: Period reached.
        num_steps: Attempted steps.
    """

    y: Float[Array, "save continuous"]
    d: Float[Array, "save discrete"]
    c: Float[Array, " constant"]
    status: Int[Array, ""]
    time: Float[Array, ""]
    period: Int[Array, ""]
    num_steps: Int[Array, ""]


def run(system: System, options: Options, plan: Plan, mask: Array, value: Array, p: Array) -> Run:
    """Simulate one plan.

    Args:
        system: The model.
        options: Accuracy and limits.
        plan: Periods and saves.
        mask: Which entities are overridden at the start, one truth an entity.
        value: What they are overridden with.
        p: Parameters from outside the model.
    """
    start = system.initial(plan.starts[0], mask, value, p)
    num_saves = plan.save_times.shape[0]
    zero, none = jnp.asarray(0), jnp.asarray(0.0)
    loop = Loop(
        at=start, stage=jnp.asarray(SETTLE), period=zero,
        triggers=jnp.array(system.initial_triggers, bool),
        switches=jnp.zeros(system.num_switches, bool), h=jnp.asarray(-1.0), pinned=none,
        last_error=jnp.asarray(1.0), quiet_from=none, is_settled=jnp.asarray(False),
        is_short=jnp.asarray(False), cursor=zero,
        ys=jnp.full((num_saves, start.y.size), jnp.nan),
        ds=jnp.full((num_saves, start.d.size), jnp.nan), num_steps=zero, num_switched=zero,
        status=jnp.asarray(int(Status.OK)),
    )  # fmt: skip
    turns = (
        lambda now: _settle(system, plan, now),
        lambda now: _advance(system, options, plan, now),
        lambda now: _leave(system, plan, now),
    )
    loop = jax.lax.while_loop(
        lambda now: (now.status == Status.OK) & (now.period < plan.num_periods),
        lambda now: jax.lax.switch(now.stage, turns, now),
        loop,
    )
    return Run(loop.ys, loop.ds, start.c, loop.status, loop.at.t, loop.period, loop.num_steps)


def _settle(system: System, plan: Plan, loop: Loop) -> Loop:
    """Events and saves at the point, and whether the period ends here.

    Where another timed period follows, this one ends just before its last instant: the changes
    of the next come first, then events, then saves (PEtab 2, semantics of re-initialisation).
    """
    k = loop.period
    at_end = ~plan.is_steady[k] & (loop.at.t >= plan.ends[k] - near(plan.ends[k]))
    following = jnp.minimum(k + 1, plan.starts.shape[0] - 1)
    is_handed_on = at_end & (k + 1 < plan.num_periods) & ~plan.is_steady[following]
    fired = fire(system, loop.at, loop.triggers)
    fired = jax.tree.map(
        lambda old, new: jnp.where(is_handed_on, old, new),
        Fired(loop.at, loop.triggers, jnp.zeros_like(fired.num_fired), jnp.asarray(False)),
        fired,
    )
    at, has_fired = fired.at, fired.num_fired > 0
    is_finite = jnp.all(jnp.isfinite(at.y)) & ~jnp.any(jnp.isnan(at.d)) & ~fired.is_endless
    is_settled = loop.is_settled & ~has_fired
    loop = loop._replace(
        at=at,
        stage=jnp.where(at_end | is_settled, LEAVE, STEP),
        triggers=fired.triggers,
        switches=system.call("switches", at),
        h=jnp.where(has_fired, -1.0, loop.h),
        quiet_from=jnp.where(has_fired, 0.0, loop.quiet_from),
        is_settled=jnp.asarray(False),
        status=jnp.where(is_finite, loop.status, Status.NONFINITE),
    )
    # What is to be saved at the time of a change is saved after it.
    waits = is_handed_on | (loop.is_short & ~at_end)
    return save_here(plan, loop, is_settled | (~plan.is_steady[k] & ~waits))


def _leave(system: System, plan: Plan, loop: Loop) -> Loop:
    """Go on to the next period and apply its changes, or past the last one."""
    k = loop.period + 1
    row = jnp.minimum(k, plan.starts.shape[0] - 1)
    at = loop.at._replace(t=jnp.where(k < plan.num_periods, plan.starts[row], loop.at.t))
    if plan.change_mask.shape[1]:
        mask = plan.change_mask[row] & (k < plan.num_periods)
        values = system.call("changes", at)[plan.change_index[row]]
        y, d = system.call("assign_condition", at, mask, values)
        at = at._replace(y=y, d=d)
    return loop._replace(
        at=at, stage=jnp.asarray(SETTLE), period=k, h=jnp.asarray(-1.0),
        last_error=jnp.asarray(1.0), quiet_from=jnp.asarray(0.0),
    )  # fmt: skip


def _advance(system: System, options: Options, plan: Plan, loop: Loop) -> Loop:
    """Try one step.

    It is taken if it is accurate and nothing changes inside; else the next turn tries a shorter
    one, in the second case the one that ends on the change.
    """
    at, k = loop.at, loop.period

    def tendency(t, y):
        return system.call("tendency", at._replace(t=t, y=y))

    end = jnp.where(plan.is_steady[k], jnp.inf, plan.ends[k])
    stop = next_stop(system, at)
    limit = jnp.where(stop < end, stop, end)
    rest = limit - at.t
    h = jnp.where(loop.h > 0, loop.h, first_step(options, tendency, at, rest))
    is_pinned = loop.pinned > 0
    is_last = (h >= 0.999 * rest) & ~is_pinned
    free = jnp.where(h > 0.5 * rest, 0.5 * rest, h)
    free = jax.lax.stop_gradient(jnp.where(is_pinned, loop.pinned, free))
    tried = jnp.where(is_last, rest, free)
    taken = step(tendency, at.t, tried, at.y)
    accepted, size, next_h = judge(options, loop, taken, tried, h)
    t1 = jnp.where(is_last, limit, at.t + tried)

    changed, fraction = first_change(system, stop_derivatives(loop), *stop_derivatives((taken, t1)))
    is_cut = accepted & changed & ~is_pinned & (fraction < 1.0)
    takes = accepted & ~is_cut
    shortest = 4e-16 * jnp.abs(at.t) + 1e-200
    status = jnp.where(~accepted & (next_h < shortest), Status.DT_MIN, loop.status)
    is_spent = (status == Status.OK) & (loop.num_steps + 1 >= options.max_steps)
    next_loop = loop._replace(
        h=jnp.where(is_cut, h, next_h),
        pinned=jnp.where(is_cut, jax.lax.stop_gradient(tried) * fraction, 0.0),
        num_steps=loop.num_steps + 1,
        num_switched=loop.num_switched + is_cut,
        last_error=jnp.where(takes, size, loop.last_error),
        status=jnp.where(is_spent, Status.MAX_STEPS, status),
    )

    def take() -> Loop:
        y1, t_end = onto_surface(system, loop, taken, t1, is_pinned | changed)
        elapsed = t_end - plan.starts[k]
        quiet = quiet_from(options, plan.is_steady[k], loop, y1, tried, elapsed)
        is_settled = (quiet > 0) & (jax.lax.stop_gradient(elapsed) > QUIET_GROWTH * quiet)
        saved = save_inside(plan, next_loop, taken, t1, tried)
        saved = saved._replace(at=at._replace(t=t_end, y=y1))
        return saved._replace(
            stage=jnp.asarray(SETTLE), quiet_from=quiet,
            is_settled=is_settled, is_short=is_pinned & ~has_changed(system, loop, saved.at),
        )  # fmt: skip

    return jax.lax.cond(takes, take, lambda: next_loop)
