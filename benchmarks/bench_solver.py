"""The solver against compiled CVODE at equal error; and what derivatives and batches cost.

`python -m benchmarks.run` writes the tables; under pytest-benchmark the same solves are timed as
`pytest benchmarks/bench_solver.py`.
"""

import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from skinmech.numerics import SolveResult, Status, integrate_batch, integrate_segments

from .cvode_peer import CvodePeer, scikit_sundae_run
from .problems import Problem, problem

TARGET_ERROR = 5e-4
ATOL_TO_RTOL = 1e-2
OUR_LADDER = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5)
PEER_LADDER = (1e-4, 3e-5, 2e-5, 1e-5, 5e-6, 3e-6, 1e-6, 3e-7)


def solve(p: Problem, args: Any, rtol: Any, max_steps: int = 20_000, **options) -> SolveResult:
    """One solve of a benchmark problem by our integrator; `rtol` may be traced."""
    return integrate_segments(
        p.f,
        p.system,
        jnp.asarray(p.y0),
        args,
        jnp.asarray(p.boundaries),
        jnp.asarray(p.save_times),
        apply_event=p.apply_event,
        rtol=rtol,
        atol=rtol * ATOL_TO_RTOL,
        max_steps=max_steps,
        **options,
    )


def staged(
    function: Callable[..., Any], *inputs: Any
) -> tuple[Callable[..., Any], dict[str, float]]:
    """Trace, compile and call once, each timed. Returns the warm call and the seconds."""
    marks = [time.perf_counter()]
    traced = jax.jit(function).trace(*inputs)
    marks.append(time.perf_counter())
    lowered = traced.lower()
    marks.append(time.perf_counter())
    compiled = lowered.compile()
    marks.append(time.perf_counter())
    jax.block_until_ready(compiled(*inputs))
    marks.append(time.perf_counter())
    names = ("trace", "lower", "compile", "first_call")
    seconds = {n: b - a for n, a, b in zip(names, marks[:-1], marks[1:], strict=True)}
    return (lambda *a: jax.block_until_ready(compiled(*a))), seconds


def loosest(errors: dict[float, float]) -> float:
    """The loosest tolerance from which on every tighter one meets the target."""
    chosen = None
    for rtol in sorted(errors):
        if errors[rtol] > TARGET_ERROR:
            break
        chosen = rtol
    if chosen is None:
        raise RuntimeError(f"no tolerance of the ladder met {TARGET_ERROR}: {errors}")
    return chosen


def timed(call: Callable[[], Any]) -> tuple[float, float]:
    """Wall and processor seconds of one call."""
    wall, processor = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - processor


def interleave(calls: dict[str, Callable[[], Any]], rounds: int) -> dict[str, dict[str, float]]:
    """Median and least wall and processor seconds, all calls in turn in every round."""
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            samples[name].append(timed(call))
    return {
        name: {
            "median_s": statistics.median(wall for wall, _ in values),
            "min_s": min(wall for wall, _ in values),
            "median_cpu_s": statistics.median(cpu for _, cpu in values),
            "min_cpu_s": min(cpu for _, cpu in values),
        }
        for name, values in samples.items()
    }


