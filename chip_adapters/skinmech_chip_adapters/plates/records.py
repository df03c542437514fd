"""Readings of a plate to measurements of chips."""

import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from skinmech_chip_adapters.adapter import Message, Records, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError, Problems, one_of
from skinmech_chip_adapters.placement import Placement, place_columns
from skinmech_chip_adapters.plates.blocks import Reading, WellText
from skinmech_chip_adapters.plates.quantities import HIGHEST_ABSORBANCE, Target, target_of
from skinmech_chip_adapters.readers import Cell, Stamp, parse_cell, read_stamps
from skinmech_chip_adapters.readers.sentinels import censored
from skinmech_chip_adapters.schema import Censor, Flag, Kind, Measurement
from skinmech_chip_adapters.sidecar import Sidecar
from skinmech_chip_adapters.values import value_columns

EXTRA_KEYS = {
    "plates": "name, or list of names, of the plates in the file to take",
    "kinetic": '"sample" (the run is an assay of samples; the default) or "chip" (the plate holds '
    "the culture, and the time of the run is time on the chip)",
}


def plate_records(
    readings: Sequence[Reading],
    sidecar: Sidecar,
    entry: FileEntry,
    *,
    decimal: str,
    dates: Sequence[tuple[str, str]] = (),
    is_cut: bool = False,
    uncounted: Collection[str] = (),
) -> Records:
    """Measurements of every mapped well of every reading.

    Args:
        readings: All blocks of the file.
        sidecar: The side-car.
        entry: The file's entry in it.
        decimal: Decimal sign of the file.
        dates: Place and text of further dates in the file; they help to find the date order.
        is_cut: True if blocks are missing; all values are then flagged `PARTIAL_SOURCE`.
        uncounted: What nothing in the file counts, so that it could be cut off whole: `blocks`
            (vouched for by a unit or analyte declared for each) or `plates` (vouched for by a map
            of wells, by `plates` or by the expected number of wells). If nothing vouches, the last
            value is flagged `UNVERIFIED_END`.

    Raises:
        ChipDataError: Everything that is wrong, at once.
    """
    made = _PlateRecords(readings, sidecar, entry, decimal, dates)
    found = made.measurements()
    if found and not made.vouches_for(uncounted):
        found[-1] = replace(found[-1], flags=found[-1].flags | int(Flag.UNVERIFIED_END))
    made.problems.raise_if_any()
    if is_cut:
        found = [replace(row, flags=row.flags | int(Flag.PARTIAL_SOURCE)) for row in found]
    return Records(
        measurements=tuple(found), messages=tuple(made.messages), unparsed=tuple(made.refused)
    )


