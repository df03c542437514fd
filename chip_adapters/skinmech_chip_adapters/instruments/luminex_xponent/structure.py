"""xPONENT blocks to measurements of fluorescence and concentration."""

import math
import re
from dataclasses import dataclass, replace
from typing import Any

from skinmech_chip_adapters.adapter import Message, Parsed, Records, Unparsed
from skinmech_chip_adapters.declarations import FileEntry, Place
from skinmech_chip_adapters.errors import ChipDataError, Problems
from skinmech_chip_adapters.instruments.luminex_xponent.reader import VALUES, Batch, Block
from skinmech_chip_adapters.placement import Placement, place_columns, well_of
from skinmech_chip_adapters.readers import Cell, Stamp, parse_cell, read_stamps
from skinmech_chip_adapters.readers.sentinels import censored
from skinmech_chip_adapters.schema import Censor, Flag, Kind, Measurement
from skinmech_chip_adapters.sidecar import Sidecar
from skinmech_chip_adapters.units import canonical_unit, conversion
from skinmech_chip_adapters.values import value_columns

_LOCATION = re.compile(r"\d+\((?P<plate>\d+),(?P<well>[A-P]\d{1,2})\)")
_WARNED = re.compile(r"(?P<plate>\d+),(?P<well>[A-P]\d{1,2})")
_NO_UNIT = ("", "Bead", "None", "MFI")
_NO_ANALYTE = ("Total Events", "Notes")


@dataclass(frozen=True, slots=True)
class _Target:
    """Where the values of a block go."""

    observable: str
    unit: str
    raw_unit: str
    kind: Kind
    scale: tuple[float, float] = (1.0, 0.0)


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """Median, net and calibrated values of every mapped well and analyte."""
    problems = Problems()
    reader = _PlateReader(parsed, sidecar, entry, problems)
    found = reader.measurements()
    problems.raise_if_any()
    return Records(
        measurements=tuple(found), messages=tuple(reader.messages), unparsed=tuple(reader.refused)
    )


