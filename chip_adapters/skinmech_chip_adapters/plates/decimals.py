"""The decimal sign of a plate reader's file."""

import re
from collections.abc import Iterable

from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.readers import decide_decimal

_SEPARATOR = re.compile(r"\d([.,])\d")


def plate_decimal(
    tokens: Iterable[tuple[int, str]], declared: str, *, delimiter: str, is_absorbance: bool
) -> str:
    """Decimal sign from all cells that may hold a number.

    Plate readers write three decimals, so that a plate may hold tokens like `2.105` only, in which
    the separator could as well group thousands. An absorbance over a thousand does not exist, so
    there the separator is the decimal sign; of other quantities it has to be declared.

    Args:
        tokens: Line number and token.
        declared: `.` or `,` from the side-car, or empty.
        delimiter: A comma between cells leaves the point as decimal sign.
        is_absorbance: True if every token is an absorbance.

    Raises:
        ChipDataError: `mixed_decimal`, `ambiguous_decimal` or `unknown_decimal`.
    """
    tokens = list(tokens)
    try:
        return decide_decimal(tokens, declared, "." if delimiter == "," else ".,")
    except ChipDataError as error:
        signs = {sign for _, token in tokens for sign in _SEPARATOR.findall(token)}
        if error.code != "ambiguous_decimal" or not is_absorbance or len(signs) != 1:
            raise
        return signs.pop()
