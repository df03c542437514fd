"""A model's simulations by compiled C: the scheme of `numerics`, several times faster.

It is taken where a C compiler is found (see `build.compiler`); elsewhere, and where the
environment variable SKINMECH_NATIVE is 0, JAX's programs do the same work.
"""

import ctypes
import logging
import os
import threading
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax.flatten_util import ravel_pytree

from ..numerics.programs import own_source
from ..submodels.exposure import SLOTS
from .build import NoCompiler, build, compiler, key_of, load_kept
from .functions import LANES, forward_programs, functions, tangent_programs
from .header import c_text, entries, header
from .values import UnsupportedPrimitive

_MAX_STEPS, _REST_STEPS = 4096, 200
_REST = 1e-8, 1e-10, 1e-2  # relative and absolute tolerance, first pseudo-step
_log = logging.getLogger(__name__)


def is_wanted() -> bool:
    """Whether compiled C may be used: unless SKINMECH_NATIVE is 0."""
    return os.environ.get("SKINMECH_NATIVE", "1") != "0"


def is_usable() -> bool:
    """Whether compiled C is wanted and there is a compiler."""
    if not is_wanted():
        return False
    try:
        compiler()
    except NoCompiler:
        return False
    return True


class Kernel:
    """Compiled simulation of one model. Calls release Python's lock, so threads share the cores.

    Libraries are made or read at first use. Every method returns None where there is no compiler
    or the model holds something that the translator does not know; why is logged once.
    """

    def __init__(self, simulator: Any):
        """Keep what is needed to build.

        Args:
            simulator: The model's `Simulator`.
        """
        self._simulator = simulator
        self._libraries: dict[str, ctypes.CDLL | None] = {}
        self._lock, self._local = threading.Lock(), threading.local()
        self._parts: Any = None

        def par(params: Any, drugs: Any) -> Any:
            return ravel_pytree(simulator.arguments(params, drugs))[0]

        def moved(params: Any, drugs: Any, directions: Any) -> Any:
            def along(direction: Any) -> Any:
                return jax.jvp(lambda given: par(given, drugs), (params,), (direction,))[1]

            return jax.vmap(along)(directions)

        self._par, self._moved = jax.jit(par), jax.jit(moved)

    def run(
        self,
        params: Any,
        plan: Any,
        y0: Any,
        times: Any,
        tolerances: tuple[float, float] | None = None,
    ) -> dict[str, Any] | None:
        """What `Simulator.run` gives, as plain arrays.

        Args:
            params: Parameters in declared units.
            plan: Segments.
            y0: Flat scaled state at the start.
            times: Internal times to save at, padded with inf.
            tolerances: Relative and absolute; None: the simulator's.
        """
        return self._solve("run", params, plan, y0, times, None, tolerances)

    def slopes(
        self, params: Any, plan: Any, y0: Any, times: Any, directions: Any
    ) -> dict[str, Any] | None:
        """`run` from the steady state y0, with derivatives along directions.

        Args:
            params: Parameters in declared units.
            plan: Segments.
            y0: The steady state of the first segment's surroundings.
            times: Internal times to save at, padded with inf.
            directions: Tree of parameters with a leading axis of at most `LANES` directions.

        Returns:
            As `run`, with `slopes`, shape (direction, time, observable).
        """
        return self._solve("slopes", params, plan, y0, times, directions)

    def rest(self, params: Any, plan: Any, guess: Any) -> tuple[np.ndarray, int] | None:
        """What `Simulator.rest` gives."""
        library = self._library("run")
        if library is None:
            return None
        par = _doubles(self._par(params, None))
        env = _surroundings(plan)[0]
        y = _doubles(guess).copy()
        steps, residual = ctypes.c_int64(0), ctypes.c_double(0)
        status = library.rest(
            self._space(library, "run"), _at(par), _at(env), _at(y),
            *map(ctypes.c_double, _REST[:2]), ctypes.c_int(_REST_STEPS),
            ctypes.c_double(_REST[2]), ctypes.byref(steps), ctypes.byref(residual),
        )  # fmt: skip
        return (y if status == 0 else np.full_like(y, np.nan)), int(status)

    def _solve(
        self,
        kind: str,
        params: Any,
        plan: Any,
        y0: Any,
        times: Any,
        directions: Any,
        tolerances: tuple[float, float] | None = None,
    ) -> dict[str, Any] | None:
        library = self._library(kind)
        if library is None:
            return None
        sim, size = self._simulator, self._simulator.layout.size
        names = tuple(sim.model.observables())
        par, env = _doubles(self._par(params, plan.drugs)), _surroundings(plan)
        boundaries, saved, start = (_doubles(a) for a in (plan.boundaries, times, y0))
        dose, fluence, strips = (_doubles(a) for a in (plan.dose, plan.fluence, plan.strips))
        count = len(fluence)
        segment = np.searchsorted(boundaries, saved, side="left") - 1
        segment = np.ascontiguousarray(np.clip(segment, 0, count - 1), np.int32)
        day = sim.model.system.factor("day")
        rtol, atol = tolerances or (sim.rtol, sim.atol)
        options = np.array([rtol, atol, 1e-10 * day, _MAX_STEPS, sim.first])
        states = np.empty((len(saved), size))
        observed = np.empty((len(saved), len(names)))
        slopes, along, ty0, used = np.zeros(0), np.zeros(0), np.zeros(0), 0
        space = self._space(library, kind)
        if directions is not None:
            used = len(jax.tree.leaves(directions)[0])
            slopes = np.empty((LANES, *observed.shape))
            along = self._internal(params, plan.drugs, directions)
            ty0 = self._start_moves(library, space, params, env[0], start, directions)
        counts, last = np.zeros(2, np.int64), ctypes.c_double(0)
        status = library.run(
            space, _at(par), _at(env), _at(boundaries), ctypes.c_int(count), _at(dose),
            _at(fluence), _at(strips), _at(saved), _at(segment), ctypes.c_int(len(saved)),
            _at(start), _at(options), _at(states), _at(observed), _at(along), _at(ty0),
            ctypes.c_int(used), _at(slopes), _at(counts), ctypes.byref(last),
        )  # fmt: skip
        found = {
            "state": states,
            "observables": dict(zip(names, observed.T, strict=True)),
            "status": int(status),
            "num_steps": int(counts[0]),
            "num_rejected": int(counts[1]),
            "last_time": last.value,
        }
        return found if directions is None else {**found, "slopes": slopes[:used]}

    def _internal(self, params: Any, drugs: Any, directions: Any) -> np.ndarray:
        """Directions in internal units, filled up with zeros, shape (LANES, par)."""
        padded = jax.tree.map(
            lambda leaf: np.concatenate([leaf, np.zeros((LANES - len(leaf), *np.shape(leaf)[1:]))]),
            directions,
        )
        return _doubles(self._moved(params, drugs, padded))

    def _start_moves(
        self, library: Any, space: Any, params: Any, env: Any, y0: Any, directions: Any
    ) -> np.ndarray:
        """How the steady start moves along each direction, shape (LANES, state)."""
        along = self._internal(params, None, directions)
        par, env, moves = (
            _doubles(self._par(params, None)),
            _doubles(env),
            np.empty((LANES, len(y0))),
        )
        library.rest_lanes(space, _at(par), _at(env), _at(y0), _at(along), _at(moves))
        return moves

    def _space(self, library: Any, kind: str) -> Any:
        """This thread's workspace."""
        if not hasattr(self._local, kind):
            setattr(self._local, kind, np.zeros(library.space_size() // 8 + 1))
        return _at(getattr(self._local, kind))

    def _library(self, kind: str) -> Any:
        with self._lock:
            if kind not in self._libraries:
                try:
                    self._libraries[kind] = self._made(kind) if is_wanted() else None
                except (NoCompiler, UnsupportedPrimitive) as error:
                    _log.warning("JAX's programs are used, not compiled C: %s", error)
                    self._libraries[kind] = None
            return self._libraries[kind]

    def _made(self, kind: str) -> ctypes.CDLL:
        key = key_of(
            kind, self._simulator.code, own_source(), c_text("steps.h"), c_text("solver.c")
        )
        library = load_kept(key)
        if library is None:
            library = self._built(kind, key)
        library.space_size.restype = ctypes.c_int64
        return library

    def _built(self, kind: str, key: str) -> ctypes.CDLL:
        if self._parts is None:
            model = self._simulator.model
            f = functions(model, *model.arguments(model.parameters()))
            colours = np.asarray(self._simulator.system.colours)
            rows, columns = entries(self._simulator.system)
            self._parts = f, forward_programs(f, colours, colours[columns] * f.num_state + rows)
        f, programs = self._parts
        if kind == "slopes":
            programs = [*programs, *tangent_programs(f)]
        sizes = {
            "N": f.num_state, "P": f.num_par, "E": f.num_env, "OBS": len(f.observables),
            "SLOTS": len(SLOTS), "TANGENTS": int(kind == "slopes"),
        }  # fmt: skip
        told = header(*entries(self._simulator.system), sizes, programs)
        sources = {f"{program.name}.c": program.text() for program in programs}
        sources["solver.c"] = c_text("solver.c")
        return build(key, sources, {"sizes.h": told, "steps.h": c_text("steps.h")})


def accelerated(kernel: Callable[..., Any], program: Callable[..., Any]) -> Callable[..., Any]:
    """The kernel's method where it can be had, else JAX's program."""

    def call(*args: Any) -> Any:
        found = kernel(*args)
        return program(*args) if found is None else found

    return call


def _surroundings(plan: Any) -> np.ndarray:
    """Surroundings of every segment, shape (segment, env)."""
    leaves = [np.asarray(leaf, float) for leaf in jax.tree.leaves(dict(plan.environment))]
    return np.concatenate([leaf.reshape(len(leaf), -1) for leaf in leaves], axis=1)


def _doubles(array: Any) -> np.ndarray:
    return np.ascontiguousarray(np.asarray(array, float))


def _at(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
