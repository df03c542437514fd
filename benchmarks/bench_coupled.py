"""The coupled skin model against compiled CVODE at equal error: 180 days of dupilumab.

`python -m benchmarks.run --part coupled` writes the tables; under pytest-benchmark the same solves
are timed as `pytest benchmarks/bench_coupled.py`.
"""

import functools
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import skinmech as sm
from skinmech.numerics import SolveResult, Status, compiled, integrate_segments
from skinmech.schedule import Schedule, schedule
from skinmech.settings import in_vivo
from skinmech.simulate import Simulator, resolve, simulator

from .bench_solver import ATOL_TO_RTOL, TARGET_ERROR, interleave, loosest
from .cvode_coupled import VARIANTS, CoupledPeer

DAYS = 180
REGIMEN = "600 mg, then 300 mg q2w"
ERROR_FLOOR = 1e-3  # of a state's typical size
REFERENCE_RTOL, PEER_REFERENCE_RTOL = 1e-9, 1e-10
OUR_LADDER = (3e-1, 1e-1, 3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4)
PEER_LADDER = (3e-5, 1e-5, 7e-6, 5e-6, 4e-6, 3e-6, 2e-6, 1e-6, 3e-7, 1e-7)
OURS, COMPILED = "skinmech, pure JAX", "skinmech, compiled C"


@dataclass(frozen=True)
class CoupledProblem:
    """Atopic skin from its steady state under dupilumab, saved weekly.

    Attributes:
        engine: Simulator of the coupled model.
        params: Parameters of the atopic donor, declared units.
        plan: The doses as segments.
        y0: Flat scaled state before the first dose.
        save_times: Weekly, internal time.
    """

    engine: Simulator
    params: Any
    plan: Schedule
    y0: np.ndarray
    save_times: np.ndarray

    def segment(self, k: Any) -> dict[str, Any]:
        """What holds in segment k."""
        p = self.plan
        fields = {"environment": p.environment, "dose": p.dose}
        fields |= {"fluence": p.fluence, "strips": p.strips}
        return jax.tree.map(lambda leaf: leaf[k], fields)

    def error(self, ys: Any, reference: np.ndarray) -> float:
        """Largest error over all states and weeks, relative to the state or to the floor."""
        scale = np.maximum(np.abs(reference), ERROR_FLOOR)
        return float(np.max(np.abs(np.asarray(ys) - reference) / scale))


@functools.cache
def coupled_problem() -> CoupledProblem:
    """The problem; probing the model and its steady state take a minute."""
    model = sm.skin_model()
    engine = simulator(model)
    day = model.system.factor("day")
    protocol = sm.Protocol(f"{DAYS} days", [sm.Treatment("dupilumab", REGIMEN)])
    return CoupledProblem(
        engine=engine,
        params=resolve(model, sm.DONORS["atopic"]),
        plan=schedule(model, protocol, in_vivo()),
        y0=np.array(sm.attractor(engine, "atopic")),
        save_times=np.append(np.arange(7.0, DAYS, 7.0), DAYS) * day,
    )


def solve(p: CoupledProblem, params: Any, plan: Schedule, y0: Any, rtol: Any) -> SolveResult:
    """One solve as `Simulator.run` does it, but of the states alone; `rtol` may be traced."""
    engine = p.engine
    day = engine.model.system.factor("day")
    return integrate_segments(
        engine._tendency,
        engine.system,
        y0,
        engine.arguments(params, plan.drugs),
        plan.boundaries,
        jnp.asarray(p.save_times),
        segment_args={
            "environment": plan.environment,
            "dose": plan.dose,
            "fluence": plan.fluence,
            "strips": plan.strips,
        },
        apply_event=engine._event,
        rtol=rtol,
        atol=rtol * ATOL_TO_RTOL,
        dtmin=1e-10 * day,
        max_steps=20_000,
    )


