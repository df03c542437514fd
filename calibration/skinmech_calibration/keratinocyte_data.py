"""Ten donors' keratinocytes under interferon gamma: the published measurements as arrays.

Nuclear pSTAT1 (fluorescence, two replicates) at 30 to 240 minutes and mRNA of five genes (fold
change, three replicates) at 4 and 24 hours, at five doses (Zimenko 2026, PLoS Pathogens).
"""

import csv
import dataclasses
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

DOSES = (0.0, 0.1, 1.0, 10.0, 100.0)
"""IFN-γ in the units of the file, "U", taken as U/mL."""
PSTAT1_HOURS = (0.5, 1.0, 2.0, 4.0)
MRNA_HOURS = (4.0, 24.0)
MEASURED_GENES = ("CXCL10", "CCL5", "IFI16", "IL15", "IL12A")
PICOGRAMS_PER_UNIT = 50.0
"""Assumed: a specific activity of 2e7 U/mg, usual for recombinant human IFN-γ. The study gives
none; an error here is an error of `signalling.IFNg_half` by the same factor, in all donors."""

_STUDY = "Zimenko_2026"
_COLUMNS = (
    "study", "system", "concentration", "time", "time_unit", "readout", "value", "unit", "n",
    "row_level",
)  # fmt: skip
_REPLICATES = {"pstat1": 2, "mrna": 3}


class DonorDataError(ValueError):
    """The table cannot be read as donor data; every problem is listed."""


@dataclasses.dataclass(frozen=True)
class DonorData:
    """What was measured on the cells of one donor; NaN where nothing was.

    Attributes:
        donor: Number of the donor in the study.
        pstat1: Nuclear fluorescence [MFI], shape (dose, time, replicate).
        mrna: Fold change over untreated, shape (gene, dose, time, replicate).
    """

    donor: int
    pstat1: np.ndarray
    mrna: np.ndarray


def read_donors(path: str | Path) -> tuple[DonorData, ...]:
    """Read the ten donors from the table of published skin-equivalent data.

    Args:
        path: The CSV file (`skin_equivalents.csv`), or one with the same columns.

    Returns:
        One entry per donor, in order of their numbers.

    Raises:
        DonorDataError: the file is not there, lacks columns, holds no donor of this study, or has
            rows that cannot be placed; all are listed.
    """
    path = Path(path)
    if not path.is_file():
        raise DonorDataError(f"Unable to find '{path}'. Expected a CSV table of donor data.")
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise DonorDataError(f"{path.name}: unable to find column(s) {', '.join(missing)}.")
        rows = [(number, row) for number, row in enumerate(reader, start=2) if _is_replicate(row)]
    if not rows:
        raise DonorDataError(f"{path.name}: unable to find replicates of keratinocyte donors.")
    return _collect(path.name, rows)


def _is_replicate(row: Mapping[str, str]) -> bool:
    return (
        row["study"].startswith(_STUDY)
        and "keratinocytes" in row["system"]
        and row["row_level"] == "replicate"
    )


def _collect(name: str, rows: Iterable[tuple[int, Mapping[str, str]]]) -> tuple[DonorData, ...]:
    donors: dict[int, DonorData] = {}
    seen: Counter[tuple] = Counter()
    problems: list[str] = []
    for number, row in rows:
        try:
            donor, kind, where, value = _place(row)
        except (ValueError, IndexError) as error:
            problems.append(f"{name}, line {number}: {error}")
            continue
        data = donors.setdefault(donor, _empty(donor))
        replicate = seen[(donor, kind, where)]
        seen[(donor, kind, where)] += 1
        if replicate >= _REPLICATES[kind]:
            problems.append(f"{name}, line {number}: one replicate more than expected.")
            continue
        getattr(data, kind)[(*where, replicate)] = value
    if problems:
        raise DonorDataError("\n".join(problems))
    return tuple(donors[key] for key in sorted(donors))


def _empty(donor: int) -> DonorData:
    pstat1 = (len(DOSES), len(PSTAT1_HOURS), _REPLICATES["pstat1"])
    mrna = (len(MEASURED_GENES), len(DOSES), len(MRNA_HOURS), _REPLICATES["mrna"])
    return DonorData(donor, np.full(pstat1, np.nan), np.full(mrna, np.nan))


def _place(row: Mapping[str, str]) -> tuple[int, str, tuple[int, ...], float]:
    found = re.search(r"donor (\d+)", row["n"], re.IGNORECASE)
    if not found:
        raise ValueError(f"expected 'donor' and its number, got '{row['n']}'")
    hours = float(row["time"]) * {"h": 1.0, "min": 1.0 / 60.0}.get(row["time_unit"], math.nan)
    value = float(row["value"])
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"expected a positive value, got '{row['value']}'")
    dose = _position("dose", float(row["concentration"]), DOSES)
    if row["unit"] == "MFI":
        return int(found[1]), "pstat1", (dose, _position("time", hours, PSTAT1_HOURS)), value
    gene = row["readout"].split()[0]
    if gene not in MEASURED_GENES:
        raise ValueError(f"expected one of {', '.join(MEASURED_GENES)}, got '{gene}'")
    where = (MEASURED_GENES.index(gene), dose, _position("time", hours, MRNA_HOURS))
    return int(found[1]), "mrna", where, value


def _position(what: str, value: float, known: tuple[float, ...]) -> int:
    for i, each in enumerate(known):
        if math.isclose(value, each, rel_tol=1e-6, abs_tol=1e-9):
            return i
    raise ValueError(f"expected a {what} of {', '.join(map(str, known))}, got {value:g}")
