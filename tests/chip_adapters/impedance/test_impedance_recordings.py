"""Real recordings of the impedance instruments give the values that are expected of them."""

import csv
import json
import math
import time
from datetime import datetime

import numpy as np
import pytest

from skinmech_chip_adapters import ChipDataError, Flag, TimeQuality, adapters, load, save
from skinmech_chip_adapters.declarations import FileEntry

CELLZSCOPE_WELLS = "A1 A2 A4 A5 B1 B2 B4 B5".split()
ROWS = "ABCDEFGH"


def _z(spectrum, index=0):
    return spectrum.z_ohm[index].real, spectrum.z_ohm[index].imag


def _tables(recordings, name, adapter, **entry):
    content = (recordings.folder / name).read_bytes()
    return adapters()[adapter].read(content, FileEntry(path=name, **entry))


# cellZscope


def test_cellzscope_spectra(recordings, tmp_path):
    name = "cellzscope/zscoperaw.txt"
    wanted = recordings.expected[name]
    record = recordings.read(name, CELLZSCOPE_WELLS)
    assert len(record.spectra) == wanted["spectra"]
    assert {len(one.z_ohm) for one in record.spectra} == {wanted["points_each"]}
    assert len({one.well for one in record.spectra}) == wanted["wells"]
    first, point = record.spectra[0], wanted["first"]
    assert first.well == "A01" and point["well"] == "A1"
    assert first.frequency_Hz[0] == point["freq_Hz"]
    assert abs(first.z_ohm[0]) == pytest.approx(point["mag_ohm"], rel=1e-14)
    assert math.degrees(np.angle(first.z_ohm[0])) == pytest.approx(point["phase_deg"], rel=1e-13)
    assert point["time"].startswith(first.timestamp_text)
    assert first.time_quality == TimeQuality.LOCAL_UNKNOWN and first.timestamp_utc == ""
    assert not any(
        one.flags & (Flag.UNVERIFIED_END | Flag.PARTIAL_SOURCE) for one in record.spectra
    )
    assert load(save(record, tmp_path / "s.h5")) == record


def test_cellzscope_dates_are_day_first_and_give_the_time_since_the_first_run(recordings):
    record = recordings.read("cellzscope/zscoperaw.txt", CELLZSCOPE_WELLS)
    mine = record.spectra_of("C0")
    taken = [datetime.strptime(one.timestamp_text, "%d/%m/%Y %I:%M:%S %p") for one in mine]
    start = min(
        datetime.strptime(one.timestamp_text, "%d/%m/%Y %I:%M:%S %p") for one in record.spectra
    )
    assert [one.time_s for one in mine] == [
        3600.0 + (when - start).total_seconds() for when in taken
    ]
    assert taken == sorted(taken) and 47 * 3600 < mine[-1].time_s - 3600.0 < 49 * 3600


def test_cellzscope_well_map_may_name_the_sample(recordings):
    path = recordings.folder / "cellzscope" / "zscopekey.csv"
    key = {row["Well"]: row["HCMVEC"] for row in csv.DictReader(path.open()) if row["Well"]}
    assert key["A1"] == "80,000"
    parsed = _tables(recordings, "cellzscope/zscoperaw.txt", "cellzscope_raw")
    assert {one.well: one.sample.split()[0] for one in parsed.tables}.items() <= key.items()


def test_cellzscope_spectra_are_read_and_stored_in_less_than_two_seconds(recordings, tmp_path):
    def spent() -> float:
        start = time.perf_counter()
        record = recordings.read("cellzscope/zscoperaw.txt", CELLZSCOPE_WELLS)
        save(record, tmp_path / "s.h5")
        assert len(record.spectra) == 312
        return time.perf_counter() - start

    assert min(spent() for _ in range(3)) < 2.0  # the best of three: machines are shared


def test_cellzscope_model(recordings):
    name = "cellzscope/zscopemodel.txt"
    wanted = recordings.expected[name]
    parsed = _tables(recordings, name, "cellzscope_model")
    blocks = parsed.tables.blocks
    assert [f"{one.name}({one.unit})" for one in blocks] == wanted["parameters"]
    record = recordings.read(name, CELLZSCOPE_WELLS)
    rows = record.measurements
    teer = rows.select(observable="teer", well="A02")
    assert teer.row(0).value == wanted["TER_A2_first"] and teer.row(0).unit == "ohm*cm**2"
    blank = rows.select(observable="teer", well="A01").row(0)
    assert wanted["blank_cells"].startswith("missing") and blank.censor == "missing"
    assert math.isnan(blank.value)
    assert set(rows["observable"]) == {"teer", "layer_capacitance", "medium_resistance"}
    capacitance = rows.select(observable="layer_capacitance", well="A02").row(1)
    (block,) = [one for one in blocks if one.name == "Ccl"]
    assert capacitance.value == pytest.approx(float(block.rows[1].cell(2)) * 1e-6, rel=1e-14)
    assert all(row.kind == "derived" for row in rows)


