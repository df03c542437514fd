"""Conformance with real recordings of multiplex immunoassays."""

import gzip
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from skinmech_chip_adapters import Censor, ChipDataError, Flag, TimeQuality, load, read, save
from skinmech_chip_adapters.discovery import identify
from tests.chip_adapters.multiplex.support import is_marked, parse, sidecar, states

BIOPLEX = "bioplex_manager/bio-rad_bio-plex_manager_example_01.xml.gz"
METHODICAL = "msd/methodical_test_1.txt"
NPX = "olink/npx_data_ext.parquet"
ANALYTES = (
    *("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india"),
    *("juliett", "kilo", "lima", "mike", "november", "oscar"),
)


@pytest.mark.parametrize(
    ("name", "adapter"),
    [(BIOPLEX, "bioplex_manager"), (METHODICAL, "msd_methodical_mind"), (NPX, "olink")],
)
def test_the_recording_is_claimed_by_its_adapter(folder, name, adapter):
    path = folder / name
    assert identify(path.read_bytes(), path.name).name == adapter


def test_methodical_mind_plates(folder, expected):
    wanted = expected[METHODICAL]
    parsed, records = parse("msd_methodical_mind", (folder / METHODICAL).read_bytes(), "",
                            ["Spot 1"])  # fmt: skip
    found = records.measurements
    plates = list(dict.fromkeys(one.plate_id for one in found))
    assert len(plates) == 2  # both plates of the file, numbered by their barcode
    first = {one.well: one for one in found if one.plate_id == plates[0]}
    assert len(first) == wanted["wells"]
    assert first["A01"].value == wanted["A1"]
    assert len({well[0] for well in first}) == wanted["H_rows_expected"]
    assert first["A01"].timestamp_text == wanted["read_time"]
    # EDT names no zone by itself, and nobody declared one
    assert {one.time_quality for one in found} == {TimeQuality.LOCAL_UNKNOWN}
    assert {one.timestamp_utc for one in found} == {""}
    assert {one.observable for one in found} == {"rlu"}
    assert [one for one in found if one.flags] == [found[-1]]
    assert found[-1].flags == Flag.UNVERIFIED_END  # nothing shows that there is no third plate


def test_methodical_mind_date_is_settled_by_the_files_name(folder):
    content = (folder / METHODICAL).read_bytes()
    options = 'timezone = "America/New_York"'
    found = parse("msd_methodical_mind", content, options, ["Spot 1"])[1].measurements
    assert found[0].timestamp_utc == "2023-09-08T17:39:33+00:00"  # the name says 2023-09-08
    unnamed = re.sub(rb"_2023-09-08-\d+", b"", content)
    with pytest.raises(ChipDataError) as caught:
        parse("msd_methodical_mind", unnamed, options, ["Spot 1"])
    assert caught.value.code == "ambiguous_date"
    with pytest.raises(ChipDataError) as caught:
        parse("msd_methodical_mind", content, 'timezone = "Asia/Tokyo"', ["Spot 1"])
    assert caught.value.code == "timezone_conflict" and "'EDT'" in str(caught.value)


def test_bioplex_readings_of_unknowns(folder, tmp_path):
    path = folder / BIOPLEX
    record = read(path, sidecar_file(tmp_path, path, ANALYTES))
    raw: Any = ElementTree.fromstring(gzip.decompress(path.read_bytes()))  # noqa: S314  # trusted file
    wanted = {
        (
            f"{'ABCDEFGH'[int(well.get('RowNo')) - 1]}{int(well.get('ColNo')):02d}",
            one.findtext("AnalyteName"),
        ): float(one.findtext("Reading"))
        for well in raw.iterfind("Samples/Unknowns/Unknown/MemberWells/MemberWell")
        for one in well.iterfind("MWAnalytes/MWAnalyte")
    }
    rows = record.measurements
    assert len(wanted) == len(rows) and len(wanted) > 900
    assert {(one.well, one.analyte): one.value for one in rows} == wanted
    # every concentration is written as 0 and is not OK: none may become a value
    assert set(rows["observable"]) == {"mfi"} and set(rows["censor"]) == {Censor.NONE}
    assert not any(rows["flags"])  # the end of the root element shows that the file is whole
    (source,) = record.sources.values()
    assert source.instrument_software == "Bio-Plex Manager " + raw.get("BioPlexManagerVersion")
    assert load(save(record, tmp_path / "s.h5")) == record


