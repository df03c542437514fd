"""Turn expressions into one Python function over vectors.

A model becomes a few functions of straight-line code in which every common subexpression stands
once, so that JAX traces each model once and compiles a program whose size is that of the model.
"""

import dataclasses
import math
import operator
import re
from collections.abc import Callable, Iterator, Sequence

from .errors import InterchangeError
from .expression import LOGIC, RELATIONS, Expr

_NAME = re.compile(r"\bv\d+\b")
_INFIX = {"add": "+", "multiply": "*", "subtract": "-", "divide": "/"}
_RELATION = {"lt": "<", "leq": "<=", "gt": ">", "geq": ">=", "eq": "==", "neq": "!="}
_COMPARE = {"lt": operator.lt, "leq": operator.le, "gt": operator.gt, "geq": operator.ge,
            "eq": operator.eq, "neq": operator.ne}  # fmt: skip
_FOLD = {"add": operator.add, "multiply": operator.mul, "subtract": operator.sub,
         "divide": operator.truediv}  # fmt: skip
_UNARY = (
    "exp ln abs floor ceil sqrt factorial sign sin cos tan sec csc cot sinh cosh tanh sech csch "
    "coth arcsin arccos arctan arcsec arccsc arccot arcsinh arccosh arctanh arcsech arccsch arccoth"
).split()
OPERATIONS = frozenset(
    {*_INFIX, *_UNARY, "power", "root", "log", "min", "max", "negate", "quotient", "remainder"}
)


class CircularError(InterchangeError):
    """Definitions depend on each other in a circle."""


@dataclasses.dataclass(frozen=True)
class Ref:
    """Source text for the value of a symbol, such as `y[3]`."""

    source: str
    is_state: bool = False


@dataclasses.dataclass(frozen=True)
class Value:
    """An emitted value: its source, what it depends on, and its literal value if it has one."""

    source: str
    is_bool: bool = False
    of_time: bool = False
    of_state: bool = False
    literal: float | bool | None = None


@dataclasses.dataclass(frozen=True)
class Leaf:
    """A comparison that can change during a simulation: `gap` crosses zero where it does."""

    truth: Value
    gap: Value


Resolve = Callable[[str], Expr | Ref]


