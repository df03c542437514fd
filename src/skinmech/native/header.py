"""The header that joins the solver to one model: sizes, tables of the elimination, coefficients."""

import functools
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import numpy as np

from ..numerics import rodas5p
from ..numerics.sparsity import ChainSystem
from .elimination import elimination
from .emit import Program
from .functions import LANES


@functools.cache
def c_text(name: str) -> str:
    """One of this package's C sources."""
    return (files("skinmech.native") / name).read_text("utf-8")


def entries(system: ChainSystem) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the Jacobian's entries, in the order of all tables."""
    rows, columns = np.nonzero(np.asarray(system.dense(system.pattern)))
    return rows, columns


def header(
    rows: np.ndarray, columns: np.ndarray, sizes: Mapping[str, int], programs: Sequence[Program]
) -> str:
    """Text of sizes.h, see steps.h.

    Args:
        rows: Row of each entry of the Jacobian.
        columns: Column of each entry.
        sizes: Further numbers by name, of them N, the states.
        programs: Translated functions.
    """
    size = sizes["N"]
    plan = elimination(rows, columns, size)
    is_idle = ~np.isin(np.arange(size), rows)
    all_sizes = {**sizes, "LANES": LANES, "ENTRIES": len(rows), "FILLED": len(plan.column)}
    tables = {
        "order": plan.order, "row_start": plan.row_start, "column": plan.column,
        "diagonal": plan.diagonal, "update_runs": plan.update_runs, "entry_to": plan.entry_to,
        "entry_row": rows, "entry_column": columns, "is_idle": is_idle,
    }  # fmt: skip
    return written(all_sizes, tables, programs)


def written(
    sizes: Mapping[str, Any], tables: Mapping[str, Any], programs: Sequence[Program]
) -> str:
    """Text of a header: sizes and tables by name, the method's coefficients, prototypes."""
    coefficients = {"A": rodas5p._A, "C": rodas5p._C, "H": rodas5p._H}
    return "\n".join([
        *(f"#define {name} {value}" for name, value in sizes.items()),
        f"#define GAMMA {rodas5p._GAMMA!r}",
        *(_ints(name, values) for name, values in tables.items()),
        *(f"static const double {name}[{len(rows)}][8] = {{{_rows(rows)}}};"
          for name, rows in coefficients.items()),
        _doubles("B", rodas5p._B),
        *(program.prototypes() for program in programs),
    ])  # fmt: skip


def _ints(name: str, values: Any) -> str:
    told = ", ".join(str(int(v)) for v in values)
    return f"static const int {name}[{max(len(values), 1)}] = {{{told or '0'}}};"


def _doubles(name: str, values: Any) -> str:
    told = ", ".join(repr(float(v)) for v in values)
    return f"static const double {name}[{len(values)}] = {{{told}}};"


def _rows(table: Any) -> str:
    return ", ".join("{" + ", ".join(repr(float(v)) for v in row) + "}" for row in table)
