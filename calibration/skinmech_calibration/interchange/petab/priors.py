"""Log densities of PEtab's prior distributions (version 2.0, parameter table).

A distribution whose domain is wider than the parameter's bounds is cut off at them and
normalised again; the constant is computed once, in NumPy's double precision.
"""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy.special import gammainc, gammaln, ndtr, ndtri

from ..errors import InterchangeError
from .tables import Parameter, Prior


@dataclasses.dataclass(frozen=True)
class _Family:
    """Log density, distribution function and quantiles of one family on its own axis."""

    num_values: int
    log_density: Callable[..., Any]
    share_below: Callable[..., Any]
    quantile: Callable[..., Any] | None = None


def _laplace_below(x: Any, mean: float, scale: float) -> Any:
    z = (x - mean) / scale
    return jnp.where(z < 0, 0.5 * jnp.exp(jnp.minimum(z, 0)), 1 - 0.5 * jnp.exp(-jnp.maximum(z, 0)))


def _laplace_quantile(q: Any, mean: float, scale: float) -> Any:
    return mean - scale * jnp.sign(q - 0.5) * jnp.log1p(-2 * jnp.abs(q - 0.5))


def _gamma_density(x: Any, shape: float, scale: float) -> Any:
    return (shape - 1) * jnp.log(x) - x / scale - gammaln(shape) - shape * math.log(scale)


_FAMILIES = {
    "uniform": _Family(
        2, lambda x, a, b: jnp.where((x >= a) & (x <= b), -jnp.log(b - a), -jnp.inf),
        lambda x, a, b: jnp.clip((x - a) / (b - a), 0, 1), lambda q, a, b: a + q * (b - a),
    ),
    "normal": _Family(
        2, lambda x, m, s: -0.5 * ((x - m) / s) ** 2 - math.log(s * math.sqrt(2 * math.pi)),
        lambda x, m, s: ndtr((x - m) / s), lambda q, m, s: m + s * ndtri(q),
    ),
    "laplace": _Family(
        2, lambda x, m, s: -jnp.abs(x - m) / s - math.log(2 * s), _laplace_below,
        _laplace_quantile,
    ),
    "cauchy": _Family(
        2, lambda x, m, s: -math.log(math.pi * s) - jnp.log1p(((x - m) / s) ** 2),
        lambda x, m, s: 0.5 + jnp.arctan((x - m) / s) / math.pi,
    ),
    "chisquare": _Family(
        1, lambda x, k: _gamma_density(x, 0.5 * k, 2.0), lambda x, k: gammainc(0.5 * k, 0.5 * x)
    ),
    "exponential": _Family(
        1, lambda x, s: -x / s - math.log(s), lambda x, s: -jnp.expm1(-x / s),
        lambda q, s: -s * jnp.log1p(-q),
    ),
    "gamma": _Family(2, _gamma_density, lambda x, a, s: gammainc(a, x / s)),
    "rayleigh": _Family(
        1, lambda x, s: jnp.log(x / s**2) - 0.5 * (x / s) ** 2,
        lambda x, s: -jnp.expm1(-0.5 * (x / s) ** 2),
        lambda q, s: s * jnp.sqrt(-2 * jnp.log1p(-q)),
    ),
}  # fmt: skip
_POSITIVE = ("chisquare", "exponential", "gamma", "rayleigh")


def check_prior(parameter: Parameter, prior: Prior) -> list[str]:
    """What is wrong with a prior; empty where nothing is."""
    family = _FAMILIES.get(prior.kind.removeprefix("log-"))
    if family is None or (prior.kind.startswith("log-") and prior.kind[4:] in _POSITIVE):
        known = [*_FAMILIES, "log-normal", "log-laplace", "log-uniform"]
        return [
            f"parameter '{parameter.id}': unrecognized prior '{prior.kind}'. Expected one of "
            f"{', '.join(known)}"
        ]
    if len(prior.values) != family.num_values:
        return [
            f"parameter '{parameter.id}': the prior '{prior.kind}' takes {family.num_values} "
            f"numbers, got {len(prior.values)}"
        ]
    return []


def _number(value: float) -> Any:
    return jnp.asarray(value, float)


def log_density(parameter: Parameter, prior: Prior) -> Callable[[Any], Any]:
    """Log density of a parameter's value on linear scale.

    A prior on the scaled parameter (version 1) is a density of that.
    """
    kind = prior.kind
    is_log = kind.startswith("log-")
    family = _FAMILIES[kind.removeprefix("log-")]
    values = prior.values
    if kind == "log-uniform":
        values = tuple(math.log(v) for v in values)

    def own(x: Any) -> Any:
        return jnp.log(x) if is_log else _scaled(parameter, x) if prior.on_scale else x

    shift = 0.0
    if prior.is_truncated:
        lowest = 0.0 if is_log or kind in _POSITIVE else -math.inf
        low, high = max(parameter.lower, lowest), parameter.upper
        with jax.ensure_compile_time_eval():  # bounds are numbers, also while a program is traced
            shift = -math.log(_share_between(family, own, values, low, high, lowest, parameter.id))

    def density(x: Any) -> Any:
        value = family.log_density(own(x), *values) + shift
        value = value - jnp.log(x) if is_log else value
        if prior.is_truncated:
            value = jnp.where((x < parameter.lower) | (x > parameter.upper), -jnp.inf, value)
        return value

    return density


def _share_between(family, own, values, low, high, lowest, name) -> float:
    """Probability of a family between two bounds."""
    below = 0.0 if low == lowest else float(family.share_below(own(jnp.asarray(low)), *values))
    above = 1.0 if math.isinf(high) else float(family.share_below(own(jnp.asarray(high)), *values))
    if not above > below:
        raise InterchangeError(f"The prior of '{name}' has no probability inside the bounds.")
    return above - below


def start_quantile(parameter: Parameter, share: Any) -> Any:
    """A start point on the parameter's scale: the quantile of its start distribution.

    Without one, flat between the bounds on the scale of estimation.
    """
    low, high = scaled_bounds(parameter)
    prior = parameter.start
    family = _FAMILIES.get(prior.kind.removeprefix("log-")) if prior else None
    if prior is None or family is None or family.quantile is None:
        return low + share * (high - low)
    values = prior.values
    if prior.kind == "log-uniform":
        values = tuple(math.log(v) for v in values)
    x = family.quantile(share, *values)
    if not prior.on_scale:
        x = jnp.exp(x) if prior.kind.startswith("log-") else x
        x = _scaled(parameter, jnp.clip(x, parameter.lower, parameter.upper))
    return jnp.clip(x, low, high)


def scaled_bounds(parameter: Parameter) -> tuple[float, float]:
    """Bounds on the scale of estimation."""
    return float(_scaled(parameter, parameter.lower)), float(_scaled(parameter, parameter.upper))


def _scaled(parameter: Parameter, x: Any) -> Any:
    if parameter.scale == "lin":
        return x
    return jnp.log10(x) if parameter.scale == "log10" else jnp.log(x)
