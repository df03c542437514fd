"""Well maps: which well or sample is which chip, time and location."""

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from skinmech_chip_adapters.declarations import Place
from skinmech_chip_adapters.errors import ChipDataError, Problems, one_of
from skinmech_chip_adapters.files import inside
from skinmech_chip_adapters.readers.dates import parse_duration
from skinmech_chip_adapters.readers.delimited import Line, decide_delimiter, split_lines
from skinmech_chip_adapters.readers.encoding import decode
from skinmech_chip_adapters.readers.numbers import parse_number
from skinmech_chip_adapters.readers.wells import normal_well

USES = ("sample", "standard", "blank", "control", "empty")
_COLUMNS = (
    *("well", "sample", "chip", "time", "location", "dilution", "use"),
    *("biological_replicate", "technical_replicate", "excluded", "note"),
)

_YES, _NO = ("true", "yes", "x", "1"), ("false", "no", "0")


def read_well_map(stated: Any, folder: Path, default: Place, sidecar_name: str) -> dict[str, Place]:
    """Places by `well:A01` or `sample:name`.

    Args:
        stated: What the side-car says: the name of a CSV file, a table keyed by well or sample, or
            a list of tables that name their `well` or `sample`.
        folder: Folder that a CSV name is relative to.
        default: What holds where the map says nothing.
        sidecar_name: File name for messages on tables inside the side-car.

    Raises:
        ChipDataError: Every problem of the map, at once.
    """
    problems = Problems()
    if isinstance(stated, str):
        file, rows = Path(stated).name, _csv_rows(inside(folder, stated))
    elif isinstance(stated, Mapping):
        file = sidecar_name
        rows = [(f"well_map {number}", _keyed(key, row)) for number, (key, row) in
                enumerate(stated.items(), 1)]  # fmt: skip
    elif isinstance(stated, list):
        file = sidecar_name
        rows = [(f"well_map {number}", row) for number, row in enumerate(stated, 1)]
    else:
        raise ChipDataError("sidecar_value", expected="the name of a CSV file, or a table")
    places: dict[str, Place] = {}
    for where, row in rows:
        with problems.collect(file, where):
            key, place = _place(row, default)
            if key in places:
                raise ChipDataError(
                    "duplicate_well", found="a well or sample stated twice", expected="each once"
                )
            places[key] = place
    problems.raise_if_any()
    return places


def _keyed(key: str, row: Any) -> Any:
    if not isinstance(row, Mapping):
        return row
    try:
        return {"well": normal_well(key), **row}
    except ChipDataError:
        return {"sample": key, **row}


def _csv_rows(path: Path) -> list[tuple[str, Any]]:
    try:
        text = decode(path.read_bytes())
    except OSError as error:
        raise ChipDataError(
            "file_missing", file=path.name, found=error.strerror or "an unreadable file",
            expected="the well map named in the side-car",
        ) from error  # fmt: skip
    except ChipDataError as error:
        raise error.at(path.name) from error
    lines = [line for line in split_lines(text, decide_delimiter(text)) if any(line.cells)]
    header = [name.lower() for name in lines[0].cells]
    unknown = [name for name in header if name not in _COLUMNS]
    if unknown or not ({"well", "sample"} & set(header)):
        raise ChipDataError(
            "well_map_header", file=path.name, locator=f"line {lines[0].number}",
            found=f"columns {', '.join(map(repr, header))}",
            expected=f"well or sample, and {one_of(_COLUMNS, (unknown or [''])[0])}",
        )  # fmt: skip
    return [(f"line {line.number}", _row(line, header)) for line in lines[1:]]


def _row(line: Line, header: list[str]) -> dict[str, Any]:
    if line.width != len(header):
        raise ChipDataError(
            "cut_row", locator=f"line {line.number}", found=f"{line.width} cells",
            expected=f"{len(header)} cells as in the header",
        )  # fmt: skip
    return {name: line.cell(index) for index, name in enumerate(header) if line.cell(index)}


def _place(row: Any, default: Place) -> tuple[str, Place]:
    if not isinstance(row, Mapping):
        raise ChipDataError("sidecar_value", expected="a table with chip, time, location")
    unknown = [key for key in row if key not in _COLUMNS]
    if unknown:
        raise ChipDataError(
            "unknown_key", found=f"key {unknown[0]!r}", expected=one_of(_COLUMNS, unknown[0])
        )
    key = f"well:{normal_well(str(row['well']))}" if row.get("well") else ""
    if not key and not row.get("sample"):
        raise ChipDataError(
            "sidecar_missing",
            found="neither well nor sample",
            expected='well = "A1" or sample = "…"',
        )
    use = str(row.get("use", "sample"))
    if use not in USES:
        raise ChipDataError("sidecar_value", found=f"use {use!r}", expected=one_of(USES, use))
    changes: dict[str, Any] = {"use": use}
    for name in ("chip", "location", "biological_replicate", "technical_replicate", "note"):
        if row.get(name):
            changes[name] = str(row[name])
    if row.get("time"):
        changes["time_s"] = parse_duration(row["time"])
    if "dilution" in row:
        changes["dilution"] = _dilution(row["dilution"])
    if "excluded" in row:
        changes["excluded"] = _truth(row["excluded"])
    if use != "sample":
        changes |= {"chip": "", "time_s": math.nan}
    return key or f"sample:{row['sample']}", replace(default, **changes)


def _dilution(value: Any) -> float:
    number = parse_number(value) if isinstance(value, str) else float(value)
    if not number >= 1:
        raise ChipDataError("sidecar_value", found=f"dilution {value!r}", expected="1 or more")
    return number


def _truth(value: Any) -> bool:
    words = {
        "true": True,
        "yes": True,
        "x": True,
        "1": True,
        "false": False,
        "no": False,
        "0": False,
    }
    if isinstance(value, bool):
        return value
    if str(value).lower() not in words:
        raise ChipDataError("sidecar_value", found=f"excluded {value!r}", expected="yes or no")
    return words[str(value).lower()]
