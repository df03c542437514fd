"""Writing FCS files, for tests."""

from collections.abc import Mapping, Sequence

import numpy as np

from skinmech_chip_adapters.adapter import Example

_KINDS = {"I": "u", "F": "f", "D": "f"}


def write(
    events: np.ndarray,
    names: Sequence[str],
    *,
    stains: Sequence[str] = (),
    version: str = "3.1",
    kind: str = "I",
    bits: int = 32,
    little_endian: bool = True,
    delimiter: str = "/",
    ranges: Sequence[int] = (),
    keywords: Mapping[str, str] | None = None,
    header_shift: int = 0,
) -> bytes:
    """A data set.

    Args:
        events: Shape (events, channels).
        names, stains: `$PnN` and `$PnS` of the channels.
        version: 2.0, 3.0 or 3.1.
        kind: I for integers, F or D for floats.
        bits: 8, 16 or 32 for integers, 32 for F, 64 for D.
        little_endian: Byte order of the data.
        delimiter: Of the TEXT segment, one character.
        ranges: `$PnR`, by default all that the bits hold.
        keywords: Further ones.
        header_shift: Added to the place of the data in the header, to make a mismatch.
    """
    order = "<" if little_endian else ">"
    data = np.asarray(events).astype(f"{order}{_KINDS[kind]}{bits // 8}").tobytes()
    count, channels = events.shape
    if bits == 8:
        data = np.asarray(events).astype("u1").tobytes()
    ranges = ranges or [2**bits if kind == "I" else 262144] * channels
    text = {
        "$PAR": str(channels),
        "$TOT": str(count),
        "$DATATYPE": kind,
        "$MODE": "L",
        "$BYTEORD": "1,2,3,4" if little_endian else "4,3,2,1",
        "$NEXTDATA": "0",
        **(keywords or {}),
    }
    for number, name in enumerate(names, 1):
        text |= {
            f"$P{number}N": name,
            f"$P{number}B": str(bits),
            f"$P{number}R": str(ranges[number - 1]),
            f"$P{number}E": "0,0",
        }
        if stains:
            text[f"$P{number}S"] = stains[number - 1]
    begin = 58 + 4096 * (1 + channels // 32)
    end = begin + len(data) - 1
    if version != "2.0":
        text |= {"$BEGINDATA": str(begin), "$ENDDATA": str(end), "$BEGINSTEXT": "0",
                 "$ENDSTEXT": "0", "$BEGINANALYSIS": "0", "$ENDANALYSIS": "0"}  # fmt: skip
    pairs = (part.replace(delimiter, delimiter * 2) for pair in text.items() for part in pair)
    segment = (delimiter + delimiter.join(pairs) + delimiter).encode()
    offsets = (58, 58 + len(segment) - 1, begin + header_shift, end + header_shift, 0, 0)
    header = f"FCS{version}    " + "".join(f"{one:>8}" for one in offsets)
    return (header.encode() + segment).ljust(begin, b" ") + data


def example() -> Example:
    """Five hundred events of two channels, one of which is named in the side-car."""
    generator = np.random.default_rng(3)
    events = generator.integers(10, 5000, size=(501, 2))
    content = write(
        events, ("FSC-A", "FL1-A"), stains=("FSC-A", "FITC-A"),
        keywords={"$CYT": "simulated", "$DATE": "17-MAR-2026", "$BTIM": "09:30:00.00"},
    )  # fmt: skip
    sidecar = """
[study]
id = "example"
targets = ["Ki-67"]
[chip.C1]
[[file]]
path = "cells.fcs"
chip = "C1"
time = "72 h"
location = "tissue"
analytes = { "FL1-A" = "Ki-67" }
"""
    return Example(filename="cells.fcs", content=content, sidecar=sidecar, measurements=1)
