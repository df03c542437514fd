"""A cohort of the coupled model against CVODE in as many processes, at equal error.

Patients differ in three parameters and in weight, and are followed for 26 weeks under dupilumab
from their own steady states. Ours is `run_cohort` in two workers, files and all; CVODE runs in two
processes, whose start is not counted. Twice: from steady states that CVODE is given free of
charge, and with CVODE finding them by waiting. Part `cohort_peer` of `python -m benchmarks.run`.
"""

import dataclasses
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np

from skinmech.cohorts.plans import Plans
from skinmech.cohorts.solver import ModelSolver
from skinmech.simulate import Simulator
from skinmech_app.cohort_file import TOLERANCE, plan_of, read_cohort
from skinmech_calibration.cohorts import open_cohort, run_cohort
from skinmech_calibration.executors import ThreadExecutor

from .bench_coupled import ERROR_FLOOR, PEER_LADDER
from .bench_solver import ATOL_TO_RTOL, TARGET_ERROR
from .cohort_text import cohort_text
from .cvode_patients import PatientsPeer, Processes, peer_patient, waiting
from .machine import head, machine, write

BANDED, BEST_OF = "SUNDIALS band, Cuthill-McKee", (
    "GMRES, preconditioner of half-band 30", "GMRES, preconditioner of half-band 42",
    "SuperLU_MT, sparse",
)  # fmt: skip
OUR_LADDER = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4)
WAITS = (200.0, 400.0, 800.0, 1600.0, 3200.0)
"""Days without treatment, one of which lets CVODE reach the steady state well enough."""
WORKERS, TRIED = 2, 4


def cohort_plan(count: int, folder: Path) -> Any:
    """The plan, with the tolerance of the product."""
    file = folder / "cohort.toml"
    file.write_text(cohort_text(count, seed=2))
    return plan_of(read_cohort(file, None, None))


def with_tolerance(plan: Any, rtol: float) -> Any:
    """The same plan solved at another tolerance."""
    usual = plan.solver.engine
    engine = Simulator(usual.model, rtol=rtol, atol=rtol * ATOL_TO_RTOL, first=usual.first)
    solver = ModelSolver(engine, list(plan.solver.units), plan.solver._guess)
    return dataclasses.replace(plan, make_solver=lambda: solver)


def patients_of(plan: Any, count: int) -> tuple[list[Any], list[tuple[Any, Any]]]:
    """The patients as CVODE sees them, and (parameters, schedule) of each.

    Raises:
        RuntimeError: a patient has no steady state.
    """
    solver, therapy = plan.solver, plan.therapies[0]
    plans = Plans(solver.engine.model, therapy, solver._setting)
    day = solver.engine.model.system.factor("day")
    times = np.asarray(therapy.times)
    times = times[times > 0] * day
    seen, told = [], []
    for patient in plan.patients.block(0, count):
        params, state, status = solver.begin(patient)
        if status != 0:
            raise RuntimeError(f"patient {patient.index} has no steady state")
        schedule = plans.of(patient.weight)
        told.append((params, schedule))
        seen.append(peer_patient(solver.engine, params, schedule, np.asarray(state), times))
    return seen, told


def error(found: np.ndarray, reference: np.ndarray) -> float:
    """Largest error over states and weeks, relative to the state or to the floor."""
    scale = np.maximum(np.abs(reference), ERROR_FLOOR)
    return float(np.max(np.abs(found - reference) / scale))


def ours_at(engine: Simulator, seen: Any, told: Any, rtol: float) -> tuple[np.ndarray, float]:
    """Our states of some patients, shape (patient, time, state), and their mean number of steps.

    Raises:
        RuntimeError: there is no C compiler, or a patient failed.
    """
    rows, steps = [], []
    for one, (params, schedule) in zip(seen, told, strict=True):
        padded = np.full(64, np.inf)
        padded[: len(one.save_times)] = one.save_times
        tolerances = rtol, rtol * ATOL_TO_RTOL
        found = engine.kernel.run(params, schedule, jnp.asarray(one.y0), padded, tolerances)
        if found is None or found["status"] != 0:
            raise RuntimeError("Expected a C compiler (cc, gcc or clang) and a sound patient.")
        rows.append(found["state"][: len(one.save_times)])
        steps.append(found["num_steps"])
    return np.stack(rows), float(np.mean(steps))


