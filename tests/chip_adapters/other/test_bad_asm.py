"""What a converter to ASM JSON loses or invents, each as a test, and bad JSON."""

import json

import numpy as np
import pytest

from skinmech_chip_adapters import Censor, ChipDataError, Flag, TimeQuality, adapters
from skinmech_chip_adapters.instruments.allotrope_asm.writer import measurement, write
from tests.chip_adapters.other._asm import (
    NAME,
    PLATE,
    TARGET,
    cycles,
    elisa,
    one,
    plate,
    said,
)
from tests.chip_adapters.oxygen._read import codes, parsed_and_records, records_of


@pytest.fixture
def fails():
    def run(content, *sidecar):
        with pytest.raises(ChipDataError) as caught:
            records_of(NAME, content, *sidecar)
        return caught

    return run


# A1: absorbance labelled mAU


def test_absorbance_in_milli_units_is_taken_as_absorbance_with_a_warning():
    records = records_of(NAME, one({"absorbance": (1.691, "mAU")}))
    (row,) = records.measurements
    assert row.value == 1.691 and row.unit == "dimensionless" and row.raw_unit == "mAU"
    assert "absorbance_unit" in said(records)
    assert "absorbance_unit" not in said(records_of(NAME, one({"absorbance": (1.691, "AU")})))


# A2, A3, A4, A11: times


def test_an_invented_zone_is_not_believed():
    content = one({"pH": (7.25, "pH")}, time="2024-04-17T17:27:15+00:00")
    records = records_of(NAME, content)
    (row,) = records.measurements
    assert row.timestamp_utc == "" and row.time_quality == TimeQuality.LOCAL_UNKNOWN
    assert row.timestamp_text == "2024-04-17T17:27:15+00:00" and "zone_assumed" in said(records)
    (row,) = records_of(NAME, content, 'timezone = "Europe/Berlin"').measurements
    assert row.timestamp_utc == "2024-04-17T15:27:15+00:00"
    assert row.time_quality == TimeQuality.DECLARED_ZONE


def test_a_stated_offset_against_the_declared_zone_is_refused(fails):
    content = one({"pH": (7.25, "pH")}, time="2024-04-17T17:27:15-04:00")
    assert codes(fails(content, 'timezone = "Europe/Berlin"')) == {"timezone_conflict"}
    (row,) = records_of(NAME, content, 'timezone = "America/New_York"').measurements
    assert row.timestamp_utc == "2024-04-17T21:27:15+00:00"


def test_a_day_that_could_be_a_month_is_not_believed_until_checked(fails):
    content = one({"pH": (7.25, "pH")}, time="2024-03-04T10:00:00+00:00")
    records = records_of(NAME, content, 'timezone = "UTC"')
    assert records.measurements[0].timestamp_utc == ""
    assert "date_order_assumed" in said(records)
    checked = records_of(NAME, content, 'timezone = "UTC"\ndate_order = "YMD"')
    assert checked.measurements[0].timestamp_utc == "2024-03-04T10:00:00+00:00"
    assert codes(fails(content, 'date_order = "DMY"')) == {"date_order"}


def test_1970_is_no_time():
    records = records_of(NAME, one({"pH": (7.25, "pH")}, time="1970-01-01T00:00:00+00:00"))
    (row,) = records.measurements
    assert row.timestamp_text == row.timestamp_utc == ""
    assert row.time_quality == TimeQuality.ABSENT and "epoch_time" in said(records)


# A5: lost values


@pytest.mark.parametrize(
    ("errors", "state"),
    [
        ((), Censor.MISSING),
        (("Value not provided in instrument file",), Censor.MISSING),
        (("OVRFLW",), Censor.RIGHT),
        (("MISSED",), Censor.FAILED),
        (("something", "Below Detection Range"), Censor.LEFT),
    ],
)
@pytest.mark.parametrize("lost", [-0.0, None])
def test_a_negative_zero_is_a_lost_value_and_never_zero(errors, state, lost):
    (row,) = records_of(NAME, one({"absorbance": (lost, "mAU")}, errors=errors)).measurements
    assert np.isnan(row.value) and row.censor == state
    assert all(word in row.raw_text for word in errors)


