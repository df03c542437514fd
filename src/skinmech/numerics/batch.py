"""Many patients at once, such that a bad one costs only itself.

Under `vmap` every patient runs as long as the slowest, and one that cannot be integrated holds
all others until `max_steps`. So parameters are held against their bounds before the solve, a
first pass is short, and only its stragglers get the full number of steps.
"""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool

from .integrate import SolveResult
from .status import Status
from .trees import choose, row_of

Solve = Callable[[Any, int], SolveResult]


def screen(params: Any, lower: Any, upper: Any, safe: Any) -> tuple[Any, Bool[Array, ""]]:
    """Replace one patient's parameters by known-good ones unless all lie within bounds.

    Together with `mark_invalid` afterwards this is the double `where` that keeps values and
    gradients of all other patients finite and unchanged.

    Args:
        params: Tree of arrays, one patient.
        lower: Least allowed values, same tree (or leaves that broadcast).
        upper: Largest allowed values.
        safe: Parameters known to integrate, same tree.

    Returns:
        The parameters to solve with, and whether they are the patient's own.
    """
    inside = [
        jnp.all(jnp.isfinite(p) & (p >= lo) & (p <= hi))
        for p, lo, hi in zip(
            jax.tree.leaves(params), jax.tree.leaves(lower), jax.tree.leaves(upper), strict=True
        )
    ]
    is_valid = jnp.all(jnp.stack(inside)) if inside else jnp.asarray(True)
    return choose(is_valid, params, safe), is_valid


def mark_invalid(result: SolveResult, is_valid: Bool[Array, ""]) -> SolveResult:
    """Blank a result whose input was replaced by `screen`, and say so in its status."""

    def blank(values):
        return jax.tree.map(lambda v: jnp.where(is_valid, v, jnp.nan), values)

    status = jnp.where(is_valid, result.status, Status.INVALID_INPUT).astype(jnp.int32)
    return SolveResult(blank(result.ys), blank(result.final), status, result.stats)


def integrate_batch(
    solve: Solve,
    params: Any,
    lower: Any,
    upper: Any,
    safe: Any,
    *,
    max_steps: int = 4096,
    first_pass_steps: int = 512,
    num_retry: int = 8,
    lanes: int | None = None,
) -> SolveResult:
    """Solve for every patient of a batch.

    Args:
        solve: `(one patient's parameters, max_steps) -> SolveResult`, as from
            `integrate_segments`.
        params: Tree of arrays with a leading patient axis.
        lower: Least allowed values of one patient's parameters.
        upper: Largest allowed values.
        safe: One patient's parameters that are known to integrate.
        max_steps: Most steps for a patient.
        first_pass_steps: Most steps in the first pass; whoever needs more is run again.
        num_retry: Patients run again at a time.
        lanes: Patients solved in lockstep. 1 runs one after another, which on a CPU is often
            fastest and isolates them fully; None takes all at once, as a GPU wants.

    Returns:
        Results with a leading patient axis. Patients out of bounds have status INVALID_INPUT.
        Forward derivatives only where a second pass is run (first_pass_steps < max_steps).
    """
    size = jax.tree.leaves(params)[0].shape[0]
    screened, is_valid = jax.vmap(lambda p: screen(p, lower, upper, safe))(params)

    def run(batch, limit, width):
        def one(p):
            return solve(p, limit)

        if width is None or width >= jax.tree.leaves(batch)[0].shape[0]:
            return jax.vmap(one)(batch)
        if width == 1:
            return jax.lax.map(one, batch)
        return jax.lax.map(one, batch, batch_size=width)

    limit = min(first_pass_steps, max_steps)
    result = run(screened, limit, lanes)
    if limit < max_steps:
        result = _retry(run, screened, result, max_steps, min(num_retry, size), lanes)
    return jax.vmap(mark_invalid)(result, is_valid)


def _retry(run, params, result: SolveResult, max_steps, width, lanes) -> SolveResult:
    """Run stragglers of the first pass again, `width` at a time, until none is left."""

    def is_left(carry):
        _, waiting = carry
        return jnp.any(waiting)

    def again(carry):
        result, waiting = carry
        (chosen,) = jnp.nonzero(waiting, size=width, fill_value=-1)
        # Spare places repeat the first straggler and are not written back.
        spare = chosen < 0
        source = jnp.where(spare, chosen[0], chosen)
        fresh = run(row_of(params, source), max_steps, lanes)
        target = jnp.where(spare, waiting.shape[0], chosen)
        result = jax.tree.map(lambda a, b: a.at[target].set(b, mode="drop"), result, fresh)
        return result, waiting.at[target].set(False, mode="drop")

    floats, rest = eqx.partition(result, eqx.is_array)
    waiting = result.status == Status.MAX_STEPS
    (floats, _) = jax.lax.while_loop(is_left, again, (floats, waiting))
    return eqx.combine(floats, rest)
