"""Writing tables of results as BioMark does, for tests and simulated recordings."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Example


@dataclass(frozen=True, slots=True)
class Chamber:
    """One chamber; `ct` NaN where the software found no cycle (written as 999)."""

    sample_inlet: int
    assay_inlet: int
    sample: str
    assay: str
    ct: float
    passed: bool = True
    sample_type: str = "Unknown"


def write(
    chambers: Sequence[Chamber],
    *,
    threshold: float = 0.054349316579291,
    delimiter: str = ",",
    decimal: str = ".",
    newline: str = "\r\n",
    encoding: str = "utf-8",
) -> bytes:
    """A table of results.

    Args:
        chambers: In file order; every pair of inlets once.
        threshold: Written for every chamber.
        delimiter: `,`, `;` or a tab; cells that hold it are quoted.
        decimal: `.` or `,`.
        newline: `\\r\\n`, `\\n` or `\\r`.
        encoding: Any Python encoding.
    """

    def number(value: float) -> str:
        return "999" if math.isnan(value) else repr(value).replace(".", decimal)

    dye, stream = "FAM-MGB", io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=newline)
    writer.writerows(
        [
            ("Chip Run Filename", "ChipRun.bml"),
            ("Application Version", "2.1.1"),
            ("Export Type", "Table Results"),
            ("Quality Threshold", f"0{decimal}65"),
            (),
            ("Experiment Information",) * 6 + (dye,) * 4,
            ("Chamber", "Sample", "Sample", "Sample", dye, dye, "Ct", "Ct", "Ct", "Ct"),
            (
                "ID",
                "Name",
                "Type",
                "rConc",
                "Name",
                "Type",
                "Value",
                "Quality",
                "Call",
                "Threshold",
            ),
        ]
    )
    for one in chambers:
        passed = one.passed and not math.isnan(one.ct)
        writer.writerow(
            (
                *(f"S{one.sample_inlet:02d}-A{one.assay_inlet:02d}", one.sample, one.sample_type),
                *("1", one.assay, "Test", number(one.ct), f"0{decimal}85" if passed else "0"),
                *("Pass" if passed else "Fail", number(threshold)),
            )
        )
    return stream.getvalue().encode(encoding)


def example() -> Example:
    """Two chips and a control on two assays; one chamber without a cycle, one that failed."""
    cts = {(1, 1): 21.25, (1, 2): 18.5, (2, 1): math.nan, (2, 2): 19.75}
    names = {1: "C1 d3", 2: "C2 d3", 3: "water"}
    chambers = [
        Chamber(
            sample, assay, names[sample], ("IL6", "GAPDH")[assay - 1],
            cts.get((sample, assay), math.nan), (sample, assay) != (2, 2),
            "NTC" if sample == 3 else "Unknown",
        )
        for sample in (3, 1, 2)
        for assay in (1, 2)
    ]  # fmt: skip
    sidecar = """
[study]
id = "example"
targets = ["IL6", "GAPDH"]
[chip.C1]
[chip.C2]
[[file]]
path = "array.csv"
time = "72 h"
location = "tissue"
[file.well_map]
"C1 d3" = { chip = "C1" }
S02 = { chip = "C2" }
"""
    return Example(
        filename="array.csv", content=write(chambers), sidecar=sidecar, measurements=4
    )  # fmt: skip