def test_a_written_zero_and_a_value_beside_an_error_are_kept():
    (row,) = records_of(NAME, one({"absorbance": (0.0, "AU")})).measurements
    assert row.value == 0.0 and row.censor == Censor.NONE
    (row,) = records_of(NAME, one({"absorbance": (0.5, "AU")}, errors=["bubble"])).measurements
    assert row.value == 0.5 and row.flags & Flag.VENDOR_WARNING


@pytest.mark.parametrize("word", ["N/A", "NaN", "OVRFLW", "undetermined"])
def test_words_in_place_of_a_number_become_states(word):
    (row,) = records_of(NAME, one({"absorbance": (word, "AU")})).measurements
    assert np.isnan(row.value) and row.censor != Censor.NONE and row.raw_text == word
    content = one({"absorbance": (0.5, "AU")}).replace(b"0.5", b"NaN")
    assert records_of(NAME, content).measurements[0].censor == Censor.MISSING


# A6: decimal comma


def test_a_cycle_threshold_without_its_comma_is_refused(fails):
    (row,) = records_of(NAME, cycles(21.1877528266099), *TARGET).measurements
    assert row.value == 21.1877528266099 and (row.observable, row.analyte) == ("cq", "KRT10")
    for wrong in (21187.75, 0.0, -3.0):
        assert codes(fails(cycles(wrong), *TARGET)) == {"impossible_value"}


def test_the_threshold_setting_is_never_a_value():
    records = records_of(NAME, cycles(21.5), *TARGET)
    assert len(records.measurements) == 1  # 133.0 may stand for 0,133
    left_out = {item.name for item in records.unparsed}
    assert "cycle threshold value setting (qPCR)" in left_out


def test_undetermined_is_a_limit_at_the_last_cycle():
    control = {
        "device control document": [{"total cycle number setting": {"value": 40, "unit": "#"}}]
    }
    more = {"device control aggregate document": control}
    (row,) = records_of(NAME, cycles("Undetermined", **more), *TARGET).measurements
    assert row.censor == Censor.RIGHT and row.limit_low == 40.0
    (row,) = records_of(NAME, cycles("Undetermined"), *TARGET).measurements
    assert row.censor == Censor.FAILED


# A7, A8, A9: plates


def test_a_whole_plate_with_a_wrong_count_is_kept_with_a_warning():
    records = records_of(NAME, plate(PLATE, count=104))
    assert len(records.measurements) == 96 and "well_count_wrong" in said(records)
    assert not any(row.flags & Flag.UNVERIFIED_END for row in records.measurements)
    assert "well_count_wrong" not in said(records_of(NAME, plate(PLATE, count=96)))


@pytest.mark.parametrize(("wells", "count"), [(52, 52), (11, 11), (93, 96), (12, 12)])
def test_a_short_plate_is_refused_whatever_the_converter_counts(fails, wells, count):
    content = plate(PLATE[:wells], count=count)
    error = fails(content)
    assert codes(error) == {"well_count"} and f"{wells} wells" in str(error.value)
    declared = records_of(NAME, content, f"expected = {{ wells = {wells} }}")
    assert len(declared.measurements) == wells
    assert codes(fails(content, "expected = { wells = 96 }")) == {"cut_file"}


def test_a_mapped_well_that_is_missing_is_found(fails):
    wells = " ".join(
        f'{well} = {{ chip = "C", technical_replicate = "{well}" }},' for well in PLATE[:8]
    )
    mapped = "well_map = { " + wells.rstrip(",") + " }"
    assert len(records_of(NAME, plate(PLATE[:8], count=8), mapped).measurements) == 8
    assert codes(fails(plate(PLATE[:7], count=7), mapped)) == {"well_not_in_file"}


# A10, A11: the end of the instrument's file


def test_a_last_number_with_fewer_digits_is_remarked():
    full = [21.1877528266099, 21.1590717001335, 21.1025534163483]
    for last, short in ((21.0023336280707, False), (21.0023, True)):
        content = write(
            [measurement(n, {"pH": (value, "pH")}) for n, value in enumerate([*full, last], 1)]
        )
        records = records_of(NAME, content, "expected = { rows = 4 }")
        assert ("last_number_short" in said(records)) == short
        assert bool(records.measurements[-1].flags & Flag.UNVERIFIED_END) == short


