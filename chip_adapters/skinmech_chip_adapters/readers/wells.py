"""Names of wells."""

import re

from skinmech_chip_adapters.errors import ChipDataError

_WELL = re.compile(r"([A-Pa-p])0*([1-9]\d?)", re.ASCII)


def normal_well(text: str) -> str:
    """A plate well as letter and two digits: `a1` and `A001` are both `A01`.

    Raises:
        ChipDataError: `not_a_well`.
    """
    match = _WELL.fullmatch(text.strip())
    if not match or int(match[2]) > 24:
        raise ChipDataError(
            "not_a_well", found=f"well {text[:20]!r}",
            expected="a row letter and a column number, A1 to P24 (plates of up to 384 wells)",
        )  # fmt: skip
    return f"{match[1].upper()}{int(match[2]):02d}"
