"""What became of one numerical solve: a code for every patient, with words for people."""

from enum import IntEnum

import jax.numpy as jnp
from jaxtyping import Array, Int


class Status(IntEnum):
    """Outcome of one solve. Every value of a solve that is not `OK` is NaN."""

    OK = 0
    INVALID_INPUT = 1
    MAX_STEPS = 2
    DT_MIN = 3
    NONFINITE = 4
    NOT_RUN = 5

    @property
    def text(self) -> str:
        """One sentence: what happened, and the usual fix."""
        return _TEXT[self]


_TEXT = {
    Status.OK: "The solve succeeded.",
    Status.INVALID_INPUT: (
        "A parameter or initial state is not finite or lies outside its bounds. "
        "Check this patient's values against the declared bounds."
    ),
    Status.MAX_STEPS: (
        "The solve used all of max_steps before its end. Raise max_steps, loosen rtol, or check "
        "that the parameters are physiological."
    ),
    Status.DT_MIN: (
        "The step size fell below dtmin: the tendency is not finite or changes without bound "
        "near this state. Check the parameters, and the tendency for divisions by zero."
    ),
    Status.NONFINITE: (
        "The state or the tendency is not finite. Check the initial state, the events and the "
        "parameters."
    ),
    Status.NOT_RUN: "The solve was not run.",
}


def status_text(code: int | Int[Array, ""]) -> str:
    """The words for a status code."""
    return Status(int(code)).text


def blank_unless_ok(values: Array, status: Int[Array, ""]) -> Array:
    """`values` where the status is OK, NaN in their place where it is not."""
    return jnp.where(status == Status.OK, values, jnp.nan)
