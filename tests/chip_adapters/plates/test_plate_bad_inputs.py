"""Bad inputs that concern plates: each is refused with its reason, or kept with its state."""

import math
from typing import Any

import pytest

from skinmech_chip_adapters import Censor, ChipDataError, Flag, TimeQuality
from skinmech_chip_adapters.instruments.bmg_mars import writer as mars
from skinmech_chip_adapters.instruments.envision import writer as envision
from skinmech_chip_adapters.instruments.gen5 import writer as gen5
from skinmech_chip_adapters.instruments.novabio_flex2 import writer as flex2
from skinmech_chip_adapters.instruments.tecan import writer as tecan
from tests.chip_adapters.plates._files import READERS, records
from tests.chip_adapters.plates._written import A450, KEEP, PLATES, RAW, code_of, plate_of, written


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("content", (b"", b"\n\r\n", b"\xff\xfe", b"no such format\n1;2\n"))
def test_nothing_or_something_else_is_refused(reader, content):
    assert code_of(reader, content) in ("empty_file", "wrong_format")


@pytest.mark.parametrize("reader", READERS)
def test_a_file_of_another_reader_is_refused(reader):
    for other in PLATES:
        if other != reader:
            assert code_of(reader, written(other, plate_of())) == "wrong_format"


# -- words in cells --------------------------------------------------------------------------------


@pytest.mark.parametrize("reader", PLATES)
@pytest.mark.parametrize(
    ("word", "state"),
    [
        *(("OVRFLW", Censor.RIGHT), ("OVER", Censor.RIGHT), ("#SAT", Censor.RIGHT)),
        *(("MISSED", Censor.FAILED), ("N/A", Censor.MISSING), ("nan", Censor.MISSING)),
        *(("1.#INF", Censor.MISSING), (">3.5", Censor.RIGHT), ("<0.01", Censor.LEFT)),
    ],
)
def test_a_word_is_a_state_and_never_a_zero(reader, word, state):
    rows = records(reader, written(reader, plate_of(B03=word))).measurements
    assert len(rows) == 96
    (row,) = [one for one in rows if one.well == "B03"]
    assert row.censor == state and math.isnan(row.value) and row.raw_text == word
    limits = {">3.5": (3.5, "nan"), "<0.01": ("nan", 0.01)}.get(word, ("nan", "nan"))
    assert (str(row.limit_low), str(row.limit_high)) == tuple(map(str, limits))
    unknown = state in (Censor.LEFT, Censor.RIGHT) and word[0] not in "<>"
    assert bool(row.flags & Flag.LIMIT_UNKNOWN) == unknown


def test_an_overflow_takes_the_declared_limit():
    options = 'limits = { "450" = { high = "4 AU" } }'
    rows = records("gen5", written("gen5", plate_of(H12="OVRFLW")), options).measurements
    (row,) = [one for one in rows if one.well == "H12"]
    assert (row.censor, row.limit_low) == (Censor.RIGHT, 4.0)
    assert not row.flags & Flag.LIMIT_UNKNOWN


@pytest.mark.parametrize("reader", PLATES)
def test_a_declared_number_is_a_sentinel(reader):
    options = 'sentinels = { "-999.0" = "failed" }'
    cells = {**plate_of(), "C07": -999.0}
    (row,) = [
        one
        for one in records(reader, written(reader, cells), options).measurements
        if one.well == "C07"
    ]
    assert row.censor == Censor.FAILED and math.isnan(row.value)


@pytest.mark.parametrize("reader", PLATES)
def test_an_unknown_word_is_refused_or_kept_as_failed(reader):
    content = written(reader, plate_of(A02="bubble"))
    assert code_of(reader, content) == "not_a_number"
    rows = records(reader, content, KEEP).measurements
    (row,) = [one for one in rows if one.well == "A02"]
    assert row.censor == Censor.FAILED and row.flags & Flag.BAD_ROW and row.raw_text == "bubble"


def test_nd_is_asked_about():
    assert code_of("bmg_mars", written("bmg_mars", plate_of(A02="ND"))) == "ambiguous_sentinel"


# -- optical density and its thousandths -----------------------------------------------------------


@pytest.mark.parametrize("reader", PLATES)
def test_absorbance_is_stored_as_absorbance(reader):
    rows = records(reader, written(reader, plate_of(first=1.691))).measurements
    assert rows[0].value == 1.691 and rows[0].unit == "dimensionless"
    assert {one.raw_unit for one in rows} <= {"AU", "OD"}


