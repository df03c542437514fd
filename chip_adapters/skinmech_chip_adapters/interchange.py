"""The 17-column CSV of the microphysiology systems database, which chip labs share."""

import csv
import io
import math
from typing import TYPE_CHECKING

from skinmech_chip_adapters.schema import Censor, Flag, Measurement

if TYPE_CHECKING:
    from skinmech_chip_adapters.record import ChipRecord

MPSDB_COLUMNS = (
    "Chip ID or Well ID",
    "Cross Reference",
    "Assay Plate ID",
    "Assay Well ID",
    "Day",
    "Hour",
    "Minute",
    "Target/Analyte",
    "Subtarget",
    "Method/Kit",
    "Sample Location",
    "Value",
    "Value Unit",
    "Replicate",
    "Caution Flag",
    "Exclude",
    "Notes",
)


def plain_cell(text: str) -> str:
    """Text that a spreadsheet will not take for a formula (a leading quote is added if needed)."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\0") else text


def mpsdb_csv(record: "ChipRecord") -> str:
    """Measurements of a record in the database's upload columns.

    Values at a limit carry the caution flag `E` and the limit in the notes, failed ones `F`; their
    value cell is empty, never zero. Spectra and logger series have no place in this table.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(MPSDB_COLUMNS)
    for row in record.measurements:
        writer.writerow(_cells(row))
    return out.getvalue()


def _cells(row: Measurement) -> list[str]:
    day, hour, minute = _days_hours_minutes(row.time_s)
    return [
        plain_cell(row.chip_id),
        plain_cell(row.measurement_id),
        plain_cell(row.plate_id),
        plain_cell(row.well),
        *(day, hour, minute),
        plain_cell(row.analyte or row.observable),
        plain_cell(row.observable if row.analyte else ""),
        plain_cell(row.method),
        plain_cell(row.location),
        repr(float(row.value)) if row.censor == Censor.NONE else "",
        plain_cell(row.unit),
        plain_cell(row.technical_replicate),
        _caution(row),
        "X" if row.excluded else "",
        plain_cell(_note(row)),
    ]


def _days_hours_minutes(time_s: float) -> tuple[str, str, str]:
    if math.isnan(time_s):
        return "", "", ""
    days, rest = divmod(time_s, 86400.0)
    hours, seconds = divmod(rest, 3600.0)
    return str(int(days)), str(int(hours)), repr(seconds / 60.0)


def _caution(row: Measurement) -> str:
    letters = ""
    if row.censor in (Censor.LEFT, Censor.RIGHT, Censor.INTERVAL):
        letters += "E"
    elif row.flags & Flag.OUT_OF_CALIBRATION:
        letters += "E"
    if row.censor == Censor.FAILED or row.flags & Flag.NOT_CALCULABLE:
        letters += "F"
    return letters


def _note(row: Measurement) -> str:
    if row.censor == Censor.NONE:
        return row.note
    parts = [row.note, row.censor.value]
    if not math.isnan(row.limit_low):
        parts.append(f"at or above {row.limit_low!r}")
    if not math.isnan(row.limit_high):
        parts.append(f"at or below {row.limit_high!r}")
    return "; ".join(part for part in parts if part)
