"""Writing plates as Discovery Workbench does, for tests and simulated recordings."""

import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Example

_TITLES = (
    *("Sample", "Assay", "Well", "Spot", "Detection Range", "Dilution", "Concentration"),
    *("Signal", "Mean", "CV", "Calc. Concentration", "Calc. Conc. Mean"),
)


@dataclass(frozen=True, slots=True)
class WellValue:
    """One assay in one well; `concentration` None where the software could compute none."""

    sample: str
    assay: str
    well: str
    signal: float
    concentration: float | None
    detection_range: str = "In Detection Range"
    dilution: float | None = None


def write(plate: str, values: Sequence[WellValue]) -> bytes:
    """A Discovery Workbench CSV: plate name padded with commas, header, one row for each value."""
    signals, concentrations = defaultdict(list), defaultdict(list)
    for one in values:
        signals[one.sample, one.assay].append(one.signal)
        if one.concentration is not None:
            concentrations[one.sample, one.assay].append(one.concentration)
    spots = {assay: str(i) for i, assay in enumerate(dict.fromkeys(v.assay for v in values), 1)}
    lines = [plate + "," * (len(_TITLES) - 1), ",".join(_TITLES)]
    for one in values:
        group = signals[one.sample, one.assay]
        mean = statistics.fmean(group)
        spread = statistics.stdev(group) / mean * 100 if len(group) > 1 else float("nan")
        computed = concentrations[one.sample, one.assay]
        average = statistics.fmean(computed) if computed else None
        cells = (
            *(one.sample, one.assay, one.well, spots[one.assay], one.detection_range),
            *(_number(one.dilution, ""), "", _number(one.signal), _number(mean), _number(spread)),
            *(
                _number(one.concentration),
                _number(average),
            ),
        )
        lines.append(",".join(cells))
    return "".join(line + "\r\n" for line in lines).encode("utf-8")


def _number(value: float | None, absent: str = "NaN") -> str:
    if value is None:
        return absent
    return "NaN" if value != value else f"{value:.10g}"


def example() -> Example:
    """Two chips in duplicate and one blank, two assays, one value out of range."""
    wells = (("A", "A01"), ("A", "A02"), ("B", "B01"), ("B", "B02"), ("blank", "C01"))
    values = [
        WellValue(sample, assay, well, 100.0 * number + 7.0, 12.5 * number, dilution=2.0)
        for assay in ("IL-6", "IL-8")
        for number, (sample, well) in enumerate(wells, 1)
    ]
    values[3] = WellValue("B", "IL-6", "B02", 60.0, None, "Below Fit Curve Range", 2.0)
    sidecar = """
[study]
id = "example"
targets = ["IL-6", "IL-8"]
[chip.C1]
[chip.C2]
[[file]]
path = "plate.csv"
time = "72 h"
location = "effluent_basal"
units = { "Calc. Concentration" = "pg/mL" }
limits = { "IL-6" = { low = "0.5 pg/mL", high = "2000 pg/mL" } }
[file.well_map]
A = { chip = "C1" }
B = { chip = "C2" }
C01 = { use = "blank" }
"""
    return Example(
        filename="plate.csv", content=write("Plate_1", values), sidecar=sidecar, measurements=16
    )
