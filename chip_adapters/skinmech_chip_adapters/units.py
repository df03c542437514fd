"""Units: a closed table of spellings, and conversion between units of one dimension.

A vendor's unit text never reaches pint, which reads some of it as something else (`deg C` as
coulomb times degree). The text is looked up in `SPELLINGS`; pint then sees canonical names only.
"""

import unicodedata
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

from skinmech_chip_adapters.errors import ChipDataError

if TYPE_CHECKING:
    import pint

# Canonical unit (a pint expression) -> further accepted spellings, after NFKC normalisation.
# NFKC turns U+2126 (ohm sign) into Ω, U+00B5 (micro sign) into μ and ² into 2.
SPELLINGS: dict[str, tuple[str, ...]] = {
    # electrical
    "ohm": ("Ohm", "Ohms", "ohms", "Ω", "OHM"),
    "kohm": ("kOhm", "kΩ", "k-ohm", "kilohm", "KOhm"),
    "Mohm": ("MOhm", "MΩ", "M-ohm", "megohm"),
    "mohm": ("mOhm", "mΩ"),
    "ohm*cm**2": (
        *("Ω·cm2", "Ω.cm2", "Ωcm2", "Ω*cm2", "Ω cm2", "Ω·cm^2", "Ω*cm^2", "Ω.cm^2", "Ω cm^2"),
        *("ohm.cm^2", "ohm*cm^2", "ohm cm2", "ohm cm^2", "ohm.cm2", "ohm*cm2", "ohm-cm2"),
        *("Ohm.cm^2", "Ohm*cm^2", "Ohm cm2", "Ohm·cm2", "ohm·cm2", "Ohm*cm2", "Ohm.cm2"),
    ),
    "F": ("farad",),
    "uF": ("μF",),
    "nF": (),
    "F/cm**2": ("F/cm2", "F/cm^2"),
    "uF/cm**2": ("μF/cm2", "μF/cm^2", "uF/cm2", "uF/cm^2"),
    "V": ("volt", "Volt"),
    "mV": (),
    "A": ("ampere",),
    "mA": (),
    "uA": ("μA",),
    "Hz": ("hz", "hertz", "Hertz", "HZ"),
    "kHz": (),
    "MHz": (),
    "degree": ("deg", "°", "Deg", "degrees"),
    "radian": ("rad",),
    # time, length, area
    "s": ("sec", "secs", "second", "seconds"),
    "ms": ("msec",),
    "min": ("mins", "minute", "minutes", "Min", "Min."),
    "h": ("hr", "hrs", "hour", "hours", "Hour"),
    "day": ("d", "days", "Day"),
    "week": ("weeks", "wk"),
    "m": (),
    "cm": (),
    "mm": (),
    "um": ("μm", "micron", "microns"),
    "nm": (),
    "cm**2": ("cm2", "cm^2"),
    "mm**2": ("mm2", "mm^2"),
    # concentration and amount
    "g/mL": ("g/ml",),
    "mg/mL": ("mg/ml",),
    "ug/mL": ("μg/mL", "ug/ml", "μg/ml", "mcg/mL"),
    "ng/mL": ("ng/ml",),
    "pg/mL": ("pg/ml", "Pg/mL"),
    "fg/mL": ("fg/ml",),
    "g/L": ("g/l",),
    "mg/L": ("mg/l",),
    "ug/L": ("μg/L", "ug/l", "μg/l"),
    "ng/L": ("ng/l",),
    "mg/dL": ("mg/dl",),
    "mol/L": ("M", "mol/l"),
    "mmol/L": ("mM", "mmol/l"),
    "umol/L": ("μM", "uM", "μmol/L", "umol/l", "μmol/l"),
    "nmol/L": ("nM", "nmol/l"),
    "pmol/L": ("pM", "pmol/l"),
    "U/L": ("IU/L", "U/l"),
    "U/mL": ("IU/mL", "U/ml", "IU/ml"),
    "mU/L": ("mU/l",),
    "g": (),
    "mg": (),
    "ug": ("μg",),
    "cell/mL": ("cells/mL", "cells/ml", "cell/ml"),
    "cell/cm**2": ("cells/cm2", "cells/cm^2", "cell/cm2", "cells/cm**2"),
    "cell": ("cells",),
    # transport
    "cm/s": ("cm/sec", "cm s-1", "cm·s-1"),
    "g/m**2/h": (
        *("g/m2/h", "g/m2h", "g/m2*h", "g/m2·h", "g/(m2h)", "g/(m2*h)", "g/(m2·h)", "g/hm2"),
        *("g/m^2/h", "g/h/m2", "g m-2 h-1", "g·m-2·h-1", "g/m2/hr", "g/m^2h", "g/m2 h"),
    ),
    "uL/min": ("μL/min", "ul/min", "μl/min", "μL/minute"),
    "uL/h": ("μL/h", "ul/h", "μl/h", "uL/hr", "μL/hr"),
    "mL/min": ("ml/min",),
    "mL/h": ("ml/h", "mL/hr"),
    "uL": ("μL", "ul", "μl"),
    "mL": ("ml",),
    "L": ("l",),
    "Pa": ("pascal",),
    "kPa": (),
    "mbar": ("hPa",),
    "bar": (),
    "mmHg": ("mm Hg", "torr", "Torr"),
    "psi": ("PSI",),
    "dyn/cm**2": ("dyn/cm2", "dyne/cm2", "dyn/cm^2", "dyne/cm^2"),
    "mm/s": (),
    # light and climate
    "W/m**2": ("W/m2", "W/m^2"),
    "mW/cm**2": ("mW/cm2", "mW/cm^2"),
    "J/m**2": ("J/m2", "J/m^2"),
    "J/cm**2": ("J/cm2", "J/cm^2"),
    "mJ/cm**2": ("mJ/cm2", "mJ/cm^2"),
    "degC": ("deg C", "°C", "'C", "Celsius", "deg. C", "degree C"),
    "kelvin": ("K",),
    # dimensionless
    "dimensionless": ("1", "fraction", "ratio", "AU", "OD", "absorbance"),
    "percent": ("%", "pct"),
    # dimensions of our own: pint refuses to mix them with anything else
    "MFI": ("mfi", "median fluorescence intensity"),
    "RFU": ("rfu",),
    "RLU": ("rlu", "ECL counts", "ECL"),
    "NPX": ("npx",),
    "Cq": ("Ct", "CT", "cq"),
    "cell_index": ("Cell Index", "cell index", "CI"),
    "percent_air_saturation": (
        *("%a.s.", "% airsatur.", "%air sat.", "% air saturation", "%airsat", "[%] Air Saturation"),
        *("% a.s.", "%air saturation", "% air sat."),
    ),
    "percent_oxygen": ("% O2", "%O2"),
    "pH": ("ph",),
    "corneometer_unit": ("corneometer a.u.",),
    "mexameter_unit": ("mexameter a.u.",),
    "cielab_unit": ("CIELAB",),
    "count": ("counts", "events"),
}

