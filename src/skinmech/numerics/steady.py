"""Steady states f(y) = 0: pseudo-time steps that turn into Newton's method.

Each iteration solves (I/δ - J) s = f(y). The pseudo-step δ grows as the tendency falls (switched
evolution relaxation: Mulder & van Leer 1985, J. Comput. Phys. 59, 232; Kelley & Keyes 1998, SIAM
J. Numer. Anal. 35, 508), so that far away this follows the dynamics and close by it converges as
Newton does. Derivatives come from the implicit function theorem at the solution.
"""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from .chain import factor
from .sparsity import ChainJacobian, ChainSystem, Tendency
from .status import Status, blank_unless_ok
from .trees import stop_derivatives

_SHORTEST, _LONGEST = 1e-12, 1e10  # pseudo-steps [time]
_KEEP = 0.1  # a state may fall to this fraction of itself in one iteration, never below zero


class SteadyResult(eqx.Module):
    """A steady state.

    Attributes:
        y: The state; NaN where the status is not OK.
        status: A `Status` code.
        num_steps: Iterations, each with one Jacobian and one factorisation.
        residual: Largest |f| at the end.
    """

    y: Float[Array, " state"]
    status: Int[Array, ""]
    num_steps: Int[Array, ""]
    residual: Float[Array, ""]


class _Loop(NamedTuple):
    y: Array
    tendency: Array
    norm: Array
    delta: Array
    num_steps: Array
    is_done: Array
    status: Array


def steady_state(
    f: Tendency,
    system: ChainSystem,
    y0: Float[Array, " state"],
    args: Any,
    *,
    t: float | Float[Array, ""] = 0.0,
    rtol: float = 1e-8,
    atol: float = 1e-10,
    max_steps: int = 200,
    delta0: float = 1e-2,
    nonnegative: bool = True,
    differentiable: bool = True,
) -> SteadyResult:
    """Find y with f(t, y, args) = 0 near y0.

    Args:
        f: Tendency of the flat state.
        system: Structure of its Jacobian.
        y0: Where to begin; with `nonnegative`, >= 0.
        args: What `f` takes; derivatives flow through it (first derivatives, both modes).
        t: Time held fixed.
        rtol: Converged when the Newton correction is below atol + rtol·|y| everywhere.
        atol: See rtol.
        max_steps: Most iterations.
        delta0: First pseudo-step [time].
        differentiable: Carry the implicit derivative; without it the program is half the size.
        nonnegative: Hold states at or above zero by limiting the steps.

    Returns:
        The steady state with its status. Slots whose tendency is structurally zero (padding)
        keep their value of y0. Another conserved quantity makes the problem singular: then
        fix it through a border state.
    """
    frozen = stop_derivatives(args)
    start = jax.lax.stop_gradient(y0)
    is_idle = _idle_rows(system)

    def tendency_at(y):
        return f(t, y, frozen)

    def norm_of(value):
        return jnp.sqrt(jnp.mean(value**2))

    def iterate(loop: _Loop) -> _Loop:
        jac = system.jacobian(f, jnp.asarray(t, loop.y.dtype), loop.y, frozen)
        step = factor(system, _pin(system, jac, is_idle), 1.0 / loop.delta).solve(loop.tendency)
        y = loop.y + step
        if nonnegative:
            y = jnp.where(loop.y >= 0, jnp.maximum(y, _KEEP * loop.y), y)
        value = tendency_at(y)
        norm = norm_of(value)
        is_finite = jnp.isfinite(norm) & jnp.all(jnp.isfinite(step))
        is_small = jnp.all(jnp.abs(y - loop.y) <= atol + rtol * jnp.abs(y))
        # At the rounding floor the norm no longer falls: a small step is then a good one.
        accepted = is_finite & ((norm <= 2.0 * loop.norm + 1e-14) | is_small)
        ratio = jnp.clip(loop.norm / jnp.maximum(norm, 1e-300), 0.5, 10.0)
        ratio = jnp.where(is_small, 10.0, ratio)
        delta = jnp.where(accepted, loop.delta * ratio * 1.5, loop.delta * 0.2)
        delta = jnp.clip(delta, _SHORTEST, _LONGEST)
        is_newton = loop.delta * norm_of(loop.tendency) >= norm_of(step)
        is_done = accepted & is_small & is_newton & (loop.delta >= 1e3)
        num_steps = loop.num_steps + 1
        status = jnp.where(~accepted & (delta <= _SHORTEST), Status.DT_MIN, loop.status)
        status = jnp.where(
            ~is_done & (status == Status.OK) & (num_steps >= max_steps), Status.MAX_STEPS, status
        )
        return _Loop(
            y=jnp.where(accepted, y, loop.y),
            tendency=jnp.where(accepted, value, loop.tendency),
            norm=jnp.where(accepted, norm, loop.norm),
            delta=delta,
            num_steps=num_steps,
            is_done=is_done,
            status=status.astype(jnp.int32),
        )

    first = tendency_at(start)
    is_finite = jnp.all(jnp.isfinite(first)) & jnp.all(jnp.isfinite(start))
    loop = _Loop(
        y=start,
        tendency=first,
        norm=norm_of(first),
        delta=jnp.asarray(delta0, start.dtype),
        num_steps=jnp.asarray(0),
        is_done=jnp.asarray(False),
        status=jnp.where(is_finite, Status.OK, Status.NONFINITE).astype(jnp.int32),
    )
    loop = jax.lax.while_loop(lambda now: ~now.is_done & (now.status == Status.OK), iterate, loop)
    y = loop.y
    if differentiable:
        y = implicitly_differentiable(f, system, y, args, t=t)
    return SteadyResult(
        y=blank_unless_ok(y, loop.status),
        status=loop.status,
        num_steps=loop.num_steps,
        residual=jnp.max(jnp.abs(loop.tendency)),
    )


