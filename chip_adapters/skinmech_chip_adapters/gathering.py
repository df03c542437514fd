"""Collecting what many files give, so that the record is built once at the end."""

import math
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

import numpy as np

from skinmech_chip_adapters.adapter import Adapter, Message, Parsed, Records
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import Problems
from skinmech_chip_adapters.provenance import external_of, source_of, spectrum_id
from skinmech_chip_adapters.record import ChipRecord, measurement_ids
from skinmech_chip_adapters.schema import (
    Chip,
    External,
    Flag,
    LogEntry,
    Measurement,
    Series,
    Source,
    Spectrum,
)
from skinmech_chip_adapters.table import Table

MAX_EMBEDDED_BYTES = 16 * 2**20


class Gathering:
    """A record being added to. A file is added whole or, if it raises, not at all."""

    def __init__(self, record: ChipRecord):
        self._record = record
        self._chips = {chip.chip_id: chip for chip in record.chips}
        self._points = set(_points(record.measurements))
        self._measurements: list[Table[Measurement]] = []
        self._spectra: list[Spectrum] = []
        self._series: list[Series] = []
        self._sources: dict[str, Source] = dict(record.sources)
        self._external: list[External] = []
        self._log: list[LogEntry] = []

    def has(self, source_id: str) -> bool:
        """True if a file with these bytes was read before."""
        return source_id in self._sources

    def note(self, entry: LogEntry) -> None:
        """Add a remark."""
        self._log.append(entry)

    def add(
        self, filename: str, content: bytes, source_id: str, entry: FileEntry,
        adapter: Adapter, parsed: Parsed, records: Records,
    ) -> None:  # fmt: skip
        """Add what one file gave.

        Raises:
            ChipDataError: `duplicate_value`, all of them at once.
        """
        messages = [*parsed.messages, *records.messages]
        stamped = [self._stamped(row, source_id, entry, adapter) for row in records.measurements]
        measurements = Table.of(Measurement, records.measurements)
        if stamped:
            columns = {name: [one[name] for one in stamped] for name in stamped[0]}
            measurements = measurements.replaced(**columns)
        measurements = measurements.replaced(measurement_id=measurement_ids(measurements))
        spectra = [
            replace(row, **self._stamped(row, source_id, entry, adapter)) for row in records.spectra
        ]
        spectra = [replace(row, spectrum_id=spectrum_id(row)) for row in spectra]
        series = [
            replace(row, **self._shared(row, source_id, entry, adapter)) for row in records.series
        ]
        points = _points_once(measurements)
        measurements = self._flag_repeated(measurements, points, messages)
        untimed = int(np.isnan(measurements["time_s"]).sum())
        untimed += sum(math.isnan(row.time_s) for row in spectra)
        if untimed:
            messages.append(
                Message(
                    level="warning",
                    code="time_unknown",
                    text=f"{untimed} values have no time since t0; declare time, or the chip's t0 "
                    "and the file's timezone",
                )  # fmt: skip
            )
        source = source_of(filename, content, source_id, adapter, parsed, records)
        if len(content) > MAX_EMBEDDED_BYTES:
            source = replace(source, content=b"")
            self._external.append(external_of(entry.path, source))
        self._measurements.append(measurements)
        self._points.update(points)
        self._spectra += spectra
        self._series += series
        self._sources[source_id] = source
        self._log += [
            LogEntry(
                level=one.level,
                code=one.code,
                source_id=source_id,
                locator=one.locator,
                text=one.text,
            )  # fmt: skip
            for one in messages
        ]

    def record(self) -> ChipRecord:
        """The record with everything that was added."""
        old = self._record
        return replace(
            old,
            measurements=old.measurements.joined(self._measurements),
            spectra=(*old.spectra, *self._spectra),
            series=(*old.series, *self._series),
            sources=MappingProxyType(self._sources),
            external=old.external.extended(self._external),
            log=old.log.extended(self._log),
        )

    def _chip_of(self, row: Any) -> Chip:
        return self._chips.get(row.chip_id) or Chip(chip_id=row.chip_id)

    def _shared(
        self, row: Any, source_id: str, entry: FileEntry, adapter: Adapter
    ) -> dict[str, Any]:
        return {
            "study_id": self._record.study.study_id,
            "instrument_id": row.instrument_id or entry.instrument or adapter.name,
            "method": row.method or entry.method,
            "t0_event": self._chip_of(row).t0_event,
            "source_id": source_id,
            "note": "; ".join(part for part in (row.note, entry.note) if part),
        }

    def _stamped(
        self, row: Any, source_id: str, entry: FileEntry, adapter: Adapter
    ) -> dict[str, Any]:
        chip = self._chip_of(row)
        temperature = row.temperature_degC
        return {
            **self._shared(row, source_id, entry, adapter),
            "donor_id": chip.donor_id,
            "time_s": _time_since_t0(row, chip) if adapter.reads_on_chip else row.time_s,
            "temperature_degC": entry.temperature_degC if math.isnan(temperature) else temperature,
        }

    def _flag_repeated(
        self, rows: Table[Measurement], points: list[tuple[Any, ...]], messages: list[Message]
    ) -> Table[Measurement]:
        """Mark values that an earlier file already gave for the same point."""
        repeated = [point in self._points for point in points]
        if not any(repeated):
            return rows
        messages.append(
            Message(
                level="warning",
                code="measured_before",
                text=f"{sum(repeated)} values repeat a point that another file gave; flagged",
            )  # fmt: skip
        )
        again = np.where(repeated, int(Flag.DUPLICATE), 0)
        return rows.replaced(flags=rows["flags"] | again)


def _time_since_t0(row: Any, chip: Chip) -> float:
    if not math.isnan(row.time_s) or not row.timestamp_utc or not chip.t0_utc:
        return row.time_s
    taken = datetime.fromisoformat(row.timestamp_utc)
    return (taken - datetime.fromisoformat(chip.t0_utc)).total_seconds()


_POINT = (
    *("chip_id", "location", "observable", "analyte", "method", "plate_id", "well"),
    *("biological_replicate", "technical_replicate", "time_s", "frequency_Hz"),
)


def _points(rows: Table[Measurement]) -> list[tuple[Any, ...]]:
    """Where and when each value was measured; NaN, which equals nothing, as None."""
    columns = []
    for name in _POINT:
        cells = rows[name].tolist()
        if rows[name].dtype.kind == "f":
            cells = [None if one != one else one for one in cells]
        columns.append(cells)
    return list(zip(*columns, strict=True))


def _points_once(rows: Table[Measurement]) -> list[tuple[Any, ...]]:
    """The point of each row; two rows of one file at the same point are refused."""
    points = _points(rows)
    if len(set(points)) == len(points):
        return points
    first: dict[tuple[Any, ...], int] = {}
    problems = Problems()
    places = rows["source_locator"]
    for index, point in enumerate(points):
        other = first.setdefault(point, index)
        if other != index:
            what = " ".join(part for part in point[2:4] if part)
            problems.add(
                "duplicate_value",
                locator=f"{places[other]} and {places[index]}",
                found=f"{what} of chip {point[0]!r} twice at the same time and place",
                expected="one value, or numbered replicates",
                remedy="state the replicate of each (a replicate column, or the well map)",
            )  # fmt: skip
    problems.raise_if_any()
    return points