# Seconds in each unit of time, so that reading a side-car needs no pint.
SECONDS = {"ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "day": 86400.0, "week": 604800.0}

# Texts that look like a unit and have no defined meaning, with what to do instead.
MEANINGLESS = {
    "a.u.": "arbitrary units differ between devices; name the device's own unit or observable",
    "au": "arbitrary units differ between devices; name the device's own unit or observable",
    "mln/min": "the reference conditions of a normal litre differ; state the flow in uL/min",
    "Bead": "beads are not a concentration; the values are kept as MFI",
    "ohm/cm^2": "a resistance per area is not TEER; ask whether Ω·cm² was meant",
    "ohm/cm2": "a resistance per area is not TEER; ask whether Ω·cm² was meant",
    "Ohm/cm2": "a resistance per area is not TEER; ask whether Ω·cm² was meant",
    "Ω/cm2": "a resistance per area is not TEER; ask whether Ω·cm² was meant",
    "Ω/cm^2": "a resistance per area is not TEER; ask whether Ω·cm² was meant",
}

_OWN_DIMENSIONS = (
    "MFI = [fluorescence_intensity]",
    "RFU = [relative_fluorescence]",
    "RLU = [relative_luminescence]",
    "NPX = [normalised_protein_expression]",
    "Cq = [quantification_cycle]",
    "cell_index = [cell_index]",
    "percent_air_saturation = [air_saturation]",
    "percent_oxygen = [oxygen_fraction]",
    "pH = [acidity]",
    "U = [enzyme_activity]",
    "corneometer_unit = [skin_hydration]",
    "mexameter_unit = [skin_colour_index]",
    "cielab_unit = [colour_coordinate]",
    "cell = [cells]",
)


def _normalise(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).replace("⋅", "·").replace("∙", "·")
    return " ".join(folded.split())


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    table: dict[str, str] = {}
    for canonical, spellings in SPELLINGS.items():
        for text in (canonical, *spellings):
            known = table.setdefault(_normalise(text), canonical)
            if known != canonical:
                raise ValueError(f"Unit spelling {text!r} stands for both {known} and {canonical}")
    return table


def canonical_unit(text: str) -> str:
    """Canonical name of a unit from any spelling in the table.

    Raises:
        ChipDataError: `meaningless_unit` or `unknown_unit`, with the text and near spellings.
    """
    table, folded = _table(), _normalise(text)
    if folded in table:
        return table[folded]
    for spelling, reason in MEANINGLESS.items():
        if folded == _normalise(spelling):
            raise ChipDataError(
                "meaningless_unit", found=f"unit {text!r}, which has no defined meaning here",
                expected="a unit of the table", remedy=reason,
            )  # fmt: skip
    near = get_close_matches(folded, table, n=4, cutoff=0.4)
    raise ChipDataError(
        "unknown_unit",
        found=f"unit {text!r}",
        expected="a known spelling" + (f", nearest {', '.join(map(repr, near))}" if near else ""),
        remedy="state the unit in the side-car in a known spelling",
    )


def is_known_unit(text: str) -> bool:
    """True if the text is a spelling in the table."""
    return _normalise(text) in _table()


@lru_cache(maxsize=1)
def registry() -> "pint.UnitRegistry":
    """The pint registry with this package's own dimensions (built at first use)."""
    import pint  # imported here: half a second that reading most files does not need

    units: pint.UnitRegistry = pint.UnitRegistry()
    for definition in _OWN_DIMENSIONS:
        units.define(definition)
    return units


@lru_cache(maxsize=512)
def _scale(source: str, target: str) -> tuple[float, float]:
    units = registry()
    zero = units.Quantity(0.0, source).to(target).magnitude
    one = units.Quantity(1.0, source).to(target).magnitude
    # Factors are exact decimals; 15 digits remove what pint's chain of products adds.
    return float(f"{one - zero:.15g}"), float(f"{zero:.15g}")


def same_dimension(first: str, second: str) -> bool:
    """True if two canonical units measure the same kind of quantity."""
    if first == second:
        return True
    units = registry()
    return units.Unit(first).dimensionality == units.Unit(second).dimensionality


def conversion(source: str, target: str) -> tuple[float, float]:
    """Factor and offset with `target value = factor * source value + offset`.

    Args:
        source: Unit in any known spelling.
        target: Unit in any known spelling.

    Raises:
        ChipDataError: `unknown_unit`, or `unit_dimension` if the two cannot be converted.
    """
    first, second = canonical_unit(source), canonical_unit(target)
    if first == second:
        return 1.0, 0.0
    if not same_dimension(first, second):
        raise ChipDataError(
            "unit_dimension",
            found=f"unit {source!r}",
            expected=f"a unit that converts to {second}",
            remedy="correct the unit, or name the observable that this unit belongs to",
        )
    return _scale(first, second)


def convert(value: float, source: str, target: str) -> float:
    """A value in another unit of the same dimension; units in any known spelling."""
    factor, offset = conversion(source, target)
    return value * factor + offset
