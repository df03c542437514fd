"""Named lamps: relative spectra of 280 to 400 nm, as bands and bell curves."""

import difflib
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

WAVELENGTHS = np.arange(280.0, 401.0)
"""Where spectra are tabulated [nm]."""

_NOT_COVERED = {
    "puva": "psoralen bound to DNA, its effect, is not in the model; UVA alone is 'UVA'",
    "excimer": "308 nm is near narrow-band UVB, but its few doses at many times the erythema dose "
    "are outside what the kill of cells was fitted to",
    "blue": "the model has no effect of visible light but absorption",
}


class UnknownLampError(ValueError):
    """No such lamp; the message names the known ones."""


@dataclass(frozen=True)
class Lamp:
    """A lamp.

    Attributes:
        name: Name.
        bells: Bell curves (peak [nm], standard deviation [nm], share of the energy), cut to
            `limits`.
        steps: Bands (from [nm], to [nm], share of the energy), even inside.
        limits: Shortest and longest wavelength [nm].
        source: Where the shape is from.
    """

    name: str
    bells: tuple[tuple[float, float, float], ...] = ()
    steps: tuple[tuple[float, float, float], ...] = ()
    limits: tuple[float, float] = (280.0, 400.0)
    source: str = ""

    def spectrum(self) -> Float[np.ndarray, "w"]:
        """Share of the energy per nanometre on `WAVELENGTHS`; it sums to one."""
        inside = (self.limits[0] <= WAVELENGTHS) & (self.limits[1] >= WAVELENGTHS)
        total = np.zeros_like(WAVELENGTHS)
        for peak, width, share in self.bells:
            bell = inside * np.exp(-0.5 * ((WAVELENGTHS - peak) / width) ** 2)
            total += share * bell / bell.sum()
        for low, high, share in self.steps:
            band = (low <= WAVELENGTHS) & (high > WAVELENGTHS)
            total += share * band / band.sum()
        return total / total.sum()

    def share(self, low: float, high: float) -> float:
        """Share of the energy from `low` to below `high` [nm]."""
        band = (low <= WAVELENGTHS) & (high > WAVELENGTHS)
        return float(self.spectrum()[band].sum())


_LAMPS = (
    Lamp("NB-UVB", bells=((311.0, 1.1, 0.92), (305.0, 2.0, 0.05), (340.0, 20.0, 0.03)),
         source="TL-01: a line at 311 nm of 2 to 3 nm with weak neighbours; from memory"),
    Lamp("broadband UVB", bells=((313.0, 17.0, 1.0),),
         source="TL-12, FS20: peak at 313 nm, 40 nm wide at half height; from memory"),
    Lamp("UVA", bells=((352.0, 14.0, 0.995), (310.0, 4.0, 0.005)), limits=(300.0, 400.0),
         source="tubes of PUVA cabins: peak at 352 nm with half a per cent of UVB; from memory"),
    Lamp("UVA1", bells=((370.0, 12.0, 1.0),), limits=(340.0, 400.0),
         source="filtered 340 to 400 nm, peak near 370 nm; from memory"),
    Lamp("solar simulator",
         steps=((290.0, 300.0, 0.0004), (300.0, 310.0, 0.0144), (310.0, 320.0, 0.0697),
                (320.0, 340.0, 0.2355), (340.0, 401.0, 0.68)),
         limits=(290.0, 400.0),
         source="filtered xenon, bands that meet the erythemal shares sunscreen tests ask of it; "
                "from memory"),
)  # fmt: skip
LAMPS = {one.name: one for one in _LAMPS}
"""Lamps by name. All shapes are approximate, from memory; a measured spectrum is better."""


def lamp(name: str) -> Lamp:
    """A lamp by its name, whatever the spelling.

    Raises:
        UnknownLampError: none of that name, or one whose effect the model does not have.
    """
    known = {_plain(one): found for one, found in LAMPS.items()}
    if _plain(name) in known:
        return known[_plain(name)]
    for mark, why in _NOT_COVERED.items():
        if mark in _plain(name):
            raise UnknownLampError(
                f"'{name}' is not covered: {why}. Expected one of {', '.join(LAMPS)}."
            )
    near = difflib.get_close_matches(_plain(name), known, n=1)
    hint = f" Did you mean '{known[near[0]].name}'?" if near else ""
    raise UnknownLampError(
        f"Unrecognized lamp: '{name}'. Expected one of {', '.join(LAMPS)}.{hint}"
    )


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
