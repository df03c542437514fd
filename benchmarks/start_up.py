"""Time to the first result: command line and Python, with an empty and a warm cache.

Part `start_up` of `python -m benchmarks.run`. Every run is a process of its own with a cache
folder made for it; a warm run follows others with the same folder. The machine's own file cache
is warm in all.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from .machine import head, machine, write

SIMULATE = ["-m", "skinmech_app.cli", "simulate", "--disease", "atopic", "--drug", "upadacitinib",
            "--weeks", "16", "--json"]  # fmt: skip
GOALS = {"cold": 5.0, "warm": 2.0, "fit": 10.0}
STARTS, DATA_DAYS = 4, 30
OBSERVED = ("easi", "tewl", "itch_nrs", "epidermal_thickness", "compartment_CCL17")
FREE = (
    "signalling.sensitivity[pSTAT6]", "signalling.sensitivity[pSTAT3]",
    "signalling.sensitivity[NF-kB]", "signalling.IL13_half", "cytokines.CCL17_STAT6",
    "cytokines.clearance[IL-13]", "cytokines.clearance[CCL17]", "keratinocytes.STAT6_inhibition",
    "keratinocytes.growth_NFkB", "keratinocytes.shedding_speed", "barrier.water_diffusivity",
    "barrier.lipid_STAT6_inhibition", "barrier.lipid_rate", "immunity.antigen_load",
    "immunity.Th2_rate", "immunity.IL13_secretion", "immunity.infiltrate_rate",
    "immunity.itch_rate", "immunity.itch_IL31", "clinic.atopic_extent",
)  # fmt: skip


def _processor() -> float:
    """Processor seconds of this process and of those it has waited for."""
    now = os.times()
    return now.user + now.system + now.children_user + now.children_system


def child_simulate() -> dict[str, Any]:
    """In a fresh process: parts of a first simulation in Python, wall and processor seconds."""
    waited = time.time() - float(os.environ["SKINMECH_BENCH_START"])
    clock, used = time.perf_counter(), _processor()
    marks = {"interpreter": (waited, used)}

    def mark(name: str) -> None:
        nonlocal clock, used
        before = clock, used
        clock, used = time.perf_counter(), _processor()
        marks[name] = clock - before[0], used - before[1]

    import jax

    jax.config.update("jax_enable_x64", True)
    import skinmech as sm

    mark("import")
    model = sm.skin_model()
    engine = sm.simulator(model)
    mark("model")
    engine.kernel._library("run")
    mark("library")
    lesion = sm.attractor(model, "atopic")
    mark("steady state")
    course = sm.Protocol("16 weeks", [sm.Treatment("upadacitinib")])

    def solve() -> Any:
        return sm.simulate(model, course, parameters=sm.DONORS["atopic"], start=lesion)

    solve()
    mark("first solve")
    solve()
    mark("second solve")
    engine.kernel._library("slopes")
    mark("library of derivatives")
    return {"parts": marks}


def child_fit() -> dict[str, Any]:
    """In a fresh process: a warm multi-start fit of twenty parameters to 150 data."""
    import jax

    jax.config.update("jax_enable_x64", True)
    import numpy as np

    import skinmech as sm
    import skinmech_calibration as cal

    model, base = sm.skin_model(), dict(sm.DONORS["atopic"])
    protocol = sm.Protocol(112.0, [sm.Treatment("dupilumab")])
    days, specs = np.linspace(0.0, 112.0, DATA_DAYS), model.observables()
    rows = [(name, float(day)) for name in OBSERVED for day in days]

    def problem(values: Any) -> Any:
        seen = [cal.Observation(n, d, float(v)) for (n, d), v in zip(rows, values, strict=True)]
        clinic = cal.Experiment("clinic", sm.in_vivo(), protocol, seen, start="atopic")
        return cal.CalibrationProblem(model, [clinic], FREE, base)

    random = np.random.default_rng(3)
    blank = problem(np.ones(len(rows)))
    truth = np.clip(0.3 * random.standard_normal(len(FREE)), *blank.free.bounds)
    told = []
    for (name, _), value in zip(rows, blank.predictions(truth)["clinic"], strict=True):
        spec, error = specs[name], random.standard_normal()
        is_relative = spec.noise == "proportional"
        told.append(value * np.exp(spec.noise_size * error) if is_relative
                    else value + spec.noise_size * error)  # fmt: skip
    cal.fit(problem(told), starts=1, max_iterations=1)  # compiles what there is to compile
    clock, used = time.perf_counter(), time.process_time()
    result = cal.fit(problem(told), starts=STARTS)
    found = {"warm_s": time.perf_counter() - clock, "warm_cpu_s": time.process_time() - used}
    costs = sorted(one.cost for one in result.starts)
    return {**found, "data": len(rows), "parameters": len(FREE), "starts": STARTS, "costs": costs,
            "converged": sum(one.is_converged for one in result.starts),
            "iterations": [one.num_iterations for one in result.starts],
            "rejected": [one.num_rejected for one in result.starts]}  # fmt: skip


def _run(words: list[str], cache: Path) -> tuple[float, float, str]:
    """Wall and processor seconds of a process, and what it printed."""
    environment = {**os.environ, "JAX_COMPILATION_CACHE_DIR": str(cache),
                   "SKINMECH_BENCH_START": repr(time.time())}  # fmt: skip
    before = os.times()
    clock = time.perf_counter()
    done = subprocess.run([sys.executable, *words], env=environment, capture_output=True,
                          text=True, check=False)  # fmt: skip
    wall, after = time.perf_counter() - clock, os.times()
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} failed: {done.stderr[-800:]}")
    used = after.children_user + after.children_system - before.children_user
    return wall, used - before.children_system, done.stdout


def _child(kind: str, cache: Path) -> dict[str, Any]:
    wall, used, told = _run(["-m", "benchmarks.start_up", kind], cache)
    return {"wall_s": wall, "cpu_s": used, **json.loads(told.splitlines()[-1])}


def measure(rounds: int = 3, has_fit: bool = True) -> dict[str, Any]:
    """Command line and Python, cold once and warm several times; then the fit."""
    found: dict[str, Any] = {"machine": machine(), "rounds": rounds, "goals_s": GOALS}
    with tempfile.TemporaryDirectory() as name:
        for kind in ("command line", "python"):
            cache = Path(name) / kind.replace(" ", "-")
            runs = []
            for _ in range(rounds + 1):
                if kind == "python":
                    runs.append(_child("simulate", cache))
                else:
                    wall, used, _ = _run(SIMULATE, cache)
                    runs.append({"wall_s": wall, "cpu_s": used})
            warm = min(runs[1:], key=lambda one: one["cpu_s"])
            found[kind] = {"cold": runs[0], "warm": warm}
        wall, used, _ = _run(["-m", "skinmech_app.cli", "--help"], Path(name) / "help")
        found["help"] = {"wall_s": wall, "cpu_s": used}
        if has_fit:
            found["fit"] = _child("fit", Path(name) / "python")
    return found


def markdown(results: dict[str, Any]) -> str:
    """All times as tables."""
    r = results
    lines = head("Time to the first result", r)
    lines += [
        "Processes of their own; cold with an empty cache folder, warm the quickest of "
        f"{r['rounds']} later ones. Seconds by the clock (by the processor, children included): on "
        "a busy machine believe the processor's.", "",
        f"Goals: cold {r['goals_s']['cold']:g} s, warm {r['goals_s']['warm']:g} s.", "",
        "| | cold | warm |", "|---|--:|--:|",
    ]  # fmt: skip
    rows = {
        "command line": f"`skinmech {' '.join(SIMULATE[2:-1])}`",
        "python": "Python, all parts below",
    }
    for kind, words in rows.items():
        cells = " | ".join(
            f"{r[kind][k]['wall_s']:.1f} ({r[kind][k]['cpu_s']:.1f})" for k in ("cold", "warm")
        )
        lines.append(f"| {words} | {cells} |")
    lines.append(f"| `skinmech --help` | {r['help']['wall_s']:.2f} "
                 f"({r['help']['cpu_s']:.2f}) | |")  # fmt: skip
    lines += ["", "Python by parts:", "", "| part | cold | warm |", "|---|--:|--:|"]
    for part in r["python"]["cold"]["parts"]:
        told = [r["python"][kind]["parts"][part] for kind in ("cold", "warm")]
        lines.append("| " + " | ".join([part, *(f"{w:.2f} ({c:.2f})" for w, c in told)]) + " |")
    lines += ["", "*model*: structure of the Jacobian, probed or read; *library*: the model as C, "
              "translated and compiled or read; *library of derivatives*: the same with forward "
              "derivatives, which gradients and fits need.", ""]  # fmt: skip
    if "fit" in r:
        f = r["fit"]
        lines += [
            f"Fit of {f['parameters']} parameters to {f['data']} data (five observables at "
            f"{DATA_DAYS} times of 16 weeks of dupilumab, simulated with the declared noise), "
            f"{f['starts']} starts in step, at most 25 iterations each, warm: "
            f"{f['warm_s']:.1f} s ({f['warm_cpu_s']:.1f}); goal {r['goals_s']['fit']:g} s. "
            f"Iterations accepted {', '.join(map(str, f['iterations']))}, rejected "
            f"{', '.join(map(str, f['rejected']))}; {f['converged']} of {f['starts']} converged; "
            f"costs {', '.join(f'{c:.1f}' for c in f['costs'])}.",
        ]  # fmt: skip
    return "\n".join(lines) + "\n"


def main(rounds: int) -> None:
    """Measure and write results/start_up.{json,md}."""
    write("start_up", measure(rounds), markdown)


if __name__ == "__main__":
    print(json.dumps({"simulate": child_simulate, "fit": child_fit}[sys.argv[1]]()))
