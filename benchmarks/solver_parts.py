"""The parts that share results/solver.{json,md}: comparison, derivatives and batches."""

import json
from typing import Any

from .bench_solver import batches, compare, derivatives
from .machine import RESULTS, machine
from .problems import PROBLEMS, problem


def run(part: str, rounds: int) -> None:
    """Measure one part on every problem; what the other parts have written before is kept."""
    target = RESULTS / "solver.json"
    results: dict[str, Any] = {"problems": {}}
    if target.is_file():
        results["problems"] = json.loads(target.read_text())["problems"]
    results = {"machine": {**machine(), "threads": 1}, **results}
    measure = {
        "compare": lambda p: compare(p, rounds),
        "derivatives": derivatives,
        "batches": batches,
    }[part]
    for name in sorted(PROBLEMS):
        results["problems"].setdefault(name, {})[part] = measure(problem(name))
    compared = results["problems"].get("ad_skin", {}).get("compare")
    if compared:
        results["ratio_to_cvode"] = compared["ratio_median_cpu"]
    target.write_text(json.dumps(results, indent=1, default=str) + "\n")
    (RESULTS / "solver.md").write_text(markdown(results))
    print(markdown(results))


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
