"""The record as a value: adding derived rows, selecting, giving away."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from skinmech_chip_adapters import Censor, ChipDataError, Kind, Measurement, derivation, summary


@pytest.fixture
def eis(read_example, examples):
    return read_example(examples["autolab_nova"])


@pytest.fixture
def table(read_example, examples):
    return read_example(examples["generic_table"])


def _teer(record, recipe, value=672.0):
    spectrum = record.spectra[0]
    return Measurement(
        chip_id=spectrum.chip_id, observable="teer", unit="ohm*cm**2", value=value, sd=3.0,
        kind=Kind.DERIVED, time_s=spectrum.time_s, source_id=spectrum.source_id,
        source_locator=spectrum.source_locator, derivation_id=recipe.derivation_id,
    )  # fmt: skip


def test_derived_rows_point_to_their_recipe(eis):
    area = eis.device_of("C1").membrane_area_cm2
    recipe = derivation("circuit_fit", "1", {"area": area}, [eis.spectra[0].spectrum_id])
    record = eis.add_derivation(recipe).add_measurements([_teer(eis, recipe)])
    assert len(eis.measurements) == 0 and len(record.measurements) == 1
    row = record.measurements.row(0)
    assert row.study_id == "example" and row.measurement_id
    assert record.derivations.select(derivation_id=row.derivation_id).row(0).name == "circuit_fit"
    assert record.add_derivation(recipe) is record


def test_adding_lists_every_problem(eis):
    recipe = derivation("fit", "1", {}, [])
    rows = [
        _teer(eis, recipe),
        Measurement(chip_id="nobody", observable="teer", unit="ohm*cm**2"),
        Measurement(chip_id="C1", observable="teer", unit="ohm"),
        Measurement(chip_id="C1", observable="teeer", unit="ohm"),
    ]
    with pytest.raises(ChipDataError) as caught:
        eis.add_measurements(rows)
    codes = sorted(one.code for one in caught.value.errors)
    assert codes == ["undeclared_chip", "undeclared_derivation", "wrong_unit", "wrong_unit"]
    assert "'teer'" in str(caught.value)


def test_the_same_row_twice_is_refused(eis):
    recipe = derivation("fit", "1", {}, [])
    record = eis.add_derivation(recipe).add_measurements([_teer(eis, recipe)])
    with pytest.raises(ChipDataError, match="duplicate_measurement"):
        record.add_measurements([_teer(eis, recipe)])


def test_selecting_rows(table):
    rows = table.measurements
    assert len(rows.select(chip_id="C1", observable="tewl")) == 2
    assert len(rows.select(censor=(Censor.LEFT, Censor.RIGHT))) == 2
    assert len(rows.filter(rows["time_s"] > 1e5)) == 4
    assert [row.value for row in rows.select(chip_id="C1", observable="tewl")] == [31.5, 22.25]
    with pytest.raises(KeyError, match="observabel"):
        rows["observabel"]


def test_columns_cannot_be_changed(table, eis):
    with pytest.raises(ValueError):
        table.measurements["value"][0] = 1.0
    with pytest.raises(ValueError):
        eis.spectra[0].z_ohm[0] = 1.0
    with pytest.raises(TypeError):
        eis.sources["x"] = None


def test_spectra_come_in_order_of_time(eis):
    times = [one.time_s for one in eis.spectra_of("C1")]
    assert times == sorted(times) and times[0] == 120 * 3600.0
    assert eis.spectra_of("C2") == ()


def test_content_hash_sees_one_changed_value(table):
    rows = table.measurements
    value = rows["value"].copy()
    value[0] = np.nextafter(value[0], 100)

    assert replace(table, measurements=rows.replaced(value=value)).content_hash() != (
        table.content_hash()
    )


def test_content_hash_does_not_depend_on_order(table):

    rows = table.measurements
    turned = rows.filter(np.arange(len(rows))[::-1])
    assert replace(table, measurements=turned).content_hash() == table.content_hash()


def test_exchange_table_has_17_columns_and_no_zero_for_a_limit(table):
    rows = list(csv.DictReader(io.StringIO(table.to_mpsdb_csv())))
    assert len(rows) == 8 and len(rows[0]) == 17
    by = {(r["Chip ID or Well ID"], r["Day"], r["Target/Analyte"]): r for r in rows}
    below = by["C1", "2", "IL-8"]
    assert below["Value"] == "" and below["Caution Flag"] == "E" and "2.5" in below["Notes"]
    assert by["C1", "1", "tewl"]["Value"] == "31.5"
    assert by["C2", "2", "tewl"]["Value"] == ""


def test_text_is_no_formula_in_a_spreadsheet(read_bytes):
    sidecar = """
