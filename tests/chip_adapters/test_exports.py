"""What leaves the record: PEtab tables and data frames."""

import csv
import io
import math
import re
from dataclasses import replace

import numpy as np
import pytest

from skinmech_chip_adapters import Censor, ChipDataError, ChipRecord, Measurement, Table
from skinmech_chip_adapters.schema import Chip
from tests.chip_adapters._odd_record import odd_record


def record_of(*rows: Measurement) -> ChipRecord:
    chips = {row.chip_id for row in rows}
    return ChipRecord(
        chips=Table.of(Chip, [Chip(chip_id=one) for one in sorted(chips)]),
        measurements=Table.of(Measurement, rows),
    )


def row(name: str, **changes) -> Measurement:
    given = {"chip_id": "C 1", "observable": "concentration", "unit": "pg/mL", "analyte": "IL-6",
             "location": "basal", "time_s": 36 * 3600.0, "value": 2.5} | changes  # fmt: skip
    return Measurement(measurement_id=name, **given)


def parsed(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter="\t"))


def test_every_plain_value_is_one_petab_row_with_its_time_and_noise():
    record = record_of(
        row("a", sd=0.25, biological_replicate="D1", technical_replicate="2"),
        row("b", value=3.0, chip_id="C-1"),
        row("c", location="apical"),
    )
    tables = record.to_petab("d")
    rows = parsed(tables.measurements)
    assert [float(one["measurement"]) for one in rows] == [2.5, 3.0, 2.5]
    assert [float(one["time"]) for one in rows] == [1.5, 1.5, 1.5]
    assert rows[0]["noiseParameters"] == "0.25" and rows[0]["replicateId"] == "D1_2"
    assert rows[1]["noiseParameters"] == f"noise_{rows[1]['observableId']}"
    assert rows[0]["observableId"] == rows[1]["observableId"] != rows[2]["observableId"]
    # `C 1` and `C-1` are two chips, though both spell C_1.
    assert rows[0]["simulationConditionId"] != rows[1]["simulationConditionId"]
    conditions = {one["conditionId"]: one["conditionName"] for one in parsed(tables.conditions)}
    assert conditions[rows[0]["simulationConditionId"]] == "C 1"
    assert conditions[rows[1]["simulationConditionId"]] == "C-1"
    (first, _) = parsed(tables.observables)
    assert "IL-6 concentration [pg/mL], basal; time in d" == first["observableName"]
    assert first["noiseFormula"] == f"noiseParameter1_{first['observableId']}"


def test_petab_identifiers_are_legal_and_all_are_declared():
    names = ["IL-6", "IL 6", "IL_6", "β-actin", "2B4", "-", "a/b"]
    tables = record_of(*(row(str(i), analyte=one) for i, one in enumerate(names))).to_petab()
    observables = parsed(tables.observables)
    identifiers = [one["observableId"] for one in observables]
    assert len(set(identifiers)) == len(names) == len(identifiers)
    assert all(re.fullmatch(r"[A-Za-z_]\w*", one, re.ASCII) for one in identifiers)
    used = {one["observableId"] for one in parsed(tables.measurements)}
    assert used == set(identifiers)


def test_what_has_no_place_in_petab_is_listed_and_never_a_number():
    rows = [row(state.value, censor=state) for state in Censor if state != Censor.NONE]
    rows += [row("x", excluded=True), row("t", time_s=math.nan), row("i", value=math.inf)]
    tables = replace(record_of(*rows, row("good")), spectra=odd_record().spectra).to_petab()
    assert len(parsed(tables.measurements)) == 1
    assert dict(tables.left_out) == {
        **{state.value: state.value for state in Censor if state != Censor.NONE},
        "x": "excluded", "t": "no time", "i": "not a finite number",
    }  # fmt: skip
    assert tables.spectra_left_out == 3


def test_petab_tables_are_written_as_files(tmp_path):
    tables = record_of(row("a")).to_petab()
    paths = tables.write(tmp_path)
    assert {one.name for one in paths} == {one.name for one in tmp_path.iterdir()}
    assert (tmp_path / "measurements.tsv").read_text() == tables.measurements
    with pytest.raises(ChipDataError, match="cannot_write"):
        tables.write(tmp_path / "no")
    with pytest.raises(ChipDataError, match="unknown_unit"):
        record_of(row("a")).to_petab("weeks")


def test_frames_hold_every_point_of_spectra_and_series():
    pytest.importorskip("pandas")
    record = odd_record()
    spectra = record.to_frame("spectra")
    assert len(spectra) == sum(len(one.z_ohm) for one in record.spectra)
    z = spectra["z_real_ohm"].to_numpy() + 1j * spectra["z_imag_ohm"].to_numpy()
    assert np.array_equal(z, np.concatenate([one.z_ohm for one in record.spectra]))
    assert list(spectra["spectrum_id"][:3]) == ["s3"] * 3
    series = record.to_frame("series")
    assert list(series["status_text"]) == ["OK", "", "Ω not OK"]
    assert set(series["unit"]) == {"uL/min"}
    for part in ("chips", "cells", "exposures", "settings", "derivations", "external", "log"):
        assert len(record.to_frame(part)) == len(getattr(record, part))
    assert len(ChipRecord().to_frame("spectra")) == 0
    with pytest.raises(ChipDataError, match="unknown_table"):
        record.to_frame("spectrum")


def test_changing_a_frame_does_not_change_the_record():
    pytest.importorskip("pandas")
    record = odd_record()
    values = record.to_frame()
    values.loc[0, "value"] = 77.0
    assert record.measurements["value"][0] == 0.0


def test_petab_s_own_library_accepts_the_tables(tmp_path):
    petab = pytest.importorskip("petab.v1", reason="needs the extra petab")
    record = record_of(
        row("a", sd=0.25, technical_replicate="2"), row("b", value=3.0, chip_id="2-C"),
        row("c", analyte="β-actin", observable="cq", unit="Cq", time_s=0.0),
        row("d", censor=Censor.LEFT, value=math.nan),
    )  # fmt: skip
    names = record.to_petab("d").write(tmp_path)
    measurements = petab.get_measurement_df(str(names[0]))
    conditions = petab.get_condition_df(str(names[1]))
    observables = petab.get_observable_df(str(names[2]))
    petab.check_measurement_df(measurements, observables)
    petab.check_condition_df(conditions)
    petab.check_observable_df(observables)
    petab.assert_measurement_conditions_present_in_condition_table(measurements, conditions)
    petab.measurements.assert_overrides_match_parameter_count(measurements, observables)
    assert len(measurements) == 3 and set(measurements["time"]) == {1.5, 0.0}
