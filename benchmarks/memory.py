"""Memory of the reverse gradient on the standard stiff problem; part `memory` of the benchmarks.

The figure is what XLA sets aside for a program beside its inputs and outputs: all of it, for a
compiled program's buffers are fixed before it runs.
"""

import resource
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .bench_solver import solve, timed
from .machine import head, machine, write
from .problems import problem

GOAL_MB = 10.0
RTOL, MAX_STEPS = 1e-3, 1000


def measure(rounds: int = 3) -> dict[str, Any]:
    """A solve and a reverse gradient of its summed outputs.

    Args:
        rounds: Of which the least time is kept.
    """
    p = problem("ad_skin")
    shape = (p.save_times.size, p.y0.size)
    weights = jnp.asarray(np.random.default_rng(0).normal(size=shape))

    def total(args: Any, gradient: str) -> Any:
        return jnp.sum(weights * solve(p, args, RTOL, MAX_STEPS, gradient=gradient).ys)

    functions = {
        "solve": lambda a: total(a, "forward"),
        "reverse gradient": jax.grad(lambda a: total(a, "reverse")),
    }
    rows = {}
    for name, function in functions.items():
        compiled = jax.jit(function).lower(p.args).compile()
        analysis: Any = compiled.memory_analysis()

        def call(compiled: Any = compiled) -> None:
            jax.block_until_ready(compiled(p.args))

        call()
        rows[name] = {
            "temporary_MB": analysis.temp_size_in_bytes / 2**20,
            "code_MB": analysis.generated_code_size_in_bytes / 2**20,
            "cpu_s": min(timed(call)[1] for _ in range(rounds)),
        }
    steps = int(jax.jit(lambda a: solve(p, a, RTOL, MAX_STEPS))(p.args).stats.num_steps)
    more = rows["reverse gradient"]["temporary_MB"] - rows["solve"]["temporary_MB"]
    return {
        "machine": machine(), "states": int(p.y0.size), "steps": steps, "max_steps": MAX_STEPS,
        "rtol": RTOL, "rows": rows, "reverse_beyond_solve_MB": more, "goal_MB": GOAL_MB,
        "one_state_MB": p.y0.size * 8 / 2**20,
        "peak_of_process_MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip


def markdown(results: dict[str, Any]) -> str:
    """The figures as a table."""
    r = results
    lines = head("Memory of the reverse gradient", r)
    lines += [
        f"Standard stiff problem, {r['states']} states, {r['steps']} steps at rtol {r['rtol']:g} "
        f"(room for {r['max_steps']}); a state is {r['one_state_MB'] * 1024:.0f} kB.", "",
        "| program | set aside by XLA [MB] | least processor s |",
        "|---|--:|--:|",
    ]  # fmt: skip
    for name, row in r["rows"].items():
        lines.append(f"| {name} | {row['temporary_MB']:.1f} | {row['cpu_s']:.3f} |")
    lines += [
        "",
        f"The reverse gradient takes {r['reverse_beyond_solve_MB']:.1f} MB beyond the solve; goal "
        f"{r['goal_MB']:g} MB. Checkpoints have room for the most steps.",
    ]
    return "\n".join(lines) + "\n"


def main(rounds: int) -> None:
    """Measure and write results/memory.{json,md}."""
    write("memory", measure(rounds), markdown)
