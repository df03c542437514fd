"""Giving the values of a file their chip, time, location and analyte, from the side-car."""

from typing import Any

from skinmech_chip_adapters.declarations import FileEntry, Place
from skinmech_chip_adapters.errors import ChipDataError, Problems, one_of
from skinmech_chip_adapters.readers.wells import normal_well
from skinmech_chip_adapters.schema import Chip
from skinmech_chip_adapters.sidecar import Sidecar


class Placement:
    """Places of one file while it is read; collects what is not declared.

    Args:
        sidecar: The whole side-car.
        entry: The file's entry in it.
        problems: Where undeclared wells, samples, chips and analytes are noted.
    """

    def __init__(self, sidecar: Sidecar, entry: FileEntry, problems: Problems):
        self.sidecar, self.entry, self.problems = sidecar, entry, problems
        self.seen: set[str] = set()
        self._undeclared: set[str] = set()
        self.skipped = 0

    def file(self) -> Place | None:
        """Place of a file that belongs to one chip as a whole."""
        if self.entry.place.chip:
            return self.entry.place
        self.problems.add(
            "chip_missing", file=self.sidecar.name, locator=f"[[file]] {self.entry.path}",
            found="no chip", expected=one_of(one.chip_id for one in self.sidecar.chips),
            remedy='add chip = "…" to the entry',
        )  # fmt: skip
        return None

    def of(self, well: str, sample: str, locator: str) -> Place | None:
        """Place of a well or sample; None for standards, blanks, skipped and undeclared ones.

        Sample names can be names of persons, so messages give the line and the well instead.
        """
        if self.entry.well_map is None:
            return self.file()
        for key in (f"well:{well}" if well else "", f"sample:{sample}" if sample else ""):
            if key and key in self.entry.well_map:
                self.seen.add(key)
                place = self.entry.well_map[key]
                return place if place.use == "sample" else None
        if self.entry.unmapped == "skip":
            self.skipped += 1
            return None
        self.problems.add(
            "undeclared_well", locator=locator,
            found=f"well {well}, which the well map leaves out" if well else
            "a sample that the well map leaves out",
            expected="every well in the map (use = standard, blank, empty where it is no chip)",
            remedy='add it to the well map, or declare unmapped = "skip"',
        )  # fmt: skip
        return None

    def check_complete(self) -> bool:
        """Note mapped wells that the file does not hold.

        Returns:
            True if a map of wells vouches for the plate. A map of samples does not: a replicate
            of a sample can be cut off unnoticed.
        """
        if self.entry.well_map is None:
            return False
        for key in sorted(set(self.entry.well_map) - self.seen):
            self.problems.add(
                "well_not_in_file",
                found=f"no values for {key.replace(':', ' ') if key[:5] == 'well:' else 'a sample'}"
                " of the well map",
                expected="every mapped well; a missing one means that the file is cut",
                remedy="export the file again, or take the well out of the map",
            )  # fmt: skip
        return all(key.startswith("well:") for key in self.entry.well_map)

    def check_analytes(self, present: set[str]) -> bool:
        """Note declared analytes of the file that it does not hold; True if any are declared."""
        for name in sorted(set(self.entry.analytes) - present):
            self.problems.add(
                "analyte_not_in_file", found=f"no values of analyte {name!r}",
                expected="every analyte that the side-car lists for the file",
                remedy="export the file again, or take the analyte out of the list",
            )  # fmt: skip
        return bool(self.entry.analytes)

    def analyte(self, name: str, locator: str) -> str | None:
        """Name of an analyte in the study; None and a problem if nobody declared it."""
        if name in self.entry.analytes:
            return self.entry.analytes[name]
        if name in self.sidecar.targets:
            return name
        if name in self._undeclared:  # told once for each file, at its first place
            return None
        self._undeclared.add(name)
        known = {*self.sidecar.targets, *self.entry.analytes}
        self.problems.add(
            "undeclared_target", locator=locator, found=f"analyte {name!r}",
            expected=one_of(known, name),
            remedy='add it to [study] targets, or to the file as analytes = { "name" = "target" }',
        )  # fmt: skip
        return None

    def chip(self, name: str, locator: str) -> Chip | None:
        """A chip that the file itself names; None and a problem if nobody declared it."""
        chip = self.sidecar.chip(name)
        if chip is None:
            known = [one.chip_id for one in self.sidecar.chips]
            self.problems.add(
                "undeclared_chip", locator=locator, found=f"chip {name[:40]!r}",
                expected=one_of(known, name), remedy="declare it as [chip.<name>]",
            )  # fmt: skip
        return chip


def place_columns(place: Place) -> dict[str, Any]:
    """Columns of a measurement that follow from its place."""
    return {
        "chip_id": place.chip,
        "time_s": place.time_s,
        "location": place.location,
        "dilution": place.dilution,
        "biological_replicate": place.biological_replicate,
        "technical_replicate": place.technical_replicate,
        "excluded": place.excluded,
        "note": place.note,
    }


def well_of(text: str, locator: str) -> str:
    """Normal name of a well in a file, with the place in the message if it is none."""
    try:
        return normal_well(text)
    except ChipDataError as error:
        raise error.at(locator=locator) from error
