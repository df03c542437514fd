"""Writing results as the QuantStudio software does, for tests and simulated recordings."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Example

_SETUP = ("Well", "Well Position", "Sample Name", "Target Name", "Task", "Reporter")
_RESULTS = (
    *("Well", "Well Position", "Omit", "Sample Name", "Target Name", "Task", "Reporter", "CT"),
    *("Ct Mean", "Automatic Ct Threshold", "Ct Threshold", "Baseline End", "Comments"),
)


@dataclass(frozen=True, slots=True)
class Reaction:
    """One reaction; `ct` NaN where nothing was amplified (written as `Undetermined`)."""

    well: str
    sample: str
    target: str
    ct: float
    task: str = "UNKNOWN"
    omit: bool = False


def write(
    reactions: Sequence[Reaction],
    *,
    cycles: int = 40,
    end: str = "2024-10-20 02:23:34 AM EDT",
    threshold: float = 0.133,
    decimal: str = ".",
    newline: str = "\n",
    encoding: str = "utf-8",
    ct_title: str = "CT",
    setup: bool = True,
    footer: bool = False,
) -> bytes:
    """A text export.

    Args:
        reactions: In file order.
        cycles: Cycles of the section of curves; 0 for an export without them.
        end: Text of the end of the run.
        threshold: Written for every reaction.
        decimal: `.` or `,`, as the computer's locale has it.
        newline: `\\r\\n`, `\\n` or `\\r`.
        encoding: Any Python encoding.
        ct_title: Name of the column in this version.
        setup: Write `[Sample Setup]`.
        footer: Write the settings of the analysis after the results.
    """

    def number(value: float) -> str:
        return "Undetermined" if math.isnan(value) else repr(value).replace(".", decimal)

    lines = [
        *("* Block Type = 96-Well Block (0.2mL)", "* Chemistry = TAQMAN"),
        *(
            f"* Experiment Run End Time = {end}",
            "* Instrument Type = QuantStudio(TM) 7 Flex System",
        ),
        *("* Quantification Cycle Method = Ct", ""),
    ]
    if setup:
        lines += ["[Sample Setup]", "\t".join(_SETUP)]
        for index, one in enumerate(reactions, 1):
            cells = (str(index), one.well, one.sample, one.target, one.task, "FAM")
            lines.append("\t".join(cells))
        lines.append("")
    if cycles:
        lines += ["[Amplification Data]", "Well\tCycle\tTarget Name\tRn\tDelta Rn"]
        for cycle in range(1, cycles + 1):
            lines.append(f"1\t{cycle}\t{reactions[0].target}\t0{decimal}6{cycle:02d}\t0{decimal}0")
        lines.append("")
    lines += ["[Results]", "\t".join(_RESULTS).replace("\tCT\t", f"\t{ct_title}\t")]
    for index, one in enumerate(reactions, 1):
        lines.append(
            "\t".join(
                (
                    *(str(index), one.well, str(one.omit).lower(), one.sample, one.target),
                    *(one.task, "FAM", number(one.ct), "", "true", number(threshold)),
                    *(str(max(0, min(cycles, 20) - 1)), ""),
                )
            )
        )
    if footer:
        lines += ["", "Analysis Type = Singleplex"]
    return "".join(line + newline for line in lines).encode(encoding)


def example() -> Example:
    """Two chips, one target not amplified, a control without template."""
    reactions = [
        Reaction("A1", "C1 d3", "IL6", 30.155),
        Reaction("A2", "C2 d3", "IL6", math.nan),
        Reaction("A3", "", "IL6", math.nan, "NTC"),
        Reaction("B1", "C1 d3", "GAPDH", 21.5),
        Reaction("B2", "C2 d3", "GAPDH", 22.25, omit=True),
    ]
    sidecar = """
[study]
id = "example"
targets = ["IL6", "GAPDH"]
[chip.C1]
[chip.C2]
[[file]]
path = "run.txt"
time = "72 h"
location = "tissue"
timezone = "America/New_York"
[file.well_map]
"C1 d3" = { chip = "C1" }
"C2 d3" = { chip = "C2" }
"""
    content = write(reactions, newline="\r\n")
    return Example(filename="run.txt", content=content, sidecar=sidecar, measurements=4)
