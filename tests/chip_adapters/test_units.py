"""Units: a closed table, and dimensions that refuse to mix."""

import pytest

from skinmech_chip_adapters import ChipDataError
from skinmech_chip_adapters.observables import OBSERVABLES, SETTINGS, to_canonical
from skinmech_chip_adapters.units import SPELLINGS, canonical_unit, conversion, convert, registry


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (1.0, "kΩ", "ohm", 1000.0),
        (1.0, "k\u2126", "Ω", 1000.0),
        (1.0, "M-ohm", "ohm", 1e6),
        (2.0, "Ω·cm²", "ohm.cm^2", 2.0),
        (1.0, "\u00b5F/cm²", "F/cm**2", 1e-6),
        (3.0, "ng/mL", "pg/mL", 3000.0),
        (3.0, "\u03bcg/ml", "pg/mL", 3e6),
        (1.0, "nM", "mol/L", 1e-9),
        (7.0, "g/m²h", "g/m2/h", 7.0),
        (37.0, "deg C", "kelvin", 310.15),
        (60.0, "uL/h", "uL/min", 1.0),
        (1.0, "dyn/cm²", "Pa", 0.1),
        (90.0, "°", "radian", 1.5707963267948966),
        (100.0, "hPa", "kPa", 10.0),
        (50.0, "%", "fraction", 0.5),
        (2.0, "d", "h", 48.0),
    ],
)
def test_conversion_is_exact(value, source, target, expected):
    assert convert(value, source, target) == pytest.approx(expected, rel=1e-15)


def test_every_canonical_unit_is_known_to_pint_and_to_itself():
    for unit in SPELLINGS:
        registry().Unit(unit)
        assert canonical_unit(unit) == unit
    for unit in (*(one.unit for one in OBSERVABLES.values()), *SETTINGS.values()):
        assert canonical_unit(unit) == unit


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("MFI", "pg/mL"),
        ("MFI", "RFU"),
        ("RLU", "MFI"),
        ("NPX", "pg/mL"),
        ("Cq", "dimensionless"),
        ("cell_index", "ohm*cm**2"),
        ("%a.s.", "kPa"),
        ("% O2", "%a.s."),
        ("U/L", "mol/L"),
        ("pg/mL", "mol/L"),
        ("ohm", "ohm*cm**2"),
        ("MFI", "dimensionless"),
    ],
)
def test_quantities_of_different_kind_do_not_mix(source, target):
    with pytest.raises(ChipDataError) as caught:
        conversion(source, target)
    assert caught.value.code == "unit_dimension"


@pytest.mark.parametrize("text", ["a.u.", "mln/min", "Bead", "ohm/cm²", "Ω/cm^2"])
def test_texts_without_meaning_are_refused_with_a_reason(text):
    with pytest.raises(ChipDataError) as caught:
        canonical_unit(text)
    assert caught.value.code == "meaningless_unit" and text in str(caught.value)


@pytest.mark.parametrize("text", ["pgmL", "ohms*cm", "foo", "", "deg c ", "Pg", "C", "g/m²/hour/"])
def test_unknown_text_is_refused_with_the_text(text):
    with pytest.raises(ChipDataError) as caught:
        canonical_unit(text)
    assert caught.value.code == "unknown_unit" and repr(text) in str(caught.value)


def test_near_spelling_is_offered():
    with pytest.raises(ChipDataError, match="pg/mL"):
        canonical_unit("pg/mLL")


def test_unknown_observable_offers_the_nearest():
    with pytest.raises(ChipDataError, match="'tewl'"):
        to_canonical(1.0, "g/m2/h", "twel")
