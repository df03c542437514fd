"""Units and contents of ASM JSON: what becomes a value, and what is left out."""

import numpy as np
import pytest

from skinmech_chip_adapters import ChipDataError
from skinmech_chip_adapters.instruments.allotrope_asm.writer import measurement, write
from tests.chip_adapters.other._asm import NAME, TARGET, cycles, elisa, one, said
from tests.chip_adapters.oxygen._read import codes, parsed_and_records, records_of


@pytest.fixture
def fails():
    def run(content, *sidecar):
        with pytest.raises(ChipDataError) as caught:
            records_of(NAME, content, *sidecar)
        return caught

    return run


# A14: units


def test_a_concentration_without_unit_is_left_out_until_declared():
    content = elisa([(n, 50.5 + n) for n in (1, 2, 3)])
    records = records_of(NAME, content, *TARGET)
    assert {row.observable for row in records.measurements} == {"rlu"}
    assert "Calc. Concentration (calculated)" in {item.name for item in records.unparsed}
    declared = 'units = { "Calc. Concentration" = "ng/mL" }'
    rows = records_of(NAME, content, declared, *TARGET[1:]).measurements
    found = [row for row in rows if row.observable == "concentration"]
    assert [row.value for row in found] == [51500.0, 52500.0, 53500.0]
    assert {(row.analyte, row.kind, row.raw_unit) for row in found} == {
        ("IL-8", "calibrated", "ng/mL"),
    }  # fmt: skip


def test_a_result_out_of_range_is_a_limit_whatever_number_was_written():
    content = elisa([(n, 50.5) for n in (1, 2, 3)], "Above Detection Range")
    declared = ('units = { "Calc. Concentration" = "pg/mL" }\n'
                'limits = { "IL-8" = { high = "100 pg/mL" } }')  # fmt: skip
    rows = records_of(NAME, content, declared, *TARGET[1:]).measurements
    found = [row for row in rows if row.observable == "concentration"]
    assert {(row.censor, row.limit_low) for row in found} == {("right", 100.0)}
    assert all(np.isnan(row.value) and "50.5" in row.raw_text for row in found)


def test_a_unitless_concentration_of_an_analyte_is_refused(fails):
    analytes = {"analyte document": [
        {"analyte name": "IL-8", "mass concentration": {"value": 5.5, "unit": "(unitless)"}}
    ]}  # fmt: skip
    content = one({}, more={"analyte aggregate document": analytes})
    assert codes(fails(content, *TARGET)) == {"unit_missing"}
    declared = 'units = { "mass concentration" = "pg/mL" }'
    (row,) = records_of(NAME, content, declared, *TARGET[1:]).measurements
    assert row.value == 5.5 and row.observable == "concentration"


@pytest.mark.parametrize(("unit", "code"), [("furlong", "unknown_unit"), ("RFU", "unit_dimension")])
def test_an_unknown_or_wrong_unit_is_an_error_with_its_text(fails, unit, code):
    error = fails(one({"pH": (7.25, unit)}))
    assert codes(error) == {code} and repr(unit) in str(error.value)


# what else a document holds


def test_median_and_beads_of_a_bead_assay_in_both_forms_of_the_schema():
    old = {
        "fluorescence": {"value": 10921.5, "unit": "RFU", "has statistic datum role": "median role"}
    }
    dimension = {"statistic dimension document": [
        {"value": 9.5, "unit": "RFU", "has statistic datum role": "arithmetic mean role"},
        {"value": 10921.5, "unit": "RFU", "has statistic datum role": "median role"},
    ]}  # fmt: skip
    new = {"statistics aggregate document": {"statistics document": [
        {"statistical feature": "fluorescence", "statistic dimension aggregate document": dimension}
    ]}}  # fmt: skip
    for form in (old, new):
        analyte = {
            "analyte name": "alpha",
            "assay bead count": {"value": 30.0, "unit": "#"},
            **form,
        }
        more = {"analyte aggregate document": {"analyte document": [analyte]}}
        (row,) = records_of(NAME, one({}, more=more, well="A1"), *TARGET).measurements
        assert (row.observable, row.value, row.n) == ("mfi", 10921.5, 30.0)
        assert row.well == "A01" and row.raw_unit == "RFU"


def test_an_analyser_of_medium():
    analytes = {"analyte document": [
        {"analyte name": "glucose", "mass concentration": {"value": 0.78, "unit": "g/L"}},
        {"analyte name": "glutamine", "molar concentration": {"value": 0.56, "unit": "mmol/L"}},
    ]}  # fmt: skip
    documents = [
        measurement(1, {}, sample="S1", more={"analyte aggregate document": analytes}),
        measurement(2, {"pO2": (197.1, "mmHg"), "osmolality": (300.0, "mosm/kg")}, sample="S1"),
        measurement(3, {"pH": (7.34, "pH"), "temperature": (37.0, "degC")}, sample="S1"),
    ]
    study = 'targets = ["glucose", "glutamine"]'
    records = records_of(NAME, write(documents, technique="solution analyzer"), "", "", study)
    rows = {(row.observable, row.analyte): row for row in records.measurements}
    assert rows["concentration", "glucose"].value == pytest.approx(0.78e9, rel=1e-14)
    assert rows["molar_concentration", "glutamine"].value == pytest.approx(0.56e-3, rel=1e-14)
    assert rows["po2", ""].value == pytest.approx(26.27784, rel=1e-5)
    assert rows["ph", ""].value == 7.34 and rows["ph", ""].temperature_degC == 37.0
    assert [item.name for item in records.unparsed] == ["osmolality"]


def test_standards_are_left_out_unless_the_map_says_otherwise():
    documents = [
        measurement(n, {"absorbance": (0.5, "AU")}, well=well, role=role)
        for n, (well, role) in enumerate(
            [("A1", "standard sample role"), ("A2", "unknown sample role"), ("A3", "")], 1
        )
    ]
    records = records_of(NAME, write(documents))
    assert [row.well for row in records.measurements] == ["A02", "A03"]
    assert "no_sample" in said(records)


def test_undeclared_targets_are_listed_at_once(fails):
    error = fails(cycles(21.5))
    assert codes(error) == {"undeclared_target"} and "'KRT10'" in str(error.value)
    (row,) = records_of(NAME, one({"luminescence": (5.5, "RLU")}), 'analyte = "IL-8"',
                        *TARGET[1:]).measurements  # fmt: skip
    assert row.analyte == "IL-8"


def test_a_file_without_measurements_is_empty_with_a_warning():
    parsed, records = parsed_and_records(NAME, write([]))
    assert records.measurements == () and {item.code for item in parsed.messages} == {"no_rows"}
