"""What the readers of assay plates share: from cells of wells and samples to measurements."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from skinmech_chip_adapters.adapter import Message, Parsed, Records, Unparsed
from skinmech_chip_adapters.declarations import FileEntry, Place
from skinmech_chip_adapters.errors import ChipDataError, Problems
from skinmech_chip_adapters.placement import Placement, place_columns
from skinmech_chip_adapters.readers import Cell, Stamp, parse_cell, read_stamps
from skinmech_chip_adapters.readers.sentinels import censored
from skinmech_chip_adapters.schema import Censor, Flag, Kind, Measurement
from skinmech_chip_adapters.sidecar import Sidecar
from skinmech_chip_adapters.units import conversion
from skinmech_chip_adapters.values import value_columns

_ZONED = re.compile(r"(?P<stamp>.*\d(?: ?[AaPp][Mm])?) +(?P<zone>(?!AM|PM|UTC|GMT)[A-Z]{3,5})")


@dataclass(frozen=True, slots=True)
class Target:
    """Where values of one kind go.

    Attributes:
        limited: True if the side-car's limits of quantification apply to it.
    """

    observable: str
    unit: str
    kind: Kind
    raw_unit: str = ""
    scale: tuple[float, float] = (1.0, 0.0)
    limited: bool = False


MFI = Target("mfi", "MFI", Kind.RAW, "MFI")
NET_MFI = Target("net_mfi", "MFI", Kind.DERIVED, "MFI")
RLU = Target("rlu", "RLU", Kind.RAW)
NPX = Target("npx", "NPX", Kind.DERIVED, "NPX", limited=True)
CQ = Target("cq", "Cq", Kind.DERIVED, "Cq", limited=True)


def concentration(unit: str) -> Target:
    """Target of a mass or molar concentration in a unit as written.

    Raises:
        ChipDataError: `unknown_unit`, `meaningless_unit` or `unit_dimension`.
    """
    try:
        scale = conversion(unit, "pg/mL")
        return Target("concentration", "pg/mL", Kind.CALIBRATED, unit, scale, True)
    except ChipDataError as error:
        if error.code != "unit_dimension":
            raise
    scale = conversion(unit, "mol/L")
    return Target("molar_concentration", "mol/L", Kind.CALIBRATED, unit, scale, True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a value stands in the file.

    Attributes:
        where: Line, column or element, for messages and the locator.
        well: Normal name of the plate's well, or empty.
        sample: Name of the sample in the file.
        analyte: Name of the analyte in the file.
        is_sample: False for standards, blanks and controls; they are kept out of the measurements
            unless the well map calls them a sample.
    """

    where: str
    well: str = ""
    sample: str = ""
    analyte: str = ""
    plate: str = ""
    is_sample: bool = True


