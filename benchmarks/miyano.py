"""The Miyano model as a sub-model: 1,000 patients by 11 arms by 24 weeks, with pre-equilibration.

Ours with a patient in each vector lane, against the usual Python way (`miyano_peer`) and stock
diffrax, each at its loosest tolerance that keeps the error. One thread. Part `miyano` of
`python -m benchmarks.run`.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import diffrax as dfx
import jax
import jax.numpy as jnp
import numpy as np

from skinmech.numerics import Status
from skinmech.published.miyano import PUBLISHED_ARMS, arm, published_start, untreated
from skinmech.published.miyano_cohort import cohort, flat_arm, flat_rates, flat_state, lane_solver
from skinmech.published.miyano_parameters import PUBLISHED_LOG_SD, typical_values

from . import miyano_peer
from .machine import head, machine, write

PATIENTS, WEEKS, BASELINE_WEEKS = 1000, np.linspace(0.0, 24.0, 241), 1000.0
ARMS = [arm(**told) for told in PUBLISHED_ARMS.values()]
ARMS.append(arm({"IL-13": 0.99, "IL-31": 0.99}))  # an eleventh, so that none is trivial
TARGET_ERROR, ERROR_FLOOR = 5e-4, 0.1
LADDER = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 1e-6, 1e-7)
OURS, USUAL, STOCK = (
    "skinmech, compiled C over lanes",
    "numba under odeint",
    "diffrax Kvaerno5, vmap",
)
DEFAULT_TOLERANCE = 1.49012e-8
"""odeint's own, relative and absolute: what a user gets who states none."""


def population(count: int, seed: int = 1) -> np.ndarray:
    """Members of the published population, the first its typical patient; shape (count, 51)."""
    deviates = np.random.default_rng(seed).normal(size=(count, len(PUBLISHED_LOG_SD)))
    deviates[0] = 0.0
    return typical_values() * np.exp(np.array(PUBLISHED_LOG_SD) * deviates)


def ours(patients: np.ndarray, rtol: float) -> np.ndarray:
    """EASI, shape (patient, arm, time).

    Raises:
        RuntimeError: a patient failed.
    """
    scores, status = cohort(patients, ARMS, WEEKS, rtol=rtol, baseline_weeks=BASELINE_WEEKS)
    if np.any(status != Status.OK):
        raise RuntimeError(f"{int(np.sum(status != Status.OK))} solves did not end well")
    return scores


def usual(patients: np.ndarray, rtol: float, atol: float | None = None) -> np.ndarray:
    """The same by odeint."""
    drugs = np.stack([flat_arm(one) for one in ARMS])
    absolute = rtol * 1e-2 if atol is None else atol
    return np.stack([miyano_peer.patient(x, drugs, WEEKS, rtol, absolute) for x in patients])


def stock() -> Callable[[Any, Any], Any]:
    """The same by diffrax as it comes, all patients and arms in lockstep; of rtol and patients."""
    start, rest = jnp.asarray(flat_state(published_start())), jnp.asarray(flat_arm(untreated()))
    drugs = jnp.asarray(np.stack([flat_arm(one) for one in ARMS]))

    def path(y: Any, p: Any, times: Any, rtol: Any) -> Any:
        return dfx.diffeqsolve(
            dfx.ODETerm(lambda t, y, p: flat_rates(y, p)), dfx.Kvaerno5(), times[0], times[-1],
            1e-4, y, args=p, saveat=dfx.SaveAt(ts=times), max_steps=10_000, throw=False,
            stepsize_controller=dfx.PIDController(rtol=rtol, atol=rtol * 1e-2),
        ).ys  # fmt: skip

    def one(x: Any, rtol: Any) -> Any:
        before = jnp.array([0.0, BASELINE_WEEKS])
        begun = path(start, jnp.concatenate([x, rest]), before, rtol)[-1]
        weeks = jnp.asarray(WEEKS)
        return jax.vmap(lambda e: path(begun, jnp.concatenate([x, e]), weeks, rtol))(drugs)

    def all_of(rtol: Any, patients: Any) -> Any:
        states = jax.vmap(one, in_axes=(0, None))(patients, rtol)
        return 36.0 * (states[..., 1] + 1.0 - states[..., 0])

    return jax.jit(all_of)


def error(found: np.ndarray, reference: np.ndarray) -> float:
    """Largest relative error of EASI; scores below `ERROR_FLOOR` points count as that."""
    return float(np.max(np.abs(found - reference) / np.maximum(np.abs(reference), ERROR_FLOOR)))


def loosest(solve: Callable[[float], np.ndarray], reference: np.ndarray) -> tuple[float, float]:
    """The loosest tolerance that keeps the target, and its error."""
    for rtol in LADDER:
        found = error(solve(rtol), reference)
        if found <= TARGET_ERROR:
            return rtol, found
    raise RuntimeError(f"no tolerance of {LADDER} kept {TARGET_ERROR}")


