"""Real recordings of plate readers give their expected values, or their refusal."""

import re
from pathlib import Path

import pytest

from skinmech_chip_adapters import Censor, ChipDataError, Flag, TimeQuality, load, read, save
from skinmech_chip_adapters.discovery import identify
from tests.chip_adapters.plates._files import sidecar_of

GEN5 = "gen5/endpoint_stdcurve_singleplate.txt"
GEN5_SHORT = "gen5/endpoint_single_plate_example.txt"
SOFTMAX = "softmax_pro/MD_SMP_absorbance_endpoint_partial_plate_example05.txt"
MARS = "bmg_mars/PHERAstar output file.CSV"
ENVISION = "envision/PE_Envision_absorbance_A450_example.csv"
MAGELLAN = "tecan/SLA01P01_ELISA.xlsx"
SPARK = "tecan/tekan_spark_endpoint.xlsx"
FLEX2 = "novabio_flex2/SampleResultsDEVICE1232021-02-18_104838.csv"
OWN = {
    **dict.fromkeys((GEN5, GEN5_SHORT), "gen5"),
    **{SOFTMAX: "softmax_pro", MARS: "bmg_mars", ENVISION: "envision"},
    **dict.fromkeys((MAGELLAN, SPARK), "tecan"),
    FLEX2: "novabio_flex2",
}


def _read(path: Path, options: str = ""):
    return read(path, sidecar_of(options, path=path.name))


def _tab_rows(path: Path, encoding: str = "utf-8") -> list[list[str]]:
    """Cells of a tab-separated recording, cut up without the package's own reader."""
    return [line.split("\t") for line in path.read_bytes().decode(encoding).splitlines()]


@pytest.mark.parametrize("name", OWN)
def test_a_recording_is_claimed_by_its_adapter_alone(folder, name):
    path = folder / name
    assert identify(path.read_bytes()[:65536], path.name).name == OWN[name]


def test_mars_values_wavelength_and_time(folder, expected):
    wanted = expected[MARS]
    record = _read(folder / MARS, 'timezone = "Europe/Berlin"')
    rows = record.measurements
    assert len(rows) == len({*rows["well"]}) == wanted["wells"]
    assert rows.select(well="A01").row(0).value == wanted["A1"]
    assert rows.select(well="H12").row(0).value == wanted["H12"]
    assert {*rows["observable"]} == {"absorbance"} and {*rows["raw_unit"]} == {"AU"}
    assert wanted["unit"].startswith("AU")
    assert {*rows["method"]} == {f"absorbance {wanted['wavelength_nm']} nm"}
    assert {*rows["timestamp_text"]} == {wanted["time"].partition(" (")[0]}
    assert rows["timestamp_utc"][0] == "2026-06-18T13:56:48+00:00"


def test_a_time_without_zone_stays_local(folder):
    rows = _read(folder / MARS).measurements
    assert {*rows["time_quality"]} == {TimeQuality.LOCAL_UNKNOWN}
    assert {*rows["timestamp_utc"]} == {""}


def test_mars_resaved_with_a_comma_for_each_column_gives_the_same_values(folder, tmp_path):
    whole = _read(folder / MARS).measurements
    lines = (folder / MARS).read_text("utf-8").splitlines()
    padded = [line + "," * (16 - line.count(",")) for line in lines]
    (tmp_path / "x.csv").write_text("\n".join(padded) + "\n", "utf-8")
    again = _read(tmp_path / "x.csv").measurements
    assert list(again["value"]) == list(whole["value"])
    assert list(again["well"]) == list(whole["well"])


def test_envision_returns_both_plates(folder, expected):
    wanted = expected[ENVISION]
    record = _read(folder / ENVISION)
    rows = record.measurements
    assert len(rows) == 2 * 96 and {*rows["plate_id"]} == {"1", "2"}
    first = rows.select(plate_id="1", well="A01").row(0)
    assert first.value == wanted["A1"]
    assert first.observable == "absorbance" and first.method == "absorbance 450 nm"
    assert "Results for A450(1) - channel 1 (A)" == wanted["first_block"]
    # Settings of each plate: its own start, and the mean of two chamber temperatures.
    lines = [one.split(",") for one in (folder / ENVISION).read_text("utf-8").splitlines()]
    plates = [lines[at + 2] for at, one in enumerate(lines) if one[0] == "Plate information"]
    for number, cells in enumerate(plates, 1):
        row = rows.select(plate_id=str(number)).row(0)
        assert row.timestamp_text == cells[16]
        assert row.temperature_degC == pytest.approx((float(cells[4]) + float(cells[5])) / 2)
    assert "1.14.3049.1642" in next(iter(record.sources.values())).instrument_software


