"""Numbers as instruments write them, parsed strictly.

`float()` takes `1_000`, digits of other scripts and `1e400`; here only ASCII numbers with at most
one decimal sign pass, and a group separator is refused. Whether a comma is the decimal sign is
decided for the whole file.
"""

import math
import re
from collections.abc import Iterable

from skinmech_chip_adapters.errors import ChipDataError

_NUMBER = {
    ".": re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII),
    ",": re.compile(r"[+-]?(\d+(,\d*)?|,\d+)([eE][+-]?\d{1,4})?", re.ASCII),
}
# One separator followed by exactly three digits and led by a group that could be thousands:
# `1,234` may be 1234 or 1.234. A leading zero or an exponent settles it.
_UNCLEAR = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}([.,' \u00a0\u202f\u2009_]\d{3})+([.,]\d*)?", re.ASCII)


def is_number(text: str, decimal: str) -> bool:
    """True for a plain number token; float64 may still be unable to hold it."""
    return _NUMBER[decimal].fullmatch(text) is not None


def parse_number(text: str, decimal: str = ".") -> float:
    """Value of a number token.

    Args:
        text: The token, without blanks around it.
        decimal: The decimal sign, `.` or `,`.

    Raises:
        ChipDataError: `not_a_number`, or `number_range` where float64 cannot hold it.
    """
    if not _NUMBER[decimal].fullmatch(text):
        grouped = _GROUPED.fullmatch(text) is not None or "_" in text
        raise ChipDataError(
            "not_a_number", found=f"{_short(text)!r}",
            expected=f"a plain number with decimal sign {decimal!r}",
            remedy="export without thousands separators, or declare the decimal sign"
            if grouped else "correct the cell, or declare the word under sentinels",
        )  # fmt: skip
    value = float(text.replace(",", "."))
    mantissa = re.split("[eE]", text)[0]
    if math.isinf(value) or (value == 0.0 and re.search("[1-9]", mantissa)):
        raise ChipDataError(
            "number_range", found=f"{_short(text)!r}", expected="a number that float64 can hold"
        )
    return value


def decide_decimal(
    tokens: Iterable[tuple[int, str]], declared: str = "", possible: str = ".,"
) -> str:
    """Decimal sign of a file, from all of its number tokens.

    Args:
        tokens: Line number and token of every cell that may hold a number.
        declared: `.` or `,` from the side-car, or empty.
        possible: Signs the format allows (a comma-delimited file without quotes allows `.` only).

    Returns:
        `.` or `,`.

    Raises:
        ChipDataError: `mixed_decimal` naming both lines, `ambiguous_decimal` where only tokens like
            `1,234` occur, or `unknown_decimal` for a wrong declaration.
    """
    if declared and declared not in (".", ","):
        raise ChipDataError("unknown_decimal", found=f"declared decimal {declared!r}",
                            expected="'.' or ','")  # fmt: skip
    proof: dict[str, tuple[int, str]] = {}
    unclear: tuple[int, str] | None = None
    for number, token in tokens:
        if "," not in token and "." not in token:
            continue
        if _UNCLEAR.fullmatch(token):
            unclear = unclear or (number, token)
            continue
        for sign in ".,":
            if sign in token and _NUMBER[sign].fullmatch(token):
                proof.setdefault(sign, (number, token))
    if len(proof) == 2:
        first, second = sorted(proof.values())
        raise ChipDataError(
            "mixed_decimal", locator=f"lines {first[0]} and {second[0]}",
            found=f"{_short(first[1])!r} and {_short(second[1])!r}",
            expected="one decimal sign in the whole file", remedy="correct the file by its source",
        )  # fmt: skip
    found = next(iter(proof), "")
    if declared and found and declared != found:
        number, token = proof[found]
        raise ChipDataError(
            "mixed_decimal", locator=f"line {number}", found=f"{_short(token)!r}",
            expected=f"the declared decimal sign {declared!r}",
            remedy="correct the declaration",
        )  # fmt: skip
    if found or declared:
        return found or declared
    if unclear is not None and len(possible) == 1:
        return possible
    if unclear is not None:
        raise ChipDataError(
            "ambiguous_decimal", locator=f"line {unclear[0]}", found=f"{_short(unclear[1])!r}",
            expected="evidence whether the separator is a decimal sign or groups thousands",
            remedy='declare decimal = "," or decimal = "." in the side-car',
        )  # fmt: skip
    return "."


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"
