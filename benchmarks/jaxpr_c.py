"""The jaxpr of a tendency as one C function, so that a C integrator can be given the same model.

Shapes are static and small, which keeps this short. Every value is one of three things: a constant
(folded here), a view (a C array and, for each element, its place in it), or an elementwise
expression of such. Slices, reshapes, transposes, broadcasts and gathers with known indices are
views and cost nothing. An expression read once is written where it is read; one read more often
becomes a statement. Statements of one shape that read each other element by element share a loop.
"""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np
from jax.extend.core import Literal

from .jaxpr_values import (
    ALIASES,
    BINARY,
    REDUCTIONS,
    UNARY,
    Expression,
    UnsupportedPrimitive,
    Value,
    View,
    elementwise,
    folded,
    leaves,
    moved_last,
    places,
    shape_of,
    taken,
)

FAST_MATH = (
    "-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-ffinite-math-only",
    "-fno-signed-zeros", "-fassociative-math", "-freciprocal-math",
)  # fmt: skip
"""Flags for gcc: -ffast-math but for its start-up code, which would set the processor of the whole
process to flush subnormal numbers when the library is loaded."""

_HEAD = """#include <math.h>
static inline double larger(double a, double b) { return a > b ? a : b; }
static inline double smaller(double a, double b) { return a < b ? a : b; }
static inline double square(double a) { return a * a; }
static inline double sign(double a) { return (a > 0.0) - (a < 0.0); }
"""


@dataclasses.dataclass
class _Statement:
    target: View
    value: Value
    reduction: tuple[str, str] | None = None  # start and update; the last axis is reduced
    is_running: bool = False  # keep the partial results too


@dataclasses.dataclass
class _Group:
    """Statements that share one loop."""

    shape: tuple[int, ...]
    statements: list[_Statement]
    is_open: bool = True


def translate(
    f: Callable[[Any, Any], Any],
    y: Any,
    *,
    order: np.ndarray | None = None,
    name: str = "RHS",
) -> str:
    """C text of `void NAME(double t, const double *y, double *ydot, const double *par)`.

    Args:
        f: `f(t, y)`; whatever else it reads is folded in as constants, and `par` is not read.
        y: A state, for its shape (one axis).
        order: The states the C function has, as places in `y`, in its own order. States left out
            must be read by nothing; their tendency is dropped. Default: all.
        name: Name of the function.

    Raises:
        UnsupportedPrimitive: a primitive without a rule, or a state left out that is read.
    """
    size = int(np.shape(y)[0])
    order = np.arange(size) if order is None else np.asarray(order)
    closed = jax.make_jaxpr(f)(0.0, y)
    place = np.full(size, -1)
    place[order] = np.arange(order.size)
    writer = _Writer()
    (out,) = writer.inline(
        closed.jaxpr, closed.consts, [View("t", np.asarray(0)), View("y", place)]
    )
    writer.put(View("ydot", np.arange(order.size)), taken(out, order))
    return writer.text(name)


