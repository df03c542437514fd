"""The one way through time: segments between events, joined in one compiled loop.

Doses, visits and changes of setting are boundaries of segments. Inside segment k time runs as
τ in [0, 1] with t = t_k + τ (t_{k+1} - t_k), and the accepted steps are frozen in τ for
differentiation. So the derivative with respect to a dose time is right, which it is not where an
event is a switch inside the tendency.

One loop runs over all steps of all segments, and an output is interpolated only in the step it
lies in. (`diffrax.diffeqsolve` per segment, for which `Rodas5P` serves too, would save every
output in every segment and hold a batch back at each segment's slowest patient.)
"""

from collections.abc import Callable
from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from .adjoint import drive_reversible
from .drive import FIRST as FIRST, Options, drive
from .segments import SegmentedProblem
from .sparsity import ChainSystem, Tendency
from .status import blank_unless_ok
from .trees import require_float64


class SolveStats(eqx.Module):
    """Cost of one solve.

    Attributes:
        num_steps: Attempted steps, each with one Jacobian, one factorisation and eight stages.
        num_rejected: Those among them that were rejected.
        last_time: Time reached.
    """

    num_steps: Int[Array, ""]
    num_rejected: Int[Array, ""]
    last_time: Float[Array, ""]


class SolveResult(eqx.Module):
    """What a solve returns.

    Attributes:
        ys: Saved outputs, leading axis save time; NaN where the status is not OK or the save
            time is padding.
        final: State at the end, before any later event; NaN where the status is not OK.
        status: A `Status` code.
        stats: Steps taken.
    """

    ys: Any
    final: Float[Array, " state"]
    status: Int[Array, ""]
    stats: SolveStats


def integrate(
    f: Tendency,
    system: ChainSystem,
    y0: Float[Array, " state"],
    args: Any,
    t0: float | Float[Array, ""],
    t1: float | Float[Array, ""],
    save_times: Float[Array, " time"],
    **options: Any,
) -> SolveResult:
    """Integrate one stretch without events; `integrate_segments` with a single segment."""
    boundaries = jnp.stack([jnp.asarray(t0, float), jnp.asarray(t1, float)])
    return integrate_segments(f, system, y0, args, boundaries, save_times, **options)


def integrate_segments(
    f: Tendency,
    system: ChainSystem,
    y0: Float[Array, " state"],
    args: Any,
    boundaries: Float[Array, " segment+1"],
    save_times: Float[Array, " time"],
    *,
    segment_args: Any = None,
    apply_event: Callable[[Any, Any, Any], Any] | None = None,
    output: Callable[[Any, Any, Any], Any] | None = None,
    rtol: float = 1e-6,
    atol: float | Float[Array, " state"] = 1e-8,
    max_steps: int = 4096,
    dtmin: float = 1e-10,
    dt0: float | None = None,
    first: float = FIRST,
    gradient: Literal["forward", "reverse"] = "forward",
) -> SolveResult:
    """Integrate dy/dt = f(t, y, args) through K segments.

    Args:
        f: Tendency of the flat state. It is called with `args`, or with
            `(args, segment_args[k])` in segment k where `segment_args` is given.
        system: Structure of the Jacobian of `f`, from `build_system`.
        y0: State at boundaries[0], before the first event.
        args: Parameters shared by all segments.
        boundaries: Times t_0 <= ... <= t_K, shape (K+1,); INVALID_INPUT if they descend. Equal
            neighbours make a segment of length zero, as padding or for two events at one time;
            it costs one event.
        save_times: Times to save at, shape (M,); INVALID_INPUT if they descend. Pad with `inf`:
            padded rows are NaN, and so are rows before t_0 or after t_K. At the time of an
            event the state before the event is saved.
        segment_args: Tree of arrays with leading axis K (inputs that change at boundaries).
        apply_event: `(k, y, args of segment k) -> y`, applied at t_k before segment k.
        output: `(t, y, args) -> tree of arrays` to save instead of the state.
        rtol: Relative tolerance of a step.
        atol: Absolute tolerance, a number or one per state.
        max_steps: Most attempted steps over all segments.
        dtmin: Shortest step [time]; below it the solve ends with `Status.DT_MIN`.
        dt0: First step of every segment [time]; chosen from the tendency if None.
        first: Then this share of the time in which the tendency would move the state by as much
            as it is. Fast transients of few states, which hardly count in the error of a step,
            are followed by a short one.
        gradient: "forward" for `jax.jvp` and `jax.jacfwd`, whose columns share each step's
            factorisation; "reverse" for `jax.grad` and `jax.vjp`, which keeps `max_steps`
            states. Derivatives of a solve that is not OK are NaN.

    Returns:
        Saved values, final state, status and cost. Nothing is raised for numerical failure.
    """
    require_float64()
    y0, boundaries, save_times = (jnp.asarray(a, float) for a in (y0, boundaries, save_times))
    problem = SegmentedProblem(
        f, system, args, boundaries, save_times, segment_args, apply_event, output
    )
    options = Options(rtol, atol, max_steps, dtmin, dt0, first)
    if gradient == "reverse":
        loop = drive_reversible(problem, y0, options)
    elif gradient == "forward":
        loop = drive(problem, y0, options, is_recorded=False)
    else:
        raise ValueError(
            f"Unrecognized gradient: '{gradient}'. Expected one of 'forward', 'reverse'"
        )
    start, length = problem.span(loop.segment)
    is_over = loop.segment >= problem.num_segments
    reached = jnp.where(is_over, boundaries[-1], start + loop.tau * length)
    return SolveResult(
        ys=jax.tree.map(lambda rows: blank_unless_ok(rows, loop.status), loop.ys),
        final=blank_unless_ok(loop.y, loop.status),
        status=loop.status,
        stats=SolveStats(loop.num_steps, loop.num_rejected, jax.lax.stop_gradient(reached)),
    )
