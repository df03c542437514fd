"""Further solvers on the standard stiff problem, each at equal error and with a limit of time.

SciPy's BDF and LSODA on the compiled right-hand side of the CVODE peer, libroadrunner on the
problem written as SBML, stock diffrax on our tendency with dense and with GMRES linear solves;
beside CVODE and ours. Each in a process of its own. Part `peers` of `python -m benchmarks.run`.
"""

import json
import re
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .bench_solver import ATOL_TO_RTOL, TARGET_ERROR, timed
from .machine import head, machine, read, write
from .problems import Problem

LIMIT_S = 240
"""Processor seconds of a row, compiling included; what takes longer is told as such."""
LADDER = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6, 3e-7)
ROWS = {
    "ours": "skinmech Rodas5P, pure JAX",
    "cvode": "CVODE, banded, compiled right-hand side",
    "lsoda": "SciPy LSODA, banded, compiled right-hand side",
    "bdf": "SciPy BDF, sparse, compiled right-hand side",
    "roadrunner": "libroadrunner (CVODE, dense)",
    "diffrax_gmres": "diffrax Kvaerno5, GMRES",
    "diffrax_dense": "diffrax Kvaerno5, dense",
}


def segments(p: Problem, step: Callable[[np.ndarray, float, np.ndarray], np.ndarray]) -> np.ndarray:
    """All saved states, `step(y, start, times)` giving them at times, the last being the end."""
    from .problems import ad_skin_source

    source = ad_skin_source()
    depot = p.y0.size - source.F + source.FIELDS.index("P")
    y, rows = p.y0.copy(), []
    for start, end in zip(p.boundaries[:-1], p.boundaries[1:], strict=True):
        y[depot] += source.DOSE
        inside = p.save_times[(p.save_times > start) & (p.save_times <= end)]
        times = np.unique(np.append(inside, end))
        found = step(y, start, times)
        rows.append(found[np.isin(times, inside)])
        y = np.array(found[-1])
    return np.concatenate(rows)


def scipy_solver(p: Problem, method: str) -> Callable[[float], np.ndarray]:
    """SciPy on the compiled right-hand side, through ctypes."""
    import ctypes

    import jax
    from scipy.integrate import solve_ivp
    from scipy.sparse import csr_matrix

    from .cvode_peer import CvodePeer, _pointer

    peer = CvodePeer(p)
    args = np.asarray(p.args, float)
    pointer, library = _pointer(args), peer._library

    def rhs(t: float, y: np.ndarray) -> np.ndarray:
        y = np.ascontiguousarray(y)
        out = np.empty_like(y)
        library.rhs_pointer(ctypes.c_double(t), _pointer(y), _pointer(out), pointer)
        return out

    numbers = jax.tree.map(lambda leaf: leaf.astype(float), p.system.pattern)
    options: dict[str, Any] = {"lband": peer.band, "uband": peer.band}
    if method == "BDF":
        options = {"jac_sparsity": csr_matrix(np.asarray(p.system.dense(numbers)) != 0)}

    def run(rtol: float) -> np.ndarray:
        def step(y: np.ndarray, start: float, times: np.ndarray) -> np.ndarray:
            found = solve_ivp(rhs, (start, times[-1]), y, method, times, rtol=rtol,
                              atol=rtol * ATOL_TO_RTOL, **options)  # fmt: skip
            return found.y.T

        return segments(p, step)

    return run


def roadrunner_solver(p: Problem) -> Callable[[float], np.ndarray]:
    """libroadrunner, every node and field a species with one reaction."""
    import roadrunner

    from .sbml_problem import ad_skin_sbml

    text, names = ad_skin_sbml(p.system.layout.num_nodes)
    model = roadrunner.RoadRunner(text)
    model.timeCourseSelections = ["time", *(f"[{name}]" for name in names)]

    def run(rtol: float) -> np.ndarray:
        model.integrator.relative_tolerance = rtol
        model.integrator.absolute_tolerance = rtol * ATOL_TO_RTOL

        def step(y: np.ndarray, start: float, times: np.ndarray) -> np.ndarray:
            for name, value in zip(names, y, strict=True):
                model[f"[{name}]"] = float(value)
            return np.array(model.simulate(times=[start, *times]))[1:, 1:]

        return segments(p, step)

    return run


