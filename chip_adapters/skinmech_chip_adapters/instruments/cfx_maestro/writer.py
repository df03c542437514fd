"""Writing results as CFX Maestro does, for tests and simulated recordings."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Example

_TITLES = (
    *("", "Well", "Fluor", "Target", "Content", "Sample", "Biological Set Name", "Cq", "Cq Mean"),
    *("Cq Std. Dev", "Starting Quantity (SQ)", "Set Point", "Well Note"),
)


@dataclass(frozen=True, slots=True)
class Reaction:
    """One reaction; `cq` NaN where nothing was amplified."""

    well: str
    fluor: str
    target: str
    sample: str
    cq: float
    content: str = "Unkn"


def write(
    reactions: Sequence[Reaction],
    *,
    delimiter: str = ",",
    decimal: str = ".",
    newline: str = "\n",
    encoding: str = "utf-8",
    absent: str = "NaN",
    preamble: Sequence[str] = (),
) -> bytes:
    """A CSV of quantification cycles.

    Args:
        reactions: In file order.
        delimiter: `,`, `;` or a tab; cells that hold it are quoted.
        decimal: `.` or `,`.
        newline: `\\r\\n`, `\\n` or `\\r`.
        encoding: Any Python encoding.
        absent: Word for no amplification: `NaN`, or `N/A` in older versions, whose `Cq Mean` is
            then `0.00`.
        preamble: Lines about the run before the titles.
    """

    def number(value: float) -> str:
        return absent if math.isnan(value) else repr(value).replace(".", decimal)

    stream = io.StringIO()
    stream.writelines(line + newline for line in preamble)
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=newline)
    writer.writerow(_TITLES)
    for one in reactions:
        mean = f"0{decimal}00" if math.isnan(one.cq) and absent == "N/A" else number(one.cq)
        cells = ("", one.well, one.fluor, one.target, one.content, one.sample, "")
        writer.writerow((*cells, number(one.cq), mean, "0", "NaN", "60", ""))
    return stream.getvalue().encode(encoding)


def example() -> Example:
    """Two chips, one target not amplified, a control without template."""
    reactions = [
        Reaction("A01", "FAM", "IL6", "C1", 21.1877528266099),
        Reaction("A02", "FAM", "IL6", "C2", math.nan),
        Reaction("A03", "FAM", "IL6", "water", math.nan, "NTC"),
        Reaction("A01", "VIC", "GAPDH", "C1", 17.102553416348),
        Reaction("A02", "VIC", "GAPDH", "C2", 17.5),
        Reaction("A03", "VIC", "GAPDH", "water", math.nan, "NTC"),
    ]
    sidecar = """
[study]
id = "example"
targets = ["IL6", "GAPDH"]
[chip.C1]
[chip.C2]
[[file]]
path = "cq.csv"
time = "72 h"
location = "tissue"
cycles = 40
analytes = ["IL6", "GAPDH"]
[file.well_map]
A1 = { chip = "C1" }
A2 = { chip = "C2" }
"""
    content = write(reactions, newline="\r\n")
    return Example(filename="cq.csv", content=content, sidecar=sidecar, measurements=4)
