"""Rows of the 17-column table to measurements."""

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from skinmech_chip_adapters.adapter import Parsed, Records
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError, Problems
from skinmech_chip_adapters.instruments.mpsdb_csv.reader import Upload
from skinmech_chip_adapters.observables import OBSERVABLES, observable
from skinmech_chip_adapters.placement import Placement
from skinmech_chip_adapters.readers import parse_cell, parse_number
from skinmech_chip_adapters.record import check_location
from skinmech_chip_adapters.schema import Censor, Flag, Measurement
from skinmech_chip_adapters.sidecar import Sidecar
from skinmech_chip_adapters.units import canonical_unit, conversion, same_dimension
from skinmech_chip_adapters.values import value_columns

_SECONDS = {"Day": 86400.0, "Hour": 3600.0, "Minute": 60.0}
# What `to_mpsdb_csv` writes into the notes of a value that is no number.
_STATE = re.compile(
    r"(?:(?P<note>.*); )?(?P<state>left|right|interval|failed|missing)"
    r"(?:; at or above (?P<low>[^;]+))?(?:; at or below (?P<high>[^;]+))?"
)


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """One measurement for each row; undeclared chips, targets and locations are listed at once."""
    upload: Upload = parsed.tables
    problems = Problems()
    placement = Placement(sidecar, entry, problems)
    if "rows" in entry.expected and entry.expected["rows"] != len(upload.rows):
        problems.add("cut_file", found=f"{len(upload.rows)} rows",
                     expected=f"{entry.expected['rows']} rows as declared",
                     remedy="export the file again, or correct the declaration")  # fmt: skip
    found: list[Measurement] = []
    for line, row in upload.rows:
        with problems.collect(locator=f"line {line}"):
            measurement = _measurement(line, row, placement, sidecar, entry, parsed.decimal)
            found += [measurement] if measurement else []
    problems.raise_if_any()
    if found and not (upload.ends_with_newline and "rows" in entry.expected):
        found[-1] = replace(found[-1], flags=found[-1].flags | int(Flag.UNVERIFIED_END))
    return Records(measurements=tuple(found))


def _measurement(
    line: int, row: dict[str, str], placement: Placement, sidecar: Sidecar, entry: FileEntry,
    decimal: str,
) -> Measurement | None:  # fmt: skip
    chip = placement.chip(_plain(row["Chip ID or Well ID"]), f"line {line}")
    name, analyte = _quantity(row, placement, entry, line)
    location = _plain(row["Sample Location"])
    check_location(location, sidecar.locations)
    if chip is None or (analyte is None):
        return None
    canonical = OBSERVABLES[name].unit
    scale = conversion(row["Value Unit"], canonical)
    limits = entry.limits.get(analyte)
    values = value_columns(
        parse_cell(row["Value"], decimal, entry.sentinels), scale, canonical, limits
    )
    values |= _state(row, values, scale)
    return Measurement(
        **values,
        chip_id=chip.chip_id,
        location=location,
        observable=name,
        analyte=analyte,
        method=_plain(row["Method/Kit"]),
        time_s=_time(row, decimal),
        unit=canonical,
        raw_unit=row["Value Unit"],
        plate_id=_plain(row["Assay Plate ID"]),
        well=_plain(row["Assay Well ID"]),
        technical_replicate=_plain(row.get("Replicate", "")),
        excluded=bool(row.get("Exclude")),
        source_locator=f"line {line}",
    )


def _plain(text: str) -> str:
    """Text without the quote that keeps a spreadsheet from taking it for a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text


def _quantity(
    row: dict[str, str], placement: Placement, entry: FileEntry, line: int
) -> tuple[str, str | None]:
    target, subtarget = _plain(row["Target/Analyte"]), _plain(row.get("Subtarget", ""))
    if target in OBSERVABLES and not subtarget:
        return target, ""
    analyte = placement.analyte(target, f"line {line}")
    if subtarget in OBSERVABLES:
        return subtarget, analyte
    stated = entry.extra.get("observables", {})
    if isinstance(stated, Mapping) and target in stated:
        return observable(str(stated[target])).name, analyte
    unit = canonical_unit(row["Value Unit"])
    for name in ("concentration", "molar_concentration"):
        if same_dimension(unit, OBSERVABLES[name].unit):
            return name, analyte
    raise ChipDataError(
        "observable_unknown", found=f"target {target[:40]!r} in {unit}",
        expected="a target whose kind of quantity is known",
        remedy='declare observables = { "target" = "observable" } for the file',
    )  # fmt: skip


def _time(row: dict[str, str], decimal: str) -> float:
    if not any(row[name] for name in _SECONDS):
        return math.nan
    return sum(
        parse_number(row[name], decimal) * factor for name, factor in _SECONDS.items() if row[name]
    )


def _state(
    row: dict[str, str], values: dict[str, Any], scale: tuple[float, float]
) -> dict[str, Any]:
    """State from the caution flag and, in tables of our own, from the notes."""
    caution, note = row.get("Caution Flag", ""), _plain(row.get("Notes", ""))
    flags = values["flags"]
    flags |= int(Flag.OUT_OF_CALIBRATION) if "E" in caution else 0
    flags |= int(Flag.NOT_CALCULABLE) if "F" in caution else 0
    if values["censor"] != Censor.MISSING:
        return {"flags": flags, "note": note}
    match = _STATE.fullmatch(note)
    if match is None:
        failed = "E" in caution or "F" in caution
        return {"flags": flags, "note": note, "censor": Censor.FAILED if failed else Censor.MISSING}
    low, high = (parse_number(one) * scale[0] + scale[1] if one else math.nan
                 for one in (match["low"], match["high"]))  # fmt: skip
    state = Censor(match["state"])
    unknown = state in (Censor.LEFT, Censor.RIGHT) and math.isnan(low) and math.isnan(high)
    flags |= int(Flag.LIMIT_UNKNOWN) if unknown else 0
    return {
        "flags": flags,
        "note": match["note"] or "",
        "censor": state,
        "limit_low": low,
        "limit_high": high,
    }