def compare(p: Problem, rounds: int = 15) -> dict[str, Any]:
    """Ours and CVODE at equal error, interleaved in one process."""
    peer = CvodePeer(p)
    compiled, stages = staged(lambda a, r: solve(p, a, r), p.args, jnp.asarray(1e-3))
    tight = compiled(p.args, jnp.asarray(1e-10))
    if int(tight.status) != Status.OK:
        raise RuntimeError(f"reference failed: {Status(int(tight.status)).text}")
    exact = np.asarray(tight.ys)
    runs = {rtol: compiled(p.args, jnp.asarray(rtol)) for rtol in OUR_LADDER}
    ours_errors = {rtol: p.error(np.asarray(run.ys), exact) for rtol, run in runs.items()}
    steps = {rtol: run.stats for rtol, run in runs.items()}
    ours = loosest(ours_errors)
    chosen = jnp.asarray(ours)
    variants = {
        "band, own differences": (False, False),
        "band, coloured differences": (True, False),
        "LAPACK band, coloured differences": (True, True),
    }
    table: dict[str, Any] = {}
    calls: dict[str, Callable[[], Any]] = {"skinmech Rodas5P": lambda: compiled(p.args, chosen)}
    for name, (coloured, lapack) in variants.items():
        errors = {
            r: p.error(peer.run(r, r * ATOL_TO_RTOL, coloured, lapack).ys, exact)
            for r in PEER_LADDER
        }
        rtol = loosest(errors)
        run = peer.run(rtol, rtol * ATOL_TO_RTOL, coloured, lapack)
        calls[f"CVODE, {name}"] = lambda r=rtol, c=coloured, k=lapack: peer.run(
            r, r * ATOL_TO_RTOL, c, k
        )
        table[f"CVODE, {name}"] = {
            "rtol": rtol,
            "error": errors[rtol],
            "num_steps": run.num_steps,
            "num_rhs": run.num_rhs,
            "num_jacobians": run.num_jacobians,
        }
    table["skinmech Rodas5P"] = {
        "rtol": ours,
        "error": ours_errors[ours],
        "num_steps": int(steps[ours].num_steps),
        "num_rejected": int(steps[ours].num_rejected),
        **{f"{k}_s": v for k, v in stages.items()},
    }
    times = interleave(calls, rounds)
    for name, values in times.items():
        table[name] |= values
    peers = [name for name in table if name.startswith("CVODE")]
    best = min(peers, key=lambda name: table[name]["median_s"])
    best_cpu = min(peers, key=lambda name: table[name]["median_cpu_s"])
    mine = table["skinmech Rodas5P"]
    ys, num_rhs = scikit_sundae_run(peer, table[best]["rtol"], table[best]["rtol"] * ATOL_TO_RTOL)
    callback_wall, _ = timed(
        lambda: scikit_sundae_run(peer, table[best]["rtol"], table[best]["rtol"] * ATOL_TO_RTOL)
    )
    return {
        "problem": p.name,
        "target_error": TARGET_ERROR,
        "error_floor": p.error_floor,
        "difference_of_references": p.error(peer.run(1e-11, 1e-13).ys, exact),
        "solvers": table,
        "ratio_median": mine["median_s"] / table[best]["median_s"],
        "ratio_median_cpu": mine["median_cpu_s"] / table[best_cpu]["median_cpu_s"],
        "against": best,
        "our_errors": ours_errors,
        "our_steps": {r: int(s.num_steps) for r, s in steps.items()},
        "compiled_rhs_s": peer.rhs_seconds(),
        "scikit_sundae_callback": {
            "wall_s": callback_wall,
            "num_rhs": num_rhs,
            "error": p.error(ys, exact),
        },
        "peak_memory_MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def derivatives(p: Problem, rtol: float = 1e-3, rounds: int = 5) -> dict[str, Any]:
    """Cost of derivatives of the summed outputs, as multiples of one solve."""
    weights = jnp.asarray(np.random.default_rng(0).normal(size=(p.save_times.size, p.y0.size)))

    def total(args, gradient):
        return jnp.sum(weights * solve(p, args, rtol, 1000, gradient=gradient).ys)

    direction = jnp.ones_like(p.args)
    functions = {
        "solve": lambda a: total(a, "forward"),
        "one forward column": lambda a: jax.jvp(lambda b: total(b, "forward"), (a,), (direction,))[
            1
        ],
        f"{p.args.size} forward columns": jax.jacfwd(lambda a: total(a, "forward")),
        "reverse": jax.grad(lambda a: total(a, "reverse")),
    }
    calls, stages, values = {}, {}, {}
    for name, function in functions.items():
        compiled, stages[name] = staged(function, p.args)
        calls[name] = lambda run=compiled: run(p.args)
        values[name] = calls[name]()
    times = interleave(calls, rounds)
    columns, reverse = values[f"{p.args.size} forward columns"], values["reverse"]
    return {
        "rtol": rtol,
        "multiples": {
            n: t["median_cpu_s"] / times["solve"]["median_cpu_s"] for n, t in times.items()
        },
        "seconds": times,
        "compile_s": {n: s["compile"] for n, s in stages.items()},
        "reverse_against_forward": float(
            jnp.linalg.norm(columns - reverse) / jnp.linalg.norm(columns)
        ),
    }


def batches(p: Problem, size: int = 16, rtol: float = 1e-3, rounds: int = 3) -> dict[str, Any]:
    """Seconds per patient by lanes in lockstep, and what four bad patients cost the others."""
    rng = np.random.default_rng(0)
    spread = jnp.asarray(rng.lognormal(sigma=0.2, size=(size, p.args.size)))
    params = p.args * spread
    bad = params.at[jnp.asarray([1, 5, 6, size - 1]), 0].set(
        jnp.asarray([jnp.nan, jnp.inf, 1e200, -1.0])
    )

    def run(lanes):
        return lambda q: (
            integrate_batch(
                lambda a, limit: solve(p, a, rtol, limit),
                q,
                p.args * 0.05,
                p.args * 20.0,
                p.args,
                max_steps=5000,
                first_pass_steps=1000,
                num_retry=4,
                lanes=lanes,
            ).final
        )

    table = {}
    for lanes in (1, 4, None):
        compiled, seconds = staged(run(lanes), params)
        calls = {
            "clean": lambda c=compiled: c(params),
            "four bad": lambda c=compiled: c(bad),
        }
        times = interleave(calls, rounds)
        good = np.setdiff1d(np.arange(size), [1, 5, 6, size - 1])
        table["all" if lanes is None else str(lanes)] = {
            "s_per_patient": times["clean"]["median_cpu_s"] / size,
            "time_with_four_bad": (
                times["four bad"]["median_cpu_s"] / times["clean"]["median_cpu_s"]
            ),
            "others_bitwise_equal": bool(
                np.array_equal(np.asarray(compiled(params))[good], np.asarray(compiled(bad))[good])
            ),
            "compile_s": seconds["compile"],
        }
    return {"size": size, "rtol": rtol, "lanes": table}


def test_solve(benchmark):
    """One warm solve of the AD-skin problem at the target error."""
    p = problem("ad_skin")
    compiled, _ = staged(lambda a: solve(p, a, 1e-2), p.args)
    benchmark(compiled, p.args)


def test_cvode(benchmark):
    """The same by compiled CVODE."""
    peer = CvodePeer(problem("ad_skin"))
    benchmark(lambda: peer.run(5e-6, 5e-8))
