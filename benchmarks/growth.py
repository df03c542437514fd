"""How cost grows: tables over nodes, fields, patients, parameters and workers, with exponents.

Part `growth` of `python -m benchmarks.run`. Processor time, medians of a few rounds; the exponent
is the slope of a straight line through the logarithms. Nodes and fields are those of the coupled
model by compiled C, of which a grid or a composition is made anew for each row.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax.flatten_util import ravel_pytree

import skinmech as sm
from skinmech.modelling.model import SkinModel
from skinmech.native.functions import LANES
from skinmech.numerics import Status
from skinmech.observables import Impedance
from skinmech.published.miyano_cohort import cohort
from skinmech.schedule import schedule
from skinmech.settings import in_vivo
from skinmech.settings.environment import ENVIRONMENT
from skinmech.simulate import Simulator
from skinmech.submodels.barrier import Barrier
from skinmech.submodels.cytokines import Cytokines
from skinmech.submodels.keratinocytes import Keratinocytes
from skinmech_calibration.cohorts import run_cohort
from skinmech_calibration.executors import ThreadExecutor

from .bench_coupled import coupled_problem
from .bench_solver import ATOL_TO_RTOL
from .cheap_patients import plan as cheap_plan
from .cohort_peer import cohort_plan
from .machine import head, machine, write
from .miyano import ARMS, WEEKS, population

NODES = (16, 32, 64, 128, 256)
PARAMETERS = (1, 8, 20, 40, 100, 200)
COUPLED, MIYANO, CHEAP = (1, 4, 16), (1, 10, 100, 1000), (100, 1000, 10_000, 100_000)
WORKERS = (1, 2, 4)
DAYS, STRIPS, RTOL = 60, 10, 1e-3


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Slope of log(cost) over log(size)."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


def median_cpu(call: Callable[[], Any], rounds: int, is_warm: bool = False) -> float:
    """Median processor seconds of a call, after one that does not count unless it is warm."""
    if not is_warm:
        call()
    samples = []
    for _ in range(rounds):
        start = time.process_time()
        call()
        samples.append(time.process_time() - start)
    return float(np.median(samples))


def one_model(model: SkinModel, rounds: int) -> dict[str, Any]:
    """Sixty days after tape stripping, from the model's steady state; by compiled C.

    Raises:
        RuntimeError: no C compiler, or a failed solve.
    """
    start = time.process_time()
    engine = Simulator(model)
    probed = time.process_time() - start
    params = model.parameters()
    events = [sm.TapeStrips(STRIPS, "1 day")]
    plan = schedule(model, sm.Protocol(f"{DAYS} days", events), in_vivo())
    rest, status = engine.settle(params, plan, model.initial_state(params))
    times = np.full(64, np.inf)
    times[:10] = np.linspace(DAYS / 10, DAYS, 10) * model.system.factor("day")
    tolerances = RTOL, RTOL * ATOL_TO_RTOL
    found = engine.kernel.run(params, plan, rest, times, tolerances)
    if found is None or status != Status.OK or found["status"] != Status.OK:
        raise RuntimeError("Expected a C compiler (cc, gcc or clang) and a sound solve.")
    seconds = median_cpu(lambda: engine.kernel.run(params, plan, rest, times, tolerances), rounds)
    return {
        "nodes": model.layout.num_nodes, "fields": model.layout.num_fields,
        "border": model.layout.num_border, "states": engine.layout.size,
        "steps": found["num_steps"], "cpu_s": seconds, "cpu_us_per_step":
        seconds / found["num_steps"] * 1e6, "probe_cpu_s": probed,
    }  # fmt: skip


def nodes(rounds: int) -> dict[str, Any]:
    """The coupled model on finer and finer grids, three sevenths of the cells in the corneum."""
    rows = []
    for number in NODES:
        corneum = round(number * 3 / 7)
        model = sm.skin_model(corneum_cells=corneum, epidermis_cells=number - corneum)
        rows.append(one_model(model, rounds))
    return {"rows": rows, "exponent": exponent(NODES, [r["cpu_us_per_step"] for r in rows])}


def fields(rounds: int) -> dict[str, Any]:
    """Compositions with more and more fields on the usual grid."""
    parts = {
        "keratinocytes, barrier": (Keratinocytes(), Barrier()),
        "and cytokines": (Keratinocytes(), Barrier(), Cytokines()),
    }
    rows = []
    for name, some in parts.items():
        model = SkinModel(some, ENVIRONMENT, (Impedance(),), corneum_cells=12, epidermis_cells=16)
        rows.append({"parts": name, **one_model(model, rounds)})
    rows.append({"parts": "all", **one_model(sm.skin_model(), rounds)})
    dynamic = sm.skin_model(signalling="dynamic")
    rows.append({"parts": "all, dynamic signalling", **one_model(dynamic, rounds)})
    sizes, costs = [r["fields"] for r in rows], [r["cpu_us_per_step"] for r in rows]
    return {"rows": rows, "exponent": exponent(sizes, costs)}


def _whole(plan: Any, folder: Path, workers: int) -> tuple[float, float]:
    """Wall and processor seconds of a cohort."""
    with tempfile.TemporaryDirectory(dir=folder) as name, ThreadExecutor(workers) as executor:
        wall, used = time.perf_counter(), time.process_time()
        run_cohort(plan, Path(name) / "cohort.h5", executor=executor)
        return time.perf_counter() - wall, time.process_time() - used


def patients(rounds: int, folder: Path) -> dict[str, Any]:
    """Cohorts of more and more patients: the coupled model, Miyano's, and cheap ones for files."""
    found: dict[str, Any] = {}
    plans = {count: cohort_plan(count, folder) for count in COUPLED}
    _whole(plans[COUPLED[0]], folder, 1)
    found["coupled model, 26 weeks"] = [
        (n, float(np.median([_whole(plan, folder, 1)[1] for _ in range(rounds)])))
        for n, plan in plans.items()
    ]
    found["Miyano's model, 11 arms"] = [
        (n, median_cpu(lambda n=n: cohort(population(n), ARMS, WEEKS, rtol=RTOL), rounds))
        for n in MIYANO
    ]
    found["cheap patients (chunks and files alone)"] = [
        (n, _whole(cheap_plan(n), folder, 1)[1]) for n in CHEAP
    ]
    return {
        name: {"rows": [{"patients": n, "cpu_s": s, "cpu_ms_per_patient": s / n * 1e3}
                        for n, s in rows], "exponent": exponent(*zip(*rows, strict=True))}
        for name, rows in found.items()
    }  # fmt: skip


