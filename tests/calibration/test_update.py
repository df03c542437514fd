"""A twin kept current by particles, against the full refit and against integrals on a grid."""

import dataclasses

import numpy as np
import pytest
from scipy.stats import kstest

import skinmech as sm
import skinmech_calibration as cal
from skinmech_calibration.surprise import surprise
from tests.calibration._fake import FIRST, SECOND
from tests.calibration.conftest import RELATIVE


def _course(days, values, name="visits", observable="tewl"):
    seen = [cal.Observation(observable, float(t), float(v))
            for t, v in zip(days, values, strict=True)]  # fmt: skip
    return cal.Experiment(name, sm.in_vivo(), sm.Protocol(9.0), seen)


def _readings(days, seed, size=0.05):
    a, b = RELATIVE
    noise = np.random.default_rng(seed).standard_normal(len(days))
    return 10 * a * np.exp(-0.3 * b * np.asarray(days)) * np.exp(size * noise)


@pytest.fixture
def fitted(formula_problem):
    return cal.fit(formula_problem, starts=1)


def _evaluate(problem, points, *, with_jacobian=True):
    """`CalibrationProblem.evaluate` of TEWL values under the formula, all points at once."""
    specs, observables = problem.model.specifications(), problem.model.observables()
    z = np.asarray(points)
    a, b = (
        m.prior.location * np.exp(m._log_spread * z[:, i, None]) / specs[m.path].value
        for i, m in enumerate(problem.free.members)
    )
    (one,) = problem.experiments
    found = []
    for o in one.observations:
        predicted = np.log(10 * a) - 0.3 * b * o.time if o.observable == "tewl" else np.log(5 * a)
        found.append((predicted - np.log(o.value)) / observables[o.observable].noise_size)
    found = np.hstack(found)
    rows = np.hstack([found, z])
    return [cal.Evaluation(p, row, None, {}) for p, row in zip(z, rows, strict=True)]


@pytest.fixture
def quick(formula, fitted, monkeypatch):
    """Thousands of simulations of the formula in no time, the same numbers."""
    points = [np.zeros(2), np.array([0.4, -0.3])]
    slow = fitted.problem.evaluate(points, with_jacobian=False)
    for one, other in zip(slow, _evaluate(fitted.problem, points), strict=True):
        np.testing.assert_allclose(one.residuals, other.residuals, rtol=1e-9, atol=1e-9)
    monkeypatch.setattr(cal.CalibrationProblem, "evaluate", _evaluate)


def _on_a_grid(posterior, problem):
    """Moments of the fit's normal posterior times the likelihood of new values, by summation."""
    sd = np.sqrt(np.diag(posterior.covariance))
    axes = [m + s * np.linspace(-6, 6, 61) for m, s in zip(posterior.mean, sd, strict=True)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 2)
    apart = points - posterior.mean
    log = -0.5 * np.sum(apart @ np.linalg.inv(posterior.covariance) * apart, axis=1)
    for i, one in enumerate(problem.evaluate(list(points), with_jacobian=False)):
        log[i] -= 0.5 * float(np.sum(one.residuals[:-2] ** 2))
    weights = np.exp(log - log.max())
    weights /= weights.sum()
    mean = weights @ points
    return mean, np.sqrt(weights @ (points - mean) ** 2)


def test_visits_taken_in_one_by_one_agree_with_integral_and_refit(
    model, formula, fitted, monkeypatch
):
    days = [1.0, 3.0, 6.0, 8.5]
    visits = _course(days, _readings(days, 11))
    count = 1000
    priors = {m.name: m.prior for m in fitted.posterior.free.members}
    experiments = [*fitted.problem.experiments, visits]
    whole = cal.fit(
        cal.CalibrationProblem(model, experiments, [FIRST, SECOND], priors=priors), starts=1
    )
    monkeypatch.setattr(cal.CalibrationProblem, "evaluate", _evaluate)
    twin, told = cal.Twin.of(fitted.posterior, count, seed=1).take_in_all(visits, seed=2)
    now, got = twin.posterior, np.sqrt(np.diag(twin.posterior.covariance))
    assert len(told) == 4 and all(one.surprise.is_explained for one in told)
    assert min(one.ladder.acceptance for one in told) > 0.5

    mean, sd = _on_a_grid(
        fitted.posterior, cal.CalibrationProblem(model, [visits], [FIRST, SECOND], priors=priors)
    )
    # The error of a mean of n draws is sd/√n and that of a spread sd/√(2n); four of them.
    assert np.all(np.abs(now.mean - mean) < 4 * sd / np.sqrt(count))
    assert np.all(np.abs(got - sd) < 4 * sd / np.sqrt(2 * count))
    refit_sd = np.sqrt(np.diag(whole.covariance))
    # Beside that, the refit is itself an approximation, a normal at the mode: another 0.05 spreads.
    assert np.all(np.abs(now.mean - whole.z) < (4 / np.sqrt(count) + 0.05) * refit_sd)
    assert np.all(np.abs(got / refit_sd - 1) < 4 / np.sqrt(2 * count) + 0.05)
    before = np.sqrt(np.diag(fitted.covariance))
    assert np.all(got < 0.9 * before)  # so that there was something to learn at all


