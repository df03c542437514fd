"""Writing a Fibox log as OxyView or the device does, for tests and simulated recordings."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from skinmech_chip_adapters.adapter import Example


def write(
    start: datetime,
    minutes: Sequence[float],
    oxygen: Sequence[float | str],
    temperature: Sequence[float],
    *,
    unit: str = "% airsatur.",
    errors: Sequence[str] = (),
    model: int = 3,
    decimal: str = ".",
    newline: str = "\r\n",
    encoding: str = "latin-1",
) -> bytes:
    """A log of one sensor.

    Args:
        start: On the computer's clock.
        minutes: Elapsed time of every row.
        oxygen, temperature: Readings, in `unit` and °C; texts are written as they are.
        errors: Word of every row; by default none was wrong.
        model: 3 (OxyView) or 4 (device).
        decimal: `.` or `,`.
        newline, encoding: Of the whole file.
    """
    stamps = [start + timedelta(minutes=one) for one in minutes]
    errors = errors or ["E0" if model == 3 else "0"] * len(minutes)
    rows = zip(stamps, minutes, oxygen, temperature, errors, strict=True)
    if model == 4:
        lines = ["Date;Time;User;delta_t;Unit;Value;Unit;Phase;Unit;Amplitude;Unit;Temp;Unit;"
                 "patm;Unit;Salinity;Unit;Error;"]  # fmt: skip
        for stamp, minute, value, degrees, error in rows:
            cells = (f"{stamp:%d-%b-%Y}", f"{stamp:%H:%M:%S}", "default", _cell(minute, decimal),
                     "min", _cell(value, decimal), unit, _cell(25.5, decimal), "°", "20000", "uV",
                     _cell(degrees, decimal), "°C", "1013", "mbar", "0", "g/L", error)  # fmt: skip
            lines.append(";".join(cells) + ";")
        return "".join(line + newline for line in lines).encode(encoding)
    lines = [
        *("***** DESCRIPTION ***********;", "simulated;", "", "***** INSTRUMENT INFO *******;"),
        *("Serial number     : FB3-000      ;", "Pressure (mBar)   : 1013;", " ;", ""),
        *("***** SOFTWARE INFO *********;", "OxyView - PST3-V6.02 10/2007;", "by PreSens GmbH;"),
        f"start time; {start:%I:%M:%S %p}; ",
        f"date(DD/MM/YY); time/hh:mm:ss; logtime/min; oxygen/{unit}; phase/°; amp; temp/°C; "
        "ErrorMessage;",
    ]
    for stamp, minute, value, degrees, error in rows:
        cells = (f"{stamp:%d/%m/%y}", f"{stamp:%H:%M:%S}", _cell(minute, decimal),
                 _cell(value, decimal), _cell(25.5, decimal), "1905", _cell(degrees, decimal),
                 error)  # fmt: skip
        lines.append("; ".join(f"{one:>9}" for one in cells) + ";")
    return "".join(line + newline for line in lines).encode(encoding)


def _cell(value: float | str, decimal: str) -> str:
    return value if isinstance(value, str) else repr(float(value)).replace(".", decimal)


def example() -> Example:
    """Four readings, one with an error; written as UTF-8, as after a resave."""
    content = write(
        datetime(2026, 3, 17, 9, 30), [0.0, 0.5, 1.0, 1.5], [98.5, 97.25, 95.75, 94.5],
        [36.5, 36.75, 37.0, 37.0], errors=["E0", "E0", "E2", "E0"], encoding="utf-8",
    )  # fmt: skip
    sidecar = """
[study]
id = "example"
[chip.C1]
[[file]]
path = "fibox.txt"
chip = "C1"
time = "24 h"
location = "basal"
expected = { rows = 4 }
"""
    return Example(filename="fibox.txt", content=content, sidecar=sidecar, series=2)
