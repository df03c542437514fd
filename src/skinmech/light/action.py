"""Action spectra: how much one photon's energy does, over wavelength."""

import numpy as np
from jaxtyping import Float

_PER_MELANOSOME = 3.33  # Jacques 2013, power of melanosome absorption over wavelength

_DEPTH_AT = np.array([280.0, 290.0, 297.0, 302.0, 311.0, 334.0, 365.0, 400.0])
_DEPTH = np.array([3.3, 2.75, 2.05, 1.6, 1.0, 0.74, 0.6, 0.5])
"""Optical depth of fair epidermis and corneum over that at 311 nm, from measured transmissions:
about 2 % at 280, 9 at 297, 15 at 302, 33 at 313 and 50 at 365 nm (Bruls 1984, from memory)."""


def erythema_effect(wavelength: Float[np.ndarray, "w"]) -> Float[np.ndarray, "w"]:
    """Erythemal effectiveness at the surface of skin, 1 at 298 nm and below.

        1 to 298 nm;   10^(0.094 (298 − λ)) to 328 nm;   10^(0.015 (140 − λ)) to 400 nm

    CIE S 007 / ISO 17166 (1998).

    Args:
        wavelength: λ [nm].
    """
    middle = 10.0 ** (0.094 * (298.0 - wavelength))
    long = 10.0 ** (0.015 * (140.0 - wavelength))
    value = np.where(wavelength <= 298.0, 1.0, np.where(wavelength <= 328.0, middle, long))
    return np.where(wavelength > 400.0, 0.0, value)


def cpd_effect(wavelength: Float[np.ndarray, "w"]) -> Float[np.ndarray, "w"]:
    """Damage of bare DNA per energy, about 1 at 260 nm.

        S = exp(13.82 (1/(1 + e^((λ−310)/9)) − 1))

    The usual curve through Setlow 1974. Above 370 nm, where it was not measured, it is flat.

    Args:
        wavelength: λ [nm].
    """
    step = 1.0 / (1.0 + np.exp((np.minimum(wavelength, 370.0) - 310.0) / 9.0))
    return np.exp(13.82 * (step - 1.0))


def basal_transmission(
    wavelength: Float[np.ndarray, "w"], tissue: float, melanin: float
) -> Float[np.ndarray, "w"]:
    """Share of the light that reaches the base of the epidermis.

    Args:
        wavelength: λ [nm].
        tissue: Optical depth of fair epidermis and corneum at 311 nm [1].
        melanin: Optical depth of what melanin is beyond fair skin's [1]; it falls as λ^−3.33.
    """
    depth = tissue * np.interp(wavelength, _DEPTH_AT, _DEPTH)
    return np.exp(-depth - melanin * (wavelength / 311.0) ** -_PER_MELANOSOME)