class _PlateReader:
    def __init__(self, parsed: Parsed, sidecar: Sidecar, entry: FileEntry, problems: Problems):
        self.batch: Batch = parsed.tables
        self.entry, self.problems, self.decimal = entry, problems, parsed.decimal
        self.placement = Placement(sidecar, entry, problems)
        self.messages: list[Message] = []
        self.refused: list[Unparsed] = []
        self.stamp = self._stamp()
        self.counts = self._numbers("Count")
        self.dilutions = self._numbers("Dilution Factor")
        self.warned = self._warned()

    def measurements(self) -> list[Measurement]:
        """All values; problems are collected."""
        blocks = [self.batch.blocks[name] for name in VALUES if name in self.batch.blocks]
        self._check_same_wells(blocks)
        found: list[Measurement] = []
        for block in blocks:
            found += self._values(block)
        if not self.problems.found:  # a block left out for another reason is not a cut
            self.placement.check_complete()
        self.placement.check_analytes({title for block in blocks for title in block.titles[2:]})
        if self.placement.skipped:
            self.messages.append(
                Message(level="info", code="unmapped_skipped",
                        text=f"{self.placement.skipped} rows are not in the well map")
            )  # fmt: skip
        if self.batch.is_cut:
            found = [replace(row, flags=row.flags | int(Flag.PARTIAL_SOURCE)) for row in found]
        return found

    def _stamp(self) -> Stamp | None:
        start = self.batch.keys.get("BatchStartTime", ("",))[:1]
        if not start or not start[0]:
            return None
        with self.problems.collect():
            stamps, _ = read_stamps(
                [("BatchStartTime", start[0]), *self.batch.dates],
                self.entry.date_order,
                self.entry.timezone,
            )
            return stamps[0]
        return None

    def _check_same_wells(self, blocks: list[Block]) -> None:
        named = [*blocks, *(self.batch.blocks[n] for n in ("Count",) if n in self.batch.blocks)]
        wells = {block.name: [cells[0] for _, cells in block.rows] for block in named}
        for block in named[1:]:
            if wells[block.name] != wells[named[0].name]:
                self.problems.add(
                    "cut_file", locator=f"block {block.name!r}",
                    found=f"{len(wells[block.name])} wells",
                    expected=f"the {len(wells[named[0].name])} wells of block {named[0].name!r}",
                    remedy="the file is cut or was edited: export it again",
                )  # fmt: skip
        first = _rows(named[0] if named else None)
        plates = {self._well(cells[0], f"line {number}")[0] for number, cells in first}
        by_well = any(key.startswith("well:") for key in self.entry.well_map or {})
        if len(plates) > 1 and by_well:
            self.problems.add(
                "several_plates", found=f"{len(plates)} plates in one file",
                expected="one plate, as wells of the map name no plate",
                remedy="map the wells by sample, or export each plate to its own file",
            )  # fmt: skip

    def _well(self, text: str, locator: str) -> tuple[str, str]:
        match = _LOCATION.fullmatch(text.replace(" ", ""))
        if match is None:
            raise ChipDataError(
                "not_a_well", locator=locator, found=f"location {text[:20]!r}",
                expected="a location such as '1(1,A1)'",
            )  # fmt: skip
        return match["plate"], well_of(match["well"], locator)

    def _cell(self, text: str, locator: str) -> Cell:
        try:
            return parse_cell(text, self.decimal, self.entry.sentinels)
        except ChipDataError as error:
            if self.entry.on_bad_row == "error":
                raise error.at(locator=locator) from error
            return replace(censored(text, Censor.FAILED), flags=int(Flag.BAD_ROW))

    def _numbers(self, name: str) -> dict[tuple[str, str], float]:
        """Numbers of a block by location and title."""
        block = self.batch.blocks.get(name)
        titles = block.titles[2:] if block is not None else ()
        found: dict[tuple[str, str], float] = {}
        for number, cells in _rows(block):
            for title, text in zip(titles, cells[2:], strict=False):
                with self.problems.collect(locator=f"line {number}, column {title!r}"):
                    found[cells[0], title] = self._cell(text, "").value
        return found

    def _warned(self) -> set[str]:
        block = self.batch.blocks.get("Warnings/Errors")
        wells = set()
        for number, cells in _rows(block):
            match = _WARNED.fullmatch(cells[0].replace(" ", ""))
            if match:
                wells.add(well_of(match["well"], f"line {number}"))
            text = "".join(cells[2:3])
            self.messages.append(
                Message(level="warning", code="vendor_warning", locator=f"line {number}",
                        text=f"well {cells[0][:10]}: {text[:120]}")
            )  # fmt: skip
        return wells

    def _row_of(self, name: str, title: str) -> dict[str, str]:
        """Cells by analyte of a block that has one row for each property (Units, Per Bead)."""
        block = self.batch.blocks.get(name)
        for _, cells in _rows(block):
            if block and cells[0] == title:
                return dict(zip(block.titles[1:], cells[1:], strict=False))
        return {}

    def _target(self, block: Block, analyte: str) -> _Target | None:
        """Observable and unit; None for a concentration whose unit nobody stated."""
        if block.name == "Median":
            return _Target("mfi", "MFI", "MFI", Kind.RAW)
        if block.name == "Net MFI":
            return _Target("net_mfi", "MFI", "MFI", Kind.DERIVED)
        unit = self.entry.units.get("Result", "")
        stated = self._row_of("Units", "Units:").get(analyte, "")
        if not unit and stated not in _NO_UNIT:
            unit = canonical_unit(stated)
        if not unit:
            return None
        try:
            scale = conversion(unit, "pg/mL")
            return _Target("concentration", "pg/mL", unit, Kind.CALIBRATED, scale)
        except ChipDataError as error:
            if error.code != "unit_dimension":
                raise
        scale = conversion(unit, "mol/L")
        return _Target("molar_concentration", "mol/L", unit, Kind.CALIBRATED, scale)

    def _values(self, block: Block) -> list[Measurement]:
        found = []
        for title_number, title in enumerate(block.titles[2:], 2):
            if title in _NO_ANALYTE or not title:
                continue
            with self.problems.collect(locator=f"block {block.name!r}, column {title!r}"):
                analyte = self.placement.analyte(title, f"block {block.name!r}")
                target = self._target(block, title)
                if target is None:
                    self._refuse(block, title)
                if analyte is None or target is None:
                    continue
                for number, cells in block.rows:
                    where = f"line {number}, column {title!r}"
                    with self.problems.collect(locator=where):
                        text = "".join(cells[title_number : title_number + 1])
                        row = self._value(cells, title, analyte, target, text, where)
                        found += [row] if row is not None else []
        return found

    def _refuse(self, block: Block, title: str) -> None:
        self.refused.append(
            Unparsed(f"line {block.line}", f"{block.name} {title}", "no unit of concentration")
        )
        self.messages.append(
            Message(
                level="warning",
                code="unit_missing",
                locator=f"block {block.name!r}",
                text=f"no unit of concentration for {title!r}, so only its fluorescence was kept; "
                'declare units = { "Result" = "pg/mL" }',
            )  # fmt: skip
        )

    def _value(
        self, cells: tuple[str, ...], title: str, analyte: str, target: _Target, text: str,
        where: str,
    ) -> Measurement | None:  # fmt: skip
        plate, well = self._well(cells[0], where)
        place = self.placement.of(well, "".join(cells[1:2]), f"{where}, well {well}")
        if place is None:
            return None
        values = value_columns(
            self._cell(text, where), target.scale, target.unit,
            self.entry.limits.get(analyte) if target.kind == Kind.CALIBRATED else None,
        )  # fmt: skip
        count = self.counts.get((cells[0], title), math.nan)
        values["flags"] |= self._flags(count, title, well)
        batch = self.batch.keys.get("Batch", ("",))[:1]
        return Measurement(
            **{**self._columns(place, cells[0]), **values},
            observable=target.observable,
            analyte=analyte,
            method=self.entry.method or "Luminex xMAP",
            kind=target.kind,
            unit=target.unit,
            raw_unit=target.raw_unit,
            n=count,
            well=well,
            plate_id=(self.entry.plate or "".join(batch)) + (f"/{plate}" if plate != "1" else ""),
            source_locator=where,
        )

    def _flags(self, count: float, title: str, well: str) -> int:
        flags = int(Flag.VENDOR_WARNING) if well in self.warned else 0
        wanted = self._row_of("Per Bead Count", "Per Bead:").get(title, "")
        if wanted.isascii() and wanted.isdigit() and count < int(wanted):
            flags |= int(Flag.LOW_COUNT)
        return flags

    def _columns(self, place: Place, location: str) -> dict[str, Any]:
        columns = place_columns(place)
        stated = self.dilutions.get((location, "Dilution Factor"), math.nan)
        if not math.isnan(stated):
            if not math.isnan(place.dilution) and place.dilution != stated:
                raise ChipDataError(
                    "dilution_conflict", found=f"dilution {stated:g}",
                    expected=f"{place.dilution:g} as in the side-car",
                    remedy="correct the wrong one",
                )  # fmt: skip
            columns["dilution"] = stated
        if self.stamp is not None:
            columns["timestamp_text"] = self.stamp.text
            columns["timestamp_utc"] = self.stamp.utc_text
            columns["time_quality"] = self.stamp.quality
        return columns


def _rows(block: Block | None) -> tuple[tuple[int, tuple[str, ...]], ...]:
    return block.rows if block is not None else ()
