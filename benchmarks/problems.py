"""Problems the solver is measured on. Each gives a tendency, a layout, a state, and a protocol."""

import importlib.util
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import jax.numpy as jnp
import numpy as np

from skinmech.numerics import ChainLayout, ChainSystem, build_system

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


@dataclass(frozen=True)
class Problem:
    """One benchmark: dy/dt = f(t, y, args) through segments with an event at each start.

    Attributes:
        name: Name in result tables.
        f: Tendency.
        system: Structure of its Jacobian.
        y0: State at boundaries[0].
        args: Parameters, a vector.
        boundaries: Segment boundaries, shape (K+1,).
        apply_event: Event at the start of each segment.
        save_times: Observation times.
        error_floor: Magnitude below which errors count as absolute.
    """

    name: str
    f: Callable[[Any, Any, Any], Any]
    system: ChainSystem
    y0: np.ndarray
    args: Any
    boundaries: np.ndarray
    apply_event: Callable[[Any, Any, Any], Any]
    save_times: np.ndarray
    error_floor: float = 1e-3

    def error(self, ys: np.ndarray, reference: np.ndarray) -> float:
        """Largest relative error over times and states, with the problem's floor."""
        scale = np.maximum(np.abs(reference), self.error_floor)
        return float(np.max(np.abs(np.asarray(ys) - reference) / scale))


def ad_skin_source() -> ModuleType:
    """The shared description of the AD-skin problem; absent outside the development tree."""
    path = SHARED / "benchmark_problem.py"
    if not path.is_file():
        raise FileNotFoundError(
            "The AD-skin problem is read from ../shared/benchmark_problem.py beside the project, "
            "which is not there"
        )
    spec = importlib.util.spec_from_file_location("benchmark_problem", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(f"{path.name} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ad_skin(num_nodes: int = 64) -> Problem:
    """AD-skin 1-D: 63 tissue nodes and a reservoir, 16 fields, 180 days, 13 doses, 50 outputs."""
    source = ad_skin_source()
    f = ad_skin_tendency(source, num_nodes)
    layout = ChainLayout(num_nodes, source.F, 0)
    rng = np.random.default_rng(0)
    draws = [
        (
            jnp.asarray(0.0),
            jnp.asarray(rng.uniform(0.1, 1.0, layout.size)),
            jnp.asarray(source.P0 * rng.uniform(0.8, 1.2, source.P0.size)),
        )
        for _ in range(3)
    ]
    depot = (num_nodes - 1) * source.F + source.FIELDS.index("P")
    boundaries = np.append(source.DOSES, source.T_END)
    return Problem(
        name="ad_skin",
        f=f,
        system=build_system(f, layout, draws),
        y0=source.y0(num_nodes).reshape(-1),
        args=jnp.asarray(source.P0),
        boundaries=boundaries,
        apply_event=lambda k, y, args: y.at[depot].add(source.DOSE),
        save_times=np.asarray(source.TS),
    )


def ad_skin_tendency(source: ModuleType, num_nodes: int) -> Callable[[Any, Any, Any], Any]:
    """The right-hand side in array code, its reactions compiled from the shared strings."""
    lo, di, up, src, dx = source.coeffs(num_nodes)
    fields, num_tissue = source.FIELDS, num_nodes - 1
    assignments = [f"    {name} = {text}" for name, text in source.AUX]
    returned = ", ".join(source.REACT[name] for name in fields)
    arguments = ", ".join([*fields, *source.PNAMES, *source.CONST])
    text = f"def react({arguments}):\n" + "\n".join(assignments) + f"\n    return ({returned},)\n"
    names: dict[str, Any] = {}
    exec(re.sub(r"\bexp\(", "jnp.exp(", text), {"jnp": jnp}, names)
    react = names["react"]
    const = source.CONST
    b, dg, p = (fields.index(name) for name in ("b", "Dg", "P"))
    nothing = np.zeros((source.F, 1))

    in_plasma, in_depot = (np.eye(source.F)[:, [field]] for field in (dg, p))

    def tendency(t, y, args):
        par = dict(zip(source.PNAMES, args, strict=True))
        table = y.reshape(num_nodes, source.F).T  # fields first: nodes along the lane
        tissue = table[:, :num_tissue]
        before = jnp.concatenate([nothing, tissue[:, :-1]], axis=1)
        after = jnp.concatenate([tissue[:, 1:], nothing], axis=1)
        moved = lo.T[:, :-1] * before + di.T[:, :-1] * tissue + up.T[:, :-1] * after
        moved = moved + src.T[:, :-1]
        rates = jnp.stack(react(*tissue, *(par[n] for n in source.PNAMES), *const.values()))
        rates = rates + moved
        top = const["h0"] / dx * jnp.exp(-const["beta"] * tissue[b, 0])
        plasma, depot = table[dg, -1], table[p, -1]
        surface = rates[:, :1] + in_depot * (top * (const["Pext"] - tissue[p, 0]))
        base = rates[:, -1:] + in_plasma * (par["kperm"] / dx * (plasma - tissue[dg, -1]))
        loss = par["CL"] * plasma + const["VmP"] * plasma / (const["KmP"] + plasma)
        reservoir = in_plasma * (par["ka"] * depot - loss) - in_depot * (par["ka"] * depot)
        columns = [surface, rates[:, 1:-1], base, reservoir]
        return jnp.concatenate(columns, axis=1).T.reshape(-1)

    return tendency


PROBLEMS: dict[str, Callable[[], Problem]] = {"ad_skin": ad_skin}


def problem(name: str) -> Problem:
    """A benchmark problem by name.

    Raises:
        ValueError: There is none of that name.
    """
    if name not in PROBLEMS:
        raise ValueError(f"Unrecognized problem: '{name}'. Expected one of {sorted(PROBLEMS)}")
    return PROBLEMS[name]()
