"""What a million patients by a hundred drugs would take: arithmetic from measured figures.

Part `plan` of `python -m benchmarks.run`; reads results/{cohort_peer,cohort,miyano}.json, counts
operations of the compiled model, and writes docs/scale.md and results/plan.json. Nothing here runs
a GPU: its figures are bounds from counts and a data sheet, and say so.
"""

import json
from pathlib import Path
from typing import Any

from .machine import RESULTS, machine, read

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "scale.md"
PATIENTS, DRUGS, WEEKS = 1_000_000, 100, 26
CORES = 1000
OBSERVABLES, TIMES = 4, 27
CORE_HOUR, GPU_HOUR = 0.04, 4.0
"""Assumed prices [US dollars]; put in your own."""
GPU_FP64, GPU_BANDWIDTH, GPU_MEMORY = 34e12, 4.8e12, 141e9
"""One H200 as its maker states: flop/s in double precision without tensor cores, B/s, B."""
SHARE_OF_ARITHMETIC, SHARE_OF_BANDWIDTH = 0.1, 0.5
"""What a good kernel is assumed to reach of either."""


def counts() -> dict[str, float]:
    """Operations and bytes of one step of the coupled model, from its tables and programs."""
    import jax
    import numpy as np

    jax.config.update("jax_enable_x64", True)
    import skinmech as sm
    from skinmech.native.elimination import elimination

    engine = sm.simulator(sm.skin_model())
    model, system = engine.model, engine.system
    rows, columns = np.nonzero(np.asarray(system.dense(system.pattern)))
    plan = elimination(rows, columns, engine.layout.size)
    params, _ = model.arguments(model.parameters())
    from skinmech.schedule import schedule
    from skinmech.settings import in_vivo

    quiet = schedule(model, sm.Protocol(1.0), in_vivo())
    segment = {"environment": jax.tree.map(lambda leaf: leaf[0], quiet.environment)}
    y = np.asarray(model.initial_state(model.parameters()))
    lowered = jax.jit(engine._tendency).lower(0.0, y, (params, segment))
    analysis: Any = lowered.cost_analysis()
    rhs, filled = float(analysis["flops"]), len(plan.column)
    colours = system.num_colours
    elimination_flops = 2.0 * len(plan.update_to) + 2.0 * filled
    flops = (8 + 2 * colours) * rhs + elimination_flops + 8 * 2.0 * filled
    flops += 56 * 2.0 * y.size  # stages are combined
    # Factors written once and read by eight solves; stages written and read.
    moved = 8.0 * (10 * filled + 56 * y.size)
    library: Any = engine.kernel._library("run")
    space = float(library.space_size()) if library is not None else float("nan")
    return {"rhs_flops": rhs, "colours": float(colours), "filled": float(filled),
            "updates": float(len(plan.update_to)), "flops_per_step": flops,
            "bytes_per_step": moved, "bytes_per_patient_in_flight": space}  # fmt: skip


def arithmetic(peer: dict[str, Any], count: dict[str, float]) -> dict[str, Any]:
    """All figures of the plan."""
    own = peer["rows"]["ours, as the product is set"]["cpu_s_per_patient"]
    rest = peer["steady_state_cpu_s"]
    solve = max(own - rest, 0.0)
    core_s = PATIENTS * (rest + DRUGS * solve)
    stored = PATIENTS * DRUGS * OBSERVABLES * TIMES * 8.0
    steps = peer["steps_of_a_solve"] * (DRUGS + 1) * PATIENTS  # the steady state as one more
    by_flops = steps * count["flops_per_step"] / (GPU_FP64 * SHARE_OF_ARITHMETIC)
    by_bytes = steps * count["bytes_per_step"] / (GPU_BANDWIDTH * SHARE_OF_BANDWIDTH)
    gpu = max(by_flops, by_bytes)
    return {
        "core_s_steady_state": rest, "core_s_solve": solve, "core_hours": core_s / 3600,
        "cluster_hours": core_s / 3600 / CORES, "cluster_cost": core_s / 3600 * CORE_HOUR,
        "stored_GB": stored / 1e9, "gpu_hours_by_arithmetic": by_flops / 3600,
        "gpu_hours_by_bandwidth": by_bytes / 3600, "gpu_cost": gpu / 3600 * GPU_HOUR,
        "gpu_patients_in_flight": GPU_MEMORY / count["bytes_per_patient_in_flight"],
        "steps": steps,
    }  # fmt: skip


