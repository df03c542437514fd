"""Bad inputs of the impedance formats: empty, cut, decimal signs, encodings, dates."""

import re
from datetime import UTC

import numpy as np
import pytest

from skinmech_chip_adapters import ChipDataError, Flag, Sidecar, TimeQuality, read
from skinmech_chip_adapters.instruments.biologic_mpt import writer as biologic_mpt
from skinmech_chip_adapters.instruments.cellzscope_raw import writer as cellzscope_raw
from skinmech_chip_adapters.instruments.ecis_abp import writer as ecis_abp
from skinmech_chip_adapters.instruments.gamry import writer as gamry
from skinmech_chip_adapters.instruments.palmsens import writer as palmsens
from tests.chip_adapters.impedance.conftest import (
    FORMATS,
    WHEN,
    F,
    Z,
    example,
    example_of,
    fails,
    one,
    parse,
)

# 1, 2: nothing in it


HEAD_LINES = {
    "biologic_mpt": b"freq/Hz", "cellzscope_model": b",with", "cellzscope_raw": b"frequency (Hz)",
    "ecis_abp": b"[Data]", "ecis_rba": b"[Data]", "gamry": b"\t#", "sciospec": b"frequency",
    "xcelligence_text": b"Time-Interval",
}  # fmt: skip


@pytest.mark.parametrize("name", HEAD_LINES)
def test_header_without_rows_is_empty_with_a_warning(name):
    made = example_of(name)
    lines = made.content.splitlines(keepends=True)
    last = next(i for i, line in enumerate(lines) if line.startswith(HEAD_LINES[name]))
    content = re.sub(rb"Loop \d.*\r\n", b"x\r\n", b"".join(lines[: last + 1]))
    order = "DMY" if name == "cellzscope_raw" else "MDY"
    parsed, records = one(name, content, f'date_order = "{order}"')
    assert not records.spectra and not records.measurements
    codes = [message.code for message in (*parsed.messages, *records.messages)]
    assert "no_rows" in codes


# 3, 4: cut


def test_cut_inside_a_block_keeps_the_others_and_names_well_and_run():
    name, content, sidecar = example("cellzscope_raw")
    lines = content.splitlines(keepends=True)
    starts = [i for i, line in enumerate(lines) if b"Well:" in line]
    _, records = parse(name, b"".join(lines[: starts[3] + 12]), sidecar)
    assert len(records.spectra) == 3
    assert all(one.flags & Flag.PARTIAL_SOURCE for one in records.spectra)
    (message,) = [m for m in records.messages if m.code == "sweep_incomplete"]
    assert message.level == "error" and "A2, Run.5" in message.text and "8 of 21" in message.text


def test_a_last_well_with_fewer_runs_is_a_cut():
    name, content, sidecar = example("cellzscope_raw")
    cut = content[: content.rindex(b"Well:")]
    _, records = parse(name, cut, sidecar)
    assert len(records.spectra) == 3
    assert all(one.flags & Flag.PARTIAL_SOURCE for one in records.spectra)
    assert "file_incomplete" in [message.code for message in records.messages]


def test_a_missing_mapped_well_is_a_cut():
    name, content, sidecar = example("cellzscope_raw")
    cut = content[: content.index(b"Well: A2")]
    with pytest.raises(ChipDataError, match="well_not_in_file"):
        parse(name, cut, sidecar)


@pytest.mark.parametrize("name", [n for n in FORMATS if n not in ("biologic_mpt", "palmsens")])
def test_cut_inside_the_last_number_names_the_line(name):
    made = example_of(name)
    content = made.content.split(b"\r\n\r\n\r\n[Comments]")[0].rstrip()
    with pytest.raises(ChipDataError) as caught:
        parse(name, content[:-1], Sidecar.from_text(made.sidecar))
    codes, text = {problem.code for problem in caught.value.errors}, str(caught.value)
    assert "cut_row" in codes and re.search(r"line \d+", text)


def test_eclab_writes_no_last_line_end_so_a_cut_number_is_found_by_its_digits():
    content = biologic_mpt.write([(F, Z)], WHEN, cycles=False, order=(0, 3, 4, 5, 6, 1, 2))
    _, whole = one("biologic_mpt", content, 'date_order = "MDY"')
    assert whole.spectra[0].z_ohm[-1] == Z[-1]
    for cut in range(1, 12):
        codes, _ = fails("biologic_mpt", content[:-cut], 'date_order = "MDY"')
        assert codes == {"cut_row"}, cut


def test_eclab_loops_in_the_header_show_missing_rows():
    name, content, sidecar = example("biologic_mpt")
    with pytest.raises(ChipDataError, match="cut_file"):
        parse(name, content[: content.rindex(b"\r\n")], sidecar)


def test_sciospec_ranges_in_the_header_show_missing_points():
    name, content, sidecar = example("sciospec")
    lines = content.splitlines(keepends=True)
    with pytest.raises(ChipDataError, match="24 points"):
        parse(name, b"".join(lines[:-1]), sidecar)


def test_gamry_stated_number_of_rows_is_checked():
    content = gamry.write(F, Z, WHEN, counted=True)
    lines = content.splitlines(keepends=True)
    assert fails("gamry", b"".join(lines[:-1]), 'date_order = "MDY"')[0] == {"cut_file"}
    _, records = one("gamry", content, 'date_order = "MDY"')
    assert records.spectra[0].flags == 0


def test_gamry_lost_point_in_the_middle_is_found_by_the_numbering():
    lines = gamry.write(F, Z, WHEN).splitlines(keepends=True)
    del lines[-2]
    assert "row_missing" in fails("gamry", b"".join(lines), 'date_order = "MDY"')[0]


