"""Plates and cycles as i-control and SparkControl write them, with the settings above."""

import re
from collections.abc import Sequence

from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.instruments.tecan.blocks import (
    Block,
    is_full_plate,
    key_and_value,
    well_or_nothing,
)
from skinmech_chip_adapters.instruments.tecan.cells import Sheet
from skinmech_chip_adapters.plates import Cuts, columns_of, grid_rows, is_whole
from skinmech_chip_adapters.plates.grid import LETTERS, well_name
from skinmech_chip_adapters.readers import Line

CORNER, CYCLE = "<>", "Cycle Nr."
_TIME, _TEMPERATURE = "Time [s]", "Temp. [°C]"
_RANGE = re.compile(r"([A-P])(\d{1,2})(?:-([A-P])(\d{1,2}))?")


def grid_blocks(sheet: Sheet, is_text: bool, cuts: Cuts) -> list[Block]:
    """All plates and cycles of a sheet."""
    return _Sheet(sheet, is_text, cuts).blocks()


class _Sheet:
    def __init__(self, sheet: Sheet, is_text: bool, cuts: Cuts):
        self.sheet, self.lines, self.is_text, self.cuts = sheet, sheet.lines, is_text, cuts
        self.labels: list[dict[str, str]] = []  # settings of labels that have no values yet
        self.known: dict[str, dict[str, str]] = {}
        self.date = self.temperature = self.title = ""

    def blocks(self) -> list[Block]:
        found: list[Block] = []
        index = 0
        while index < len(self.lines):
            line = self.lines[index]
            if line.cell(0) in (CORNER, CYCLE):
                made, index = self._block(index)
                found += made
            else:
                self._setting(line)
                index += 1
        self._check_end(found)
        return found

    def _setting(self, line: Line) -> None:
        key, value = key_and_value(line)
        if key in ("Label", "Mode"):
            if key == "Label" or not self.labels or "Mode" in self.labels[-1]:
                self.labels.append({"Name": value} if key == "Label" else {})
            if key == "Mode":
                self.labels[-1]["Mode"] = value
            if key == "Label":
                self.known[value] = self.labels[-1]
        elif key == "Start Time":
            self.date = value
        elif key == "Temperature":
            self.temperature = value
        elif key and self.labels:
            self.labels[-1].setdefault(key, value)
            if key == "Name":
                self.known[value] = self.labels[-1]
        if len(line.cells) == 1:
            self.title = line.cell(0)

    def _settings(self, line: Line) -> dict[str, str]:
        """Settings of the label whose values begin at a line."""
        if self.title in self.known:
            settings = self.known[self.title]
        elif len(self.labels) <= 1:
            settings = self.labels[0] if self.labels else {}
        else:
            raise ChipDataError(
                "label_unclear", locator=f"line {line.number}",
                found=f"{len(self.labels)} labels and no name above the values",
                expected="the name of the label", remedy="export each label to its own file",
            )  # fmt: skip
        self.labels = [one for one in self.labels if one is not settings]
        return settings

    def _block(self, index: int) -> tuple[list[Block], int]:
        line = self.lines[index]
        settings = self._settings(line)
        if line.cell(0) == CORNER:
            made, end = self._grid(index, settings)
        elif _TIME in line.cells:
            made, end = self._cycles_as_rows(index, settings)
        else:
            made, end = self._cycles_as_columns(index, settings)
        after = next((one for one in self.lines[end:] if one.cells), None)
        first = after.cell(0) if after is not None else "end"
        if not first or first in LETTERS or first.isdigit() or well_or_nothing(first):
            self.cuts.at(f"line {after.number if after else 0}", "values after the end of a table",
                         "the rows without a gap", "cut_row")  # fmt: skip
        self.date = self.temperature = self.title = ""
        return made, end

    def _made(self, line: Line, settings: dict[str, str], **more: object) -> Block:
        name = settings.get("Name", "") or settings.get("Mode", "")
        facts: dict[str, object] = {"temperature": self.temperature, "date": self.date, **more}
        return Block(
            line=line.number, sheet=self.sheet.name, label=name, settings=settings,
            **facts,  # pyright: ignore[reportArgumentType]  # texts and wells by their field
        )  # fmt: skip

    def _grid(self, index: int, settings: dict[str, str]) -> tuple[list[Block], int]:
        line = self.lines[index]
        columns = columns_of(line.cells[1:])
        if not columns:
            self.cuts.at(f"line {line.number}", "no column numbers beside '<>'", "1, 2, …")
            return [], index + 1
        rows = grid_rows(self.lines, index + 1, len(columns), self.cuts)
        wells = tuple(
            (well_name(letter, column), row.cell(number), row.number)
            for letter, row in rows
            for number, column in enumerate(columns, 1)
        )
        self._check_part(line, settings, {well for well, text, _ in wells if text})
        whole = is_whole([letter for letter, _ in rows], columns)
        return [self._made(line, settings, wells=wells, is_whole=whole)], index + 1 + len(rows)

    def _check_part(self, line: Line, settings: dict[str, str], found: set[str]) -> None:
        """Compare the wells that have a value with those that the settings say were read."""
        stated: set[str] = set()
        for text in settings.get("Part of Plate", "").replace(" ", "").split(";"):
            match = _RANGE.fullmatch(text)
            if match is None:
                return
            first, last = match[1], match[3] or match[1]
            low, high = int(match[2]), int(match[4] or match[2])
            stated |= {
                well_name(letter, column)
                for letter in LETTERS[LETTERS.index(first) : LETTERS.index(last) + 1]
                for column in range(low, high + 1)
            }
        if stated != found:
            self.cuts.at(f"line {line.number}", f"values in {len(found)} wells",
                         f"{len(stated)} wells: {settings['Part of Plate'][:60]}")  # fmt: skip

    def _cycles_as_columns(self, index: int, settings: dict[str, str]) -> tuple[list[Block], int]:
        """`Cycle Nr. | 1 | 2`, `Time [s] | …`, `Temp. [°C] | …`, then one line for each well."""
        line = self.lines[index]
        count = len(line.cells) - 1
        heads: dict[str, Line] = {}
        rows: list[tuple[str, Line]] = []
        index += 1
        while index < len(self.lines) and self.lines[index].cells:
            row = self.lines[index]
            well = well_or_nothing(row.cell(0))
            if not well and row.cell(0) not in (_TIME, _TEMPERATURE):
                self.cuts.at(f"line {row.number}", f"{row.cell(0)[:20]!r}", "a well", "cut_row")
                break
            if row.width != line.width or len(row.cells) > count + 1:
                self._short(row, count + 1)
                break
            if well:
                rows.append((well, row))
            else:
                heads[row.cell(0)] = row
            index += 1
        if _TIME not in heads:
            self.cuts.at(f"line {line.number}", f"no {_TIME!r}", "the time of each cycle")
            return [], index
        whole = self._is_full([well for well, _ in rows])
        blocks = [
            self._made(
                line, settings, is_whole=whole,
                wells=tuple((well, row.cell(one), row.number) for well, row in rows),
                seconds=heads[_TIME].cell(one),
                temperature=heads[_TEMPERATURE].cell(one) if _TEMPERATURE in heads else "",
            )
            for one in range(1, count + 1)
        ]  # fmt: skip
        return blocks, index

    def _cycles_as_rows(self, index: int, settings: dict[str, str]) -> tuple[list[Block], int]:
        """`Cycle Nr. | Time [s] | Temp. [°C] | A1 | …`, then one line for each cycle."""
        header = self.lines[index]
        places = {
            well: at for at, cell in enumerate(header.cells) if (well := well_or_nothing(cell))
        }
        heads = sum(cell in (CYCLE, _TIME, _TEMPERATURE) for cell in header.cells)
        if len(places) + heads != len(header.cells):
            self.cuts.at(f"line {header.number}", f"{len(places)} wells in the titles",
                         f"{len(header.cells) - heads}, each once")  # fmt: skip
        whole = self._is_full(list(places))
        time = header.cells.index(_TIME)
        temperature = header.cells.index(_TEMPERATURE) if _TEMPERATURE in header.cells else -1
        blocks = []
        index += 1
        while index < len(self.lines) and self.lines[index].cells:
            row = self.lines[index]
            counted = row.cell(0) == str(len(blocks) + 1)
            if not counted or row.width != header.width or len(row.cells) > len(header.cells):
                self._short(row, len(header.cells))
                break
            wells = tuple((well, row.cell(at), row.number) for well, at in places.items())
            warm = row.cell(temperature) if temperature >= 0 else ""
            blocks.append(
                self._made(
                    row,
                    settings,
                    wells=wells,
                    seconds=row.cell(time),
                    temperature=warm,
                    is_whole=whole,
                )  # fmt: skip
            )
            index += 1
        return blocks, index

    def _is_full(self, wells: Sequence[str]) -> bool:
        """True if the wells are a whole plate; a workbook cannot have lost some."""
        return not self.is_text or is_full_plate(wells)

    def _short(self, row: Line, wanted: int) -> None:
        self.cuts.at(f"line {row.number}", f"{row.width} cells", f"{wanted} as in the first line",
                     "cut_row")  # fmt: skip

    def _check_end(self, found: Sequence[Block]) -> None:
        if not found:
            return
        last = f"line {self.lines[-1].number}"
        start = max(number for block in found for _, _, number in block.wells or (("", "", 0),))
        after = [one for one in self.lines if one.number > start]
        if self.is_text and not any(
            key == "End Time" and value for key, value in map(key_and_value, after)
        ):
            self.cuts.at(last, "no 'End Time' after the last values", "'End Time' with its value")
        names = {block.label for block in found}
        missing = sorted({*self.known, *self._planned()} - names)
        if missing:
            self.cuts.at(last, f"no values of {', '.join(map(repr, missing))}",
                         "values of every label")  # fmt: skip

    def _planned(self) -> set[str]:
        """Names of labels that the list of actions announces."""
        titles = [
            i for i, one in enumerate(self.lines) if one.cell(0).startswith("List of actions")
        ]
        planned: set[str] = set()
        for line in self.lines[titles[0] + 1 :] if titles else ():
            if not line.cells:
                break
            if not line.cell(0) and len(line.cells) > 2:
                planned.add(line.cells[-1])
        return planned
