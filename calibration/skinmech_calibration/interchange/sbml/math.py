"""From libsbml's syntax trees to expressions."""

from typing import Any

from ..expression import LOGIC, RELATIONS, TIME, Expr, call, number, substitute, symbol

_AVOGADRO = 6.02214179e23
"""The value that SBML Level 3 fixes for its symbol `avogadro` [1/mol]."""

_NAMES = {
    "PLUS": "add", "FUNCTION_PLUS": "add", "TIMES": "multiply", "MINUS": "subtract",
    "DIVIDE": "divide", "POWER": "power", "FUNCTION_POWER": "power", "FUNCTION_ABS": "abs",
    "FUNCTION_EXP": "exp", "FUNCTION_LN": "ln", "FUNCTION_FLOOR": "floor",
    "FUNCTION_CEILING": "ceil", "FUNCTION_FACTORIAL": "factorial", "FUNCTION_MIN": "min",
    "FUNCTION_MAX": "max", "FUNCTION_QUOTIENT": "quotient", "FUNCTION_REM": "remainder",
    **{f"FUNCTION_{n.upper()}": n for n in
       "sin cos tan sec csc cot sinh cosh tanh sech csch coth arcsin arccos arctan arcsec arccsc "
       "arccot arcsinh arccosh arctanh arcsech arccsch arccoth".split()},
    **{f"RELATIONAL_{n.upper()}": n for n in RELATIONS},
    **{f"LOGICAL_{n.upper()}": n for n in LOGIC},
}  # fmt: skip
_CONSTANTS = {
    "CONSTANT_E": 2.718281828459045, "CONSTANT_PI": 3.141592653589793,
}  # fmt: skip
_REFUSED = {
    "FUNCTION_DELAY": "the delay of a formula (csymbol 'delay')",
    "FUNCTION_RATE_OF": "the rate of change in a formula (csymbol 'rateOf')",
}


class Reader:
    """Reads formulas of one document; function definitions are inlined.

    Attributes:
        refused: What was met that is not supported, to be reported together.
    """

    def __init__(self, libsbml: Any):
        self.refused: list[str] = []
        self._definitions: dict[str, Any] = {}
        self._functions: dict[str, tuple[tuple[str, ...], Expr]] = {}
        self._open: list[str] = []
        self._kinds = {
            getattr(libsbml, f"AST_{name}"): op
            for name, op in _NAMES.items()
            if hasattr(libsbml, f"AST_{name}")
        }
        self._lib = libsbml

    def define(self, name: str, node: Any) -> None:
        """Take a function definition; it may call others, before or after it."""
        self._definitions[name] = node

    def read(self, node: Any, place: str) -> Expr:
        """One formula.

        Args:
            node: libsbml's tree.
            place: Where it stands, for what is refused.
        """
        lib, kind = self._lib, node.getType()
        if node.isNumber():
            return number(node.getValue())
        if kind in (lib.AST_CONSTANT_TRUE, lib.AST_CONSTANT_FALSE):
            return Expr("bool", value=kind == lib.AST_CONSTANT_TRUE)
        for name, value in _CONSTANTS.items():
            if kind == getattr(lib, f"AST_{name}"):
                return number(value)
        if kind == lib.AST_NAME_AVOGADRO:
            return number(_AVOGADRO)
        if kind == lib.AST_NAME_TIME:
            return TIME
        if kind == lib.AST_NAME:
            return symbol(node.getName())
        for name, what in _REFUSED.items():
            if kind == getattr(lib, f"AST_{name}", None):
                self.refused.append(f"{place}: {what}")
                return number(0.0)
        args = [self.read(node.getChild(i), place) for i in range(node.getNumChildren())]
        if kind == lib.AST_FUNCTION:
            return self._call(node.getName(), args, place)
        if kind == lib.AST_FUNCTION_PIECEWISE:
            return Expr("piecewise", tuple(args)) if args else number(float("nan"))
        if kind == lib.AST_FUNCTION_ROOT:
            return call("sqrt", *args) if len(args) == 1 else call("root", *args)
        if kind == lib.AST_FUNCTION_LOG:
            return call("log", *([number(10.0)] if len(args) == 1 else []), *args)
        if kind == lib.AST_MINUS and len(args) == 1:
            return call("negate", *args)
        if kind in self._kinds:
            return Expr(self._kinds[kind], tuple(args))
        self.refused.append(f"{place}: the operation '{node.getName() or kind}' in a formula")
        return number(0.0)

    def _call(self, name: str, args: list[Expr], place: str) -> Expr:
        if name not in self._definitions or name in self._open:
            why = "calls itself" if name in self._open else "is not defined"
            self.refused.append(f"{place}: the function '{name}', which {why}")
            return number(0.0)
        if name not in self._functions:
            node = self._definitions[name]
            count = node.getNumChildren() - 1
            self._open.append(name)
            body = self.read(node.getChild(count), f"function '{name}'")
            self._open.pop()
            self._functions[name] = (tuple(node.getChild(i).getName() for i in range(count)), body)
        names, body = self._functions[name]
        if len(names) != len(args):
            self.refused.append(
                f"{place}: {len(args)} arguments to '{name}', which takes {len(names)}"
            )
            return number(0.0)
        return substitute(body, dict(zip(names, args, strict=True)))
