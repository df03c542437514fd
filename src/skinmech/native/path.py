"""Any system of ordinary differential equations by compiled C, with exact forward derivatives.

For models that come as a function in JAX (a file in SBML, say). The function is translated to C,
one period at a time is integrated; whatever happens between periods is the caller's.
"""

import ctypes
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from ..numerics.programs import own_source
from ..numerics.sparsity import _greedy
from .build import build, key_of, load_kept
from .functions import (
    LANES,
    Functions,
    exact_tangent_programs,
    step_programs,
    tendency_pattern,
)
from .header import c_text, header


class Followed(NamedTuple):
    """What became of one period.

    Attributes:
        status: A `skinmech.numerics.Status` code.
        time: Time reached.
        num_steps: Steps tried.
        y: State at the end, shape (state,).
        moves: How it moves along each direction, shape (direction, state).
        states: States at the saves, shape (time, state).
        slopes: How they move, shape (time, direction, state).
    """

    status: int
    time: float
    num_steps: int
    y: Float[np.ndarray, " state"]
    moves: Float[np.ndarray, "direction state"]
    states: Float[np.ndarray, "time state"]
    slopes: Float[np.ndarray, "time direction state"]


class PathSolver:
    """dy/dt = f(par, y) through periods in which nothing jumps."""

    def __init__(
        self,
        f: Callable[[Any, Any], Any],
        num_state: int,
        num_par: int,
        identity: str,
        *,
        has_time: bool = False,
    ):
        """Translate and compile, or read what an earlier process has made.

        Args:
            f: `f(par, y)`, pure JAX, shapes (par,) and (state,) to (state,).
            num_state: Number of states.
            num_par: Number of parameters.
            identity: Whatever `f` depends on, so that its library is known again.
            has_time: Whether the last state is time itself. It counts in no error.

        Raises:
            NoCompiler: there is no C compiler.
            UnsupportedPrimitive: `f` uses an operation without a rule.
        """
        self.num_state, self.num_par = num_state, num_par
        texts = {name: c_text(name) for name in ("steps.h", "path.c")}
        key = key_of(
            "path", identity, str((num_state, num_par, has_time)), own_source(), *texts.values()
        )
        library = load_kept(key)
        if library is None:
            library = _built(key, f, num_state, num_par, has_time, texts)
        library.space_size.restype = ctypes.c_int64
        self._library = library

    def follow(
        self,
        par: np.ndarray,
        y: np.ndarray,
        span: tuple[float, float],
        times: np.ndarray,
        options: tuple[float, float, float],
        directions: tuple[np.ndarray, np.ndarray] | None = None,
        *,
        is_steady: bool = False,
    ) -> Followed:
        """Integrate one period. Calls release Python's lock.

        Args:
            par: Parameters, shape (par,).
            y: State at the start, shape (state,).
            span: Start and end.
            times: Where to save, ascending, inside the span; of a steady period its end is saved.
            options: Relative and absolute tolerance, most steps.
            directions: How parameters and state at the start move along each direction, shapes
                (direction, par) and (direction, state).
            is_steady: Go on until nothing changes, whatever the end of the span.
        """
        tp, ty = directions or (np.zeros((0, self.num_par)), np.zeros((0, self.num_state)))
        used = np.flatnonzero(np.any(tp != 0.0, axis=1) | np.any(ty != 0.0, axis=1))
        blocks = -(-len(used) // LANES)
        along = np.zeros((blocks * LANES, self.num_par))
        ends = np.zeros((blocks * LANES, self.num_state))
        along[: len(used)], ends[: len(used)] = tp[used], ty[used]
        par, state, at = (np.array(a, float, order="C") for a in (par, y, times))
        limits, reached = np.array(options, float), np.array(span, float)
        states = np.full((len(at), self.num_state), np.nan)
        slopes = np.full((len(at), blocks * LANES, self.num_state), np.nan)
        count = ctypes.c_int64(0)
        space = np.empty(self._library.space_size() // 8 + 1)
        status = self._library.follow(
            _at(space), _at(par), _at(state), _at(ends), _at(along), ctypes.c_int(blocks),
            _at(reached), ctypes.c_int(is_steady), _at(at), ctypes.c_int(len(at)), _at(limits),
            _at(states), _at(slopes), ctypes.byref(count),
        )  # fmt: skip
        moves = np.zeros((len(tp), self.num_state))
        moves[used] = ends[: len(used)]
        saved = np.zeros((len(at), len(tp), self.num_state))
        saved[:, used] = slopes[:, : len(used)]
        return Followed(
            int(status), float(reached[1]), int(count.value), state, moves, states, saved
        )


def _built(
    key: str,
    f: Callable[[Any, Any], Any],
    num_state: int,
    num_par: int,
    has_time: bool,
    texts: dict[str, str],
) -> ctypes.CDLL:
    def tendency(par: Any, env: Any, y: Any) -> Any:
        return f(par, y)

    def nothing(*_: Any) -> Any:
        raise NotImplementedError

    parts = Functions(tendency, nothing, nothing, num_par, 0, num_state, ())
    pattern = tendency_pattern(parts)
    rows, columns = np.nonzero(pattern)
    colours = _greedy(pattern)
    programs = [
        *step_programs(parts, colours, colours[columns] * num_state + rows),
        *exact_tangent_programs(parts),
    ]
    sizes = {"N": num_state, "P": num_par, "TIME": int(has_time), "TANGENTS": 1}
    sources = {f"{program.name}.c": program.text() for program in programs}
    sources["solver.c"] = texts["path.c"]
    headers = {"sizes.h": header(rows, columns, sizes, programs), "steps.h": texts["steps.h"]}
    return build(key, sources, headers)


def _at(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
