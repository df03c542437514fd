"""`python -m benchmarks.cohort`: throughput, memory, faults; writes results/cohort.{json,md}.

Throughput of the coupled model with one and two workers, interleaved in one process; of a solver
that costs microseconds, which shows what files and chunks cost. Memory as the peak of a process of
its own. Faults: a run killed at random moments and gone on with, a cluster whose workers are
killed, and a patient with impossible values in every chunk; the finished files are compared byte
by byte with the undisturbed one.
"""

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from .machine import RESULTS, machine, one_thread

one_thread()

from skinmech_calibration.cohorts import open_cohort, run_cohort  # noqa: E402  # after the environment
from skinmech_calibration.executors import DaskExecutor, ThreadExecutor  # noqa: E402

from .cheap_patients import CheapSolver, plan  # noqa: E402
from .cohort_text import cohort_text  # noqa: E402

_FAULTY = CheapSolver(turns=4000)  # about a millisecond for a patient


def coupled(folder: Path, count: int, rounds: int) -> dict[str, Any]:
    """Patients of the coupled model by two protocols of 26 weeks, with one and two workers."""
    from skinmech_app.cohort_file import plan_of, read_cohort

    file = folder / "cohort.toml"
    file.write_text(cohort_text(count, has_untreated=True))
    cohort = plan_of(read_cohort(file, None, None))
    cohort.solver.prepare(cohort.therapies, cohort.patients.block(0, 1)[0])
    seconds: dict[int, list[float]] = {1: [], 2: []}
    images, processor = set(), []
    for k in range(rounds):
        for workers, found in seconds.items():
            output = folder / f"coupled-{workers}-{k}.h5"
            with ThreadExecutor(workers) as executor:
                start, used = time.perf_counter(), time.process_time()
                run_cohort(cohort, output, executor=executor, size=2)
                found.append(time.perf_counter() - start)
                processor.append(time.process_time() - used)
            images.add(output.read_bytes())
    with open_cohort(output) as result:
        good = [int(result.is_ok(name).sum()) for name in result.therapies]
    rates = {str(w): count / statistics.median(s) for w, s in seconds.items()}
    return {
        "patients": count, "protocols": len(cohort.therapies), "weeks": 26, "simulated": good,
        "seconds": {str(w): s for w, s in seconds.items()}, "patients_per_second": rates,
        "cpu_s_per_patient": statistics.median(processor) / count,
        "two_workers_against_one": rates["2"] / rates["1"], "files_equal": len(images) == 1,
    }  # fmt: skip


def memory(folder: Path, counts: list[int]) -> list[dict[str, Any]]:
    """Peak memory of a process that runs a cohort of cheap patients, against their number."""
    rows = []
    for count in counts:
        done = _child(folder / f"memory-{count}.h5", count, 0, 2)
        told = json.loads(done.stdout.splitlines()[-1])
        size = (folder / f"memory-{count}.h5").stat().st_size
        rows.append({"patients": count, "file_MB": size / 2**20, **told})
    return rows


def _child(output: Path, count: int, size: int, workers: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(_command(output, count, size, workers), capture_output=True, text=True,
                          check=True)  # fmt: skip


def _command(output: Path, count: int, size: int, workers: int) -> list[str]:
    words = ["--child", str(output), str(count), str(size), str(workers)]
    return [sys.executable, "-m", "benchmarks.cohort", *words]


def child(output: str, count: int, size: int, workers: int) -> None:
    """Run a cohort of cheap patients in this process; time and peak memory go to stdout."""
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    solver = _FAULTY if size else CheapSolver()
    start = time.perf_counter()
    with ThreadExecutor(workers) as executor:
        run_cohort(plan(count, solver=solver), output, executor=executor, size=size or None)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": time.perf_counter() - start, "before_MB": before,
                      "peak_MB": after}))  # fmt: skip


