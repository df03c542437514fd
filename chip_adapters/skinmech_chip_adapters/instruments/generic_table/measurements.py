"""Layout `table`: one measurement for each value cell."""

import math
from typing import Any

from skinmech_chip_adapters.declarations import Place
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.instruments.generic_table.columns import Column
from skinmech_chip_adapters.instruments.generic_table.reader import Row
from skinmech_chip_adapters.instruments.generic_table.rows import RowReader, stamp_columns
from skinmech_chip_adapters.observables import OBSERVABLES
from skinmech_chip_adapters.placement import place_columns
from skinmech_chip_adapters.schema import Kind, Measurement
from skinmech_chip_adapters.units import conversion, same_dimension
from skinmech_chip_adapters.values import value_columns


def measurements_of(reader: RowReader) -> tuple[Measurement, ...]:
    """Measurements of a table; problems are collected in the reader."""
    found = []
    for row in reader.rows:
        with reader.problems.collect(locator=f"line {row.line}"):
            place = reader.place(row)
            if place is None:
                continue
            for column in reader.layout.values():
                with reader.problems.collect(locator=f"line {row.line}, column {column.name!r}"):
                    measurement = _measurement(reader, row, column, place)
                    if measurement is not None:
                        found.append(measurement)
    return tuple(found)


def _measurement(reader: RowReader, row: Row, column: Column, place: Place) -> Measurement | None:
    analyte = column.analyte
    if not analyte and OBSERVABLES[column.observable].needs_analyte:
        declared = reader.placement.analyte(reader.text(row, "analyte"), f"line {row.line}")
        if declared is None:
            return None
        analyte = declared
    unit = column.unit or reader.text(row, "unit")
    if not unit:
        raise ChipDataError("unit_missing", found="an empty unit", expected="a unit in every row")
    canonical = OBSERVABLES[column.observable].unit
    scale = conversion(unit, canonical)
    limits = reader.entry.limits.get(analyte)
    if limits and not all(same_dimension(one[1], canonical) for one in limits if one):
        limits = None  # of another quantity of this analyte, such as its raw signal
    return Measurement(
        **{
            **place_columns(place),
            **stamp_columns(reader.stamp(row)),
            **value_columns(reader.cell(row, column), scale, canonical, limits),
            **_uncertainty(reader, row, column, scale[0]),
            "location": column.location or place.location,
        },
        observable=column.observable,
        analyte=analyte,
        method=column.method,
        kind=Kind(column.kind),
        unit=canonical,
        raw_unit=unit,
        frequency_Hz=reader.number(row, "frequency"),
        temperature_degC=reader.number(row, "temperature"),
        well=reader.well(row),
        plate_id=reader.entry.plate,
        source_locator=f"line {row.line}, column {column.name!r}",
    )


def _uncertainty(reader: RowReader, row: Row, column: Column, factor: float) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for other in reader.layout.columns:
        if other.of != column.name or other.role not in ("sd", "n"):
            continue
        number = reader.cell(row, other).value
        if math.isnan(number):
            continue
        if number < 0:
            raise ChipDataError("negative_uncertainty", found=f"{other.role} below zero")
        if other.role == "sd":
            found |= {"sd": number * abs(factor), "sd_origin": "stated"}
        else:
            found["n"] = number
    return found
