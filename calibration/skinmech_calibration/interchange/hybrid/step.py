"""One step of Rodas5P with a dense Jacobian, for forward derivatives in many directions.

The tableau is that of `skinmech.numerics.rodas5p`, whose own step is for chains. Models of other
people are small, coupled anywhere and often conserve something, so the matrix is dense, is
eliminated with row exchanges, and every solve is refined once.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from skinmech.numerics import rodas5p as tableau

ERROR_ORDER = tableau.ERROR_ORDER
_STAGES = np.stack([tableau._A, tableau._C], axis=1)
_TIMES, _SLOPES = tableau._TIMES, tableau._D
_RESULT, _DENSE, _GAMMA = tableau._B, tableau._H, tableau._GAMMA
_INSIDE, _ROUNDING = 1e-10, 1e-14

Tendency = Callable[[Float[Array, ""], Float[Array, " state"]], Float[Array, " state"]]


class Step(NamedTuple):
    """One attempted step: where it ends, its error, and what `between` needs."""

    y1: Float[Array, " state"]
    error: Float[Array, " state"]
    dense: Float[Array, "3 state"]


def step(
    tendency: Tendency, t: Float[Array, ""], h: Float[Array, ""], y: Float[Array, " state"]
) -> Step:
    """From t to t + h.

    A tendency may jump at either end, so it is only ever called strictly inside.
    """
    margin = jax.lax.stop_gradient(jnp.minimum(_INSIDE * h + _ROUNDING * jnp.abs(t), 0.25 * h))

    def inside(time, state):
        return tendency(t + margin + (time - t) * (1.0 - 2.0 * margin / h), state)

    shift = 1.0 / (_GAMMA * h)
    frozen_t, frozen_y = jax.lax.stop_gradient((t, y))
    jacobian = jax.jacfwd(lambda state: inside(frozen_t, state))(frozen_y)
    matrix = jax.lax.stop_gradient(shift * jnp.eye(y.size) - jacobian)
    inverse = jnp.linalg.inv(matrix)

    def operator(v):
        return v * shift - jax.jvp(lambda state: inside(t, state), (y,), (v,))[1]

    def solve(_, b):
        x = inverse @ b
        return x + inverse @ (b - matrix @ x)

    slope = jax.jvp(lambda time: inside(time, y), (t,), (jnp.ones_like(t),))[1]

    def stage(i, k):
        move, pull = jnp.asarray(_STAGES)[i] @ k
        right = inside(t + jnp.asarray(_TIMES)[i] * h, y + move)
        right = right + pull / h + (h * jnp.asarray(_SLOPES)[i]) * slope
        return k.at[i].set(jax.lax.custom_linear_solve(operator, right, solve=solve))

    k = jax.lax.fori_loop(0, 8, stage, jnp.zeros((8, y.size), y.dtype))
    return Step(y + jnp.asarray(_RESULT) @ k, k[7], jnp.asarray(_DENSE) @ k)


def between(
    fraction: Float[Array, ""], y0: Float[Array, " state"], taken: Step
) -> Float[Array, " state"]:
    """The state inside a step, at a fraction of it in [0, 1]."""
    return tableau.interpolate(fraction, y0, taken.y1, taken.dense)
