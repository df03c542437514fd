"""Writing plates as INTELLIFLEX does, for tests and simulated recordings."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Example


@dataclass(frozen=True, slots=True)
class WellValues:
    """One well: median fluorescence, net median and bead count by region, such as `R25`."""

    well: str
    sample: str
    median: Mapping[str, float]
    net: Mapping[str, float]
    count: Mapping[str, int]
    kind: str = "U1"
    status: str = "Completed"
    dilution: float = 1.0


def write(
    plate: str,
    start: str,
    wells: Sequence[WellValues],
    *,
    names: Mapping[str, str] | None = None,
    delimiter: str = ",",
    decimal: str = ".",
    newline: str = "\r\n",
    encoding: str = "utf-8",
) -> bytes:
    """An INTELLIFLEX CSV.

    Args:
        plate: Name of the plate.
        start: Text of its start, such as `2026-02-25 04:42:08 PM`.
        wells: In reading order; all with the same regions.
        names: Analyte by region; None for the early version without names.
        delimiter: `,`, `;` or a tab; cells that hold it are quoted.
        decimal: `.` or `,`.
        newline: `\\r\\n`, `\\n` or `\\r`.
        encoding: Any Python encoding; `utf-16` and `utf-8-sig` write a byte-order mark.
    """
    regions = list(wells[0].median)
    statistics = ("ANALYTE NAME",) * (names is not None)
    statistics = (*statistics, "MEDIAN", "NET MEDIAN", "COUNT", "MEAN")
    titles = ["INSTRUMENT TYPE", "SERIAL NUMBER", "SOFTWARE VERSION", "PLATE NAME", "PLATE START"]
    titles += ["WELL LOCATION", "WELL TYPE", "WELL STATUS", "SAMPLE ID", "DILUTION"]
    titles += [f"{region}: RP1 {statistic}" for region in regions for statistic in statistics]
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=newline)
    writer.writerow(titles)

    def number(value: float) -> str:
        return "NaN" if math.isnan(value) else repr(value).replace(".", decimal)

    for one in wells:
        cells = ["INTELLIFLEX", "SIMULATED", "Luminex INTELLIFLEX Bundle - 2.1.1015", plate, start]
        cells += [one.well, one.kind, one.status, one.sample, number(one.dilution)]
        for region in regions:
            values = {
                "ANALYTE NAME": (names or {}).get(region, ""),
                "MEDIAN": number(one.median[region]),
                "NET MEDIAN": number(one.net[region]),
                "COUNT": str(one.count[region]),
                "MEAN": number(one.median[region]),
            }
            cells += [values[statistic] for statistic in statistics]
        writer.writerow(cells)
    return stream.getvalue().encode(encoding)


def example() -> Example:
    """Two chips, a blank and a dry well; two analytes."""
    places = (("A1", "blank", "B1"), ("B1", "C1 d3", "U1"), ("C1", "C2 d3", "U2"))
    wells = [
        WellValues(
            well, sample, {"R25": 120.5 * i, "R27": 1015.25 * i},
            {"R25": 100.5 * i, "R27": 995.25 * i}, {"R25": 40, "R27": 50 + i}, kind,
        )
        for i, (well, sample, kind) in enumerate(places, 1)
    ]  # fmt: skip
    none = {"R25": math.nan, "R27": math.nan}
    wells.append(WellValues("D1", "C2 d7", none, none, {"R25": 0, "R27": 0}, "U3", "Dry"))
    sidecar = """
[study]
id = "example"
targets = ["IL-6", "IL-8"]
[chip.C1]
[chip.C2]
[[file]]
path = "intelliflex.csv"
location = "effluent_apical"
analytes = { "IL-6" = "IL-6", "IL-8" = "IL-8" }
[file.well_map]
A1 = { use = "blank" }
B1 = { chip = "C1", time = "3 d" }
C1 = { chip = "C2", time = "3 d" }
D1 = { chip = "C2", time = "7 d" }
"""
    content = write(
        "PLATE_1", "2026-02-25 04:42:08 PM", wells, names={"R25": "IL-6", "R27": "IL-8"}
    )
    return Example(
        filename="intelliflex.csv", content=content, sidecar=sidecar, measurements=12
    )  # fmt: skip
