"""A calibration of the coupled model from end to end, on a coarse grid."""

import numpy as np
import pytest

import skinmech as sm
import skinmech_calibration as cal
from skinmech.numerics import Status

FREE = (
    "barrier.tight_junction_resistance",
    "tissue.loricrin_reference",
    "keratinocytes.STAT6_inhibition",
)
TRUE_Z = np.array([0.6, -0.8, 0.5])  # in spreads of the prior
DAYS = (0.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0)
IL4 = sm.Change(at=2.0, environment={"inlet_cytokines[IL-4]": "10 ng/mL"})


def _experiment(values):
    """TEER and loricrin of a chip under IL-4; the last loricrin is below its limit."""
    names = [name for name in ("teer", "loricrin_fold") for _ in DAYS]
    observations = [
        cal.Observation(name, day, value)
        for name, day, value in zip(names, DAYS * 2, values, strict=True)
    ]
    last = observations[-1]
    observations[-1] = cal.Observation(
        last.observable, last.time, censor="left", limit_high=1.2 * last.value
    )
    return cal.Experiment("chip", sm.on_chip(), sm.Protocol(7.0, [IL4]), observations)


@pytest.fixture(scope="module")
def truth(model):
    """Values without noise at the truth."""
    problem = cal.CalibrationProblem(model, [_experiment(np.ones(14))], FREE)
    return problem.predictions(TRUE_Z)["chip"]


@pytest.fixture(scope="module")
def problem(model, truth):
    random = np.random.default_rng(11)
    sizes = np.repeat([model.observables()[n].noise_size for n in ("teer", "loricrin_fold")], 7)
    values = truth * np.exp(sizes * random.standard_normal(14))
    return cal.CalibrationProblem(model, [_experiment(values)], FREE)


@pytest.fixture(scope="module")
def fitted(problem):
    return cal.fit(problem, starts=1, max_iterations=12)


def test_jacobian_agrees_with_finite_differences(problem):
    z = 0.5 * TRUE_Z
    found = problem.evaluate([z])[0]
    step = 0.1  # large against the error of the simulation, small for a fourth-order formula
    wanted = np.zeros_like(found.jacobian)
    for i in range(len(z)):
        shift = step * np.eye(len(z))[i]
        points = [z + shift, z - shift, z + 2 * shift, z - 2 * shift]
        a, b, c, d = (e.residuals for e in problem.evaluate(points, with_jacobian=False))
        wanted[:, i] = (8 * (a - b) - (c - d)) / (12 * step)  # fourth order
    error = np.linalg.norm(found.jacobian - wanted, axis=0) / np.linalg.norm(wanted, axis=0)
    assert np.all(error < 1e-4), error


def test_two_programs_and_the_pure_function_agree(problem):
    with_jacobian = problem.evaluate([TRUE_Z])[0]
    without = problem.evaluate([TRUE_Z], with_jacobian=False)[0]
    np.testing.assert_allclose(with_jacobian.residuals, without.residuals, rtol=1e-6, atol=1e-8)


def test_the_truth_is_recovered_within_its_uncertainty(fitted):
    assert fitted.is_converged, fitted.starts[0]
    sd = np.sqrt(np.diag(fitted.covariance))
    assert np.all(np.abs(fitted.z - TRUE_Z) < 3 * sd)
    contraction = fitted.undetermined().contraction
    assert contraction[FREE[0]] > 0.7 and contraction[FREE[1]] > 0.5
    # The residuals of 14 values with three parameters fitted have a chi-square near 11.
    assert 2.0 < 2 * fitted.data_cost < 30.0


def test_a_prediction_of_another_dose_covers_the_truth(model, problem, fitted):
    weaker = sm.Change(at=1.0, environment={"inlet_cytokines[IL-4]": "2 ng/mL"})
    protocol, days = sm.Protocol(7.0, [weaker]), [0.0, 3.0, 5.0, 7.0]
    found = cal.predict(fitted.posterior, protocol, sm.on_chip(), ["teer"], days, draws=12)
    assert found.num_failed == 0 and found.is_in_range, found.out_of_range
    values = {path: float(v) for path, v in zip(FREE, problem.free.to_natural(TRUE_Z), strict=True)}
    real = sm.simulate(model, protocol, setting=sm.on_chip(), parameters=values, times=days)
    low, high = found.band("teer", 0.95)
    margin = 0.5 * (high - low)  # twelve draws find a 95 % band only roughly
    assert np.all((low - margin < real["teer"]) & (real["teer"] < high + margin))
    wide = found.band("teer", 0.95, measurement=True)
    assert np.all(wide[0] < low) and np.all(wide[1] > high)


def test_an_experiment_that_cannot_be_simulated_is_explained(model, problem):
    nowhere = np.full_like(np.asarray(problem.engine.guess("healthy")), np.nan)
    good = problem.experiments[0]
    bad = cal.Experiment("lost", good.setting, good.protocol, good.observations, start=nowhere)
    both = cal.CalibrationProblem(model, [good, bad], FREE)
    found = both.evaluate([TRUE_Z], with_jacobian=False)[0]
    assert found.statuses["chip"] == Status.OK and found.statuses["lost"] != Status.OK
    assert not found.is_ok and "'lost'" in found.explanation
    assert np.all(np.isfinite(found.residuals)) and found.cost > 1e6
    alone = problem.evaluate([TRUE_Z], with_jacobian=False)[0]
    np.testing.assert_array_equal(found.residuals[:14], alone.residuals[:14])
