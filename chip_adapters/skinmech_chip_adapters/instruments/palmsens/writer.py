"""Writing impedance sessions as PSTrace does, for tests and simulated recordings."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from skinmech_chip_adapters.adapter import Example
from skinmech_chip_adapters.instruments.palmsens.reader import ARRAYS

_QUANTITIES = {
    "Frequency": ("Hz", "Frequency"),
    "ZRe": ("Ω", "Z'"),
    "ZIm": ("Ω", "-Z''"),
    "Z": ("Ω", "Z"),
    "Phase": ("°", "-Phase"),
    "time": ("s", "Time"),
}


def write(
    sweeps: Sequence[tuple[str, np.ndarray, np.ndarray]],
    time: datetime,
    *,
    encoding: str = "utf-16-le",
    newline: str = "",
    offset_hours: float = 2.0,
    bom: bool = True,
) -> bytes:
    """A `.pssession` file with one measurement for each sweep, an hour after the one before.

    Args:
        sweeps: Title, frequency in Hz and complex impedance in ohm, each of shape (points,).
        time: Of the first measurement, with its zone.
        encoding, bom: Of the file; the program writes UTF-16 with a mark at both ends.
        newline: Empty for one line, as the program writes; a line end for an indented file.
        offset_hours: Of local time from UTC.
    """
    measurements = []
    for number, (title, frequency, z) in enumerate(sweeps):
        ticks = _ticks(time + timedelta(hours=number))
        columns = {
            "Frequency": frequency,
            "ZRe": np.real(z),
            "ZIm": -np.imag(z),
            "Z": np.abs(z),
            "Phase": -np.degrees(np.angle(z)),
            "time": np.zeros(len(z)),
        }
        values = [_array(name, column) for name, column in columns.items()]
        data_set = {"Type": "PalmSens.Data.DataSetEIS", "Values": values}
        measurements.append(
            {
                "Title": "Impedance Spectroscopy",
                "TimeStamp": ticks + int(offset_hours * 36_000_000_000),
                "UTCTimeStamp": ticks,
                "Type": "PalmSens.Comm.ImpedimetricMeasMS",
                "DataSet": data_set,
                "Method": "#PSTrace\r\nMETHOD_ID=eis\r\n",
                "EISDataList": [
                    {
                        "Title": title,
                        "Type": "PalmSens.Plottables.EISData",
                        "DataSet": data_set,
                    }
                ],
            }
        )
    session = {
        "Type": "PalmSens.DataFiles.SessionFile",
        "CoreVersion": "5.11.1006.0",
        "Measurements": measurements,
    }
    indent = 1 if newline else None
    text = json.dumps(session, ensure_ascii=False, indent=indent, separators=(",", ":"))
    text = text.replace("\n", newline) + newline
    mark = "\ufeff" if bom else ""
    return f"{mark}{text}{mark}".encode(encoding)


def _array(name: str, column: np.ndarray) -> dict[str, Any]:
    symbol, quantity = _QUANTITIES[name]
    return {
        "Type": "PalmSens.Data.DataArray",
        "Description": name,
        "Unit": {"Type": ARRAYS[name][0], "S": symbol, "Q": quantity, "A": "Z"},
        "DataValues": [{"V": float(value)} for value in column],
    }


def _ticks(time: datetime) -> int:
    since = time.astimezone(UTC).replace(tzinfo=None) - datetime(1, 1, 1)
    return (since.days * 86_400 + since.seconds) * 10_000_000 + since.microseconds * 10


def example() -> Example:
    """Two measurements, indented and in UTF-8 as other programs save the file again."""
    frequency = np.geomspace(200000.0, 20.0, 5)
    sweeps = [
        (f"CH 7: {r:g}", frequency, 500.0 + r / (1 + 2j * np.pi * frequency * r * 1e-8))
        for r in (10000.0, 12000.0)
    ]
    sidecar = """
[study]
id = "example"
[chip.C1]
[[file]]
path = "C1.pssession"
chip = "C1"
time = "24 h"
"""
    content = write(
        sweeps, datetime(2026, 7, 31, 13, 52, 46, 677336, UTC), encoding="utf-8", newline="\r\n"
    )
    return Example(filename="C1.pssession", content=content, sidecar=sidecar, spectra=2)
