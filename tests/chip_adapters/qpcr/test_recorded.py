"""Conformance with real recordings of quantitative PCR."""

import io
import re
import zipfile
from typing import Any
from xml.etree import ElementTree

import pytest

from skinmech_chip_adapters import Censor, ChipDataError, Flag, TimeQuality
from skinmech_chip_adapters.discovery import identify
from tests.chip_adapters.multiplex.support import is_marked, parse, states

QUANTSTUDIO = "quantstudio/appbio_quantstudio_example05.txt"
WORKBOOK = "quantstudio/appbio_quantstudio_designandanalysis_QS7Pro_Primary_Analysis_example18.xlsx"
CFX = "cfx_maestro/example01.csv"
BIOMARK = "biomark/BioMark_sample.csv"
RDML = "rdml/stepone_std.rdml"
XML = "rdml_data.xml"
GENES = ("GAPDH", "HPRT", "SDHA", "b actin")


def as_samples(wells) -> str:
    """A map that calls these wells samples, be they standards or controls."""
    stated = ", ".join(f'{well} = {{ chip = "C" }}' for well in sorted(set(wells)))
    return f'unmapped = "skip"\nwell_map = {{ {stated} }}'


@pytest.mark.parametrize(
    ("name", "adapter"),
    [
        *((QUANTSTUDIO, "quantstudio"), (WORKBOOK, "quantstudio"), (CFX, "cfx_maestro")),
        *((BIOMARK, "biomark"), (RDML, "rdml")),
    ],
)
def test_the_recording_is_claimed_by_its_adapter(folder, name, adapter):
    path = folder / name
    assert identify(path.read_bytes(), path.name).name == adapter


def test_quantstudio_undetermined_is_right_censored_at_the_last_cycle(folder, expected):
    wanted = expected[QUANTSTUDIO]
    content = (folder / QUANTSTUDIO).read_bytes()
    undetermined = content.count(b"\tUndetermined\t")
    plain = parse("quantstudio", content, "", ("TGF-B", "GAPDH"))[1].measurements
    # the controls without template are no samples
    assert len(plain) == 10 and {one.censor for one in plain} == {Censor.NONE}
    wells = re.findall(r"^\d+\t([A-P]\d+)\t(?:false|true)\t", content.decode(), re.M)
    options = "cycles = 40\n" + as_samples(wells)
    parsed, records = parse("quantstudio", content, options, ("TGF-B", "GAPDH"), chip=False)
    states = [(one.censor, one.limit_low) for one in records.measurements if one.censor != "none"]
    assert "right-censored at the last cycle" in wanted["undetermined"]
    assert states == [(Censor.RIGHT, 40.0)] * undetermined and undetermined > 0
    # the curves of this recording were shortened to 3 cycles, which is no last cycle
    assert any(one.code == "curves_shortened" for one in records.messages)
    options = as_samples(wells)
    unknown = parse("quantstudio", content, options, ("TGF-B", "GAPDH"), chip=False)[1].measurements
    censored = [one for one in unknown if one.censor == Censor.RIGHT]
    assert len(censored) == undetermined
    assert all(one.flags & Flag.LIMIT_UNKNOWN and one.value != one.value for one in censored)
    assert f"threshold {wanted['ct_threshold']}" in {one.note for one in unknown}


def test_quantstudio_zone_abbreviation_is_no_zone(folder):
    content = (folder / QUANTSTUDIO).read_bytes()
    first = parse("quantstudio", content, "", ("TGF-B", "GAPDH"))[1].measurements[0]
    assert first.timestamp_text == "2010-10-20 02:23:34 AM EDT"
    assert first.time_quality == TimeQuality.LOCAL_UNKNOWN and first.timestamp_utc == ""
    options = 'timezone = "America/New_York"'
    first = parse("quantstudio", content, options, ("TGF-B", "GAPDH"))[1].measurements[0]
    assert first.timestamp_utc == "2010-10-20T06:23:34+00:00"


def test_quantstudio_with_decimal_comma_gives_the_same_numbers(folder, expected):
    content = (folder / QUANTSTUDIO).read_bytes()
    # every number of the tables, and no other text, holds a point between digits
    head, results = content.split(b"[Sample Setup]")
    commas = head + b"[Sample Setup]" + results.replace(b".", b",")
    targets = ("TGF-B", "GAPDH")
    found = parse("quantstudio", commas, "", targets)[1].measurements
    same = parse("quantstudio", content, "", targets)[1].measurements
    assert [one.value for one in found] == [one.value for one in same]
    threshold = str(expected[QUANTSTUDIO]["ct_threshold"]).replace(".", ",")
    assert f"threshold {threshold}" in {one.note for one in found}


def test_design_and_analysis_workbook(folder):
    pytest.importorskip("python_calamine")
    content = (folder / WORKBOOK).read_bytes()
    wells = sheet_values(content, "D")
    parsed, records = parse("quantstudio", content, as_samples(wells), ("FAM",), chip=False)
    found = {one.well: one for one in records.measurements}
    numbers = {well: value for well, value in wells.items() if isinstance(value, float)}
    assert {well: found[well].value for well in numbers} == numbers
    nothing = set(wells) - set(numbers)
    assert {wells[well] for well in nothing} == {"Undetermined"}
    assert {found[well].censor for well in nothing} == {Censor.RIGHT}
    assert len(found) == len(wells) == 96
    assert parsed.software.startswith("Design & Analysis")
    # without a map the standards are no samples
    assert parse("quantstudio", content, "", ("FAM",))[1].measurements == ()