def test_what_was_taken_in_before_is_not_forgotten(quick, fitted):
    days = [2.0, 5.0]
    values = _readings(days, 4)
    one_by_one, _ = cal.Twin.of(fitted.posterior, 600).take_in_all(_course(days, values))
    courses = cal.Twin.of(fitted.posterior, 600)
    for name, day, value in zip(("home", "clinic"), days, values, strict=True):
        courses, _ = courses.take_in(_course([day], [value], name))
    at_once, _ = cal.Twin.of(fitted.posterior, 600, seed=5).take_in(_course(days, values))
    for other in (one_by_one, courses):
        sd = np.sqrt(np.diag(at_once.posterior.covariance))
        assert np.all(np.abs(other.posterior.mean - at_once.posterior.mean) < 6 * sd / 600**0.5)
    assert set(courses.posterior.studied) == {"chip", "home", "clinic"}
    assert courses.posterior.data_hash != one_by_one.posterior.data_hash


def test_p_is_uniform_where_the_twin_is_right(model, fitted):
    """Visits drawn from the twin's own prediction, judged by other draws of it."""
    random, size = np.random.default_rng(0), model.observables()["tewl"].noise_size
    specs, days = model.specifications(), np.array([1.0, 9.0])

    def logs(z):
        a, b = (m.prior.location * np.exp(m._log_spread * z[:, i, None]) / specs[m.path].value
                for i, m in enumerate(fitted.posterior.free.members))  # fmt: skip
        return np.log(10 * a) - 0.3 * b * days

    particles = logs(cal.Twin.of(fitted.posterior, 200).particles)
    readings = logs(fitted.posterior.sample(600, seed=9))
    readings = readings + size * random.standard_normal(readings.shape)
    named, both = [("tewl", 1.0), ("tewl", 9.0)], np.array([True, True])
    found = [surprise((particles - y) / size, both, named, seed=i) for i, y in enumerate(readings)]
    assert kstest([one.p for one in found], "uniform").pvalue > 0.01
    for level in (0.05, 0.2):
        share = np.mean([one.p < level for one in found])
        # Three errors of a share among 600, and a tenth for the 200 particles.
        assert abs(share - level) < 3 * np.sqrt(level * (1 - level) / 600) + 0.1 * level
    alone = [value.p for one in found for value in one.values if value.day == 9.0]
    assert kstest(alone, "uniform").pvalue > 0.01


def test_a_visit_beyond_the_twin_is_named_and_a_common_one_is_not(quick, fitted):
    twin = cal.Twin.of(fitted.posterior, 48)
    day = [4.0]
    (value,) = _readings(day, 0, size=0.0)
    _, fine = twin.take_in(_course(day, [value]), moves=0)
    assert fine.surprise.is_explained and "explained by" in fine.surprise.sentence
    usual = cal.Observation("surface_ph", 4.0, 5.0 * RELATIVE[0])
    odd = _course(day, [3.0 * value])
    odd = dataclasses.replace(odd, observations=(usual, *odd.observations))
    _, told = twin.take_in(odd, moves=0)
    assert not told.surprise.is_explained and told.surprise.p < 0.005
    assert told.surprise.values[0].observable == "tewl"
    assert "tewl on day 4 is higher" in told.surprise.sentence


def test_censored_failed_and_impossible_visits(formula, fitted):
    twin = cal.Twin.of(fitted.posterior, 32)
    (value,) = _readings([4.0], 0, size=0.0)
    low = cal.Observation("tewl", 4.0, censor="left", limit_high=float(0.5 * value))
    lost = cal.Observation("surface_ph", 4.0, censor="missing")
    visit = dataclasses.replace(_course([4.0], [value]), observations=(low, lost))
    after, told = twin.take_in(visit)
    assert [one.observable for one in told.surprise.values] == ["tewl"]
    assert told.surprise.values[0].p < 0.01 and not told.surprise.is_explained
    assert after.posterior.mean[0] < fitted.posterior.mean[0]
    formula.fails = lambda a, b: True
    with pytest.raises(cal.CalibrationError, match="no particle could be simulated"):
        twin.take_in(_course([4.0], [value]))
    with pytest.raises(cal.CalibrationError, match="at least 8 particles"):
        cal.Twin.of(fitted.posterior, 2)
