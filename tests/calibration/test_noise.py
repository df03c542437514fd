"""Likelihoods and residuals of exact and censored values."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from skinmech_calibration.noise import (
    EXACT,
    INTERVAL,
    LEFT,
    MASKED,
    RIGHT,
    Row,
    data_of,
    log_likelihood,
    residuals,
    residuals_and_slopes,
)

NAN = float("nan")
KINDS = {
    "exact": (EXACT, 3.0, NAN, NAN),
    "left": (LEFT, NAN, NAN, 2.0),
    "right": (RIGHT, NAN, 5.0, NAN),
    "interval": (INTERVAL, NAN, 2.0, 5.0),
}
PREDICTIONS = np.array([0.2, 1.0, 1.9, 2.0, 3.1, 3.5, 4.0, 5.2, 9.0, 30.0])


def _many(kind, sd=0.4, is_log=False):
    return data_of([Row(*KINDS[kind], sd, is_log)] * len(PREDICTIONS))


def _scipy(kind, mean, sd, is_log):
    _, value, low, high = KINDS[kind]
    if is_log:
        d = stats.lognorm(s=sd, scale=mean)
    else:
        d = stats.norm(mean, sd)
    if kind == "exact":
        return d.logpdf(value)
    if kind == "left":
        return d.logcdf(high)
    if kind == "right":
        return d.logsf(low)
    # Differences of survival functions where distribution functions are both one.
    with np.errstate(divide="ignore"):
        return np.log(np.maximum(d.cdf(high) - d.cdf(low), d.sf(low) - d.sf(high)))


@pytest.mark.parametrize("is_log", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_log_likelihood_agrees_with_scipy(kind, is_log):
    found = log_likelihood(jnp.asarray(PREDICTIONS), _many(kind, is_log=is_log))
    wanted = _scipy(kind, PREDICTIONS, 0.4, is_log)
    # scipy's difference of two distribution functions underflows beyond about 37 spreads.
    sound = np.isfinite(wanted)
    assert np.sum(sound) >= 8
    np.testing.assert_allclose(np.asarray(found)[sound], wanted[sound], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("is_log", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_half_squared_residuals_are_the_negative_log_likelihood(kind, is_log):
    data = _many(kind, is_log=is_log)
    found = residuals(jnp.asarray(PREDICTIONS), data)
    total = 0.5 * np.asarray(found) ** 2 + np.asarray(log_likelihood(PREDICTIONS, data))
    np.testing.assert_allclose(
        total, total[0], rtol=0, atol=1e-9 * (1 + np.max(np.abs(found)) ** 2)
    )


@pytest.mark.parametrize("is_log", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_slopes_agree_with_finite_differences(kind, is_log):
    data = _many(kind, is_log=is_log)
    _, slopes = residuals_and_slopes(jnp.asarray(PREDICTIONS), data)
    step = 1e-5 * PREDICTIONS
    above, below = (residuals(jnp.asarray(PREDICTIONS + s * step), data) for s in (1, -1))
    wanted = (np.asarray(above) - np.asarray(below)) / (2 * step)
    np.testing.assert_allclose(slopes, wanted, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("is_log", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_extreme_predictions_stay_finite_with_a_slope(kind, is_log):
    far = jnp.asarray([-5.0, 0.0, 1e-30, 1e-6, 3.0, 3.1623, 3.5, 1e4, 1e8, 1e12])
    found, slopes = residuals_and_slopes(far, _many(kind, is_log=is_log))
    assert np.all(np.isfinite(found)) and np.all(np.isfinite(slopes))


def test_interval_residual_is_smooth_through_its_middle():
    rows = data_of([Row(INTERVAL, NAN, 2.0, 5.0, 0.7, False)] * 401)
    around = jnp.linspace(3.4, 3.6, 401)
    found = np.asarray(residuals(around, rows))
    bends = np.diff(found, 2) / np.diff(found).mean()
    assert np.all(np.diff(found) > 0)
    assert np.max(np.abs(bends)) < 1e-2  # the quadratic limit joins within its own error


def test_values_that_tell_nothing_are_masked():
    rows = [
        Row(MASKED, NAN, NAN, NAN, 0.1, True),
        Row(LEFT, NAN, NAN, NAN, 0.1, True),
        Row(RIGHT, NAN, NAN, NAN, 0.1, True),
        Row(INTERVAL, NAN, NAN, NAN, 0.1, True),
    ]
    data = data_of(rows)
    assert list(np.asarray(data.code)) == [MASKED] * 4
    slope = jax.jacobian(lambda p: residuals(p, data))(jnp.full(4, 3.0))
    assert np.all(np.asarray(residuals(jnp.full(4, 3.0), data)) == 0) and np.all(slope == 0)
    assert np.all(np.asarray(log_likelihood(jnp.full(4, 3.0), data)) == 0)


def test_an_interval_with_one_known_side_is_censored_there():
    sides = ((NAN, 5.0), (2.0, NAN), (0.0, 5.0))
    data = data_of([Row(INTERVAL, NAN, low, high, 0.1, True) for low, high in sides])
    assert list(np.asarray(data.code)) == [LEFT, RIGHT, LEFT]
