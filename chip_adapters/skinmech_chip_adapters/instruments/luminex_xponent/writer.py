"""Writing batches as xPONENT does, for tests and simulated recordings."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Example


@dataclass(frozen=True, slots=True)
class WellValues:
    """One well: median fluorescence, bead count and (optionally) result by analyte.

    A result may be a number or the software's own word, such as `OOR <`.
    """

    well: str
    sample: str
    median: Mapping[str, float]
    count: Mapping[str, int]
    result: Mapping[str, float | str] | None = None


def write(
    batch: str,
    start: str,
    wells: Sequence[WellValues],
    *,
    background: float = 0.0,
    unit: str = "Bead",
    dilution: float = 1.0,
    per_bead: int = 25,
) -> bytes:
    """An xPONENT CSV.

    Args:
        batch: Name of the batch.
        start: Text of the start time, month first, such as `5/17/2023 6:42:29 PM`.
        wells: In reading order; all with the same analytes.
        background: Taken off for the block `Net MFI`.
        unit: Written for every analyte; `Bead` where there is no concentration.
        dilution: Written for every well.
        per_bead: Count of beads the protocol asks for.
    """
    analytes = list(wells[0].median)
    places = [f"{number}(1,{one.well})" for number, one in enumerate(wells, 1)]

    def block(name: str, rows: Sequence[Sequence[object]]) -> list[Sequence[object]]:
        titles = ("Location", "Sample", *analytes, "Total Events")
        return [("DataType:", name), titles, *rows, ()]

    def values(cells: Sequence[Mapping[str, object]]) -> list[Sequence[object]]:
        return [
            (place, one.sample, *(row[name] for name in analytes), sum(one.count.values()))
            for place, one, row in zip(places, wells, cells, strict=True)
        ]

    net = [{name: value - background for name, value in one.median.items()} for one in wells]
    lines: list[Sequence[object]] = [
        ("Program", "xPONENT", "", "FlexMAP 3D"),
        ("Build", "4.3.229.0"),
        ("SN", "SIMULATED"),
        ("Batch", batch),
        ("BatchStartTime", start),
        (),
        ("Samples", len(wells), "Min Events", per_bead, "Per Bead"),
        (),
        ("Results",),
        (),
        *block("Median", values([one.median for one in wells])),
        *block("Count", values([one.count for one in wells])),
        *block("Net MFI", values(net)),
    ]
    results = [one.result for one in wells if one.result is not None]
    if len(results) == len(wells):
        lines += block("Result", values(results))
    lines += [
        *(("DataType:", "Units"), ("Analyte:", *analytes)),
        ("BeadID:", *range(12, 12 + len(analytes))),
        *(("Units:", *(unit for _ in analytes)), ()),
        *(("DataType:", "Per Bead Count"), ("Analyte:", *analytes)),
        *(("Per Bead:", *(per_bead for _ in analytes)), ()),
        *(("DataType:", "Dilution Factor"), ("Location", "Sample", "Dilution Factor")),
        *((place, one.sample, dilution) for place, one in zip(places, wells, strict=True)),
        (),
        *(("DataType:", "Warnings/Errors"), ("Location", "Status", "Message"), ()),
    ]
    body = "".join(",".join(_cell(cell) for cell in line) + "\r\n" for line in lines)
    checksum = zlib.crc32(body.encode("utf-8"))
    return (body + f"-- CRC --\r\nCRC32: {checksum:08X}\r\n").encode()


def _cell(value: object) -> str:
    text = f"{value:.10g}" if isinstance(value, float) else str(value)
    return '"' + text.replace('"', '""') + '"'


def example() -> Example:
    """Two chips and a standard, two analytes, concentrations with one below the curve."""
    analytes = ("IL-6", "IL-8")
    wells = [
        WellValues(
            well,
            sample,
            {name: 100.5 * number for name in analytes},
            {name: 20 + 10 * number for name in analytes},
            {name: 12.25 * number for name in analytes},
        )  # fmt: skip
        for number, (well, sample) in enumerate(
            (("A1", "Standard1"), ("B1", "C1 d3"), ("C1", "C2 d3")), 1
        )
    ]
    low = {"IL-6": "OOR <", "IL-8": 36.75}
    wells[2] = WellValues(wells[2].well, wells[2].sample, wells[2].median, wells[2].count, low)
    sidecar = """
[study]
id = "example"
targets = ["IL-6", "IL-8"]
[chip.C1]
[chip.C2]
[[file]]
path = "batch.csv"
location = "effluent_apical"
limits = { "IL-6" = { low = "0.8 pg/mL" } }
[file.well_map]
A1 = { use = "standard" }
B1 = { chip = "C1", time = "3 d" }
C1 = { chip = "C2", time = "3 d" }
"""
    return Example(
        filename="batch.csv",
        content=write("B_1", "5/17/2023 6:42:29 PM", wells, background=10.0, unit="pg/mL"),
        sidecar=sidecar,
        measurements=12,
    )
