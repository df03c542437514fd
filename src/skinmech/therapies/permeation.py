"""How fast a molecule crosses skin, from its size and lipophilicity, by published relations."""

from __future__ import annotations

import math

FILM = 0.02
"""Product of one application on the skin [L/m²]: 2 mg/cm² at a density of 1 g/mL."""

_PER_HOUR = 240.0  # L/m²/day per cm/h
_PER_SECOND = 3600.0  # cm/h per cm/s


def corneum_permeability(log_octanol_water: float, molar_mass: float) -> float:
    """Permeability of healthy human stratum corneum from water [L/m²/day].

        log₁₀ k_p = −6.3 + 0.71 log₁₀ K_ow − 0.0061 M     (k_p in cm/s)

    Potts and Guy 1992 (Pharm Res 9:663), fitted to about 90 permeabilities of human skin in vitro
    with M from 18 to 750 g/mol and log K_ow from −3 to 6; it explains 67 % of their variance, so
    one compound is known within a factor of about five.

    Args:
        log_octanol_water: log₁₀ of the octanol-water partition coefficient [1].
        molar_mass: M [g/mol].
    """
    logarithm = -6.3 + 0.71 * log_octanol_water - 0.0061 * molar_mass
    return 10.0**logarithm * _PER_SECOND * _PER_HOUR


def viable_permeability(molar_mass: float) -> float:
    """Permeability of the viable epidermis, k_ve = 2.6/√M in cm/h, as [L/m²/day].

    Cleek and Bunge 1993 (Pharm Res 10:497): diffusion through 100 µm of watery tissue.

    Args:
        molar_mass: M [g/mol].
    """
    return 2.6 / math.sqrt(molar_mass) * _PER_HOUR


def in_centimetres_per_hour(permeability: float) -> float:
    """A permeability in [cm/h] from [L/m²/day]."""
    return permeability / _PER_HOUR
