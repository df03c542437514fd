"""Rodas5P for those who drive it by diffrax.

A module of its own, read where it is asked for: importing diffrax takes as long as importing JAX.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import diffrax as dfx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .rodas5p import ERROR_ORDER, ORDER, interpolate, rodas5p_step
from .sparsity import ChainSystem


class _RodasInterpolation(dfx.AbstractLocalInterpolation):
    """Rodas5P's dense output in diffrax's shape."""

    t0: Any  # pyright: ignore[reportIncompatibleVariableOverride]  # diffrax's own pattern
    t1: Any  # pyright: ignore[reportIncompatibleVariableOverride]
    y0: Float[Array, " state"]
    y1: Float[Array, " state"]
    dense: Float[Array, "3 state"]

    def evaluate(self, t0, t1=None, left=True):
        if t1 is not None:
            return self.evaluate(t1) - self.evaluate(t0)
        span = self.t1 - self.t0
        theta = jnp.where(span == 0, 0.0, (t0 - self.t0) / jnp.where(span == 0, 1.0, span))
        return interpolate(theta, self.y0, self.y1, self.dense)


class Rodas5P(dfx.AbstractAdaptiveSolver):
    """Rodas5P as a diffrax solver for an `ODETerm` over a flat chain state.

    Step-size controllers, `SaveAt`, events and adjoints are diffrax's. `integrate` drives the
    same step by its own loop, which knows segments.

    Attributes:
        system: Structure of the Jacobian, from `build_system`.
    """

    system: ChainSystem
    term_structure: ClassVar = dfx.ODETerm
    interpolation_cls: ClassVar[Callable[..., _RodasInterpolation]] = _RodasInterpolation

    def order(self, terms):
        return ORDER

    def error_order(self, terms):
        return ERROR_ORDER

    def init(self, terms, t0, t1, y0, args):
        return None

    def step(self, terms, t0, t1, y0, args, solver_state, made_jump):
        start, step = jnp.asarray(t0), jnp.asarray(t1 - t0)
        result = rodas5p_step(terms.vf, self.system, start, step, y0, args)
        dense_info = dict(y0=y0, y1=result.y1, dense=result.dense)
        return result.y1, result.error, dense_info, None, dfx.RESULTS.successful

    def func(self, terms, t0, y0, args):
        return terms.vf(t0, y0, args)
