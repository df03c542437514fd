"""The peer: SUNDIALS CVODE, banded, its right-hand side generated as C and compiled by gcc.

The libraries are those inside the scikit-sundae wheel, called from C, so no Python runs between
integrator and right-hand side. `callback_seconds` says what scikit-sundae's own Python callback
would add to each call.
"""

import ctypes
import re
import shutil
import subprocess
import sysconfig
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from .problems import Problem, ad_skin_source

_PARTS = (
    "core", "sunmatrixband", "nvecserial", "sunlinsolband", "sunlinsollapackband", "cvode"
)  # fmt: skip
FAST_MATH = (
    "-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-ffinite-math-only",
    "-fno-signed-zeros", "-fassociative-math", "-freciprocal-math",
)  # fmt: skip
"""Flags for gcc: -ffast-math but for its start-up code, which would set the processor of the whole
process to flush subnormal numbers when the library is loaded."""
_FLAGS = (*FAST_MATH, "-shared", "-fPIC", "-w")


@dataclass(frozen=True)
class PeerResult:
    """One run of CVODE: outputs and counts of steps, right-hand sides and Jacobians."""

    ys: np.ndarray
    num_steps: int
    num_rhs: int
    num_jacobians: int


class CvodePeer:
    """CVODE on the AD-skin problem."""

    def __init__(self, problem: Problem):
        source = ad_skin_source()
        self.problem = problem
        self.band = source.F
        self.dose = float(source.DOSE)
        self.depot = (problem.system.layout.num_nodes - 1) * source.F + source.FIELDS.index("P")
        self._library = _compile(generate_c(source, problem.system.layout.num_nodes))
        self._colour, self._start, self._row = _columns(problem)

    def run(
        self, rtol: float, atol: float, coloured: bool = True, lapack: bool = False
    ) -> PeerResult:
        """Integrate the whole protocol.

        Args:
            rtol: Relative tolerance.
            atol: Absolute tolerance.
            coloured: Jacobian by differences over the exact sparsity; else CVODE's own, by band.
            lapack: Band solver of LAPACK; else SUNDIALS' own.

        Raises:
            RuntimeError: CVODE gave up; its flag is named.
        """
        p = self.problem
        out = np.empty((p.save_times.size, p.y0.size))
        stats = np.zeros(3, np.int64)
        args = np.asarray(p.args, float)
        flag = self._library.cvode_run(
            ctypes.c_int64(p.y0.size),
            ctypes.c_int64(self.band),
            _pointer(p.y0),
            _pointer(args),
            ctypes.c_int(p.boundaries.size - 1),
            _pointer(p.boundaries),
            ctypes.c_int64(self.depot),
            ctypes.c_double(self.dose),
            ctypes.c_int(p.save_times.size),
            _pointer(p.save_times),
            _pointer(out),
            ctypes.c_double(rtol),
            ctypes.c_double(atol),
            ctypes.c_int(coloured),
            ctypes.c_int(lapack),
            ctypes.c_int(p.system.num_colours),
            _pointer(self._colour),
            _pointer(self._start),
            _pointer(self._row),
            _pointer(stats),
        )
        if flag:
            raise RuntimeError(f"CVODE stopped with flag {flag} at rtol {rtol}, atol {atol}")
        return PeerResult(out, *(int(n) for n in stats))

    def rhs(self, y: np.ndarray) -> np.ndarray:
        """The generated right-hand side, to check it against the array code."""
        out, args = np.empty_like(y), np.asarray(self.problem.args, float)
        self._library.rhs_pointer(ctypes.c_double(0.0), _pointer(y), _pointer(out), _pointer(args))
        return out

    def rhs_seconds(self, repeats: int = 2000) -> float:
        """Time of one compiled right-hand side called through ctypes."""
        y = np.ascontiguousarray(self.problem.y0)
        out, args = np.empty_like(y), np.asarray(self.problem.args, float)
        inputs = (ctypes.c_double(0.0), _pointer(y), _pointer(out), _pointer(args))
        best = np.inf
        for _ in range(5):
            start = time.perf_counter()
            for _ in range(repeats):
                self._library.rhs_pointer(*inputs)
            best = min(best, (time.perf_counter() - start) / repeats)
        return best


def scikit_sundae_run(peer: CvodePeer, rtol: float, atol: float) -> tuple[np.ndarray, int]:
    """The same solve through scikit-sundae's Python callbacks, its usual way of use.

    Returns:
        Outputs, and the number of right-hand sides, which times the callback gives its cost.
    """
    from sksundae.cvode import CVODE

    p, library = peer.problem, peer._library
    args = np.asarray(p.args, float)
    arg_pointer = _pointer(args)

    def rhs(t, y, ydot):
        library.rhs_pointer(
            ctypes.c_double(t), ctypes.c_void_p(y.__array_interface__["data"][0]),
            ctypes.c_void_p(ydot.__array_interface__["data"][0]), arg_pointer,
        )  # fmt: skip

    solver = CVODE(
        rhs, rtol=rtol, atol=atol, linsolver="band", lband=peer.band, uband=peer.band,
        max_num_steps=1_000_000,
    )  # fmt: skip
    y, rows, num_rhs = p.y0.copy(), [], 0
    for k in range(p.boundaries.size - 1):
        y[peer.depot] += peer.dose
        t0, t1 = p.boundaries[k], p.boundaries[k + 1]
        inside = p.save_times[(p.save_times > t0) & (p.save_times <= t1)]
        # A third time keeps the solver from returning every internal step.
        times = np.unique(np.concatenate([[t0, 0.5 * (t0 + t1)], inside, [t1]]))
        result = solver.solve(times, y)
        rows.append(np.asarray(result.y)[np.isin(times, inside)])
        y = np.array(result.y[-1])
        num_rhs += int(np.sum(result.nfev))
    return np.concatenate(rows), num_rhs