def sheet_values(content: bytes, column: str) -> dict[str, float | str]:
    """Cells of a column by well, read from the workbook's own XML."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        strings = [
            "".join(one.itertext())
            for one in ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))  # noqa: S314
        ]
        sheet: Any = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))  # noqa: S314
    found = {}
    for row in sheet.iter(f"{space}row"):
        cells = {one.get("r").rstrip("0123456789"): one for one in row.iter(f"{space}c")}
        if int(row.get("r")) > 25 and column in cells:
            well = strings[int(cells["A"].findtext(f"{space}v"))]
            text = cells[column].findtext(f"{space}v")
            is_word = cells[column].get("t") == "s"
            value = strings[int(text)] if is_word else float(text)
            found[f"{well[0]}{int(well[1:]):02d}"] = value
    return found


def test_cfx_cycles_and_no_time(folder, expected):
    wanted = expected[CFX]
    found = parse("cfx_maestro", (folder / CFX).read_bytes(), "", ("FAM", "VIC"))[1].measurements
    assert len(found) == wanted["rows"]
    first = found[0]
    assert (first.well, first.analyte) == (wanted["first"]["well"], wanted["first"]["fluor"])
    assert first.value == wanted["first"]["cq"]
    assert wanted["no_time_in_file"]
    assert {one.time_quality for one in found} == {TimeQuality.ABSENT}
    assert {(one.timestamp_text, one.timestamp_utc) for one in found} == {("", "")}
    assert found[-1].flags == Flag.UNVERIFIED_END


def test_biomark_failed_calls_and_sentinel(folder, expected):
    wanted = expected[BIOMARK]
    parsed, records = parse("biomark", (folder / BIOMARK).read_bytes(), "", GENES)
    found = records.measurements
    assert len(found) == wanted["reactions"]
    assert sum(one.censor == Censor.FAILED for one in found) == wanted["call_fail"]
    nothing = [one for one in found if one.raw_text == "999"]
    assert len(nothing) == wanted["ct_999"]
    assert {one.censor for one in nothing} == {Censor.FAILED}
    assert not [one for one in found if one.value > 50 or one.value <= 0]
    assert found[0].source_locator == f"line {wanted['header_rows'] + 1}"
    assert not any(one.flags for one in found)  # 48 x 48 chambers are all there


def test_rdml_of_stepone(folder, expected):
    wanted = expected[RDML]
    content = (folder / RDML).read_bytes()
    wells = re.findall(rb'<react id="(\w+)"', zipfile.ZipFile(io.BytesIO(content)).read(XML))
    options = as_samples(well.decode() for well in wells)
    parsed, records = parse("rdml", content, options, ("RNase P",), chip=False)
    found = records.measurements
    assert parsed.header == f"rdml version {wanted['version']}"
    assert len(found) == wanted["reacts"]
    assert len({one.sample for one in parsed.tables}) == wanted["samples"]
    assert len({one.analyte for one in found}) == wanted["targets"]
    # the first reaction is a control: its 40.0 is the last cycle, so nothing was amplified
    assert float(found[0].raw_text) == wanted["first_cq"]
    assert (found[0].censor, found[0].limit_low) == (Censor.RIGHT, wanted["first_cq"])
    assert not any(one.value >= wanted["first_cq"] for one in found)
    assert found[0].time_quality == TimeQuality.LOCAL_UNKNOWN
    unknowns = parse("rdml", content, "", ("RNase P",))[1].measurements
    assert 0 < len(unknowns) < wanted["reacts"]  # standards and controls are no samples


@pytest.mark.parametrize(
    ("name", "adapter", "targets", "cuts"),
    [
        (QUANTSTUDIO, "quantstudio", ("TGF-B", "GAPDH"), 150),
        (CFX, "cfx_maestro", ("FAM", "VIC"), 150),
        (BIOMARK, "biomark", GENES, 25),
        (RDML, "rdml", ("RNase P",), 100),
    ],
)
def test_cut_recordings_are_errors_or_marked(folder, name, adapter, targets, cuts):
    content = (folder / name).read_bytes()
    whole = states(parse(adapter, content, "", targets)[1].measurements)
    last = range(len(content) - 40, len(content) - 1)
    for cut in (*range(0, len(content) - 40, len(content) // cuts), *(last if cuts > 50 else ())):
        try:
            parsed, records = parse(adapter, content[:cut], "", targets)
        except ChipDataError:
            continue
        found = records.measurements
        assert states(found) == whole or is_marked(parsed, found), cut
        good = {k: v for k, v in states([m for m in found if not m.flags]).items()}
        assert good.items() <= whole.items(), cut


def test_cut_recording_keeps_what_is_intact_where_the_sidecar_says_so(folder):
    content = (folder / CFX).read_bytes()
    whole = states(parse("cfx_maestro", content, "", ("FAM", "VIC"))[1].measurements)
    cut = content[: content.rindex(b"20.9102") + 4]  # inside the last number
    with pytest.raises(ChipDataError) as caught:
        parse("cfx_maestro", cut, "", ("FAM", "VIC"))
    assert caught.value.code == "cut_row" and "line 49" in str(caught.value)
    options = 'on_bad_row = "keep_flagged"'
    found = parse("cfx_maestro", cut, options, ("FAM", "VIC"))[1].measurements
    assert len(found) == 47 and states(found).items() <= whole.items()
    assert all(one.flags & Flag.PARTIAL_SOURCE for one in found)
