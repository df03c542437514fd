"""NOVA sweeps to spectra."""

import math
from dataclasses import replace

import numpy as np

from skinmech_chip_adapters.adapter import Message, Parsed, Records
from skinmech_chip_adapters.declarations import FileEntry, Place
from skinmech_chip_adapters.errors import ChipDataError, Problems
from skinmech_chip_adapters.instruments.autolab_nova.reader import Sweep
from skinmech_chip_adapters.placement import Placement
from skinmech_chip_adapters.readers import Stamp, read_stamps
from skinmech_chip_adapters.schema import Flag, Spectrum
from skinmech_chip_adapters.sidecar import Sidecar
from skinmech_chip_adapters.units import conversion

# The magnitude and phase columns repeat real and imaginary part; rounding in an export with few
# digits stays well below this, a swapped column does not.
_AGREEMENT = 1e-2


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """One spectrum for each complete sweep."""
    sweeps: tuple[Sweep, ...] = parsed.tables
    problems = Problems()
    place = Placement(sidecar, entry, problems).file()
    stamps: tuple[Stamp, ...] = ()
    with problems.collect():
        stamps, _ = read_stamps(
            [(f"line {one.date_line}", one.date) for one in sweeps],
            entry.date_order,
            entry.timezone,
        )
    _check_count("sweeps", len(sweeps), entry, problems)
    complete, messages = _complete(sweeps, entry, problems)
    problems.raise_if_any()
    if place is None:
        return Records()
    # A declared number of sweeps vouches for the file; the length of a single sweep needs its own.
    verified = "sweeps" in entry.expected and ("points" in entry.expected or len(sweeps) > 1)
    spectra = []
    for sweep in complete:
        with problems.collect(locator=f"sweep {sweep.number}"):
            spectrum = _spectrum(sweep, stamps[sweep.number - 1], place, _start(complete))
            flags = spectrum.flags
            if len(complete) < len(sweeps):
                flags |= Flag.PARTIAL_SOURCE
            elif sweep is complete[-1] and not verified:
                flags |= Flag.UNVERIFIED_END
            spectra.append(replace(spectrum, flags=int(flags)))
    problems.raise_if_any()
    if spectra and not verified:
        messages.append(
            Message(
                level="info",
                code="unverified_end",
                text="the format has no end mark; declare expected = { sweeps = …, points = … } "
                "to have the size of the file checked",
            )  # fmt: skip
        )
    return Records(spectra=tuple(spectra), messages=tuple(messages))


def _check_count(what: str, found: int, entry: FileEntry, problems: Problems) -> None:
    if what in entry.expected and found != entry.expected[what]:
        problems.add(
            "cut_file", found=f"{found} {what}", expected=f"{entry.expected[what]} as declared",
            remedy="export the file again, or correct the declaration",
        )  # fmt: skip


def _complete(
    sweeps: tuple[Sweep, ...], entry: FileEntry, problems: Problems
) -> tuple[list[Sweep], list[Message]]:
    """Sweeps that are whole; the last one is refused if it is shorter than those before."""
    lengths = [len(one.rows) for one in sweeps]
    if not any(lengths):
        return [], [
            Message(level="warning", code="no_rows", text="the file holds a header and no values")
        ]
    messages = []
    wanted = entry.expected.get("points", max(lengths))
    complete = list(sweeps)
    for sweep in sweeps:
        if len(sweep.rows) == wanted:
            continue
        if sweep.number == len(sweeps) > 1 and len(sweep.rows) < wanted:
            complete.remove(sweep)
            messages.append(
                Message(
                    level="error",
                    code="sweep_incomplete",
                    locator=f"sweep {sweep.number}",
                    text=f"sweep {sweep.number} has {len(sweep.rows)} of {wanted} points and was "
                    "refused; the sweeps before it were kept",
                )  # fmt: skip
            )
        else:
            problems.add(
                "cut_file", locator=f"sweep {sweep.number}", found=f"{len(sweep.rows)} points",
                expected=f"{wanted} points", remedy="export the file again",
            )  # fmt: skip
    return complete, messages


def _start(sweeps: list[Sweep]) -> float:
    times = sweeps[0].columns.get("time", [None])
    return times[0] if times and times[0] is not None else math.nan


def _spectrum(sweep: Sweep, stamp: Stamp, place: Place, start: float) -> Spectrum:
    frequency = _column(sweep, "frequency", "Hz")
    z = _column(sweep, "real", "ohm") - 1j * _column(sweep, "minus_imaginary", "ohm")
    _check_redundant(sweep, z)
    kept = frequency > 0  # a row at 0 Hz is a direct-current point, not impedance
    if (frequency < 0).any():
        raise ChipDataError("negative_frequency", found="a frequency below zero")
    times = _column(sweep, "time", "s") if "time" in sweep.columns else np.full(len(z), np.nan)
    elapsed = times[0] - start if not math.isnan(start) else 0.0
    ocp = [value for value in sweep.columns.get("open_circuit", []) if value is not None]
    factor = conversion(sweep.units.get("open_circuit", "V"), "V")[0] if ocp else 1.0
    dropped = int((~kept).sum())
    return Spectrum(
        frequency_Hz=_frozen(frequency[kept]),
        z_ohm=_frozen(z[kept]),
        point_time_s=_frozen(times[kept]),
        chip_id=place.chip,
        location=place.location,
        time_s=place.time_s + float(elapsed),
        timestamp_text=stamp.text,
        timestamp_utc=stamp.utc_text,
        time_quality=stamp.quality,
        open_circuit_V=ocp[0] * factor if ocp else math.nan,
        technical_replicate=place.technical_replicate,
        excluded=place.excluded,
        flags=int(Flag.NEGATIVE_REAL) if (z.real[kept] < 0).any() else 0,
        note=f"{dropped} rows at 0 Hz left out" if dropped else "",
        source_locator=f"sweep {sweep.number}, lines {sweep.rows[0]}-{sweep.rows[-1]}",
    )


def _column(sweep: Sweep, name: str, unit: str) -> np.ndarray:
    if name not in sweep.units:
        raise ChipDataError(
            "unit_missing", found=f"column {name!r} without a unit", expected=f"a unit like {unit}"
        )
    factor, offset = conversion(sweep.units[name], unit)
    return np.array(sweep.columns[name], dtype=np.float64) * factor + offset


def _check_redundant(sweep: Sweep, z: np.ndarray) -> None:
    """Compare with the magnitude and phase columns: a swapped column or sign shows here."""
    wrong = np.zeros(len(z), dtype=bool)
    if "magnitude" in sweep.columns:
        magnitude = _column(sweep, "magnitude", "ohm")
        wrong |= np.abs(magnitude - np.abs(z)) > _AGREEMENT * np.abs(z)
    if "minus_phase" in sweep.columns:
        angle = -_column(sweep, "minus_phase", "radian") - np.angle(z)
        wrong |= np.abs(np.angle(np.exp(1j * angle))) > _AGREEMENT
    if wrong.any():
        raise ChipDataError(
            "inconsistent_row", locator=f"line {sweep.rows[int(np.argmax(wrong))]}",
            found="real and imaginary part that do not give the stated magnitude or phase",
            expected="columns that agree, with -Z'' positive for a capacitor",
            remedy="the file was edited or columns were swapped: export it again",
        )  # fmt: skip


def _frozen(values: np.ndarray) -> np.ndarray:
    values.flags.writeable = False
    return values
