"""Plates as grids: header of column numbers, rows that begin with a letter."""

from collections.abc import Sequence

from skinmech_chip_adapters.plates.cuts import Cuts
from skinmech_chip_adapters.readers import Line

LETTERS = "ABCDEFGHIJKLMNOP"
# Columns and rows of plates of 6, 12, 24, 48, 96 and 384 wells.
ROWS_OF_COLUMNS = {3: 2, 4: 3, 6: 4, 8: 6, 12: 8, 24: 16}


def columns_of(cells: Sequence[str]) -> tuple[int, ...]:
    """Column numbers of a plate's header row, without its first cell; empty if it is none.

    The numbers rise by one; `01` is `1`; blank cells after the last number are allowed.
    """
    numbers: list[int] = []
    for index, cell in enumerate(cells):
        if not cell:
            if any(cells[index:]):
                return ()
            break
        if not (cell.isascii() and cell.isdigit() and len(cell) <= 2):
            return ()
        numbers.append(int(cell))
    first = numbers[0] if numbers else 0
    rises = numbers == list(range(first, first + len(numbers)))
    return tuple(numbers) if rises and first >= 1 and numbers[-1] <= 24 else ()


def grid_rows(
    lines: Sequence[Line], start: int, columns: int, cuts: Cuts
) -> list[tuple[str, Line]]:
    """Letter and line of the rows of a grid, from `start` to the first line that is none.

    A row must have all its cells and be as wide as the first one (a lost delimiter would shift
    values to other wells), and the letters must follow each other; where this fails the file is cut
    or damaged and only the rows before are returned (or the cut is raised).
    """
    rows: list[tuple[str, Line]] = []
    for line in lines[start:]:
        letter = line.cell(0).upper()
        if len(letter) != 1 or letter not in LETTERS:
            break
        where = f"line {line.number}, row {letter}"
        other_width = bool(rows) and line.width != rows[0][1].width
        if other_width or line.width < columns + 1 or len(line.cells) > columns + 1:
            cuts.at(where, f"{max(line.width, 1) - 1} cells", f"{columns} as in the header",
                    "cut_row")  # fmt: skip
            break
        wanted = LETTERS[LETTERS.index(rows[-1][0]) + 1 :][:1] if rows else letter
        if letter != wanted:
            cuts.at(where, f"row {letter}", f"row {wanted}" if wanted else "no further row")
            break
        rows.append((letter, line))
    return rows


def is_whole(letters: Sequence[str], columns: Sequence[int]) -> bool:
    """True if rows and columns make up a plate of a standard size."""
    size = ROWS_OF_COLUMNS.get(len(columns), 0)
    return size > 0 and columns[0] == 1 and list(letters) == list(LETTERS[:size])


def well_name(letter: str, column: int) -> str:
    """Normal name of a well, such as `A01`."""
    return f"{letter}{column:02d}"
