"""Writing tables as the FLEX2 does, for tests and simulated recordings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from skinmech_chip_adapters.adapter import Example
from skinmech_chip_adapters.plates.writing import encoded, joined, number_text

_TITLES = (
    *("Date & Time", "Sample ID", "Sample Type", "Gln", "Glu", "Gluc", "Lac", "NH4+", "Na+"),
    *("K+", "Ca++", "pH", "PO2", "PCO2", "Osm", "Viability", "Vessel Temperature (°C)", "Operator"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleData:
    """One sample: time as text, and value by title; a title that is not named is an empty cell."""

    sample: str
    time: str = "2/18/2021  10:28:04 AM"
    values: Mapping[str, float | str | None] = field(default_factory=dict)


def write(
    samples: Sequence[SampleData],
    *,
    encoding: str = "utf-8",
    newline: str = "\n",
    delimiter: str = ",",
    decimal: str = ".",
    digits: int | None = None,
) -> bytes:
    """A FLEX2 CSV: quoted titles, rows without quotes, a delimiter at the end of each line."""
    lines = [delimiter.join(f'"{title}"' for title in _TITLES) + delimiter]
    for one in samples:
        texts = (number_text(one.values.get(title), decimal, digits) for title in _TITLES[3:])
        lines.append(joined((one.time, one.sample, "Default", *texts, ""), delimiter))
    return encoded(lines, encoding, newline)


def example() -> Example:
    """Two chips and a control; glucose by amount, lactate by mass, one value below its limit."""
    samples = [
        SampleData(
            sample=name,
            time=f"2/18/2021  10:{28 + 5 * number}:04 AM",
            values={
                "Gluc": 4.25 + number,
                "Lac": "<0.05" if number == 2 else 0.5 * number + 0.25,
                "Gln": 0.58,
                "pH": 7.34 - 0.05 * number,
                "PO2": 150.5,
                "Vessel Temperature (°C)": 37.0,
            },
        )
        for number, name in enumerate(("C1 d3", "C2 d3", "control"))
    ]
    sidecar = """
[study]
id = "example"
targets = ["lactate"]
[chip.C1]
[chip.C2]
[[file]]
path = "SampleResults.csv"
location = "effluent_basal"
time = "3 d"
units = { "Gluc" = "mmol/L", "Lac" = "g/L", "PO2" = "mmHg" }
analytes = { "Lac" = "lactate" }
[file.well_map]
"C1 d3" = { chip = "C1" }
"C2 d3" = { chip = "C2" }
control = { use = "control" }
"""
    return Example(
        filename="SampleResults.csv", content=write(samples), sidecar=sidecar, measurements=8
    )