def diffrax_solver(p: Problem, linear: str) -> Callable[[float], np.ndarray]:
    """Kvaerno5 as it comes, its Newton iterations with dense LU or with GMRES."""
    import diffrax as dfx
    import jax
    import jax.numpy as jnp
    import lineax as lx
    import optimistix as optx

    # Inexact solves need no more than the accuracy that the Newton iteration asks for.
    chosen: Any = lx.AutoLinearSolver(well_posed=None)
    if linear == "gmres":
        chosen = lx.GMRES(rtol=1e-4, atol=1e-8, max_steps=200, restart=40)

    @jax.jit
    def solve(y: Any, times: Any, rtol: Any) -> Any:
        control = dfx.PIDController(rtol=rtol, atol=rtol * ATOL_TO_RTOL)
        # The default, VeryChord, keeps its linear solve through the stages, which JAX refuses
        # where the solve is a function; Newton makes it anew.
        finder = optx.Newton if linear == "gmres" else dfx.VeryChord
        root = finder(rtol=rtol, atol=rtol * ATOL_TO_RTOL, linear_solver=chosen)
        return dfx.diffeqsolve(
            dfx.ODETerm(p.f), dfx.Kvaerno5(root_finder=root), times[0], times[-1], 1e-4, y,
            args=p.args, saveat=dfx.SaveAt(ts=times[1:]), stepsize_controller=control,
            max_steps=100_000, throw=False,
        ).ys  # fmt: skip

    def run(rtol: float) -> np.ndarray:
        def step(y: np.ndarray, start: float, times: np.ndarray) -> np.ndarray:
            padded = np.full(10, times[-1])
            padded[: len(times) + 1] = [start, *times]
            return np.asarray(solve(jnp.asarray(y), jnp.asarray(padded), rtol))[: len(times)]

        return segments(p, step)

    return run


def solver(kind: str, p: Problem) -> Callable[[float], np.ndarray]:
    """Saved states at a tolerance, by a row's solver."""
    if kind == "ours":
        import jax
        import jax.numpy as jnp

        from .bench_solver import solve, staged

        compiled, _ = staged(lambda a, r: solve(p, a, r), p.args, jnp.asarray(1e-3))
        return lambda rtol: np.asarray(
            jax.block_until_ready(compiled(p.args, jnp.asarray(rtol))).ys
        )
    if kind == "cvode":
        from .cvode_peer import CvodePeer

        peer = CvodePeer(p)
        return lambda rtol: peer.run(rtol, rtol * ATOL_TO_RTOL).ys
    if kind in ("bdf", "lsoda"):
        return scipy_solver(p, kind.upper())
    if kind == "roadrunner":
        return roadrunner_solver(p)
    return diffrax_solver(p, kind.split("_")[1])


def child(kind: str, rounds: int) -> dict[str, Any]:
    """One row: from loose to strict until the error is kept, then a few more runs there."""
    from .cvode_peer import CvodePeer
    from .problems import problem

    p = problem("ad_skin")
    exact = CvodePeer(p).run(1e-11, 1e-13).ys
    run = solver(kind, p)
    tried: dict[float, float] = {}
    for rtol in LADDER:
        samples: list[tuple[float, float]] = []
        kept: list[np.ndarray] = []
        samples.append(timed(lambda r=rtol, k=kept: k.append(run(r))))
        found = p.error(kept[0], exact) if np.all(np.isfinite(kept[0])) else np.inf
        tried[rtol] = float(found)
        row = {"rtol": rtol, "error": float(found), "cpu_s": samples[0][1], "wall_s": samples[0][0]}
        print(json.dumps(row), flush=True)  # what is known if time runs out
        if found <= TARGET_ERROR:
            samples = [timed(lambda r=rtol: run(r)) for _ in range(rounds)]
            wall, used = (statistics.median(s[k] for s in samples) for k in (0, 1))
            return {**row, "wall_s": wall, "cpu_s": used, "is_done": True}
    return {**row, "is_done": False, "why": "no tolerance of the ladder kept the error"}