def implicitly_differentiable(
    f: Tendency,
    system: ChainSystem,
    y: Float[Array, " state"],
    args: Any,
    *,
    t: float | Float[Array, ""] = 0.0,
) -> Float[Array, " state"]:
    """A steady state already found, carrying dy = -J⁻¹ (∂f/∂args) dargs.

    Args:
        f: Tendency of the flat state.
        system: Structure of its Jacobian.
        y: State with f(t, y, args) = 0; its own derivatives are ignored.
        args: What `f` takes; derivatives flow through it, forward and reverse.
        t: Time held fixed.

    Returns:
        The same state, bit for bit.
    """
    is_idle = _idle_rows(system)
    t = jnp.asarray(t, y.dtype)
    fixed, frozen = stop_derivatives(y), stop_derivatives(args)
    jac = _pin(system, stop_derivatives(system.jacobian(f, t, fixed, frozen)), is_idle)
    factorised = factor(system, jac, 0.0)

    def operator(v):
        change = jax.jvp(lambda state: f(t, state, frozen), (fixed,), (v,))[1]
        return jnp.where(is_idle, v, 0.0) - change

    correction = jax.lax.custom_linear_solve(
        operator,
        f(t, fixed, args),
        solve=lambda _, b: factorised.solve(b),
        transpose_solve=lambda _, b: factorised.solve_transposed(b),
    )
    # The value stays the converged one, bit for bit; only the derivative is taken.
    return fixed + (correction - jax.lax.stop_gradient(correction))


def _idle_rows(system: ChainSystem) -> Array:
    """States whose tendency is structurally zero: they have no equation of their own."""
    pattern = system.pattern
    chain = jnp.any(pattern.diag, axis=2)
    for side in (pattern.lower, pattern.upper):
        chain = chain | (side if side.ndim == 2 else jnp.any(side, axis=2))
    chain = chain.reshape(-1) | jnp.any(pattern.border_cols, axis=1)
    border = jnp.any(pattern.border_rows, axis=1) | jnp.any(pattern.border_block, axis=1)
    return ~jnp.concatenate([chain, border])


def _pin(system: ChainSystem, jac: ChainJacobian, is_idle: Array) -> ChainJacobian:
    """Give idle states the equation dy/dt = -y in the matrix, so that it can be inverted."""
    chain, border = system.layout.split(is_idle)
    return eqx.tree_at(
        lambda j: (j.diag, j.border_block),
        jac,
        (
            jac.diag - jax.vmap(jnp.diag)(chain.astype(jac.diag.dtype)),
            jac.border_block - jnp.diag(border.astype(jac.diag.dtype)),
        ),
    )
