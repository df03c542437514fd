"""One plate in the format of each reader, and the code of the error that reading it raises."""

from typing import Any

import pytest

from skinmech_chip_adapters import ChipDataError
from skinmech_chip_adapters.instruments.bmg_mars import writer as mars
from skinmech_chip_adapters.instruments.envision import writer as envision
from skinmech_chip_adapters.instruments.gen5 import writer as gen5
from skinmech_chip_adapters.instruments.softmax_pro import writer as softmax
from skinmech_chip_adapters.instruments.tecan import writer as tecan
from skinmech_chip_adapters.plates.grid import LETTERS, ROWS_OF_COLUMNS, well_name
from tests.chip_adapters.plates._files import READERS, records

RAW = "Raw Data (450)"
A450 = "A450(1) - channel 1 (A)"
KEEP = 'on_bad_row = "keep_flagged"'


def plate_of(columns: int = 12, first: float = 0.0105, **words: str) -> dict:
    """Numbers for every well of a plate; words replace single cells."""
    letters = LETTERS[: ROWS_OF_COLUMNS[columns]]
    wells = [well_name(letter, one) for letter in letters for one in range(1, columns + 1)]
    return {well: first + 0.0625 * (at % 40) for at, well in enumerate(wells)} | words


def written(reader: str, cells: dict, columns: int = 12, **how: Any) -> bytes:
    """One plate at 450 nm in the format of a reader."""
    if reader == "gen5":
        return gen5.write([gen5.PlateData(results={"450": cells})], **how)
    if reader == "softmax_pro":
        return softmax.write([softmax.PlateData(columns=columns, points=[(cells,)])], **how)
    if reader == "bmg_mars":
        return mars.write({RAW: cells}, columns=columns, **how)
    if reader == "envision":
        return envision.write([{A450: cells}], columns=columns, **how)
    return tecan.write([tecan.LabelData(points=[cells])], columns=columns, **how)


PLATES = READERS[:-1]


def code_of(reader: str, content: bytes, options: str = "") -> str:
    with pytest.raises(ChipDataError) as caught:
        records(reader, content, options)
    assert all(one.found and one.expected for one in caught.value.errors)
    codes = {one.code for one in caught.value.errors}
    assert len(codes) == 1, codes
    return codes.pop()
