"""Compilation of large programs that run briefly."""

import functools
from collections.abc import Callable
from typing import Any

import jax

_OPTIONS = {"xla_cpu_use_fusion_emitters": False}


@functools.cache
def _options() -> dict[str, Any]:
    """Compiler options this backend understands.

    On a CPU the older fusion code compiles the model's programs in about 0.6 of the time, and
    runs long loops of small operations several times slower.
    """
    if jax.default_backend() != "cpu":
        return {}
    try:
        jax.jit(lambda x: x + 1.0, compiler_options=_OPTIONS)(1.0)
    except (ValueError, jax.errors.JaxRuntimeError):  # a compiler without the option
        return {}
    return _OPTIONS


def compiled_quickly(function: Callable[..., Any]) -> Callable[..., Any]:
    """`jax.jit` for programs that run briefly: quick to compile before quick to run."""
    return jax.jit(function, compiler_options=_options() or None)
