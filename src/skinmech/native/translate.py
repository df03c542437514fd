"""The jaxpr of a function of arrays as C, so that it runs without a dispatcher of operations.

Shapes are static and small, which keeps this short. Every value is one of three things: a constant
(folded here), a view (a C array and, for each element, its place in it), or an elementwise
expression of such. Slices, reshapes, transposes, broadcasts and gathers with known indices are
views and cost nothing. An expression read once is written where it is read; one read more often
becomes a statement. Statements of one shape that read each other element by element share a loop.

Inputs come in stages: what depends on the inputs of the first stages alone (parameters, say) is
computed by functions of its own, once, and kept in a buffer for the later ones.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
from jax.extend.core import Literal

from .emit import Group, Program, Statement
from .values import (
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

Stage = Sequence[tuple[str, Any]]
"""Inputs of one stage: name in C, and an array (or anything with its shape) each."""


def translate_stages(f: Callable[..., Any], stages: Sequence[Stage], name: str) -> Program:
    """C functions, one a stage, that together compute `f`.

    Args:
        f: Takes one array for each input, in order; returns one array. Whatever else it reads is
            folded in as constants.
        stages: The inputs, in the order in which they become known.
        name: First part of the C functions' names.

    Returns:
        The program; see `Program.text` for the functions' signatures.

    Raises:
        UnsupportedPrimitive: a primitive without a rule.
    """
    inputs = [(key, np.shape(value), k) for k, one in enumerate(stages) for key, value in one]
    shapes = [jax.ShapeDtypeStruct(shape, float) for _, shape, _ in inputs]
    closed = jax.make_jaxpr(lambda *given: jax.numpy.ravel(f(*given)))(*shapes)
    writer = _Writer({key: k for key, _, k in inputs}, len(stages))
    views = [View(key, np.arange(_size(shape)).reshape(shape)) for key, shape, _ in inputs]
    (out,) = writer.inline(closed.jaxpr, closed.consts, views)
    writer.put(View("out", np.arange(shape_of(out)[0])), out)
    return writer.program(name, stages)


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
    writer = _Writer({"t": 0, "y": 0}, 1)
    (out,) = writer.inline(
        closed.jaxpr, closed.consts, [View("t", np.asarray(0)), View("y", place)]
    )
    writer.put(View("out", np.arange(order.size)), taken(out, order))
    text = writer.program(f"{name}_of", [[("t", 0.0), ("y", order)]]).text()
    return "\n".join([
        text,
        f"void {name}(double t_, const double *y, double *ydot, const double *par) {{",
        f"  const double t[1] = {{t_}}; (void)par; {name}_of_0(t, y, 0, ydot);",
        "}",
        "",
    ])  # fmt: skip


def _is_zero(value: Value) -> bool:
    return isinstance(value, np.ndarray) and not value.any()


def _without_zeros(name: str, operands: list[Value], shape: tuple[int, ...]) -> Value | None:
    """What an operation on a constant of zeros comes to, or None where it stays an operation."""
    zero = [_is_zero(v) for v in operands]
    if not any(zero):
        return None
    if name in ("mul", "dot_general") or (name == "div" and zero[0]):
        return np.zeros(shape)
    if name in ("add", "add_any") or (name == "sub" and zero[1]):
        other = operands[0] if zero[1] else operands[1]
        place = np.arange(_size(shape_of(other))).reshape(shape_of(other))
        return other if shape_of(other) == shape else taken(other, np.broadcast_to(place, shape))
    if name == "sub":
        return elementwise("(-{})", [operands[1]], shape)
    if name == "select_n" and all(zero[1:]):
        return np.zeros(shape)
    return None


def _pieces(params: Any, value: Value) -> list[Value]:
    place = np.arange(_size(shape_of(value))).reshape(shape_of(value))
    cuts = np.cumsum(params["sizes"])[:-1]
    return [taken(value, part) for part in np.split(place, cuts, axis=params["axis"])]


def _size(shape: Sequence[int]) -> int:
    return int(np.prod(shape, dtype=int))


class _Writer:
    """Walks a jaxpr, collecting statements."""

    def __init__(self, stages: dict[str, int], num_stages: int):
        self.groups: list[Group] = []
        self.sizes: dict[str, int] = {}
        self.made_in: dict[str, int] = {}
        self.zeros: dict[str, np.ndarray] = {}
        self.stages = {**stages, "out": num_stages - 1}

    def program(self, name: str, stages: Sequence[Stage]) -> Program:
        """Everything collected."""
        inputs = [[(key, _size(np.shape(value))) for key, value in stage] for stage in stages]
        self._drop_unread()
        return Program(name, inputs, self.groups, self.sizes)

    def _drop_unread(self) -> None:
        """Leave out statements whose results nothing reads."""
        read = {array: np.zeros(size, bool) for array, size in self.sizes.items()}
        for group in reversed(self.groups):
            kept = []
            for s in reversed(group.statements):
                target = read.get(s.target.array)
                if target is None or np.any(target[s.target.place]):
                    kept.append(s)
                    for leaf in leaves(s.value):
                        if leaf.array in read:
                            read[leaf.array][leaf.place] = True
            group.statements = kept[::-1]
        self.groups = [group for group in self.groups if group.statements]

    def inline(self, jaxpr: Any, consts: Any, inputs: Sequence[Value]) -> list[Value]:
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
                known[v] = self._shared(self._cleared(value), uses[v])
        return [read(v) for v in jaxpr.outvars]

    def _cleared(self, value: Value) -> Value:
        """Zeros as a constant, where all elements read are known to be zero."""
        if isinstance(value, View) and value.array in self.zeros:
            if np.all(self.zeros[value.array][value.place]):
                return np.zeros(value.place.shape)
        return value

    def _stage(self, value: Value) -> int:
        return max((self.stages[leaf.array] for leaf in leaves(value)), default=0)

    def _shared(self, value: Value, num_uses: int) -> Value:
        """An expression read more than once, computed once."""
        return self.stored(value) if isinstance(value, Expression) and num_uses > 1 else value

    def stored(self, value: Value, **reduction: Any) -> View:
        """A new C array holding a value; its view."""
        shape = shape_of(value)
        if reduction and not reduction.get("is_running"):
            shape = shape[:-1]
        array = f"v{len(self.sizes)}"
        self.sizes[array] = _size(shape)
        view = View(array, np.arange(self.sizes[array]).reshape(shape))
        self.put(view, value, **reduction)
        return view

    def put(self, target: View, value: Value, **reduction: Any) -> None:
        """Schedule a statement in the earliest loop of its shape that comes after what it reads."""
        if not target.place.size:
            return
        stage = self._stage(value)
        if target.array == "out":
            stage = self.stages["out"]
        statement = Statement(target, value, stage, **reduction)
        self.stages[target.array] = max(stage, self.stages.get(target.array, 0))
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
                and group.stage == stage
                and group.shape == shape
                and any(
                    s.target.array == leaf.array and np.array_equal(s.target.place, leaf.place)
                    for s in group.statements
                )
            )
            earliest = max(earliest, made if is_same else made + 1)
        k = len(self.groups)
        if can_join:
            for at in range(earliest, len(self.groups)):
                group = self.groups[at]
                if group.is_open and group.shape == shape and group.stage == stage:
                    group.statements.append(statement)
                    k = at
                    break
        if k == len(self.groups):
            self.groups.append(Group(shape, stage, [statement], is_open=can_join))
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
        short = _without_zeros(name, operands, shape)
        if short is not None:
            return [short]
        operands = self._early(operands)
        if name == "convert_element_type":
            if np.issubdtype(params["new_dtype"], np.floating):
                return [elementwise("((double){})", operands, shape)]
            if params["new_dtype"] == np.bool_:
                return [elementwise("({} != 0)", operands, shape)]
        if name in UNARY or name in BINARY:
            template = (UNARY.get(name) or BINARY[name])[0]
            operands = [
                # A lone number beside an array: computed before the loop, not in every turn.
                self.stored(v) if isinstance(v, Expression) and v.shape != shape else v
                for v in operands
            ]
            return [elementwise(template, operands, shape)]
        if name == "integer_pow":
            return [elementwise(f"power({{}}, {params['y']})", operands, shape)]
        if name == "select_n" and len(operands) == 3:
            which, no, yes = operands
            return [elementwise("({} ? {} : {})", [which, yes, no], shape)]
        if name == "clamp":
            return [elementwise("smaller(larger({1}, {0}), {2})", operands, shape)]
        if name in ("concatenate", "stack"):
            return [self._joined(name, params, operands, shape)]
        if name in REDUCTIONS:
            return [self._reduced(name, params["axes"], operands[0])]
        if name == "cumsum":
            return [self._running(params, operands[0])]
        if name == "split":
            return _pieces(params, operands[0])
        if name == "dot_general":
            return [self._product(params, operands, shape)]
        place = places(eqn, operands)
        if place is None:
            raise UnsupportedPrimitive(
                f"Unable to write primitive '{name}' as C: expected one of "
                f"{', '.join(sorted([*UNARY, *BINARY, *REDUCTIONS, *ALIASES]))}, "
                "integer_pow, select_n, clamp, convert_element_type (to float), "
                "concatenate, stack, split, cumsum, dot_general, or a view "
                f"with constant indices. Add a rule to {__name__}. Found: {str(eqn)[:300]}"
            )
        source = operands[0]
        if isinstance(source, Expression) and place.size > _size(source.shape):
            source = self.stored(source)  # spread out, it would be computed many times over
        return [taken(source, place)]

    def _early(self, operands: list[Value]) -> list[Value]:
        """Operands, with what an earlier stage can compute taken out of a later one."""
        stages = [self._stage(value) for value in operands]
        return [
            self.stored(v) if isinstance(v, Expression) and stage < max(stages) else v
            for v, stage in zip(operands, stages, strict=True)
        ]

    def _joined(self, name: str, params: Any, pieces: list[Value], shape: Any) -> View:
        axis = params.get("dimension", params.get("axis"))
        array = f"v{len(self.sizes)}"
        self.sizes[array] = _size(shape)
        whole = np.moveaxis(np.arange(self.sizes[array]).reshape(shape), axis, 0)
        start = 0
        for piece in pieces:
            count = 1 if name == "stack" else shape_of(piece)[axis]
            rows = whole[start] if name == "stack" else whole[start : start + count]
            rows = rows if name == "stack" else np.moveaxis(rows, 0, axis)
            self.put(View(array, rows), piece)
            if _is_zero(piece):
                mask = self.zeros.setdefault(array, np.zeros(self.sizes[array], bool))
                mask[rows] = True
            start += count
        return View(array, np.moveaxis(whole, 0, axis))

    def _reduced(self, name: str, axes: tuple[int, ...], operand: Value) -> View:
        shape = shape_of(operand)
        kept = [k for k in range(len(shape)) if k not in axes]
        place = np.arange(_size(shape)).reshape(shape)
        place = place.transpose(*kept, *axes).reshape([shape[k] for k in kept] + [-1])
        return self.stored(taken(operand, place), reduction=REDUCTIONS[name][:2])

    def _running(self, params: Any, operand: Value) -> View:
        rows = moved_last(operand, params["axis"])
        place = np.arange(_size(shape_of(rows))).reshape(shape_of(rows))
        if params["reverse"]:
            rows = taken(rows, place[..., ::-1])
        sums = self.stored(rows, reduction=REDUCTIONS["reduce_sum"][:2], is_running=True)
        found = sums.place[..., ::-1] if params["reverse"] else sums.place
        return View(sums.array, np.moveaxis(found, -1, params["axis"]))

    def _product(self, params: Any, operands: list[Value], shape: Any) -> View:
        (left, right), (left_batch, right_batch) = params["dimension_numbers"]
        sides = []
        for value, summed, batch in (
            (operands[0], left, left_batch),
            (operands[1], right, right_batch),
        ):
            own = shape_of(value)
            free = [k for k in range(len(own)) if k not in summed and k not in batch]
            place = np.arange(_size(own)).reshape(own)
            place = place.transpose(*batch, *free, *summed)
            sides.append(
                place.reshape([own[k] for k in batch] + [-1, _size([own[k] for k in summed])])
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
