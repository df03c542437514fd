"""Measurement noise: likelihoods and residuals of exact and censored values.

A proportional observable is compared in logarithms: ln y = ln μ + s ε with ε standard normal; an
additive one as it is: y = μ + s ε. So the spread never depends on the prediction and half the sum
of squared residuals is the negative log-likelihood up to a constant. A censored value contributes
the probability of its side of the limit, and its residual is the signed root of twice that
negative log-probability, which is smooth, so that least squares takes it like any other.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import log_ndtr, ndtr
from jaxtyping import Array, Bool, Float, Int

MASKED, EXACT, LEFT, RIGHT, INTERVAL = range(5)
CENSOR_CODES = {
    "none": EXACT, "left": LEFT, "right": RIGHT, "interval": INTERVAL,
    "failed": MASKED, "missing": MASKED,
}  # fmt: skip
_FARTHEST = 30.0  # spreads; beyond, log Φ is zero in double precision and its root has no slope
_NEAREST = 1e-2  # spreads from the middle of an interval; closer, the root is its quadratic limit
_FLOOR = 1e-9  # of a proportional value's size; keeps logarithms finite at a prediction of zero
_LOG_ROOT = 0.5 * np.log(2 * np.pi)


class Data(eqx.Module):
    """Values to compare with, as arrays; leading axis observation.

    Attributes:
        code: `MASKED`, `EXACT`, `LEFT`, `RIGHT` or `INTERVAL`.
        value: The value, on the scale it is compared on (logarithm where `is_log`).
        low: Lower limit of censored values, same scale.
        high: Upper limit of censored values, same scale.
        sd: Spread on that scale.
        is_log: Whether the comparison is in logarithms.
        size: Size of the value in its unit, which sets the floor of a logarithm.
    """

    code: Int[Array, " observation"]
    value: Float[Array, " observation"]
    low: Float[Array, " observation"]
    high: Float[Array, " observation"]
    sd: Float[Array, " observation"]
    is_log: Bool[Array, " observation"]
    size: Float[Array, " observation"]


class Row(NamedTuple):
    """One value before it becomes a row of `Data`; natural units, limits NaN where unknown."""

    code: int
    value: float
    low: float
    high: float
    sd: float
    is_log: bool


def data_of(rows: list[Row]) -> Data:
    """Rows as arrays on the scale of comparison.

    A left-censored value without an upper limit (and so on) tells nothing and is masked; an
    interval of which one side is unknown is censored on the other side.
    """
    codes, values, lows, highs, sizes = [], [], [], [], []
    for row in rows:
        given = [abs(x) for x in (row.value, row.low, row.high) if np.isfinite(x) and x != 0]
        sizes.append(max(given, default=1.0))
        value, low, high = (_scaled(x, row.is_log) for x in (row.value, row.low, row.high))
        code = row.code
        if code == INTERVAL and not np.isfinite(low):
            code = LEFT
        if code == INTERVAL and not np.isfinite(high):
            code = RIGHT
        needed = {EXACT: value, LEFT: high, RIGHT: low}.get(code, 0.0)
        codes.append(code if np.isfinite(needed) else MASKED)
        values.append(np.nan_to_num(value, posinf=0.0, neginf=0.0))
        lows.append(np.nan_to_num(low, posinf=0.0, neginf=0.0))
        highs.append(np.nan_to_num(high, posinf=0.0, neginf=0.0))
    return Data(
        code=jnp.asarray(codes, jnp.int32),
        value=jnp.asarray(values, float),
        low=jnp.asarray(lows, float),
        high=jnp.asarray(highs, float),
        sd=jnp.asarray([row.sd for row in rows], float),
        is_log=jnp.asarray([row.is_log for row in rows], bool),
        size=jnp.asarray(sizes, float),
    )


def _scaled(x: float, is_log: bool) -> float:
    if not is_log:
        return x
    return float(np.log(x)) if x > 0 else -np.inf if x == 0 else np.nan


def on_scale(prediction: Float[Array, " observation"], data: Data) -> Float[Array, " observation"]:
    """Predictions on the scale of comparison; smooth and finite at zero and below."""
    floor = _FLOOR * data.size
    positive = 0.5 * (prediction + jnp.sqrt(prediction**2 + floor**2))
    # Far below zero the sum cancels; this bound keeps its logarithm finite.
    safe = jnp.maximum(jnp.where(data.is_log, positive, 1.0), 1e-6 * floor)
    return jnp.where(data.is_log, jnp.log(safe), prediction)


def log_likelihood(
    prediction: Float[Array, " observation"], data: Data
) -> Float[Array, " observation"]:
    """Log-likelihood of each value; zero where masked.

    Args:
        prediction: Natural units.
        data: What was measured.

    Returns:
        Log density in the value's own unit for exact values, log probability for censored ones.
    """
    mean = on_scale(prediction, data)
    low, high = (data.low - mean) / data.sd, (data.high - mean) / data.sd
    z = (data.value - mean) / data.sd
    jacobian = jnp.where(data.is_log, data.value, 0.0)
    exact = -0.5 * z**2 - jnp.log(data.sd) - _LOG_ROOT - jacobian
    choices = [
        jnp.zeros_like(z),
        exact,
        _log_normal(high),
        _log_normal(-low),
        _log_between(low, high),
    ]
    return jnp.select([data.code == k for k in range(5)], choices)


def residuals(prediction: Float[Array, " observation"], data: Data) -> Float[Array, " observation"]:
    """Signed residuals: half their squares sum to minus the log-likelihood, less a constant.

    The constant is the largest log-likelihood a value can reach. Zero where masked.
    """
    mean = on_scale(prediction, data)
    low, high = (data.low - mean) / data.sd, (data.high - mean) / data.sd
    exact = (mean - data.value) / data.sd
    below, above = _one_sided(high), -_one_sided(-low)
    choices = [jnp.zeros_like(exact), exact, below, above, _two_sided(low, high)]
    return jnp.select([data.code == k for k in range(5)], choices)


@jax.jit
def residuals_and_slopes(prediction: Array, data: Data) -> tuple[Array, Array]:
    """Residuals and their derivatives with respect to each one's own prediction."""
    ones = jnp.ones_like(prediction)
    return jax.jvp(lambda p: residuals(p, data), (prediction,), (ones,))


