"""Measurements as the tables that PEtab (a format for parameter estimation problems) expects.

PEtab holds plain numbers without units, so this is a way out and not a way back: values at a limit,
failed, missing and excluded ones have no place in it and are listed instead, as are spectra. The
model and the table of parameters are yours to add.
"""

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from skinmech_chip_adapters.errors import ChipDataError, one_of
from skinmech_chip_adapters.files import put_in_place
from skinmech_chip_adapters.schema import Censor, Measurement
from skinmech_chip_adapters.units import SECONDS

if TYPE_CHECKING:
    from skinmech_chip_adapters.record import ChipRecord

TIME_UNITS = {"s": "s", "min": "min", "h": "h", "d": "day"}
_NOT_IN_ID = re.compile(r"[^A-Za-z0-9_]+")


@dataclass(frozen=True, slots=True)
class PetabTables:
    """The three tables as tab-separated text.

    Attributes:
        measurements: `observableId simulationConditionId measurement time noiseParameters
            datasetId replicateId`; one row for each plain number.
        conditions: One for each chip, named after it.
        observables: One for each quantity, analyte and location; the name tells the unit. The
            formula is the identifier itself: replace it by your model's expression.
        left_out: Identifier of every measurement that is not in the table, and why.
        spectra_left_out: How many sweeps and logger series are not in the table.
    """

    measurements: str
    conditions: str
    observables: str
    left_out: tuple[tuple[str, str], ...]
    spectra_left_out: int

    def write(self, folder: str | Path) -> tuple[Path, ...]:
        """Write `measurements.tsv`, `conditions.tsv` and `observables.tsv`.

        Raises:
            ChipDataError: `disk_full` or `cannot_write`.
        """
        paths = []
        for name in ("measurements", "conditions", "observables"):
            path = Path(folder) / f"{name}.tsv"
            put_in_place(path, getattr(self, name).encode("utf-8"), checksum=False)
            paths.append(path)
        return tuple(paths)


def petab_tables(record: "ChipRecord", time_unit: str = "h") -> PetabTables:
    """Tables of a record.

    A standard deviation goes into `noiseParameters`; where none is stated, that column names the
    parameter `noise_<observable>`, which the table of parameters has to declare.

    Args:
        record: The record.
        time_unit: Unit of the time column: s, min, h or d.

    Raises:
        ChipDataError: `unknown_unit` for another unit of time.
    """
    if time_unit not in TIME_UNITS:
        raise ChipDataError("unknown_unit", found=f"time unit {time_unit!r}",
                            expected=one_of(TIME_UNITS, time_unit))  # fmt: skip
    seconds = SECONDS[TIME_UNITS[time_unit]]
    conditions, observables = _Identifiers("chip"), _Identifiers("observable")
    rows, left_out = [], []
    units: dict[str, tuple[Measurement, str]] = {}
    for row in record.measurements:
        why = _no_place(row)
        if why:
            left_out.append((row.measurement_id, why))
            continue
        parts = (row.observable, row.analyte, row.location)
        observable = observables.of(parts)
        units[observable] = (row, f"noiseParameter1_{observable}")
        noise = repr(row.sd) if math.isfinite(row.sd) and row.sd > 0 else f"noise_{observable}"
        replicate = "_".join(filter(None, (row.biological_replicate, row.technical_replicate)))
        condition = conditions.of((row.chip_id,))
        rows.append(
            (observable, condition, repr(row.value), repr(row.time_s / seconds), noise,
             condition, _identifier(replicate) if replicate else "")
        )  # fmt: skip
    titles = (
        *("observableId", "simulationConditionId", "measurement", "time", "noiseParameters"),
        *("datasetId", "replicateId"),
    )
    return PetabTables(
        measurements=_table(titles, rows),
        conditions=_table(
            ("conditionId", "conditionName"),
            [(name, *parts) for parts, name in conditions.names.items()],
        ),
        observables=_table(
            ("observableId", "observableName", "observableFormula", "noiseFormula",
             "noiseDistribution"),
            [(name, _title(row, time_unit), name, noise, "normal")
             for name, (row, noise) in units.items()],
        ),
        left_out=tuple(left_out),
        spectra_left_out=len(record.spectra) + len(record.series),
    )  # fmt: skip


def _no_place(row: Measurement) -> str:
    if row.excluded:
        return "excluded"
    if row.censor != Censor.NONE:
        return row.censor.value
    if not math.isfinite(row.value):
        return "not a finite number"
    return "no time" if math.isnan(row.time_s) else ""


def _title(row: Measurement, time_unit: str) -> str:
    what = " ".join(part for part in (row.analyte, row.observable) if part)
    where = f", {row.location}" if row.location else ""
    return f"{what} [{row.unit}]{where}; time in {time_unit}"


class _Identifiers:
    """Identifiers that PEtab allows, each for one thing only."""

    def __init__(self, kind: str):
        self._kind = kind
        self._used: Counter[str] = Counter()
        self.names: dict[tuple[str, ...], str] = {}

    def of(self, parts: tuple[str, ...]) -> str:
        if parts not in self.names:
            name = _identifier("_".join(filter(None, parts)) or self._kind)
            while self._used[name]:
                self._used[name] += 1
                name = f"{name}_{self._used[name]}"
            self._used[name] += 1
            self.names[parts] = name
        return self.names[parts]


def _identifier(text: str) -> str:
    name = _NOT_IN_ID.sub("_", text).strip("_") or "x"
    return f"_{name}" if name[0].isdigit() else name


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    writer.writerow(titles)
    writer.writerows(rows)
    return out.getvalue()