class _PlateRecords:
    def __init__(
        self, readings: Sequence[Reading], sidecar: Sidecar, entry: FileEntry, decimal: str,
        dates: Sequence[tuple[str, str]],
    ):  # fmt: skip
        self.entry, self.decimal, self.problems = entry, decimal, Problems()
        self.placement = Placement(sidecar, entry, self.problems)
        self.messages: list[Message] = []
        self.refused: list[Unparsed] = []
        self.readings = self._chosen(readings)
        self.stamps = self._stamps(dates)
        self.with_value = {
            (one.plate, cell.well) for one in self.readings for cell in one.wells if cell.text
        }
        self.not_read: set[tuple[str, str]] = set()
        self.places: dict[tuple[str, str], dict[str, Any] | None] = {}
        self.is_mapped = False

    def measurements(self) -> list[Measurement]:
        self._check_keys()
        self._check_wells()
        found: list[Measurement] = []
        for reading in self.readings:
            with self.problems.collect(locator=reading.locator):
                found += self._values(reading)
        found = self._checked_end(found)
        self._remark(bool(found))
        return found

    def vouches_for(self, uncounted: Collection[str]) -> bool:
        """True if the side-car confirms what the file does not count."""
        declared = {*self.entry.units, *self.entry.analytes}
        blocks = {one.name for one in self.readings} <= declared
        plates = self.is_mapped or "plates" in self.entry.extra or "wells" in self.entry.expected
        return (blocks or "blocks" not in uncounted) and (plates or "plates" not in uncounted)

    # -- which plates, which wells, when ---------------------------------------------------------

    def _chosen(self, readings: Sequence[Reading]) -> list[Reading]:
        """Readings of the plates that the side-car takes."""
        names = list(dict.fromkeys(one.plate for one in readings))
        wanted = self.entry.extra.get("plates", names)
        wanted = [wanted] if isinstance(wanted, str) else wanted
        if not isinstance(wanted, list) or not all(isinstance(one, str) for one in wanted):
            self.problems.add("sidecar_value", locator="plates", found=f"{wanted!r}"[:60],
                              expected="a name of a plate, or a list of names")  # fmt: skip
            return []
        for name in wanted:
            if name not in names:
                self.problems.add(
                    "plate_not_in_file", found=f"no plate {name!r}", expected=one_of(names, name),
                    remedy="correct plates in the side-car; a missing plate means the file is cut",
                )  # fmt: skip
        by_well = any(key.startswith("well:") for key in self.entry.well_map or {})
        if len(names) > 1 and by_well and "plates" not in self.entry.extra:
            self.problems.add(
                "several_plates", found=f"{len(names)} plates: {', '.join(map(repr, names))}",
                expected="the plate that the well map is of",
                remedy=f'declare plates = "{names[0]}", or export each plate to its own file',
            )  # fmt: skip
        left_out = [name for name in names if name not in wanted]
        if left_out:
            text = f"plates {', '.join(map(repr, left_out))} were left out as declared"
            self.messages.append(Message(level="info", code="plates_left_out", text=text))
        return [one for one in readings if one.plate in wanted]

    def _stamps(self, dates: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Stamp]:
        pairs = [*dict.fromkeys([*(one.date for one in self.readings if one.date), *dates])]
        with self.problems.collect():
            stamps, _ = read_stamps(pairs, self.entry.date_order, self.entry.timezone)
            return dict(zip(pairs, stamps, strict=True))
        return {}

    def _check_keys(self) -> None:
        names = {one.name for one in self.readings}
        known = names | {one.quantity for one in self.readings if one.quantity}
        for key in sorted(set(self.entry.units) - known):
            self.problems.add(
                "block_not_in_file", found=f"a unit for {key!r}", expected=one_of(known, key),
                remedy="correct units in the side-car",
            )  # fmt: skip
        self.placement.check_analytes(names)
        if self.entry.extra.get("kinetic", "sample") not in ("sample", "chip"):
            self.problems.add("sidecar_value", locator="kinetic",
                              found=f"{self.entry.extra['kinetic']!r}"[:60],
                              expected='"sample" or "chip"')  # fmt: skip

    def _check_wells(self) -> None:
        """Each block has a well once, and the declared number of wells is there."""
        seen: dict[tuple[str, str, str], dict[str, str]] = {}
        for reading in self.readings:
            place = (reading.plate, reading.name, repr(reading.elapsed))
            wells = seen.setdefault(place, {})
            for cell in reading.wells:
                if cell.well in wells:
                    self.problems.add(
                        "duplicate_well", locator=f"{wells[cell.well]} and {cell.locator}",
                        found=f"well {cell.well} of {reading.name!r} twice", expected="each once",
                        remedy="export the plate again",
                    )  # fmt: skip
                wells[cell.well] = cell.locator
        last: dict[tuple[str, str], float] = {}
        for reading in self.readings:
            key = (reading.plate, reading.name)
            if reading.elapsed < last.get(key, -math.inf):
                self.problems.add(
                    "time_not_rising", locator=reading.locator, found=f"{reading.elapsed:g} s",
                    expected=f"a time after {last[key]:g} s", remedy="export the plate again",
                )  # fmt: skip
            last[key] = reading.elapsed
        wanted = self.entry.expected.get("wells", len(self.with_value))
        if wanted != len(self.with_value):
            self.problems.add(
                "cut_file", found=f"{len(self.with_value)} wells with a value",
                expected=f"{wanted} as declared",
                remedy="export the file again, or correct the declaration",
            )  # fmt: skip

    def _checked_end(self, found: list[Measurement]) -> list[Measurement]:
        """Refuse (or flag) plates that may lack rows which nothing vouches for."""
        if self.problems.found:
            return found
        self.is_mapped = self.placement.check_complete()
        vouched = self.is_mapped or "wells" in self.entry.expected
        for plate in {one.plate for one in self.readings if not one.is_whole and not vouched}:
            part = [one for one in self.readings if one.plate == plate and not one.is_whole]
            last = part[-1].wells[-1].well if part[-1].wells else "none"
            if self.entry.on_bad_row == "error":
                count = len({cell.well for one in part for cell in one.wells})
                self.problems.add(
                    "cut_file", locator=f"{part[-1].locator}, plate {plate!r}",
                    found=f"{count} wells, the last of them {last}",
                    expected="a whole plate, or a size that the side-car confirms",
                    remedy="export the file again; for a smaller plate declare expected = { wells ="
                    f" {count} }} or a map of its wells",
                )  # fmt: skip
            self.messages.append(
                Message(level="warning", code="unverified_end", locator=part[-1].locator,
                        text=f"nothing confirms that plate {plate!r} ends at well {last}")
            )  # fmt: skip
            found = [
                replace(row, flags=row.flags | int(Flag.UNVERIFIED_END))
                if row.plate_id == self._plate_id(plate) else row
                for row in found
            ]  # fmt: skip
        return found

    def _remark(self, has_values: bool) -> None:
        if self.placement.skipped:
            text = f"{self.placement.skipped} wells are not in the well map"
            self.messages.append(Message(level="info", code="unmapped_skipped", text=text))
        if self.not_read:
            text = f"{len(self.not_read)} wells of the plate hold no value and were not mapped"
            self.messages.append(Message(level="info", code="wells_not_read", text=text))
        if not has_values:
            text = "the file holds no values of a mapped well"
            self.messages.append(Message(level="warning", code="no_rows", text=text))

    # -- values ----------------------------------------------------------------------------------

    def _place(self, reading: Reading, cell: WellText) -> dict[str, Any] | None:
        """Columns of a well's place; None for standards, blanks and wells that were not read."""
        key = (reading.plate, cell.well)
        if key not in self.places:
            sample = reading.samples.get(cell.well, "")
            mapped = self.entry.well_map or {}
            if key not in self.with_value and not (
                f"well:{cell.well}" in mapped or f"sample:{sample}" in mapped
            ):
                self.not_read.add(key)
                self.places[key] = None
            else:
                where = f"{cell.locator}, well {cell.well}"
                place = self.placement.of(cell.well, sample, where)
                self.places[key] = None if place is None else place_columns(place)
        return self.places[key]

    def _target(self, reading: Reading) -> Target | None:
        units = self.entry.units
        declared = units.get(reading.name, units.get(reading.quantity, ""))
        target = target_of(reading.name, reading.quantity, declared, reading.unit)
        if target is None:
            reason = "no unit of concentration"
            self.refused.append(Unparsed(reading.locator, reading.name, reason))
            self.messages.append(
                Message(
                    level="warning",
                    code="unit_missing",
                    locator=reading.locator,
                    text=f"no unit of concentration for {reading.name!r}, which was left out; "
                    f'declare units = {{ "{reading.name}" = "pg/mL" }}',
                )  # fmt: skip
            )
        return target

    def _analyte(self, reading: Reading, target: Target) -> str | None:
        needed = target.observable not in ("absorbance", "rfu")
        if needed or reading.name in self.entry.analytes:
            return self.placement.analyte(reading.name, reading.locator)
        return ""

    def _values(self, reading: Reading) -> list[Measurement]:
        target = self._target(reading)
        analyte = None if target is None else self._analyte(reading, target)
        if target is None or analyte is None:
            return []
        limits = self.entry.limits.get(analyte or reading.name)
        if target.observable != "absorbance" and reading.kind != Kind.CALIBRATED:
            limits = self.entry.limits.get(reading.name)
        shared = self._shared(reading, target, analyte)
        on_chip = self.entry.extra.get("kinetic") == "chip" and not math.isnan(reading.elapsed)
        found: list[Measurement] = []
        for cell in reading.wells:
            place = self._place(reading, cell)
            if place is None:
                continue
            parsed = self._cell(cell)
            if parsed is None:
                continue
            values = value_columns(parsed, target.scale, target.unit, limits)
            if target.observable == "absorbance" and values["value"] > HIGHEST_ABSORBANCE:
                self._implausible(reading, cell, target)
                return found
            values["flags"] |= reading.flags
            if on_chip:
                place = {**place, "time_s": place["time_s"] + reading.elapsed}
            found.append(
                Measurement(**shared, **place, **values, well=cell.well,
                            source_locator=cell.locator)
            )  # fmt: skip
        return found

    def _implausible(self, reading: Reading, cell: WellText, target: Target) -> None:
        self.problems.add(
            "implausible_unit", locator=f"{cell.locator}, well {cell.well}",
            found=f"{cell.text[:20]!r} as an absorbance in {target.raw_unit}",
            expected=f"at most {HIGHEST_ABSORBANCE:g}; more light than that no reader tells apart",
            remedy=f'declare units = {{ "{reading.name}" = "mAU" }} or the right quantity',
        )  # fmt: skip

    def _cell(self, cell: WellText) -> Cell | None:
        try:
            return parse_cell(cell.text, self.decimal, self.entry.sentinels)
        except ChipDataError as error:
            if self.entry.on_bad_row == "error":
                self.problems.found.append(error.at(locator=f"{cell.locator}, well {cell.well}"))
                return None
            return replace(censored(cell.text, Censor.FAILED), flags=int(Flag.BAD_ROW))

    def _plate_id(self, plate: str) -> str:
        several = len({one.plate for one in self.readings}) > 1
        declared = self.entry.plate
        return f"{declared}/{plate}" if declared and several else declared or plate

    def _shared(self, reading: Reading, target: Target, analyte: str) -> dict[str, Any]:
        base = self.entry.method or reading.quantity or target.observable
        method = " ".join(part for part in (base, reading.detail) if part)
        if not math.isnan(reading.elapsed):
            method += f", at {reading.elapsed:.15g} s"
        shared: dict[str, Any] = {
            "observable": target.observable,
            "unit": target.unit,
            "raw_unit": target.raw_unit,
            "analyte": analyte,
            "method": method,
            "kind": reading.kind,
            "temperature_degC": reading.temperature,
            "plate_id": self._plate_id(reading.plate),
        }
        stamp = self.stamps.get(reading.date) if reading.date else None
        if stamp is not None:
            shared["timestamp_text"] = stamp.text
            shared["timestamp_utc"] = stamp.utc_text
            shared["time_quality"] = stamp.quality
        return shared
