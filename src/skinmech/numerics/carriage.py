"""Carriage of substances upwards by cells, second order in depth at any cell Peclet number.

In steady flow a parcel that leaves a cell's centre changes by the cell's own source until it
reaches the upper face. With exponential fitting the flux through a face above cell i is

    F = A_i c* − A_(i-1) c_(i-1),    c* = c + τ φ(τ κ) (p − κ c),    φ(x) = (1 − e^(−x))/x

where A are the fitted rates (`operators.exchange_rates`), p production, κ the rate of loss and of
dilution by new cells, and τ the time from centre to face. τ vanishes where mixing dominates, and
is half a cell over the velocity where carriage does: the complete flux scheme (ten Thije
Boonkkamp and Anthonissen 2011, J. Sci. Comput. 46, 47), its source here integrated along the path
so that c* ≥ 0 whenever c, p ≥ 0. A face takes at most half of what its cell makes, so that no
cell falls below zero. Only the value and the source next to a face enter: nodes two apart do not
meet.
"""

from typing import Any, NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from .grid import Depth1D
from .operators import Scalar, bernoulli, exchange_rates


class Carriage(NamedTuple):
    """What the upper faces of a layer's cells carry; made by `carriage`.

    Attributes:
        downward: Rate per value above each inner face, shape (n-1,) [length/time].
        upward: Rate per carried value at the upper face of every cell, shape (n,) [length/time].
        delay: τ, time from a cell's centre to its upper face, shape (n,) [time].
        dilution: Rate at which new cells dilute each cell, shape (n,) [1/time].
    """

    downward: Float[Array, "inner"]
    upward: Float[Array, "z"]
    delay: Float[Array, "z"]
    dilution: Float[Array, "z"]


def carriage(
    upward: Float[Array, "faces"],
    diffusivity: Array,
    thickness: Scalar,
    thickness_rate: Scalar,
    grid: Depth1D,
) -> Carriage:
    """Rates and delays of cells that move upwards relative to the mesh.

    Args:
        upward: Velocity relative to the mesh on all faces, positive towards the surface, shape
            (n+1,) [length/time]. Where it is negative the scheme is first order.
        diffusivity: Mixing of the cells, positive, shape () [length²/time].
        thickness: Layer thickness [length].
        thickness_rate: Its rate of change [length/time].
        grid: The layer's grid.
    """
    downward, inner = exchange_rates(-upward[1:-1], diffusivity, thickness, grid)
    distance = thickness * grid.gaps
    peclet = jnp.maximum(upward[1:-1], 0.0) * distance / diffusivity
    fitted = bernoulli(peclet)
    inner_delay = distance**2 / diffusivity * _weight(peclet, fitted) / (fitted + peclet)
    half = 0.5 * thickness * grid.widths[0]
    top_delay = (
        half**2 / diffusivity * _top_weight(jnp.maximum(upward[0], 0.0) * half / diffusivity)
    )
    stretching = -jnp.diff(upward) / (thickness * grid.widths) + thickness_rate / thickness
    return Carriage(
        downward,
        jnp.concatenate([upward[:1], inner]),
        jnp.concatenate([top_delay[None], inner_delay]),
        stretching,
    )


def _weight(peclet: Array, fitted: Array) -> Array:
    """1/2 − (1 − B(Pe))/Pe: the part of a source that a face carries beyond the fitted flux."""
    small = peclet < 1e-2
    safe = jnp.where(small, 1.0, peclet)
    return jnp.where(small, peclet / 12, 0.5 - (1.0 - fitted) / safe)


def _top_weight(peclet: Array) -> Array:
    """(1 − (1 − e^(−Pe))/Pe)/Pe, for a half cell below a face that nothing diffuses through."""
    small = peclet < 1e-2
    safe = jnp.where(small, 1.0, peclet)
    series = 0.5 - peclet / 6 + peclet**2 / 24
    return jnp.where(small, series, (1.0 + jnp.expm1(-safe) / safe) / safe)


def carried_values(
    c: Float[Array, "*species z"], moved: Carriage, production: Any = 0.0, loss: Any = 0.0
) -> Float[Array, "*species z"]:
    """c*, what passes the upper face of every cell, shape (..., n) [U]; [0] leaves the layer.

    Args:
        c: Cell values, shape (..., n) [U].
        moved: From `carriage`.
        production: Made per time, not negative, broadcastable to c [U/time].
        loss: Rate of loss, not negative, broadcastable to c [1/time].
    """
    gain = production + jnp.maximum(-moved.dilution, 0.0) * c
    rate = loss + jnp.maximum(moved.dilution, 0.0)
    x = moved.delay * rate
    return c + moved.delay / (bernoulli(x) + x) * (gain - rate * c)


def carried_upwards(
    c: Float[Array, "*species z"], moved: Carriage, production: Any = 0.0, loss: Any = 0.0
) -> Float[Array, "*species z"]:
    """Flux through the upper face of every cell, positive downwards, shape (..., n).

    Arguments as for `carried_values`.
    """
    upward = moved.upward * carried_values(c, moved, production, loss)
    below = moved.downward * c[..., :-1]
    return jnp.concatenate([-upward[..., :1], below - upward[..., 1:]], axis=-1)
