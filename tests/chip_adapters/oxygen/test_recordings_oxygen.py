"""Real recordings of oxygen loggers give the expected values or are refused as stated."""

import re
from datetime import datetime, timedelta

import numpy as np
import pytest

from skinmech_chip_adapters import ChipDataError, Flag, TimeQuality
from tests.chip_adapters.oxygen._read import codes, parsed_and_records, recording, records_of

SDR = "presens/sdr_file.txt"
FIBOX = "presens/fibox_3_file.txt"
PYRO = "pyroscience/A_FirestingO2(2Channels)_(ACh.1)_Oxygen.txt"
ZONED = ('timezone = "UTC"', 't0 = "2017-01-25T00:00:00Z"')


def test_sdr_values_header_and_glued_dates(shared_data):
    content, wanted = recording(shared_data, SDR)
    parsed, records = parsed_and_records("presens_sdr", content)
    assert parsed.encoding == wanted["encoding"] and parsed.newline == "CRLF"
    assert list(parsed.tables.titles[: len(wanted["header"])]) == wanted["header"]
    assert len(parsed.tables.rows) == wanted["rows"]
    assert len(records.series) == 24
    first = records.series[0]
    assert first.channel == "A1" and first.value[0] == wanted["first"]["A1"]
    assert first.time_s[0] == 60.0 * wanted["first"]["minutes"]
    assert first.observable == "o2_air_saturation" and wanted["unit"] == "% air saturation"
    numbers = re.findall(r"[\d.]+", wanted["calibration"].replace("O2_T0", ""))
    header = parsed.tables.header
    assert header["O2_T0 [°C]"] in numbers and header["O2_patm [mbar]"] in numbers
    assert all(one.time_quality == TimeQuality.LOCAL_UNKNOWN for one in records.series)


def test_sdr_date_without_a_blank_is_the_right_day(shared_data):
    content, wanted = recording(shared_data, SDR)
    text = wanted["first"]["time"].split(" written as ")
    assert content.count(text[1].encode()) == 1
    when = datetime.strptime(text[0], "%d.%m.%y %H:%M:%S")
    records = records_of("presens_sdr", content, *ZONED)
    since = when - datetime(2017, 1, 25)
    assert records.series[0].time_s[0] == since.total_seconds()
    assert records.series[0].time_quality == TimeQuality.DECLARED_ZONE
    assert np.all(np.diff(records.series[0].time_s) > 0)


def test_sdr_recording_is_shorter_than_its_header_says(shared_data):
    content, _ = recording(shared_data, SDR)
    records = records_of("presens_sdr", content)
    assert "ends_early" in {one.code for one in records.messages}
    assert all(one.flags == Flag.PARTIAL_SOURCE for one in records.series)
    declared = records_of("presens_sdr", content, 'time = "0 s"\nexpected = { rows = 279 }')
    assert all(one.flags == 0 for one in declared.series)


def test_fibox_values_and_blocks(shared_data):
    content, wanted = recording(shared_data, FIBOX)
    parsed, records = parsed_and_records("presens_fibox", content)
    blocks, first = parsed.tables.blocks, wanted["first"]
    # The expected number counts lines that begin with the date: one of them is the date line of
    # the preamble, between the software's name and the time.
    dated = [line for line in content.splitlines() if line.startswith(first["date"].encode())]
    preamble = [line for line in dated if line.strip() == f"{first['date']};".encode()]
    assert len(dated) == wanted["rows"] and len(preamble) == 1
    assert sum(len(block.rows) for block in blocks) == len(dated) - len(preamble)
    row = blocks[0].rows[0][1]
    places = blocks[0].places
    assert row[places["date"]] == first["date"] and row[places["error"]] == first["error"]
    assert float(row[places["phase"]]) == first["phase_deg"]
    oxygen, temperature = records.series[:2]
    assert oxygen.value[0] == first["o2_pct_airsat"] and temperature.value[0] == first["temp_degC"]
    assert oxygen.observable == "o2_air_saturation" and temperature.unit == "degC"
    # The unit was changed while measuring: each block is read in its own.
    units = {one.observable for one in records.series}
    assert {"o2_air_saturation", "o2", "po2", "o2_fraction"} <= units
    assert [one.flags for one in records.series[-2:]] == [Flag.UNVERIFIED_END] * 2


def test_fibox_mass_and_amount_of_one_sample_agree(shared_data):
    """mg/L and umol/L of water measured within seconds differ by less than the drift."""
    content, _ = recording(shared_data, FIBOX)
    records = records_of("presens_fibox", content)
    amounts = [one.value for one in records.series if one.observable == "o2"]
    assert len(amounts) == 2
    assert np.mean(amounts[0]) == pytest.approx(np.mean(amounts[1]), rel=5e-3)


def test_fibox_states_its_order_of_dates(shared_data):
    content, wanted = recording(shared_data, FIBOX)
    day = datetime.strptime(wanted["first"]["date"], "%d/%m/%y")
    records = records_of(
        "presens_fibox", content, 'timezone = "UTC"', f't0 = "{day:%Y-%m-%d}T00:00:00Z"'
    )
    assert timedelta(seconds=records.series[0].time_s[0]) < timedelta(days=1)
    with pytest.raises(ChipDataError) as caught:
        records_of("presens_fibox", content, 'time = "0 s"\ndate_order = "MDY"')
    assert "mixed_dates" in codes(caught)