# ECIS


def test_ecis_impedance(recordings, tmp_path):
    name = "ecis/ecis_TimeResample.abp"
    wanted = recordings.expected[name]
    wells = [f"{ROWS[(one - 1) % 8]}{(one - 1) // 8 + 1}" for one in wanted["wells"]]
    record = recordings.read(name, wells)
    assert len(record.spectra) == wanted["records"]
    assert {tuple(one.frequency_Hz) for one in record.spectra} == {tuple(wanted["frequencies_Hz"])}
    first, point = record.spectra[0], wanted["first"]
    assert "time point 1, well A01" in first.source_locator and point["key"] == "T1W1"
    assert first.time_s == 3600.0 + point["time_h"] * 3600.0
    assert _z(first) == (point["R250_ohm"], point["X250_ohm"])
    (source,) = record.sources.values()
    assert "<ResampleTime>" in source.header_text and "resampled" in record.log["code"]
    assert "<ResampleTime>" in wanted["trailer"]
    assert not any(one.flags for one in record.spectra)  # the trailer shows that nothing is cut
    assert load(save(record, tmp_path / "s.h5")) == record


def test_ecis_wells_are_numbered_column_after_column(recordings):
    key = (recordings.folder / "ecis" / "eciskey.csv").read_text().split()[1:]
    record = recordings.read("ecis/ecis_TimeResample.abp", [line.split(",")[0] for line in key])
    names = [line.split(",")[0] for line in key]
    assert list(dict.fromkeys(one.well for one in record.spectra)) == [
        f"{name[0]}{int(name[1:]):02d}" for name in names
    ]


def test_ecis_model(recordings):
    name = "ecis/ecis_TimeResample_RbA.csv"
    wanted = recordings.expected[name]
    parsed = _tables(recordings, name, "ecis_rba")
    table = parsed.tables
    assert len(table.rows) == wanted["rows"]
    assert list(dict.fromkeys(well for well, _, _ in table.columns)) == wanted["wells"]
    written = [name.replace(" ", "") for name in wanted["columns_per_well"]]
    found = [f"{n}({u})" if u else n for well, n, u in table.columns if well == "A01"]
    assert found == written
    (row,) = [one for one in table.rows if one.cell(0) == "1.00"]
    values = {n: float(row.cell(i)) for i, (w, n, _) in enumerate(table.columns, 1) if w == "A01"}
    assert values == wanted["row_t1h_A01"]
    rows = recordings.read(name, wanted["wells"]).measurements
    (one,) = [row for row in rows.select(well="A01") if row.time_s == 7200.0]
    assert (one.observable, one.value) == ("ecis_rb", wanted["row_t1h_A01"]["Rb"])
    assert len(rows) == wanted["rows"] * len(wanted["wells"]) and "teer" not in rows["observable"]


def test_ecis_fit_on_its_bound_is_failed_and_not_zero(recordings):
    rows = recordings.read("ecis/ecis_TimeResample_RbA.csv", ["A1", "B1", "C1", "E2", "F2", "G2"])
    first = rows.measurements.select(well="A01").row(0)
    assert first.raw_text == "0.00" and first.censor == "failed" and math.isnan(first.value)
    assert first.flags & Flag.NOT_CALCULABLE and "1000" in first.note


# xCELLigence


def test_xcelligence_cell_index(recordings):
    name = "xcelligence/testOutput.csv"
    wanted = recordings.expected[name]
    parsed = _tables(recordings, name, "xcelligence_text")
    table = parsed.tables
    assert table.experiment == wanted["experiment"]
    assert len(table.wells) == wanted["wells"] and len(table.rows) == wanted["time_rows"]
    clock = wanted["time_text_example"].split()[0]
    (row,) = [i for i, line in enumerate(table.rows) if line.cell(1) == clock]
    assert table.seconds[row] == 55 * 60 + 46
    wells = [f"{row}{column}" for row in ROWS for column in range(1, 13)]
    rows = recordings.read(name, wells).measurements
    assert len(rows) == wanted["wells"] * wanted["time_rows"]
    assert set(rows["observable"]) == {"cell_index"} and set(rows["unit"]) == {"cell_index"}
    lines = (recordings.folder / name).read_text().splitlines()
    assert rows.select(well="A01")["value"].tolist() == [
        float(line.split("\t")[2]) for line in lines[2:]
    ]
    assert rows.select(well="H12")["value"][-1] == float(lines[-1].split("\t")[-1])


# analysers and potentiostats


