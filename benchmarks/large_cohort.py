"""Part `large_cohort` of `python -m benchmarks.run`: 10,000 patients by `skinmech cohort`.

The command line in a process of its own, on all cores, steady states and files included; its peak
memory is that process's.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from .cohort_text import cohort_text
from .machine import head, machine, write

PATIENTS, GOAL_S, GOAL_MB = 10_000, 240.0, 2048.0


def measure(count: int) -> dict[str, Any]:
    """Seconds, processor seconds and peak memory of one run."""
    from skinmech_calibration.cohorts import open_cohort

    with tempfile.TemporaryDirectory() as scratch:
        file, output = Path(scratch) / "cohort.toml", Path(scratch) / "cohort.h5"
        words = [sys.executable, "-m", "skinmech_app.cli", "cohort", str(file), "-o", str(output)]
        file.write_text(cohort_text(2), "utf-8")
        subprocess.run(words, check=True, capture_output=True)  # compiles where nothing is kept
        output.unlink()
        file.write_text(cohort_text(count), "utf-8")
        before, clock = os.times(), time.perf_counter()
        subprocess.run(words, check=True, capture_output=True)
        wall, after = time.perf_counter() - clock, os.times()
        used = after.children_user + after.children_system
        used -= before.children_user + before.children_system
        with open_cohort(output) as found:
            good = int(found.is_ok("dupilumab").sum())
        size = output.stat().st_size / 2**20
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"patients": count, "weeks": 26, "simulated": good, "wall_s": wall, "cpu_s": used,
            "peak_MB": peak, "file_MB": size}  # fmt: skip


def main(rounds: int) -> None:
    """Measure once, whatever the rounds, and write the table."""
    found = {"machine": machine("h5py"), **measure(PATIENTS)}
    write("large_cohort", found, markdown)


def markdown(told: dict[str, Any]) -> str:
    """The figures as text."""
    per = 1000 * told["cpu_s"] / told["patients"]
    return "\n".join([
        *head("A large cohort, to the end", told),
        f"{told['patients']:,} patients of the coupled model, {told['weeks']} weeks of dupilumab, "
        f"`skinmech cohort` on all cores: {told['wall_s']:.0f} s (goal {GOAL_S:.0f} s on two "
        f"cores), {per:.0f} ms of processor time a patient, peak memory {told['peak_MB']:.0f} MB "
        f"(goal {GOAL_MB:.0f} MB), file {told['file_MB']:.0f} MB, {told['simulated']:,} simulated "
        "without a failure.", "",
    ])  # fmt: skip


if __name__ == "__main__":
    main(1)
