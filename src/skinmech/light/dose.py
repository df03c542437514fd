"""A dose of a lamp: erythemal energy, photoproducts at the base, and the model's equivalent."""

from typing import NamedTuple

import numpy as np

from ..submodels.pigmentation.phototypes import MELANOGENIC_CAPACITY
from .action import basal_transmission, cpd_effect, erythema_effect
from .lamps import LAMPS, WAVELENGTHS, Lamp, lamp

REFERENCE = "NB-UVB"
"""The lamp whose energy the model's fluence is."""

_TISSUE, _MELANIN = 0.56, 0.85
"""Optical depths at 311 nm of the model's resting default skin: 98 um of epidermis at 0.004 and
8 um of dry corneum at 0.02 per um; 0.025 of melanosomes over 98 um at 0.35 per um."""
_FAIR = MELANOGENIC_CAPACITY["II"]

MED = {"I": 200.0, "II": 250.0, "III": 300.0, "IV": 450.0, "V": 600.0, "VI": 1000.0}
"""Minimal erythema dose by phototype as erythemal energy [J/m²]: a published table, of which
individuals differ by twofold and more."""


class LightDose(NamedTuple):
    """What a dose is worth.

    Attributes:
        erythemal: CIE-weighted energy [J/m²].
        minimal_erythema_doses: The same over the phototype's minimal erythema dose [1].
        equivalent: Narrow-band UVB of as many photoproducts at the base [J/cm²].
        uva: Energy from 320 to 400 nm [J/cm²].
    """

    erythemal: float
    minimal_erythema_doses: float
    equivalent: float
    uva: float


def _found(which: str | Lamp) -> Lamp:
    return which if isinstance(which, Lamp) else lamp(which)


def _photoproducts(which: Lamp, capacity: float) -> float:
    fair, beyond = _TISSUE + _MELANIN * _FAIR, _MELANIN * (capacity - _FAIR)
    reaching = basal_transmission(WAVELENGTHS, fair, beyond)
    return float(np.sum(which.spectrum() * cpd_effect(WAVELENGTHS) * reaching))


def equivalent(which: str | Lamp, fluence: float, capacity: float = 1.0) -> float:
    """Narrow-band UVB that leaves as many photoproducts at the base of resting skin [J/cm²].

        F ∫E S T dλ / ∫E₀ S T dλ,   S of bare DNA, T down to the base, E and E₀ per energy

    The reference lamp's dose is returned as it is. Only photoproducts are compared: UVA does more
    by other ways (oxidation, death of T cells), of which this says nothing.

    Args:
        which: Lamp or its name.
        fluence: Energy at the surface of all wavelengths of the lamp [J/cm²].
        capacity: Melanogenic capacity of the skin over the default skin [1].

    Raises:
        UnknownLampError: no such lamp.
    """
    found = _found(which)
    if found == LAMPS[REFERENCE]:
        return fluence
    return fluence * _photoproducts(found, capacity) / _photoproducts(LAMPS[REFERENCE], capacity)


def minimal_erythema(which: str | Lamp, phototype: str) -> float:
    """Dose of a lamp that just reddens skin of a phototype [J/cm²], from the CIE spectrum."""
    weight = float(np.sum(_found(which).spectrum() * erythema_effect(WAVELENGTHS)))
    return 1e-4 * MED[phototype] / weight


def light_dose(which: str | Lamp, fluence: float, phototype: str = "II") -> LightDose:
    """What a dose of a lamp is worth for a phototype.

    Args:
        which: Lamp or its name.
        fluence: Energy at the surface [J/cm²].
        phototype: I to VI.
    """
    found = _found(which)
    ratio = fluence / minimal_erythema(found, phototype)
    return LightDose(
        MED[phototype] * ratio,
        ratio,
        equivalent(found, fluence, MELANOGENIC_CAPACITY[phototype]),
        fluence * found.share(320.0, 401.0),
    )