def _log_normal(x: Array) -> Array:
    """log Φ(x), accurate in both tails (`log_ndtr` loses digits between 5 and 8)."""
    # Selected inputs rather than maximum and minimum, whose slopes at a tie are halves.
    is_upper = x > 0
    upper = jnp.log1p(-ndtr(-jnp.where(is_upper, x, 1.0)))
    return jnp.where(is_upper, upper, log_ndtr(jnp.where(is_upper, -1.0, x)))


def _one_sided(margin: Array) -> Array:
    """√(-2 log Φ(margin)), with a slope everywhere."""
    near = jnp.minimum(margin, _FARTHEST)
    return jnp.sqrt(-2.0 * _log_normal(near))


def _log_between(low: Array, high: Array) -> Array:
    """log(Φ(high) - Φ(low)) without cancellation in either tail."""
    flip = low + high > 0
    a, b = jnp.where(flip, -high, low), jnp.where(flip, -low, high)
    width = jnp.maximum(b - a, 1e-12)
    ratio = jnp.minimum(_log_normal(b - width) - _log_normal(b), -1e-15)
    return _log_normal(b) + jnp.log(-jnp.expm1(ratio))


def _two_sided(low: Array, high: Array) -> Array:
    """Residual of an interval: negative below it, positive above, zero in its middle."""
    offset = -0.5 * (low + high)
    half = 0.5 * (high - low)
    is_near = jnp.abs(offset) < _NEAREST
    tried = jnp.where(is_near, _NEAREST, offset)
    deficit = 2.0 * (_log_between(-half, half) - _log_between(-half - tried, half - tried))
    return offset * jnp.sqrt(jnp.maximum(deficit, 1e-300) / tried**2)
