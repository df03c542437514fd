"""Writing spectra as cellZscope does, for tests and simulated recordings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from skinmech_chip_adapters.adapter import Example

_TITLES = ("frequency (Hz)", "impedance magnitude (Ohm)", "phase (deg)")


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """One spectrum: well, sample, run, time, frequency in Hz, magnitude in ohm, phase in degree."""

    well: str
    sample: str
    run: str
    time: datetime
    frequency: np.ndarray
    magnitude: np.ndarray
    phase: np.ndarray


def write(
    sweeps: Sequence[Sweep],
    *,
    delimiter: str = ",",
    decimal: str = ".",
    newline: str = "\r\n",
    encoding: str = "utf-8-sig",
    digits: int | None = 2,
) -> bytes:
    """A spectra export.

    Args:
        sweeps: In file order (the instrument writes well after well).
        delimiter: Between cells.
        decimal: Decimal sign; must differ from the delimiter.
        newline: Line end.
        encoding: Python name.
        digits: Behind the decimal sign; None writes every digit a float64 has.
    """
    lines = []
    for one in sweeps:
        clock = one.time.strftime("%I:%M:%S %p").lstrip("0")
        lines += [
            f"Well: {one.well} - {one.sample}",
            f"Spectrum: {one.run} measured at {one.time:%d/%m/%Y} {clock}",
            "",
            delimiter.join(_TITLES),
        ]
        for point in zip(one.frequency, one.magnitude, one.phase, strict=True):
            lines.append(delimiter.join(_number(float(cell), digits, decimal) for cell in point))
        lines += ["", ""]
    return "".join(line + newline for line in lines[:-1]).encode(encoding)


def _number(value: float, digits: int | None, decimal: str) -> str:
    text = repr(value) if digits is None else f"{value:.{digits}f}"
    return text.replace(".", decimal)


def example() -> Example:
    """Two wells with two runs each: a resistor with a parallel resistor and capacitor."""
    frequency = np.geomspace(1.0, 100000.0, 21)
    sweeps = []
    for well, resistance in (("A1", 300.0), ("A2", 450.0)):
        for run, hour in (("Run.1", 9), ("Run.5", 10)):
            r = resistance + 50.0 * (hour - 9)
            z = 100.0 + r / (1 + 2j * np.pi * frequency * r * 1e-6)
            time = datetime(2026, 7, 23, hour, 9, 48)
            phase = np.degrees(np.angle(z))
            sweeps.append(Sweep(well, "80,000 cells", run, time, frequency, np.abs(z), phase))
    sidecar = """
[study]
id = "example"
[chip.C1]
[chip.C2]
[[file]]
path = "spectra.txt"
time = "24 h"
expected = { sweeps = 4, points = 21 }
[file.well_map]
A1 = { chip = "C1" }
A2 = { chip = "C2" }
"""
    return Example(filename="spectra.txt", content=write(sweeps), sidecar=sidecar, spectra=4)