class _Writer:
    """Walks a jaxpr, collecting statements."""

    def __init__(self):
        self.groups: list[_Group] = []
        self.sizes: dict[str, int] = {}
        self.made_in: dict[str, int] = {}
        self.tables: dict[bytes, str] = {}

    def inline(self, jaxpr: Any, consts: Any, inputs: list[Value]) -> list[Value]:
        """Values of a jaxpr's outputs."""
        known: dict[Any, Value] = dict(zip(jaxpr.constvars, map(np.asarray, consts), strict=True))
        uses = Counter(v for eqn in jaxpr.eqns for v in eqn.invars if not isinstance(v, Literal))
        uses.update(v for v in jaxpr.outvars if not isinstance(v, Literal))

        for v, value in zip(jaxpr.invars, inputs, strict=True):
            known[v] = self._shared(value, uses[v])

        def read(v: Any) -> Value:
            return np.asarray(v.val) if isinstance(v, Literal) else known[v]

        for eqn in jaxpr.eqns:
            operands = [read(v) for v in eqn.invars]
            for v, value in zip(eqn.outvars, self._apply(eqn, operands), strict=True):
                known[v] = self._shared(value, uses[v])
        return [read(v) for v in jaxpr.outvars]

    def _shared(self, value: Value, num_uses: int) -> Value:
        """An expression read more than once, computed once."""
        return self.stored(value) if isinstance(value, Expression) and num_uses > 1 else value

    def stored(self, value: Value, **reduction: Any) -> View:
        """A new C array holding a value; its view."""
        shape = shape_of(value)
        if reduction and not reduction.get("is_running"):
            shape = shape[:-1]
        array = f"v{len(self.sizes)}"
        self.sizes[array] = int(np.prod(shape, dtype=int))
        view = View(array, np.arange(self.sizes[array]).reshape(shape))
        self.put(view, value, **reduction)
        return view

    def put(self, target: View, value: Value, **reduction: Any) -> None:
        """Schedule a statement in the earliest loop of its shape that comes after what it reads."""
        statement = _Statement(target, value, **reduction)
        shape = target.place.shape[:-1] if statement.is_running else target.place.shape
        earliest, can_join = 0, not reduction
        for leaf in leaves(value):
            made = self.made_in.get(leaf.array, -1)
            if made < 0:
                continue
            group = self.groups[made]
            is_same = (
                can_join
                and group.is_open
                and group.shape == shape
                and any(
                    s.target.array == leaf.array and np.array_equal(s.target.place, leaf.place)
                    for s in group.statements
                )
            )
            earliest = max(earliest, made if is_same else made + 1)
        if can_join:
            for k in range(earliest, len(self.groups)):
                if self.groups[k].is_open and self.groups[k].shape == shape:
                    self.groups[k].statements.append(statement)
                    break
            else:
                k = len(self.groups)
                self.groups.append(_Group(shape, [statement]))
        else:
            k = len(self.groups)
            self.groups.append(_Group(shape, [statement], is_open=False))
        self.made_in[target.array] = max(k, self.made_in.get(target.array, -1))

    def _apply(self, eqn: Any, operands: list[Value]) -> list[Value]:
        name, params = eqn.primitive.name, eqn.params
        shape = tuple(eqn.outvars[0].aval.shape)
        inner = params.get("jaxpr", params.get("call_jaxpr", params.get("fun_jaxpr")))
        if inner is not None and hasattr(inner, "eqns") and name != "scan" and name != "while":
            if hasattr(inner, "consts"):
                return self.inline(inner.jaxpr, inner.consts, operands)
            return self.inline(inner, (), operands)
        if all(isinstance(value, np.ndarray) for value in operands):
            return [folded(eqn, operands)]
        if name in ALIASES:
            return [operands[0]]
        if name == "convert_element_type" and np.issubdtype(params["new_dtype"], np.floating):
            return [elementwise("((double){})", operands, shape)]
        if name in UNARY or name in BINARY:
            template = (UNARY.get(name) or BINARY[name])[0]
            operands = [
                # A lone number beside an array: computed before the loop, not in every turn.
                self.stored(v) if isinstance(v, Expression) and v.shape != shape else v
                for v in operands
            ]
            return [elementwise(template, operands, shape)]
        if name == "integer_pow":
            return [elementwise(f"__builtin_powi({{}}, {params['y']})", operands, shape)]
        if name == "select_n" and len(operands) == 3:
            which, no, yes = operands
            return [elementwise("({} ? {} : {})", [which, yes, no], shape)]
        if name == "clamp":
            return [elementwise("smaller(larger({1}, {0}), {2})", operands, shape)]
        if name in ("concatenate", "stack"):
            return [self._joined(name, params, operands, shape)]
        if name in REDUCTIONS:
            return [self._reduced(name, params["axes"], operands[0])]
        if name == "cumsum" and not params["reverse"]:
            rows = moved_last(operands[0], params["axis"])
            sums = self.stored(rows, reduction=REDUCTIONS["reduce_sum"][:2], is_running=True)
            return [View(sums.array, np.moveaxis(sums.place, -1, params["axis"]))]
        if name == "dot_general":
            return [self._product(params, operands, shape)]
        place = places(eqn, operands)
        if place is None:
            raise UnsupportedPrimitive(
                f"Unable to write primitive '{name}' as C: expected one of "
                f"{', '.join(sorted([*UNARY, *BINARY, *REDUCTIONS, *ALIASES]))}, "
                "integer_pow, select_n, clamp, convert_element_type (to float), "
                "concatenate, stack, cumsum, dot_general, or a view "
                f"with constant indices. Add a rule to {__name__}. Found: {eqn}"
            )
        source = operands[0]
        if isinstance(source, Expression) and place.size > np.prod(source.shape, dtype=int):
            source = self.stored(source)  # spread out, it would be computed many times over
        return [taken(source, place)]

    def _joined(self, name: str, params: Any, pieces: list[Value], shape: Any) -> View:
        axis = params.get("dimension", params.get("axis"))
        array = f"v{len(self.sizes)}"
        self.sizes[array] = int(np.prod(shape, dtype=int))
        whole = np.moveaxis(np.arange(self.sizes[array]).reshape(shape), axis, 0)
        start = 0
        for piece in pieces:
            count = 1 if name == "stack" else shape_of(piece)[axis]
            rows = whole[start] if name == "stack" else whole[start : start + count]
            rows = rows if name == "stack" else np.moveaxis(rows, 0, axis)
            self.put(View(array, rows), piece)
            start += count
        return View(array, np.moveaxis(whole, 0, axis))

    def _reduced(self, name: str, axes: tuple[int, ...], operand: Value) -> View:
        shape = shape_of(operand)
        kept = [k for k in range(len(shape)) if k not in axes]
        place = np.arange(int(np.prod(shape, dtype=int))).reshape(shape)
        place = place.transpose(*kept, *axes).reshape([shape[k] for k in kept] + [-1])
        return self.stored(taken(operand, place), reduction=REDUCTIONS[name][:2])

    def _product(self, params: Any, operands: list[Value], shape: Any) -> View:
        (left, right), (left_batch, right_batch) = params["dimension_numbers"]
        sides = []
        for value, summed, batch in (
            (operands[0], left, left_batch),
            (operands[1], right, right_batch),
        ):
            own = shape_of(value)
            free = [k for k in range(len(own)) if k not in summed and k not in batch]
            place = np.arange(int(np.prod(own, dtype=int))).reshape(own)
            place = place.transpose(*batch, *free, *summed)
            sides.append(
                place.reshape(
                    [own[k] for k in batch] + [-1, int(np.prod([own[k] for k in summed]))]
                )
            )
        a, b = sides[0][..., :, None, :], sides[1][..., None, :, :]
        a, b = np.broadcast_arrays(a, b)
        flat = (*shape, a.shape[-1])
        terms = [
            taken(self.stored(v) if isinstance(v, Expression) else v, p.reshape(flat))
            for v, p in zip(operands, (a, b), strict=True)
        ]
        product = elementwise("({} * {})", terms, flat)
        return self.stored(product, reduction=REDUCTIONS["reduce_sum"][:2])

    def text(self, name: str) -> str:
        """Everything collected, as a C source file."""
        body = [line for number, group in enumerate(self.groups) for line in self._loop(number)]
        kept = [f"  double {v}[{n}];" for v, n in self.sizes.items() if v not in self._inner()]
        head = [_HEAD, *self.tables.values()]
        head += [f"void {name}(double t_, const double *restrict y, double *restrict ydot,"]
        head += ["    const double *par) {", "  const double t[1] = {t_}; (void)t; (void)par;"]
        return "\n".join([*head, *kept, *body, "}", ""])

    def _inner(self) -> set[str]:
        """Arrays that live inside one loop only, element by element: plain numbers there."""
        if not hasattr(self, "_numbers"):
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
                    if s.reduction is not None or not is_all or s.target.array == "ydot":
                        lost.add(s.target.array)
                    whole[s.target.array] = number, s.target.place
            self._numbers = set(whole) - lost
        return self._numbers

    def _loop(self, number: int) -> Iterator[str]:
        group, inner = self.groups[number], self._inner()
        indices = "ijklm"[: len(group.shape)]
        pad = "  " * (1 + len(group.shape))
        for depth, (i, n) in enumerate(zip(indices, group.shape, strict=True)):
            yield f"{'  ' * (1 + depth)}for (int {i} = 0; {i} < {n}; {i}++) {{"
        for s in group.statements:
            if s.reduction is None:
                target = self._at(s.target, indices)
                if s.target.array in inner:
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
            if key not in self.tables:
                numbers = ", ".join(_number(v) for v in value.ravel())
                self.tables[key] = f"static const double c{len(self.tables)}[] = {{{numbers}}};"
            array = self.tables[key].split("[")[0].split()[-1]
            return self._at(View(array, np.arange(value.size).reshape(value.shape)), indices)
        if isinstance(value, View):
            if value.array in self._inner():
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
        if key not in self.tables:
            numbers = ", ".join(str(int(p)) for p in place.ravel())
            self.tables[key] = f"static const short c{len(self.tables)}[] = {{{numbers}}};"
        table = self.tables[key].split("[")[0].split()[-1]
        flat = View(table, np.arange(place.size).reshape(place.shape))
        return f"{view.array}[{self._at(flat, indices)}]"


def _number(value: Any) -> str:
    value = float(value)
    if np.isfinite(value):
        return repr(value)
    return "NAN" if np.isnan(value) else ("INFINITY" if value > 0 else "-INFINITY")
