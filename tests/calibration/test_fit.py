"""The logic of a fit, on an engine of formulas: starts, failures, bounds, checkpoints."""

import json

import numpy as np
import pytest

import skinmech as sm
import skinmech_calibration as cal
from skinmech_calibration.fit import latin_hypercube
from skinmech_calibration.levenberg import CONVERGED
from tests.calibration._fake import FIRST, SECOND, THIRD


def _problem(model, values, free=(FIRST, SECOND)):
    observed = [cal.Observation("tewl", float(t), v) for t, v in enumerate(values)]
    experiment = cal.Experiment("chip", sm.on_chip(), sm.Protocol(7.0), observed)
    return cal.CalibrationProblem(model, [experiment], free)


def test_all_starts_find_the_minimum_and_cover_the_truth(formula_problem, truth):
    found = cal.fit(formula_problem, starts=4, seed=1)
    assert found.is_converged and found.num_agreeing == 4
    assert [start.cost for start in found.starts] == sorted(start.cost for start in found.starts)
    assert found.starts[0].gradient_norm < 1e-2
    wanted = formula_problem.free.to_coordinates(truth)
    sd = np.sqrt(np.diag(found.covariance))
    assert np.all(np.abs(found.z - wanted) < 3 * sd)
    # Neither a start nor the noise helps: the minimum is one of the function itself.
    for step in 0.02 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]]):
        assert formula_problem.evaluate([found.z + step])[0].cost > found.cost


def test_the_search_is_the_one_of_scipy(formula_problem):
    from scipy.optimize import least_squares

    found = cal.fit(formula_problem, starts=1)
    wanted = least_squares(lambda z: formula_problem.evaluate([z])[0].residuals, np.zeros(2),
                           xtol=1e-12, ftol=1e-12)  # fmt: skip
    np.testing.assert_allclose(found.z, wanted.x, atol=2e-3)
    assert found.cost - wanted.cost < 1e-4  # where the search stops, in units of log-density


def test_a_failed_start_is_explained_and_never_chosen(model, formula, formula_problem):
    formula.fails = lambda a, b: a < 0.9
    # The given start would be the nearest to a perfect fit by its penalty alone.
    low = 0.5 * model.specifications()[FIRST].value
    found = cal.fit(formula_problem, starts=3, seed=1, initial=[{FIRST: low}])
    lost = next(start for start in found.starts if start.label == "given 1")
    assert lost.reason == "failed at the start" and not lost.is_converged
    assert lost.cost == np.inf and "chip" in lost.explanation and "max_steps" in lost.explanation
    assert found.starts[0].label != "given 1" and found.is_converged


def test_a_search_that_runs_into_a_failing_region_stays_outside_it(model, formula):
    formula.fails = lambda a, b: a > 1.2
    problem = _problem(model, [20.0] * 4)
    found = cal.fit(problem, starts=1)
    best = found.starts[0]
    assert best.num_failed > 0 and not best.is_converged and np.isfinite(best.cost)
    assert found.values[FIRST] <= 1.2 * model.specifications()[FIRST].value
    assert best.reason not in CONVERGED and "max_steps" in best.explanation


def test_nothing_but_failures_is_an_error_that_says_why(formula, formula_problem):
    formula.fails = lambda a, b: True
    with pytest.raises(cal.FitError, match="No start could be simulated"):
        cal.fit(formula_problem, starts=2)
    evaluation = formula_problem.evaluate([np.zeros(2)])[0]
    assert not evaluation.is_ok and np.all(np.isfinite(evaluation.residuals))
    assert np.all(np.isfinite(evaluation.jacobian)) and evaluation.cost > 1e6
    assert "chip" in evaluation.explanation


def test_a_bound_holds_and_is_reported(model, formula):
    problem = _problem(model, [400.0] * 6, [FIRST])  # forty times what the default gives
    found = cal.fit(problem, starts=1, max_iterations=60)
    assert found.at_bounds == (FIRST,)
    assert found.values[FIRST] == pytest.approx(model.specifications()[FIRST].bounds[1])
    assert found.is_converged  # the gradient points out of the bounds


def test_an_interrupted_fit_goes_on_to_the_same_result(formula, formula_problem, tmp_path):
    whole = cal.fit(formula_problem, starts=3, seed=5)
    path = tmp_path / "fit.json"

    def stop(progress):
        if progress.round == 2:
            raise KeyboardInterrupt

    part = cal.fit(formula_problem, starts=3, seed=5, checkpoint=path, progress=stop)
    assert part.interrupted and not part.is_converged and part.cost > whole.cost
    assert {start.reason for start in part.starts} >= {"interrupted"}
    before = formula.num_runs
    rest = cal.fit(formula_problem, starts=3, seed=5, checkpoint=path)
    assert not rest.interrupted and rest.starts == whole.starts
    np.testing.assert_array_equal(rest.z, whole.z)
    np.testing.assert_array_equal(rest.covariance, whole.covariance)
    ran = formula.num_runs
    again = cal.fit(formula_problem, starts=3, seed=5, checkpoint=path)
    assert again.starts == whole.starts and formula.num_runs == ran > before


