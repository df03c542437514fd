"""FLEX2 rows to records."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from skinmech_chip_adapters.adapter import Message, Parsed, Records, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError, Problems, one_of
from skinmech_chip_adapters.instruments.novabio_flex2.reader import (
    ANALYTES,
    GASES,
    TEMPERATURE,
    Export,
)
from skinmech_chip_adapters.placement import Placement, place_columns
from skinmech_chip_adapters.readers import Cell, Stamp, parse_cell, read_stamps
from skinmech_chip_adapters.readers.sentinels import censored
from skinmech_chip_adapters.schema import Censor, Flag, Measurement
from skinmech_chip_adapters.sidecar import Sidecar
from skinmech_chip_adapters.units import conversion
from skinmech_chip_adapters.values import value_columns

_METHOD = "BioProfile FLEX2"
_MOLAR = {"Gluc": "glucose", "Lac": "lactate"}
_UNITS = {"PO2": ("po2", "kPa"), "Viability": ("viability", "dimensionless")}


@dataclass(frozen=True, slots=True)
class _Column:
    """Where a column goes: title, observable, canonical unit, unit as declared, scale, analyte."""

    title: str
    observable: str
    unit: str
    raw_unit: str
    scale: tuple[float, float]
    analyte: str = ""


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """Every column with a stated unit, of every mapped sample."""
    made = _Samples(parsed, sidecar, entry)
    found = made.measurements()
    made.problems.raise_if_any()
    return Records(
        measurements=tuple(found), messages=tuple(made.messages), unparsed=tuple(made.refused)
    )


class _Samples:
    def __init__(self, parsed: Parsed, sidecar: Sidecar, entry: FileEntry):
        export: Export = parsed.tables
        self.table, self.decimal, self.entry = export.table, parsed.decimal, entry
        self.problems = Problems()
        self.placement = Placement(sidecar, entry, self.problems)
        self.messages: list[Message] = []
        self.refused: list[Unparsed] = []
        self.columns = self._columns()

    def measurements(self) -> list[Measurement]:
        stamps: tuple[Stamp | None, ...] = (None,) * len(self.table.rows)
        with self.problems.collect():
            stamps, _ = read_stamps(
                [(f"line {number}", row["Date & Time"]) for number, row in self.table.rows],
                self.entry.date_order,
                self.entry.timezone,
            )
        found: list[Measurement] = []
        for (number, row), stamp in zip(self.table.rows, stamps, strict=True):
            with self.problems.collect(locator=f"line {number}"):
                found += self._row(number, row, stamp)
        self.placement.check_complete()
        self.placement.check_analytes({one.title for one in self.columns})
        wanted = self.entry.expected.get("rows", len(self.table.rows))
        if wanted != len(self.table.rows):
            self.problems.add(
                "cut_file", found=f"{len(self.table.rows)} rows", expected=f"{wanted} as declared",
                remedy="export the file again, or correct the declaration",
            )  # fmt: skip
        return self._flagged(found)

    def _flagged(self, found: list[Measurement]) -> list[Measurement]:
        if self.placement.skipped:
            text = f"{self.placement.skipped} samples are not in the well map"
            self.messages.append(Message(level="info", code="unmapped_skipped", text=text))
        if self.table.is_cut or (not self.table.ends and self.entry.on_bad_row != "error"):
            found = [replace(one, flags=one.flags | int(Flag.PARTIAL_SOURCE)) for one in found]
        # Nothing ends the file: whole samples may have been cut off.
        if found and "rows" not in self.entry.expected:
            found[-1] = replace(found[-1], flags=found[-1].flags | int(Flag.UNVERIFIED_END))
        return found

    def _columns(self) -> list[_Column]:
        columns = []
        known = (*ANALYTES, *GASES, "Viability")
        present = [title for title in known if title in self.table.titles]
        for title in sorted(set(self.entry.units) - {*present, "pH"}):
            self.problems.add(
                "block_not_in_file", found=f"a unit for {title!r}", expected=one_of(present, title),
                remedy="correct units in the side-car, or export the file with this column",
            )  # fmt: skip
        for title in self.table.titles:
            with self.problems.collect(locator=f"column {title!r}"):
                if title == "pH":
                    columns.append(_Column(title, "ph", "pH", "pH", (1.0, 0.0)))
                elif title in known:
                    unit = self.entry.units.get(title, "")
                    columns += [self._column(title, unit)] if unit else self._without(title)
        return columns

    def _without(self, title: str) -> list[_Column]:
        """A column whose unit nobody stated: left out with a remark if it holds anything."""
        if any(row.get(title) for _, row in self.table.rows):
            where = f"line {self.table.line}"
            self.refused.append(Unparsed(where, title, "no unit"))
            text = f"the file states no unit of {title!r}, which was left out; declare it in units"
            self.messages.append(
                Message(level="warning", code="unit_missing", locator=where, text=text)
            )
        return []

    def _column(self, title: str, unit: str) -> _Column:
        if title in _UNITS:
            observable, canonical = _UNITS[title]
            return _Column(title, observable, canonical, unit, conversion(unit, canonical))
        try:
            scale = conversion(unit, "mol/L")
        except ChipDataError as error:
            if error.code != "unit_dimension":
                raise
            scale = conversion(unit, "pg/mL")
            return self._named(_Column(title, "concentration", "pg/mL", unit, scale))
        if title in _MOLAR:
            molar = conversion(unit, "mmol/L")
            return _Column(title, _MOLAR[title], "mmol/L", unit, molar)
        return self._named(_Column(title, "molar_concentration", "mol/L", unit, scale))

    def _named(self, column: _Column) -> _Column:
        analyte = self.placement.analyte(column.title, f"column {column.title!r}")
        return replace(column, analyte=analyte or column.title)

    def _row(self, number: int, row: Mapping[str, str], stamp: Stamp | None) -> list[Measurement]:
        place = self.placement.of("", row["Sample ID"], f"line {number}")
        if place is None:
            return []
        shared = {
            **place_columns(place),
            "temperature_degC": self._cell(row.get(TEMPERATURE, ""), number, TEMPERATURE).value,
            "method": self.entry.method or _METHOD,
            "plate_id": self.entry.plate,
            **(
                {
                    "timestamp_text": stamp.text,
                    "timestamp_utc": stamp.utc_text,
                    "time_quality": stamp.quality,
                }
                if stamp
                else {}
            ),
        }
        found = []
        for column in self.columns:
            cell = self._cell(row[column.title], number, column.title)
            limits = self.entry.limits.get(column.analyte or column.title)
            found.append(
                Measurement(
                    **shared,
                    **value_columns(cell, column.scale, column.unit, limits),
                    observable=column.observable,
                    unit=column.unit,
                    raw_unit=column.raw_unit,
                    analyte=column.analyte,
                    source_locator=f"line {number}, column {column.title!r}",
                )
            )
        return found

    def _cell(self, text: str, number: int, title: str) -> Cell:
        if not text:
            return Cell(math.nan, Censor.MISSING, math.nan, math.nan, 0, text)
        try:
            return parse_cell(text, self.decimal, self.entry.sentinels)
        except ChipDataError as error:
            if self.entry.on_bad_row == "error":
                raise error.at(locator=f"line {number}, column {title!r}") from error
            return replace(censored(text, Censor.FAILED), flags=int(Flag.BAD_ROW))
