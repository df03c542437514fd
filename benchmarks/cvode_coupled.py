"""The peer for the coupled model: SUNDIALS CVODE in C, its right-hand side from the jaxpr.

The libraries are those inside the scikit-sundae wheel. The right-hand side is translated by
`skinmech.native` with the parameters folded in as numbers, which favours the peer; states that do
not move (padding of the chain) are left out of its problem.
"""

import ctypes
import shutil
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import reverse_cuthill_mckee

from skinmech.native.translate import translate

from .cvode_peer import FAST_MATH

_PARTS = (
    "core", "sunmatrixband", "sunmatrixdense", "sunmatrixsparse", "nvecserial", "sunlinsoldense",
    "sunlinsollapackdense", "sunlinsolband", "sunlinsollapackband", "sunlinsolsuperlumt",
    "sunlinsolspgmr", "cvode",
)  # fmt: skip
_FLAGS = (*FAST_MATH, "-shared", "-fPIC", "-w")
_DENSE, _LAPACK_DENSE, _SPARSE, _KRYLOV, _BAND, _LAPACK_BAND = range(6)

VARIANTS: dict[str, tuple[int, bool, int]] = {
    "SuperLU_MT, sparse": (_SPARSE, False, 0),
    "LAPACK dense": (_LAPACK_DENSE, False, 0),
    "SUNDIALS dense": (_DENSE, False, 0),
    "LAPACK band, Cuthill-McKee": (_LAPACK_BAND, True, 0),
    "SUNDIALS band, Cuthill-McKee": (_BAND, True, 0),
    "GMRES, preconditioner of half-band 30": (_KRYLOV, False, 30),
    "GMRES, preconditioner of half-band 42": (_KRYLOV, False, 42),
}
"""Linear solvers by name: their number in the driver, whether the states are reordered, and the
half-bandwidth of a preconditioner (the best of a scan; 42 also holds the border's own block)."""


@dataclass(frozen=True)
class CoupledRun:
    """One run: saved states, shape (time, state), and counts."""

    ys: np.ndarray
    num_steps: int
    num_rejected: int
    num_rhs: int
    num_linear_rhs: int
    num_setups: int
    num_jacobians: int
    num_linear_iterations: int


@dataclass(frozen=True)
class _Order:
    """The problem in one order of its states: a compiled library and the exact sparsity."""

    library: ctypes.CDLL
    states: np.ndarray
    colours: np.ndarray
    start: np.ndarray
    row: np.ndarray
    upper: int
    lower: int

    def __reduce__(self) -> tuple[Any, ...]:
        """To another process of this machine: the library goes by its path."""
        parts = self.states, self.colours, self.start, self.row, self.upper, self.lower
        return _loaded, (self.library._name, *parts)


def _loaded(path: str, *parts: Any) -> _Order:
    _load_sundials()
    return _Order(ctypes.CDLL(path), *parts)


