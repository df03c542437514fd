"""Reading the cells of a declared row: place, time, numbers."""

import math
from typing import Any

from skinmech_chip_adapters.adapter import Message, Parsed
from skinmech_chip_adapters.declarations import FileEntry, Place
from skinmech_chip_adapters.errors import ChipDataError, Problems
from skinmech_chip_adapters.instruments.generic_table.columns import ROLES, Column
from skinmech_chip_adapters.instruments.generic_table.reader import Row, Rows
from skinmech_chip_adapters.placement import Placement, well_of
from skinmech_chip_adapters.readers import Cell, Stamp, parse_cell, read_stamps
from skinmech_chip_adapters.readers.sentinels import censored
from skinmech_chip_adapters.record import check_location
from skinmech_chip_adapters.schema import Censor, Flag
from skinmech_chip_adapters.sidecar import Sidecar
from skinmech_chip_adapters.units import conversion

_YES, _NO = ("x", "yes", "true", "1"), ("", "no", "false", "0")


class RowReader:
    """Cells of one declared table with their meaning; problems are collected.

    Args:
        parsed: What `reader.read` gave.
        sidecar: The whole side-car.
        entry: The file's entry.
        problems: Where problems are noted.
    """

    def __init__(self, parsed: Parsed, sidecar: Sidecar, entry: FileEntry, problems: Problems):
        table: Rows = parsed.tables
        self.table, self.layout, self.rows = table, table.layout, table.rows
        self.decimal, self.sidecar, self.entry, self.problems = (
            parsed.decimal, sidecar, entry, problems,
        )  # fmt: skip
        self.placement = Placement(sidecar, entry, problems)
        self.messages: list[Message] = []
        self.last_line = self.rows[-1].line if self.rows else 0
        self.stamps = self._stamps()
        for column in self.layout.values():
            with problems.collect(locator=f"[[file]] columns {column.name!r}"):
                check_location(column.location, sidecar.locations)

    def column(self, role: str) -> Column | None:
        """The column with a role, or None."""
        return self.layout.by_role(role)

    def text(self, row: Row, role: str) -> str:
        """Text of the column with a role, empty where there is none."""
        column = self.column(role)
        return row.cells[_title(column)] if column else ""

    def cell(self, row: Row, column: Column) -> Cell:
        """A cell that should hold a number, in the file's unit.

        With `on_bad_row = "keep_flagged"` an unreadable cell becomes a failed, flagged value.
        """
        raw = row.cells[_title(column)]
        try:
            return parse_cell(raw, self.decimal, self.entry.sentinels)
        except ChipDataError as error:
            error = error.at(locator=f"line {row.line}, column {column.name!r}")
            if self.entry.on_bad_row == "error":
                raise error from None
            self.messages.append(
                Message(level="error", code=error.code, locator=error.locator, text=str(error))
            )
            failed = censored(raw, Censor.FAILED)
            return Cell(failed.value, failed.censor, math.nan, math.nan, int(Flag.BAD_ROW), raw)

    def number(self, row: Row, role: str) -> float:
        """Number of the column with a role in the role's unit, NaN where absent or empty."""
        column = self.column(role)
        if column is None:
            return math.nan
        cell = self.cell(row, column)
        if cell.censor not in (Censor.NONE, Censor.MISSING):
            raise ChipDataError(
                "not_a_number", locator=f"line {row.line}, column {column.name!r}",
                found=f"{cell.raw[:40]!r}", expected="a number",
            )  # fmt: skip
        factor, offset = conversion(column.unit, ROLES[role]) if ROLES[role] else (1.0, 0.0)
        return cell.value * factor + offset

    def well(self, row: Row) -> str:
        """Normal name of the row's well, empty where there is no such column."""
        text = self.text(row, "well")
        return well_of(text, f"line {row.line}") if text else ""

    def place(self, row: Row) -> Place | None:
        """Chip, time and location of a row; None if undeclared or no sample."""
        locator = f"line {row.line}"
        chip = self.text(row, "chip")
        if self.column("chip") is not None:
            known = self.placement.chip(chip, locator)
            place: Place | None = self.entry.place if known else None
        else:
            place = self.placement.of(self.well(row), self.text(row, "sample"), locator)
        if place is None:
            return None
        return self._changed(place, row, chip)

    def _changed(self, place: Place, row: Row, chip: str) -> Place:
        changes: dict[str, Any] = {"chip": chip} if chip else {}
        time = self.number(row, "time")
        if not math.isnan(time):
            changes["time_s"] = time
        location = self.text(row, "location")
        if location:
            try:
                check_location(location, self.sidecar.locations)
            except ChipDataError as error:
                self.problems.found.append(error.at(locator=f"line {row.line}"))
            changes["location"] = location
        for role in ("technical_replicate", "biological_replicate"):
            if self.text(row, role):
                changes[role] = self.text(row, role)
        if self.column("excluded") is not None:
            word = self.text(row, "excluded").lower()
            if word not in (*_YES, *_NO):
                raise ChipDataError(
                    "sidecar_value",
                    locator=f"line {row.line}",
                    found=f"excluded {word[:20]!r}",
                    expected="x or empty",
                )
            changes["excluded"] = place.excluded or word in _YES
        note = "; ".join(one for one in (place.note, self.text(row, "note")) if one)
        return Place(**{**_fields(place), **changes, "note": note})

    def stamp(self, row: Row) -> Stamp | None:
        """Date and time of a row, None without such columns."""
        return self.stamps.get(row.line)

    def _stamps(self) -> dict[int, Stamp]:
        texts = []
        for row in self.rows:
            parts = [self.text(row, role) for role in ("timestamp", "date", "clock")]
            texts.append((row.line, " ".join(part for part in parts if part)))
        texts = [(line, text) for line, text in texts if text]
        stamps: tuple[Stamp, ...] = ()
        with self.problems.collect():
            stamps, _ = read_stamps(
                [(f"line {line}", text) for line, text in texts],
                self.entry.date_order,
                self.entry.timezone,
            )
        return {line: one for (line, _), one in zip(texts, stamps, strict=False)}


def stamp_columns(stamp: Stamp | None) -> dict[str, Any]:
    """Columns of a measurement or spectrum that follow from a date."""
    if stamp is None:
        return {}
    return {
        "timestamp_text": stamp.text,
        "timestamp_utc": stamp.utc_text,
        "time_quality": stamp.quality,
    }


def _title(column: Column) -> str:
    return " ".join(column.name.split())


def _fields(place: Place) -> dict[str, Any]:
    return {name: getattr(place, name) for name in Place.__dataclass_fields__}
