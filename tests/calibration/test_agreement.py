"""Profile likelihood, no-U-turn draws and normal approximation on problems of known answer."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import chi2, norm

pytest.importorskip("blackjax", reason="the extra sampling is not installed")
pytest.importorskip("arviz", reason="the extra sampling is not installed")

from skinmech_calibration.laplace import laplace_at
from skinmech_calibration.objective import FunctionObjective
from skinmech_calibration.profiles import profile
from skinmech_calibration.sampling import sample
from skinmech_calibration.search import minimise

DESIGN = np.array([[1.0, 0.5], [0.2, 2.0], [1.0, 1.0]])
READ = np.array([1.0, 2.0, 3.0])
TIMES = np.linspace(0.0, 3.0, 7)
NOISE = 0.15


def optimum(objective):
    found = minimise(objective.evaluate, objective.start, *objective.bounds, 100)
    assert found.is_converged, found.reason
    return found.point.z


def in_standard_errors(samples, i, mean):
    """How far the draws' mean is off, in its own Monte Carlo errors."""
    draws = samples.z[..., i]
    return abs(draws.mean() - mean) / (draws.std() / np.sqrt(samples.ess[samples.names[i]]))


def test_all_three_agree_on_a_line():
    line = FunctionObjective(lambda z: -0.5 * jnp.sum((DESIGN @ z - READ) ** 2), ["a", "b"])
    covariance = np.linalg.inv(DESIGN.T @ DESIGN)
    centre, sd = covariance @ DESIGN.T @ READ, np.sqrt(np.diag(covariance))
    z = optimum(line)
    normal = laplace_at(line, z)
    np.testing.assert_allclose(normal.mean, centre, atol=1e-4)
    np.testing.assert_allclose(normal.covariance, covariance, rtol=1e-9)
    for i, one in enumerate(profile(line, z)):
        assert one.verdict == "identifiable" and one.is_at_optimum
        # Ends are placed where the rise is within 1 % of the threshold, half of that in z.
        np.testing.assert_allclose(one.interval, centre[i] + norm.ppf([0.025, 0.975]) * sd[i],
                                   atol=0.01 * sd[i])  # fmt: skip
    draws = sample(line, draws=500, tune=300, seed=2, at=z)
    assert not draws.num_divergent and max(draws.rhat.values()) < 1.02
    for i in range(2):
        assert in_standard_errors(draws, i, centre[i]) < 4.0
    np.testing.assert_allclose(np.cov(draws.z.reshape(-1, 2).T), covariance, rtol=0.2, atol=0.03)


@pytest.fixture(scope="module")
def decay():
    """A decay a·exp(-k t) read seven times, in logarithms of a and k, with normal priors."""
    random = np.random.default_rng(5)
    readings = 2.0 * np.exp(-0.7 * TIMES) + NOISE * random.standard_normal(TIMES.size)

    def likelihood(z):
        predicted = jnp.exp(z[0] - jnp.exp(z[1]) * TIMES)
        return -0.5 * jnp.sum(((predicted - readings) / NOISE) ** 2)

    one = FunctionObjective(
        likelihood, ["log a", "log k"], log_prior=lambda z: -0.5 * jnp.sum(z**2)
    )
    return one, readings


def test_all_three_agree_on_a_mildly_bent_problem(decay):
    objective, readings = decay
    z = optimum(objective)
    # The posterior by quadrature on a grid that is fine and wide against its spread of about 0.1.
    a, k = np.meshgrid(np.linspace(0.2, 1.2, 401), np.linspace(-1.4, 0.6, 401), indexing="ij")
    seen = np.exp(a[..., None] - np.exp(k)[..., None] * TIMES)
    log = -0.5 * np.sum(((seen - readings) / NOISE) ** 2, axis=-1) - 0.5 * (a**2 + k**2)
    weight = np.exp(log - log.max()) / np.exp(log - log.max()).sum()
    centre = np.array([(weight * a).sum(), (weight * k).sum()])
    sd = np.sqrt([(weight * (v - m) ** 2).sum() for v, m in zip((a, k), centre, strict=True)])
    normal = laplace_at(objective, z)
    # Laplace: exact up to the problem's bend, a quarter of a spread here.
    np.testing.assert_allclose(normal.sd, sd, rtol=0.1)
    assert np.all(np.abs(normal.mean - centre) < 0.25 * sd)
    draws = sample(objective, draws=500, tune=300, seed=4, at=z)
    assert not draws.num_divergent
    for i in range(2):
        assert in_standard_errors(draws, i, centre[i]) < 4.0
    np.testing.assert_allclose(draws.z.std(axis=(0, 1)), sd, rtol=0.1)
    # The data's own profile along log k: a solved exactly at each k.
    rise = 0.5 * chi2.ppf(0.95, 1)

    def cost(k):
        shape = np.exp(-np.exp(k) * TIMES)
        return 0.5 * np.sum(
            ((shape * (shape @ readings) / (shape @ shape) - readings) / NOISE) ** 2
        )

    grid = np.linspace(-1.4, 0.6, 4001)
    least = grid[np.argmin([cost(v) for v in grid])]
    wanted = [brentq(lambda v: cost(v) - cost(least) - rise, *ends)
              for ends in ((-2.0, least), (least, 1.0))]  # fmt: skip
    (found,) = profile(objective, z, ["log k"], with_prior=False)
    np.testing.assert_allclose(found.interval, wanted, atol=0.01 * sd[1])
    low, high = np.quantile(draws.z[..., 1], [0.025, 0.975])
    (whole,) = profile(objective, z, ["log k"])
    np.testing.assert_allclose(whole.interval, [low, high], atol=0.35 * sd[1])


def test_all_three_call_a_sum_undetermined():
    both = FunctionObjective(
        lambda z: -0.5 * jnp.sum((z[0] + z[1] - READ) ** 2) / 0.1**2 - 0.5 * (z[2] / 0.1) ** 2,
        ["a", "b", "c"], bounds=(-5.0, 5.0), start=[1.0, 1.0, 0.1],
    )  # fmt: skip
    z = optimum(both)
    a, b, c = profile(both, z)
    assert a.verdict == b.verdict == "structurally non-identifiable"
    assert c.verdict == "identifiable" and "from" in a.text
    draws = sample(both, draws=500, tune=500, seed=1, at=z)
    for told in (laplace_at(both, z).undetermined(), draws.undetermined()):
        (open_,) = told.sloppy
        assert open_.weights["a"] * open_.weights["b"] < 0 and abs(open_.weights["c"]) < 0.1
        assert abs(open_.weights["a"]) == pytest.approx(np.sqrt(0.5), abs=0.05)
        assert any("Only together" in text for text in told.sentences)
        assert told.contraction["c"] > 0.9


def test_a_saturated_rate_is_open_on_one_side_and_closed_on_the_other():
    # Read long after a fast decay: any fast rate fits, a slow one does not.
    late = FunctionObjective(
        lambda z: -0.5 * jnp.sum(jnp.exp(-jnp.exp(z[0]) * jnp.array([1.0, 2.0])) ** 2) / 0.05**2,
        ["log k"], bounds=(-3.0, 8.0), start=[2.0],
    )  # fmt: skip
    (one,) = profile(late, np.array([2.0]))
    assert one.low.kind == "closed" and one.high.kind == "at the bound"
    assert one.verdict == "practically non-identifiable" and np.isnan(one.interval[1])
    wanted = brentq(lambda v: late.evaluate([v]).cost - 0.5 * chi2.ppf(0.95, 1), -1.0, 2.0)
    assert one.interval[0] == pytest.approx(wanted, abs=0.01)
