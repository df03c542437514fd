"""From a reflectance spectrum to CIE colour: daylight D65, the 2 and the 10 degree observer."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .chromophores import WAVELENGTHS

OBSERVERS = ("2", "10")
"""CIE 1931 (2 degrees) and CIE 1964 (10 degrees)."""

# Relative power of CIE standard illuminant D65 at WAVELENGTHS (ISO 11664-2, every second value).
D65 = np.array([
    49.98, 54.65, 82.75, 91.49, 93.43, 86.68, 104.87, 117.01, 117.81, 114.86, 115.92, 108.81,
    109.35, 107.80, 104.79, 107.69, 104.41, 104.05, 100.00, 96.33, 95.79, 88.69, 90.01, 89.60,
    87.70, 83.29, 83.70, 80.03, 80.21, 82.28, 78.28, 69.72, 71.61, 74.35, 61.60, 69.89, 75.09,
    63.59, 46.42, 66.81, 63.38,
])  # fmt: skip


def _lobe(x: np.ndarray, mean: float, below: float, above: float) -> np.ndarray:
    return np.exp(-0.5 * ((x - mean) / np.where(x < mean, below, above)) ** 2)


def matching_functions(observer: str, x: np.ndarray = WAVELENGTHS) -> np.ndarray:
    """Colour matching functions by the analytic fits of Wyman, Sloan and Shirley (2013).

    Args:
        observer: `"2"` or `"10"`.
        x: Wavelengths [nm], shape (w,).

    Returns:
        Shape (3, w).

    Raises:
        ValueError: another observer.
    """
    if observer == "2":
        red = (
            1.056 * _lobe(x, 599.8, 37.9, 31.0)
            + 0.362 * _lobe(x, 442.0, 16.0, 26.7)
            - 0.065 * _lobe(x, 501.1, 20.4, 26.2)
        )
        green = 0.821 * _lobe(x, 568.8, 46.9, 40.5) + 0.286 * _lobe(x, 530.9, 16.3, 31.1)
        blue = 1.217 * _lobe(x, 437.0, 11.8, 36.0) + 0.681 * _lobe(x, 459.0, 26.0, 13.8)
        return np.stack([red, green, blue])
    if observer == "10":
        red = 0.398 * np.exp(-1250.0 * np.log((x + 570.1) / 1014.0) ** 2) + 1.132 * np.exp(
            -234.0 * np.log((1338.0 - x) / 743.5) ** 2
        )
        green = 1.011 * np.exp(-0.5 * ((x - 556.1) / 46.14) ** 2)
        blue = 2.060 * np.exp(-32.0 * np.log((x - 265.8) / 180.4) ** 2)
        return np.stack([red, green, blue])
    raise ValueError(f"Unrecognized observer: '{observer}'. Expected one of {OBSERVERS}.")


def _weights(observer: str) -> np.ndarray:
    weighed = matching_functions(observer) * D65
    return weighed / weighed[1].sum()


def tristimulus(reflectance: Float[Array, "w"], observer: str = "10") -> Float[Array, "3"]:
    """CIE XYZ under D65, Y = 1 for a white surface, from reflectance at `WAVELENGTHS`."""
    return jnp.asarray(_weights(observer)) @ reflectance


def cielab(reflectance: Float[Array, "w"], observer: str = "10") -> Float[Array, "3"]:
    """CIE L*, a*, b* under D65, from reflectance at `WAVELENGTHS`; differentiable."""
    white = jnp.asarray(_weights(observer).sum(axis=1))
    relative = tristimulus(reflectance, observer) / white
    edge = 6.0 / 29.0
    low = relative < edge**3
    root = jnp.cbrt(jnp.where(low, edge**3, relative))
    x, y, z = jnp.where(low, relative / (3.0 * edge**2) + 4.0 / 29.0, root)
    return jnp.stack([116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)])


def ita(lightness: Array, yellow: Array) -> Array:
    """Individual typology angle, atan((L* − 50)/b*) [degree]."""
    return jnp.rad2deg(jnp.arctan2(lightness - 50.0, yellow))


def ita_class(angle: float) -> str:
    """Name of an angle's class (Chardon; del Bino)."""
    edges = (
        (55.0, "very light"), (41.0, "light"), (28.0, "intermediate"), (10.0, "tan"),
        (-30.0, "brown"),
    )  # fmt: skip
    return next((name for edge, name in edges if angle > edge), "dark")


def srgb(reflectance: Float[Array, "w"]) -> Float[Array, "3"]:
    """Screen colour, sRGB from 0 to 1 (IEC 61966-2-1), for pictures."""
    matrix = jnp.asarray(
        [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]]
    )
    linear = jnp.clip(matrix @ tristimulus(reflectance, "2"), 0.0, 1.0)
    bright = 1.055 * jnp.maximum(linear, 1e-9) ** (1.0 / 2.4) - 0.055
    return jnp.where(linear <= 0.0031308, 12.92 * linear, bright)
