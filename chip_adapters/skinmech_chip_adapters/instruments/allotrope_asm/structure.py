"""Measurement documents to measurements."""

import math
import re
from dataclasses import replace
from typing import Any

from skinmech_chip_adapters.adapter import Message, Parsed, Records, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError, Problems
from skinmech_chip_adapters.instruments.allotrope_asm.guards import (
    Times,
    check_wells,
    is_short,
    missing_results,
    sources_of,
)
from skinmech_chip_adapters.instruments.allotrope_asm.quantities import (
    TEMPERATURES,
    Quantity,
    cell_of,
    errors_of,
    left_out,
    quantities_of,
)
from skinmech_chip_adapters.instruments.allotrope_asm.reader import Number, Reading, Readings
from skinmech_chip_adapters.observables import OBSERVABLES
from skinmech_chip_adapters.placement import Placement, place_columns, well_of
from skinmech_chip_adapters.readers import Cell, parse_cell
from skinmech_chip_adapters.readers.sentinels import censored
from skinmech_chip_adapters.schema import Censor, Flag, Kind, Measurement
from skinmech_chip_adapters.sidecar import Sidecar
from skinmech_chip_adapters.units import canonical_unit, conversion, same_dimension
from skinmech_chip_adapters.values import value_columns

# A well, and the spot within it that some assays have.
_WELL = re.compile(r"([A-Pa-p]\d{1,3})(?:_(\d+))?")
_AMOUNTS = ("concentration", "molar_concentration")
_SAMPLE_ROLES = ("", "sample role", "unknown sample role", "unspecified sample role")


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """One measurement for each observable of each sample; standards and blanks are left out."""
    return _Structure(parsed, sidecar, entry).records()