def parameters(rounds: int) -> dict[str, Any]:
    """Forward derivatives of all observables along more and more parameters, 180 days."""
    p = coupled_problem()
    padded = np.full(64, np.inf)
    padded[: len(p.save_times)] = p.save_times
    flat, restore = ravel_pytree(p.params)
    draws = np.random.default_rng(0).permutation(len(flat))
    alone = median_cpu(lambda: p.engine.kernel.run(p.params, p.plan, p.y0, padded), rounds)
    rows = []
    for number in PARAMETERS:
        chosen = [draws[k % len(draws)] for k in range(number)]

        def along(chosen: Any = chosen) -> None:
            for first in range(0, len(chosen), LANES):
                some = chosen[first : first + LANES]
                unit = np.zeros((len(some), len(flat)))
                unit[np.arange(len(some)), some] = np.asarray(flat)[some]
                directions = jax.vmap(restore)(unit)
                found = p.engine.kernel.slopes(p.params, p.plan, p.y0, padded, directions)
                if found is None or found["status"] != Status.OK:
                    raise RuntimeError("a derivative failed")

        seconds = median_cpu(along, rounds if number <= 20 else 1, is_warm=number > PARAMETERS[0])
        rows.append({"parameters": number, "cpu_s": seconds, "solves": seconds / alone})
    return {
        "solve_cpu_s": alone, "rows": rows, "lanes": LANES,
        "exponent": exponent(PARAMETERS, [r["cpu_s"] for r in rows]),
        "exponent_from_20": exponent(PARAMETERS[2:], [r["cpu_s"] for r in rows[2:]]),
    }  # fmt: skip