def document(r: dict[str, Any]) -> str:
    """The text of docs/scale.md."""
    a, c, p = r["arithmetic"], r["counts"], r["peer"]
    rows = [
        ("processor time", f"{a['core_hours']:,.0f} core hours", "-"),
        ("time", f"{a['cluster_hours']:.1f} h on {CORES} cores",
         f"{a['gpu_hours_by_arithmetic']:.1f} h by arithmetic, {a['gpu_hours_by_bandwidth']:.1f} h "
         "by memory traffic: the longer counts"),
        ("memory", f"{r['worker_MB']:.0f} MB for a process of two workers, whatever N",
         f"{c['bytes_per_patient_in_flight'] / 2**20:.1f} MiB for each patient in flight: "
         f"{a['gpu_patients_in_flight']:,.0f} at once"),
        ("storage", f"{a['stored_GB']:.0f} GB", "the same"),
        ("cost", f"{a['cluster_cost']:,.0f} $ ({a['cluster_cost'] / PATIENTS * 100:.4f} cents a "
         f"patient) at {CORE_HOUR:g} $ a core hour",
         f"{a['gpu_cost']:,.0f} $ ({a['gpu_cost'] / PATIENTS * 100:.4f} cents a patient) at "
         f"{GPU_HOUR:g} $ an hour"),
    ]  # fmt: skip
    lines = [
        "# A million patients by a hundred drugs", "",
        "Written by `python -m benchmarks.run --part plan`. A plan on paper: processor seconds are "
        "measured ([cohort_peer](../benchmarks/results/cohort_peer.md)), what follows is "
        "multiplication. **A GPU was not measured.** Its column is a bound from counted operations "
        "and a data sheet; prices are assumed.", "",
        "| | cluster, compiled C | one H200 (not measured) |", "|---|---|---|",
        *(f"| {name} | {cluster} | {gpu} |" for name, cluster, gpu in rows), "",
        "## Where it comes from", "",
        f"- A patient's own steady state takes s = {a['core_s_steady_state']:.3f} s of a core, a "
        f"course of {WEEKS} weeks t = {a['core_s_solve']:.3f} s, files included, at the product's "
        f"tolerance, on {p['cpu']} at a load of {p['load']:g}. Core hours: N (s + M t) / 3600 with "
        f"N = {PATIENTS:,} and M = {DRUGS}. Shards share nothing, so cores divide the time; "
        "that they do is measured on two cores only ([growth](../benchmarks/results/growth.md)).",
        f"- Storage: N M {OBSERVABLES} observables {TIMES} times 8 bytes. Where endpoints are "
        "enough, keep those: a score at the end is 27 times less.",
        f"- A step takes about {c['flops_per_step'] / 1e6:.2f} million operations "
        f"({c['rhs_flops'] / 1e3:.0f} thousand for the tendency, {c['colours']:.0f} colours of "
        f"forward derivatives, {c['updates'] / 1e3:.0f} thousand updates of the elimination, eight "
        f"stages) and moves {c['bytes_per_step'] / 1e6:.2f} MB where factors do not stay on the "
        f"chip; a course has {p['steps_of_a_solve']:.0f} steps. The card: "
        f"{GPU_FP64 / 1e12:g} Tflop/s in double precision, {GPU_BANDWIDTH / 1e12:g} TB/s, "
        f"{GPU_MEMORY / 1e9:g} GB. Assumed to be reached: {SHARE_OF_ARITHMETIC:.0%} of the "
        f"arithmetic, {SHARE_OF_BANDWIDTH:.0%} of the traffic. The pure JAX batch that would run "
        "there today is not such a kernel.", "",
        "## How to run it", "",
        "`#SBATCH --array=1-1000` with `skinmech cohort plan.toml -o plan.h5 --shard "
        "$SLURM_ARRAY_TASK_ID/1000` ([cohorts](cohorts.md)): a task is "
        f"{PATIENTS // 1000:,} patients by {DRUGS} drugs, "
        f"{a['core_hours'] * 3600 / 1000 / 3600:.1f} h of one core. A stopped task goes on where "
        "it was.",
    ]  # fmt: skip
    if r["miyano"]:
        hours = r["miyano"] * 1e-3 / 12 * (DRUGS + 1) * PATIENTS / 3600
        lines += [
            "",
            f"With the Miyano model alone ({r['miyano']:.2f} ms for a patient by 11 arms, "
            "[miyano](../benchmarks/results/miyano.md)) a million patients by a hundred drugs take "
            f"{hours:.1f} core hours.",
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write docs/scale.md and results/plan.json.

    Raises:
        FileNotFoundError: a part whose figures are needed has not run.
    """
    peer, cohort, miyano = read("cohort_peer"), read("cohort"), read("miyano")
    missing = [n for n, told in (("cohort_peer", peer), ("cohort", cohort)) if not told]
    if missing:
        raise FileNotFoundError(
            f"Unable to find benchmarks/results of {', '.join(missing)}. Run "
            "`python -m benchmarks.run --part cohort_peer` and `python -m benchmarks.cohort` first."
        )
    count = counts()
    name = "skinmech, compiled C over lanes"
    results = {
        "machine": machine(), "counts": count, "arithmetic": arithmetic(peer, count),
        "peer": {**peer["machine"], "steps_of_a_solve": peer["steps_of_a_solve"]},
        "worker_MB": cohort["memory"][-1]["peak_MB"],
        "miyano": miyano["rows"][name]["cpu_ms_per_patient"] if miyano else None,
    }  # fmt: skip
    (RESULTS / "plan.json").write_text(json.dumps(results, indent=1) + "\n")
    DOCUMENT.write_text(document(results))
    print(document(results))
