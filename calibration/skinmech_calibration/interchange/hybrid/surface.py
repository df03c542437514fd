"""Where inside a step something changes, and the derivative of that place."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from .loop import Loop
from .step import Step, between
from .system import System, Where

_LOOKS = 8  # places inside a step at which triggers are looked at
_BISECTIONS = 55
_MOST_SWITCHES = 200  # stops at jumps of the tendency; past them its error control has to do
_JUST_BEFORE = 1.0 - 1e-7


def first_change(
    system: System, loop: Loop, taken: Step, end: Float[Array, ""]
) -> tuple[Bool[Array, ""], Float[Array, ""]]:
    """Whether a trigger or a switch changes inside a step, and the fraction where it first does.

    The truths themselves are bisected, so that any formula may stand in a trigger.
    """
    if system.num_switches + system.num_events == 0:
        return jnp.asarray(False), jnp.asarray(1.0)
    at = loop.at

    def differs(fraction):
        t = jnp.where(fraction == 1.0, end, at.t + fraction * (end - at.t))
        return has_changed(system, loop, at._replace(t=t, y=between(fraction, at.y, taken)))

    looks = jnp.arange(1, _LOOKS + 1) / _LOOKS
    seen = jax.lax.map(differs, looks)
    high = looks[jnp.argmax(seen)]

    def halve(_, bracket):
        low, high = bracket
        middle = 0.5 * (low + high)
        changed = differs(middle)
        return jnp.where(changed, low, middle), jnp.where(changed, middle, high)

    times = jnp.where(jnp.any(seen), _BISECTIONS, 0)
    _, high = jax.lax.fori_loop(0, times, halve, (high - 1.0 / _LOOKS, high))
    least = 4.0 * jnp.finfo(float).eps * jnp.abs(at.t) / jnp.maximum(end - at.t, 1e-300)
    return jnp.any(seen), jnp.clip(high, least, 1.0)


def has_changed(system: System, loop: Loop, at: Where) -> Bool[Array, ""]:
    """Whether a trigger or a switch is other than when last looked at."""
    changed = jnp.any(system.call("triggers", at) != loop.triggers)
    switched = jnp.any(system.call("switches", at) != loop.switches)
    return changed | ((loop.num_switched < _MOST_SWITCHES) & switched)


def onto_surface(
    system: System, loop: Loop, taken: Step, end: Float[Array, ""], is_stop: Bool[Array, ""]
) -> tuple[Float[Array, " state"], Float[Array, ""]]:
    """Give the end of a step that stops at a change the derivative of that change.

    The comparison's gap g is zero there for all parameters, so the time moves by -dg/(dg/dt) and
    the state by the flow times that. Values stay as they are. Of several comparisons that differ
    from the start of the step the one nearest to its zero is meant.
    """
    if system.num_leaves == 0:
        return taken.y1, end
    at = loop.at
    just = jnp.asarray(_JUST_BEFORE)
    before = at._replace(t=at.t + just * (end - at.t), y=between(just, at.y, taken))
    # The flow is that of before the change. A step of the length of rounding has no inside.
    is_beyond = jnp.any(system.call("switches", before) != loop.switches)
    before = jax.tree.map(lambda a, b: jnp.where(is_beyond, a, b), at, before)
    flow = system.call("tendency", before)
    there = at._replace(t=end, y=taken.y1)
    earlier, _ = system.call("leaves", at)

    def along(shift):
        truth, gap = system.call("leaves", there._replace(t=end + shift, y=there.y + shift * flow))
        return gap, truth

    gap, slope, truth = jax.jvp(along, (jnp.zeros(()),), (jnp.ones(()),), has_aux=True)
    value, slope = jax.lax.stop_gradient((gap, slope))
    crossed = (truth != earlier) & (slope != 0) & jnp.isfinite(slope)
    distance = jnp.where(crossed, jnp.abs(value / jnp.where(crossed, slope, 1.0)), jnp.inf)
    chosen = jnp.argmin(distance)
    is_usable = is_stop & crossed[chosen]
    shift = -(gap - value)[chosen] / jnp.where(is_usable, slope[chosen], 1.0)
    shift = jnp.where(is_usable, shift, 0.0)
    return taken.y1 + shift * flow, end + shift