def loosest(errors: dict[float, float]) -> float:
    """The loosest tolerance from which on every tighter one meets the target."""
    good = None
    for rtol in sorted(errors):
        if errors[rtol] > TARGET_ERROR:
            break
        good = rtol
    if good is None:
        raise RuntimeError(f"no tolerance met {TARGET_ERROR}: {errors}")
    return good


def choose(plan: Any, peer: PatientsPeer, seen: Any, told: Any) -> dict[str, Any]:
    """Tolerances at equal error on the first patients, and how long CVODE has to wait."""
    engine, few = plan.solver.engine, seen[:TRIED]
    reference, _ = ours_at(engine, few, told[:TRIED], 1e-9)
    ours = {r: error(ours_at(engine, few, told[:TRIED], r)[0], reference) for r in OUR_LADDER}
    chosen: dict[str, Any] = {"ours": (loosest(ours), ours[loosest(ours)])}

    def run(variant: str, rtol: float, patients: Any) -> np.ndarray:
        return np.stack([peer.solve(p, variant, rtol, rtol * ATOL_TO_RTOL).ys for p in patients])

    for variant in (BANDED, *BEST_OF):
        errors: dict[float, float] = {}
        for rtol in reversed(PEER_LADDER):  # from the strictest, until one is too loose
            errors[rtol] = error(run(variant, rtol, few), reference)
            if errors[rtol] > TARGET_ERROR:
                break
        chosen[variant] = (loosest(errors), errors[loosest(errors)])
    attractor, day = np.asarray(plan.solver._guess), engine.model.system.factor("day")
    for wait in WAITS:
        begun = [waiting(p, attractor, wait * day) for p in few]
        missed = error(run(BANDED, chosen[BANDED][0], begun), reference)
        chosen["wait"] = (wait, missed)
        if missed <= 2 * TARGET_ERROR:
            break
    return chosen


