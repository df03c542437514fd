"""Patients under narrow-band UVB as experiments."""

import numpy as np
import pytest

import skinmech_calibration as cal

HEADER = "patient_id,set,variable,week,value,unit\n"


@pytest.fixture
def table(tmp_path):
    rows = [f"7,open,PASI,{week},{9 - week},PASI points" for week in range(6)]
    rows += [f"7,open,UVB_dose,{i + 1},{0.1 * (i + 1):.1f},J/cm2" for i in range(15)]
    rows += ["8,forecast,PASI,0,5,PASI points", "9,forecast,UVB_dose,1,0.5,J/cm2"]
    path = tmp_path / "patients.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n")
    return path


def test_the_first_weeks_are_fitted_and_the_rest_is_kept_back(table):
    found = cal.uvb_patient(table, 7, weeks=3)
    assert found.start == "psoriatic" and found.setting.kind == "in_vivo"
    assert [(o.time, o.value) for o in found.observations] == [(0, 9), (7, 8), (14, 7), (21, 6)]
    light = found.protocol.steps()
    assert [step.time for step in light[:4]] == [0.0, 2.0, 4.0, 7.0]
    assert [step.amount for step in light[:4]] == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert light[-1].time == 21.0  # the dose right after the last grading does it no harm
    protocol, days, pasi = cal.remaining_weeks(table, 7, weeks=3)
    assert list(days) == [28.0, 35.0] and list(pasi) == [5.0, 4.0]
    assert len(protocol.steps()) == 15 and protocol.days >= 35.0


def test_patients_without_doses_or_scores_are_left_out(table):
    assert list(cal.uvb_patients(table)) == ["7"]
    with pytest.raises(cal.CalibrationError, match="Unrecognized patient: '8'"):
        cal.uvb_patient(table, 8)
    with pytest.raises(cal.CalibrationError, match="Unable to read"):
        cal.uvb_patients(table.with_name("nothing.csv"))
    table.write_text("patient_id,set\n1,open\n")
    with pytest.raises(cal.CalibrationError, match="columns variable, week, value"):
        cal.uvb_patients(table)


def test_the_problem_of_a_patient_is_centred_on_the_cohort(table, model, formula):
    problem = cal.uvb_problem(model, cal.uvb_patient(table, 7))
    extent = problem.free.members[0]
    assert extent.prior.location == pytest.approx(8.9 / 72)
    assert problem.num_data == 4 and len(problem.free) == len(cal.PSORIASIS_FREE)


def test_the_cohort_of_the_published_table(shared_data):
    found = cal.uvb_patients(shared_data / "clinical" / "psoriasis_uvb_patients.csv")
    whole = [one for one in found.values() if one.group == "open"]
    assert len(whole) == 64
    assert all(np.all(one.doses > 0) and one.weeks[0] == 0 for one in found.values())
    # Three exposures a week is what the table's own weeks say.
    assert np.median([len(one.doses) / one.weeks[-1] for one in whole]) == 3.0
