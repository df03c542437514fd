"""Layout `series`: one logger channel for each value column and chip."""

import math
from datetime import datetime

import numpy as np

from skinmech_chip_adapters.adapter import Message
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.instruments.generic_table.columns import Column
from skinmech_chip_adapters.instruments.generic_table.reader import Row
from skinmech_chip_adapters.instruments.generic_table.rows import RowReader
from skinmech_chip_adapters.observables import OBSERVABLES
from skinmech_chip_adapters.readers import Cell
from skinmech_chip_adapters.schema import Censor, Series, TimeQuality
from skinmech_chip_adapters.units import conversion

_Point = tuple[float, Cell, str]


def series_of(reader: RowReader) -> tuple[Series, ...]:
    """Logger channels of a table; problems are collected in the reader."""
    points: dict[tuple[str, str, str, str], list[_Point]] = {}
    for row in reader.rows:
        with reader.problems.collect(locator=f"line {row.line}"):
            place = reader.place(row)
            if place is None:
                continue
            time = _time(reader, row, place.chip, place.time_s)
            for column in reader.layout.values():
                own = " ".join(
                    part for part in (reader.well(row), place.technical_replicate) if part
                )
                key = (place.chip, column.location or place.location, column.name, own)
                point = (time, reader.cell(row, column), reader.text(row, "status"))
                points.setdefault(key, []).append(point)
    columns = {one.name: one for one in reader.layout.values()}
    return tuple(
        _series(reader, chip, location, columns[name], own, found)
        for (chip, location, name, own), found in points.items()
    )


def _time(reader: RowReader, row: Row, chip_id: str, start: float) -> float:
    if reader.column("time") is not None:
        time = reader.number(row, "time")
        # A time declared for the file is when the logger's own clock was at zero.
        offset = reader.entry.place.time_s
        return time + (0.0 if math.isnan(offset) else offset)
    stamp, chip = reader.stamp(row), reader.sidecar.chip(chip_id)
    if stamp is not None and stamp.utc is not None and chip is not None and chip.t0_utc:
        return (stamp.utc - datetime.fromisoformat(chip.t0_utc)).total_seconds()
    raise ChipDataError(
        "time_unknown", found="no time since t0 for a logger row",
        expected="a column with role time; or dates, the file's timezone and the chip's t0",
    )  # fmt: skip


def _series(
    reader: RowReader, chip: str, location: str, column: Column, own: str, points: list[_Point]
) -> Series:
    unit = OBSERVABLES[column.observable].unit
    factor, offset = conversion(column.unit, unit)
    times = np.array([time for time, _, _ in points], dtype=np.float64)
    if (np.diff(times) < 0).any():
        reader.messages.append(
            Message(level="warning", code="time_goes_back", locator=f"column {column.name!r}",
                    text=f"times of column {column.name!r} do not rise throughout")
        )  # fmt: skip
    status = np.empty(len(points), dtype=object)
    status[:] = [
        word or (cell.raw if cell.censor != Censor.NONE else "") for _, cell, word in points
    ]
    values = np.array([cell.value for _, cell, _ in points], dtype=np.float64) * factor + offset
    flags = 0
    for _, cell, _ in points:
        flags |= cell.flags
    for array in (times, values, status):
        array.flags.writeable = False
    title = f"{column.name} {own}" if own else column.name
    return Series(
        time_s=times, value=values, status_text=status, channel=title, chip_id=chip,
        location=location, observable=column.observable, analyte=column.analyte, unit=unit,
        method=column.method, flags=flags,
        time_quality=next((one.quality for one in reader.stamps.values()), TimeQuality.ABSENT),
        source_locator=f"column {column.name!r}" + (f", {own}" if own else ""),
    )  # fmt: skip
