"""Bad logs of oxygen: what must happen, for each trap of these formats."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from skinmech_chip_adapters import ChipDataError, Flag, TimeQuality
from skinmech_chip_adapters.instruments._logger import OXYGEN_MOLAR_MASS
from skinmech_chip_adapters.instruments.presens_fibox import writer as fibox
from skinmech_chip_adapters.instruments.presens_sdr import writer as sdr
from skinmech_chip_adapters.instruments.pyroscience import writer as pyro
from tests.chip_adapters.oxygen._read import codes, parsed_and_records, records_of

START = datetime(2026, 3, 17, 9, 30)
HALF = [0.5, 1.0, 1.5, 2.0]
VALUES = [98.5, 97.25, 95.75, 94.5]
WARM = [36.5, 36.75, 37.0, 37.0]
FLAGGED = 'time = "0 s"\non_bad_row = "keep_flagged"'

SDR = sdr.write(START, HALF, {"A1": VALUES, "B1": WARM})
FIBOX = fibox.write(START, HALF, VALUES, WARM)
FIBOX4 = fibox.write(START, HALF, VALUES, WARM, model=4, unit="%a.s.")
PYRO = pyro.write(START, HALF, VALUES, WARM)
OLD = pyro.write_oxygen_logger(START, HALF, {1: VALUES}, {1: WARM})
LOGS = {
    "sdr": ("presens_sdr", SDR),
    "fibox": ("presens_fibox", FIBOX),
    "fibox4": ("presens_fibox", FIBOX4),
    "pyro": ("pyroscience", PYRO),
    "old": ("pyroscience", OLD),
}
every_log = pytest.mark.parametrize("log", list(LOGS))


@pytest.fixture
def fails():
    def run(name, content, *sidecar):
        with pytest.raises(ChipDataError) as caught:
            records_of(name, content, *sidecar)
        return caught

    return run


# cut, damaged, empty


@every_log
def test_header_without_rows_is_empty_with_a_warning(log):
    name, content = LOGS[log]
    first = content.index({"sdr": b"17.03.26", "fibox": b" 17/03/26", "fibox4": b"17-Mar-2026",
                           "pyro": b"17-03-2026", "old": b"3/17/2026"}[log])  # fmt: skip
    parsed, records = parsed_and_records(name, content[:first])
    assert records.series == () and "no_rows" in {one.code for one in parsed.messages}


@every_log
def test_every_cut_gives_whole_rows_with_a_flag_or_an_error(log):
    name, content = LOGS[log]
    whole = {one.channel: one.value.tolist() for one in records_of(name, content).series}
    marks = int(Flag.UNVERIFIED_END | Flag.PARTIAL_SOURCE)
    found = set()
    for cut in range(len(content)):
        try:
            parsed, records = parsed_and_records(name, content[:cut])
        except ChipDataError as error:
            found |= {one.code for one in error.errors}
            continue
        empty = "no_rows" in {one.code for one in parsed.messages}
        rows = {one.channel: one.value.tolist() for one in records.series}
        for channel, values in rows.items():
            assert values == whole[channel][: len(values)]
        if rows != whole:
            assert empty or all(one.flags & marks for one in records.series), cut
    assert {"cut_row", "cut_file"} <= found


@every_log
def test_damage_raises_nothing_but_chip_data_errors(log):
    name, content = LOGS[log]
    generator = np.random.default_rng(5)
    tokens = [b"\0", b"\xff", b";", b"\t", b"1_0", b"1e999", b"\r", b"nan", b"[", b"--", b"#"]
    errors = 0
    for _ in range(250):
        damaged = bytearray(content)
        for _ in range(generator.integers(1, 4)):
            at = int(generator.integers(0, len(damaged)))
            damaged[at : at + int(generator.integers(0, 5))] = tokens[generator.integers(11)]
        try:
            records_of(name, bytes(damaged), FLAGGED if generator.integers(2) else 'time = "0 s"')
        except ChipDataError as error:
            errors += 1
            assert all(one.code and one.found and one.expected for one in error.errors)
    assert errors > 20


@every_log
def test_a_short_row_is_named_or_refused_alone(log, fails):
    name, content = LOGS[log]
    lines = content.splitlines(keepends=True)
    row = next(i for i in range(len(lines) - 1, 0, -1) if b"95.75" in lines[i])
    delimiter = b"\t" if name == "pyroscience" else b";"
    lines[row] = delimiter.join(lines[row].split(delimiter)[:3]) + b"\r\n"
    error = fails(name, b"".join(lines))
    assert codes(error) == {"cut_row"} and f"line {row + 1}" in str(error.value)
    records = records_of(name, b"".join(lines), FLAGGED)
    assert all(one.flags & Flag.PARTIAL_SOURCE for one in records.series)
    assert all(len(one.value) == 3 for one in records.series)


@every_log
def test_declared_number_of_rows_finds_a_cut_and_vouches(log, fails):
    name, content = LOGS[log]
    error = fails(name, content, 'time = "0 s"\nexpected = { rows = 5 }')
    assert codes(error) == {"cut_file"}
    records = records_of(name, content, 'time = "0 s"\nexpected = { rows = 4 }')
    assert not any(one.flags & Flag.UNVERIFIED_END for one in records.series)


def test_sdr_end_time_vouches_for_the_last_row():
    assert [one.flags for one in records_of("presens_sdr", SDR).series] == [0, 0]
    cut = SDR[: SDR.rindex(b"17.03.26")]
    (first, _) = records_of("presens_sdr", cut).series
    assert first.flags == Flag.UNVERIFIED_END and len(first.value) == 3
    late = sdr.write(START, HALF, {"A1": VALUES}, end=START + timedelta(hours=2))
    records = records_of("presens_sdr", late)
    assert records.series[0].flags == Flag.PARTIAL_SOURCE
    assert "ends_early" in {one.code for one in records.messages}


def test_sdr_title_with_a_lost_delimiter_does_not_shift_columns(fails):
    damaged = SDR.replace(b"A1;", b"A1{", 1)
    assert codes(fails("presens_sdr", damaged)) == {"column_missing"}


def test_pyro_last_line_without_end_needs_a_whole_status(fails):
    assert not PYRO.endswith(b"\n")
    assert len(records_of("pyroscience", PYRO).series) == 2
    for cut in (PYRO[:-1], PYRO[:-2], PYRO[:-3]):
        assert codes(fails("pyroscience", cut)) == {"cut_row"}
    assert codes(fails("pyroscience", PYRO[:-2] + b"NotOK(1")) == {"cut_row"}
    assert len(records_of("pyroscience", PYRO[:-2] + b"NotOK(13)").series) == 2


# numbers, words, units


@every_log
def test_mixed_decimal_signs_name_both_lines(log, fails):
    name, content = LOGS[log]
    error = fails(name, content.replace(b"95.75", b"95,75"))
    assert codes(error) == {"mixed_decimal"} and "lines " in str(error.value)


@every_log
@pytest.mark.parametrize("word", ["---", "NaN", "N/A", "inf", "OVRFLW"])
def test_a_word_is_a_gap_with_its_text_and_never_zero(log, word):
    name, content = LOGS[log]
    series = records_of(name, content.replace(b"95.75", word.encode())).series[0]
    assert np.isnan(series.value[2]) and series.status_text[2] == word
    assert np.isfinite(np.delete(series.value, 2)).all()


@every_log
def test_an_unknown_word_is_an_error_or_a_flagged_gap(log, fails):
    name, content = LOGS[log]
    content = content.replace(b"95.75", b"oops!")
    error = fails(name, content)
    assert codes(error) == {"not_a_number"} and "'oops!'" in str(error.value)
    series = records_of(name, content, FLAGGED).series[0]
    assert np.isnan(series.value[2]) and series.flags & Flag.BAD_ROW
    declared = 'time = "0 s"\nsentinels = { "oops!" = "missing" }'
    assert not records_of(name, content, declared).series[0].flags & Flag.BAD_ROW


@pytest.mark.parametrize(
    ("unit", "observable", "value"),
    [
        ("% airsatur.", "o2_air_saturation", 98.5),
        ("%O2", "o2_fraction", 98.5),
        ("hPa (mbar)", "po2", 9.85),
        ("Torr", "po2", 98.5 * 101.325 / 760),
        ("umol/L", "o2", 98.5e-6),
        ("mg/L (ppm)", "o2", 98.5e-3 / OXYGEN_MOLAR_MASS),
    ],
)
def test_five_oxygen_quantities_stay_apart(unit, observable, value):
    series = records_of("presens_fibox", fibox.write(START, HALF, VALUES, WARM, unit=unit)).series
    assert series[0].observable == observable
    assert series[0].value[0] == pytest.approx(value, rel=2e-6)  # Torr: 133.322 Pa


@pytest.mark.parametrize("unit", ["raw", "furlong", "mL/L"])
def test_an_unknown_oxygen_unit_is_an_error_with_its_text(unit, fails):
    error = fails("presens_fibox", fibox.write(START, HALF, VALUES, WARM, unit=unit))
    assert codes(error) <= {"unknown_unit", "unit_unsupported"} and unit in str(error.value)
    error = fails("pyroscience", pyro.write(START, HALF, VALUES, WARM, unit=unit))
    assert unit in str(error.value)


def test_unit_of_settings_and_title_must_agree(fails):
    damaged = OLD.replace(b"Ch 1\twater\t% air sat", b"Ch 1\twater\thPa (mbar)")
    assert codes(fails("pyroscience", damaged)) == {"unit_conflict"}


def test_fibox4_units_must_not_change_between_rows(fails):
    at = FIBOX4.rindex(b"%a.s.")
    damaged = FIBOX4[:at] + b"hPa" + FIBOX4[at + 5 :]
    assert codes(fails("presens_fibox", damaged)) == {"unit_conflict"}


def test_blocks_of_two_units_become_two_series():
    later = START + timedelta(minutes=5)
    second = fibox.write(later, [5.0, 5.5], [300.0, 301.5], WARM[:2], unit="umol/L")
    content = FIBOX + second[second.index(b"start time") :]
    records = records_of("presens_fibox", content)
    assert [one.channel for one in records.series] == [
        *("oxygen", "temperature", "oxygen 2", "temperature 2"),
    ]
    assert records.series[2].value.tolist() == [300e-6, 301.5e-6]
    assert [bool(one.flags) for one in records.series] == [False, False, True, True]


# dates, clocks, zones


def test_ambiguous_dates_are_refused_until_declared(fails):
    day = datetime(2026, 3, 4, 9, 30)
    for name, content in (
        ("presens_sdr", sdr.write(day, HALF, {"A1": VALUES})),
        ("pyroscience", pyro.write(day, HALF, VALUES, WARM)),
        ("pyroscience", pyro.write_oxygen_logger(day, HALF, {1: VALUES}, {1: WARM})),
    ):
        assert codes(fails(name, content)) == {"ambiguous_date"}
        for order in ("DMY", "MDY"):
            records = records_of(name, content, f'time = "0 s"\ndate_order = "{order}"')
            assert len(records.series[0].value) == 4
    # The Fibox says the order in its title.
    assert records_of("presens_fibox", fibox.write(day, HALF, VALUES, WARM)).series


@every_log
def test_without_zone_or_start_the_time_is_refused_and_never_an_epoch(log, fails):
    name, content = LOGS[log]
    assert codes(fails(name, content, "")) == {"time_unknown"}
    assert codes(fails(name, content, "", 't0 = "2026-03-17T00:00:00Z"')) == {"time_unknown"}
    series = records_of(name, content).series[0]
    assert series.time_quality == TimeQuality.LOCAL_UNKNOWN


@every_log
def test_declared_zone_joins_the_log_with_t0(log):
    name, content = LOGS[log]
    sidecar = ('timezone = "Europe/Berlin"', 't0 = "2026-03-17T08:00:00Z"')
    series = records_of(name, content, *sidecar).series[0]
    seconds = 60.0 if log in ("sdr", "fibox", "fibox4") else 1.0
    expected = 1800.0 + np.floor(0.5 * seconds if log != "pyro" else 0.0)
    assert series.time_s[0] == pytest.approx(expected + (0.5 if log == "pyro" else 0.0))
    assert series.time_quality == TimeQuality.DECLARED_ZONE


@every_log
def test_a_declared_start_is_added_to_the_own_clock(log):
    name, content = LOGS[log]
    series = records_of(name, content, 'time = "2 h"').series[0]
    unit = 1.0 if name == "pyroscience" else 60.0
    np.testing.assert_array_equal(series.time_s, 7200.0 + unit * np.array(HALF))


@every_log
def test_repeated_and_falling_times_are_remarked(log):
    name, content = LOGS[log]
    twice = content.splitlines(keepends=True)
    row = next(i for i, line in enumerate(twice) if b"97.25" in line)
    doubled = b"".join([*twice[: row + 1], twice[row], *twice[row + 1 :]])
    records = records_of(name, doubled)
    assert "duplicate_time" in {one.code for one in records.messages}
    assert records.series[0].flags & Flag.DUPLICATE
    falling = b"".join([*twice[: row + 1], twice[row - 1], *twice[row + 1 :]])
    records = records_of(name, falling)
    assert "time_goes_back" in {one.code for one in records.messages}


def test_a_changed_computer_clock_is_remarked():
    changed = SDR.replace(b"17.03.2609:32:00", b"17.03.2610:32:00")
    assert changed != SDR
    records = records_of("presens_sdr", changed)
    assert "clocks_disagree" in {one.code for one in records.messages}


# places


def test_dish_wells_go_to_their_chips_and_unmapped_ones_are_refused(fails):
    mapped = 'time = "0 s"\nwell_map = { A1 = { chip = "C" }, B1 = { chip = "D" } }'
    assert [one.chip_id for one in records_of("presens_sdr", SDR, mapped).series] == ["C", "D"]
    short = 'time = "0 s"\nwell_map = { A1 = { chip = "C" } }'
    assert codes(fails("presens_sdr", SDR, short)) == {"undeclared_well"}
    skipping = short + '\nunmapped = "skip"'
    assert len(records_of("presens_sdr", SDR, skipping).series) == 1
    long = (
        'time = "0 s"\nwell_map = { A1 = { chip = "C" }, B1 = { chip = "D" }, D6 = { chip = "D" } }'
    )
    assert codes(fails("presens_sdr", SDR, long)) == {"well_not_in_file"}


def test_channels_of_a_meter_go_to_their_chips_by_name(fails):
    content = pyro.write_oxygen_logger(START, HALF, {1: VALUES, 3: WARM}, {1: WARM, 3: WARM})
    mapped = 'time = "0 s"\nwell_map = { "Ch 1" = { chip = "C" }, "Ch 3" = { chip = "D" } }'
    records = records_of("pyroscience", content, mapped)
    assert [one.chip_id for one in records.series] == ["C", "C", "D", "D"]
    left_out = {one.name for one in records.unparsed}
    assert {"Oxygen Ch2", "Oxygen Ch4"} <= left_out  # "---" in every row: not measured
    other = 'time = "0 s"\nwell_map = { "Ch 1" = { chip = "C" } }'
    assert codes(fails("pyroscience", content, other)) == {"undeclared_well"}


def test_errors_of_the_device_are_kept_with_a_flag():
    sdr_log = sdr.write(START, HALF, {"A1": VALUES}, errors=["", "E5", "", ""])
    fibox_log = fibox.write(START, HALF, VALUES, WARM, errors=["E0", "E5", "E0", "E0"])
    for name, content in (("presens_sdr", sdr_log), ("presens_fibox", fibox_log)):
        series = records_of(name, content).series[0]
        assert series.status_text.tolist() == ["", "E5", "", ""]
        assert series.flags & Flag.VENDOR_WARNING and series.value[1] == 97.25
    status = ["OK", "NotOK(3,9)", "OK", "OK"]
    records = records_of("pyroscience", pyro.write(START, HALF, VALUES, WARM, status=status))
    assert records.series[0].status_text[1] == "NotOK(3,9)"
    (text,) = [one.text for one in records.messages if one.code == "vendor_status"]
    assert "reference signal too weak" in text and "pressure sensor failed" in text


def test_several_channels_in_one_workbench_file():
    one, two = (
        pyro.write(START, HALF, values, WARM, channel=channel, end=True).decode("latin-1")
        for values, channel in ((VALUES, "A Ch.1"), (WARM, "A Ch.2"))
    )
    head, rows = one.split("Date [")[0], []
    for a, b in zip(one.splitlines()[11:], two.splitlines()[11:], strict=True):
        rows.append(f"{a}\t{b}\r\n")
    records = records_of("pyroscience", (head + "".join(rows)).encode("latin-1"))
    assert len(records.series) == 4 and records.series[2].value.tolist() == WARM


# encodings


def test_a_single_byte_encoding_is_told_by_the_degree_sign_or_asked_for(fails):
    plain = pyro.write(START, HALF, VALUES, WARM).replace(b"\xb0", b"")
    remark = plain.replace(b"#simulated", b"#f\xfcr C7")
    assert codes(fails("pyroscience", remark)) == {"unknown_encoding"}
    declared = 'time = "0 s"\nencoding = "latin-1"'
    titled = PYRO.replace(b"#simulated", b"#f\xfcr C7")
    assert parsed_and_records("pyroscience", titled)[0].encoding == "latin-1"
    assert parsed_and_records("pyroscience", titled, declared)[0].encoding == "latin-1"
    dashed = PYRO.replace(b"#simulated", b"#a \x96 b")
    assert parsed_and_records("pyroscience", dashed)[0].encoding == "cp1252"


def test_damaged_utf8_is_not_taken_for_latin1(fails):
    content = sdr.write(START, HALF, {"A1": VALUES}, encoding="utf-8")
    damaged = content.replace(b"simulated", b"simul\xffted", 1)
    assert codes(fails("presens_sdr", damaged)) == {"unknown_encoding"}
