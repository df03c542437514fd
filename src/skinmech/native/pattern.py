"""Which inputs each output of a translated function depends on, read off its statements."""

import numpy as np

from .emit import Program
from .values import BINARY, UNARY, Expression, Value, View

_FLAT = {BINARY[name][0] for name in ("lt", "le", "gt", "ge", "eq", "ne", "and", "or")} | {
    UNARY[name][0] for name in ("not", "floor", "sign", "is_finite")
}
"""Operations whose derivative is zero wherever it exists."""


def pattern(program: Program, array: str) -> np.ndarray:
    """Where the derivative of a program's output by one of its inputs may differ from zero.

    Nothing is computed: a coupling that parameters happen to switch off is in it, one through a
    comparison alone is not.

    Args:
        program: The program.
        array: Name of the input.

    Returns:
        Booleans, shape (output, input).
    """
    width = next(size for one in program.inputs for name, size in one if name == array)
    felt = {name: np.zeros((size, width), bool) for name, size in program.sizes.items()}
    felt[array] = np.eye(width, dtype=bool)
    count = 1 + max(int(s.target.place.max()) for g in program.groups for s in g.statements
                    if s.target.array == "out")  # fmt: skip
    felt["out"] = np.zeros((count, width), bool)
    for group in program.groups:
        for s in group.statements:
            found = _felt_by(s.value, felt)
            if found is not None and s.reduction is not None:
                running = np.logical_or.accumulate(found, axis=-2)
                found = running if s.is_running else running[..., -1, :]
            if found is not None:
                felt[s.target.array][s.target.place] = found
    return felt["out"]


def _felt_by(value: Value, felt: dict[str, np.ndarray]) -> np.ndarray | None:
    if isinstance(value, View):
        return felt[value.array][value.place] if value.array in felt else None
    if not isinstance(value, Expression) or value.template in _FLAT:
        return None
    operands = value.operands[1:] if "?" in value.template else value.operands
    found = [one for v in operands if (one := _felt_by(v, felt)) is not None]
    return np.logical_or.reduce(found) if found else None