def tell(kind: str, rounds: int) -> None:
    """In a process of its own: a row as JSON."""
    import jax

    jax.config.update("jax_enable_x64", True)
    print(json.dumps(child(kind, rounds)))


def measure(
    rounds: int = 3, limit_s: int = LIMIT_S, kinds: Sequence[str] = tuple(ROWS)
) -> dict[str, Any]:
    """Rows asked for; the others stay as an earlier run has left them.

    Args:
        kinds: Keys of `ROWS`.
        rounds: Timed runs of each.
        limit_s: Processor seconds for a row.
    """
    rows: dict[str, Any] = read("peers").get("rows", {}) if len(kinds) < len(ROWS) else {}
    for kind, name in ((kind, ROWS[kind]) for kind in kinds):
        # Loaded after JAX, libroadrunner's own LLVM ends the process.
        first = "import roadrunner; " if kind == "roadrunner" else ""
        told = f"{first}from benchmarks.peers import tell; tell({kind!r}, {rounds})"
        words = [sys.executable, "-c", told]
        try:
            done = subprocess.run(
                words, capture_output=True, text=True, timeout=3 * limit_s, check=False,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s + 5)),
            )  # fmt: skip
            told, failed = done.stdout, []
            if done.returncode > 0:
                failed = [re.split(r"\n-+\nFor simplicity", done.stderr)[0].splitlines()[-1][-200:]]
            if done.returncode < 0:
                failed = [f"not done after {limit_s:g} s of the processor"]
        except subprocess.TimeoutExpired as late:
            out = late.stdout or b""
            told = out.decode() if isinstance(out, bytes) else out
            failed = [f"not done after {3 * limit_s:g} s on a busy machine"]
        lines = [line for line in told.splitlines() if line.startswith("{")]
        row = json.loads(lines[-1]) if lines else {}
        rows[name] = {**row, **({"is_done": False, "why": failed[0]} if failed else {})}
        print(name, rows[name], flush=True)
    return {
        "machine": machine("scipy", "scikit-sundae", "libroadrunner", "lineax"), "rows": rows,
        "target_error": TARGET_ERROR, "limit_s": limit_s, "rounds": rounds,
    }  # fmt: skip


def markdown(results: dict[str, Any]) -> str:
    """The rows as a table."""
    r = results
    lines = head("Further solvers on the standard stiff problem", r)
    lines += [
        f"Largest relative error at most {r['target_error']:g}, each at its loosest tolerance of a "
        f"ladder that keeps it; one thread, warm, median of {r['rounds']} runs; at most "
        f"{r['limit_s']:g} processor seconds for a row with its compiling. Not interleaved: "
        "the comparison with CVODE that is stands in [solver.md](solver.md).", "",
        "| solver | rtol | error | processor s | |", "|---|--:|--:|--:|---|",
    ]  # fmt: skip
    for name, row in r["rows"].items():
        cells = (
            f"{row['rtol']:g} | {row['error']:.1e} | {row['cpu_s']:.3f}" if "rtol" in row
            else "- | - | -"
        )  # fmt: skip
        why = row.get("why", "") and f"{row['why']}" + ("; last tolerance tried" * ("rtol" in row))
        lines.append(f"| {name} | {cells} | {why} |")
    return "\n".join(lines) + "\n"


def main(rounds: int) -> None:
    """Measure and write results/peers.{json,md}."""
    write("peers", measure(rounds), markdown)
