"""Writing impedance recordings as the ECIS software does, for tests and simulated recordings."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from skinmech_chip_adapters.adapter import Example


def header(
    wells: Sequence[int],
    frequency: np.ndarray,
    start: datetime,
    *,
    file_type: str,
    separator: str,
    interval: float,
    plate: int = 96,
) -> list[str]:
    """Lines of [ECIS_Parameters], shared by the kinds of export."""
    keys = {
        "Filename": f"C:\\data\\run.{file_type.lower()}",
        "Version": "1.2.163.0 PC",
        "FileType": file_type,
        "ExportVersion": "1.2.252.0 PC",
        "Instrument": "Z-Theta",
        "WellNum": str(plate),
        "Date": f"{start:%Y-%m-%d, %H:%M:%S}",
        "ArrayHolderA": f"{plate}W20idf",
        "TimeInterval": f"{interval:g}",
        "Wells": ", ".join(f"{one:2d}" for one in wells),
        "Frequency": "".join(f"{one:.15g}, " for one in frequency),
    }
    return ["[ECIS_Parameters]", *(f"{key} {separator} {value}" for key, value in keys.items())]


def write(
    spectra: Mapping[tuple[float, int], np.ndarray],
    frequency: np.ndarray,
    start: datetime,
    *,
    plate: int = 96,
    newline: str = "\r\n",
    encoding: str = "ascii",
    exact: bool = False,
    trailer: bool = True,
) -> bytes:
    """An `.abp` export.

    Args:
        spectra: Complex impedance in ohm, shape (frequencies,), by hours and well number; times in
            rising order, every well at every time.
        frequency: In Hz, shape (frequencies,).
        start: Local date and time of hour 0.
        plate: Number of wells of the plate.
        newline, encoding: Of the file.
        exact: Write every digit a float64 has, instead of as many as the instrument.
        trailer: Write the section with which the vendor's software ends resampled recordings.
    """
    hours = list(dict.fromkeys(hour for hour, _ in spectra))
    wells = list(dict.fromkeys(well for _, well in spectra))
    interval = (hours[1] - hours[0]) * 3600.0 if len(hours) > 1 else 3600.0
    lines = header(
        wells, frequency, start, file_type="ABP", separator="=", interval=interval, plate=plate
    )
    titles = [f"{part} {one:.15g}" for one in frequency for part in "RX"]
    lines += ["", "[Headings]", ", ".join(["Index", "Time", *titles]) + ", ", "[Data]"]
    for (hour, well), z in spectra.items():
        cells = [part for value in z for part in (_real(value, exact), _imaginary(value, exact))]
        time = repr(float(hour)) if exact else f"{hour:g}"
        lines.append(f"T{hours.index(hour) + 1}W{well} = " + " , ".join([time, *cells]))
    if trailer:
        lines += ["", "", "[Comments]", "<ResampleTime>", "Original File: run.abp"]
        lines += [f"Resampled Number of Time Points: {len(hours)}", "</ResampleTime>"]
    return "".join(line + newline for line in lines).encode(encoding)


def _real(value: complex, exact: bool) -> str:
    return repr(float(value.real)) if exact else f"{value.real:.8g}"


def _imaginary(value: complex, exact: bool) -> str:
    return repr(float(value.imag)) if exact else f"{value.imag:8.6g}"


def example() -> Example:
    """Two wells at three times: an electrode and a layer."""
    frequency = np.array([250.0, 1000.0, 4000.0, 16000.0, 64000.0])
    spectra = {}
    for hour in range(3):
        for well, resistance in ((1, 500.0), (13, 800.0)):
            r = resistance + 100.0 * hour
            layer = r / (1 + 2j * np.pi * frequency * r * 1e-7)
            electrode = 1.0 / (1e-6 * (2j * np.pi * frequency) ** 0.9)
            spectra[float(hour), well] = 200.0 + layer + electrode
    sidecar = """
[study]
id = "example"
[chip.C1]
[chip.C2]
[[file]]
path = "run.abp"
time = "2 h"
expected = { sweeps = 6 }
[file.well_map]
A1 = { chip = "C1" }
E2 = { chip = "C2" }
"""
    content = write(spectra, frequency, datetime(2026, 7, 23, 16, 54, 44))
    return Example(filename="run.abp", content=content, sidecar=sidecar, spectra=6)