def measure(rounds: int = 3, count: int = 16) -> dict[str, Any]:
    """Both sides in turn in every round.

    Args:
        rounds: Interleaved rounds.
        count: Patients.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        usual = cohort_plan(count, folder)
        seen, told = patients_of(usual, count)
        peer = PatientsPeer(usual.solver.engine, seen[0])
        chosen = choose(usual, peer, seen, told)
        equal = with_tolerance(usual, chosen["ours"][0])
        wait = chosen["wait"][0] * usual.solver.engine.model.system.factor("day")
        begun = [waiting(p, np.asarray(usual.solver._guess), wait) for p in seen]
        processes = Processes(peer, WORKERS)
        try:
            best = _quickest(processes, seen[: 2 * TRIED], chosen)
            samples: dict[str, list[tuple[float, float]]] = {}
            plans = {"ours, equal error": equal, "ours, as the product is set": usual}
            for plan in plans.values():
                plan.solver.prepare(plan.therapies, plan.patients.block(0, 1)[0])
            for k in range(rounds):
                for label, plan in plans.items():
                    sample = _ours(plan, folder / f"{label}-{k}.h5")
                    samples.setdefault(label, []).append(sample)
                for variant in (best, BANDED):
                    for start, those in (("given steady states", seen), ("waits", begun)):
                        rtol = chosen[variant][0]
                        clock = time.perf_counter()
                        used = processes.solve(those, variant, rtol, rtol * ATOL_TO_RTOL)
                        sample = (time.perf_counter() - clock, used)
                        samples.setdefault(f"CVODE, {variant}, {start}", []).append(sample)
        finally:
            processes.close()
        first = time.process_time()
        for patient in usual.patients.block(0, count):
            usual.solver.begin(patient)
        begin = (time.process_time() - first) / count
    found = _table(samples, chosen, best, count, rounds, peer)
    _, steps = ours_at(usual.solver.engine, seen[:TRIED], told[:TRIED], usual.solver.engine.rtol)
    return {**found, "steady_state_cpu_s": begin, "steps_of_a_solve": steps}


def _quickest(processes: Processes, seen: Any, chosen: dict[str, Any]) -> str:
    """The variant of `BEST_OF` that takes least processor time."""
    found = {}
    for variant in BEST_OF:
        rtol = chosen[variant][0]
        times = [processes.solve(seen, variant, rtol, rtol * ATOL_TO_RTOL) for _ in range(2)]
        found[variant] = min(times)
    return min(found, key=lambda variant: found[variant])


def _ours(plan: Any, output: Path) -> tuple[float, float]:
    """Wall and processor seconds of a whole cohort in two workers.

    Raises:
        RuntimeError: a patient failed.
    """
    with ThreadExecutor(WORKERS) as executor:
        clock, used = time.perf_counter(), time.process_time()
        run_cohort(plan, output, executor=executor, size=2)
        seconds = time.perf_counter() - clock, time.process_time() - used
    with open_cohort(output) as found:
        if not all(found.is_ok(name).all() for name in found.therapies):
            raise RuntimeError("A patient of the cohort failed.")
    return seconds


def _table(
    samples: dict[str, list[tuple[float, float]]], chosen: dict[str, Any], best: str, count: int,
    rounds: int, peer: PatientsPeer,
) -> dict[str, Any]:  # fmt: skip
    rows = {}
    for label, values in samples.items():
        wall, used = (statistics.median(v[k] for v in values) for k in (0, 1))
        tolerance = chosen["ours"] if label.startswith("ours") else chosen[label.split(", ", 1)[1]
                    .rsplit(", ", 1)[0]]  # fmt: skip
        rows[label] = {
            "rtol": tolerance[0], "error": tolerance[1], "patients_per_second": count / wall,
            "cpu_s_per_patient": used / count, "wall_s": [v[0] for v in values],
        }  # fmt: skip
    own = rows["ours, as the product is set"]
    own["rtol"], own["error"] = TOLERANCE, None
    mine = rows["ours, equal error"]

    def ratio(label: str) -> dict[str, float]:
        other = rows[label]
        return {
            "by_clock": mine["patients_per_second"] / other["patients_per_second"],
            "by_processor_time": other["cpu_s_per_patient"] / mine["cpu_s_per_patient"],
        }

    return {
        "machine": machine("h5py", "scikit-sundae"), "patients": count, "weeks": 26,
        "workers": WORKERS, "rounds": rounds, "target_error": TARGET_ERROR, "wait_days":
        chosen["wait"][0], "error_after_wait": chosen["wait"][1], "best": best, "rows": rows,
        "states": peer.sizes, "ratio_to_cvode": {
            label: ratio(label) for label in rows if label.startswith("CVODE")},
    }  # fmt: skip


def markdown(results: dict[str, Any]) -> str:
    """The rows as a table."""
    r = results
    lines = head("A cohort against CVODE in as many processes", r)
    lines += [
        f"{r['patients']} patients of the coupled model by {r['weeks']} weeks of dupilumab, "
        f"{r['workers']} workers on ours, {r['workers']} processes on theirs (their start not "
        f"counted), {r['rounds']} interleaved rounds. Largest relative error over all states and "
        f"weeks at most {r['target_error']:g}, tolerances chosen on {TRIED} of the patients.",
        "",
        "Ours is the whole way of `run_cohort`: steady state of each patient, 26 weeks, weekly "
        "observables, file. CVODE has a right-hand side translated from the same model, "
        "parameters as inputs, compiled with more daring flags than ours, and keeps states in "
        "memory; it makes no observables and no file. *Given*: it gets our steady states and the "
        "patients' numbers free of charge. *Waits*: it begins at the disease's attractor and "
        f"first waits {r['wait_days']:g} days (its error then {r['error_after_wait']:.1e}).",
        "",
        "| solver | rtol | error | patients per second | processor s per patient |",
        "|---|--:|--:|--:|--:|",
    ]
    for label, row in r["rows"].items():
        missed = "-" if row["error"] is None else f"{row['error']:.1e}"
        lines.append(
            f"| {label} | {row['rtol']:g} | {missed} | {row['patients_per_second']:.2f} | "
            f"{row['cpu_s_per_patient']:.3f} |"
        )
    lines += [
        "", f"The steady state is {r['steady_state_cpu_s']:.3f} s of ours, as the product is set.",
        "", "Ours at equal error against", "",
    ]  # fmt: skip
    for label, ratio in r["ratio_to_cvode"].items():
        lines.append(
            f"- {label}: {ratio['by_clock']:.2f} x the patients per second, "
            f"{ratio['by_processor_time']:.2f} x by processor time"
        )
    return "\n".join(lines) + "\n"


def main(rounds: int) -> None:
    """Measure and write results/cohort_peer.{json,md}."""
    write("cohort_peer", measure(rounds), markdown)