def generate_c(source: ModuleType, num_nodes: int) -> str:
    """C text of the right-hand side, from the problem's equation strings."""
    lo, di, up, src, dx = source.coeffs(num_nodes)
    fields, num_tissue, size = source.FIELDS, num_nodes - 1, source.F
    values = {**source.CONST, "dx": dx}

    def numbered(text: str) -> str:
        return re.sub(r"[A-Za-z_]\w*", lambda m: _constant(m[0], values), text)

    def table(name: str, data: np.ndarray) -> str:
        numbers = ",".join(repr(float(v)) for v in data[:num_tissue].ravel())
        return f"static const double {name}[] = {{{numbers}}};"

    lines = ["#include <math.h>"]
    lines += [table(n, d) for n, d in (("LO", lo), ("DI", di), ("UP", up), ("SR", src))]
    lines += ["void RHS(double t, const double *Y, double *D, const double *par) {"]
    lines += [f"  const double {name} = par[{i}];" for i, name in enumerate(source.PNAMES)]
    lines += [f"  for (int i = 0; i < {num_tissue}; i++) {{"]
    lines += [f"    const double *y = Y + {size} * i; double *d = D + {size} * i;"]
    lines += [f"    const double {name} = y[{f}];" for f, name in enumerate(fields)]
    lines += [f"    const double {name} = {numbered(text)};" for name, text in source.AUX]
    lines += [f"    d[{f}] = {numbered(source.REACT[n])};" for f, n in enumerate(fields)]
    moved = [f for f in range(size) if np.any(lo[:, f]) or np.any(di[:, f]) or np.any(src[:, f])]
    for f in moved:
        lines += [f"    {{ int k = {size} * i + {f};"]
        lines += [f"      double s = SR[k] + DI[k] * y[{f}];"]
        lines += [f"      if (i > 0) s += LO[k] * y[{f - size}];"]
        lines += [f"      if (i < {num_tissue - 1}) s += UP[k] * y[{f + size}];"]
        lines += [f"      d[{f}] += s; }}"]
    lines += ["  }"]
    index = {name: i for i, name in enumerate(fields)}
    lines += [f"  {{ const double {n} = Y[{index[n]}];" for n in ("b",)]
    lines += [f"    const double P = Y[{index['P']}];"]
    lines += [f"    D[{index['P']}] += {numbered(source.TOP['P'])}; }}"]
    last, res = size * (num_tissue - 1), size * num_tissue
    lines += [f"  D[{last + index['Dg']}] += kperm / {dx!r} *"]
    lines += [f"    (Y[{res + index['Dg']}] - Y[{last + index['Dg']}]);"]
    lines += [f"  for (int f = 0; f < {size}; f++) D[{res} + f] = 0.0;"]
    lines += [f"  {{ const double Dg = Y[{res + index['Dg']}], P = Y[{res + index['P']}];"]
    lines += [f"    D[{res + index[n]}] = {numbered(text)};" for n, text in source.RES.items()]
    return "\n".join([*lines, "  }", "}"])


def _constant(name: str, values: dict[str, float]) -> str:
    return repr(float(values[name])) if name in values else name


def _columns(problem: Problem) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Colours, and rows of each column's structural non-zeros, in compressed columns."""
    system = problem.system
    dense = np.asarray(system.dense(_as_numbers(system.pattern))) != 0.0
    rows = [np.flatnonzero(dense[:, j]) for j in range(dense.shape[1])]
    start = np.concatenate([[0], np.cumsum([r.size for r in rows])])
    as_int = [np.asarray(v, np.int32) for v in (system.colours, start, np.concatenate(rows))]
    return as_int[0], as_int[1], as_int[2]


def _as_numbers(tree: Any) -> Any:
    import jax

    return jax.tree.map(lambda leaf: leaf.astype(float), tree)


def _compile(rhs_text: str) -> ctypes.CDLL:
    """Compile right-hand side and driver, and load them with SUNDIALS."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise FileNotFoundError("Unable to find a C compiler (gcc or cc) for the CVODE peer")
    folder = Path(sysconfig.get_paths()["purelib"]) / "scikit_sundae.libs"
    for part in _PARTS:
        found = sorted(folder.glob(f"libsundials_{part}-*.so*"))
        if not found:
            raise FileNotFoundError(
                f"Unable to find libsundials_{part} in {folder.name}; install scikit-sundae"
            )
        ctypes.CDLL(str(found[0]), mode=ctypes.RTLD_GLOBAL)
    work = Path(tempfile.mkdtemp(prefix="skinmech-cvode-"))
    (work / "rhs.c").write_text(rhs_text)
    driver, library = Path(__file__).with_name("cvode_peer.c"), work / "peer.so"
    command = [compiler, *_FLAGS, str(work / "rhs.c"), str(driver), "-o", str(library), "-lm"]
    subprocess.run(command, check=True)
    return ctypes.CDLL(str(library))


def _pointer(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