def kills(folder: Path, count: int, times: int, seed: int) -> dict[str, Any]:
    """Kill the whole run at random moments, go on each time, compare with the undisturbed run."""
    size = 20
    reference, output = folder / "reference.h5", folder / "killed.h5"
    told = json.loads(_child(reference, count, size, 2).stdout.splitlines()[-1])
    draw = random.Random(seed)
    parts = output.with_name(output.name + ".parts")
    done, before_kill = 0, []
    while done < times and not output.exists():
        process = subprocess.Popen(_command(output, count, size, 2), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)  # fmt: skip
        had = len(list(parts.glob("patients-*.h5")))
        while process.poll() is None and len(list(parts.glob("patients-*.h5"))) <= had:
            time.sleep(0.01)  # until it works, then for a random stretch
        time.sleep(draw.uniform(0.0, told["seconds"] / times))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            done += 1
        process.wait()
        before_kill.append(len(list(parts.glob("patients-*.h5"))))
    _child(output, count, size, 2)
    is_equal = output.read_bytes() == reference.read_bytes()
    return {"patients": count, "kills": done, "chunks_at_kills": before_kill,
            "undisturbed_s": told["seconds"], "equal_bit_for_bit": is_equal,
            "left_beside": len(list(folder.glob(".killed*"))) + int(parts.exists()),
            **_account(output, count)}  # fmt: skip


def _account(output: Path, count: int) -> dict[str, int]:
    """Patients that the file lacks, or that stand in it twice (by what was drawn for them)."""
    with open_cohort(output) as found:
        ok = [found.is_ok(name) for name in found.therapies]
        drawn = next(iter(found.parameters().values()))
    return {"missing": count - int(min(one.sum() for one in ok)),
            "doubled": count - len(set(drawn.tolist()))}  # fmt: skip


