"""Writing impedance sweeps as EC-Lab does, for tests and simulated recordings."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from skinmech_chip_adapters.adapter import Example

_TITLES = ("freq/Hz", "Re(Z)/Ohm", "-Im(Z)/Ohm", "|Z|/Ohm", "Phase(Z)/deg", "time/s", "<Ewe>/V")


def write(
    sweeps: Sequence[tuple[np.ndarray, np.ndarray]],
    time: datetime,
    *,
    decimal: str = ".",
    newline: str = "\r\n",
    encoding: str = "latin-1",
    exact: bool = False,
    loops: bool | None = None,
    cycles: bool = True,
    order: Sequence[int] = tuple(range(len(_TITLES))),
    last_newline: bool = False,
    technique: str = "Potentio Electrochemical Impedance Spectroscopy",
) -> bytes:
    """An `.mpt` export.

    Args:
        sweeps: Frequency in Hz and complex impedance in ohm of each sweep, each of shape (points,).
        time: Local date and time, written month first.
        decimal: Sign of the computer's locale.
        newline, encoding: Of the file; the encoding has to hold the units of the header.
        exact: Write every digit a float64 has, instead of eight and a three-digit exponent.
        loops: List the rows of each sweep in the header; by default if there are several.
        cycles: Write the column with the number of the sweep.
        order: Of the columns.
        last_newline: End the last line too, which the exporter does not.
        technique: Line of the header.
    """
    loops = len(sweeps) > 1 if loops is None else loops
    titles = [_TITLES[one] for one in order] + (["cycle number"] if cycles else [])
    header = [
        *("", technique, "", "Run on channel : 1 (SN 12345)", "User : "),
        f"Acquisition started on : {time:%m/%d/%Y %H:%M:%S}.{time.microsecond // 1000:03d}",
        "EC-Lab for windows v11.50 (software)",
        "Electrode surface area : 0.000 cm²".replace(".", decimal),
        "Va (mV)             10.0                ".replace(".", decimal),
    ]
    first, bounds = 0, []
    for f, _ in sweeps:
        bounds.append((first, first + len(f) - 1))
        first += len(f)
    if loops:
        header += ["", f"Number of loops : {len(sweeps)}"]
        header += [
            f"Loop {number} from point number {one} to {two}"
            for number, (one, two) in enumerate(bounds)
        ]
    header += ["", "\t".join(titles) + "\t"]
    lines = ["EC-Lab ASCII FILE", f"Nb header lines : {len(header) + 2}", *header]
    seconds = 80.0
    for cycle, (frequency, z) in enumerate(sweeps, 1):
        for f, value in zip(frequency, z, strict=True):
            phase = float(np.degrees(np.angle(value)))
            cells = (f, value.real, -value.imag, abs(value), phase, seconds, 3.4)
            row = [_number(float(cells[one]), exact, decimal) for one in order]
            lines.append(
                "\t".join(row + ([_number(float(cycle), exact, decimal)] if cycles else []))
            )
            seconds += 1.25
    end = newline if last_newline else ""
    return (newline.join(lines) + end).encode(encoding)


def _number(value: float, exact: bool, decimal: str) -> str:
    if exact:
        return repr(value).replace(".", decimal)
    mantissa, _, exponent = f"{value:.7E}".partition("E")
    return f"{mantissa}E{exponent[0]}{int(exponent[1:]):03d}".replace(".", decimal)


def example() -> Example:
    """Two sweeps of a resistor with a parallel resistor and capacitor."""
    frequency = np.geomspace(200000.0, 1.0, 21)
    z = [50.0 + r / (1 + 2j * np.pi * frequency * r * 1e-6) for r in (600.0, 650.0)]
    sidecar = """
[study]
id = "example"
[chip.C1]
[[file]]
path = "C1.mpt"
chip = "C1"
time = "24 h"
date_order = "MDY"
"""
    content = write(
        [(frequency, one) for one in z], datetime(2026, 1, 10, 11, 2, 29, 886000), encoding="utf-8"
    )
    return Example(filename="C1.mpt", content=content, sidecar=sidecar, spectra=2)