def workers(rounds: int, folder: Path, count: int = 8) -> dict[str, Any]:
    """The same cohort of the coupled model by more and more workers, in turn."""
    plan = cohort_plan(count, folder)
    _whole(plan, folder, 1)
    samples: dict[int, list[tuple[float, float]]] = {n: [] for n in WORKERS}
    for _ in range(rounds):
        for number, found in samples.items():
            found.append(_whole(plan, folder, number))
    rows = [
        {"workers": n, "wall_s": float(np.median([w for w, _ in found])),
         "cpu_s": float(np.median([c for _, c in found])),
         "cores_used": float(np.median([c / w for w, c in found]))}
        for n, found in samples.items()
    ]  # fmt: skip
    first = rows[0]["wall_s"]
    return {"patients": count, "rows": [{**r, "faster": first / r["wall_s"]} for r in rows],
            "exponent": exponent(WORKERS, [r["wall_s"] for r in rows])}  # fmt: skip


def measure(rounds: int = 3) -> dict[str, Any]:
    """All tables."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = {
            "nodes": nodes(rounds), "fields": fields(rounds), "patients": patients(rounds, folder),
            "parameters": parameters(rounds), "workers": workers(rounds, folder),
        }  # fmt: skip
    return {"machine": machine("h5py"), "rounds": rounds, **found}


def _lines(rows: Sequence[dict[str, Any]], columns: dict[str, tuple[str, str]]) -> list[str]:
    """A table; columns give heading and format by key."""
    heads = " | ".join(heading for heading, _ in columns.values())
    lines = [f"| {heads} |", "|" + "--:|" * len(columns)]
    for row in rows:
        cells = " | ".join(format(row[key], form) for key, (_, form) in columns.items())
        lines.append(f"| {cells} |")
    return lines


def markdown(results: dict[str, Any]) -> str:
    """All tables with their exponents."""
    r = results
    grid = {
        "nodes": ("nodes", "d"), "fields": ("fields", "d"), "border": ("border states", "d"),
        "states": ("states", "d"), "steps": ("steps", "d"), "cpu_s": ("processor s", ".3f"),
        "cpu_us_per_step": ("us per step", ".0f"),
        "probe_cpu_s": ("s to probe the model, or to read it", ".1f"),
    }  # fmt: skip
    lines = head("How cost grows", r)
    lines += [
        f"Processor time, medians of {r['rounds']} rounds. The exponent is the slope of the "
        "logarithms: 1 is proportional.", "",
        f"## Nodes: exponent {r['nodes']['exponent']:.2f} (of a step)", "",
        f"Coupled model by compiled C, {DAYS} days after {STRIPS} tape strips, rtol {RTOL:g}.", "",
        *_lines(r["nodes"]["rows"], grid), "",
        f"## Fields: exponent {r['fields']['exponent']:.2f} (of a step)", "",
        "Compositions of sub-models on the usual 28 nodes; a field is one that depends on depth.",
        "", *_lines(r["fields"]["rows"], {"parts": ("parts", "s"), **grid}), "", "## Patients",
    ]  # fmt: skip
    for name, table in r["patients"].items():
        lines += ["", f"{name[0].upper()}{name[1:]}, one worker: exponent "
                  f"{table['exponent']:.2f}", ""]  # fmt: skip
        lines += _lines(table["rows"], {
            "patients": ("patients", ",d"), "cpu_s": ("processor s", ".3f"),
            "cpu_ms_per_patient": ("ms per patient", ".3f")})  # fmt: skip
    p, w = r["parameters"], r["workers"]
    lines += [
        "", f"## Parameters: exponent {p['exponent']:.2f}, from 20 on {p['exponent_from_20']:.2f}",
        "", "Forward derivatives of all observables of the coupled model, 180 days of dupilumab, "
        f"{p['lanes']} directions at a time sharing each step's factors; one solve takes "
        f"{p['solve_cpu_s']:.3f} s.", "",
        *_lines(p["rows"], {"parameters": ("parameters", "d"), "cpu_s": ("processor s", ".2f"),
                            "solves": ("in solves", ".1f")}), "",
        f"## Workers: exponent {w['exponent']:.2f} (of wall time; -1 is ideal up to the cores)", "",
        f"{w['patients']} patients of the coupled model on {r['machine']['cores']} cores, in turn; "
        "cores used below the number of workers mean that others had them.", "",
        *_lines(w["rows"], {"workers": ("workers", "d"), "wall_s": ("wall s", ".2f"),
                            "cpu_s": ("processor s", ".2f"), "faster": ("times faster", ".2f"),
                            "cores_used": ("cores used", ".2f")}),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def main(rounds: int) -> None:
    """Measure and write results/growth.{json,md}."""
    write("growth", measure(rounds), markdown)
