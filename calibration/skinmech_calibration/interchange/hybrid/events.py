"""Events at one instant: which fire, in which order, and what they assign (SBML L3V2, 4.11)."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from .system import System, Where

_MOST_PER_EVENT = 64


class Fired(NamedTuple):
    """What became of one instant.

    Attributes:
        at: The point after all events.
        triggers: Their triggers there.
        num_fired: How many fired.
        is_endless: Whether events kept firing each other.
    """

    at: Where
    triggers: Bool[Array, " event"]
    num_fired: Int[Array, ""]
    is_endless: Bool[Array, ""]


class _Loop(NamedTuple):
    y: Array
    d: Array
    before: Array
    due: Array
    values: Array
    num_fired: Array


def fire(system: System, at: Where, before: Bool[Array, " event"]) -> Fired:
    """Fire every event whose trigger has become true, and those that these cause.

    Args:
        system: The model.
        at: The point.
        before: The triggers just before it.
    """
    num = system.num_events
    if num == 0:
        never = jnp.asarray(False)
        return Fired(at, before, jnp.asarray(0), never)
    mask = jnp.asarray(np.array(system.event_mask, bool).reshape(num, -1))
    persistent = np.array(system.persistent)
    uses_trigger = np.array(system.uses_trigger_values)
    most = _MOST_PER_EVENT * num

    def point(loop: _Loop) -> Where:
        return at._replace(y=loop.y, d=loop.d)

    def notice(loop: _Loop) -> _Loop:
        """See which triggers have become true, and note what they would assign."""
        here = point(loop)
        now = system.call("triggers", here)
        rising = now & ~loop.before
        fresh = system.call("event_values", here).reshape(mask.shape)
        due = (loop.due | rising) & (now | persistent)
        values = jnp.where(rising[:, None], fresh, loop.values)
        return loop._replace(before=now, due=due, values=values)

    def execute(loop: _Loop) -> _Loop:
        here = point(loop)
        order = jnp.where(loop.due, system.call("priorities", here), -jnp.inf)
        order = jnp.where(loop.due & jnp.isneginf(order), -1e300, order)
        chosen = jnp.argmax(order)
        fresh = system.call("event_values", here).reshape(mask.shape)[chosen]
        value = jnp.where(jnp.asarray(uses_trigger)[chosen], loop.values[chosen], fresh)
        y, d = system.call("assign_event", here, mask[chosen], value)
        due = loop.due.at[chosen].set(False)
        return notice(loop._replace(y=y, d=d, due=due, num_fired=loop.num_fired + 1))

    start = _Loop(
        y=at.y, d=at.d, before=before, due=jnp.zeros(num, bool),
        values=jnp.zeros(mask.shape), num_fired=jnp.asarray(0),
    )  # fmt: skip
    loop = jax.lax.while_loop(
        lambda loop: jnp.any(loop.due) & (loop.num_fired < most), execute, notice(start)
    )
    return Fired(point(loop), loop.before, loop.num_fired, jnp.any(loop.due))


def next_stop(system: System, at: Where) -> Float[Array, ""]:
    """The next time at which a comparison or rounding of time alone may change; inf if none.

    Each is followed along its slope, which is exact where it is linear in time between jumps; a
    stop too many does no harm. The time carries its derivatives.
    """
    if system.num_clocks == 0:
        return jnp.asarray(jnp.inf)
    ahead = jax.lax.stop_gradient(1e-14 * jnp.abs(at.t))
    t = at.t + ahead

    def clocks(time):
        return system.call("clocks", at._replace(t=time))

    (gap, jump), (gap_slope, jump_slope) = jax.jvp(clocks, (t,), (jnp.ones_like(t),))
    down, up = jnp.floor(jump), jnp.ceil(jump)
    up, down = jnp.where(up == jump, jump + 1, up), jnp.where(down == jump, jump - 1, down)
    jump_gap = jump - jax.lax.stop_gradient(jnp.where(jump_slope > 0, up, down))
    gaps = jnp.concatenate([gap, jump_gap])
    slopes = jnp.concatenate([gap_slope, jump_slope])
    is_moving = (slopes != 0) & jnp.isfinite(gaps) & jnp.isfinite(slopes)
    when = t - jnp.where(is_moving, gaps, 0.0) / jnp.where(is_moving, slopes, 1.0)
    is_ahead = is_moving & (when > t + 2 * ahead) & jnp.isfinite(when)
    when = jnp.where(is_ahead, when, jnp.inf)
    return when[jnp.argmin(when)]
