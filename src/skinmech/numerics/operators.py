"""Conservative operators on a layer of moving thickness.

A field c [amount/volume] in a layer of thickness h(t), in the mapped coordinate ζ, obeys

    ∂c/∂t = −(1/h) ∂F/∂ζ − c (dh/dt)/h + R,      F = u c − (D/h) ∂c/∂ζ

where u is the velocity of the material relative to the mapped mesh, positive towards the
dermis. The sum of c h Δζ changes only by the boundary fluxes and R: mass is conserved to
rounding, whatever the thickness does.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

from .grid import Depth1D

Scalar = Float[Array, ""]


def bernoulli(x: Array) -> Array:
    """B(x) = x / (eˣ − 1), smooth through zero, with finite derivatives everywhere."""
    small = jnp.abs(x) < 1e-2
    safe = jnp.where(small, 1.0, jnp.minimum(x, 300.0))
    series = 1.0 - x / 2 + x**2 / 12 - x**4 / 720
    return jnp.where(small, series, safe / jnp.expm1(safe))


def exchange_rates(
    velocity: Float[Array, "inner"] | float,
    diffusivity: Array,
    thickness: Scalar,
    grid: Depth1D,
) -> tuple[Array, Array]:
    """What each inner face carries down per value above it, and up per value below it.

    (D/d) B(−Pe) and (D/d) B(Pe), Pe = u d / D, d the distance of the centres: exponential
    fitting, second order where cells are small against D/u, upwind where they are not, and never
    the source of a negative value (Scharfetter and Gummel 1969).

    Args:
        velocity: Relative velocity on inner faces, positive towards the dermis, shape (n-1,).
        diffusivity: [length²/time], broadcastable to (..., n-1); must be positive.
        thickness: Layer thickness [length].
        grid: The layer's grid.

    Returns:
        Two arrays [length/time], broadcast shape (..., n-1).
    """
    conductance = diffusivity / (thickness * grid.gaps)
    peclet = velocity / conductance
    backward = conductance * bernoulli(peclet)
    return backward + velocity, backward  # B(−x) = B(x) + x


def transport_flux(
    c: Float[Array, "*species z"],
    velocity: Float[Array, "inner"] | float,
    diffusivity: Array,
    thickness: Scalar,
    grid: Depth1D,
) -> Float[Array, "*species inner"]:
    """Advective-diffusive flux on the inner faces [U·length/time], positive downwards.

    Args:
        c: Cell values, depth on the last axis, shape (..., n) [U].
        velocity, diffusivity, thickness, grid: See `exchange_rates`.
    """
    forward, backward = exchange_rates(velocity, diffusivity, thickness, grid)
    return forward * c[..., :-1] - backward * c[..., 1:]


def diffusive_flux(
    c: Float[Array, "*species z"], diffusivity: Array, thickness: Scalar, grid: Depth1D
) -> Float[Array, "*species inner"]:
    """Flux −D ∂c/∂z on the inner faces, shape (..., n-1), positive towards the dermis."""
    return -diffusivity * jnp.diff(c, axis=-1) / (thickness * grid.gaps)


def with_boundary(
    top: Array, inner: Float[Array, "*species inner"], bottom: Array
) -> Float[Array, "*species faces"]:
    """Join the fluxes through the upper face, the inner faces and the lower face."""
    shape = inner.shape[:-1]
    first = jnp.broadcast_to(jnp.asarray(top), shape)[..., None]
    last = jnp.broadcast_to(jnp.asarray(bottom), shape)[..., None]
    return jnp.concatenate([first, inner, last], axis=-1)


def with_bottom(upper: Float[Array, "*species z"], bottom: Array) -> Float[Array, "*species faces"]:
    """Join the fluxes through the upper face of every cell and the layer's lower face."""
    last = jnp.broadcast_to(jnp.asarray(bottom), upper.shape[:-1])[..., None]
    return jnp.concatenate([upper, last], axis=-1)


def accumulation(
    c: Float[Array, "*species z"],
    flux: Float[Array, "*species faces"],
    thickness: Scalar,
    thickness_rate: Scalar | float,
    grid: Depth1D,
) -> Float[Array, "*species z"]:
    """∂c/∂t from the face fluxes and the stretching of the layer, shape (..., n)."""
    return -jnp.diff(flux, axis=-1) / (thickness * grid.widths) - c * thickness_rate / thickness


def at_lower_face(c: Float[Array, "*species z"]) -> Array:
    """Value at the layer's lower face, extrapolated from two cells of equal width, shape (...).

    Held above a fifth of the cell's value, so that a positive field stays positive.
    """
    return jnp.maximum(1.5 * c[..., -1] - 0.5 * c[..., -2], 0.2 * c[..., -1])


def content(c: Float[Array, "*species z"], thickness: Scalar, grid: Depth1D) -> Array:
    """Amount per area, Σ c h Δζ [U·length]."""
    return thickness * jnp.sum(c * grid.widths, axis=-1)


def remove_top(
    c: Float[Array, "*species z"], fraction: Scalar, grid: Depth1D
) -> Float[Array, "*species z"]:
    """Cell values after the top `fraction` of the layer was taken off and the rest re-mapped.

    Piecewise-constant conservative remapping: the content that stays is kept exactly. The new
    thickness is (1 − fraction) of the old.

    Args:
        c: Cell values, shape (..., n).
        fraction: Removed part of the thickness, 0 to below 1.
        grid: The layer's grid.
    """
    new_faces = fraction + (1.0 - fraction) * grid.faces
    upper = jnp.maximum(new_faces[:-1, None], grid.faces[None, :-1])
    lower = jnp.minimum(new_faces[1:, None], grid.faces[None, 1:])
    overlap = jnp.maximum(lower - upper, 0.0)
    weights = overlap / jnp.sum(overlap, axis=1, keepdims=True)
    return jnp.einsum("ij,...j->...i", weights, c)
