"""What both forms of a QuantStudio export are read into, and the names of their columns."""

from dataclasses import dataclass

from skinmech_chip_adapters.readers import Line
from skinmech_chip_adapters.readers.titled import Titled

NEEDED = ("Well Position", "CT")
USED = (*NEEDED, "Well", "Sample", "Target", "Task", "Reporter", "Omit", "Threshold")
# Names of columns in different versions; the fourth letter below is a Cyrillic one.
_SAME = {
    **dict.fromkeys(("CT", "Ct", "C\u0442", "C\u0422", "CRT", "Crt", "Cq"), "CT"),
    "Sample Name": "Sample",
    "Target Name": "Target",
    "Ct Threshold": "Threshold",
    "CT Threshold": "Threshold",
}
_MEAN = "mean of replicates, which are kept one by one"
_RELATIVE = "relative quantity by the vendor's analysis"
_QUALITY = "the vendor's score of the curve"

# Columns of the format that are left out, and why.
IGNORED = {
    **dict.fromkeys(("Ct Mean", "Cq Mean", "Quantity Mean", "Delta Ct Mean"), _MEAN),
    **dict.fromkeys(("Ct SD", "Cq SD", "Quantity SD", "Delta Ct SE", "Delta Ct SD"), _MEAN),
    **dict.fromkeys(("RQ", "RQ Min", "RQ Max", "Delta Ct", "Delta Delta Ct"), _RELATIVE),
    **dict.fromkeys(("Amp Score", "Cq Conf", "Cq Confidence", "Amp Status", "CRTAMP"), _QUALITY),
    **dict.fromkeys(("Curve Quality", "Result Quality Issues", "HIGHSD", "NOAMP"), _QUALITY),
    "Quencher": "of the chemistry",
    "Quantity": "from the vendor's standard curve, without a unit",
    "Automatic Ct Threshold": "setting of the vendor's analysis",
    "Auto Threshold": "setting of the vendor's analysis",
    "Automatic Baseline": "setting of the vendor's analysis",
    "Auto Baseline": "setting of the vendor's analysis",
    "Baseline Start": "setting of the vendor's analysis",
    "Baseline End": "setting of the vendor's analysis",
    "Comments": "free text",
    "Tm1": "melting temperature",
    "Tm2": "melting temperature",
    "Tm3": "melting temperature",
}
NUMERIC = (
    *("CT", "Threshold", "Ct Mean", "Cq Mean", "Ct SD", "Cq SD", "Quantity", "RQ", "RQ Min"),
    *("RQ Max", "Delta Ct", "Delta Ct Mean", "Delta Ct SE", "Delta Delta Ct", "Amp Score"),
)


@dataclass(frozen=True, slots=True)
class Run:
    """A run as written.

    Attributes:
        keys: Value by key.
        at: Line number (or row of the sheet) by key.
        results: One row for each well and target.
        setup: Pairs of well and target that the layout names; empty where there is none.
        amplified: Last cycle of the section of curves, or 0.
        has_end: True if something follows the results, or the container is whole by itself.
    """

    keys: dict[str, str]
    at: dict[str, int]
    results: Titled
    setup: frozenset[tuple[str, str]]
    amplified: int
    has_end: bool


def named(line: Line) -> Line:
    """A row of titles with the names of this version exchanged for ours."""
    return Line(line.number, tuple(_SAME.get(cell, cell) for cell in line.cells), line.width)
