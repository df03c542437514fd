"""Writing a spectrum as ScioSpec does, for tests and simulated recordings."""

from datetime import datetime

import numpy as np

from skinmech_chip_adapters.adapter import Example

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def write(
    frequency: np.ndarray,
    z: np.ndarray,
    time: datetime,
    *,
    channel: str = "ECISadapter 1",
    delimiter: str = ",",
    decimal: str = ".",
    newline: str = "\r\n",
    encoding: str = "ascii",
    ranges: bool = True,
) -> bytes:
    """A `.spec` file, with every digit a float64 has.

    Args:
        frequency: In Hz, shape (points,).
        z: Complex impedance in ohm, shape (points,).
        time: Local date and time, milliseconds included.
        channel: Text behind `Channel:`.
        delimiter, decimal: Of the points; must differ.
        newline, encoding: Of the file.
        ranges: List a measuring range for each point, as the instrument does.
    """
    half = "a.m." if time.hour < 12 else "p.m."
    listed = "[" + ", ".join(["1"] * len(z)) + "]" if ranges else ""
    header = [
        "run_00001",
        f"Range: {listed}",
        "Offset: 0.0V",
        f"VoltRange:{listed}",
        f"Channel: {channel}",
        f"{time.day}-{_MONTHS[time.month - 1]}.-{time.year} {(time.hour - 1) % 12 + 1}"
        f":{time:%M:%S}:{time.microsecond // 1000:03d} {half}",
        delimiter.join(["frequency[Hz]", "Re[Ohm]", "Im[Ohm]"]),
    ]
    lines = [str(len(header) + 1), *header]
    for f, value in zip(frequency, z, strict=True):
        cells = [repr(float(one)).replace(".", decimal) for one in (f, value.real, value.imag)]
        lines.append(delimiter.join(cells))
    return "".join(line + newline for line in lines).encode(encoding)


def example() -> Example:
    """A resistor with a parallel resistor and capacitor."""
    frequency = np.geomspace(100.0, 1e6, 25)
    z = 200.0 + 5000.0 / (1 + 2j * np.pi * frequency * 5000.0 * 1e-8)
    sidecar = """
[study]
id = "example"
[chip.C1]
[[file]]
path = "run_00001.spec"
chip = "C1"
time = "24 h"
"""
    content = write(frequency, z, datetime(2026, 3, 31, 22, 12, 36, 478000))
    return Example(filename="run_00001.spec", content=content, sidecar=sidecar, spectra=1)
