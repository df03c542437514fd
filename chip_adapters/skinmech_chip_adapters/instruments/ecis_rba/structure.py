"""ECIS model results to measurements of the junctional resistance."""

import math
from dataclasses import replace

from skinmech_chip_adapters.adapter import Message, Parsed, Records, Unparsed
from skinmech_chip_adapters.declarations import FileEntry, Place
from skinmech_chip_adapters.errors import ChipDataError, Problems, one_of
from skinmech_chip_adapters.impedance.sweeps import (
    check_expected,
    stamp_columns,
    unverified_end,
    well_remarks,
)
from skinmech_chip_adapters.instruments.ecis_abp.sections import start_of
from skinmech_chip_adapters.instruments.ecis_rba.reader import Results
from skinmech_chip_adapters.observables import OBSERVABLES
from skinmech_chip_adapters.placement import Placement, place_columns, well_of
from skinmech_chip_adapters.readers import Cell, Line, Stamp, parse_cell
from skinmech_chip_adapters.readers.sentinels import censored
from skinmech_chip_adapters.schema import Censor, Flag, Kind, Measurement
from skinmech_chip_adapters.sidecar import Sidecar
from skinmech_chip_adapters.units import conversion
from skinmech_chip_adapters.values import value_columns

_METHOD = "Giaever-Keese model (ECIS software)"
_USED = "Rb"
_CAPACITANCE = "CellMCap"
_CAPACITANCE_BOUND = 1000.0  # uF/cm^2, where the vendor's fit ends if it finds nothing
IGNORED = {
    "Alpha": "cell-electrode constraint; no observable for it",
    "CellMCap": "capacitance of one membrane in the model, not that of the layer",
    "Drift": "quality of the vendor's fit; noted with each value",
    "RMSE": "quality of the vendor's fit; noted with each value",
}


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """Rb of every mapped well and time.

    A time declared for the file is that of the start of the recording (hour 0).
    """
    table: Results = parsed.tables
    problems, messages = Problems(), []
    verified = check_expected("rows", len(table.rows), entry, problems)
    wells = {name: well_of(name, "line 'Well ID'") for name, _, _ in table.columns}
    check_expected("wells", len(wells), entry, problems)
    _check_titles(table, problems)
    start: Stamp | None = None
    with problems.collect(locator="[ECIS_Parameters] Date"):
        start = start_of(table.keys, entry)
    placement = Placement(sidecar, entry, problems)
    places = {well: placement.of(well, "", f"well {well}") for well in wells.values()}
    placement.check_complete()
    problems.raise_if_any()
    reader = _Rows(parsed, entry, start, messages, problems)
    hours = conversion(table.time_unit, "s")[0]
    found: list[Measurement] = []
    for line in table.rows:
        with problems.collect(locator=f"line {line.number}"):
            elapsed = _number(parse_cell(line.cell(0), parsed.decimal)) * hours
            stamp_columns(start, elapsed)  # refuses a time that cannot be
            for name, well in wells.items():
                place = places[well]
                if place is not None:
                    _check_timed(place, start, sidecar, entry)
                    found.append(reader.measurement(line, name, well, place, elapsed))
    problems.raise_if_any()
    messages += well_remarks(len(wells), placement.skipped, entry)
    if found and not verified:
        messages.append(unverified_end("rows = …"))
        last = table.rows[-1].number
        found = [
            replace(row, flags=row.flags | int(Flag.UNVERIFIED_END))
            if row.source_locator.startswith(f"line {last},")
            else row
            for row in found
        ]
    titles = dict.fromkeys((name, unit) for _, name, unit in table.columns if name != _USED)
    messages += [
        Message(level="warning", code="unknown_column", text=f"column {name[:30]!r} was left out")
        for name, _ in titles
        if name not in IGNORED
    ]
    unparsed = [
        Unparsed("[Headings]", f"{name} ({unit})" if unit else name,
                 IGNORED.get(name, "unknown to this adapter"))
        for name, unit in titles
    ]  # fmt: skip
    return Records(measurements=tuple(found), messages=tuple(messages), unparsed=tuple(unparsed))


