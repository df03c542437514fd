"""Study files: what is accepted, and that every problem is told at once."""

import re
from pathlib import Path

import pytest

from skinmech_app.failures import UserError
from skinmech_app.study import load
from tests.app.conftest import ROOT


def _codes(path: Path) -> list[str]:
    with pytest.raises(UserError) as caught:
        load(path)
    assert all(problem.where or problem.what for problem in caught.value.problems)
    return [problem.code for problem in caught.value.problems]


def test_a_whole_study_is_read(study, tmp_path):
    (tmp_path / "clinic.csv").write_text("# remark\nweek,observable,value,sd\n4,easi,12.5,2\n")
    path = study(
        """
treatment = ["dupilumab: 600 mg, then 300 mg q2w"]
[[clinic]]
name = "table"
file = "clinic.csv"
[[clinic.treatment]]
drug = "emollient"
start = "2 weeks"
[[forecast]]
name = "light"
weeks = "8 weeks"
[[forecast.treatment]]
ultraviolet = "0.5 J/cm**2"
start = "1 week"
[parameters]
"immunity.Th2_rate" = 60
"""
    )
    found = load(path)
    assert found.donor.weight == 75.0
    assert found.parameters == {"immunity.Th2_rate": 60.0}
    first, second = found.clinics
    assert [row.day for row in first.rows] == [0.0, 7.0]
    assert first.treatments[0].regimen == "600 mg, then 300 mg q2w"
    assert (second.rows[0].day, second.rows[0].sd) == (28.0, 2.0)
    assert second.treatments[0].start == 14.0
    assert found.forecasts[0].weeks == 8.0
    assert found.forecasts[0].treatments[0].fluence == "0.5 J/cm**2"
    assert set(found.inputs) == {"study file", "clinical table 1"}


def test_every_problem_is_told_at_once_with_near_names(study):
    path = study(
        text="""
[study]
id = "T-1"
[donor]
diseas = "atopic"
phototype = "VII"
weight = "75"
filaggrin_null_alleles = 3
[fit]
starts = 0
[[chip]]
record = "study.h5"
"""
    )
    with pytest.raises(UserError) as caught:
        load(path)
    told = str(caught.value)
    assert "nearest: disease" in told
    for key in ("phototype", "weight", "filaggrin_null_alleles", "starts"):
        assert f", {key}" in told
    assert "'chip' is not stated" in told
    assert len(caught.value.problems) == 6
    assert all(problem.fix for problem in caught.value.problems)


def test_broken_toml_names_the_place(study):
    assert _codes(study(text="[study\nid = 1")) == ["not_toml"]


def test_a_missing_file_is_told(tmp_path):
    assert _codes(tmp_path / "nothing.toml") == ["file_missing"]


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ("week,observable\n0,easi\n", "missing_column"),
        ("observable,value\neasi,1\n", "missing_column"),
        ("week,observable,valu\n0,easi,1\n", "unknown_column"),
        ("week,observable,value\n0,easi,1_000\n", "not_a_number"),
        ('week,observable,value\n0,easi,"12,5"\n', "not_a_number"),
        ("week,observable,value\n0,easi\n", "cut_row"),
        ("week,observable,value\n", "empty_table"),
        ("week,observable,value,sd\n0,easi,1,0\n", "bad_sd"),
        ("week,observable,value\n-1,easi,1\n", "negative_time"),
    ],
)
def test_a_bad_clinical_table_is_refused(study, tmp_path, table, code):
    (tmp_path / "clinic.csv").write_text(table)
    path = study('[[clinic]]\nname = "table"\nfile = "clinic.csv"\n')
    assert code in _codes(path)


def test_two_tables_of_one_name_are_refused(study):
    more = '[[clinic]]\nname = "visits"\nrows = [{ week = 0, observable = "easi", value = 1 }]\n'
    assert _codes(study(more)) == ["duplicate_name"]


def test_the_study_shown_in_the_documents_is_read(study, tmp_path):
    text = (ROOT / "docs" / "study-file.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "clinic.csv").write_text("week,observable,value\n4,easi,12.5\n")
    found = load(study(text=example))
    assert found.chips[0].collection == 1.0
    assert found.clinics[0].treatments[0].adherence == 0.9
    assert found.forecasts[0].treatments[0].drug == "tralokinumab"
