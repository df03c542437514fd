"""Writing impedance sweeps as NOVA does, for tests and simulated recordings."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from skinmech_chip_adapters.adapter import Example

_HEADER = "Time (s)\tFrequency (Hz)\tZ' (Ω)\t-Z'' (Ω)\tZ (Ω)\t-Phase (°)\tOCP value (V)"


def write(
    sweeps: Sequence[tuple[np.ndarray, np.ndarray]],
    day: date,
    *,
    open_circuit: float = -0.01,
    seconds_per_point: float = 1.5,
) -> bytes:
    """A NOVA export.

    Args:
        sweeps: Frequency in Hz and complex impedance in ohm, each of shape (points,).
        day: Date written above each sweep (month first, as on a US computer).
        open_circuit: Voltage in the last column of each sweep's first row.
        seconds_per_point: Spacing of the time column.
    """
    lines = []
    clock = 7.5
    for frequency, z in sweeps:
        lines += [f"{day.month}/{day.day}/{day.year}", _HEADER]
        for index, (f, value) in enumerate(zip(frequency, z, strict=True)):
            cells = (
                *(clock, f, value.real, -value.imag, abs(value)),
                -np.degrees(np.angle(value)),
            )
            last = _number(open_circuit) if index == 0 else ""
            lines.append("\t".join([*(_number(cell) for cell in cells), last]))
            clock += seconds_per_point
    return ("\ufeff" + "".join(line + "\r\n" for line in lines)).encode("utf-8")


def _number(value: float) -> str:
    return f"{float(value):.15g}"


def example() -> Example:
    """Two sweeps of a resistor with a parallel resistor and capacitor."""
    frequency = np.geomspace(50000.0, 2.0, 29)
    z = [30.0 + r / (1 + 2j * np.pi * frequency * r * 1e-6) for r in (600.0, 620.0)]
    sidecar = """
[study]
id = "example"
[device.insert]
membrane_area_cm2 = 1.12
area_source = "maker"
[chip.C1]
device = "insert"
[[file]]
path = "C1_d5_freq"
chip = "C1"
time = "120 h"
expected = { sweeps = 2, points = 29 }
"""
    content = write([(frequency, one) for one in z], date(2024, 8, 30))
    return Example(filename="C1_d5_freq", content=content, sidecar=sidecar, spectra=2)