def test_ecis_data_without_trailer_may_be_cut_and_a_lost_well_is_seen():
    spectra = {(float(hour), well): Z for hour in (0, 1) for well in (1, 2)}
    content = ecis_abp.write(spectra, F, WHEN, trailer=False)
    wells = {"A1": "C1", "B1": "C2"}
    _, records = one("ecis_abp", content, wells=wells)
    assert [bool(s.flags & Flag.UNVERIFIED_END) for s in records.spectra] == [False] * 2 + [
        True
    ] * 2
    cut = b"".join(content.splitlines(keepends=True)[:-1])
    _, records = one("ecis_abp", cut, wells=wells)
    assert len(records.spectra) == 3
    assert all(s.flags & Flag.PARTIAL_SOURCE for s in records.spectra)


# 5, 6: decimal signs (also A6: a thousandfold without a word)


def test_mixed_decimal_signs_name_both_lines():
    lines = gamry.write(F, Z, WHEN, decimal=",").splitlines()
    lines[-1] = lines[-1].replace(b",", b".")
    codes, text = fails("gamry", b"\r\n".join([*lines, b""]), 'date_order = "MDY"')
    assert codes == {"mixed_decimal"} and re.search(r"lines \d+ and \d+", text)


def test_a_decimal_comma_with_three_digits_is_not_a_thousand():
    content = cellzscope_raw.write(
        [cellzscope_raw.Sweep("A1", "s", "Run.1", WHEN, F / 10, np.abs(Z), -F / F)],
        delimiter=";", decimal=",", digits=3,
    )  # fmt: skip
    codes, text = fails("cellzscope_raw", content, 'date_order = "DMY"')
    assert codes == {"ambiguous_decimal"} and "'100,000'" in text
    _, records = one("cellzscope_raw", content, 'date_order = "DMY"\ndecimal = ","')
    assert records.spectra[0].frequency_Hz.tolist() == (F / 10).tolist()


def test_a_decimal_comma_in_a_comma_table_is_refused():
    content = cellzscope_raw.write(
        [cellzscope_raw.Sweep("A1", "s", "Run.1", WHEN, F, np.abs(Z), -F / F)],
        delimiter=",", decimal=",", digits=2,
    )  # fmt: skip
    assert fails("cellzscope_raw", content, 'date_order = "DMY"')[0] == {"cut_row"}


# 7: encodings


def test_a_western_file_in_an_unknown_code_page_needs_a_declaration():
    content = gamry.write(F, Z, WHEN, encoding="mac_roman")
    codes, text = fails("gamry", content, 'date_order = "MDY"')
    assert codes == {"unknown_encoding"} and "mac_roman" in text
    _, records = one("gamry", content, 'date_order = "MDY"\nencoding = "mac_roman"')
    assert records.spectra[0].z_ohm.tolist() == Z.tolist()


# 9, 11, 12: dates, zones, no time


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("gamry", gamry.write(F, Z, WHEN)),
        ("biologic_mpt", biologic_mpt.write([(F, Z)], WHEN)),
        (
            "cellzscope_raw",
            cellzscope_raw.write(
                [cellzscope_raw.Sweep("A1", "s", "Run.1", WHEN, F, np.abs(Z), -F / F)]
            ),
        ),
    ],
)
def test_ambiguous_date_needs_a_declaration(name, content):
    assert fails(name, content)[0] == {"ambiguous_date"}
    order = "DMY" if name == "cellzscope_raw" else "MDY"
    _, records = one(name, content, f'date_order = "{order}"\ntimezone = "UTC"')
    assert records.spectra[0].timestamp_utc.startswith("2026-04-03T16:4")
    _, records = one(name, content, f'date_order = "{order}"')
    assert records.spectra[0].time_quality == TimeQuality.LOCAL_UNKNOWN
    assert records.spectra[0].timestamp_utc == ""


def test_palmsens_ticks_are_utc_and_checked_against_local_time():
    content = palmsens.write([("s", F, Z)], WHEN.replace(tzinfo=UTC), encoding="utf-8")
    _, records = one("palmsens", content)
    assert records.spectra[0].time_quality == TimeQuality.FILE_ZONE
    wrong = re.sub(rb'"TimeStamp":\d{5}', b'"TimeStamp":12345', content)
    assert fails("palmsens", wrong)[0] == {"inconsistent_row"}


@pytest.mark.parametrize("name", ["cellzscope_model", "xcelligence_text", "ecis_rba"])
def test_hours_since_an_unplaced_start_are_refused_and_never_an_epoch(name):
    made = example_of(name)
    sidecar = Sidecar.from_text(re.sub(r"\ntime = .*", "", made.sidecar))
    with pytest.raises(ChipDataError, match="time_missing") as caught:
        parse(name, made.content, sidecar)
    assert "1970" not in str(caught.value)


def test_ecis_date_with_zone_and_t0_places_the_model_results(tmp_path):
    made = example_of("ecis_rba")
    text = re.sub(r'\ntime = "2 h"', '\ntimezone = "UTC"', made.sidecar)
    text = re.sub(r"(\[chip\.C\d\])", r'\1\nt0 = "2026-07-23T15:54:44Z"', text)
    (tmp_path / made.filename).write_bytes(made.content)
    rows = read(tmp_path / made.filename, Sidecar.from_text(text, folder=tmp_path)).measurements
    assert sorted(set(rows["time_s"])) == [3600.0, 7200.0, 10800.0]
