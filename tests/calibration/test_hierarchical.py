"""Donors of a population, by expectation and maximisation and by descent in batches."""

import jax.numpy as jnp
import numpy as np
import pytest

from skinmech_calibration import CalibrationError, FunctionObjective, hierarchical, stochastic

DONORS, REPEATS, NOISE = 12, 4, 0.5


@pytest.fixture(scope="module")
def readings():
    random = np.random.default_rng(8)
    own = 1.5 + 0.8 * random.standard_normal(DONORS)
    return own[:, None] + NOISE * random.standard_normal((DONORS, REPEATS))


def donor(row, names=("height",)):
    return FunctionObjective(
        lambda z: -0.5 * jnp.sum(((z[0] - row) / NOISE) ** 2), names, bounds=(-10.0, 10.0)
    )


def test_a_balanced_one_way_layout_has_its_closed_form(readings):
    found = hierarchical([donor(row) for row in readings], tolerance=1e-6, max_rounds=400)
    assert found.is_converged
    means = readings.mean(axis=1)
    # Maximum likelihood (Searle, Casella and McCulloch 1992, Variance Components, section 3.7).
    between = np.mean((means - means.mean()) ** 2) - NOISE**2 / REPEATS
    assert between > 0.05
    assert found.mean[0] == pytest.approx(means.mean(), abs=1e-4)
    assert found.sd[0] == pytest.approx(np.sqrt(between), rel=1e-3)
    weight = between / (between + NOISE**2 / REPEATS)
    wanted = means.mean() + weight * (means - means.mean())
    np.testing.assert_allclose([one.mean[0] for one in found.donors], wanted, atol=2e-3)
    np.testing.assert_allclose(found.shrinkage, 1 - weight, rtol=1e-2)
    error = np.sqrt((between + NOISE**2 / REPEATS) / DONORS)
    assert found.mean_error[0] == pytest.approx(error, rel=1e-2)
    rises = np.diff(found.log_evidence)
    assert np.all(rises > -1e-6) and rises[0] > 0.1

    # The evidence is the exact marginal likelihood of the donors' means, up to a constant.
    def marginal(sd):
        total = sd**2 + NOISE**2 / REPEATS
        return -0.5 * np.sum((means - found.mean[0]) ** 2 / total + np.log(total))

    fixed = hierarchical([donor(row) for row in readings], mean=found.mean, sd=2 * found.sd,
                         max_rounds=1)  # fmt: skip
    difference = found.log_evidence[-1] - fixed.log_evidence[0]
    assert difference == pytest.approx(marginal(found.sd[0]) - marginal(2 * found.sd[0]), abs=1e-3)


def test_donors_that_do_not_differ_collapse_onto_the_population(readings):
    same = readings - readings.mean(axis=1, keepdims=True) + 1.0
    found = hierarchical([donor(row) for row in same[:6]], max_rounds=80)
    assert found.sd[0] < 0.2 and found.shrinkage.min() > 0.7
    with pytest.raises(CalibrationError, match="two donors"):
        hierarchical([donor(same[0])])
    with pytest.raises(CalibrationError, match="same parameters"):
        hierarchical([donor(same[0]), donor(same[1], ("other",))])


def test_descent_in_batches_finds_least_squares_of_all_donors():
    random = np.random.default_rng(2)
    design = jnp.asarray(random.standard_normal((40, 3)))
    seen = design @ jnp.array([1.0, -2.0, 0.5]) + 0.1 * random.standard_normal(40)

    def losses(z, chosen):
        return 0.5 * (design[chosen] @ z - seen[chosen]) ** 2

    found = stochastic(losses, 40, np.zeros(3), batch=5, steps=3000, rate=0.05, seed=1)
    exact = np.linalg.lstsq(np.asarray(design), np.asarray(seen), rcond=None)[0]
    # The exact solution's own error, 0.1/√40, is eight times the tolerance.
    np.testing.assert_allclose(found.z, exact, atol=2e-3)
    assert found.num_skipped == 0 and found.cost[-1] < 0.05 * found.cost[0]
    pulled = stochastic(losses, 40, np.zeros(3), batch=5, steps=3000, rate=0.05, seed=1,
                        prior=lambda z: 0.5 * 40.0 * jnp.sum(z**2))  # fmt: skip
    gram = np.asarray(design.T @ design)
    ridge = np.linalg.solve(gram + 40.0 * np.eye(3), np.asarray(design.T @ seen))
    np.testing.assert_allclose(pulled.z, ridge, atol=2e-2)
    with pytest.raises(CalibrationError, match="batch"):
        stochastic(losses, 40, np.zeros(3), batch=41)
