"""Patients under narrow-band UVB as experiments."""

import numpy as np
import pytest

import skinmech_calibration as cal
from skinmech.numerics import Status
from skinmech_calibration.engine import Outcome

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
    extent, kill, _ = problem.free.members
    assert extent.prior.location == pytest.approx(7.55 / 72)
    # The first dose of 0.1 is less than the typical 0.42 J/cm2: this skin is the more sensitive.
    usual = model.specifications()["pigmentation.kill_efficacy"].value
    assert kill.prior.location == pytest.approx(usual * 0.42 / 0.1)
    assert problem.num_data == 4 and len(problem.free) == len(cal.PSORIASIS_FREE)


def test_a_prior_stays_inside_the_bounds_of_its_parameter(model):
    low, high = model.specifications()["pigmentation.kill_efficacy"].bounds
    for dose, bound in ((1e-3, high), (100.0, low)):
        assert cal.uvb_priors(model, dose)["pigmentation.kill_efficacy"].location == bound


def test_a_grading_is_less_sure_the_larger_the_score(table):
    sd = cal.grading_sd(np.array([0.0, 0.4, 4.0, 16.0]))
    assert sd[0] == sd[1] > 0
    assert sd[3] == pytest.approx(2 * sd[2])
    assert [o.sd for o in cal.uvb_patient(table, 7).observations] == pytest.approx(
        list(cal.grading_sd(np.array([9.0, 8.0, 7.0, 6.0])))
    )


@pytest.fixture
def posterior(table, model, formula):
    """Centre of the priors with their spread, on the formula engine."""
    problem = cal.uvb_problem(model, cal.uvb_patient(table, 7))
    return cal.laplace(problem, problem.evaluate([problem.free.to_coordinates({})])[0])


def _constant_course(formula, monkeypatch, value):
    """PASI of every simulation as a function of its number and the time, instead of the formula."""
    column = formula.observables.index("pasi")

    def run(cases, directions=None):
        day = formula.model.system.factor("day")
        outcomes = []
        for number, case in enumerate(cases):
            times = np.asarray(case.times) / day
            values = np.zeros((len(times), len(formula.observables)))
            values[:, column] = value(number, times)
            outcomes.append(Outcome(values, Status.OK))
        return outcomes

    monkeypatch.setattr(formula, "run", run)


def test_a_forecast_tells_the_weeks_kept_back_from_those_fitted(
    table, posterior, formula, monkeypatch
):
    _constant_course(formula, monkeypatch, lambda number, days: 0.2 * np.ones_like(days))
    ahead = cal.uvb_forecast(posterior, table, 7, draws=4)
    assert list(ahead.prediction.times) == [0, 7, 14, 21, 28, 35]
    assert list(ahead.days) == [28, 35] and list(ahead.observed) == [5, 4]
    assert list(ahead.median) == [0.2, 0.2]
    low, high = ahead.band(0.95)
    assert np.all(low == 0.0) and np.all(high > 0.2)  # a grading is not exact, nor below zero
    assert not ahead.is_inside(0.95).any()
    assert list(ahead.fully_lit) == [0.2, 0.2]
    assert ahead.relapsing == 1.0 and "comes back in 4 of 4 draws" in ahead.notes[0]


def test_light_leaves_a_share_of_the_score_behind(table, posterior, formula, monkeypatch):
    _constant_course(formula, monkeypatch, lambda _, days: np.where(days < 20, 10.0, 0.0))
    ahead = cal.uvb_forecast(posterior, table, 7, draws=400)
    assert list(ahead.fully_lit) == [0.0, 0.0]
    left = ahead.prediction.draws["pasi"] / 10.0
    assert np.all(left[:, :3] == 1.0) and np.all(left[:, 3:] >= 0.0)
    # A half-normal of spread 0.1: 68 % below it; 400 draws tell that to within 5 points (2 sd).
    assert np.mean(left[:, -1] < 0.1) == pytest.approx(0.683, abs=0.05)


@pytest.mark.parametrize(("back", "told"), [(0, None), (2, "border of two attractors")])
def test_a_forecast_says_where_the_skin_settles(table, posterior, formula, monkeypatch, back, told):
    def course(number, days):  # the first simulation is the centre, which is no draw
        plaque = 1 <= number <= back
        return np.where(days > 100, 8.0 if plaque else 0.1, 8.0)

    _constant_course(formula, monkeypatch, course)
    ahead = cal.uvb_forecast(posterior, table, 7, draws=4)
    assert ahead.relapsing == back / 4
    assert (told in ahead.notes[0]) if told else ahead.notes == ()


def test_the_cohort_of_the_published_table(shared_data):
    found = cal.uvb_patients(shared_data / "clinical" / "psoriasis_uvb_patients.csv")
    whole = [one for one in found.values() if one.group == "open"]
    assert len(whole) == 64
    assert all(np.all(one.doses > 0) and one.weeks[0] == 0 for one in found.values())
    # Three exposures a week is what the table's own weeks say.
    assert np.median([len(one.doses) / one.weeks[-1] for one in whole]) == 3.0
