"""Study files: what is accepted, and that every problem is told at once."""

import dataclasses
import re
from pathlib import Path

import pytest

from skinmech import skin_model
from skinmech_app.assemble import priors_of
from skinmech_app.commands.predict import _named as chosen
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


COHORT = "patient_id,set,variable,week,value,unit\n" + "".join(
    [f"7,open,PASI,{week},{9 - week},PASI points\n" for week in range(6)]
    + [f"7,open,UVB_dose,{i + 1},{0.1 * (i + 1):.1f},J/cm2\n" for i in range(18)]
)
PATIENT = """
[study]
id = "T-1"
[donor]
disease = "psoriatic"
[[clinic]]
name = "light"
file = "cohort.csv"
format = "uvb-cohort"
subject = "7"
until = "3 weeks"
[fit]
free = ["clinic.psoriatic_extent", "pigmentation.kill_efficacy"]
"""


@pytest.fixture
def cohort(tmp_path):
    path = tmp_path / "cohort.csv"
    path.write_text(COHORT, "utf-8")
    return path


def test_one_patient_of_a_cohort_is_fitted_until_a_week_and_the_rest_is_a_forecast(study, cohort):
    found = load(study(text=PATIENT + '[[forecast]]\nname = "rest"\ncourse = "light"\n'))
    (clinic,) = found.clinics
    assert [(row.day, row.value) for row in clinic.rows] == [(0, 9), (7, 8), (14, 7), (21, 6)]
    assert all(row.sd and row.observable == "pasi" for row in clinic.rows)
    # Three exposures a week until the last value, and the one right after it.
    assert [line.start for line in clinic.treatments] == [0, 2, 4, 7, 9, 11, 14, 16, 18, 21]
    assert clinic.treatments[1].fluence == "0.2 J/cm**2" and clinic.first_dose == 0.1
    (rest,) = found.forecasts
    assert rest.weeks == 5.0 and len(rest.treatments) == 16
    assert rest.treatments[-1].start == 35.0
    assert found.inputs["clinical table 1"] == cohort


def test_later_values_of_a_common_table_are_kept_back_too(study, tmp_path):
    (tmp_path / "clinic.csv").write_text("week,observable,value\n0,easi,20\n4,easi,12\n8,easi,9\n")
    found = load(
        study(
            """
[[clinic]]
name = "table"
file = "clinic.csv"
until = "4 weeks"
treatment = ["dupilumab", "emollient"]
[[forecast]]
course = "table"
"""
        )
    )
    table = found.clinics[1]
    assert [row.day for row in table.rows] == [0.0, 28.0]
    (course,) = found.forecasts
    assert (course.name, course.weeks) == ("course of table", 8.0)
    assert [line.drug for line in course.treatments] == ["dupilumab", "emollient"]


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ('subject = "7"', 'subject = "8"', "unknown_subject"),
        ('subject = "7"', "", "study_missing"),
        ('subject = "7"', 'subject = "Jane Doe"', "not_a_code"),
        ('format = "uvb-cohort"', "", "study_value"),
        ('format = "uvb-cohort"', 'format = "uvb-kohort"', "study_value"),
        ('file = "cohort.csv"', "", "study_missing"),
        ('file = "cohort.csv"', 'file = "nothing.csv"', "cohort_table"),
        ('until = "3 weeks"', 'until = "3"', "study_value"),
        ('until = "3 weeks"', 'treatment = ["emollient"]', "study_value"),
        ("[fit]", '[[forecast]]\ncourse = "lamp"\n[fit]', "study_value"),
        ("[fit]", '[priors]\n"a.b" = 1.0\n[fit]', "study_value"),
        ("[fit]", '[priors]\n"a.b" = { centre = 1.0 }\n[fit]', "study_missing"),
        ("[fit]", '[priors]\n"a.b" = { centre = 1.0, spread = 0.0 }\n[fit]', "study_value"),
    ],
)
def test_what_does_not_fit_about_a_cohort_is_told(study, cohort, before, after, code):
    assert code in _codes(study(text=PATIENT.replace(before, after)))


def test_no_subject_that_may_be_a_name_is_shown(study, cohort):
    with pytest.raises(UserError) as caught:
        load(study(text=PATIENT.replace('subject = "7"', 'subject = "Doe"')))
    assert "Doe" not in str(caught.value) and "unknown_subject" in str(caught.value)


def test_priors_come_from_the_cohort_and_the_file_overrides_them(study, cohort):
    model = skin_model(corneum_cells=6, epidermis_cells=8)
    kill = "pigmentation.kill_efficacy"
    usual = model.specifications()[kill].value

    found = load(study(text=PATIENT))
    told = priors_of(found, model, found.fit.free)
    assert told[kill].location == pytest.approx(usual * 0.42 / 0.1)
    assert told["clinic.psoriatic_extent"].location == pytest.approx(7.55 / 72)

    stated = f'[priors]\n"{kill}" = {{ centre = 1.5, spread = 0.4 }}\n'
    found = load(study(text=PATIENT + stated))
    prior = priors_of(found, model, found.fit.free)[kill]
    assert (prior.kind, prior.location, prior.sd) == ("log-normal", 1.5, 0.4)
    fixed = load(study(text=PATIENT + '[parameters]\n"clinic.psoriatic_extent" = 0.2\n'))
    assert list(priors_of(fixed, model, fixed.fit.free)) == [kill]  # its centre is the value stated

    with pytest.raises(UserError, match="prior_not_free"):
        priors_of(found, model, ("clinic.psoriatic_extent",))
    with pytest.raises(UserError, match="prior_centre"):
        priors_of(load(study(text=PATIENT + stated.replace("1.5", "-1"))), model, (kill,))


def test_the_example_of_a_real_patient_is_read(shared_data):
    found = load(ROOT / "examples" / "psoriasis_uvb" / "study.toml")
    (clinic,) = found.clinics
    assert [row.day for row in clinic.rows] == [0.0, 7.0, 14.0, 21.0]
    assert found.forecasts[0].weeks > 3 and len(found.forecasts[0].treatments) > 20


def test_predict_takes_a_forecast_of_the_study_by_name(study, cohort):
    found = load(study(text=PATIENT + '[[forecast]]\nname = "rest"\ncourse = "light"\n'))
    content = {"forecasts": [dataclasses.asdict(one) for one in found.forecasts]}
    assert chosen(content, "rest", False) == found.forecasts[0]
    with pytest.raises(UserError, match=r"unknown_forecast[\s\S]*nearest: rest"):
        chosen(content, "reste", False)
    with pytest.raises(UserError, match="either --forecast or --drug"):
        chosen(content, "rest", True)
