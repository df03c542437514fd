"""Reading `chip.toml` and well maps, with every problem reported at once."""

import math
import tomllib
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from skinmech_chip_adapters.declarations import FileEntry, Place
from skinmech_chip_adapters.errors import ChipDataError, Problems, one_of
from skinmech_chip_adapters.observables import LOCATIONS, SETTINGS
from skinmech_chip_adapters.readers.numbers import parse_number
from skinmech_chip_adapters.schema import Cells, Censor, Chip, Device, Exposure, Setting, Study
from skinmech_chip_adapters.toml_section import Section
from skinmech_chip_adapters.units import canonical_unit, convert
from skinmech_chip_adapters.well_map import read_well_map

_ADVICE = "correct the key in the side-car"
_EXPECTED_COUNTS = ("rows", "points", "sweeps", "wells")


def parse_sidecar(text: str, folder: Path, name: str) -> dict[str, Any]:
    """The parts of a `Sidecar` from the text of a `chip.toml`.

    Args:
        text: TOML.
        folder: Where relative paths of well maps start.
        name: File name for messages.

    Raises:
        ChipDataError: Everything that is wrong, at once.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ChipDataError(
            "not_toml", file=name, found=str(error), expected="TOML", remedy="correct the syntax"
        ) from error
    if _holds_zero(data):
        raise ChipDataError(
            "not_text", file=name, found="a zero character in a text", expected="text",
            remedy="remove it",
        )  # fmt: skip
    return _Reader(data, folder, name).parts()


def _holds_zero(data: Any) -> bool:
    if isinstance(data, dict):
        return any(_holds_zero(one) for item in data.items() for one in item)
    if isinstance(data, list):
        return any(map(_holds_zero, data))
    return isinstance(data, str) and "\0" in data


class _Reader:
    def __init__(self, data: dict[str, Any], folder: Path, name: str):
        self.folder, self.name, self.problems = folder, name, Problems()
        self.top = Section(data, "", name, self.problems)

    def section(self, data: Any, place: str) -> Section:
        return Section(data, place, self.name, self.problems)

    def parts(self) -> dict[str, Any]:
        study = self.section(self.top.mapping("study"), "[study]")
        row = Study(
            study_id=study.text("id", required=True),
            **{key: study.text(key) for key in ("title", "context_of_use", "contact", "licence")},
        )
        self.targets = frozenset(study.texts("targets"))
        self.locations = frozenset(study.texts("locations"))
        study.finish()
        devices = tuple(self._device(*item) for item in self.top.mapping("device").items())
        self.device_ids = {one.device_id for one in devices}
        chips = tuple(self._chip(*item) for item in self.top.mapping("chip").items())
        self.chip_ids = {one.chip_id for one in chips}
        parts = {
            "cells": [row for one in self._list("cells") for row in self._cells(one)],
            "exposures": [row for one in self._list("exposure") for row in self._exposure(one)],
            "settings": [row for one in self._list("setting") for row in self._setting(one)],
            "files": [self._file(one) for one in self._list("file")],
        }
        self.top.place = "top level"
        self.top.finish()
        self.problems.raise_if_any()
        return {
            "study": row,
            "targets": self.targets,
            "locations": self.locations,
            "devices": devices,
            "chips": chips,
            **{key: tuple(value) for key, value in parts.items()},
        }

    def _list(self, key: str) -> list[Section]:
        value = self.top.get(key, list, [], f"[[{key}]] tables")
        return [
            self.section(one, f"[[{key}]] {number}" + self._named(one))
            for number, one in enumerate(value, 1)
        ]

    def _named(self, one: Any) -> str:
        path = one.get("path") if isinstance(one, dict) else None
        return f" ({Path(path).name})" if isinstance(path, str) else ""

    def _device(self, key: str, data: Any) -> Device:
        section = self.section(data, f"[device.{key}]")
        values: dict[str, Any] = {"device_id": key}
        for item in fields(Device):
            if item.name in ("device_id", "electrode_count"):
                continue
            if item.type in (str, "str"):
                values[item.name] = section.text(item.name)
            else:
                values[item.name] = section.number(item.name, item.default)  # type: ignore[arg-type]
        electrodes = section.get("electrodes", int, 0, "2 or 4")
        electrodes = section.get("electrode_count", int, electrodes, "2 or 4")
        if electrodes not in (0, 2, 4):
            section.wrong("electrodes", electrodes, "2 or 4")
        area = values["membrane_area_cm2"]
        if area <= 0:
            section.wrong("membrane_area_cm2", area, "an area above zero, in cm²")
        if not math.isnan(area) and not values["area_source"]:
            section.problems.add(
                "area_source_missing", file=self.name, locator=section.place,
                found="an area without its source", expected="area_source",
                remedy='state where the area comes from, such as area_source = "maker drawing"',
            )  # fmt: skip
        section.finish()
        return Device(**{**values, "electrode_count": electrodes})

    def _chip(self, key: str, data: Any) -> Chip:
        section = self.section(data, f"[chip.{key}]")
        device = section.text("device")
        if device and device not in self.device_ids:
            section.problems.add(
                "undeclared_device", file=self.name, locator=section.place,
                found=f"device {device!r}", expected=one_of(self.device_ids, device),
                remedy=f"declare it as [device.{device}]",
            )  # fmt: skip
        chip = Chip(
            chip_id=key, device_id=device, t0_utc=self._t0(section),
            donor_id=section.text("donor"),
            **{name: section.text(name) for name in ("group", "t0_event", "note")},
        )  # fmt: skip
        section.finish()
        return chip

    def _t0(self, section: Section) -> str:
        value = section.get("t0", (str, datetime), "", "a date and time with zone")
        if isinstance(value, str) and value:
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                section.wrong("t0", value, 'ISO 8601, such as "2026-10-02T09:00:00+02:00"')
                return ""
        if not value:
            return ""
        if value.tzinfo is None:
            section.wrong("t0", value.isoformat(), "a time with its zone", "add it, such as +02:00")
            return ""
        return value.astimezone(UTC).isoformat()

    def _chips_of(self, section: Section) -> list[str]:
        names = section.texts("chip")
        if not names:
            section.text("chip", required=True)
        for name in names:
            self._known_chip(section, name)
        return names

    def _known_chip(self, section: Section, name: str) -> None:
        if name and name not in self.chip_ids:
            section.problems.add(
                "undeclared_chip", file=self.name, locator=section.place, found=f"chip {name!r}",
                expected=one_of(self.chip_ids, name), remedy=f"declare it as [chip.{name}]",
            )  # fmt: skip

    def _location(self, section: Section) -> str:
        value = section.text("location")
        self._known_location(section, value)
        return value

    def _known_location(self, section: Section, value: str) -> None:
        known = {*LOCATIONS, *self.locations}
        if value and value not in known:
            section.problems.add(
                "undeclared_location", file=self.name, locator=section.place,
                found=f"location {value!r}", expected=one_of(known, value),
                remedy="correct it, or add it to [study] locations",
            )  # fmt: skip

    def _cells(self, section: Section) -> list[Cells]:
        chips = self._chips_of(section)
        row: dict[str, Any] = {
            key: section.text(key) for key in ("cell_type", "lot", "passage", "density_unit")
        }
        row |= {"density": section.number("density"), "time_s": section.duration("time")}
        row["location"] = self._location(section)
        section.finish()
        return [Cells(chip_id=chip, **row) for chip in chips]

    def _exposure(self, section: Section) -> list[Exposure]:
        chips = self._chips_of(section)
        row: dict[str, Any] = {"compound": section.text("compound", required=True)}
        row |= {"inchikey": section.text("inchikey"), "value": section.number("value")}
        row["unit"] = ""
        unit = section.text("unit", required=True)
        with self.problems.collect(self.name, f"{section.place} unit"):
            row["unit"] = canonical_unit(unit) if unit else ""
        row |= self._when(section)
        section.finish()
        return [Exposure(chip_id=chip, **row) for chip in chips]

    def _setting(self, section: Section) -> list[Setting]:
        chips = self._chips_of(section)
        name = section.text("setting", required=True)
        value, unit = section.number("value"), section.text("unit", required=True)
        if name and name not in SETTINGS:
            section.wrong("setting", name, one_of(SETTINGS, name))
        elif name and unit:
            with self.problems.collect(self.name, f"{section.place} unit"):
                value, unit = convert(value, unit, SETTINGS[name]), SETTINGS[name]
        row = {"setting": name, "value": value, "unit": unit, **self._when(section)}
        section.finish()
        return [Setting(chip_id=chip, **row) for chip in chips]

    def _when(self, section: Section) -> dict[str, Any]:
        if math.isnan(section.number("value")):
            section.text("value", required=True)
        return {
            "time_s": section.duration("time", required=True),
            "duration_s": section.duration("duration"),
            "location": self._location(section),
        }

    def _file(self, section: Section) -> FileEntry:
        path = section.text("path", required=True)
        chip = section.text("chip")
        self._known_chip(section, chip)
        place = Place(
            chip=chip, time_s=section.duration("time"), location=self._location(section),
            dilution=section.number("dilution"), technical_replicate=section.text("replicate"),
            excluded=section.get("excluded", bool, False, "true or false"),
        )  # fmt: skip
        texts = ("adapter", "instrument", "method", "plate", "encoding", "delimiter", "decimal")
        entry: dict[str, Any] = {
            key: section.text(key) for key in (*texts, "date_order", "timezone", "note")
        }
        entry |= {
            "path": path,
            "place": place,
            "temperature_degC": section.number("temperature_degC"),
            "on_bad_row": section.choice("on_bad_row", ("error", "keep_flagged"), "error"),
            "unmapped": section.choice("unmapped", ("error", "skip"), "error"),
            "units": self._text_mapping(section, "units"),
            "analytes": self._analytes(section),
            "sentinels": self._sentinels(section),
            "limits": self._limits(section),
            "well_map": self._well_map(section, place),
            "expected": self._expected(section),
        }
        return FileEntry(**entry, extra=section.finish(keep=True))

    def _text_mapping(self, section: Section, key: str) -> dict[str, str]:
        found = section.mapping(key)
        for name, value in found.items():
            if not isinstance(value, str):
                section.wrong(f"{key}.{name}", value, "a text in quotes")
        return {name: value for name, value in found.items() if isinstance(value, str)}

    def _analytes(self, section: Section) -> dict[str, str]:
        if isinstance(section.data.get("analytes"), list):
            return {name: name for name in section.texts("analytes")}
        return self._text_mapping(section, "analytes")

    def _sentinels(self, section: Section) -> dict[str, Censor]:
        states = {one.value: one for one in Censor if one != Censor.INTERVAL}
        words = self._text_mapping(section, "sentinels")
        for word, state in words.items():
            if state not in states:
                section.wrong(f"sentinels.{word}", state, one_of(states, state))
        return {word: states[state] for word, state in words.items() if state in states}

    def _limits(self, section: Section) -> dict[str, tuple[Any, Any]]:
        limits: dict[str, tuple[Any, Any]] = {}
        for analyte, data in section.mapping("limits").items():
            one = self.section(data, f"{section.place} limits.{analyte}")
            limits[analyte] = (self._quantity(one, "low"), self._quantity(one, "high"))
            one.finish()
        return limits

    def _quantity(self, section: Section, key: str) -> tuple[float, str] | None:
        text = section.text(key)
        if not text:
            return None
        number, _, unit = text.strip().partition(" ")
        with self.problems.collect(self.name, f"{section.place} {key}"):
            return parse_number(number), canonical_unit(unit)
        return None

    def _well_map(self, section: Section, default: Place) -> dict[str, Place] | None:
        section.used.add("well_map")
        if "well_map" not in section.data:
            return None
        places: dict[str, Place] = {}
        with self.problems.collect(self.name, f"{section.place} well_map"):
            places = read_well_map(section.data["well_map"], self.folder, default, self.name)
        for key, place in places.items():
            where = self.section({}, f"{section.place} well_map {_safe(key)}")
            self._known_chip(where, place.chip)
            self._known_location(where, place.location)
            if place.use == "sample" and not place.chip:
                where.text("chip", required=True)
        return places

    def _expected(self, section: Section) -> dict[str, int]:
        found = section.mapping("expected")
        for key, value in found.items():
            if key not in _EXPECTED_COUNTS or not isinstance(value, int) or value < 1:
                section.wrong(f"expected.{key}", value, f"{', '.join(_EXPECTED_COUNTS)} as numbers")
        return {key: value for key, value in found.items() if isinstance(value, int)}


def _safe(key: str) -> str:
    """A well may be named in messages; a sample's name may be a person's and may not."""
    return key.removeprefix("well:") if key.startswith("well:") else "a sample"
