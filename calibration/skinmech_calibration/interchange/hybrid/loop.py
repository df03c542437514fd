"""What a run is asked to do, and its state between two turns of the loop."""

from typing import NamedTuple

import jax
from jaxtyping import Array, Bool, Float, Int

from .system import Where

SETTLE, STEP, LEAVE = 0, 1, 2
"""What the loop does next: events and saves at a point, a step, or the end of a period."""

_CLOSE = 1e-12  # times this near relative to their size are one time


class Options(NamedTuple):
    """Accuracy and limits.

    Attributes:
        rtol: Relative tolerance of a step.
        atol: Absolute tolerance of a step [model units].
        max_steps: Most attempted steps of one run.
    """

    rtol: float = 1e-8
    atol: float = 1e-16
    max_steps: int = 20_000


class Plan(NamedTuple):
    """One run: periods one after another, and what to save.

    Attributes:
        starts: Start of every period; its changes are applied there.
        ends: End of every period; ignored where it runs to a steady state.
        is_steady: Whether a period runs until nothing changes.
        num_periods: How many periods are in use; the rest is padding.
        save_times: Ascending within a period; the save of a steady period is made at its end.
        save_periods: Period of every save; ascending, padded with a period beyond the last.
        change_mask: Which targets the changes of every period assign.
        change_index: Which formula each of them takes.
    """

    starts: Float[Array, " period"]
    ends: Float[Array, " period"]
    is_steady: Bool[Array, " period"]
    num_periods: Int[Array, ""]
    save_times: Float[Array, " save"]
    save_periods: Int[Array, " save"]
    change_mask: Bool[Array, "period target"]
    change_index: Int[Array, "period target"]


class Loop(NamedTuple):
    """State of a run.

    Attributes:
        at: Where it is.
        stage: What comes next.
        period: Which period it is in.
        triggers: Truth of every event's trigger when last looked at.
        switches: Truth of every comparison of states inside the tendency.
        h: Step length to try; negative where it must be guessed.
        pinned: Step length that ends on a change, to be taken as it is; 0 for none.
        last_error: Scaled error of the last accepted step.
        quiet_from: How long the period had run when things went quiet; 0 while something changes.
        is_settled: Whether a steady period has come to its state.
        is_short: Whether the last step was to end on a change, and rounding left it just before.
        cursor: Next save.
        ys: Continuous states at the saves.
        ds: Discrete states at the saves.
        num_steps: Attempted steps.
        num_switched: Stops on switches.
        status: A `Status` code.
    """

    at: Where
    stage: Int[Array, ""]
    period: Int[Array, ""]
    triggers: Bool[Array, " event"]
    switches: Bool[Array, " switch"]
    h: Float[Array, ""]
    pinned: Float[Array, ""]
    last_error: Float[Array, ""]
    quiet_from: Float[Array, ""]
    is_settled: Bool[Array, ""]
    is_short: Bool[Array, ""]
    cursor: Int[Array, ""]
    ys: Float[Array, "save continuous"]
    ds: Float[Array, "save discrete"]
    num_steps: Int[Array, ""]
    num_switched: Int[Array, ""]
    status: Int[Array, ""]


def near(t: Float[Array, ""]) -> Float[Array, ""]:
    """How far from t another time may be and still be the same."""
    return jax.lax.stop_gradient(_CLOSE * abs(t))