def test_the_end_is_not_vouched_for_unless_something_does():
    content = write([measurement(n, {"pH": (7.5, "pH")}) for n in (1, 2)])
    flags = [row.flags for row in records_of(NAME, content).measurements]
    assert flags == [0, Flag.UNVERIFIED_END]
    declared = records_of(NAME, content, "expected = { rows = 2 }")
    assert [row.flags for row in declared.measurements] == [0, 0]


def test_a_missing_vendor_result_is_remarked():
    records = records_of(NAME, elisa([(1, 53.25), (2, 55.5)]), *TARGET)
    assert "result_missing" in said(records)
    assert "result_missing" not in said(
        records_of(NAME, elisa([(n, 1.5) for n in (1, 2, 3)]), *TARGET)
    )


# A12, A13, A15: recognition, errors, encodings


def test_the_converter_is_named_and_can_be_declared(fails):
    content = one({"pH": (7.25, "pH")}, converter="allotropy_luminex_intelliflex")
    parsed, records = parsed_and_records(NAME, content)
    assert "intelliflex" in parsed.software and "converted" in said(records)
    assert codes(fails(content, 'converter = "allotropy_luminex_xponent"')) == {
        "converter_conflict"
    }
    assert records_of(NAME, content, 'converter = "allotropy_luminex_intelliflex"').measurements


def test_json_that_is_no_asm_is_not_claimed(fails):
    other = json.dumps({"a": 1}).encode()
    assert adapters()[NAME].sniff(other, "x.json").score == 0.0
    for content in (other, b"[1, 2]", b"Measurement Name : x", b"\xff\xfe{\0}\0", b"FCS3.1"):
        assert codes(fails(content)) == {"wrong_format"}


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_a_single_byte_encoding_is_asked_for(fails, encoding):
    content = one({"pH": (7.25, "pH")}, sample="Müller", encoding=encoding)
    assert codes(fails(content)) == {"unknown_encoding"}
    assert records_of(NAME, content, f'encoding = "{encoding}"').measurements[0].value == 7.25


def test_every_cut_is_an_error_and_nothing_else():
    content = plate(PLATE[:6], count=6)
    whole = content.rstrip()
    for cut in range(len(whole)):
        with pytest.raises(ChipDataError) as caught:
            records_of(NAME, content[:cut], "expected = { wells = 6 }")
        assert codes(caught) <= {"cut_file", "json_damaged", "wrong_format", "empty_file"}


def test_damage_raises_nothing_but_chip_data_errors():
    content = elisa([(n, 1.5) for n in (1, 2, 3)], "Above Detection Range")
    generator = np.random.default_rng(9)
    tokens = [b"null", b"[]", b"{}", b'"x"', b"-0.0", b"1e999", b"true", b"NaN", b"\0", b"7"]
    read = 0
    for _ in range(400):
        damaged = bytearray(content)
        at = int(generator.integers(0, len(damaged)))
        if generator.integers(2):
            damaged[at] ^= 1 << int(generator.integers(0, 8))
        else:  # a whole value is exchanged, so that the JSON still parses
            colon = damaged.find(b": ", at)
            end = min((e for e in (damaged.find(b",", colon), damaged.find(b"\n", colon)) if e > 0),
                      default=colon)  # fmt: skip
            damaged[colon + 2 : end] = tokens[generator.integers(10)]
        try:
            records_of(
                NAME, bytes(damaged), 'units = { "Calc. Concentration" = "pg/mL" }', *TARGET[1:]
            )
            read += 1
        except ChipDataError as error:
            assert all(item.code and item.found for item in error.errors)
    assert read > 40


def test_nesting_and_repeated_keys_are_refused(fails):
    deep = b'{"$asm.manifest": "x", "a": ' + b"[" * 200_000
    assert codes(fails(deep)) <= {"too_large", "cut_file"}
    content = one({"pH": (7.25, "pH")})
    twice = content.replace(b'"value": 7.25', b'"value": 7.5, "value": 7.25')
    assert codes(fails(twice)) == {"duplicate_key"}