def test_gen5_values_are_the_cells_of_the_results(folder):
    cells = _tab_rows(folder / GEN5)
    start = cells.index(["Results"])
    table = [row for row in cells[start + 2 :] if len(row) == 14]
    by_label = {label: [row[1:13] for row in table if row[13] == label]
                for label in {row[13] for row in table}}  # fmt: skip
    units = 'units = { "[Concentration]" = "ug/mL" }\nanalytes = { "[Concentration]" = "analyte" }'
    rows = _read(folder / GEN5, units).measurements
    assert len(rows) == sum(len(one) * 12 for one in by_label.values()) == 288
    for label, kind, unit in (
        ("630nmAbsRead:630", "raw", 1.0),
        ("Blank 630nmAbsRead:630", "derived", 1.0),
        ("[Concentration]", "calibrated", 1e6),  # µg/mL to pg/mL
    ):
        part = rows.select(kind=kind)
        wanted = [float(cell) * unit for row in by_label[label] for cell in row]
        assert list(part["value"]) == pytest.approx(wanted, rel=1e-15)
    assert {*rows["plate_id"]} == {"Plate 1"}
    assert {*rows["timestamp_text"]} == {"10/10/2022 9:00:04 PM"}  # the same day in both orders


def test_gen5_concentration_without_a_unit_is_left_out_with_a_remark(folder):
    record = _read(folder / GEN5)
    assert {*record.measurements["observable"]} == {"absorbance"}
    assert "unit_missing" in record.log["code"]


def test_gen5_layout_names_the_samples(folder):
    options = """
unmapped = "skip"
[file.well_map]
"SPL1:1" = { chip = "C" }
"""
    rows = _read(folder / GEN5, options).measurements
    assert [*rows.select(kind="raw")["well"]] == ["A04", "A05", "A06"]


def test_gen5_recording_that_lacks_a_row_of_its_layout_is_refused_or_flagged(folder):
    with pytest.raises(ChipDataError, match="rows A to C") as caught:
        _read(folder / GEN5_SHORT)
    assert caught.value.code == "cut_file"
    options = """on_bad_row = "keep_flagged"
units = { "[Concentration]" = "ng/mL" }
analytes = { "[Concentration]" = "analyte" }"""
    rows = _read(folder / GEN5_SHORT, options).measurements
    assert all(one.flags & Flag.PARTIAL_SOURCE for one in rows)
    assert [*rows.select(kind="raw")["value"]] == [190.0, 223.0, 23.0, 183.0, 203.0, 24.0]
    computed = rows.select(observable="concentration")
    states = [(one.censor, one.limit_low, one.limit_high) for one in computed]
    assert states[0][:2] == (Censor.RIGHT, 209.845e3)
    assert (states[2][0], states[2][2]) == (Censor.LEFT, 0.0)
    assert computed.row(3).value == pytest.approx(205.170e3)


def test_softmax_values_are_the_cells_of_the_plate(folder):
    cells = _tab_rows(folder / SOFTMAX, "utf-16")
    record = _read(folder / SOFTMAX)
    rows = record.measurements
    for number, wavelength in enumerate(cells[1][15].split()):
        start = 2 + 13 * number
        wanted = {
            f"{letter}{column:02d}": float(row[start + column - 1])
            for letter, row in zip("ABCDEFGH", cells[3:11], strict=True)
            for column in range(1, 13)
            if row[start + column - 1]
        }
        part = rows.select(method=f"absorbance {wavelength} nm")
        assert {one.well: one.value for one in part} == wanted and len(wanted) == 32
    assert len(rows) == 3 * 32
    assert {*rows["time_quality"]} == {TimeQuality.ABSENT}  # saved is not read
    assert {*rows["temperature_degC"].astype(str)} == {"nan"}  # 0 stands for no thermometer
    (source,) = record.sources.values()
    assert (source.encoding, source.newline) == ("utf-16", "CRLF")
    assert "wells_not_read" in record.log["code"]