def _check_titles(table: Results, problems: Problems) -> None:
    for well in dict.fromkeys(one for one, _, _ in table.columns):
        names = [name for one, name, _ in table.columns if one == well]
        if _USED not in names:
            problems.add(
                "column_missing", locator=f"[Headings], well {well[:8]}", found=f"no {_USED!r}",
                expected=one_of(names, _USED), remedy="export the file with this column",
            )  # fmt: skip


def _check_timed(place: Place, start: Stamp | None, sidecar: Sidecar, entry: FileEntry) -> None:
    """Rows that no time tells apart cannot be stored."""
    chip = sidecar.chip(place.chip)
    dated = start is not None and start.utc is not None and chip is not None and chip.t0_utc
    if math.isnan(place.time_s) and not dated:
        raise ChipDataError(
            "time_missing", locator=f"[[file]] ({entry.path})",
            found="hours since the start of the recording, which is not placed in time",
            expected="the time since t0 at which the recording started",
            remedy='add time = "…" to the entry, or the chip\'s t0 and the file\'s timezone',
        )  # fmt: skip


def _number(cell: Cell) -> float:
    if cell.censor != Censor.NONE:
        raise ChipDataError(
            "empty_cell", found="a row without its time", expected="a number of hours",
            remedy="export the file again",
        )  # fmt: skip
    return cell.value


class _Rows:
    """Values of one row and well."""

    def __init__(
        self, parsed: Parsed, entry: FileEntry, start: Stamp | None, messages: list[Message],
        problems: Problems,
    ):  # fmt: skip
        self.table: Results = parsed.tables
        self.decimal, self.entry, self.start = parsed.decimal, entry, start
        self.messages, self.problems = messages, problems
        self.index = {(well, name): i for i, (well, name, _) in enumerate(self.table.columns, 1)}
        self.units = {(well, name): unit for well, name, unit in self.table.columns}

    def measurement(
        self, line: Line, name: str, well: str, place: Place, elapsed: float
    ) -> Measurement:
        """Rb of one well; failed where the fit ended on the bound of the capacitance."""
        where = f"line {line.number}, well {well}"
        cell, note = self._cell(line, (name, _USED), where), [place.note]
        for quality in ("RMSE", "Drift"):
            text = self._text(line, (name, quality))
            note.append(f"{quality} {text} {self.units.get((name, quality), '')}" if text else "")
        if self._on_bound(line, name, where) and cell.censor == Censor.NONE:
            cell = replace(
                censored(cell.raw, Censor.FAILED), flags=cell.flags | int(Flag.NOT_CALCULABLE)
            )
            note.append(f"capacitance on the bound of the fit, {_CAPACITANCE_BOUND:g} uF/cm^2")
        observable = OBSERVABLES["ecis_rb"]
        unit = self.units[name, _USED]
        columns = {
            **place_columns(place),
            **value_columns(cell, conversion(unit, observable.unit)),
            **stamp_columns(self.start, elapsed),
            "time_s": place.time_s + elapsed,
            "note": "; ".join(one.strip() for one in note if one),
        }
        return Measurement(
            **columns,
            observable=observable.name,
            unit=observable.unit,
            raw_unit=unit,
            kind=Kind.DERIVED,
            method=self.entry.method or _METHOD,
            well=well,
            source_locator=where,
        )

    def _text(self, line: Line, key: tuple[str, str]) -> str:
        return line.cell(self.index[key]) if key in self.index else ""

    def _cell(self, line: Line, key: tuple[str, str], where: str) -> Cell:
        text = self._text(line, key)
        try:
            return parse_cell(text, self.decimal, self.entry.sentinels)
        except ChipDataError as error:
            placed = error.at(locator=where)
            if self.entry.on_bad_row == "error":
                raise placed from None
            self.messages.append(
                Message(level="error", code=error.code, locator=where, text=str(placed))
            )
            return replace(censored(text, Censor.FAILED), flags=int(Flag.BAD_ROW))

    def _on_bound(self, line: Line, name: str, where: str) -> bool:
        return self._cell(line, (name, _CAPACITANCE), where).value >= _CAPACITANCE_BOUND
