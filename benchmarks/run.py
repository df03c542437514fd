"""`python -m benchmarks.run`: measure; results/{solver,chip,coupled}.{json,md} are written."""

import argparse
import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

os.environ.setdefault("EQX_ON_ERROR", "nan")
# One thread on both sides, fixed before either library is loaded.
os.environ["XLA_FLAGS"] = (
    os.environ.get("XLA_FLAGS", "") + " --xla_cpu_multi_thread_eigen=false"
).strip()
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import jax  # noqa: E402  # after the environment

jax.config.update("jax_enable_x64", True)

from . import bench_chip, bench_coupled  # noqa: E402
from .bench_solver import batches, compare, derivatives  # noqa: E402
from .problems import PROBLEMS, problem  # noqa: E402

RESULTS = Path(__file__).with_name("results")


def machine() -> dict[str, Any]:
    """Where and with what the figures were taken."""
    import diffrax
    import equinox
    import numpy

    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = names[0].split(":", 1)[1].strip() if names else cpu
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
        check=False,
    ).stdout.strip()
    return {
        "cpu": cpu,
        "threads": 1,
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "jax": jax.__version__,
        "diffrax": diffrax.__version__,
        "equinox": equinox.__version__,
        "numpy": numpy.__version__,
        "commit": commit,
    }


def markdown(results: dict[str, Any]) -> str:
    """The results as tables."""
    where = results["machine"]
    lines = ["# Solver benchmarks", ""]
    lines += [f"{k}: {v}  " for k, v in where.items()]
    for name, entry in results["problems"].items():
        lines += ["", f"## {name}", ""]
        if "compare" in entry:
            c = entry["compare"]
            lines += [
                f"Largest relative error (magnitudes below {c['error_floor']:g} count as that) at "
                f"most {c['target_error']:g}, each solver at its loosest tolerance that keeps it.",
                f"Two independent references differ by {c['difference_of_references']:.1e}.",
                "",
                "| solver | rtol | error | steps | median s | median CPU s | least s |",
                "|---|---|---|---|---|---|---|",
            ]
            for solver, row in c["solvers"].items():
                lines.append(
                    f"| {solver} | {row['rtol']:g} | {row['error']:.1e} | {row['num_steps']} | "
                    f"{row['median_s']:.3f} | {row['median_cpu_s']:.3f} | {row['min_s']:.3f} |"
                )
            mine, extra = c["solvers"]["skinmech Rodas5P"], c["scikit_sundae_callback"]
            lines += [
                "",
                f"Ratio ours / best CVODE: {c['ratio_median']:.2f} by wall clock, "
                f"{c['ratio_median_cpu']:.2f} by processor time ({c['against']}).",
                f"Ours: trace {mine['trace_s']:.1f} s, lower {mine['lower_s']:.1f} s, compile "
                f"{mine['compile_s']:.1f} s, first call {mine['first_call_s']:.2f} s; peak memory "
                f"of the whole run {c['peak_memory_MB']:.0f} MB.",
                f"Compiled right-hand side {c['compiled_rhs_s'] * 1e6:.1f} us. Through "
                f"scikit-sundae's Python callback the same CVODE takes {extra['wall_s']:.2f} s.",
            ]
        if "derivatives" in entry:
            d = entry["derivatives"]
            lines += ["", "| derivative | multiples of a solve | compile s |", "|---|---|---|"]
            lines += [
                f"| {n} | {m:.1f} | {d['compile_s'][n]:.1f} |" for n, m in d["multiples"].items()
            ]
            lines += ["", f"Reverse against forward: {d['reverse_against_forward']:.1e} (norm)."]
        if "batches" in entry:
            b = entry["batches"]
            lines += [
                "",
                f"| lanes (of {b['size']} patients) | CPU s per patient | time with 4 bad | "
                "others bitwise equal |",
                "|---|---|---|---|",
            ]
            lines += [
                f"| {n} | {r['s_per_patient']:.3f} | {r['time_with_four_bad']:.2f} x | "
                f"{'yes' if r['others_bitwise_equal'] else 'NO'} |"
                for n, r in b["lanes"].items()
            ]
    return "\n".join(lines) + "\n"


def run_chip() -> None:
    """The chip bridge, which has its own pair of files."""
    results = {"machine": machine(), **bench_chip.measure()}
    (RESULTS / "chip.json").write_text(json.dumps(results, indent=1) + "\n")
    (RESULTS / "chip.md").write_text(bench_chip.markdown(results))
    print(bench_chip.markdown(results))


def run_coupled(rounds: int) -> None:
    """The coupled model against CVODE, which has its own pair of files too."""
    results = {"machine": machine(), "compare": bench_coupled.compare_coupled(rounds)}
    (RESULTS / "coupled.json").write_text(json.dumps(results, indent=1) + "\n")
    (RESULTS / "coupled.md").write_text(bench_coupled.markdown(results))
    print(bench_coupled.markdown(results))


def main() -> None:
    """Run the parts asked for on the problems asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problem", action="append", choices=sorted(PROBLEMS))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument(
        "--part",
        action="append",
        choices=["compare", "derivatives", "batches", "chip", "coupled"],
        default=None,
    )
    options = parser.parse_args()
    parts = options.part or ["compare", "derivatives", "batches", "chip", "coupled"]
    RESULTS.mkdir(exist_ok=True)
    if "chip" in parts:
        parts.remove("chip")
        run_chip()
    if "coupled" in parts:
        parts.remove("coupled")
        run_coupled(options.rounds)
    if not parts:
        return
    target = RESULTS / "solver.json"
    results: dict[str, Any] = {"machine": machine(), "problems": {}}
    if options.part and target.is_file():  # keep the parts that are not run again
        results["problems"] = json.loads(target.read_text())["problems"]
    measures = {
        "compare": lambda p: compare(p, options.rounds),
        "derivatives": derivatives,
        "batches": batches,
    }
    for name in options.problem or sorted(PROBLEMS):
        p = problem(name)
        entry = results["problems"].setdefault(name, {})
        for part in parts:
            entry[part] = measures[part](p)
            # Written after every part, so that an interrupted run keeps what it has.
            target.write_text(json.dumps(results, indent=1, default=str) + "\n")
            (RESULTS / "solver.md").write_text(markdown(results))
    print(markdown(results))


if __name__ == "__main__":
    main()