def _workbook_rows(path: Path) -> list[tuple]:
    openpyxl = pytest.importorskip("openpyxl", reason="reads the workbook independently")
    return [*openpyxl.load_workbook(path).active.iter_rows(values_only=True)]


def test_magellan_values_are_the_cells_of_the_sheet(folder):
    pytest.importorskip("python_calamine", reason="the extra excel reads workbooks")
    cells = _workbook_rows(folder / MAGELLAN)
    rows = _read(folder / MAGELLAN).measurements
    wells = [row for row in cells if row[0] and re.fullmatch(r"[A-P]\d{1,2}", str(row[0]))]
    assert len(wells) == 384 and len(rows) == 2 * 384
    for column, wavelength, temperature in ((1, 485, 24.8), (2, 560, 25.1)):
        part = rows.select(method=f"absorbance {wavelength} nm")
        assert [*part["value"]] == [row[column] for row in wells]
        assert {*part["temperature_degC"]} == {temperature}
    assert {*rows["raw_unit"]} == {"OD"}
    assert {*rows["timestamp_text"]} == {"2021-07-08 14:34:46"}


def test_spark_values_are_the_wells_that_were_read(folder):
    pytest.importorskip("python_calamine", reason="the extra excel reads workbooks")
    cells = _workbook_rows(folder / SPARK)
    corner = next(at for at, row in enumerate(cells) if row[0] == "<>")
    wanted = {
        f"{row[0]}{column:02d}": float(row[column])
        for row in cells[corner + 1 : corner + 17]
        for column in range(1, 25)
        if row[column] not in ("", None)
    }
    rows = _read(folder / SPARK, 'analytes = { "Label 1" = "analyte" }').measurements
    assert {one.well: one.value for one in rows} == wanted and len(wanted) == 9
    assert {*rows["observable"]} == {"rlu"} and {*rows["raw_unit"]} == {"Counts / s"}
    assert {*rows["temperature_degC"]} == {25.5}
    with pytest.raises(ChipDataError, match="Label 1"):  # light of which reaction?
        _read(folder / SPARK)


def test_flex2_keeps_nothing_whose_unit_nobody_stated(folder, expected):
    assert "units are not in the column names" in expected[FLEX2]["note"]
    options = """unmapped = "skip"
[file.well_map]
"SAMPLE 0001" = { chip = "C", time = "1 d" }
"SAMPLE 0002" = { chip = "C", time = "2 d" }
"""
    record = _read(folder / FLEX2, options)
    assert [*record.measurements["observable"]] == ["ph", "ph"]
    assert [*record.measurements["value"]] == [7.340, 7.262]
    left_out = {text.split("'")[1] for text in record.log.select(code="unit_missing")["text"]}
    assert {"Gln", "Gluc", "Lac", "PO2"} <= left_out
    # Units as the note states them: g/L is a mass concentration and needs a name.
    units = 'units = { "Gln" = "mmol/L", "Gluc" = "g/L", "PO2" = "mmHg" }\n'
    named = 'analytes = { "Gln" = "analyte", "Gluc" = "analyte" }\n'
    rows = _read(folder / FLEX2, units + named + options).measurements
    first = {one.observable: one.value for one in rows.select(time_s=86400.0)}
    assert first["molar_concentration"] == pytest.approx(0.56e-3)
    assert first["concentration"] == pytest.approx(0.78e9)
    assert first["po2"] == pytest.approx(197.1 * 0.133322, rel=1e-5)
    assert {*rows["temperature_degC"]} == {37.0}


@pytest.mark.parametrize("name", (GEN5, SOFTMAX, MARS, ENVISION, FLEX2))
def test_record_of_a_recording_survives_the_store(folder, tmp_path, name):
    options = 'unmapped = "skip"\n[file.well_map]\n"SAMPLE 0001" = { chip = "C" }\n'
    record = _read(folder / name, options if name == FLEX2 else "")
    assert load(save(record, tmp_path / "s.h5")) == record
