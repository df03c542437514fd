"""Writing a dish log as the SDR software does, for tests and simulated recordings."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from skinmech_chip_adapters.adapter import Example

WELLS = tuple(f"{row}{column}" for row in "ABCD" for column in range(1, 7))


def write(
    start: datetime,
    minutes: Sequence[float],
    wells: Mapping[str, Sequence[float | str]],
    *,
    parameter: str = "Oxygen [[%] Air Saturation]",
    temperature: float = 37.0,
    pressure: float = 1013.0,
    salinity: float = 0.0,
    errors: Sequence[str] = (),
    end: datetime | None = None,
    decimal: str = ".",
    newline: str = "\r\n",
    encoding: str = "latin-1",
) -> bytes:
    """An SDR log.

    Args:
        start: On the computer's clock.
        minutes: Elapsed time of every row.
        wells: Readings by well, each of shape (rows,); texts are written as they are.
        parameter: Quantity and unit, as in the header.
        temperature, pressure, salinity: What readings are compensated with (°C, mbar, g/1000g).
        errors: Message of every row, or none.
        end: End of the measurement, else that of the last row.
        decimal: `.` or `,`.
        newline, encoding: Of the whole file.
    """
    stamps = [start + timedelta(minutes=one) for one in minutes]
    end = end or (stamps[-1] if stamps else start)
    lines = [
        f"Measurement Name : simulated       Generated On : {end:%d/%m/%Y, %H:%M:%S}",
        f"Start Date/Time: {start:%d/%m/%Y, %H:%M:%S}",
        f"End Date/Time: {end:%d/%m/%Y, %H:%M:%S}",
        "User Comment : simulated",
        "SDR Serial No. : S-000",
        f"Parameter : {parameter}",
        "O2_T0 [°C] : 20",
        "O2_patm [mbar] : 1013",
        " ",
    ]
    titles = ["Date/Time", "Time/Min.", *wells, "", "Tm [°C]", "p [mbar]", "Salinity [g/1000g]",
              "T_internal [°C]", "Error"]  # fmt: skip
    lines.append("".join(f"{one:>12};" for one in titles))
    rest = [_cell(one, decimal) for one in (temperature, pressure, salinity, temperature)]
    for index, (stamp, minute) in enumerate(zip(stamps, minutes, strict=True)):
        values = [_cell(column[index], decimal) for column in wells.values()]
        message = errors[index] if errors else ""
        cells = [f"{stamp:%d.%m.%y%H:%M:%S}", _cell(minute, decimal), *values, "", *rest]
        lines.append("".join(f"{one:<15};" for one in cells) + (f"{message};" if message else ""))
    return "".join(line + newline for line in [*lines, "", ""]).encode(encoding)


def _cell(value: float | str, decimal: str) -> str:
    return value if isinstance(value, str) else repr(float(value)).replace(".", decimal)


def example() -> Example:
    """Two wells of two chips over half an hour; written as UTF-8, as after a resave."""
    minutes = [0.0, 10.0, 20.0, 30.0]
    wells = {"A1": [98.5, 97.25, 95.75, 94.5], "A2": [88.5, 80.25, "---", 71.75]}
    content = write(datetime(2026, 3, 17, 9, 30), minutes, wells, encoding="utf-8")
    sidecar = """
[study]
id = "example"
[chip.C1]
[chip.C2]
[[file]]
path = "dish.txt"
time = "24 h"
location = "basal"
expected = { rows = 4 }
[file.well_map]
A1 = { chip = "C1" }
A2 = { chip = "C2" }
"""
    return Example(filename="dish.txt", content=content, sidecar=sidecar, series=2)
