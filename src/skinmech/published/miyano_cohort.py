"""Many patients of the published Miyano model by many arms, fast: a patient in each vector lane."""

import functools
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from ..native.lanes import LaneSolver
from . import miyano_law as law
from .miyano import TARGETS, Arm, MiyanoState, published_start, rates, untreated
from .miyano_parameters import laws_of, typical_values

NUM_PARAMETERS = 51
SCALE = np.array([1, 0.1, *[1.0] * 4, *[1.0] * 8])
"""Sizes of the states below which an error no longer matters; absolute tolerances are by these."""


def flat_state(state: MiyanoState) -> Float[np.ndarray, "14"]:
    """Barrier, pathogens, four subsets, eight cytokines."""
    return np.concatenate([np.ravel(np.asarray(leaf, float)) for leaf in state])


def flat_arm(arm: Arm) -> Float[np.ndarray, "9"]:
    """Fractions removed in the order of `TARGETS`, interferon added, treated or not."""
    return np.concatenate([np.ravel(np.asarray(leaf, float)) for leaf in arm])


def flat_rates(y: Any, p: Any) -> Any:
    """Rates of change of the flat state; p holds the 51 published values and the flat arm."""
    state = MiyanoState(y[0], y[1], y[2:6], y[6:14])
    drugs = p[NUM_PARAMETERS:]
    arm = Arm(drugs[: len(TARGETS)], drugs[len(TARGETS)], drugs[len(TARGETS) + 1])
    found = rates(state, arm, laws_of(tuple(p[k] for k in range(NUM_PARAMETERS))))
    head = jnp.stack([jnp.asarray(found.barrier), jnp.asarray(found.pathogens)])
    return jnp.concatenate([head, found.t_helpers, found.cytokines])


@functools.cache
def lane_solver() -> LaneSolver:
    """The model as compiled C.

    Raises:
        NoCompiler: there is no C compiler.
    """
    usual = np.concatenate([typical_values(), flat_arm(untreated())])
    treated = usual.copy()
    treated[NUM_PARAMETERS:] = 0.5
    return LaneSolver(flat_rates, flat_state(published_start()), treated)


def cohort(
    patients: Float[np.ndarray, "patient 51"],
    arms: Sequence[Arm],
    weeks: Float[np.ndarray, " time"],
    *,
    rtol: float = 1e-5,
    baseline_weeks: float = 1000.0,
    block: int = 64,
) -> tuple[Float[np.ndarray, "patient arm time"], Int[np.ndarray, "patient arm"]]:
    """EASI of every patient under every arm, each from its own untreated baseline.

    Args:
        patients: Values of each patient in the published order and units, see `virtual_patient`.
        arms: See `skinmech.published.miyano.arm`.
        weeks: Since the start of treatment, ascending from 0.
        rtol: Relative tolerance of a step.
        baseline_weeks: Length of the pre-equilibration from the published start.
        block: Patients at a time, which bounds the memory.

    Returns:
        EASI [0-72], NaN where the status is not 0; and the statuses.

    Raises:
        NoCompiler: there is no C compiler.
    """
    solver = lane_solver()
    patients = np.asarray(patients, float)
    drugs = np.stack([flat_arm(one) for one in arms])
    start, rest = flat_state(published_start()), flat_arm(untreated())
    scores = np.empty((len(patients), len(arms), len(weeks)))
    statuses = np.empty((len(patients), len(arms)), int)
    for first in range(0, len(patients), block):
        values = patients[first : first + block]
        count = len(values)
        before = solver.run(
            np.tile(start, (count, 1)),
            np.hstack([values, np.tile(rest, (count, 1))]),
            np.array([0.0, baseline_weeks]),
            rtol=rtol, atol=rtol * 1e-2 * SCALE,
        )  # fmt: skip
        begun = np.repeat(before.states[:, -1], len(arms), axis=0)
        given = np.hstack([np.repeat(values, len(arms), axis=0), np.tile(drugs, (count, 1))])
        after = solver.run(
            begun, given, np.asarray(weeks, float), rtol=rtol, atol=rtol * 1e-2 * SCALE, keep=(0, 1)
        )
        barrier: Any
        pathogens: Any
        barrier, pathogens = after.states[..., 0], after.states[..., 1]
        found = np.asarray(law.easi(barrier, pathogens))
        scores[first : first + count] = found.reshape(count, len(arms), -1)
        failed = before.status[:, None]
        status = after.status.reshape(count, len(arms))
        statuses[first : first + count] = np.where(failed != 0, failed, status)
    return scores, statuses
