"""The operations that emitted functions call, in JAX."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy.special import gammaln
from jaxtyping import Array, Float


@jax.custom_jvp
def _power(x: Any, n: Any) -> Any:
    return jnp.power(x, n)


@_power.defjvp
def _power_jvp(primals, tangents):
    x, n = primals
    dx, dn = tangents
    value = _power(x, n)
    # At x <= 0 the derivative by the exponent is a limit of zero or not defined; a NaN there
    # would reach parameters that the exponent does not even depend on.
    is_positive = x > 0
    log = jnp.log(jnp.where(is_positive, x, 1.0))
    by_x = jnp.where(n == 0, 0.0, n * _power(x, jnp.where(n == 0, 1.0, n - 1.0)))
    return value, by_x * dx + jnp.where(is_positive, value * log, 0.0) * dn


def _pow(x: Any, n: Any) -> Any:
    if isinstance(n, float):
        if n.is_integer() and abs(n) <= 8:
            return jax.lax.integer_pow(jnp.asarray(x, float), int(n))
        if n == 0.5:
            return jnp.sqrt(x)
    return _power(jnp.asarray(x, float), jnp.asarray(n, float))


def _vector(values: Sequence[Any]) -> Float[Array, " value"]:
    return jnp.stack([jnp.asarray(v, float) for v in values]) if values else jnp.zeros(0)


def _truths(values: Sequence[Any]) -> Array:
    return jnp.stack([jnp.asarray(v, bool) for v in values]) if values else jnp.zeros(0, bool)


def _reciprocal(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: jnp.divide(1.0, function(x))


def _of_reciprocal(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: function(jnp.divide(1.0, x))


NAMESPACE: dict[str, Any] = {
    "inf": float("inf"),
    "nan": float("nan"),
    "f_vector": _vector,
    "f_truths": _truths,
    "f_where": jnp.where,
    "f_divide": lambda a, b: jnp.divide(a, b),
    "f_power": _pow,
    "f_root": lambda degree, x: (
        jnp.sqrt(x) if isinstance(degree, float) and degree == 2.0 else _pow(x, 1.0 / degree)
    ),
    "f_log": lambda base, x: (
        jnp.log10(x) if isinstance(base, float) and base == 10.0 else jnp.log(x) / jnp.log(base)
    ),
    "f_ln": jnp.log,
    "f_exp": jnp.exp,
    "f_abs": jnp.abs,
    "f_sign": jnp.sign,
    "f_floor": jnp.floor,
    "f_ceil": jnp.ceil,
    "f_truncate": jnp.trunc,
    "f_sqrt": jnp.sqrt,
    "f_factorial": lambda x: jnp.exp(gammaln(jnp.asarray(x, float) + 1.0)),
    "f_min": lambda *a: functools.reduce(jnp.minimum, a),
    "f_max": lambda *a: functools.reduce(jnp.maximum, a),
    "f_and": jnp.logical_and,
    "f_or": jnp.logical_or,
    "f_xor": jnp.logical_xor,
    "f_not": jnp.logical_not,
    "f_sin": jnp.sin,
    "f_cos": jnp.cos,
    "f_tan": jnp.tan,
    "f_sec": _reciprocal(jnp.cos),
    "f_csc": _reciprocal(jnp.sin),
    "f_cot": _reciprocal(jnp.tan),
    "f_sinh": jnp.sinh,
    "f_cosh": jnp.cosh,
    "f_tanh": jnp.tanh,
    "f_sech": _reciprocal(jnp.cosh),
    "f_csch": _reciprocal(jnp.sinh),
    "f_coth": _reciprocal(jnp.tanh),
    "f_arcsin": jnp.arcsin,
    "f_arccos": jnp.arccos,
    "f_arctan": jnp.arctan,
    "f_arcsec": _of_reciprocal(jnp.arccos),
    "f_arccsc": _of_reciprocal(jnp.arcsin),
    "f_arccot": _of_reciprocal(jnp.arctan),
    "f_arcsinh": jnp.arcsinh,
    "f_arccosh": jnp.arccosh,
    "f_arctanh": jnp.arctanh,
    "f_arcsech": _of_reciprocal(jnp.arccosh),
    "f_arccsch": _of_reciprocal(jnp.arcsinh),
    "f_arccoth": _of_reciprocal(jnp.arctanh),
}


@functools.cache
def functions(source: str) -> dict[str, Callable[..., Any]]:
    """The functions of a text written by `Emitter.function`, by name."""
    space = dict(NAMESPACE)
    exec(compile(source, "<model>", "exec"), space)
    return {name: f for name, f in space.items() if name not in NAMESPACE and callable(f)}
