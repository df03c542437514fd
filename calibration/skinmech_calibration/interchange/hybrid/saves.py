"""Writing down the state at the times asked for."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from .loop import Loop, Plan, near
from .step import Step, between


def save_here(plan: Plan, loop: Loop, may: Bool[Array, ""]) -> Loop:
    """Write the point itself for every save that is due, if it may be."""
    num = plan.save_times.shape[0]
    if num == 0:
        return loop

    def is_due(carry):
        cursor = jnp.minimum(carry[0], num - 1)
        is_now = plan.save_times[cursor] <= loop.at.t + near(loop.at.t)
        is_now = is_now | plan.is_steady[loop.period]
        return may & (carry[0] < num) & (plan.save_periods[cursor] == loop.period) & is_now

    def write(carry):
        cursor, ys, ds = carry
        return cursor + 1, ys.at[cursor].set(loop.at.y), ds.at[cursor].set(loop.at.d)

    cursor, ys, ds = jax.lax.while_loop(is_due, write, (loop.cursor, loop.ys, loop.ds))
    return loop._replace(cursor=cursor, ys=ys, ds=ds)


def save_inside(
    plan: Plan, loop: Loop, taken: Step, end: Float[Array, ""], h: Float[Array, ""]
) -> Loop:
    """Write what lies strictly inside a step."""
    num = plan.save_times.shape[0]
    if num == 0:
        return loop

    def is_due(carry):
        cursor = jnp.minimum(carry[0], num - 1)
        is_mine = (plan.save_periods[cursor] == loop.period) & ~plan.is_steady[loop.period]
        return (carry[0] < num) & is_mine & (plan.save_times[cursor] < end - near(end))

    def write(carry):
        cursor, ys = carry
        fraction = (plan.save_times[cursor] - loop.at.t) / h
        return cursor + 1, ys.at[cursor].set(between(fraction, loop.at.y, taken))

    cursor, ys = jax.lax.while_loop(is_due, write, (loop.cursor, loop.ys))
    rows = jnp.arange(num)
    is_new = (rows >= loop.cursor) & (rows < cursor)
    ds = jnp.where(is_new[:, None], loop.at.d[None], loop.ds)
    return loop._replace(cursor=cursor, ys=ys, ds=ds)
