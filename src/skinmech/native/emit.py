"""Statements over small arrays as C text."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .values import UnsupportedPrimitive, Value, View, leaves, shape_of

HEAD = """#include <math.h>
/* As in JAX, what is not a number stays so. */
static inline double larger(double a, double b) { return a != a || a > b ? a : b; }
static inline double smaller(double a, double b) { return a != a || a < b ? a : b; }
static inline double square(double a) { return a * a; }
static inline double sign(double a) { return (a > 0.0) - (a < 0.0); }
static inline double power(double a, int n) {
  double p = 1.0, x = n < 0 ? 1.0 / a : a;
  for (int k = n < 0 ? -n : n; k; k >>= 1) { if (k & 1) p *= x; x *= x; }
  return p;
}
"""


@dataclasses.dataclass(frozen=True)
class Statement:
    """One assignment, elementwise or a reduction.

    Attributes:
        target: Where to.
        value: What.
        stage: In which stage it is known.
        reduction: Start and update; the last axis is reduced.
        is_running: Keep the partial results too.
    """

    target: View
    value: Value
    stage: int
    reduction: tuple[str, str] | None = None
    is_running: bool = False


@dataclasses.dataclass
class Group:
    """Statements of one stage that share one loop."""

    shape: tuple[int, ...]
    stage: int
    statements: list[Statement]
    is_open: bool = True


class Program:
    """Statements of all stages, ready to be written.

    Attributes:
        name: First part of the C functions' names.
        inputs: Names and sizes of each stage's inputs.
        num_kept: Numbers in the buffer that carries values from stage to stage.
    """

    def __init__(
        self,
        name: str,
        inputs: Sequence[Sequence[tuple[str, int]]],
        groups: Sequence[Group],
        sizes: dict[str, int],
    ):
        self.name, self.inputs, self.groups, self.sizes = name, inputs, groups, sizes
        self._tables: dict[bytes, str] = {}
        self._numbers = self._inner()
        self._local, self._kept = self._homes()
        self.num_kept = sum(self.sizes[array] for array in self._kept)

    def text(self) -> str:
        """C source: for stage s `void NAME_s(inputs up to s..., double *kept, double *out)`.

        `out` only in the last stage. `kept` is the buffer of `num_kept` numbers.
        """
        bodies = [self._function(stage) for stage in range(len(self.inputs))]
        return "\n".join([HEAD, *self._tables.values(), *bodies])

    def prototypes(self) -> str:
        """Declarations of the functions, and the macro `NAME_KEPT`, the size of the buffer."""
        lines = [f"#define {self.name}_KEPT {max(self.num_kept, 1)}"]
        return "\n".join([*lines, *(self._head(k) + ";" for k in range(len(self.inputs)))]) + "\n"

    def _head(self, stage: int) -> str:
        names = [name for one in self.inputs[: stage + 1] for name, _ in one]
        given = [f"const double *restrict {name}" for name in names]
        out = ["double *restrict out"] if stage == len(self.inputs) - 1 else []
        return f"void {self.name}_{stage}({', '.join([*given, 'double *restrict kept', *out])})"

    def _function(self, stage: int) -> str:
        lines = [self._head(stage) + " {", "  (void)kept;"]
        start = 0
        for array in self._kept:
            lines.append(f"  double *const {array} = kept + {start}; (void){array};")
            start += self.sizes[array]
        lines += [f"  double {v}[{self.sizes[v]}];" for v in self._local[stage]]
        lines += [line for g in self.groups if g.stage == stage for line in self._loop(g)]
        return "\n".join([*lines, "}", ""])

    def _homes(self) -> tuple[list[list[str]], list[str]]:
        """Arrays local to each stage, and those that more than one stage touches."""
        touched: dict[str, set[int]] = {array: set() for array in self.sizes}
        for group in self.groups:
            for s in group.statements:
                for array in (s.target.array, *(leaf.array for leaf in leaves(s.value))):
                    if array in touched:
                        touched[array].add(group.stage)
        local: list[list[str]] = [[] for _ in self.inputs]
        kept: list[str] = []
        for array, stages in touched.items():
            if array in self._numbers or not stages:
                continue
            if len(stages) > 1:
                kept.append(array)
            else:
                local[next(iter(stages))].append(array)
        return local, kept

    def _inner(self) -> set[str]:
        """Arrays that live inside one loop only, element by element: plain numbers there."""
        whole: dict[str, tuple[int, np.ndarray]] = {}
        lost: set[str] = set()
        for number, group in enumerate(self.groups):
            for s in group.statements:
                for leaf in leaves(s.value):
                    made = whole.get(leaf.array)
                    if (
                        made is None
                        or made[0] != number
                        or s.reduction is not None
                        or not np.array_equal(made[1], leaf.place)
                    ):
                        lost.add(leaf.array)
                is_all = s.target.place.size == self.sizes.get(s.target.array, -1)
                if s.reduction is not None or not is_all or s.target.array == "out":
                    lost.add(s.target.array)
                whole[s.target.array] = number, s.target.place
        return set(whole) - lost

    def _loop(self, group: Group) -> Iterator[str]:
        indices = "ijlmn"[: len(group.shape)]  # k is an argument of some programs
        pad = "  " * (1 + len(group.shape))
        for depth, (i, n) in enumerate(zip(indices, group.shape, strict=True)):
            yield f"{'  ' * (1 + depth)}for (int {i} = 0; {i} < {n}; {i}++) {{"
        for s in group.statements:
            if s.reduction is None:
                target = self._at(s.target, indices)
                if s.target.array in self._numbers:
                    yield f"{pad}const double {s.target.array} = {self._c(s.value, indices)};"
                else:
                    yield f"{pad}{target} = {self._c(s.value, indices)};"
                continue
            start, update = s.reduction
            inner_indices = [*indices, "q"]
            width = shape_of(s.value)[-1]
            yield f"{pad}{{ double s = {start};"
            inside = update.format(self._c(s.value, inner_indices))
            keep = f" {self._at(s.target, inner_indices)} = s;" if s.is_running else ""
            yield f"{pad}for (int q = 0; q < {width}; q++) {{ s = {inside};{keep} }}"
            yield f"{pad}}}" if s.is_running else f"{pad}{self._at(s.target, indices)} = s; }}"
        for depth in reversed(range(len(group.shape))):
            yield "  " * (1 + depth) + "}"

    def _c(self, value: Value, indices: Any) -> str:
        if isinstance(value, np.ndarray):
            if value.size and np.all(value == value.flat[0]):
                return _number(value.flat[0])
            key = b"d" + str(value.shape).encode() + np.asarray(value, float).tobytes()
            if key not in self._tables:
                numbers = ", ".join(_number(v) for v in value.ravel())
                self._tables[key] = f"static const double c{len(self._tables)}[] = {{{numbers}}};"
            array = self._tables[key].split("[")[0].split()[-1]
            return self._at(View(array, np.arange(value.size).reshape(value.shape)), indices)
        if isinstance(value, View):
            if value.array in self._numbers:
                return value.array
            return self._at(value, indices)
        return value.template.format(*(self._c(v, indices) for v in value.operands))

    def _at(self, view: View, indices: Any) -> str:
        """C text of one element: an affine index where there is one, else a table of indices."""
        place = view.place
        if np.any(place < 0):
            raise UnsupportedPrimitive("A state left out of the order is read by the tendency.")
        origin = int(place.flat[0])
        affine = np.full(place.shape, origin)
        terms = [str(origin)] if origin or not place.ndim else []
        for axis, index in enumerate(indices):
            if place.shape[axis] > 1:
                step = int(np.take(place, 1, axis).flat[0]) - origin
                along = np.arange(place.shape[axis]).reshape(
                    [-1 if k == axis else 1 for k in range(place.ndim)]
                )
                affine = affine + step * along
                terms += [f"{step} * {index}" if step != 1 else index] if step else []
        if np.array_equal(affine, place):
            return f"{view.array}[{' + '.join(terms) or '0'}]"
        key = b"i" + str(place.shape).encode() + place.astype(np.int64).tobytes()
        if key not in self._tables:
            numbers = ", ".join(str(int(p)) for p in place.ravel())
            self._tables[key] = f"static const int c{len(self._tables)}[] = {{{numbers}}};"
        table = self._tables[key].split("[")[0].split()[-1]
        flat = View(table, np.arange(place.size).reshape(place.shape))
        return f"{view.array}[{self._at(flat, indices)}]"


def _number(value: Any) -> str:
    value = float(value)
    if np.isfinite(value):
        return repr(value)
    return "NAN" if np.isnan(value) else ("INFINITY" if value > 0 else "-INFINITY")
