"""What is read off a plane: the area that has its pigment back."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .plane import Course, PlaneState

Field = Float[Array, "y x"]


def lesion_of(start: PlaneState) -> Field:
    """How much each place is lesion at the start, 0 to 1: the share of pigment missing."""
    return jnp.clip(1.0 - start.melanin, 0.0, 1.0)


def vasi_change(course: Course) -> Float[Array, "time"]:
    """VASI-like score over its start: lesion's area weighed by depigmentation, shape (time,).

    VASI sums area times the share of pigment missing; one here at the start, 0 when all is back.
    Differentiable.
    """
    missing = jnp.clip(1.0 - course.state.melanin, 0.0, 1.0)
    total = jnp.sum(missing, axis=(1, 2))
    return total / total[0]


def repigmented_area(course: Course, share: float = 0.5) -> Float[Array, "time"]:
    """Part of the lesion's area at the start with at least `share` of its pigment, shape (time,).

    The edge is smooth over a tenth of the pigment, so that it is differentiable.
    """
    lesion = lesion_of(jax.tree.map(lambda field: field[0], course.state)) > 0.5
    back = jax.nn.sigmoid((course.state.melanin - share) / 0.025)
    return jnp.sum(back * lesion, axis=(1, 2)) / jnp.maximum(jnp.sum(lesion), 1)
