"""Writing impedance sweeps as Gamry Framework does, for tests and simulated recordings."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from skinmech_chip_adapters.adapter import Example
from skinmech_chip_adapters.instruments.gamry.reader import CURVE

_TITLES = ("Pt", "Time", "Freq", "Zreal", "Zimag", "Zsig", "Zmod", "Zphz", "Idc", "Vdc", "IERange")
_UNITS = ("#", "s", "Hz", "ohm", "ohm", "V", "ohm", "°", "A", "V", "#")


def write(
    frequency: np.ndarray,
    z: np.ndarray,
    time: datetime,
    *,
    decimal: str = ".",
    newline: str = "\r\n",
    encoding: str = "latin-1",
    day_first: bool = False,
    counted: bool = False,
    aborted: bool = False,
    notes: Sequence[str] = (),
    technique: str = "EISPOT",
) -> bytes:
    """A `.DTA` file, with every digit a float64 has.

    Args:
        frequency: In Hz, shape (points,).
        z: Complex impedance in ohm, shape (points,).
        time: Local date and time.
        decimal: Sign of the computer's locale.
        newline, encoding: Of the file; the encoding has to hold the degree sign.
        day_first: Order of the date.
        counted: State the number of rows behind the word TABLE.
        aborted: Add the tag of an aborted run.
        notes: Free lines of the operator.
        technique: Of the tag TAG.
    """
    day = f"{time.day}/{time.month}" if day_first else f"{time.month}/{time.day}"
    tags = [
        ("TAG", technique),
        ("TITLE", "LABEL", "Impedance", "Test &Identifier"),
        ("DATE", "LABEL", f"{day}/{time.year}", "Date"),
        ("TIME", "LABEL", f"{time:%H:%M:%S}", "Time"),
        ("NOTES", "NOTES", str(len(notes)), "&Notes..."),
        *(("", note) for note in notes),
        ("VAC", "QUANT", _number(10.0, decimal), "AC &Voltage (mV rms)"),
        ("AREA", "QUANT", _number(1.0, decimal), "&Area (cm^2)"),
        ("EOC", "QUANT", _number(0.125, decimal), "Open Circuit (V)"),
        (CURVE, "TABLE", str(len(z))) if counted else (CURVE, "TABLE"),
        ("", *_TITLES),
        ("", *_UNITS),
    ]
    lines = ["EXPLAIN", *("\t".join(one) for one in tags)]
    for point, (f, value) in enumerate(zip(frequency, z, strict=True)):
        phase = float(np.degrees(np.angle(value)))
        numbers = (f, value.real, value.imag, 1.0, abs(value), phase, 1e-6, 0.125)
        cells = ["", str(point), str(point + 1), *(_number(one, decimal) for one in numbers), "9"]
        lines.append("\t".join(cells))
    if aborted:
        lines.append("EXPERIMENTABORTED\tTOGGLE\tT\tExperiment Aborted")
    return "".join(line + newline for line in lines).encode(encoding)


def _number(value: float, decimal: str) -> str:
    return repr(float(value)).replace(".", decimal)


def example() -> Example:
    """A resistor with a parallel resistor and capacitor."""
    frequency = np.geomspace(100000.0, 1.0, 26)
    z = 100.0 + 600.0 / (1 + 2j * np.pi * frequency * 600.0 * 1e-6)
    sidecar = """
[study]
id = "example"
[chip.C1]
[[file]]
path = "C1.DTA"
chip = "C1"
time = "24 h"
expected = { points = 26 }
"""
    content = write(frequency, z, datetime(2026, 4, 23, 16, 43, 15), encoding="utf-8")
    return Example(filename="C1.DTA", content=content, sidecar=sidecar, spectra=1)