[study]
id = "s"
[chip."=cmd()"]
[[file]]
path = "data.csv"
adapter = "generic_table"
chip = "=cmd()"
[file.columns]
"t" = { role = "time", unit = "h" }
"TEWL" = { observable = "tewl", unit = "g/m2/h" }
"n" = { role = "note" }
"""
    record = read_bytes(b"t,TEWL,n\n1,-1.25,@x\n", sidecar)
    (row,) = csv.DictReader(io.StringIO(record.to_mpsdb_csv()))
    assert row["Chip ID or Well ID"] == "'=cmd()" and row["Notes"].startswith("'@x")
    assert row["Value"] == "-1.25"


def test_frame_holds_all_columns(table):
    pytest.importorskip("pandas")
    frame = table.to_frame()
    assert len(frame) == 8 and list(frame.columns) == list(table.measurements.columns)
    assert frame.loc[3, "censor"] == "left"


def test_summary_names_what_matters(table, eis):
    lines = dict(summary(table))
    assert "1 below range" in lines["concentration"] and "24 to 48 h" in lines["tewl"]
    assert "1.12 cm² (maker)" in dict(summary(eis))["device insert"]
    assert "2 of 29 points (C1 2)" in dict(summary(eis))["impedance sweeps"]


def test_the_exchange_table_reads_back_as_the_same_measurements(table, read_bytes, examples):
    sidecar = examples["generic_table"].sidecar.split("[[file]]")[0]
    sidecar += '[[file]]\npath = "up.csv"\nexpected = { rows = 8 }\n'
    again = read_bytes(table.to_mpsdb_csv().encode(), sidecar, "up.csv").measurements
    shared = ("chip_id", "observable", "analyte", "unit", "method", "location", "time_s", "value")
    for column in (*shared, "censor", "limit_low", "limit_high", "excluded", "note"):
        first, second = table.measurements[column], again[column]
        assert list(map(repr, first)) == list(map(repr, second)), column


def test_exchange_table_of_others_needs_the_kind_of_quantity(read_bytes):
    titles = "Chip ID or Well ID,Assay Plate ID,Assay Well ID,Day,Hour,Minute,Target/Analyte,"
    titles += "Method/Kit,Sample Location,Value,Value Unit,Caution Flag,Exclude\n"
    rows = (
        titles + "C,p,A1,2,6,30,Albumin,kit,basal,3,ng/mL,,\nC,p,A2,2,6,30,LDH,kit,basal,5,U/L,,\n"
    )
    sidecar = (
        '[study]\nid = "s"\ntargets = ["Albumin", "LDH"]\n[chip.C]\n[[file]]\npath = "u.csv"\n'
    )
    with pytest.raises(ChipDataError, match="observable_unknown"):
        read_bytes(rows.encode(), sidecar, "u.csv")
    record = read_bytes(
        rows.encode(), sidecar + 'observables = { LDH = "activity" }\n', "u.csv"
    ).measurements
    assert list(record["observable"]) == ["concentration", "activity"]
    assert list(record["value"]) == [3000.0, 5.0] and record["time_s"][0] == 196200.0
    empty = rows.replace(",5,U/L,,", ",,U/L,F,x").encode()
    row = read_bytes(
        empty, sidecar + 'observables = { LDH = "activity" }\n', "u.csv"
    ).measurements.row(1)
    assert row.censor == Censor.FAILED and row.excluded and np.isnan(row.value)