class _Structure:
    def __init__(self, parsed: Parsed, sidecar: Sidecar, entry: FileEntry):
        self.tables: Readings = parsed.tables
        self.entry, self.sidecar = entry, sidecar
        self.problems = Problems()
        self.placement = Placement(sidecar, entry, self.problems)
        self.times = Times(entry)
        self.messages: list[Message] = []
        self.rows: list[tuple[int, Measurement]] = []
        self.names: dict[str, None] = {}
        self.present: set[str] = set()
        self.skipped = 0
        self.milli = 0

    def records(self) -> Records:
        """All measurements, or all problems at once."""
        self._check_converter()
        wells = []
        for reading in self.tables.readings:
            with self.problems.collect(locator=reading.locator):
                self._reading(reading, wells)
        with self.problems.collect(locator="calculated data"):
            self._calculated()
        verified, remarks = check_wells(wells, self.entry, self.problems)
        verified |= self._check_count()
        if self.tables.readings:
            verified |= self.placement.check_complete()
            self.placement.check_analytes(self.present)
        self.problems.raise_if_any()
        self.messages += [*self.times.messages(), *remarks, *missing_results(self.tables)]
        self._remark()
        return Records(
            measurements=self._flagged(verified),
            messages=tuple(self.messages),
            unparsed=tuple(
                Unparsed("measurement documents", name, "no observable of the record")
                for name in self.names
            ),
        )

    def _check_converter(self) -> None:
        declared, found = self.entry.extra.get("converter", ""), self.tables.converter
        if declared and declared not in found:
            self.problems.add(
                "converter_conflict", found=f"converter {found[:60]!r}",
                expected=f"{declared!r} as declared",
                remedy="the format was recognised wrongly: convert again and name the format",
            )  # fmt: skip
        if found:
            self.messages.append(Message(level="info", code="converted", text=f"made by {found}"))

    def _check_count(self) -> bool:
        wanted, found = self.entry.expected.get("rows"), len(self.tables.readings)
        if wanted is not None and wanted != found:
            self.problems.add(
                "cut_file",
                found=f"{found} measurement documents",
                expected=f"{wanted} as declared",
                remedy="convert the instrument's file again, or correct the declaration",
            )
        return wanted == found

    def _reading(self, reading: Reading, wells: list[tuple[str, str, str]]) -> None:
        sample = reading.sample
        plate = str(sample.get("well plate identifier", "") or self.entry.plate)
        text = str(sample.get("well location identifier") or sample.get("location identifier", ""))
        match = _WELL.fullmatch(text)
        well = well_of(match[1], reading.locator) if match else ""
        if well:
            wells.append((plate, well, reading.well_count))
        found = list(quantities_of(reading.document, self.entry))
        used = {id(one.number) for one in found}
        temperature = self._temperature(reading.document, used)
        self.names |= dict.fromkeys(left_out(reading.document, used))
        if not self._is_sample(sample):
            self.skipped += 1
            return
        name = str(sample.get("sample identifier", ""))
        place = self.placement.of(well, name, reading.locator)
        if place is None:
            return
        self.milli += sum(
            one.observable == "absorbance" and one.number.get("unit") == "mAU" for one in found
        )
        spot = match[2] if match and match[2] else ""
        shared = {
            **place_columns(place),
            **self.times.columns(reading.time, reading.locator),
            "well": well,
            "plate_id": plate,
            "temperature_degC": temperature,
            "note": "; ".join(one for one in (place.note, f"spot {spot}" if spot else "") if one),
        }
        for quantity in found:
            with self.problems.collect(locator=f"{reading.locator}, {quantity.name}"):
                self._add(reading, quantity, shared)

    def _is_sample(self, sample: dict[str, Any]) -> bool:
        """A well map decides; without one the role that the converter states."""
        if self.entry.well_map is not None:
            return True
        return str(sample.get("sample role type", "")) in _SAMPLE_ROLES

    def _temperature(self, document: dict[str, Any], used: set[int]) -> float:
        for key in TEMPERATURES:
            number = document.get(key)
            if isinstance(number, dict) and isinstance(number.get("value"), Number):
                used.add(id(number))
                factor, offset = conversion(str(number.get("unit", "")), "degC")
                return parse_cell(number["value"]).value * factor + offset
        return math.nan

    def _analyte(self, quantity: Quantity, locator: str) -> str | None:
        if not OBSERVABLES[quantity.observable].needs_analyte:
            return ""
        name = quantity.analyte
        if name in ("", "N/A"):
            name = str(self.entry.extra.get("analyte", name))
        self.present.add(name)
        return self.placement.analyte(name, locator)

    def _add(self, reading: Reading, quantity: Quantity, shared: dict[str, Any]) -> None:
        unit = OBSERVABLES[quantity.observable].unit
        scale = conversion(quantity.unit, unit)
        cell = cell_of(quantity, reading.document, self.entry)
        analyte = self._analyte(quantity, reading.locator)
        if analyte is None:
            return
        # Limits of an assay are concentrations; they say nothing about its raw signal.
        is_amount = quantity.observable in _AMOUNTS
        limits = self.entry.limits.get(analyte) if is_amount else None
        values = value_columns(cell, scale, unit, limits)
        if errors_of(reading.document) and cell.censor == Censor.NONE:
            values["flags"] |= int(Flag.VENDOR_WARNING)
        what = " ".join(part for part in (quantity.name, quantity.analyte) if part)
        row = Measurement(
            **{**shared, **values}, observable=quantity.observable, analyte=analyte, unit=unit,
            raw_unit=str(quantity.number.get("unit", "")) or quantity.unit, n=quantity.n,
            source_locator=f"{reading.locator}, {what}",
        )  # fmt: skip
        self.rows.append((reading.number, row))

    def _calculated(self) -> None:
        """Vendor results whose unit the side-car declares; the others are listed."""
        rows = {
            str(one.document.get("measurement identifier", "")): one for one in self.tables.readings
        }
        taken = {number: row for number, row in reversed(self.rows)}
        for number, one in enumerate(self.tables.calculated, 1):
            name = str(one.get("calculated data name", ""))
            unit = self.entry.units.get(name, "")
            sources = sources_of(one)
            reading = rows.get(next(iter(sources))) if len(sources) == 1 else None
            if not unit or reading is None:
                self.names.setdefault(f"{name} (calculated)")
                continue
            base = taken.get(reading.number)
            if base is None:
                continue  # a standard, a blank, or a well that the map leaves out
            with self.problems.collect(locator=f"calculated data {number}, {name!r}"):
                self._result(number, name, unit, one, reading, base)

    def _result(
        self, number: int, name: str, unit: str, one: dict[str, Any], reading: Reading,
        base: Measurement,
    ) -> None:  # fmt: skip
        observable = _observable_of(unit)
        target = OBSERVABLES[observable].unit
        result = one.get("calculated result")
        quantity = Quantity(name, observable, result if isinstance(result, dict) else {}, unit)
        cell = _in_range(cell_of(quantity, reading.document, self.entry), reading.document)
        values = value_columns(
            cell, conversion(unit, target), target, self.entry.limits.get(base.analyte)
        )
        row = replace(
            base, **values, observable=observable, unit=target, raw_unit=unit, n=math.nan,
            kind=Kind.CALIBRATED, source_locator=f"calculated data {number}, {name}",
        )  # fmt: skip
        self.rows.append((reading.number, row))

    def _remark(self) -> None:
        if self.milli:
            self.messages.append(
                Message(level="warning", code="absorbance_unit",
                        text=f"{self.milli} absorbances labelled mAU were taken as AU; declare "
                        'units = { absorbance = "AU" } once you have checked')
            )  # fmt: skip
        if self.skipped:
            self.messages.append(
                Message(level="info", code="no_sample",
                        text=f"{self.skipped} measurements of standards, blanks and controls were "
                        "left out")
            )  # fmt: skip
        if self.placement.skipped:
            self.messages.append(
                Message(level="info", code="unmapped_skipped",
                        text=f"{self.placement.skipped} measurements are not in the well map")
            )  # fmt: skip

    def _flagged(self, verified: bool) -> tuple[Measurement, ...]:
        """Mark the last measurement unless something vouches for the end of the first file."""
        if not self.rows:
            return ()
        last = max(number for number, _ in self.rows)
        final = [row.raw_text for number, row in self.rows if number == last]
        others = [row.raw_text for number, row in self.rows if number != last]
        short = any(is_short(one, others) for one in final)
        if short:
            self.messages.append(
                Message(level="warning", code="last_number_short", locator=f"measurement {last}",
                        text="the last number has fewer digits than all others; the instrument's "
                        "file may have been cut inside of it")
            )  # fmt: skip
        flag = 0 if verified and not short else int(Flag.UNVERIFIED_END)
        return tuple(
            replace(row, flags=row.flags | (flag if number == last else 0))
            for number, row in self.rows
        )


def _observable_of(unit: str) -> str:
    name = canonical_unit(unit)
    for observable in _AMOUNTS:
        if same_dimension(name, OBSERVABLES[observable].unit):
            return observable
    raise ChipDataError("unit_dimension", found=f"unit {unit!r}",
                        expected="a mass or an amount per volume")  # fmt: skip


def _in_range(cell: Cell, document: dict[str, Any]) -> Cell:
    """A result that the vendor calls out of range is a limit, whatever number was written."""
    custom = document.get("custom information document")
    word = custom.get("detection range", "") if isinstance(custom, dict) else ""
    try:
        state = parse_cell(str(word)).censor if word else Censor.NONE
    except ChipDataError:
        state = Censor.NONE
    if state in (Censor.LEFT, Censor.RIGHT):
        return censored(f"{cell.raw} ({word})", state)
    return cell
