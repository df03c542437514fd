"""Step lengths."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from .loop import Loop, Options
from .step import ERROR_ORDER, Step
from .system import Where

_SAFETY, _SHRINK, _GROW = 0.9, 0.2, 6.0
_PROPORTIONAL, _INTEGRAL = 0.4 / ERROR_ORDER, 0.7 / ERROR_ORDER  # Gustafsson's PI control
_QUIET = 1e-9
QUIET_GROWTH = 1e4

Scalar = Float[Array, ""]


def first_step(
    options: Options, tendency: Callable[[Scalar, Array], Array], at: Where, rest: Scalar
) -> Scalar:
    """A first length over which nothing moves by more than a hundredth of itself.

    What starts at zero counts as large as the tolerance of the largest state.
    """
    t, y, rest = jax.lax.stop_gradient((at.t, at.y, rest))
    slope = jnp.abs(jax.lax.stop_gradient(tendency(t + 1e-14 * jnp.abs(t), y)))
    floor = options.rtol * jnp.max(jnp.abs(y)) + options.atol
    speed = jnp.max(slope / jnp.maximum(jnp.abs(y), floor))
    is_moving = (speed > 0) & jnp.isfinite(speed)
    span = jnp.where(jnp.isfinite(rest), rest, 1e-3)
    guess = jnp.minimum(0.01 / jnp.where(is_moving, speed, 1.0), span)
    guess = jnp.where(is_moving, guess, 1e-3 * span)
    return jnp.maximum(guess, 1e-13 * jnp.abs(t) + 1e-150)


def judge(
    options: Options, loop: Loop, taken: Step, tried: Scalar, wanted: Scalar
) -> tuple[Bool[Array, ""], Scalar, Scalar]:
    """Whether a step is accepted, its scaled error, and the length to try next."""
    y, taken, tried = jax.lax.stop_gradient((loop.at.y, taken, tried))
    scale = options.atol + options.rtol * jnp.maximum(jnp.abs(y), jnp.abs(taken.y1))
    size = jnp.sqrt(jnp.mean((taken.error / scale) ** 2))
    is_sound = jnp.isfinite(size)
    accepted = is_sound & (size <= 1.0)
    size = jnp.maximum(jnp.where(is_sound, size, 1.0), 1e-8)
    growth = jnp.clip(_SAFETY * size**-_INTEGRAL * loop.last_error**_PROPORTIONAL, _SHRINK, _GROW)
    cut = jnp.where(is_sound, _SAFETY * size ** (-1.0 / ERROR_ORDER), _SHRINK)
    h = tried * jnp.where(accepted, growth, jnp.clip(cut, _SHRINK, 0.9))
    # A step cut short by a stop must not shrink the next one.
    was_cut = accepted & (tried < 0.99 * wanted)
    return accepted, size, jnp.where(was_cut, jnp.maximum(h, wanted), h)


def quiet_from(
    options: Options, is_steady: Bool[Array, ""], loop: Loop, y1: Array, h: Scalar, elapsed: Scalar
) -> Scalar:
    """How long the period had run when things went quiet, 0 while something changes.

    Quiet is where going on as long as it has run already would change nothing. What still moves,
    moves by as much more as time goes on, so nothing that matters does once time has gone on by
    a large factor.
    """
    y0, y1, h, elapsed = jax.lax.stop_gradient((loop.at.y, y1, h, elapsed))
    scale = 100.0 * options.atol + _QUIET * jnp.abs(y1)
    change = jnp.abs(y1 - y0) * jnp.maximum(elapsed / h, 1.0)
    is_quiet = is_steady & jnp.all(change <= scale)
    return jnp.where(is_quiet, jnp.where(loop.quiet_from > 0, loop.quiet_from, elapsed), 0.0)