@pytest.mark.parametrize("reader", PLATES)
def test_thousandths_are_refused_until_declared(reader):
    content = written(reader, {well: value * 1000 for well, value in plate_of().items()})
    assert code_of(reader, content) == "implausible_unit"
    rows = records(reader, content, 'units = { "absorbance" = "mAU" }').measurements
    wanted = [*plate_of().values()]
    assert [one.value for one in rows] == pytest.approx(wanted, rel=1e-12)
    assert {one.raw_unit for one in rows} == {"mAU"}


def test_a_unit_that_contradicts_the_file_is_refused():
    content = written("gen5", plate_of())
    assert code_of("gen5", content, 'units = { "450" = "pg/mL" }') == "unit_conflict"
    assert code_of("gen5", content, 'units = { "460" = "AU" }') == "block_not_in_file"
    label = tecan.LabelData(points=[plate_of()])
    magellan = tecan.write([label], layout="magellan")  # states `Unit: OD`
    assert code_of("tecan", magellan, 'units = { "Label1" = "mAU" }') == "unit_conflict"


def test_an_unknown_unit_of_concentration_is_named():
    cells = plate_of()
    content = gen5.write([gen5.PlateData(results={"450": cells, "[Concentration]": cells})])
    options = 'analytes = { "[Concentration]" = "analyte" }\nunits = { "[Concentration]" = "%s" }'
    with pytest.raises(ChipDataError, match="furlong") as caught:
        records("gen5", content, options % "furlong")
    assert caught.value.code == "unknown_unit"
    rows = records("gen5", content, options % "nM").measurements
    assert {one.observable for one in rows} == {"absorbance", "molar_concentration"}


def test_a_mode_that_the_file_does_not_tell_is_asked_for():
    reads = [("", "Absorbance"), ("", "Fluorescence")]
    content = gen5.write([gen5.PlateData(reads=reads, results={"450": plate_of()})])
    assert code_of("gen5", content) == "mode_unknown"
    rows = records("gen5", content, 'units = { "450" = "RFU" }').measurements
    assert {one.observable for one in rows} == {"rfu"}


# -- decimal signs, dates --------------------------------------------------------------------------


@pytest.mark.parametrize("reader", PLATES)
def test_mixed_decimal_signs_name_both_lines(reader):
    how: dict[str, Any] = {} if reader == "softmax_pro" else {"delimiter": ";"}
    content = written(reader, plate_of(H11="0,02"), **how)
    with pytest.raises(ChipDataError, match="0,02") as caught:
        records(reader, content)
    assert caught.value.code == "mixed_decimal" and "lines" in caught.value.locator


@pytest.mark.parametrize("reader", PLATES)
def test_three_decimals_are_no_thousands_in_an_absorbance(reader):
    how: dict[str, Any] = {} if reader == "softmax_pro" else {"delimiter": ";"}
    cells = dict.fromkeys(plate_of(), 2.105)
    for decimal in ".,":
        content = written(reader, cells, decimal=decimal, **how)
        rows = records(reader, content).measurements
        assert {one.value for one in rows} == {2.105}


DATED = {
    "gen5": lambda date: gen5.write([gen5.PlateData(date=date, results={"450": plate_of()})]),
    "bmg_mars": lambda date: mars.write({RAW: plate_of()}, date=date),
    "envision": lambda date: envision.write([{A450: plate_of()}], date=f"{date} 1:02:03 PM"),
    "novabio_flex2": lambda date: flex2.write(
        [flex2.SampleData(sample="S", time=f"{date} 1:02:03 PM", values={"pH": 7.4})]
    ),
}


@pytest.mark.parametrize("reader", DATED)
def test_an_ambiguous_date_is_refused_until_declared(reader):
    content = DATED[reader]("3/4/2024")
    assert code_of(reader, content) == "ambiguous_date"
    for order, day in (("DMY", "2024-04-03"), ("MDY", "2024-03-04")):
        options = f'date_order = "{order}"\ntimezone = "UTC"'
        row = records(reader, content, options).measurements[0]
        assert row.timestamp_utc.startswith(day)
        assert row.time_quality == TimeQuality.DECLARED_ZONE


@pytest.mark.parametrize("reader", DATED)
def test_an_impossible_date_is_refused(reader):
    assert code_of(reader, DATED[reader]("31/31/2024")) in ("not_a_date", "mixed_dates")


def test_a_file_without_a_time_gets_none():
    row = records("softmax_pro", written("softmax_pro", plate_of())).measurements[0]
    assert row.time_quality == TimeQuality.ABSENT and not row.timestamp_text + row.timestamp_utc