class Emitter:
    """Writes statements; equal subexpressions share one.

    Attributes:
        leaves: Comparisons met so far that depend on time or state.
        jumps: Arguments of rounding functions met so far that depend on time alone.
    """

    def __init__(self, resolve: Resolve, parent: "Emitter | None" = None):
        self._resolve = resolve
        self._symbols: dict[str, Value] = {}
        self._open: list[str] = []
        self._lines: list[str] = parent._lines if parent else []
        self._known: dict[tuple, Value] = parent._known if parent else {}
        self.leaves: dict[str, Leaf] = parent.leaves if parent else {}
        self.jumps: dict[str, Value] = parent.jumps if parent else {}

    def scope(self, resolve: Resolve) -> "Emitter":
        """An emitter into the same text whose names mean something else."""
        return Emitter(resolve, self)

    def number(self, expr: Expr) -> Value:
        """Emit an expression as a number."""
        return self._as_number(self.emit(expr))

    def truth(self, expr: Expr) -> Value:
        """Emit an expression as a truth value."""
        return self._as_truth(self.emit(expr))

    def named(self, name: str) -> Value:
        """The value of a symbol."""
        return self.emit(Expr("symbol", value=name))

    def raw(self, source: str, *of: Value, is_bool: bool = False) -> Value:
        """A statement written by the caller from the sources of values."""
        return self._statement(source, of, is_bool)

    def function(self, name: str, arguments: str, *results: str) -> str:
        """The text of a function with the statements that its results need.

        Args:
            name: Of the function.
            arguments: As they stand between its brackets.
            results: Sources of what it returns.
        """
        needed, kept = set(_NAME.findall(" ".join(results))), []
        for line in reversed(self._lines):
            target, source = line.split(" = ", 1)
            if target in needed:
                kept.append(f"    {line}")
                needed.update(_NAME.findall(source))
        body = "\n".join([*reversed(kept), f"    return {', '.join(results)}"])
        return f"def {name}({arguments}):\n{body}\n"

    def emit(self, expr: Expr) -> Value:
        """Emit an expression as it is."""
        op, args = expr.op, expr.args
        if op == "number":
            return _number(float(expr.value))  # pyright: ignore[reportArgumentType]
        if op == "bool":
            return _truth(bool(expr.value))
        if op == "time":
            return Value("t", of_time=True)
        if op == "symbol":
            return self._symbol(str(expr.value))
        if op == "piecewise":
            return self._piecewise(args)
        if op in RELATIONS:
            return self._relation(op, args)
        if op in LOGIC:
            return self._logic(op, [self.truth(arg) for arg in args])
        if op not in OPERATIONS:
            raise InterchangeError(f"Unrecognized operation '{op}'.")
        return self._arithmetic(op, [self.number(arg) for arg in args])

    def _symbol(self, name: str) -> Value:
        if name in self._symbols:
            return self._symbols[name]
        if name in self._open:
            circle = " -> ".join([*self._open[self._open.index(name) :], name])
            raise CircularError(f"These definitions depend on each other in a circle: {circle}.")
        self._open.append(name)
        found = self._resolve(name)
        if isinstance(found, Ref):
            value = self._statement(found.source, (), False)
            value = dataclasses.replace(value, of_state=found.is_state)
            self._known[(found.source, False)] = value
        else:
            value = self.number(found)
        self._open.pop()
        self._symbols[name] = value
        return value

    def _arithmetic(self, op: str, args: list[Value]) -> Value:
        if op in _INFIX and op in ("add", "multiply"):
            neutral = 0.0 if op == "add" else 1.0
            rest = [arg for arg in args if arg.literal != neutral]
            if not rest:
                return _number(neutral)
            total = rest[0]
            for arg in rest[1:]:
                total = self._infix(op, total, arg)
            return total
        if op in _INFIX:
            return self._infix(op, *args)
        if op == "negate":
            if args[0].literal is not None:
                return _number(-args[0].literal)
            return self._statement(f"-{args[0].source}", args, False)
        if op in ("floor", "ceil") and args[0].of_time and not args[0].of_state:
            self.jumps[args[0].source] = args[0]
        if op in ("quotient", "remainder"):
            return self._division(op, *args)
        inner = ", ".join(arg.source for arg in args)
        return self._statement(f"f_{op}({inner})", args, False)

    def _infix(self, op: str, a: Value, b: Value) -> Value:
        by_zero = op == "divide" and b.literal == 0.0
        if a.literal is not None and b.literal is not None and not by_zero:
            return _number(_FOLD[op](a.literal, b.literal))
        if by_zero:
            return self._statement(f"f_divide({a.source}, {b.source})", (a, b), False)
        return self._statement(f"{a.source} {_INFIX[op]} {b.source}", (a, b), False)

    def _division(self, op: str, a: Value, b: Value) -> Value:
        ratio = self._infix("divide", a, b)
        if ratio.of_time and not ratio.of_state:
            self.jumps[ratio.source] = ratio
        whole = self._statement(f"f_truncate({ratio.source})", (ratio,), False)
        if op == "quotient":
            return whole
        return self._infix("subtract", a, self._infix("multiply", b, whole))

    def _piecewise(self, args: Sequence[Expr]) -> Value:
        """Values and conditions in turn; without `otherwise`, undefined where none holds."""
        has_otherwise = len(args) % 2 == 1
        emitted = [self.emit(value) for value in args[0::2]]
        conditions = [self.truth(condition) for condition in args[1::2]]
        is_bool = all(value.is_bool for value in emitted)
        if not is_bool:
            emitted = [self._as_number(value) for value in emitted]
        if has_otherwise:
            result = emitted.pop()
        else:
            result = _truth(False) if is_bool else _number(math.nan)
        for value, condition in zip(reversed(emitted), reversed(conditions), strict=True):
            if condition.literal is not None:
                result = value if condition.literal else result
                continue
            source = f"f_where({condition.source}, {value.source}, {result.source})"
            result = self._statement(source, (condition, value, result), is_bool)
        return result

    def _relation(self, op: str, args: Sequence[Expr]) -> Value:
        emitted = [self.emit(arg) for arg in args]
        if all(arg.is_bool for arg in emitted) and op in ("eq", "neq"):
            pairs = [self._logic("xor", [a, b]) for a, b in zip(emitted, emitted[1:], strict=False)]
            return self._logic("and", [self._logic("not", [p]) if op == "eq" else p for p in pairs])
        emitted = [self._as_number(arg) for arg in emitted]
        return self._logic(
            "and",
            [self._comparison(op, a, b) for a, b in zip(emitted, emitted[1:], strict=False)],
        )

    def _comparison(self, op: str, a: Value, b: Value) -> Value:
        if a.literal is not None and b.literal is not None:
            return _truth(_COMPARE[op](a.literal, b.literal))
        truth = self._statement(f"{a.source} {_RELATION[op]} {b.source}", (a, b), True)
        if (a.of_time or b.of_time or a.of_state or b.of_state) and truth.source not in self.leaves:
            self.leaves[truth.source] = Leaf(truth, self._infix("subtract", a, b))
        return truth

    def _logic(self, op: str, args: list[Value]) -> Value:
        if op == "not":
            (arg,) = args
            if arg.literal is not None:
                return _truth(not arg.literal)
            return self._statement(f"f_not({arg.source})", args, True)
        if op == "implies":
            return self._logic("or", [self._logic("not", [args[0]]), args[1]])
        if not args:
            return _truth(op == "and")
        total = args[0]
        for arg in args[1:]:
            total = self._statement(f"f_{op}({total.source}, {arg.source})", (total, arg), True)
        return total

    def _as_number(self, value: Value) -> Value:
        if not value.is_bool:
            return value
        if value.literal is not None:
            return _number(float(value.literal))
        return self._statement(f"f_where({value.source}, 1.0, 0.0)", (value,), False)

    def _as_truth(self, value: Value) -> Value:
        if value.is_bool:
            return value
        if value.literal is not None:
            return _truth(value.literal != 0.0)
        return self._statement(f"{value.source} != 0.0", (value,), True)

    def _statement(self, source: str, of: Sequence[Value], is_bool: bool) -> Value:
        key = (source, is_bool)
        if key not in self._known:
            name = f"v{len(self._lines)}"
            self._lines.append(f"{name} = {source}")
            of_time, of_state = any(v.of_time for v in of), any(v.of_state for v in of)
            self._known[key] = Value(name, is_bool, of_time, of_state)
        return self._known[key]


def vector(values: Sequence[Value] | Iterator[Value]) -> str:
    """Source of the vector of numbers."""
    return f"f_vector([{', '.join(value.source for value in values)}])"


def truths(values: Sequence[Value]) -> str:
    """Source of the vector of truth values."""
    return f"f_truths([{', '.join(value.source for value in values)}])"


def _number(value: float) -> Value:
    if math.isnan(value):
        text = "nan"
    elif math.isinf(value):
        text = "inf" if value > 0 else "(-inf)"
    else:
        text = repr(value) if value >= 0 else f"({value!r})"
    return Value(text, literal=value)


def _truth(value: bool) -> Value:
    return Value(str(value), is_bool=True, literal=value)