def test_an_interruption_between_rounds_keeps_the_last_checkpoint(
    formula, formula_problem, tmp_path, monkeypatch
):
    path = tmp_path / "fit.json"
    whole = cal.fit(formula_problem, starts=2, seed=5)
    calls = {"count": 0}
    run = formula.run

    def killed(cases, directions=None):
        calls["count"] += 1
        if calls["count"] == 5:
            raise KeyboardInterrupt
        return run(cases, directions)

    monkeypatch.setattr(formula, "run", killed)
    assert cal.fit(formula_problem, starts=2, seed=5, checkpoint=path).interrupted
    monkeypatch.setattr(formula, "run", run)
    assert cal.fit(formula_problem, starts=2, seed=5, checkpoint=path).starts == whole.starts


def test_a_checkpoint_of_other_data_settings_or_with_damage_is_refused(
    model, formula, formula_problem, tmp_path
):
    path = tmp_path / "fit.json"
    cal.fit(formula_problem, starts=2, checkpoint=path)
    other = _problem(model, [10.0, 9.0])
    with pytest.raises(cal.CalibrationError, match="other data"):
        cal.fit(other, starts=2, checkpoint=path)
    with pytest.raises(cal.CalibrationError, match="Use the same settings"):
        cal.fit(formula_problem, starts=3, checkpoint=path)
    whole = json.loads(path.read_text())
    whole["content"]["searches"][0]["damping"] = 3.0
    path.write_text(json.dumps(whole))
    with pytest.raises(cal.CalibrationError, match="damaged"):
        cal.fit(formula_problem, starts=2, checkpoint=path)
    path.write_text("not json")
    with pytest.raises(cal.CalibrationError, match="not a file of this package"):
        cal.fit(formula_problem, starts=2, checkpoint=path)
    assert [one.name for one in tmp_path.iterdir()] == ["fit.json"]


def test_what_the_data_leave_open_is_said(model, formula):
    values = [10 * np.exp(-0.3 * t) for t in range(8)]
    found = cal.fit(_problem(model, values, [FIRST, THIRD]), starts=1)
    told = found.undetermined()
    assert told.names == (THIRD,)
    assert told.contraction[FIRST] > 0.8 and abs(told.contraction[THIRD]) < 1e-6
    assert any(THIRD in text and "undetermined" in text for text in told.sentences)
    rows = {row["name"]: row for row in found.posterior.summary()}
    assert rows[THIRD]["interval"] == pytest.approx(rows[THIRD]["prior_interval"], rel=1e-6)


def test_a_combination_that_only_shows_together_is_named(model, formula):
    # One reading after some days: a larger start and a faster decay give the same.
    found = cal.fit(_problem(model, [10.0] * 1, [FIRST, SECOND]), starts=1)
    assert found.undetermined().names == (SECOND,)
    late = [cal.Observation("tewl", 7.0, 10 * np.exp(-2.1), sd=1e-3)]
    experiment = cal.Experiment("chip", sm.on_chip(), sm.Protocol(7.0), late)
    told = cal.fit(cal.CalibrationProblem(model, [experiment], [FIRST, SECOND])).undetermined()
    open_direction = told.directions[0]
    assert open_direction.contraction < 1e-3 < 0.9 < told.directions[1].contraction
    assert open_direction.weights[FIRST] * open_direction.weights[SECOND] > 0
    assert any("Only together" in text for text in told.sentences)


def test_no_two_draws_share_a_stratum(formula_problem):
    from scipy.stats import norm

    z = np.array(latin_hypercube(formula_problem, 16, 2))
    strata = np.floor(norm.cdf(z) * 16).astype(int)
    assert all(sorted(column) == list(range(16)) for column in strata.T)


def test_a_posterior_comes_back_from_its_file(formula_problem, model, tmp_path):
    found = cal.fit(formula_problem, starts=1).posterior
    found.save(tmp_path / "posterior.json")
    again = cal.Posterior.load(tmp_path / "posterior.json", model)
    np.testing.assert_array_equal(again.sample(5, 3), found.sample(5, 3))
    assert again.to_dict() == found.to_dict() and again.values == found.values
    text = (tmp_path / "posterior.json").read_text().replace("0.", "1.", 1)
    (tmp_path / "posterior.json").write_text(text)
    with pytest.raises(cal.CalibrationError, match="damaged"):
        cal.Posterior.load(tmp_path / "posterior.json", model)


def test_draws_have_the_posterior_s_spread_and_stay_inside_bounds(formula_problem):
    found = cal.fit(formula_problem, starts=1).posterior
    draws = found.sample(20000, 1)
    np.testing.assert_allclose(np.cov(draws.T), found.covariance, rtol=0.05, atol=1e-5)
    low, high = found.free.bounds
    assert np.all(draws >= low) and np.all(draws <= high)
