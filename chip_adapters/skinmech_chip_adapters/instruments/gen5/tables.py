"""The two kinds of tables of a Gen5 export: labelled rows of a plate, and cycles of a run."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.plates import Cuts, columns_of
from skinmech_chip_adapters.plates.grid import LETTERS
from skinmech_chip_adapters.readers import Line, normal_well

_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d):([0-5]\d)(?:[.,](\d{1,3}))?")


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """One line of `Layout` or `Results`.

    Attributes:
        line: Line number.
        letter: Row of the plate, also where the line leaves it out.
        label: Last cell of the line.
        columns: Column numbers of the table.
        texts: Cells, as many as columns.
    """

    line: int
    letter: str
    label: str
    columns: tuple[int, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cycle:
    """One line of a kinetic table: seconds since its start, temperature, and cells by well."""

    line: int
    label: str
    seconds: float
    temperature: str
    wells: tuple[str, ...]
    texts: tuple[str, ...]


def labelled_rows(
    lines: Sequence[Line], title: int | None, cuts: Cuts, *, is_closed: bool
) -> tuple[list[LabelledRow], int]:
    """Rows of the table below a title, and the index of the first line after it.

    A line is whole if it ends in a label that the first row of the plate has too; each row of the
    plate must have all labels.
    """
    if title is None:
        return [], len(lines)
    columns = columns_of(lines[title + 1].cells[1:]) if title + 1 < len(lines) else ()
    if not columns:
        where = f"line {lines[title].number}"
        cuts.at(where, f"no columns below {lines[title].cell(0)!r}", "a row of column numbers")
        return [], title + 1
    rows: list[LabelledRow] = []
    index = title + 2
    while index < len(lines) and lines[index].cells:
        line, letter = lines[index], lines[index].cell(0)
        if letter and (len(letter) != 1 or letter not in LETTERS):
            cuts.at(f"line {line.number}", f"{letter[:10]!r}", "a row letter or nothing", "cut_row")
            break
        last_line = index == len(lines) - 1 and not is_closed
        known = {row.label for row in rows if row.letter == rows[0].letter}
        expected = known if rows and (letter or rows[0].letter) != rows[0].letter else None
        label = line.cell(len(columns) + 1)
        if len(line.cells) != len(columns) + 2 or (last_line and label not in (expected or ())):
            cuts.at(f"line {line.number}", f"{len(line.cells)} cells",
                    f"{len(columns) + 2}: row letter, wells and a label", "cut_row")  # fmt: skip
            break
        if not letter and not rows:
            cuts.at(f"line {line.number}", "a line without its row letter", "row A", "cut_row")
            break
        row_letter = letter or rows[-1].letter
        rows.append(LabelledRow(line.number, row_letter, label, columns, line.cells[1:-1]))
        index += 1
    _check_end(lines, index, len(columns), cuts)
    return _complete(rows, cuts), index


def _check_end(lines: Sequence[Line], index: int, columns: int, cuts: Cuts) -> None:
    """After a table comes a title or nothing; more rows mean that a blank line got between."""
    after = next((line for line in lines[index:] if line.cells), None)
    if after is not None and len(after.cell(0)) < 2 and not cuts.is_cut:
        cuts.at(f"line {after.number}", f"{after.cell(0)[:10]!r} after the end of a table",
                f"a title, or a row of {columns} wells without a gap")  # fmt: skip


def _complete(rows: list[LabelledRow], cuts: Cuts) -> list[LabelledRow]:
    """Rows of the plate that follow each other and have every label of the first one."""
    by_letter: dict[str, list[LabelledRow]] = {}
    for row in rows:
        by_letter.setdefault(row.letter, []).append(row)
    wanted = [row.label for row in by_letter[rows[0].letter]] if rows else []
    good: list[LabelledRow] = []
    for number, (letter, part) in enumerate(by_letter.items()):
        where = f"line {part[-1].line}, row {letter}"
        follows = LETTERS[LETTERS.index(rows[0].letter) :][number : number + 1]
        if letter != follows:
            cuts.at(where, f"row {letter}", f"row {follows}")
            break
        if [row.label for row in part] != wanted:
            cuts.at(where, f"labels {', '.join(repr(row.label[:30]) for row in part)}",
                    f"{', '.join(repr(label[:30]) for label in wanted)} as in the first row",
                    "cut_row")  # fmt: skip
            break
        good += part
    return good


def kinetic_tables(lines: Sequence[Line], stated: int, cuts: Cuts, is_closed: bool) -> list[Cycle]:
    """Rows of all tables that begin with `Time`, a temperature and wells.

    Args:
        lines: Lines of one plate.
        stated: Number of reads that the procedure states, or 0.
        cuts: Where a cut is noted.
        is_closed: False if the last line has no end.
    """
    found: list[Cycle] = []
    for index, line in enumerate(lines):
        wells = _wells(line, cuts)
        if wells:
            found += _cycles(lines, index, wells, stated, cuts, is_closed)
    return found


def _wells(line: Line, cuts: Cuts) -> tuple[str, ...]:
    """Wells of a row of titles; empty for other lines (`Time` is also a key of the header)."""
    if line.cell(0) != "Time" or len(line.cells) < 3:
        return ()
    try:
        return tuple(normal_well(text) for text in line.cells[2:])
    except ChipDataError as error:
        cuts.at(f"line {line.number}", error.found, "a well in each title")
        return ()


def _cycles(
    lines: Sequence[Line], header: int, wells: tuple[str, ...], stated: int, cuts: Cuts,
    is_closed: bool,
) -> list[Cycle]:  # fmt: skip
    title = re.sub(r"^T\S*\s+", "", lines[header].cell(1))
    above = [line.cell(0) for line in lines[max(0, header - 2) : header] if len(line.cells) == 1]
    label = above[-1] if above else title
    found: list[Cycle] = []
    index, planned = header + 1, 0
    while index < len(lines) and lines[index].cells:
        line = lines[index]
        last_line = index == len(lines) - 1 and not is_closed
        seconds = _seconds(line.cell(0))
        blank = len(line.cells) == 1
        other_width = not blank and line.width != lines[header].width
        if seconds is None or last_line or other_width or len(line.cells) > len(wells) + 2:
            cuts.at(f"line {line.number}", f"{len(line.cells)} cells",
                    f"a time, a temperature and {len(wells)} wells", "cut_row")  # fmt: skip
            break
        planned += 1
        if not blank:
            texts = (*line.cells[2:], *("" for _ in range(len(wells) + 2 - len(line.cells))))
            found.append(Cycle(line.number, label, seconds, line.cell(1), wells, texts))
        index += 1
    after = next((line for line in lines[index:] if line.cells), None)
    if after is not None and (_seconds(after.cell(0)) is not None or not after.cell(0)):
        cuts.at(f"line {after.number}", f"{after.cell(0)[:10]!r} after the end of the cycles",
                "a title, or the cycles without a gap")  # fmt: skip
    if stated and planned < stated and not cuts.is_cut:
        cuts.at(f"line {lines[index - 1].number}", f"{planned} cycles",
                f"{stated} as the procedure states")  # fmt: skip
    return found


def _seconds(text: str) -> float | None:
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    whole = int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3])
    return whole + int(match[4] or 0) / 10 ** len(match[4] or "")