def measure(rounds: int = 3, count: int = PATIENTS, tried: int = 60) -> dict[str, Any]:
    """All rows; tolerances are chosen on the first `tried` patients.

    Args:
        rounds: Interleaved rounds.
        count: Patients.
        tried: Patients on which tolerances are chosen; diffrax is timed on 16 of them.
    """
    patients = population(count)
    start = time.perf_counter()
    lane_solver()
    build = time.perf_counter() - start
    few, fewer = patients[:tried], patients[:16]
    reference = ours(few, 1e-10)
    usual(few[:1], 1e-3)  # numba compiles
    program = stock()
    chosen = {
        OURS: loosest(lambda r: ours(few, r), reference),
        USUAL: loosest(lambda r: usual(few, r), reference),
        STOCK: loosest(lambda r: np.asarray(program(r, fewer)), reference[:16]),
    }
    calls: dict[str, tuple[int, Callable[[], Any]]] = {
        OURS: (count, lambda: ours(patients, chosen[OURS][0])),
        USUAL: (count, lambda: usual(patients, chosen[USUAL][0])),
        STOCK: (16, lambda: jax.block_until_ready(program(chosen[STOCK][0], fewer))),
        f"{USUAL}, its own tolerance": (
            tried, lambda: usual(few, DEFAULT_TOLERANCE, DEFAULT_TOLERANCE)),
    }  # fmt: skip
    as_strict = loosest_below(few, reference)
    calls[f"{OURS}, as exact as that"] = (count, lambda: ours(patients, as_strict[0]))
    samples: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, (number, call) in calls.items():
            before = time.process_time()
            call()
            samples[name].append((time.process_time() - before) / number * 1e3)
    strict = f"{USUAL}, its own tolerance"
    chosen[strict] = DEFAULT_TOLERANCE, as_strict[2]
    chosen[f"{OURS}, as exact as that"] = as_strict[:2]
    rows = {
        name: {"rtol": chosen[name][0], "error": chosen[name][1], "patients": calls[name][0],
               "cpu_ms_per_patient": statistics.median(values), "samples_ms": values}
        for name, values in samples.items()
    }  # fmt: skip

    def ratio(one: str, other: str) -> float:
        return rows[one]["cpu_ms_per_patient"] / rows[other]["cpu_ms_per_patient"]

    return {
        "machine": machine("scipy", "numba"), "patients": count, "arms": len(ARMS),
        "weeks": float(WEEKS[-1]), "times": len(WEEKS), "baseline_weeks": BASELINE_WEEKS,
        "target_error": TARGET_ERROR, "error_floor": ERROR_FLOOR, "rounds": rounds,
        "tolerances_chosen_on": tried, "build_s": build, "rows": rows,
        "difference_of_references": error(usual(few[:10], 1e-11, 1e-13), reference[:10]),
        "ratio_to_odeint": ratio(USUAL, OURS),
        "ratio_to_odeint_at_its_own_tolerance": ratio(strict, f"{OURS}, as exact as that"),
        "ratio_to_diffrax": ratio(STOCK, OURS),
    }  # fmt: skip


def loosest_below(patients: np.ndarray, reference: np.ndarray) -> tuple[float, float, float]:
    """Our loosest tolerance as exact as odeint's own, our error, and odeint's."""
    theirs = error(usual(patients, DEFAULT_TOLERANCE, DEFAULT_TOLERANCE), reference)
    for rtol in (1e-5, 3e-6, 1e-6, 3e-7, 1e-7, 3e-8, 1e-8):
        found = error(ours(patients, rtol), reference)
        if found <= theirs:
            return rtol, found, theirs
    raise RuntimeError(f"no tolerance was as exact as odeint's own, {theirs:.1e}")


def markdown(results: dict[str, Any]) -> str:
    """The rows as a table."""
    r = results
    lines = head("The Miyano model: many patients", r)
    lines += [
        f"{r['patients']} patients by {r['arms']} arms by {r['weeks']:g} weeks ({r['times']} "
        f"times), each patient first {r['baseline_weeks']:g} weeks untreated, on both sides. "
        f"Largest relative error of EASI (below {r['error_floor']:g} point counts as that) at most "
        f"{r['target_error']:g}; tolerances chosen on {r['tolerances_chosen_on']} of the patients; "
        f"{r['rounds']} interleaved rounds, one thread, processor time. Two independent references "
        f"differ by {r['difference_of_references']:.1e}.",
        "",
        "| solver | rtol | error | patients timed | ms per patient (12 solves) |",
        "|---|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {name} | {row['rtol']:g} | {row['error']:.1e} | {row['patients']} | "
        f"{row['cpu_ms_per_patient']:.3f} |"
        for name, row in r["rows"].items()
    ]
    lines += [
        "",
        f"Numba under odeint takes {r['ratio_to_odeint']:.0f} times as long at equal error "
        f"({r['ratio_to_odeint_at_its_own_tolerance']:.0f} times at odeint's own tolerance), stock "
        f"diffrax {r['ratio_to_diffrax']:.0f} times. Ours is made or read in {r['build_s']:.1f} s.",
    ]
    return "\n".join(lines) + "\n"


def main(rounds: int) -> None:
    """Measure and write results/miyano.{json,md}."""
    write("miyano", measure(rounds), markdown)