def test_pyroscience_values_and_status(shared_data):
    content, wanted = recording(shared_data, PYRO)
    parsed, records = parsed_and_records("pyroscience", content)
    first = wanted["first"]
    assert len(parsed.tables.rows) == wanted["rows"]
    main = parsed.tables.parts[0].clock
    cells = parsed.tables.rows[0][1]
    assert f"{cells[main['date']]} {cells[main['clock']]}" == first["time"]
    assert cells[main["status"]] == first["status"]
    oxygen, temperature, pressure = records.series
    assert oxygen.value[0] == first["o2_pct_airsat"] and oxygen.time_s[0] == first["dt_s"]
    assert temperature.value[0] == first["temp_degC"]
    assert pressure.value[0] == pytest.approx(first["pressure_mbar"] / 10, rel=1e-15)
    assert pressure.unit == "kPa" and pressure.method == "compensation sensor"
    assert oxygen.flags == Flag.UNVERIFIED_END | Flag.VENDOR_WARNING
    failed = list(oxygen.status_text).index("NotOK(13)")
    assert np.isnan(oxygen.value[failed])  # 13: probably no sensor
    assert oxygen.value[failed + 1] == 100.313  # 12: kept, with its status
    words = [one.text for one in records.messages if one.code == "vendor_status"]
    assert len(words) == 2 and any("no sensor" in one for one in words)


def test_every_number_of_the_legend_is_explained(shared_data):
    from skinmech_chip_adapters.instruments.pyroscience.status import MEANINGS

    content, _ = recording(shared_data, "pyroscience/StatusLegend.txt")
    lines = re.findall(r"^(\d+)\. (.+?)\r?$", content.decode(), re.MULTILINE)
    assert {int(number) for number, text in lines if text != "N/A"} == set(MEANINGS)


def test_the_legend_itself_is_refused_by_name(shared_data):
    content, _ = recording(shared_data, "pyroscience/StatusLegend.txt")
    with pytest.raises(ChipDataError, match="legend of status numbers") as caught:
        records_of("pyroscience", content)
    assert codes(caught) == {"wrong_format"}


@pytest.mark.parametrize(
    ("adapter", "name"), [("presens_sdr", SDR), ("presens_fibox", FIBOX), ("pyroscience", PYRO)]
)
def test_cut_recordings_keep_whole_rows_with_a_flag_or_are_refused(shared_data, adapter, name):
    content, _ = recording(shared_data, name)
    whole = {one.channel: one.value for one in records_of(adapter, content).series}
    marks = int(Flag.UNVERIFIED_END | Flag.PARTIAL_SOURCE)
    size, read = len(content), 0
    ends = [at + 1 for at in range(size - 1) if content[at : at + 1] == b"\n"]
    cuts = {
        *range(0, size, max(1, size // 25)),
        *range(size - 60, size, 7),
        *ends[:: len(ends) // 12],
    }
    for cut in sorted(cuts):
        try:
            parsed, records = parsed_and_records(adapter, content[:cut])
        except ChipDataError:
            continue
        read += 1
        shorter = any(len(one.value) < len(whole[one.channel]) for one in records.series)
        for one in records.series:
            expected = whole[one.channel][: len(one.value)]
            np.testing.assert_array_equal(one.value, expected)
        flagged = any(one.flags & marks for one in records.series)
        flagged |= "no_rows" in {one.code for one in parsed.messages}
        assert flagged or not (shorter or len(records.series) < len(whole)), cut
    assert read


@pytest.mark.parametrize(
    ("adapter", "name"), [("presens_sdr", SDR), ("presens_fibox", FIBOX), ("pyroscience", PYRO)]
)
def test_damaged_recordings_change_one_row_at_most_or_are_refused(shared_data, adapter, name):
    content, _ = recording(shared_data, name)
    if len(content) > 60_000:  # a part is quick, and as good
        content = content[: content.rindex(b"\n", 0, 60_000) + 1]
    options = 'time = "0 s"\non_bad_row = "keep_flagged"'
    whole = {one.channel: one.value for one in records_of(adapter, content, options).series}
    generator = np.random.default_rng(11)
    for _ in range(60):
        damaged = bytearray(content)
        at = int(generator.integers(0, len(content)))
        damaged[at] ^= 1 << int(generator.integers(0, 8))
        try:
            records = records_of(adapter, bytes(damaged), options)
        except ChipDataError as error:
            assert all(one.code and one.found for one in error.errors)
            continue
        for one in records.series:
            if one.channel not in whole:
                continue  # the title itself was hit
            before = list(map(repr, whole[one.channel].tolist()))
            after = list(map(repr, one.value.tolist()))
            if len(after) == len(before):
                wrong = sum(a != b for a, b in zip(after, before, strict=True))
                assert wrong <= 1, at
            elif len(after) == len(before) - 1:
                assert one.flags & (Flag.PARTIAL_SOURCE | Flag.BAD_ROW)
