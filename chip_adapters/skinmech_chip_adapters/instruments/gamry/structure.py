"""Gamry tables to spectra."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from skinmech_chip_adapters.adapter import Message, Parsed, Records
from skinmech_chip_adapters.declarations import FileEntry, Place
from skinmech_chip_adapters.errors import ChipDataError, Problems
from skinmech_chip_adapters.impedance.sweeps import (
    Points,
    check_expected,
    check_redundant,
    spectrum_of,
    stamp_columns,
    unverified_end,
)
from skinmech_chip_adapters.instruments.gamry.reader import Curve, Experiment
from skinmech_chip_adapters.placement import Placement
from skinmech_chip_adapters.readers import Stamp, parse_number, read_stamps
from skinmech_chip_adapters.schema import Flag, Spectrum
from skinmech_chip_adapters.sidecar import Sidecar
from skinmech_chip_adapters.units import conversion

_EXCITATION = {"EISPOT": "potentiostatic", "EISGALV": "galvanostatic"}
_AMPLITUDE = {"VAC": "mV rms", "IAC": "A rms"}


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """One spectrum for each impedance table."""
    experiment: Experiment = parsed.tables
    curves = [one for one in experiment.curves if one.rows]
    problems, messages = Problems(), []
    check_expected("sweeps", len(experiment.curves), entry, problems)
    aborted = _first(experiment, "EXPERIMENTABORTED", 1) == "T"
    for one in experiment.curves:
        with problems.collect(locator=f"table {one.name}"):
            _check_rows(one, aborted)
    for one in curves:
        check_expected("points", len(one.rows), entry, problems)
    stamp: Stamp | None = None
    with problems.collect(locator="DATE and TIME"):
        stamp = _stamp(experiment, entry)
    place = Placement(sidecar, entry, problems).file()
    problems.raise_if_any()
    if place is None:
        return Records()
    if aborted:
        text = "the run was aborted; its points are kept"
        messages.append(Message(level="warning", code="aborted", text=text))
    spectra: list[Spectrum] = []
    several = len(curves) > 1
    for one in curves:
        with problems.collect(locator=f"table {one.name}"):
            spectrum = _spectrum(one, experiment, parsed.decimal, stamp, place, several)
            flags = Flag.ABORTED if aborted else Flag(0)
            sure = one.closed or one.stated is not None or "points" in entry.expected
            flags |= Flag(0) if sure else Flag.UNVERIFIED_END
            spectra.append(replace(spectrum, flags=spectrum.flags | int(flags)))
    problems.raise_if_any()
    if any(one.flags & Flag.UNVERIFIED_END for one in spectra):
        messages.append(unverified_end("points = …"))
    return Records(spectra=tuple(spectra), messages=tuple(messages))


def _first(experiment: Experiment, tag: str, index: int) -> str:
    values = experiment.tags.get(tag, ())
    return values[index] if len(values) > index else ""


def _check_rows(curve: Curve, aborted: bool) -> None:
    """Point numbers without a gap, and as many rows as stated."""
    if curve.stated is not None and curve.stated != len(curve.rows) and not aborted:
        raise ChipDataError(
            "cut_file", found=f"{len(curve.rows)} rows", expected=f"{curve.stated} as stated",
            remedy="export the file again",
        )  # fmt: skip
    if "point" not in curve.columns:
        return
    steps = np.diff(curve.columns["point"].values)
    wrong = np.flatnonzero(steps != 1.0)
    if len(wrong):
        raise ChipDataError(
            "row_missing", locator=f"line {curve.rows[int(wrong[0]) + 1]}",
            found="a point number that does not follow the one before",
            expected="points numbered without a gap", remedy="export the file again",
        )  # fmt: skip


def _stamp(experiment: Experiment, entry: FileEntry) -> Stamp | None:
    text = f"{_first(experiment, 'DATE', 1)} {_first(experiment, 'TIME', 1)}".strip()
    if not text:
        return None
    return read_stamps([("DATE", text)], entry.date_order, entry.timezone)[0][0]


def _spectrum(
    curve: Curve, experiment: Experiment, decimal: str, stamp: Stamp | None, place: Place,
    several: bool,
) -> Spectrum:  # fmt: skip
    points = Points(
        frequency=_column(curve, "frequency", "Hz"),
        z=_column(curve, "real", "ohm") + 1j * _column(curve, "imaginary", "ohm"),
        time=_column(curve, "time", "s"),
        rows=np.array(curve.rows),
        bad=np.any([one.bad for one in curve.columns.values()], axis=0),
    )
    check_redundant(points, _column(curve, "magnitude", "ohm"), _column(curve, "phase", "radian"))
    elapsed = float(points.time[0]) if several and np.isfinite(points.time[0]) else 0.0
    columns: dict[str, Any] = {
        **stamp_columns(stamp, elapsed),
        "time_s": place.time_s + elapsed,
        "excitation": _EXCITATION.get(_first(experiment, "TAG", 0), ""),
        "open_circuit_V": _number(_first(experiment, "EOC", 1), decimal),
    }
    for tag, unit in _AMPLITUDE.items():
        value = _number(_first(experiment, tag, 1), decimal)
        if not math.isnan(value):
            columns["amplitude"] = f"{value:g} {unit}"
    locator = f"table {curve.name}, lines {curve.rows[0]}-{curve.rows[-1]}"
    return spectrum_of(points, place, locator, **columns)


def _column(curve: Curve, name: str, unit: str) -> np.ndarray:
    """A column in a unit; NaN throughout where the table does not have it."""
    if name not in curve.columns:
        return np.full(len(curve.rows), np.nan)
    return curve.columns[name].values * conversion(curve.units[name], unit)[0]


def _number(text: str, decimal: str) -> float:
    return parse_number(text, decimal) if text else math.nan