def our_solver(p: CoupledProblem) -> tuple[Callable[[float], SolveResult], dict[str, float]]:
    """Our solve at a tolerance, compiled as the product compiles it; and the seconds before."""
    inputs = p.params, p.plan, jnp.asarray(p.y0)
    program: Any = compiled(functools.partial(solve, p))
    marks = [time.perf_counter()]
    traced = program.trace(*inputs, jnp.asarray(1e-3))
    marks.append(time.perf_counter())
    lowered = traced.lower()
    marks.append(time.perf_counter())
    program = lowered.compile()
    marks.append(time.perf_counter())
    jax.block_until_ready(program(*inputs, jnp.asarray(1e-3)))
    marks.append(time.perf_counter())
    names = ("trace", "lower", "compile", "first_call")
    seconds = {n: b - a for n, a, b in zip(names, marks[:-1], marks[1:], strict=True)}
    return (lambda rtol: jax.block_until_ready(program(*inputs, jnp.asarray(rtol)))), seconds


def our_compiled(p: CoupledProblem) -> tuple[Callable[[float], dict[str, Any]], float]:
    """Our solve by compiled C at a tolerance, observables included; and the seconds of building.

    Raises:
        RuntimeError: there is no C compiler.
    """
    padded = np.full(64, np.inf)
    padded[: p.save_times.size] = p.save_times

    def run(rtol: float) -> dict[str, Any]:
        found = p.engine.kernel.run(p.params, p.plan, p.y0, padded, (rtol, rtol * ATOL_TO_RTOL))
        if found is None:
            raise RuntimeError("Expected a C compiler (cc, gcc or clang), found none.")
        return {**found, "ys": found["state"][: p.save_times.size]}

    start = time.perf_counter()
    run(1e-3)
    return run, time.perf_counter() - start


def coupled_peer(p: CoupledProblem) -> CoupledPeer:
    """CVODE on the same problem, its right-hand side translated from our tendency.

    Raises:
        ValueError: surroundings that change, or doses whose jump depends on the state.
    """
    engine, system = p.engine, p.engine.system
    boundaries = np.unique(np.asarray(p.plan.boundaries))
    number = boundaries.size - 1
    for name, values in p.plan.environment.items():
        if np.ptp(np.asarray(values)[:number], axis=0).any():
            raise ValueError(f"Expected constant surroundings, but '{name}' changes.")
    inside = engine.arguments(p.params, p.plan.drugs)
    event = jax.jit(lambda k, y: engine._event(k, y, (inside, p.segment(k))))
    rows = []
    for k in range(number):
        jump, other = (np.asarray(event(k, y)) - y for y in (p.y0, 1.1 * p.y0))
        if np.abs(jump - other).max() > 1e-12 * np.abs(jump).max():
            raise ValueError(f"Expected dose {k} to add the same to every state.")
        rows.append(np.where(np.abs(jump) > 1e-12 * np.abs(jump).max(), jump, 0.0))
    numbers = jax.tree.map(lambda leaf: leaf.astype(float), system.pattern)
    first = p.segment(0)
    return CoupledPeer(
        lambda t, y: engine._tendency(t, y, (inside, first)),
        np.asarray(system.dense(numbers)) != 0.0,
        p.y0,
        boundaries,
        np.stack(rows),
        p.save_times,
    )


def translation_error(p: CoupledProblem, peer: CoupledPeer, draws: int = 5) -> float:
    """Largest difference of C from JAX at random states, relative to tendency plus state."""
    rng = np.random.default_rng(0)
    largest = 0.0
    tendency = jax.jit(peer.f)
    for _ in range(draws):
        y = p.y0 * rng.uniform(0.5, 2.0, p.y0.size)
        expected = np.asarray(tendency(0.0, y))[peer.states]
        scale = np.abs(expected) + np.abs(y[peer.states])
        miss = np.abs(peer.rhs(y)[peer.states] - expected)
        largest = max(largest, float(np.max(miss / np.where(scale > 0, scale, 1.0))))
    return largest


