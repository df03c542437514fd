"""What all Tecan layouts are brought to, before any meaning is given to it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.plates.grid import ROWS_OF_COLUMNS
from skinmech_chip_adapters.readers import Line, normal_well


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One label at one time point.

    Attributes:
        line: Line number.
        sheet: Name of the sheet, empty for text.
        label: Name of the label.
        settings: Texts by key, such as `Mode`, `Measurement wavelength`, `Unit`.
        wells: Well, text of its cell, line number.
        seconds: Text of the time of a cycle, or empty.
        temperature: Text, with or without °C, or empty.
        date: Text of date and time, or empty.
        is_whole: False if nothing confirms that no well is missing.
    """

    line: int
    sheet: str
    label: str
    settings: dict[str, str] = field(default_factory=dict)
    wells: tuple[tuple[str, str, int], ...]
    seconds: str = ""
    temperature: str = ""
    date: str = ""
    is_whole: bool = True


def well_or_nothing(text: str) -> str:
    """Normal name of a well, or empty if the text names none."""
    try:
        return normal_well(text)
    except ChipDataError:
        return ""


def is_full_plate(wells: Sequence[str]) -> bool:
    """True if the wells are those of a plate of 6 to 384 wells, each once."""
    letters, columns = {well[0] for well in wells}, {well[1:] for well in wells}
    size = ROWS_OF_COLUMNS.get(len(columns), 0)
    return size == len(letters) and size * len(columns) == len(wells) == len({*wells})


def key_and_value(line: Line) -> tuple[str, str]:
    """A line of settings: `Mode | Absorbance`, `Mode: Absorbance` or `Date: | 2025-05-12`."""
    first = line.cell(0)
    value = next((cell for cell in line.cells[1:] if cell), "")
    if not value and ": " in first:
        first, _, value = first.partition(": ")
    return first.rstrip(": "), value.strip()