def lost_workers(folder: Path, count: int, times: int, seed: int) -> dict[str, Any]:
    """Kill a worker of a local dask cluster at random moments; the run goes on by itself."""
    reference, output = folder / "reference-dask.h5", folder / "dask.h5"
    cohort = plan(count, solver=_FAULTY)
    run_cohort(cohort, reference, size=20)
    draw = random.Random(seed)
    moments = set(draw.sample(range(5, count // 20 - 5), times))
    killed, calls = [], []
    with DaskExecutor(workers=2) as executor:

        def on_progress(progress: Any) -> None:
            calls.append(progress.done)
            if len(calls) in moments:
                cluster: Any = executor.cluster
                there = set(cluster.scheduler.workers)  # not those that are just starting
                pids = [one.pid for one in cluster.workers.values() if one.worker_address in there]
                if pids:
                    os.kill(draw.choice(pids), signal.SIGKILL)
                    killed.append(progress.done)

        start = time.perf_counter()
        run_cohort(cohort, output, executor=executor, size=20, progress=on_progress)
        seconds = time.perf_counter() - start
    return {"patients": count, "kills": len(killed), "seconds": seconds,
            "chunks_delivered": len(calls) - 1, "chunks": -(-count // 20),
            "equal_bit_for_bit": output.read_bytes() == reference.read_bytes(),
            **_account(output, count)}  # fmt: skip


def bad_patients(folder: Path, count: int) -> dict[str, Any]:
    """One impossible patient in every chunk of 20: the others' values, and the time it costs."""
    import numpy as np

    found: dict[int, list[float]] = {0: [], 20: []}
    for k in range(3):
        for every, seconds in found.items():
            solver = CheapSolver(turns=4000, bad_every=every)
            start = time.perf_counter()
            run_cohort(plan(count, solver=solver), folder / f"bad-{every}-{k}.h5", size=20)
            seconds.append(time.perf_counter() - start)
    with open_cohort(folder / "bad-0-0.h5") as one, open_cohort(folder / "bad-20-0.h5") as other:
        ok = other.is_ok("dose 1")
        is_same = all(
            np.array_equal(one.values(t, u)[ok], other.values(t, u)[ok])
            for t in one.therapies for u in one.units
        )  # fmt: skip
        bad = int((~ok).sum())
    clean, mixed = (statistics.median(found[k]) for k in (0, 20))
    return {"patients": count, "bad": bad, "others_equal_bit_for_bit": is_same,
            "time_against_clean": mixed / clean}  # fmt: skip


def markdown(results: dict[str, Any]) -> str:
    """The results as tables."""
    lines = ["# Cohorts", "", *(f"{k}: {v}  " for k, v in results["machine"].items()), ""]
    if "coupled" in results:
        c = results["coupled"]
        lines += [
            f"## Coupled model: {c['patients']} patients by {c['protocols']} protocols of "
            f"{c['weeks']} weeks, one process, interleaved", "",
            "| workers | patients per second | seconds of each round |", "|---|---|---|",
        ]  # fmt: skip
        for workers, rate in c["patients_per_second"].items():
            rounds = ", ".join(f"{s:.1f}" for s in c["seconds"][workers])
            lines.append(f"| {workers} | {rate:.2f} | {rounds} |")
        same = "equal bit for bit" if c["files_equal"] else "DIFFER"
        ratio = c["two_workers_against_one"]
        lines += ["", f"Two workers against one: {ratio:.2f} x; files of all rounds {same}. "
                  f"Processor time of a patient (both protocols): {c['cpu_s_per_patient']:.3f} s, "
                  "which a loaded machine stretches less than the clock.", ""]  # fmt: skip
    if "memory" in results:
        lines += ["## Memory (cheap patients, two workers)", "",
                  "| patients | file MB | peak MB | seconds | patients per second |",
                  "|---|---|---|---|---|"]  # fmt: skip
        lines += [
            f"| {r['patients']} | {r['file_MB']:.1f} | {r['peak_MB']:.0f} | {r['seconds']:.1f} | "
            f"{r['patients'] / r['seconds']:.0f} |" for r in results["memory"]
        ]  # fmt: skip
    if "kills" in results:
        lines += ["", "## Faults (cheap patients, chunks of 20)", "",
                  "| fault | patients | kills | missing | doubled | equal bit for bit |",
                  "|---|---|---|---|---|---|"]  # fmt: skip
        for name, key in (("whole run killed", "kills"), ("dask worker killed", "lost_workers")):
            r = results[key]
            same = "yes" if r["equal_bit_for_bit"] else "NO"
            lines.append(f"| {name} | {r['patients']} | {r['kills']} | {r['missing']} | "
                         f"{r['doubled']} | {same} |")  # fmt: skip
        b = results["bad_patients"]
        lines += ["", f"One impossible patient in every chunk ({b['bad']} of {b['patients']}): the "
                  f"others {'equal bit for bit' if b['others_equal_bit_for_bit'] else 'DIFFER'}, "
                  f"time {b['time_against_clean']:.2f} x.", ""]  # fmt: skip
    lines += ["A GPU was not measured.", ""]
    return "\n".join(lines)


def main() -> None:
    """Measure the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("--part", action="append", choices=["coupled", "memory", "faults"])
    parser.add_argument("--patients", type=int, default=8, help="of the coupled model")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if options.child:
        output, *numbers = options.child
        child(output, *map(int, numbers))
        return
    parts = options.part or ["coupled", "memory", "faults"]
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / "cohort.json"
    results: dict[str, Any] = json.loads(target.read_text()) if target.is_file() else {}
    results["machine"] = machine("h5py")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "memory" in parts:
            results["memory"] = memory(folder, [5_000, 20_000, 80_000])
        if "faults" in parts:
            results["kills"] = kills(folder, 2_000, 10, seed=1)
            results["lost_workers"] = lost_workers(folder, 2_000, 10, seed=1)
            results["bad_patients"] = bad_patients(folder, 400)
        if "coupled" in parts:
            results["coupled"] = coupled(folder, options.patients, options.rounds)
    results["machine"]["load_after"] = os.getloadavg()[0]
    target.write_text(json.dumps(results, indent=1) + "\n")
    (RESULTS / "cohort.md").write_text(markdown(results))
    print(markdown(results))


if __name__ == "__main__":
    main()
