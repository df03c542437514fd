"""The jaxpr of a function as scalar expressions, element by element.

Every array becomes an array of expressions. Slices, reshapes, transposes, broadcasts and gathers
with known indices are found by running the primitive on the places of its operand; what depends on
constants alone is computed. A value read more than once becomes a definition with a name, so that
the size of the result is that of the program.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np
from jax.extend.core import Literal

from .errors import UnsupportedError
from .expression import Expr, call, number

_ONE = number(1.0)
_UNARY: dict[str, Callable[[Expr], Expr]] = {
    "neg": lambda a: call("negate", a),
    "exp": lambda a: call("exp", a),
    "log": lambda a: call("ln", a),
    "log1p": lambda a: call("ln", call("add", _ONE, a)),
    "expm1": lambda a: call("subtract", call("exp", a), _ONE),
    "tanh": lambda a: call("tanh", a),
    "sqrt": lambda a: call("power", a, number(0.5)),
    "rsqrt": lambda a: call("power", a, number(-0.5)),
    "square": lambda a: call("power", a, number(2.0)),
    "abs": lambda a: call("abs", a),
    "sin": lambda a: call("sin", a),
    "cos": lambda a: call("cos", a),
    "not": lambda a: call("not", a),
    "logistic": lambda a: call("divide", _ONE, call("add", _ONE, call("exp", call("negate", a)))),
    "sign": lambda a: call("piecewise", _ONE, call("gt", a, number(0.0)), number(-1.0),
                           call("lt", a, number(0.0)), number(0.0)),
}  # fmt: skip
_BINARY = {
    "add": "add", "add_any": "add", "sub": "subtract", "mul": "multiply", "div": "divide",
    "pow": "power", "max": "max", "min": "min", "lt": "lt", "le": "leq", "gt": "gt", "ge": "geq",
    "eq": "eq", "ne": "neq", "and": "and", "or": "or",
}  # fmt: skip
_SAME = ("copy", "copy_p", "stop_gradient", "convert_element_type", "reduce_precision",
         "optimization_barrier")  # fmt: skip
_PLACED = ("slice", "reshape", "transpose", "broadcast_in_dim", "squeeze", "rev", "gather",
           "dynamic_slice", "expand_dims", "split")  # fmt: skip
_REDUCED = {
    "reduce_sum": "add",
    "reduce_max": "max",
    "reduce_min": "min",
    "reduce_prod": "multiply",
}
_LEAVES = ("number", "symbol", "time", "bool")


class Walker:
    """Turns jaxprs into expressions.

    Attributes:
        definitions: Shared expressions by name, each after those it reads.
    """

    def __init__(self, prefix: str = "v"):
        self.definitions: dict[str, Expr] = {}
        self._prefix = prefix

    def trace(
        self, f: Callable[..., Any], inputs: Mapping[str, np.ndarray], like: Mapping[str, Any]
    ) -> list[np.ndarray]:
        """Expressions of the outputs of `f(**inputs)`.

        Args:
            f: A function of arrays, by keyword.
            inputs: Expressions of the arguments, object arrays.
            like: Arrays of the same shapes, to trace with.

        Raises:
            UnsupportedError: a primitive without a rule; every one is named.
        """
        closed = jax.make_jaxpr(lambda given: f(**given))(dict(like))
        leaves = [inputs[name] for name in sorted(inputs)]
        missing = sorted(self._missing(closed.jaxpr))
        if missing:
            raise UnsupportedError(
                "The model uses operations that cannot be written as formulas: "
                f"{', '.join(missing)}. Loops and switches of programs have no counterpart."
            )
        return self._inline(closed.jaxpr, closed.consts, leaves)

    def _missing(self, jaxpr: Any) -> set[str]:
        known = {*_UNARY, *_BINARY, *_SAME, *_PLACED, *_REDUCED, "integer_pow", "select_n",
                 "clamp", "concatenate", "dot_general", "iota", "cumsum", "stack"}  # fmt: skip
        found: set[str] = set()
        for eqn in jaxpr.eqns:
            inner = _inner(eqn)
            if inner is not None:
                found |= self._missing(inner[0])
            elif eqn.primitive.name not in known:
                found.add(eqn.primitive.name)
        return found

    def _inline(self, jaxpr: Any, consts: Any, inputs: list[Any]) -> list[Any]:
        known: dict[Any, Any] = dict(zip(jaxpr.constvars, map(np.asarray, consts), strict=True))
        known |= dict(zip(jaxpr.invars, inputs, strict=True))
        uses = Counter(v for eqn in jaxpr.eqns for v in eqn.invars if not isinstance(v, Literal))
        uses.update(v for v in jaxpr.outvars if not isinstance(v, Literal))

        def read(v: Any) -> Any:
            return np.asarray(v.val) if isinstance(v, Literal) else known[v]

        for eqn in jaxpr.eqns:
            out = self._apply(eqn, [read(v) for v in eqn.invars])
            for v, value in zip(eqn.outvars, out, strict=True):
                known[v] = self._shared(value) if uses[v] > 1 else value
        return [read(v) for v in jaxpr.outvars]

    def _shared(self, value: Any) -> Any:
        if value.dtype != object:
            return value
        out = np.empty(value.shape, object)
        for at in np.ndindex(value.shape):
            out[at] = self._named(value[at])
        return out

    def _named(self, expr: Any) -> Any:
        # A truth value has no name in SBML Level 3: it is repeated where it is read.
        if expr.op in _LEAVES or _is_truth(expr):
            return expr
        name = f"{self._prefix}{len(self.definitions)}"
        self.definitions[name] = expr
        return Expr("symbol", value=name)

    def _apply(self, eqn: Any, operands: list[Any]) -> list[Any]:
        name, params = eqn.primitive.name, eqn.params
        inner = _inner(eqn)
        if inner is not None:
            return self._inline(inner[0], inner[1], operands)
        if all(one.dtype != object for one in operands):
            out = eqn.primitive.bind(*operands, **params)
            return [np.asarray(x) for x in out] if eqn.primitive.multiple_results else [
                np.asarray(out)]  # fmt: skip
        if name in _SAME:
            return operands if eqn.primitive.multiple_results else [operands[0]]
        if name in _PLACED:
            source = _objects(operands[0])
            places = np.arange(source.size).reshape(source.shape)
            found = eqn.primitive.bind(places, *operands[1:], **params)
            found = found if eqn.primitive.multiple_results else [found]
            return [_taken(source, np.asarray(one)) for one in found]
        objects = [_objects(one) for one in operands]
        shape = tuple(eqn.outvars[0].aval.shape)
        if name in _UNARY:
            return [_each(_UNARY[name], shape, objects[0])]
        if name in _BINARY:
            return [_each(lambda a, b: _simple(_BINARY[name], a, b), shape, *objects)]
        if name == "integer_pow":
            exponent = number(float(params["y"]))
            return [_each(lambda a: call("power", a, exponent), shape, objects[0])]
        if name == "select_n":
            return [_each(_select, shape, *objects)]
        if name == "clamp":
            low, x, high = objects
            return [_each(lambda a, b, c: call("min", call("max", b, a), c), shape, low, x, high)]
        if name in ("concatenate", "stack"):
            axis = params.get("dimension", params.get("axis", 0))
            join = np.concatenate if name == "concatenate" else np.stack
            return [join(objects, axis)]
        if name == "cumsum":
            return [_running(objects[0], params["axis"], params["reverse"])]
        if name == "dot_general":
            return [_product(params, *objects).reshape(shape)]
        return [_reduced(_REDUCED[name], objects[0], tuple(params["axes"])).reshape(shape)]


def _inner(eqn: Any) -> Any:
    inner = eqn.params.get("jaxpr", eqn.params.get("call_jaxpr", eqn.params.get("fun_jaxpr")))
    if inner is None or eqn.primitive.name in ("scan", "while", "cond"):
        return None
    return (inner.jaxpr, inner.consts) if hasattr(inner, "consts") else (inner, ())


def _objects(value: Any) -> np.ndarray:
    if value.dtype == object:
        return value
    out = np.empty(value.shape, object)
    for at in np.ndindex(value.shape):
        one = value[at]
        out[at] = Expr("bool", value=bool(one)) if value.dtype == bool else number(float(one))
    return out


def _taken(source: np.ndarray, places: np.ndarray) -> np.ndarray:
    out = np.empty(places.shape, object)
    out[...] = source.ravel()[places]
    return out


def _each(rule: Callable[..., Expr], shape: tuple[int, ...], *operands: np.ndarray) -> np.ndarray:
    out = np.empty(shape, object)
    spread = [np.broadcast_to(one, shape) for one in operands]
    for at in np.ndindex(shape):
        out[at] = rule(*(one[at] for one in spread))
    return out


def _is_truth(expr: Expr) -> bool:
    return expr.op in ("lt", "leq", "gt", "geq", "eq", "neq", "and", "or", "not", "bool")


def _simple(op: str, a: Expr, b: Expr) -> Expr:
    """An operation, less what adding zero or multiplying by zero or one leaves out."""
    zero_a, zero_b = (one.op == "number" and one.value == 0.0 for one in (a, b))
    if op == "add" and (zero_a or zero_b):
        return b if zero_a else a
    if op == "subtract" and zero_b:
        return a
    if op == "multiply":
        if zero_a or zero_b:
            return number(0.0)
        if a == _ONE or b == _ONE:
            return b if a == _ONE else a
    if op == "divide" and b == _ONE:
        return a
    return call(op, a, b)


def _select(which: Expr, no: Expr, yes: Expr) -> Expr:
    if which.op == "bool":
        return yes if which.value else no
    return yes if yes == no else call("piecewise", yes, which, no)


def _sum(terms: Any, op: str = "add") -> Expr:
    total = terms[0]
    for one in terms[1:]:
        total = _simple(op, total, one) if op in ("add", "multiply") else call(op, total, one)
    return total


def _reduced(op: str, value: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    kept = [k for k in range(value.ndim) if k not in axes]
    rows = value.transpose(*kept, *axes).reshape([value.shape[k] for k in kept] + [-1])
    out = np.empty(rows.shape[:-1], object)
    for at in np.ndindex(out.shape):
        out[at] = _sum(list(rows[at]), op)
    return out


def _running(value: np.ndarray, axis: int, reverse: bool) -> np.ndarray:
    rows = np.moveaxis(value, axis, -1)
    rows = rows[..., ::-1] if reverse else rows
    out = np.empty(rows.shape, object)
    for at in np.ndindex(rows.shape):
        out[at] = _sum([*([out[(*at[:-1], at[-1] - 1)]] if at[-1] else []), rows[at]])
    return np.moveaxis(out[..., ::-1] if reverse else out, -1, axis)


def _product(params: Any, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    (left, right), (left_batch, right_batch) = params["dimension_numbers"]
    sides = []
    for value, summed, batch in ((a, left, left_batch), (b, right, right_batch)):
        free = [k for k in range(value.ndim) if k not in summed and k not in batch]
        rows = value.transpose(*batch, *free, *summed)
        width = int(np.prod([value.shape[k] for k in summed], dtype=int))
        sides.append(rows.reshape([*(value.shape[k] for k in batch), -1, width]))
    x, y = np.broadcast_arrays(sides[0][..., :, None, :], sides[1][..., None, :, :])
    out = np.empty(x.shape[:-1], object)
    for at in np.ndindex(out.shape):
        terms = [_simple("multiply", p, q) for p, q in zip(x[at], y[at], strict=True)]
        out[at] = _sum(terms)
    return out