@pytest.mark.parametrize("channel", ["1", "2"])
def test_sciospec(recordings, channel):
    name = f"sciospec/ECISadapter{channel}_demoexperiment1_00001.spec"
    wanted = recordings.expected[name]
    record = recordings.read(name, options='timezone = "Europe/Berlin"')
    (one,) = record.spectra
    assert len(one.z_ohm) == wanted["points"] and one.flags == 0
    assert [one.frequency_Hz[0], *_z(one)] == [float(part) for part in wanted["first"].split(",")]
    assert wanted["time"].startswith(one.timestamp_text)
    assert one.note == wanted["channel"].replace("Channel: ", "channel ")
    assert one.timestamp_utc.startswith("2025-03-31T20:12:36.")


@pytest.mark.parametrize(
    ("name", "encoding", "options"),
    [
        ("gamry/exampleDataGamry.DTA", "latin-1", ""),
        ("gamry/eispot_data.dta", "utf-8", 'date_order = "MDY"'),
    ],
)
def test_gamry(recordings, name, encoding, options):
    wanted = recordings.expected[name]
    record = recordings.read(name, options=options)
    (one,), (source,) = record.spectra, record.sources.values()
    assert len(one.z_ohm) == wanted["points"] and source.encoding == encoding
    point = wanted["first"]
    assert (one.frequency_Hz[0], *_z(one)) == (point["freq_Hz"], point["Zre"], point["Zim"])
    assert wanted.get("date", one.timestamp_text).startswith(one.timestamp_text)
    tables = {line.split("\t")[0] for line in source.header_text.splitlines() if "\tTABLE" in line}
    assert tables == set(wanted.get("tables", ["ZCURVE"]))
    assert one.flags == Flag.UNVERIFIED_END


def test_gamry_ambiguous_date_needs_a_declaration(recordings):
    with pytest.raises(ChipDataError, match="ambiguous_date"):
        recordings.read("gamry/eispot_data.dta")


@pytest.mark.parametrize("name", ["exampleDataBioLogic.mpt", "peis.issue_149.mpt"])
def test_eclab_text(recordings, name):
    wanted = recordings.expected[f"biologic/{name}"]
    record = recordings.read(f"biologic/{name}", options='date_order = "MDY"')
    assert sum(len(one.z_ohm) for one in record.spectra) == wanted["points"]
    first, point = record.spectra[0], wanted["first"]
    assert (first.frequency_Hz[0], *_z(first)) == (point["freq_Hz"], point["Zre"], point["Zim"])
    with pytest.raises(ChipDataError, match="ambiguous_date"):
        recordings.read(f"biologic/{name}")


def test_eclab_loops_are_sweeps_of_their_own(recordings):
    record = recordings.read("biologic/peis.issue_149.mpt", options='date_order = "MDY"')
    assert [len(one.z_ohm) for one in record.spectra] == [21, 21, 21, 21]
    assert all(one.frequency_Hz[0] == record.spectra[0].frequency_Hz[0] for one in record.spectra)
    assert all(one.flags == 0 for one in record.spectra)  # the header lists the rows of each loop


def test_eclab_binary_is_refused_with_the_way_out(recordings):
    wanted = recordings.expected["biologic/peis.issue_149.mpt"]
    with pytest.raises(ChipDataError, match="export the file as text") as caught:
        recordings.read(f"biologic/{wanted['twin']}")
    assert caught.value.code == "binary_file" and ".mpr" in caught.value.found


def test_palmsens(recordings, tmp_path):
    name = "palmsens/eis_5freq.pssession"
    wanted = recordings.expected[name]
    record = recordings.read(name)
    (one,), (source,) = record.spectra, record.sources.values()
    assert len(record.spectra) == wanted["measurements"] and len(one.z_ohm) == wanted["points"]
    # The expectation is rounded to three decimals.
    assert [round(part, 3) for part in _z(one)] == wanted["first_Z"]
    ticks = json.loads(source.content.decode("utf-16").strip("\ufeff"))["Measurements"][0]
    assert ticks["UTCTimeStamp"] == wanted["UTCTimeStamp_ticks"]
    utc = wanted["utc"].split()[0]
    assert datetime.fromisoformat(one.timestamp_utc) == datetime.fromisoformat(utc)
    assert one.time_quality == TimeQuality.FILE_ZONE and source.encoding == "utf-16"
    assert load(save(record, tmp_path / "s.h5")) == record


def test_undeclared_wells_of_a_recording_are_listed_at_once(recordings):
    with pytest.raises(ChipDataError) as caught:
        recordings.read("cellzscope/zscoperaw.txt", CELLZSCOPE_WELLS[:-2])
    assert {one.code for one in caught.value.errors} == {"undeclared_well"}
    assert len(caught.value.errors) == 2 and "HCMVEC" not in str(caught.value)
