"""Likelihood of readings under PEtab's noise distributions, row by row."""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

_LN10 = float(np.log(10.0))


class Readings(NamedTuple):
    """Readings and their noise models.

    Attributes:
        value: What was read.
        is_laplace: Noise Laplace, else normal.
        is_log: Noise on the natural logarithm.
        is_log10: Noise on the decimal logarithm.
    """

    value: Float[np.ndarray, " row"]
    is_laplace: Bool[np.ndarray, " row"]
    is_log: Bool[np.ndarray, " row"]
    is_log10: Bool[np.ndarray, " row"]

    def on_scale(self, x: Array | np.ndarray) -> Array:
        """Values on the scale on which noise is added."""
        on_log = self.is_log | self.is_log10
        log = jnp.log(jnp.where(on_log, x, 1.0))
        return jnp.where(on_log, jnp.where(self.is_log10, log / _LN10, log), x)

    def residuals(
        self, simulated: Array | np.ndarray, sigma: Array | np.ndarray
    ) -> Float[Array, " row"]:
        """(simulated - read) / σ on the scale of the noise."""
        return (self.on_scale(simulated) - self.on_scale(self.value)) / sigma

    def log_likelihood(
        self, simulated: Array | np.ndarray, sigma: Array | np.ndarray
    ) -> Float[Array, " row"]:
        """Log density of every reading."""
        r = self.residuals(simulated, sigma)
        shape = jnp.where(
            self.is_laplace,
            -jnp.abs(r) - jnp.log(2.0 * sigma),
            -0.5 * r**2 - 0.5 * jnp.log(2.0 * jnp.pi * sigma**2),
        )
        on_log = self.is_log | self.is_log10
        jacobian = np.where(on_log, np.log(np.where(on_log, self.value, 1.0)), 0.0)
        return shape - jacobian - np.where(self.is_log10, np.log(_LN10), 0.0)