def compare_coupled(rounds: int = 15) -> dict[str, Any]:
    """Ours and CVODE at equal error, interleaved in one process."""
    start = time.perf_counter()
    p = coupled_problem()
    prepare = time.perf_counter() - start
    ours, stages = our_solver(p)
    compiled_run, build_s = our_compiled(p)
    peer = coupled_peer(p)
    tight = ours(REFERENCE_RTOL)
    if int(tight.status) != Status.OK:
        raise RuntimeError(f"reference failed: {Status(int(tight.status)).text}")
    exact = np.asarray(tight.ys)
    runs = {rtol: ours(rtol) for rtol in OUR_LADDER}
    our_errors = {rtol: p.error(run.ys, exact) for rtol, run in runs.items()}
    chosen = loosest(our_errors)
    stats = runs[chosen].stats
    calls: dict[str, Callable[[], Any]] = {OURS: lambda: ours(chosen)}
    table: dict[str, Any] = {
        OURS: {
            "rtol": chosen,
            "error": our_errors[chosen],
            "num_steps": int(stats.num_steps),
            "num_rejected": int(stats.num_rejected),
            **{f"{k}_s": v for k, v in stages.items()},
        }
    }
    compiled_errors = {rtol: p.error(compiled_run(rtol)["ys"], exact) for rtol in OUR_LADDER}
    its = loosest(compiled_errors)
    done = compiled_run(its)
    calls[COMPILED] = lambda: compiled_run(its)
    table[COMPILED] = {
        "rtol": its,
        "error": compiled_errors[its],
        "num_steps": done["num_steps"],
        "num_rejected": done["num_rejected"],
        "build_s": build_s,
    }
    for variant in VARIANTS:
        errors = {r: p.error(peer.run(variant, r, r * ATOL_TO_RTOL).ys, exact) for r in PEER_LADDER}
        rtol = loosest(errors)
        run = peer.run(variant, rtol, rtol * ATOL_TO_RTOL)
        name = f"CVODE, {variant}"
        calls[name] = lambda v=variant, r=rtol: peer.run(v, r, r * ATOL_TO_RTOL)
        counts = {k: v for k, v in vars(run).items() if k.startswith("num_")}
        table[name] = {"rtol": rtol, "error": errors[rtol], **counts}
    for name, values in interleave(calls, rounds).items():
        table[name] |= values
    peers = [name for name in table if name not in (OURS, COMPILED)]
    best = min(peers, key=lambda name: table[name]["median_s"])
    best_cpu = min(peers, key=lambda name: table[name]["median_cpu_s"])
    check = peer.run(next(iter(VARIANTS)), PEER_REFERENCE_RTOL, PEER_REFERENCE_RTOL * ATOL_TO_RTOL)
    return {
        "target_error": TARGET_ERROR,
        "error_floor": ERROR_FLOOR,
        "difference_of_references": p.error(check.ys, exact),
        "translation_error": translation_error(p, peer),
        "rounds": rounds,
        "problem": {"states": int(p.y0.size), "doses": int(peer.jumps.shape[0]), **peer.sizes},
        "solvers": table,
        "ratio_median": table[OURS]["median_s"] / table[best]["median_s"],
        "against": best,
        "ratio_median_cpu": table[OURS]["median_cpu_s"] / table[best_cpu]["median_cpu_s"],
        "against_cpu": best_cpu,
        "compiled_ratio_median": table[COMPILED]["median_s"] / table[best]["median_s"],
        "compiled_ratio_median_cpu": (
            table[COMPILED]["median_cpu_s"] / table[best_cpu]["median_cpu_s"]
        ),
        "our_errors": our_errors,
        "our_steps": {r: int(run.stats.num_steps) for r, run in runs.items()},
        "compiled_rhs_s": peer.rhs_seconds(),
        "peer_build_s": peer.build_s,
        "prepare_s": prepare,
        "peak_memory_MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def markdown(results: dict[str, Any]) -> str:
    """The comparison as a table."""
    c = results["compare"]
    size, mine, native = c["problem"], c["solvers"][OURS], c["solvers"][COMPILED]
    lines = ["# Coupled model benchmark", ""]
    lines += [f"{k}: {v}  " for k, v in results["machine"].items()]
    lines += [
        "",
        f"{DAYS} days of atopic skin from its steady state under dupilumab ({REGIMEN}: "
        f"{size['doses']} doses), all states saved weekly. {size['states']} states of which "
        f"{size['states'] - size['states_moving']} are padding that only our side carries; "
        f"{size['nonzeros']} non-zeros in the Jacobian, {size['colours']} colours.",
        "",
        f"Largest relative error (magnitudes below {c['error_floor']:g} of a state's typical size "
        f"count as that) at most {c['target_error']:g}, each solver at its loosest tolerance that "
        f"keeps it; {c['rounds']} interleaved rounds, one thread. Our reference at rtol "
        f"{REFERENCE_RTOL:g} and CVODE at {PEER_REFERENCE_RTOL:g} differ by "
        f"{c['difference_of_references']:.1e}. The peer's right-hand side is C translated from "
        "our tendency with the parameters folded in as constants; it differs from ours by "
        f"{c['translation_error']:.1e} of tendency plus state.",
        "",
        "| solver | rtol | error | steps | rejected | median s | median CPU s | least s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for solver, row in c["solvers"].items():
        lines.append(
            f"| {solver} | {row['rtol']:g} | {row['error']:.1e} | {row['num_steps']} | "
            f"{row['num_rejected']} | {row['median_s']:.3f} | {row['median_cpu_s']:.3f} | "
            f"{row['min_s']:.3f} |"
        )
    build = c["peer_build_s"]
    lines += [
        "",
        f"Ratio pure JAX / best CVODE: {c['ratio_median']:.2f} by wall clock ({c['against']}), "
        f"{c['ratio_median_cpu']:.2f} by processor time ({c['against_cpu']}); compiled C / best "
        f"CVODE: {c['compiled_ratio_median']:.2f} and {c['compiled_ratio_median_cpu']:.2f}, with "
        f"its observables. Compiled C per step: "
        f"{native['median_cpu_s'] / native['num_steps'] * 1e6:.0f} us; made or read in "
        f"{native['build_s']:.1f} s.",
        f"Pure JAX per step: {mine['median_cpu_s'] / mine['num_steps'] * 1e6:.0f} us of processor "
        f"time. Trace {mine['trace_s']:.1f} s, lower {mine['lower_s']:.1f} s, compile "
        f"{mine['compile_s']:.1f} s, first call {mine['first_call_s']:.2f} s; peak memory of the "
        f"whole run {c['peak_memory_MB']:.0f} MB. Model and steady state were ready after "
        f"{c['prepare_s']:.0f} s.",
        f"The peer: translated in {build['translate']:.1f} s, gcc {build['gcc']:.1f} s; one "
        f"right-hand side {c['compiled_rhs_s'] * 1e6:.1f} us. Half-bandwidth "
        f"{size['half_band']} after reordering.",
    ]
    return "\n".join(lines) + "\n"


def test_coupled_solve(benchmark):
    """One warm solve of the coupled model at a usual tolerance."""
    ours, _ = our_solver(coupled_problem())
    result = benchmark(ours, 1e-2)
    assert int(result.status) == Status.OK


def test_coupled_cvode(benchmark):
    """The same by compiled CVODE with its sparse solver."""
    peer = coupled_peer(coupled_problem())
    run = benchmark(lambda: peer.run("SuperLU_MT, sparse", 3e-6, 3e-8))
    assert run.num_steps > 0
