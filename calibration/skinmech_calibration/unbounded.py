"""From a box to the whole space, and to the scale of the posterior: what a sampler walks in.

A coordinate between finite bounds is low + (high - low)/(1 + e^-u); one with a single bound moves
away from it by e^u; the others are themselves. Then u = m + L x with L Lᵀ the covariance of the
normal approximation, so that x is about standard normal.
"""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .objective import AbstractObjective

_INSIDE = 1e-3  # of the box, that the centre keeps from a bound


@dataclasses.dataclass(frozen=True)
class Unbounded:
    """A map from x to coordinates z.

    Attributes:
        low: Lower bounds.
        high: Upper bounds.
        centre: m, shape (free,).
        root: L, shape (free, free).
    """

    low: np.ndarray
    high: np.ndarray
    centre: np.ndarray
    root: np.ndarray

    def to_box(self, x: Float[Array, " free"]) -> tuple[Float[Array, " free"], Float[Array, ""]]:
        """Coordinates, and log|dz/du|."""
        return _boxed(jnp.asarray(self.centre) + jnp.asarray(self.root) @ x, self.low, self.high)


def unbounded(objective: AbstractObjective, z: np.ndarray) -> Unbounded:
    """The map for an objective, centred at a point, scaled by the curvature there."""
    low, high = objective.bounds
    both = np.isfinite(low) & np.isfinite(high)
    width = np.where(both, high - low, 1.0)
    inner = np.clip(z, np.where(both, low + _INSIDE * width, low + 1e-9),
                    np.where(both, high - _INSIDE * width, high - 1e-9))  # fmt: skip
    with np.errstate(all="ignore"):
        share = (inner - np.where(both, low, 0.0)) / width
        u = np.where(both, np.log(share) - np.log1p(-share), inner)
        u = np.where(np.isfinite(low) & ~both, np.log(inner - low), u)
        u = np.where(np.isfinite(high) & ~both, -np.log(high - inner), u)
    slope = np.asarray(
        jax.jvp(lambda v: _boxed(v, low, high)[0], (jnp.asarray(u),), (jnp.ones_like(u),))[1]
    )
    found = objective.evaluate(inner)
    size = len(u)
    hessian = np.zeros((size, size)) if found.hessian is None else found.hessian
    # The stretch's own curvature, 2s(1 - s), keeps what the data leave open at the box's width.
    own = np.where(both, 2.0 * slope / width, 0.0)
    precision = hessian * np.outer(slope, slope) + np.diag(np.maximum(own, 1e-6))
    values, vectors = np.linalg.eigh(precision)
    return Unbounded(low, high, u, (vectors / np.sqrt(values)) @ vectors.T)


def _boxed(u: Array, low: np.ndarray, high: np.ndarray) -> tuple[Array, Array]:
    both = np.isfinite(low) & np.isfinite(high)
    below, above = np.isfinite(low) & ~both, np.isfinite(high) & ~both
    least, width = np.where(both, low, 0.0), np.where(both, high - low, 1.0)
    s = jax.nn.sigmoid(u)
    grown = jnp.exp(jnp.where(below, u, jnp.where(above, -u, 0.0)))
    z = jnp.where(both, least + width * s, u)
    z = jnp.where(below, np.where(below, low, 0.0) + grown, z)
    z = jnp.where(above, np.where(above, high, 0.0) - grown, z)
    stretch = jnp.where(both, np.log(width) + jax.nn.log_sigmoid(u) + jax.nn.log_sigmoid(-u), 0.0)
    stretch = jnp.where(below, u, jnp.where(above, -u, stretch))
    return z, jnp.sum(stretch)