def test_bioplex_unset_concentrations_are_missing_and_never_zero(folder):
    content = (folder / BIOPLEX).read_bytes()
    found = parse("bioplex_manager", content, 'units = { MWObsConc = "pg/mL" }', ANALYTES)[1]
    computed = [one for one in found.measurements if one.observable == "concentration"]
    assert computed and {one.censor for one in computed} == {Censor.MISSING}
    assert all(one.value != one.value for one in computed)


def test_bioplex_counts_flags_and_time_of_acquired_wells(folder):
    content = (folder / BIOPLEX).read_bytes()
    raw: Any = ElementTree.fromstring(gzip.decompress(content))  # noqa: S314  # trusted file
    first = raw.find("Wells/Well")
    assert (first.get("RowNo"), first.get("ColNo")) == ("1", "1")
    options = 'unmapped = "skip"\nwell_map = { A1 = { chip = "C" }, A12 = { chip = "C" } }'
    found = parse("bioplex_manager", content, options, ANALYTES, chip=False)[1].measurements
    mine = {one.analyte: one for one in found if one.well == "A01"}
    region = first.find("BeadRegions/BeadRegion[@RegionNumber='12']")
    assert mine["alpha"].value == float(region.findtext("Median"))
    assert mine["alpha"].n == int(region.findtext("RegionCount"))
    assert mine["alpha"].timestamp_utc == "2023-05-09T18:55:02+00:00"
    assert mine["alpha"].time_quality == TimeQuality.FILE_ZONE
    blank = raw.find("Samples/Blanks/Blank/MemberWells/MemberWell[@ColNo='12']")
    codes = {one.findtext("AnalyteName"): one.find("Reading").get("Code")
             for one in blank.iterfind("MWAnalytes/MWAnalyte")}  # fmt: skip
    flags = {one.analyte: one.flags for one in found if one.well == "A12"}
    assert {name for name, one in flags.items() if one} == {n for n, c in codes.items() if c != "0"}
    assert {name for name, one in flags.items() if one & Flag.LOW_COUNT} == {
        name for name, code in codes.items() if code == "1"
    }


def test_olink_parquet(folder):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(folder / NPX).to_pylist()
    parsed, records = parse("olink", (folder / NPX).read_bytes(), "", [table[0]["Assay"]])
    found = records.measurements
    assert [one.value for one in found] == [row["NPX"] for row in table]
    assert [one.plate_id for one in found] == [row["PlateID"] for row in table]
    assert found[0].unit == "NPX" and found[0].flags == 0  # the container shows its own end
    assert "Plate control" in found[0].note and parsed.software == "Olink ExploreHT"


def test_parquet_without_its_library_names_the_extra(folder, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(ChipDataError) as caught:
        parse("olink", (folder / NPX).read_bytes(), "", ["MAPT"])
    assert caught.value.code == "missing_extra" and "skinmech[olink]" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "adapter", "targets", "cuts"),
    [
        (METHODICAL, "msd_methodical_mind", ("Spot 1",), 120),
        (BIOPLEX, "bioplex_manager", ANALYTES, 60),
        (NPX, "olink", ("MAPT",), 120),
    ],
)
def test_cut_recordings_are_errors_or_marked(folder, name, adapter, targets, cuts):
    content = (folder / name).read_bytes()
    whole = states(parse(adapter, content, "", targets)[1].measurements)
    for cut in range(0, len(content) - 1, max(1, len(content) // cuts)):
        try:
            parsed, records = parse(adapter, content[:cut], "", targets)
        except ChipDataError:
            continue
        found = states(records.measurements)
        assert found == whole or is_marked(parsed, records.measurements), cut
        assert found.items() <= whole.items() or cut > len(content) - 2, cut


def sidecar_file(tmp_path: Path, path: Path, targets):
    """A side-car beside nothing: the recording is found by its name."""
    text = f"""
[study]
id = "recording"
targets = {json.dumps(list(targets))}
[chip.C]
[[file]]
path = "{path.name}"
chip = "C"
time = "72 h"
"""
    (tmp_path / "chip.toml").write_text(text, "utf-8")
    return tmp_path / "chip.toml"


def test_the_cached_sidecar_is_what_it_says():
    assert sidecar("", ("a",), True).files[0].place.chip == "C"