class CoupledPeer:
    """CVODE on a tendency given as a JAX function.

    Attributes:
        states: Places in the flat state of those that move, in the driver's plain order.
        build_s: Seconds to translate and to compile, of the plain order.
    """

    def __init__(
        self,
        f: Callable[[Any, Any], Any],
        pattern: np.ndarray,
        y0: np.ndarray,
        boundaries: np.ndarray,
        jumps: np.ndarray,
        save_times: np.ndarray,
        write: Callable[[np.ndarray], str] | None = None,
    ):
        """Translate and compile.

        Args:
            f: `f(t, y)`.
            pattern: Structural non-zeros of ∂f/∂y, shape (state, state).
            y0: State before the first jump, shape (state,).
            boundaries: Ascending, shape (K+1,).
            jumps: What the state gains at the start of each segment, shape (K, state).
            save_times: Ascending, behind boundaries[0].
            write: C text of the right-hand side for an order of the states; default `f`
                translated as it is.
        """

        def as_it_is(states: np.ndarray) -> str:
            return translate(f, self.y0, order=states)

        write = write or as_it_is
        self.f, self.pattern, self.y0 = f, pattern, np.asarray(y0)
        self.boundaries, self.jumps = np.array(boundaries, float), np.asarray(jumps)
        self.save_times = np.array(save_times, float)
        self.states = np.flatnonzero(pattern.any(axis=0) | pattern.any(axis=1))
        if np.any(np.delete(self.jumps, self.states, axis=1)):
            raise ValueError("Expected jumps of moving states only.")
        marks = [time.perf_counter()]
        text = write(self.states)
        marks.append(time.perf_counter())
        plain = self._order(self.states, text)
        self.build_s = {"translate": marks[1] - marks[0], "gcc": time.perf_counter() - marks[1]}
        inner = pattern[np.ix_(self.states, self.states)]
        turned = reverse_cuthill_mckee(csr_matrix(inner | inner.T), symmetric_mode=True)
        narrow = self.states[turned]
        self._orders = {False: plain, True: self._order(narrow, write(narrow))}

    def _order(self, states: np.ndarray, text: str) -> _Order:
        inner = self.pattern[np.ix_(states, states)] | np.eye(states.size, dtype=bool)
        column, row = np.nonzero(inner.T)
        start = np.searchsorted(column, np.arange(states.size + 1))
        return _Order(
            _compile(text),
            states,
            _colours(inner),
            start.astype(np.int32),
            row.astype(np.int32),
            int((column - row).max()),
            int((row - column).max()),
        )

    def run(self, variant: str, rtol: float, atol: float) -> CoupledRun:
        """Integrate the whole protocol.

        Raises:
            RuntimeError: CVODE gave up; its flag is named.
        """
        linear, is_narrow, half_band = VARIANTS[variant]
        o = self._orders[is_narrow]
        y0, jumps = (np.ascontiguousarray(a[..., o.states]) for a in (self.y0, self.jumps))
        out = np.empty((self.save_times.size, o.states.size))
        stats = np.zeros(7, np.int64)
        upper, lower = (half_band, half_band) if half_band else (o.upper, o.lower)
        flag = o.library.coupled_run(
            ctypes.c_int32(o.states.size),
            _pointer(y0),
            ctypes.c_int(self.boundaries.size - 1),
            _pointer(self.boundaries),
            _pointer(jumps),
            ctypes.c_int(self.save_times.size),
            _pointer(self.save_times),
            _pointer(out),
            ctypes.c_double(rtol),
            ctypes.c_double(atol),
            ctypes.c_int(linear),
            ctypes.c_int32(upper),
            ctypes.c_int32(lower),
            ctypes.c_int(int(o.colours.max()) + 1),
            _pointer(o.colours),
            _pointer(o.start),
            _pointer(o.row),
            _pointer(stats),
        )
        if flag:
            raise RuntimeError(
                f"CVODE ({variant}) stopped with flag {flag} at rtol {rtol}, atol {atol}"
            )
        ys = np.tile(self.y0, (self.save_times.size, 1))
        ys[:, o.states] = out
        return CoupledRun(ys, *(int(n) for n in stats))

    def rhs(self, y: np.ndarray) -> np.ndarray:
        """The translated right-hand side on a flat state; zero where nothing moves."""
        o = self._orders[False]
        inside, out = np.ascontiguousarray(y[o.states]), np.empty(o.states.size)
        o.library.repeat_rhs(ctypes.c_int(1), _pointer(inside), _pointer(out))
        full = np.zeros_like(y)
        full[o.states] = out
        return full

    def rhs_seconds(self, count: int = 2000) -> float:
        """Least time of one right-hand side."""
        o = self._orders[False]
        inside, out = np.ascontiguousarray(self.y0[o.states]), np.empty(o.states.size)
        best = np.inf
        for _ in range(5):
            start = time.perf_counter()
            o.library.repeat_rhs(ctypes.c_int(count), _pointer(inside), _pointer(out))
            best = min(best, (time.perf_counter() - start) / count)
        return best

    @property
    def sizes(self) -> dict[str, int]:
        """States, non-zeros, colours and half-bandwidth of the peer's problem."""
        plain, narrow = self._orders[False], self._orders[True]
        return {
            "states_moving": int(plain.states.size),
            "nonzeros": int(plain.row.size),
            "colours": int(plain.colours.max()) + 1,
            "half_band": max(narrow.upper, narrow.lower),
        }


def _colours(pattern: np.ndarray) -> np.ndarray:
    """First colour free for each column, fullest columns first; shared rows forbid sharing."""
    counts = pattern.astype(np.float32)
    conflict = counts.T @ counts > 0
    colours = np.full(pattern.shape[1], -1, np.int32)
    for column in np.argsort(-pattern.sum(axis=0), kind="stable"):
        taken = set(colours[conflict[column]].tolist())
        colours[column] = next(c for c in range(pattern.shape[1]) if c not in taken)
    return colours


def _load_sundials() -> None:
    """The libraries inside the scikit-sundae wheel, for others to find their symbols in."""
    folder = Path(sysconfig.get_paths()["purelib"]) / "scikit_sundae.libs"
    for part in _PARTS:
        found = sorted(folder.glob(f"libsundials_{part}-*.so*"))
        if not found:
            raise FileNotFoundError(
                f"Unable to find libsundials_{part} in {folder.name}; install scikit-sundae"
            )
        ctypes.CDLL(str(found[0]), mode=ctypes.RTLD_GLOBAL)


def _compile(rhs_text: str) -> ctypes.CDLL:
    """Compile right-hand side and driver, and load them with SUNDIALS."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise FileNotFoundError("Unable to find a C compiler (gcc or cc) for the CVODE peer")
    _load_sundials()
    work = Path(tempfile.mkdtemp(prefix="skinmech-cvode-"))
    (work / "rhs.c").write_text(rhs_text)
    driver, library = Path(__file__).with_name("cvode_coupled.c"), work / "peer.so"
    command = [compiler, *_FLAGS, str(work / "rhs.c"), str(driver), "-o", str(library), "-lm"]
    subprocess.run(command, check=True)
    return ctypes.CDLL(str(library))


def _pointer(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
