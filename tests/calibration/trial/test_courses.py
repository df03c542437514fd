"""Forecasts of patients' courses."""

import numpy as np
import pytest

from skinmech_calibration.errors import CalibrationError
from skinmech_calibration.trial.courses import fit_courses, forecast_table


def _cohort(path, seed, late=1.0, count=24):
    """A made cohort: exponential falls at rates that differ between patients."""
    random = np.random.default_rng(seed)
    lines = ["patient_id,set,variable,week,value,unit"]
    truth = {}
    for k in range(count):
        start, rate = (
            8 * np.exp(0.4 * random.standard_normal()),
            np.exp(-1.6 + 0.3 * random.standard_normal()),
        )
        for week in range(11):
            factor = late if week > 3 and k == 0 else 1.0
            value = factor * start * np.exp(-rate * week) * np.exp(0.05 * random.standard_normal())
            truth[f"{k}", week] = value
            lines.append(f"{k},open,PASI,{week},{value:.4f},PASI points")
        lines += [f"{k},open,UVB_dose,{n + 1},0.5,J/cm2" for n in range(12)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return truth


def test_a_patients_later_weeks_are_never_looked_at(tmp_path):
    a, b = tmp_path / "a.csv", tmp_path / "b.csv"
    _cohort(a, 1)
    _cohort(b, 1, late=7.0)
    first, second = forecast_table(a), forecast_table(b)
    rows = [k for k, label in enumerate(first["patient_id"]) if label == "0"]
    assert rows and all(first["mean"][k] == second["mean"][k] for k in rows)
    assert first["mean"] != second["mean"]  # they do inform the others


def test_a_law_is_learnt_from_the_others(tmp_path):
    path = tmp_path / "a.csv"
    truth = _cohort(path, 2)
    table = forecast_table(path)
    seen = np.array(
        [truth[i, int(w)] for i, w in zip(table["patient_id"], table["week"], strict=True)]
    )
    found, low, high = (np.array(table[n], float) for n in ("mean", "lo80", "hi80"))
    assert np.mean(np.abs(found - seen)) < 0.25 * np.mean(seen)
    assert 0.65 < np.mean((low <= seen) & (seen <= high)) < 0.95


def test_courses_recover_what_made_them():
    random = np.random.default_rng(0)
    weeks = np.arange(11.0)
    rise = weeks**3 / (weeks**3 + 27.0)
    scores = np.exp(
        2.0 - 2.0 * rise + random.normal(0, 0.5, (400, 1)) + random.normal(0, 0.1, (400, 11))
    )
    found = fit_courses(scores - 0.35 * (scores > 0.4))
    assert found.variance == pytest.approx(0.01, rel=0.35)
    assert found.spread[0, 0] == pytest.approx(0.25, rel=0.25)


def test_nothing_to_forecast_is_said(tmp_path):
    path = tmp_path / "a.csv"
    _cohort(path, 3, count=2)
    with pytest.raises(CalibrationError, match="after week 12"):
        forecast_table(path, observed_until=12)


def test_real_patients_are_forecast_better_than_by_ridge_regression(shared_data):
    from benchmarks.courses import compare

    found = compare()
    assert found["courses"] < found["ridge"] < found["last value"]
    assert 0.7 <= found["covered by 80 %"] <= 0.9
