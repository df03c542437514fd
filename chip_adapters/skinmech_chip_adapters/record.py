"""The chip record: everything known about the chips of one study."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from skinmech_chip_adapters.errors import ChipDataError, Problems, one_of
from skinmech_chip_adapters.frame import frame
from skinmech_chip_adapters.interchange import mpsdb_csv
from skinmech_chip_adapters.observables import LOCATIONS, OBSERVABLES
from skinmech_chip_adapters.petab import PetabTables, petab_tables
from skinmech_chip_adapters.schema import (
    Cells,
    Chip,
    Derivation,
    Device,
    Exposure,
    External,
    LogEntry,
    Measurement,
    Series,
    Setting,
    Source,
    Spectrum,
    Study,
)
from skinmech_chip_adapters.table import Table, equal_arrays, text_of

if TYPE_CHECKING:
    import pandas as pd

TABLES: dict[str, type] = {
    "chips": Chip,
    "cells": Cells,
    "exposures": Exposure,
    "settings": Setting,
    "measurements": Measurement,
    "derivations": Derivation,
    "external": External,
    "log": LogEntry,
}


def _empty(row_type: type) -> Any:
    return field(default_factory=lambda: Table.of(row_type))


@dataclass(frozen=True)
class ChipRecord:
    """A study on chips as one value; nothing in it changes, methods return a new record.

    Attributes:
        study: Title and purpose.
        devices: Device by its identifier.
        chips, cells, exposures, settings, measurements, derivations, external, log: Tables, see
            the row dataclasses in `schema`. Times are in seconds since the chip's t0.
        spectra: Impedance sweeps, ragged.
        series: Logger channels, ragged.
        sources: Instrument files by their sha256, byte for byte.
    """

    study: Study = Study()
    devices: Mapping[str, Device] = field(default_factory=lambda: MappingProxyType({}))
    chips: Table[Chip] = _empty(Chip)
    cells: Table[Cells] = _empty(Cells)
    exposures: Table[Exposure] = _empty(Exposure)
    settings: Table[Setting] = _empty(Setting)
    measurements: Table[Measurement] = _empty(Measurement)
    spectra: tuple[Spectrum, ...] = ()
    series: tuple[Series, ...] = ()
    derivations: Table[Derivation] = _empty(Derivation)
    sources: Mapping[str, Source] = field(default_factory=lambda: MappingProxyType({}))
    external: Table[External] = _empty(External)
    log: Table[LogEntry] = _empty(LogEntry)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ChipRecord):
            return False
        return (
            self.study == other.study
            and _same_rows(self.devices.values(), other.devices.values())
            and dict(self.sources) == dict(other.sources)
            and all(getattr(self, name) == getattr(other, name) for name in TABLES)
            and _same_rows(self.spectra, other.spectra)
            and _same_rows(self.series, other.series)
        )

    __hash__ = None  # type: ignore[assignment]

    # -- looking things up ---------------------------------------------------------------------

    def chip(self, chip_id: str) -> Chip:
        """The declared chip.

        Raises:
            ChipDataError: `unknown_chip`.
        """
        found = self.chips.select(chip_id=chip_id)
        if len(found) != 1:
            raise ChipDataError(
                "unknown_chip", file=self.study.study_id, found=f"chip {chip_id!r}",
                expected=one_of(self.chips["chip_id"], chip_id),
            )  # fmt: skip
        return found.row(0)

    def device_of(self, chip_id: str) -> Device | None:
        """The device a chip is, or None where the side-car names none."""
        return self.devices.get(self.chip(chip_id).device_id)

    def spectra_of(self, chip_id: str, include_excluded: bool = False) -> tuple[Spectrum, ...]:
        """Sweeps of one chip in order of time."""
        mine = [
            one
            for one in self.spectra
            if one.chip_id == chip_id and (include_excluded or not one.excluded)
        ]
        return tuple(sorted(mine, key=lambda one: (np.isnan(one.time_s), one.time_s)))

    # -- adding to it --------------------------------------------------------------------------

    def add_derivation(self, derivation: Derivation) -> "ChipRecord":
        """Record with a recipe added; the same recipe twice is kept once."""
        if derivation.derivation_id in self.derivations["derivation_id"]:
            return self
        return replace(self, derivations=self.derivations.extended([derivation]))

    def add_measurements(self, rows: Iterable[Measurement]) -> "ChipRecord":
        """Record with measurements added; their identifiers are filled in where empty.

        Args:
            rows: Units must be the observable's canonical unit.

        Raises:
            ChipDataError: Undeclared chip, derivation or observable, wrong unit, or a measurement
                that the record already holds; all problems at once.
        """
        added = Table.of(Measurement, rows)
        studies = [one or self.study.study_id for one in added["study_id"]]
        made = measurement_ids(added)
        names = [old or new for old, new in zip(added["measurement_id"], made, strict=True)]
        added = added.replaced(study_id=studies, measurement_id=names)
        record = replace(self, measurements=self.measurements.joined([added]))
        record.check()
        return record

    def add_log(self, entries: Iterable[LogEntry]) -> "ChipRecord":
        """Record with remarks added."""
        return replace(self, log=self.log.extended(entries))

    # -- checking ------------------------------------------------------------------------------

    def check(self) -> None:
        """Verify that identifiers are unique and that everything referred to is there.

        Raises:
            ChipDataError: All problems at once.
        """
        problems = Problems()
        where = self.study.study_id
        chips = set(self.chips["chip_id"])
        for name, ids in (
            ("chip", list(self.chips["chip_id"])),
            ("measurement", list(self.measurements["measurement_id"])),
            ("spectrum", [one.spectrum_id for one in self.spectra]),
            ("derivation", list(self.derivations["derivation_id"])),
        ):
            for twice in sorted(one for one, times in Counter(ids).items() if times > 1):
                problems.add(
                    f"duplicate_{name}", file=where, found=f"{name} {twice!r} more than once",
                    expected="each once", remedy="remove one, or state its replicate number",
                )  # fmt: skip
        users = [
            *(set(getattr(self, name)["chip_id"]) for name in ("cells", "exposures", "settings")),
            set(self.measurements["chip_id"]),
            {one.chip_id for one in self.spectra},
            {one.chip_id for one in self.series},
        ]
        for chip in sorted(set().union(*users) - chips):
            problems.add(
                "undeclared_chip", file=where, found=f"chip {chip!r}",
                expected=one_of(chips, chip), remedy="declare it as [chip.<name>]",
            )  # fmt: skip
        for device in sorted(set(self.chips["device_id"]) - set(self.devices) - {""}):
            problems.add(
                "undeclared_device", file=where, found=f"device {device!r}",
                expected=one_of(self.devices, device), remedy="declare it as [device.<name>]",
            )  # fmt: skip
        recipes = set(self.measurements["derivation_id"]) - set(self.derivations["derivation_id"])
        for recipe in sorted(recipes - {""}):
            problems.add(
                "undeclared_derivation", file=where, found=f"derivation {recipe!r}",
                remedy="add_derivation before the measurements that point to it",
            )  # fmt: skip
        pairs = set(zip(self.measurements["observable"], self.measurements["unit"], strict=True))
        for name, unit in sorted(pairs):
            if name not in OBSERVABLES or OBSERVABLES[name].unit != unit:
                problems.add(
                    "wrong_unit", file=where, found=f"observable {name!r} in unit {unit!r}",
                    expected=OBSERVABLES[name].unit if name in OBSERVABLES else
                    one_of(OBSERVABLES, name),
                )  # fmt: skip
        problems.raise_if_any()

    # -- giving it away ------------------------------------------------------------------------

    def content_hash(self) -> str:
        """sha256 over the sorted content; equal for two imports of the same inputs."""
        digest = hashlib.sha256()
        for part in _sorted_content(self):
            digest.update(part)
        return digest.hexdigest()

    def to_frame(self, part: str = "measurements") -> "pd.DataFrame":
        """A table, the spectra or the series as a pandas data frame (needs the extra `frame`)."""
        return frame(self, part)

    def to_mpsdb_csv(self) -> str:
        """Measurements in the 17 columns that the microphysiology database takes."""
        return mpsdb_csv(self)

    def to_petab(self, time_unit: str = "h") -> PetabTables:
        """Measurements as PEtab tables; what has no place in them is listed in the result."""
        return petab_tables(self, time_unit)


_IDENTITY = (
    *("source_id", "source_locator", "derivation_id", "chip_id", "location", "observable"),
    *("analyte", "method", "time_s", "plate_id", "well", "biological_replicate"),
    *("technical_replicate", "frequency_Hz"),
)


def measurement_ids(rows: Table[Measurement]) -> list[str]:
    """Identifiers from what measurements are, so that importing again gives the same ones."""
    columns = [
        map(repr if rows[name].dtype.kind == "f" else str, rows[name].tolist())
        for name in _IDENTITY
    ]
    return [
        hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:20]
        for parts in zip(*columns, strict=True)
    ]


def derivation(
    name: str,
    version: str,
    parameters: Mapping[str, Any],
    inputs: Iterable[str],
    *,
    result: Mapping[str, Any] | None = None,
    residual: float = float("nan"),
    accepted: bool = True,
    reason: str = "",
) -> Derivation:
    """Recipe of derived values; its identifier follows from the content.

    Args:
        name: Of the method, such as `eis_circuit_fit`.
        version: Of the code that did it.
        parameters: Everything that went in beside the inputs (area and its source, bounds, …).
        inputs: Identifiers of spectra, measurements or sources used.
        result: What came out beside measurement rows (fitted elements, covariance, …).
        residual: Normalised sum of squares, if any.
        accepted: False where a quality gate refused the result.
        reason: Why it was refused or flagged.
    """
    texts = {
        "parameters_json": json.dumps(dict(parameters), sort_keys=True),
        "inputs_json": json.dumps(list(inputs)),
        "result_json": json.dumps(dict(result or {}), sort_keys=True),
    }
    content = "\x1f".join((name, version, *texts.values()))
    return Derivation(
        derivation_id=hashlib.sha256(content.encode()).hexdigest()[:20],
        name=name, version=version, residual=residual, accepted=accepted, reason=reason, **texts,
    )  # fmt: skip


def check_location(location: str, further: Iterable[str] = ()) -> None:
    """Refuse a location that is neither in the vocabulary nor declared by the study."""
    known = {"", *LOCATIONS, *further}
    if location not in known:
        raise ChipDataError(
            "undeclared_location", found=f"location {location!r}",
            expected=one_of(known - {""}, location), remedy="add it to [study] locations",
        )  # fmt: skip


def _same_rows(first: Iterable[Any], second: Iterable[Any]) -> bool:
    first, second = list(first), list(second)
    if len(first) != len(second):
        return False
    return all(_same(one, two) for one, two in zip(first, second, strict=True))


def _same(one: Any, two: Any) -> bool:
    for item in fields(one):
        a, b = getattr(one, item.name), getattr(two, item.name)
        if isinstance(a, np.ndarray):
            if not equal_arrays(a, b):
                return False
        elif a != b and not (isinstance(a, float) and np.isnan(a) and np.isnan(b)):
            return False
    return True


def _cell_text(cell: Any) -> str:
    if isinstance(cell, (float, np.floating)):
        return float(cell).hex()
    if isinstance(cell, np.ndarray):
        if cell.dtype == object:
            return hashlib.sha256("\x1f".join(map(str, cell)).encode()).hexdigest()
        return hashlib.sha256(np.ascontiguousarray(cell).tobytes()).hexdigest()
    if isinstance(cell, bytes):
        return hashlib.sha256(cell).hexdigest()
    return str(text_of(cell))


def _sorted_content(record: ChipRecord) -> Iterable[bytes]:
    groups: list[tuple[str, Iterable[Any]]] = [
        ("study", [record.study]),
        ("devices", record.devices.values()),
        ("sources", record.sources.values()),
        ("spectra", record.spectra),
        ("series", record.series),
    ]
    for name, rows in groups:
        texts = [
            "\x1f".join(_cell_text(getattr(row, item.name)) for item in fields(row)) for row in rows
        ]
        yield f"\x1d{name}\x1e".encode() + "\x1e".join(sorted(texts)).encode()
    for name in TABLES:
        if name == "log":
            continue
        columns = [map(_cell_text, column) for column in getattr(record, name).columns.values()]
        texts = ["\x1f".join(cells) for cells in zip(*columns, strict=True)]
        yield f"\x1d{name}\x1e".encode() + "\x1e".join(sorted(texts)).encode()
