"""Periods of a hybrid system by compiled C, where no period holds a jump."""

import functools
import hashlib
import inspect

import jax
import jax.numpy as jnp
import numpy as np

from skinmech.native.path import PathSolver

from .. import operations
from .system import System, Where


def obstacle(system: System) -> str:
    """Why a system is left to JAX's program; empty where it need not be."""
    found = [
        text
        for count, text in (
            (system.num_events, "events"),
            (system.num_switches, "comparisons of states in rates"),
            (system.num_clocks, "jumps at times written in formulas"),
        )
        if count
    ]
    return ", ".join(found)


@functools.lru_cache(maxsize=32)
def path_solver(system: System, num_parameters: int) -> PathSolver:
    """The compiled solver of a system: its parameters are constants, outside ones, discrete states.

    Where the tendency reads time, that is a further state, the last.

    Args:
        system: One without an `obstacle`.
        num_parameters: From outside the model.

    Raises:
        NoCompiler: there is no C compiler.
        UnsupportedPrimitive: the model uses an operation without a rule.
    """
    num_c, num_y = len(system.constant), max(len(system.continuous), 1)
    num_d, end_of_p = len(system.discrete), num_c + num_parameters

    def tendency(t, y, par):
        c, p, d = par[:num_c], par[num_c:end_of_p], par[end_of_p:]
        return system.call("tendency", Where(t, y, d, c, p))

    size = end_of_p + num_d
    has_time = _reads_time(tendency, num_y, size)

    def f(par, y):
        if not has_time:
            return tendency(0.0, y, par)
        return jnp.concatenate([tendency(y[-1], y[:-1], par), jnp.ones(1)])

    meaning = hashlib.sha256(inspect.getsource(operations).encode()).hexdigest()
    return PathSolver(f, num_y + has_time, size, system.source + meaning, has_time=has_time)


def _reads_time(tendency, num_y: int, num_par: int) -> bool:
    traced = jax.make_jaxpr(tendency)(0.0, np.zeros(num_y), np.zeros(num_par)).jaxpr
    time = traced.invars[0]
    return any(v is time for eqn in traced.eqns for v in eqn.invars) or time in traced.outvars
