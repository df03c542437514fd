"""One real patient end to end: weeks 0 to 3 fitted, the rest of the course forecast."""

import numpy as np
import pytest

import skinmech_calibration as cal

PATIENT = "2"  # the first complete one of the table by number, not chosen
CHI_SQUARE = 9.49  # 95 % point for the four gradings fitted
SHARE = 0.8  # of the gradings kept back, in their 95 % interval; by chance 5 of 5 or 4 of 5


@pytest.fixture(scope="module")
def table(shared_data):
    return shared_data / "clinical" / "psoriasis_uvb_patients.csv"


@pytest.fixture(scope="module")
def fitted(table, model):
    return cal.fit(cal.uvb_problem(model, cal.uvb_patient(table, PATIENT)), starts=1)


@pytest.fixture(scope="module")
def ahead(table, fitted):
    return cal.uvb_forecast(fitted.posterior, table, PATIENT, draws=16)


def test_the_first_weeks_are_fitted_within_the_noise(fitted):
    assert fitted.is_converged and not fitted.at_bounds
    assert 2 * fitted.data_cost < CHI_SQUARE


def test_the_plaque_exists_and_more_kill_per_fluence_lowers_its_score(fitted):
    (course,) = fitted.predictions().values()
    untreated = 72 * fitted.values["clinic.psoriatic_extent"]
    assert 0.8 * untreated < course[0] < 1.1 * untreated  # the start is the plaque, not the cure
    kill = fitted.problem.free.names.index("pigmentation.kill_efficacy")
    slope = fitted.jacobian[:, kill]
    assert slope[0] == 0.0  # before any light
    assert np.all(slope[1:] < 0) and np.all(np.diff(slope[1:]) < 0)


def test_the_forecast_is_finite_and_less_sure_the_farther_it_reaches(ahead):
    low, high = ahead.prediction.band("pasi", 0.95)
    assert np.all(np.isfinite(low)) and np.all(np.isfinite(high)) and np.all(low < high)
    width = np.log(high / low)  # relative, since the score itself falls
    assert np.all(width[4:] > width[3]) and width[4] < width[5]
    assert ahead.prediction.num_failed == 0


def test_the_weeks_kept_back_lie_in_the_forecast(ahead):
    assert len(ahead.observed) == 5
    assert np.mean(ahead.is_inside(0.95)) >= SHARE


def test_the_forecast_is_closer_than_the_last_value(table, ahead):
    last = cal.uvb_patient(table, PATIENT).observations[-1].value
    error = np.mean(np.abs(ahead.median - ahead.observed))
    assert error < np.mean(np.abs(last - ahead.observed))
