"""Writing PyroScience logs as the two programs do, for tests and simulated recordings."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from skinmech_chip_adapters.adapter import Example


def write(
    start: datetime,
    seconds: Sequence[float],
    oxygen: Sequence[float | str],
    temperature: Sequence[float | str],
    *,
    unit: str = "%air sat.",
    channel: str = "A Ch.1",
    status: Sequence[str] = (),
    decimal: str = ".",
    newline: str = "\r\n",
    encoding: str = "latin-1",
    end: bool = False,
) -> bytes:
    """A Workbench log of one channel.

    Args:
        start: On the computer's clock.
        seconds: Elapsed time of every row.
        oxygen, temperature: Readings in `unit` and °C; texts are written as they are.
        unit: Of oxygen, as the program writes it.
        channel: Device and channel.
        status: Of the oxygen readings; by default all are OK.
        decimal: `.` or `,`.
        newline, encoding: Of the whole file.
        end: Whether the last line has an end; the program leaves it out.
    """
    status = status or ["OK"] * len(seconds)
    lines = [
        *("#--- Experiment " + "-" * 40, "#simulated", "#", "#--- System " + "-" * 40),
        *("#Data from PyroScience Workbench V1.4.7.2305   www.pyroscience.com", "#0000"),
        "#--- Instrument " + "-" * 40,
        *("#Device: FireSting-O2-2Ch_1 [A] FSO2-C2 SN:0 Firmware:4.11 Build:001",),
        *("#--- Channel " + "-" * 40, f"#Channel [{channel}] - Oxygen Sensor - XX0-000-000 "),
        "#--- Measurement Data " + "-" * 40,
    ]
    main, comp = f"[{channel} Main]", f"[{channel} CompT]"
    titles = [
        *(f"Date {main}", f"Time {main}", f" dt (s) {main}", f"Oxygen ({unit}) {main}"),
        *(f"dphi (°) {main}", f"Status {main}", f"Date {comp}", f"Time {comp}", f" dt (s) {comp}"),
        *(f"Sample Temp. (°C) {comp}", f"Status {comp}"),
    ]
    lines.append("\t".join(titles))
    for second, value, degrees, word in zip(seconds, oxygen, temperature, status, strict=True):
        stamp = start + timedelta(seconds=second)
        clock = (f"{stamp:%d-%m-%Y}", f"{stamp:%H:%M:%S.%f}"[:-3], _cell(second, decimal))
        cells = (*clock, _cell(value, decimal), _cell(22.5, decimal), word,
                 *clock, _cell(degrees, decimal), "OK")  # fmt: skip
        lines.append("\t".join(cells))
    return (newline.join(lines) + (newline if end else "")).encode(encoding)


def write_oxygen_logger(
    start: datetime,
    seconds: Sequence[float],
    oxygen: Mapping[int, Sequence[float | str]],
    temperature: Mapping[int, Sequence[float | str]],
    *,
    unit: str = "% air sat",
    decimal: str = ".",
    newline: str = "\r\n",
    encoding: str = "latin-1",
) -> bytes:
    """A log of the Pyro Oxygen Logger with four channels, those without readings as `---`.

    Args:
        start: On the computer's clock (dates are written month first).
        seconds: Elapsed time of every row.
        oxygen, temperature: Readings by number of the channel, in `unit` and °C.
        unit: Of oxygen, as the program writes it.
        decimal: `.` or `,`.
        newline, encoding: Of the whole file.
    """
    numbers = range(1, 5)
    groups = ["", "", "", "", f"Oxygen [{unit}]", "", "", "", "Temp ['C]", "", "", "", "Sensors"]
    titles = ["Date", "Time (HH:MM:SS)", "Time (s)", "Comment", *(f"Ch{n}" for n in numbers),
              *(f"Ch {n}" for n in numbers), "Pressure [mbar]"]  # fmt: skip
    lines = [
        *(
            "Logfile:\tsimulated",
            "Software:\tPyro Oxygen Logger V3.312",
            "",
            "Settings:\tMode\tUnit",
        ),
        *(f"Ch {n}\twater\t{unit}" for n in numbers),
        *("Calibration:\tfirst\tsecond", *(f"Ch {n}\t0\t0" for n in numbers)),
        *("", "\t".join(groups), "\t".join(titles)),
    ]
    for index, second in enumerate(seconds):
        stamp = start + timedelta(seconds=second)
        values = [_cell(oxygen[n][index], decimal) if n in oxygen else "---" for n in numbers]
        values += [
            _cell(temperature[n][index], decimal) if n in temperature else "---" for n in numbers
        ]
        cells = (f"{stamp.month}/{stamp.day}/{stamp.year}", f"{stamp:%H:%M:%S}",
                 _cell(second, decimal), "", *values, _cell(1013.5, decimal))  # fmt: skip
        lines.append("\t".join(cells))
    return "".join(line + newline for line in lines).encode(encoding)


def _cell(value: float | str, decimal: str) -> str:
    return value if isinstance(value, str) else repr(float(value)).replace(".", decimal)


def example() -> Example:
    """Four readings, one of them without a sensor; written as UTF-8, as after a resave."""
    content = write(
        datetime(2026, 3, 17, 9, 30), [0.25, 10.25, 20.25, 30.25], [98.5, 97.25, "NaN", 94.5],
        [36.5, 36.75, 37.0, 37.0], status=["OK", "OK", "NotOK(13)", "OK"], encoding="utf-8",
    )  # fmt: skip
    sidecar = """
[study]
id = "example"
[chip.C1]
[[file]]
path = "A_Ch1_Oxygen.txt"
chip = "C1"
time = "24 h"
location = "basal"
expected = { rows = 4 }
"""
    return Example(filename="A_Ch1_Oxygen.txt", content=content, sidecar=sidecar, series=2)