class Assay:
    """Values of one assay file on their way to measurements; problems are collected.

    Args:
        method: Name of the method, unless the side-car states one.
        words: Words of this format and what they mean; the side-car's sentinels go first.
    """

    def __init__(
        self, parsed: Parsed, sidecar: Sidecar, entry: FileEntry, *, method: str,
        words: Mapping[str, Censor] | None = None,
    ):  # fmt: skip
        self.entry, self.decimal, self.method = entry, parsed.decimal or ".", method
        self.words = {**(words or {}), **entry.sentinels}
        self.problems = Problems()
        self.placement = Placement(sidecar, entry, self.problems)
        self.messages: list[Message] = []
        self.refused: list[Unparsed] = []
        self.found: list[Measurement] = []
        self.controls = 0
        self._seen: set[tuple[str, str]] = set()
        self._wells: set[str] = set()
        self._plates: set[str] = set()

    def cell(self, text: str) -> Cell:
        """A cell that should hold a number.

        Raises:
            ChipDataError: What `parse_cell` says, unless bad rows are kept and flagged.
        """
        try:
            return parse_cell(text, self.decimal, self.words)
        except ChipDataError:
            if self.entry.on_bad_row == "error":
                raise
            return replace(censored(text, Censor.FAILED), flags=int(Flag.BAD_ROW))

    def place(self, spot: Spot) -> Place | None:
        """Chip, time and location of a value; None where it is no sample or not declared."""
        self._wells.add(spot.well)
        self._plates.add(spot.plate)
        keys = {f"well:{spot.well}", f"sample:{spot.sample}"}
        if not spot.is_sample and not keys & set(self.entry.well_map or ()):
            self.controls += 1
            return None
        return self.placement.of(spot.well, spot.sample, spot.where)

    def add(
        self, spot: Spot, target: Target, cell: Cell, *, flags: int = 0, dilution: float = math.nan,
        stamp: Stamp | None = None, well: str = "", note: str = "", excluded: bool = False,
        **columns: Any,
    ) -> None:  # fmt: skip
        """Add a value if its place and analyte are declared.

        Args:
            dilution: As the file states it; it must agree with the side-car and is not applied.
            well: Name for the record where it is not a well of a plate.
            columns: Further columns of the measurement.

        Raises:
            ChipDataError: `dilution_conflict`, or `unit_dimension` for a limit of another unit.
        """
        place = self.place(spot)
        analyte = self.placement.analyte(spot.analyte, spot.where) if place is not None else None
        if place is None or analyte is None:
            return
        self._seen.add((spot.well, spot.analyte))
        limits = self.entry.limits.get(analyte) if target.limited else None
        values = value_columns(cell, target.scale, target.unit, limits)
        values["flags"] |= int(flags)
        placed = place_columns(place)
        if not math.isnan(dilution):
            if not math.isnan(place.dilution) and place.dilution != dilution:
                raise ChipDataError(
                    "dilution_conflict", locator=spot.where, found=f"dilution {dilution:g}",
                    expected=f"{place.dilution:g} as in the side-car",
                    remedy="correct the wrong one",
                )  # fmt: skip
            placed["dilution"] = dilution
        if stamp is not None:
            columns |= {"timestamp_text": stamp.text, "timestamp_utc": stamp.utc_text}
            columns["time_quality"] = stamp.quality
        placed["note"] = "; ".join(part for part in (placed["note"], note) if part)
        placed["excluded"] = placed["excluded"] or excluded
        columns = {"method": self.entry.method or self.method, **columns, **placed, **values}
        self.found.append(
            Measurement(
                **columns,
                observable=target.observable,
                unit=target.unit,
                kind=target.kind,
                raw_unit=target.raw_unit,
                analyte=analyte,
                well=well or spot.well,
                plate_id=self.entry.plate or spot.plate,
                source_locator=spot.where,
            )  # fmt: skip
        )

    def stamps(self, texts: list[tuple[str, str]]) -> tuple[Stamp, ...]:
        """Dates of the file; empty, with the problem noted, if they cannot be read.

        A zone abbreviation such as `EDT` names no zone by itself; it is only checked against the
        declared one.
        """
        split = [(place, text, _ZONED.fullmatch(" ".join(text.split()))) for place, text in texts]
        with self.problems.collect():
            plain = [(place, match["stamp"] if match else text) for place, text, match in split]
            stamps, _ = read_stamps(plain, self.entry.date_order, self.entry.timezone)
            found = zip(split, stamps, strict=True)
            return tuple(self._checked(p, t, m["zone"] if m else "", s) for (p, t, m), s in found)
        return ()

    def _checked(self, place: str, text: str, zone: str, stamp: Stamp) -> Stamp:
        if zone and stamp.utc is not None:
            # `stamp.utc` came from the declared zone, whose own abbreviation must agree.
            from zoneinfo import ZoneInfo

            own = stamp.utc.astimezone(ZoneInfo(self.entry.timezone)).tzname() or ""
            if own.isalpha() and own != zone:
                raise ChipDataError(
                    "timezone_conflict", locator=place, found=f"zone {zone!r}",
                    expected=f"{own!r} as in the declared zone {self.entry.timezone}",
                    remedy="correct timezone in the side-car",
                )  # fmt: skip
        return replace(stamp, text=text)

    def records(self, *, rows: int, whole: bool, partial: bool = False) -> Records:
        """Everything that was added, after checking that nothing is missing.

        Args:
            rows: Rows of the file's table, to compare with what the side-car expects.
            whole: True if the format's own end mark shows that the file is whole.
            partial: True if a part of the file was refused.

        Raises:
            ChipDataError: Every problem of the file, at once.
        """
        plates = self._plates - {""}
        by_well = any(key.startswith("well:") for key in self.entry.well_map or {})
        if len(plates) > 1 and by_well:
            self.problems.add(
                "several_plates", found=f"{len(plates)} plates in one file",
                expected="one plate, as wells of the map name no plate",
                remedy="map the samples, or export each plate to its own file",
            )  # fmt: skip
        counts = {"rows": rows, "wells": len(self._wells - {""})}
        if not partial:
            for name in sorted(set(counts) & set(self.entry.expected)):
                if counts[name] != self.entry.expected[name]:
                    self.problems.add(
                        "cut_file", found=f"{counts[name]} {name}",
                        expected=f"{self.entry.expected[name]} {name} as declared",
                        remedy="export the file again, or correct the declaration",
                    )  # fmt: skip
        vouched = self._vouched(partial) or "rows" in self.entry.expected or whole
        self.problems.raise_if_any()
        self._remark()
        found = self.found
        if partial:
            found = [replace(one, flags=one.flags | int(Flag.PARTIAL_SOURCE)) for one in found]
        elif found and not vouched:
            last = found[-1]
            found[-1] = replace(last, flags=last.flags | int(Flag.UNVERIFIED_END))
        return Records(
            measurements=tuple(found),
            messages=tuple(self.messages),
            unparsed=tuple(self.refused),
        )

    def _vouched(self, partial: bool) -> bool:
        """True if a map of wells and a list of analytes were found complete in the file."""
        if partial or self.problems.found:  # what is left out for another reason is not a cut
            return False
        mapped = self.placement.check_complete()
        listed = self.placement.check_analytes({name for _, name in self._seen})
        wells = {
            key.removeprefix("well:")
            for key, place in (self.entry.well_map or {}).items()
            if place.use == "sample"
        }
        every = {(well, name) for well in wells for name in self.entry.analytes}
        return mapped and listed and every <= self._seen

    def _remark(self) -> None:
        for count, code, text in (
            (self.placement.skipped, "unmapped_skipped", "values are not in the well map"),
            (self.controls, "controls_skipped", "values of standards, blanks and controls"),
        ):
            if count:
                self.messages.append(Message(level="info", code=code, text=f"{count} {text}"))
