"""Diffuse light in a stack of layers: two fluxes in each, joined by adding.

Kubelka and Munk's equations, dF↓/dz = −(K+S) F↓ + S F↑ and the reverse, with

    K = 2 μ_a,    S = (3/4) μ_s'

whose half space agrees with transport theory (van de Hulst's spherical albedo) to 0.008 at every
albedo from 0.5 to 1, and which become the pure filter e^(−2 μ_a d) where nothing scatters.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


class Slab(NamedTuple):
    """Reflectance and transmittance of a layer for diffuse light, shape (..., w)."""

    reflectance: Float[Array, "*layer w"]
    transmittance: Float[Array, "*layer w"]


def half_space(
    absorption: Float[Array, "*layer w"], scattering: Float[Array, "*layer w"]
) -> Float[Array, "*layer w"]:
    """Reflectance of an infinitely thick layer.

    Args:
        absorption: μ_a [1/cm].
        scattering: μ_s' [1/cm], positive.
    """
    ratio = 2.0 * absorption / (0.75 * scattering)
    return 1.0 / (1.0 + ratio + jnp.sqrt(ratio * (ratio + 2.0)))


def slab(
    absorption: Float[Array, "*layer w"],
    scattering: Float[Array, "*layer w"],
    thickness: Float[Array, "*layer"],
) -> Slab:
    """Reflectance and transmittance of a homogeneous layer.

    Args:
        absorption: μ_a [1/cm], positive.
        scattering: μ_s' [1/cm], positive.
        thickness: cm.
    """
    k, s = 2.0 * absorption, 0.75 * scattering
    decay = jnp.sqrt(k * (k + 2.0 * s))
    depth = decay * thickness[..., None]
    # sinh and cosh over e^depth, so that thick layers do not overflow.
    once, twice = jnp.exp(-depth), jnp.exp(-2.0 * depth)
    bottom = (k + s) * 0.5 * (1.0 - twice) + decay * 0.5 * (1.0 + twice)
    return Slab(s * 0.5 * (1.0 - twice) / bottom, decay * once / bottom)


def stack_reflectance(upper: Slab, below: Float[Array, "w"]) -> Float[Array, "w"]:
    """Reflectance of layers on a substrate, added from the lowest up.

    Args:
        upper: Layers from the surface down, shape (layer, w).
        below: Reflectance of what lies beneath, shape (w,).
    """

    def add(under: Array, layer: Slab) -> tuple[Array, None]:
        bounced = layer.transmittance**2 * under / (1.0 - layer.reflectance * under)
        return layer.reflectance + bounced, None

    return jax.lax.scan(add, below, upper, reverse=True)[0]


def through_surface(inside: Float[Array, "w"], index: Array) -> Float[Array, "w"]:
    """What leaves through a smooth surface of refractive index n, gloss left out.

    R = (1 − R_s)(1 − R_i) R_in / (1 − R_i R_in) (Saunderson), with R_s = ((n−1)/(n+1))² and R_i the
    internal reflection of diffuse light (Egan and Hilgeman's polynomial).
    """
    outside = ((index - 1.0) / (index + 1.0)) ** 2
    within = -1.4399 / index**2 + 0.7099 / index + 0.6681 + 0.0636 * index
    return (1.0 - outside) * (1.0 - within) * inside / (1.0 - within * inside)
