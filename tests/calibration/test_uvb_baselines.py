"""The baselines that forecasts of patients under UVB are compared with."""

import numpy as np
import pytest

from benchmarks.uvb_patients import FITTED, LAST, complete, courses, left_out, summary
from skinmech_calibration.uvb import UvbPatient


@pytest.fixture
def table():
    random = np.random.default_rng(5)
    known = random.uniform(2, 20, (30, FITTED + 1))
    later = known @ random.uniform(0.05, 0.3, (FITTED + 1, LAST - FITTED))
    return np.hstack([known, later])


def test_ridge_finds_a_linear_law(table):
    found = left_out(table)[:, FITTED + 1 :]
    # The least penalty, 0.01 on 29 patients of unit spread, shrinks by less than a thousandth.
    np.testing.assert_allclose(found, table[:, FITTED + 1 :], rtol=5e-3)


def test_no_patient_is_forecast_from_its_own_later_weeks(table):
    changed = table.copy()
    changed[7, FITTED + 1 :] = 50.0
    np.testing.assert_array_equal(left_out(table)[7], left_out(changed)[7])
    assert not np.array_equal(left_out(table)[8], left_out(changed)[8], equal_nan=True)


def _patient(label, weeks, group="open"):
    weeks = np.asarray(weeks, float)
    return UvbPatient(label, group, weeks, 9.0 - weeks, np.ones(9))


def test_patients_are_taken_in_order_of_their_numbers_where_complete():
    patients = {
        "10": _patient("10", range(6)),
        "9": _patient("9", [0, 1, 2, 3, 5]),
        "3": _patient("3", [0, 1, 3, 4]),
        "2": _patient("2", range(4), "forecast"),
        "1": _patient("1", range(4)),
    }
    assert complete(patients) == ["9", "10"]
    found = courses(patients, ["9", "10"])
    assert found.shape == (2, LAST + 1)
    assert np.isnan(found[0, 4]) and found[0, 5] == found[1, 5] == 4.0


def test_the_summary_weighs_every_grading_alike():
    def told(weeks, errors):
        return {
            "weeks": weeks, "errors": {"model": errors}, "is_converged": True, "relapsing": 0.0,
        }  # fmt: skip

    found = summary(
        [
            told({"4": [1.0, 0.0, 2.0, 3.0, 1.0]}, [2.0]),
            told({"4": [1.0, 0.0, 2.0, 1.0, 1.0], "5": [1.0, 0.0, 2.0, 0.0, 1.0]}, [0.0, 1.0]),
        ]
    )
    assert found["num_gradings"] == 3
    assert found["mean_absolute_error"] == {"model": 1.0}
    assert found["coverage"] == {"0.8": pytest.approx(2 / 3, abs=1e-3)}
    assert found["model_bias"] == pytest.approx((-2 + 0 + 1) / 3, abs=1e-3)
