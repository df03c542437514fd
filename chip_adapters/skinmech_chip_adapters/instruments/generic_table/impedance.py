"""Layout `impedance`: spectra from declared frequency, impedance columns and sign."""

import math

import numpy as np

from skinmech_chip_adapters.declarations import Place
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.instruments.generic_table.reader import Row
from skinmech_chip_adapters.instruments.generic_table.rows import RowReader, stamp_columns
from skinmech_chip_adapters.schema import Flag, Spectrum

_Key = tuple[str, str, str, str, str, str]


def spectra_of(reader: RowReader) -> tuple[Spectrum, ...]:
    """Spectra of a table; rows of one chip, well, place, time, replicate and sweep are one."""
    groups: dict[_Key, list[tuple[Row, Place, float, complex]]] = {}
    for row in reader.rows:
        with reader.problems.collect(locator=f"line {row.line}"):
            place = reader.place(row)
            if place is None:
                continue
            frequency, z = reader.number(row, "frequency"), _impedance(reader, row)
            if not frequency >= 0 or math.isnan(abs(z)):
                raise ChipDataError("empty_cell", found="a row without frequency or impedance",
                                    expected="numbers in every row")  # fmt: skip
            sweep = reader.text(row, "sweep")
            key = (
                *(place.chip, reader.well(row), place.location, repr(place.time_s)),
                *(place.technical_replicate, sweep),
            )
            groups.setdefault(key, []).append((row, place, frequency, z))
    spectra = []
    for number, points in enumerate(groups.values(), 1):
        with reader.problems.collect(locator=f"sweep {number}"):
            spectra.append(_spectrum(reader, number, points))
    return tuple(spectra)


def _impedance(reader: RowReader, row: Row) -> complex:
    sign = -1.0 if reader.layout.imaginary_sign == "capacitive_positive" else 1.0
    if reader.column("real") is not None and reader.column("imaginary") is not None:
        return complex(reader.number(row, "real"), sign * reader.number(row, "imaginary"))
    phase = sign * reader.number(row, "phase")
    return complex(reader.number(row, "magnitude") * np.exp(1j * phase))


def _spectrum(
    reader: RowReader, number: int, points: list[tuple[Row, Place, float, complex]]
) -> Spectrum:
    row, place = points[0][:2]
    frequency = np.array([point[2] for point in points], dtype=np.float64)
    z = np.array([point[3] for point in points], dtype=np.complex128)
    kept = frequency > 0
    if len(set(frequency[kept])) != kept.sum():
        raise ChipDataError(
            "duplicate_value", locator=f"from line {row.line}", found="a frequency twice",
            expected="each frequency once in a sweep",
            remedy="declare a column with role sweep, time or technical_replicate",
        )  # fmt: skip
    frequency, z = frequency[kept], z[kept]
    times = np.full(len(z), np.nan)
    for array in (frequency, z, times):
        array.flags.writeable = False
    dropped = int((~kept).sum())
    return Spectrum(
        frequency_Hz=frequency, z_ohm=z, point_time_s=times, chip_id=place.chip,
        location=place.location, time_s=place.time_s, excluded=place.excluded,
        technical_replicate=place.technical_replicate,
        well=reader.well(row), temperature_degC=reader.number(row, "temperature"),
        flags=int(Flag.NEGATIVE_REAL) if (z.real < 0).any() else 0,
        note="; ".join(
            part
            for part in (place.note, f"{dropped} rows at 0 Hz left out" if dropped else "")
            if part
        ),
        source_locator=f"sweep {number}, lines {row.line}-{points[-1][0].line}",
        **stamp_columns(reader.stamp(row)),
    )  # fmt: skip
