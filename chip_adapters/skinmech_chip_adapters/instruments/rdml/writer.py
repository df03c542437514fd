"""Writing RDML as qPCR software does, for tests and simulated recordings."""

import io
import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from skinmech_chip_adapters.adapter import Example

_NAMES = {"utf-8-sig": "UTF-8", "latin-1": "ISO-8859-1", "cp1252": "windows-1252"}


@dataclass(frozen=True, slots=True)
class Reaction:
    """One reaction and target; `cq` NaN where nothing was amplified."""

    well: str
    sample: str
    target: str
    cq: float
    kind: str = "unkn"
    excluded: str = ""


def write(
    reactions: Sequence[Reaction],
    *,
    cycles: int = 40,
    absent: str = "last",
    version: str = "1.2",
    namespace: str = "http://www.rdml.org",
    run: str = "Run001",
    newline: str = "\r\n",
    encoding: str = "utf-8",
    packed: str = "rdml_data.xml",
) -> bytes:
    """An RDML file.

    Args:
        reactions: In file order; those of one well need not stand together.
        cycles: Cycles of each curve; 0 for no curves.
        absent: How no amplification is written: `last` (number of the last cycle), `-1.0`, `NaN`.
        version: Of the format.
        namespace: Of the elements.
        run: Identifier of the run.
        newline: `\\r\\n`, `\\n` or `\\r`.
        encoding: A Python encoding; the declaration names it.
        packed: Name of the XML file in the archive; empty for the XML alone.
    """
    stated = _NAMES.get(encoding, "UTF-16" if encoding.startswith("utf-16") else encoding.upper())
    lines = [
        f'<?xml version="1.0" encoding="{stated}" standalone="yes"?>',
        f'<rdml xmlns="{namespace}" version="{version}">',
        "  <dateMade>2024-09-05T00:29:23.361</dateMade>",
    ]
    for sample, kind in {one.sample: one.kind for one in reactions}.items():
        lines.append(f"  <sample id={quoteattr(sample)}><type>{kind}</type></sample>")
    lines += [
        '  <experiment id="Experiment">',
        f"    <run id={quoteattr(run)}>",
        "      <runDate>2024-11-10T09:24:39.265</runDate>",
        "      <pcrFormat><rows>8</rows><columns>12</columns></pcrFormat>",
    ]
    wells = list(dict.fromkeys(one.well for one in reactions))
    for well in wells:
        mine = [one for one in reactions if one.well == well]
        lines += [f'      <react id="{well}">', f"        <sample id={quoteattr(mine[0].sample)}/>"]
        for one in mine:
            lines += _data(one, cycles, absent)
        lines.append("      </react>")
    lines += ["    </run>", "  </experiment>", "</rdml>"]
    content = "".join(line + newline for line in lines).encode(encoding)
    if not packed:
        return content
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(packed, (2024, 1, 1, 0, 0, 0)), content,
                         zipfile.ZIP_DEFLATED)  # fmt: skip
    return stream.getvalue()


def _data(one: Reaction, cycles: int, absent: str) -> list[str]:
    nothing = f"{float(cycles)}" if absent == "last" else absent
    cq = nothing if math.isnan(one.cq) else repr(one.cq)
    lines = ["        <data>", f"          <tar id={quoteattr(one.target)}/>"]
    lines.append(f"          <cq>{cq}</cq>")
    if one.excluded:
        lines.append(f"          <excl>{escape(one.excluded)}</excl>")
    for cycle in range(1, cycles + 1):
        lines.append(f"          <adp><cyc>{float(cycle)}</cyc><fluor>0.{cycle:03d}</fluor></adp>")
    return [*lines, "        </data>"]


def example() -> Example:
    """Two chips, one target not amplified, one reaction excluded, a control; not zipped."""
    reactions = [
        Reaction("A1", "C1", "IL6", 10.155),
        Reaction("A1", "C1", "GAPDH", 7.5),
        Reaction("A2", "C2", "IL6", math.nan),
        Reaction("A2", "C2", "GAPDH", 8.25, excluded="bubble"),
        Reaction("A3", "water", "IL6", math.nan, "ntc"),
    ]
    sidecar = """
[study]
id = "example"
targets = ["IL6", "GAPDH"]
[chip.C1]
[chip.C2]
[[file]]
path = "run.rdml"
time = "72 h"
location = "tissue"
[file.well_map]
A1 = { chip = "C1" }
A2 = { chip = "C2" }
"""
    return Example(
        filename="run.rdml", content=write(reactions, cycles=12, packed=""), sidecar=sidecar,
        measurements=4,
    )  # fmt: skip
