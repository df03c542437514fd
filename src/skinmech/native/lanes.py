"""Many members of one small model by compiled C, a member in each vector lane.

For models of a few dozen states (a published model of one patient), where a lone solve leaves most
of a vector unit idle. The model is any function in JAX; it is translated to C over lanes.
"""

import ctypes
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from ..numerics.sparsity import _greedy
from .build import build, key_of, load_kept
from .elimination import elimination
from .emit import Program
from .header import written
from .pattern import pattern
from .translate import translate_stages

LANES = 4
"""Members solved at a time: one vector of four numbers."""


class LaneResult(NamedTuple):
    """What became of every member.

    Attributes:
        states: Kept states, shape (member, time, kept); NaN unless the status is 0.
        status: `skinmech.numerics.Status` of each member, shape (member,).
        num_steps: Steps tried, shape (member,).
    """

    states: Float[np.ndarray, "member time kept"]
    status: Int[np.ndarray, " member"]
    num_steps: Int[np.ndarray, " member"]


class LaneSolver:
    """dy/dt = f(y, p) for many (y, p) at once, each with its own steps.

    A member's numbers do not depend on who its neighbours are, and a member that cannot be solved
    costs the others nothing. Calls release Python's lock: split the members for several threads.
    """

    def __init__(
        self,
        f: Callable[[Any, Any], Any],
        y: Float[np.ndarray, " state"],
        p: Float[np.ndarray, " par"],
    ):
        """Translate and compile, or read what an earlier process has made.

        Args:
            f: `f(y, p)`, pure JAX; y, p and what it returns have the shapes (state,), (par,) and
                (state,), each with or without a further axis of members at the end.
            y: A usual state, for its shape.
            p: Usual parameters, for their shape.

        Raises:
            NoCompiler: there is no C compiler.
            UnsupportedPrimitive: `f` uses an operation without a rule.
        """
        y, p = np.asarray(y, float), np.asarray(p, float)
        self.num_states, self.num_parameters = y.size, p.size
        whole = translate_stages(f, [[("y", y), ("p", p)]], "f")
        entries = pattern(whole, "y") | np.eye(y.size, dtype=bool)
        colours = _greedy(entries)
        seeds = (colours[None, :] == np.arange(colours.max() + 1)[:, None]).astype(float)
        lanes = [("y", np.zeros((y.size, LANES))), ("p", np.zeros((p.size, LANES)))]

        def jac(y: Any, p: Any) -> Any:
            _, push = jax.linearize(lambda state: f(state, p), y)
            return jax.vmap(push)(jnp.broadcast_to(seeds[:, :, None], (*seeds.shape, LANES)))

        programs = [translate_stages(f, [lanes], "rhs"), translate_stages(jac, [lanes], "jac")]
        sources = {f"{program.name}.c": program.text() for program in programs}
        sources["solver.c"] = (files("skinmech.native") / "lanes.c").read_text("utf-8")
        header = _header(entries, colours, p.size, programs)
        key = key_of("lanes", header, *sources.values())
        self._library = load_kept(key) or build(key, sources, {"sizes.h": header})

    def run(
        self,
        y0: Float[np.ndarray, "member state"],
        p: Float[np.ndarray, "member par"],
        times: Float[np.ndarray, " time"],
        *,
        rtol: float = 1e-5,
        atol: float | Float[np.ndarray, " state"] = 1e-7,
        dt0: float = 1e-4,
        keep: Sequence[int] | None = None,
        max_steps: int = 4096,
    ) -> LaneResult:
        """Solve for every member.

        Args:
            y0: States at times[0].
            p: Parameters.
            times: When to save, ascending; the last is the end.
            rtol: Relative tolerance of a step.
            atol: Absolute tolerance, of all or of each state.
            dt0: First step tried.
            keep: States to save; default all.
            max_steps: Most steps of one member.

        Raises:
            ValueError: shapes or times that do not fit.
        """
        start, par, at = (np.ascontiguousarray(np.asarray(a, float)) for a in (y0, p, times))
        count = len(start)
        wanted = (count, self.num_states), (count, self.num_parameters)
        if (start.shape, par.shape) != wanted or at.ndim != 1 or len(at) < 2 or (
            not np.all(np.diff(at) >= 0) or not at[-1] > at[0]
        ):  # fmt: skip
            raise ValueError(
                f"Expected states {wanted[0]}, parameters {wanted[1]} and ascending times; got "
                f"{start.shape}, {par.shape} and {at.shape}."
            )
        kept = np.arange(self.num_states) if keep is None else np.asarray(keep)
        kept = np.ascontiguousarray(kept, np.int32)
        limits = np.ascontiguousarray(np.broadcast_to(np.asarray(atol, float), (self.num_states,)))
        options = np.array([rtol, dt0, 1e-12 * (at[-1] - at[0]), max_steps])
        states = np.empty((count, len(at), len(kept)))
        status, steps = np.full(count, 5, np.int32), np.zeros(count, np.int64)
        self._library.run(
            ctypes.c_int64(count), _at(start), _at(par), _at(at), ctypes.c_int(len(at)),
            _at(limits), _at(options), _at(kept), ctypes.c_int(len(kept)), _at(states),
            _at(status), _at(steps),
        )  # fmt: skip
        return LaneResult(states, status, steps)


def _header(
    entries: np.ndarray, colours: np.ndarray, num_parameters: int, programs: Sequence[Program]
) -> str:
    """Text of sizes.h, see lanes.c."""
    rows, columns = np.nonzero(entries)
    size = len(entries)
    plan = elimination(rows, columns, size)
    sizes = {
        "N": size, "P": num_parameters, "LANES": LANES, "COLOURS": colours.max() + 1,
        "ENTRIES": len(rows), "FILLED": len(plan.column),
    }  # fmt: skip
    tables = {
        "order": plan.order, "row_start": plan.row_start, "column": plan.column,
        "diagonal": plan.diagonal, "update_to": plan.update_to, "entry_to": plan.entry_to,
        "entry_from": colours[columns] * size + rows, "entry_row": rows, "entry_column": columns,
    }  # fmt: skip
    return written(sizes, tables, programs)


def _at(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
