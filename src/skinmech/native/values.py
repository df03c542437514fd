"""Values of a jaxpr on their way to C: constants, views of C arrays, elementwise expressions."""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np

UNARY: dict[str, tuple[str, Callable[..., Any]]] = {
    "neg": ("(-{})", np.negative),
    "abs": ("fabs({})", np.abs),
    "exp": ("exp({})", np.exp),
    "exp2": ("exp2({})", np.exp2),
    "expm1": ("expm1({})", np.expm1),
    "log": ("log({})", np.log),
    "log1p": ("log1p({})", np.log1p),
    "sqrt": ("sqrt({})", np.sqrt),
    "rsqrt": ("(1.0 / sqrt({}))", lambda x: 1.0 / np.sqrt(x)),
    "tanh": ("tanh({})", np.tanh),
    "logistic": ("(1.0 / (1.0 + exp(-{})))", lambda x: 1.0 / (1.0 + np.exp(-x))),
    "square": ("square({})", np.square),
    "floor": ("floor({})", np.floor),
    "sign": ("sign({})", np.sign),
    "not": ("(!{})", np.logical_not),
    "sin": ("sin({})", np.sin),
    "cos": ("cos({})", np.cos),
    "cbrt": ("cbrt({})", np.cbrt),
    "is_finite": ("isfinite({})", np.isfinite),
}
BINARY: dict[str, tuple[str, Callable[..., Any]]] = {
    "add": ("({} + {})", np.add),
    "add_any": ("({} + {})", np.add),
    "sub": ("({} - {})", np.subtract),
    "mul": ("({} * {})", np.multiply),
    "div": ("({} / {})", np.divide),
    "max": ("larger({}, {})", np.maximum),
    "min": ("smaller({}, {})", np.minimum),
    "pow": ("pow({}, {})", np.power),
    "atan2": ("atan2({}, {})", np.arctan2),
    "lt": ("({} < {})", np.less),
    "le": ("({} <= {})", np.less_equal),
    "gt": ("({} > {})", np.greater),
    "ge": ("({} >= {})", np.greater_equal),
    "eq": ("({} == {})", np.equal),
    "ne": ("({} != {})", np.not_equal),
    "and": ("({} && {})", np.logical_and),
    "or": ("({} || {})", np.logical_or),
}
REDUCTIONS = {
    "reduce_sum": ("0.0", "s + {}", np.sum),
    "reduce_prod": ("1.0", "s * {}", np.prod),
    "reduce_max": ("-INFINITY", "larger(s, {})", np.max),
    "reduce_min": ("INFINITY", "smaller(s, {})", np.min),
}
ALIASES = frozenset({"copy", "stop_gradient"})


class UnsupportedPrimitive(ValueError):
    """The jaxpr holds something this translator does not know."""


@dataclasses.dataclass(frozen=True)
class View:
    """Elements of a C array: `place[...]` says where each one lies."""

    array: str
    place: np.ndarray


@dataclasses.dataclass(frozen=True)
class Expression:
    """An elementwise operation, its operands of the same shape or scalar-like."""

    template: str
    operands: tuple[Any, ...]
    shape: tuple[int, ...]


Value = np.ndarray | View | Expression


def shape_of(value: Value) -> tuple[int, ...]:
    if isinstance(value, View):
        return value.place.shape
    return value.shape


def leaves(value: Value) -> Iterator[View]:
    if isinstance(value, View):
        yield value
    elif isinstance(value, Expression):
        for operand in value.operands:
            yield from leaves(operand)


def taken(value: Value, place: np.ndarray) -> Value:
    """`value.ravel()[place]`, passed on to what the value is made of."""
    if isinstance(value, np.ndarray):
        return np.asarray(value.ravel()[place])
    if isinstance(value, View):
        return View(value.array, value.place.ravel()[place])
    return Expression(value.template, tuple(taken(v, place) for v in value.operands), place.shape)


def moved_last(value: Value, axis: int) -> Value:
    shape = shape_of(value)
    place = np.arange(int(np.prod(shape, dtype=int))).reshape(shape)
    return taken(value, np.moveaxis(place, axis, -1))


def elementwise(template: str, operands: list[Value], shape: tuple[int, ...]) -> Expression:
    """An operation; operands of one element along an axis are repeated along it."""
    spread = []
    for value in operands:
        own = shape_of(value)
        place = np.arange(int(np.prod(own, dtype=int))).reshape(own)
        spread.append(value if own == shape else taken(value, np.broadcast_to(place, shape)))
    return Expression(template, tuple(spread), shape)


def folded(eqn: Any, operands: list[Any]) -> np.ndarray:
    """The value of an equation whose operands are all constants."""
    name = eqn.primitive.name
    if name in UNARY or name in BINARY:
        value = (UNARY.get(name) or BINARY[name])[1](*operands)
        return np.asarray(value, eqn.outvars[0].aval.dtype)
    place = places(eqn, operands) if name in _SHAPES else None
    if place is not None:
        return np.asarray(operands[0].ravel()[place])
    value = eqn.primitive.bind(*(jax.numpy.asarray(v) for v in operands), **eqn.params)
    return np.asarray(value[0] if eqn.primitive.multiple_results else value)


def _broadcast(place: np.ndarray, params: Any) -> np.ndarray:
    shape = [1] * len(params["shape"])
    for size, axis in zip(place.shape, params["broadcast_dimensions"], strict=True):
        shape[axis] = size
    return np.broadcast_to(place.reshape(shape), params["shape"])


def _slice(place: np.ndarray, params: Any) -> np.ndarray:
    steps = params["strides"] or [1] * place.ndim
    starts, stops = params["start_indices"], params["limit_indices"]
    return place[tuple(slice(*s) for s in zip(starts, stops, steps, strict=True))]


_SHAPES: dict[str, Callable[[np.ndarray, Any], np.ndarray]] = {
    "slice": _slice,
    "squeeze": lambda place, params: np.squeeze(place, tuple(params["dimensions"])),
    "expand_dims": lambda place, params: np.expand_dims(place, tuple(params["dimensions"])),
    "reshape": lambda place, params: place.reshape(params["new_sizes"]),
    "broadcast_in_dim": _broadcast,
    "transpose": lambda place, params: place.transpose(params["permutation"]),
    "tile": lambda place, params: np.tile(place, params["reps"]),
    "rev": lambda place, params: np.flip(place, tuple(params["dimensions"])),
}


def places(eqn: Any, operands: list[Value]) -> np.ndarray | None:
    """For an equation that only moves elements: where each comes from in its first operand."""
    name, shape = eqn.primitive.name, shape_of(operands[0])
    place = np.arange(int(np.prod(shape, dtype=int))).reshape(shape)
    if name in _SHAPES:
        return _SHAPES[name](place, eqn.params)
    if name not in ("gather", "dynamic_slice"):
        return None
    indices = operands[1:]
    if not all(isinstance(v, np.ndarray) for v in indices):
        return None
    params = dict(eqn.params)
    if name == "gather":
        params["fill_value"] = -1
    moved = np.asarray(eqn.primitive.bind(jax.numpy.asarray(place), *indices, **params))
    return None if np.any(moved < 0) else moved
