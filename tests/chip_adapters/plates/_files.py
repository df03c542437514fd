"""Reading plate files in tests: without a folder, and as comparable values."""

import json
from collections.abc import Sequence
from dataclasses import replace

from skinmech_chip_adapters import Flag, Measurement, Sidecar
from skinmech_chip_adapters.adapter import Records
from skinmech_chip_adapters.discovery import adapters

READERS = ("gen5", "softmax_pro", "bmg_mars", "envision", "tecan", "novabio_flex2")
MARKS = Flag.UNVERIFIED_END | Flag.PARTIAL_SOURCE
DECLARED_ENCODINGS = ("cp1252", "latin-1", "mac_roman")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", *DECLARED_ENCODINGS)
NEWLINES = ("\r\n", "\n", "\r")
Key = tuple[str, str, str, str, str]


def sidecar_of(
    options: str = "", targets: Sequence[str] = ("analyte",), path: str = "f"
) -> Sidecar:
    """A side-car of one file that belongs to one chip as a whole."""
    return Sidecar.from_text(f"""
[study]
id = "s"
targets = {json.dumps(list(targets))}
[chip.C]
[[file]]
path = {json.dumps(path)}
chip = "C"
time = "24 h"
{options}
""")


def records(adapter: str, content: bytes, options: str = "") -> Records:
    """What an adapter makes of a file, with the remarks of both steps."""
    sidecar = sidecar_of(options)
    entry = sidecar.files[0]
    one = adapters()[adapter]
    parsed = one.read(content, entry)
    made = one.to_records(parsed, sidecar, entry)
    return replace(made, messages=(*parsed.messages, *made.messages))


def key_of(row: Measurement) -> Key:
    """What tells a value from the others of its file."""
    return row.plate_id, row.observable, row.analyte, row.method, row.well or row.source_locator


def values(found: Records) -> dict[Key, tuple[float, str]]:
    """Value and state of every measurement; NaN as None, so that two can be compared."""
    return {
        key_of(row): (row.value if row.censor == "none" else 0.0, str(row.censor))
        for row in found.measurements
    }


def is_marked(found: Records) -> bool:
    """True if the record says that it may not be the whole file."""
    return any(row.flags & MARKS for row in found.measurements) or any(
        one.code == "no_rows" for one in found.messages
    )
