"""`python -m benchmarks.run`: every part after the other; `--part NAME` one alone.

Each part writes a table and the same figures to results/NAME.{json,md} (comparison, derivatives
and batches share results/solver). A part runs in a process of its own.
"""

import argparse
import importlib
import os
import subprocess
import sys
import time
from typing import Any

from .machine import machine, one_thread, write

PARTS = {
    "compare": "the standard stiff problem against CVODE, 4 min",
    "derivatives": "what its derivatives cost, 6 min",
    "batches": "patients in lockstep and one after another, 3 min",
    "peers": "the standard problem by SciPy, libroadrunner and stock diffrax, 12 min",
    "memory": "memory of the reverse gradient, 3 min",
    "coupled": "the coupled model against CVODE, 4 min",
    "cohort_peer": "a cohort against CVODE in as many processes, 3 min",
    "large_cohort": "10,000 patients by the command line, 4 min",
    "miyano": "the Miyano model against numba under odeint, 2 min",
    "growth": "how cost grows with nodes, fields, patients, parameters, workers, 7 min",
    "start_up": "time to the first result, empty and warm caches, 5 min",
    "chip": "reading instrument files, 1 min",
    "plan": "what a million patients would take, from the figures above, 1 min",
}
"""Parts and what they measure; the minutes are of two cores with nothing else to do."""
_FREE = {
    "cohort_peer",
    "large_cohort",
    "growth",
    "start_up",
    "plan",
}  # these use more than one core


def run(part: str, rounds: int | None) -> None:
    """One part in this process."""
    one_thread()
    if part not in _FREE and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    if part == "plan":
        importlib.import_module(".plan", __package__).main()
        return
    import jax

    jax.config.update("jax_enable_x64", True)
    if part in ("compare", "derivatives", "batches"):
        importlib.import_module(".solver_parts", __package__).run(part, rounds or 15)
    elif part == "coupled":
        module: Any = importlib.import_module(".bench_coupled", __package__)
        found = module.compare_coupled(rounds or 15)
        told = {"machine": {**machine(), "threads": 1}, "compare": found}
        ratio = found["compiled_ratio_median_cpu"]
        write("coupled", {"ratio_to_cvode": ratio, **told}, module.markdown)
    elif part == "chip":
        module = importlib.import_module(".bench_chip", __package__)
        write("chip", {"machine": machine(), **module.measure()}, module.markdown)
    else:
        importlib.import_module(f".{part}", __package__).main(rounds or 3)


def main() -> None:
    """The part asked for, or all, each in a process of its own."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"{name:12s} {told}" for name, told in PARTS.items()),
    )
    parser.add_argument("--part", action="append", choices=PARTS)
    parser.add_argument("--rounds", type=int, help="interleaved rounds; default by part")
    options = parser.parse_args()
    parts = options.part or list(PARTS)
    if len(parts) == 1:
        run(parts[0], options.rounds)
        return
    failed = []
    for part in parts:
        print(f"-- {part}: {PARTS[part]}", flush=True)
        words = [sys.executable, "-m", "benchmarks.run", "--part", part]
        words += ["--rounds", str(options.rounds)] if options.rounds else []
        start = time.perf_counter()
        failed += [part] if subprocess.run(words, check=False).returncode else []
        print(f"-- {part} took {time.perf_counter() - start:.0f} s", flush=True)
    if failed:
        raise SystemExit(f"These parts failed: {', '.join(failed)}. Their output is above.")


if __name__ == "__main__":
    main()
