"""Reverse derivatives of a solve: the exact adjoint of the accepted steps.

The forward pass keeps the start of every accepted step. The reverse pass goes back over them,
redoes each step once and transposes it, with the mesh held fixed. Memory is `max_steps` states;
nothing is integrated backwards in time, which on stiff problems gives wrong gradients silently.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .drive import Loop, Options, Record, drive, saved_value, step_of
from .segments import SegmentedProblem
from .status import Status
from .trees import choose, row_of


def drive_reversible(
    problem: SegmentedProblem, y0: Float[Array, " state"], options: Options
) -> Loop:
    """`drive`, differentiable in reverse mode with respect to every float in problem and y0."""
    floats, rest = eqx.partition((problem, y0), eqx.is_inexact_array)
    # Options may hold an array of tolerances; it takes part as data without derivative.
    arrays, static = eqx.partition((rest, options), eqx.is_array)

    def rebuild(floats, arrays) -> tuple[SegmentedProblem, Array, Options]:
        rest, options = eqx.combine(arrays, static)
        problem, y0 = eqx.combine(floats, rest)
        return problem, y0, options

    @jax.custom_vjp
    def solve(floats, arrays):
        problem, y0, options = rebuild(floats, arrays)
        return drive(problem, y0, options, is_recorded=False)

    def forward(floats, arrays):
        problem, y0, options = rebuild(floats, arrays)
        loop = drive(problem, y0, options, is_recorded=True)
        kept = (floats, arrays, loop.record, loop.segment, loop.cursor, loop.status)
        return loop._replace(record=None), kept

    def backward(kept, cotangent):
        floats, arrays, record, last_segment, last_cursor, status = kept

        def stage(function, *inputs):
            """vjp of function(problem, y0-free inputs) with respect to floats and inputs."""

            def of_floats(floats, *inputs):
                problem, _, _ = rebuild(floats, arrays)
                return function(problem, *inputs)

            return jax.vjp(of_floats, floats, *inputs)

        grads = _pull_back(
            rebuild(floats, arrays)[0],
            rebuild(floats, arrays)[1],
            stage,
            floats,
            record,
            last_segment,
            last_cursor,
            cotangent,
        )
        grads = jax.tree.map(lambda g: jnp.where(status == Status.OK, g, jnp.nan), grads)
        return grads, None

    solve.defvjp(forward, backward)
    return solve(floats, arrays)


def _pull_back(problem, y0, stage, floats, record: Record, last_segment, last_cursor, cotangent):
    """Cotangents of the floats from those of the saved outputs and the final state."""
    zero = jax.tree.map(jnp.zeros_like, floats)

    def add(a: Any, b: Any) -> Any:
        return jax.tree.map(jnp.add, a, b)

    def back_through_events(first, last, before, ct, grads):
        """Undo `enter(first, before)`, which ended in segment `last`."""
        if problem.apply_event is None:
            return ct, grads
        stop = jnp.minimum(last, problem.num_segments - 1)

        def undo(carry):
            at, ct, grads = carry
            state = jax.lax.fori_loop(first, at, lambda e, y: problem.event(e, y), before)
            _, pull = stage(lambda p, y: p.event(at, y), state)
            more, ct = pull(ct)
            return at - 1, ct, add(grads, more)

        _, ct, grads = jax.lax.while_loop(lambda c: c[0] >= first, undo, (stop, ct, grads))
        return ct, grads

    def back_through_step(i, carry):
        ct, grads = carry
        at = record.num - 1 - i
        k, tau, fraction, cursor, y = row_of(tuple(record[1:]), at)
        is_final = at == record.num - 1
        following = jnp.minimum(at + 1, record.num - 1)
        next_segment = jnp.where(is_final, last_segment, record.segment[following])
        next_cursor = jnp.where(is_final, last_cursor, record.cursor[following])
        step, pull_step = stage(lambda p, y: step_of(p, k, tau, fraction, y), y)

        ct, grads = jax.lax.cond(
            next_segment != k,
            lambda ct, grads: back_through_events(k + 1, next_segment, step.y1, ct, grads),
            lambda ct, grads: (ct, grads),
            ct,
            grads,
        )

        def back_through_save(carry):
            at_save, ct_y, ct_step, grads = carry
            _, pull = stage(
                lambda p, y, s: saved_value(p, k, tau, fraction, at_save, y, s), y, step
            )
            more, more_y, more_step = pull(row_of(cotangent.ys, at_save))
            return at_save - 1, ct_y + more_y, add(ct_step, more_step), add(grads, more)

        ct_step = eqx.tree_at(lambda s: s.y1, jax.tree.map(jnp.zeros_like, step), ct)
        _, ct_y, ct_step, grads = jax.lax.while_loop(
            lambda c: c[0] >= cursor,
            back_through_save,
            (next_cursor - 1, jnp.zeros_like(y), ct_step, grads),
        )
        more, more_y = pull_step(ct_step)
        return ct_y + more_y, add(grads, more)

    start = (cotangent.y, zero)
    ct, grads = jax.lax.fori_loop(0, record.num, back_through_step, start)
    first_segment = jnp.where(record.num > 0, record.segment[0], last_segment)
    ct, grads = back_through_events(jnp.asarray(0), first_segment, y0, ct, grads)

    if problem.num_saves:
        at_start = problem.save_times == problem.boundaries[0]
        ct_saved = jax.tree.map(
            lambda g: jnp.sum(jnp.where(at_start.reshape(-1, *([1] * (g.ndim - 1))), g, 0.0), 0),
            cotangent.ys,
        )
        _, pull = stage(lambda p, y: p.save(p.boundaries[0], y, jnp.asarray(0)), y0)
        more, more_y = pull(ct_saved)
        is_any = jnp.any(at_start)
        grads = choose(is_any, add(grads, more), grads)
        ct = jnp.where(is_any, ct + more_y, ct)
    grad_problem, grad_y0 = grads
    return grad_problem, ct if grad_y0 is None else grad_y0 + ct
