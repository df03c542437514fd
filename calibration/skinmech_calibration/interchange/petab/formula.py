"""From PEtab formulas to expressions, through the parser of the package `petab`."""

from typing import Any

from ..errors import InterchangeError, require
from ..expression import TIME, Expr, call, number, symbol

_FUNCTIONS = {
    "exp": "exp", "Abs": "abs", "sign": "sign", "sin": "sin", "cos": "cos", "tan": "tan",
    "sec": "sec", "csc": "csc", "cot": "cot", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh",
    "sech": "sech", "csch": "csch", "coth": "coth", "asin": "arcsin", "acos": "arccos",
    "atan": "arctan", "asec": "arcsec", "acsc": "arccsc", "acot": "arccot", "asinh": "arcsinh",
    "acosh": "arccosh", "atanh": "arctanh", "asech": "arcsech", "acsch": "arccsch",
    "acoth": "arccoth", "Min": "min", "Max": "max", "Add": "add", "Mul": "multiply",
    "And": "and", "Or": "or", "Not": "not", "Xor": "xor", "StrictLessThan": "lt",
    "LessThan": "leq", "StrictGreaterThan": "gt", "GreaterThan": "geq", "Equality": "eq",
    "Unequality": "neq",
}  # fmt: skip


def read_formula(text: Any, place: str) -> Expr:
    """A formula in PEtab's syntax.

    Args:
        text: The formula, a number, or what `petab` has already parsed.
        place: Where it stands, for the error.

    Raises:
        InterchangeError: it does not follow the syntax.
    """
    parser = require("petab.v1.math")
    sympy = require("sympy")
    try:
        if not isinstance(text, sympy.Basic):
            text = parser.sympify_petab(text if isinstance(text, (int, float)) else str(text))
        return _convert(text)
    except (ValueError, TypeError, AssertionError) as error:
        raise InterchangeError(f"{place}: '{text}' is no PEtab formula: {error}") from error


def _convert(node: Any) -> Expr:
    kind = type(node).__name__
    if node.is_Symbol:
        return TIME if node.name == "time" else symbol(node.name)
    if kind in ("BooleanTrue", "BooleanFalse"):
        return Expr("bool", value=kind == "BooleanTrue")
    if node.is_number and not node.args:
        return number(float(node))
    if kind == "Piecewise":
        parts: list[Expr] = []
        for value, condition in node.args:
            parts.append(_convert(value))
            if condition == True:  # noqa: E712  # sympy's own truth value
                return Expr("piecewise", tuple(parts)) if len(parts) > 1 else parts[0]
            parts.append(_convert(condition))
        return Expr("piecewise", tuple(parts))
    args = [_convert(arg) for arg in node.args]
    if kind == "Pow":
        base, exponent = args
        if exponent.op == "number" and exponent.value == -1.0:
            return call("divide", number(1.0), base)
        return call("power", base, exponent)
    if kind == "exp":
        return call("exp", *args)
    if kind == "log":
        return call("ln", args[0]) if len(args) == 1 else call("log", args[1], args[0])
    if kind in _FUNCTIONS:
        return Expr(_FUNCTIONS[kind], tuple(args))
    raise ValueError(f"the operation '{kind}' is not supported")
