"""Mathematical expressions as plain trees, free of any reader and of JAX."""

import dataclasses
from collections.abc import Mapping

RELATIONS = frozenset({"lt", "leq", "gt", "geq", "eq", "neq"})
LOGIC = frozenset({"and", "or", "xor", "not", "implies"})


@dataclasses.dataclass(frozen=True, slots=True)
class Expr:
    """One node.

    Attributes:
        op: `"number"`, `"symbol"`, `"time"`, `"bool"`, or an operation of `emit.OPERATIONS`,
            `RELATIONS`, `LOGIC` or `"piecewise"` (value, condition, value, condition, ...,
            otherwise).
        args: Operands.
        value: Of a number or truth value, or the name of a symbol.
    """

    op: str
    args: tuple["Expr", ...] = ()
    value: float | bool | str | None = None


TIME = Expr("time")
UNDEFINED = Expr("number", value=float("nan"))


def number(value: float) -> Expr:
    """A literal."""
    return Expr("number", value=float(value))


def symbol(name: str) -> Expr:
    """A name, to be resolved where the expression is used."""
    return Expr("symbol", value=name)


def call(op: str, *args: Expr) -> Expr:
    """An operation on operands."""
    return Expr(op, args)


def symbols(expr: Expr) -> set[str]:
    """Names that occur in an expression."""
    if expr.op == "symbol":
        return {str(expr.value)}
    return set().union(*(symbols(arg) for arg in expr.args)) if expr.args else set()


def depends_on_time(expr: Expr) -> bool:
    """Whether time itself occurs in an expression."""
    return expr.op == "time" or any(depends_on_time(arg) for arg in expr.args)


def substitute(expr: Expr, replacement: Mapping[str, Expr]) -> Expr:
    """The expression with names replaced by expressions."""
    if expr.op == "symbol":
        return replacement.get(str(expr.value), expr)
    if not expr.args:
        return expr
    return Expr(expr.op, tuple(substitute(arg, replacement) for arg in expr.args), expr.value)
