"""PalmSens scans to spectra."""

from datetime import datetime, timedelta

import numpy as np

from skinmech_chip_adapters.adapter import Parsed, Records
from skinmech_chip_adapters.declarations import FileEntry, Place
from skinmech_chip_adapters.errors import ChipDataError, Problems
from skinmech_chip_adapters.impedance.sweeps import (
    Points,
    check_expected,
    check_redundant,
    scans,
    spectrum_of,
    stamp_columns,
)
from skinmech_chip_adapters.instruments.palmsens.reader import Scan
from skinmech_chip_adapters.placement import Placement
from skinmech_chip_adapters.readers import Stamp, read_stamps
from skinmech_chip_adapters.schema import Spectrum
from skinmech_chip_adapters.sidecar import Sidecar

_SIGNS = {"-Z''": -1.0, "Z''": 1.0, "-Phase": -1.0, "Phase": 1.0}
_EXCITATION = {"eis": "potentiostatic", "gis": "galvanostatic"}
_QUARTER = 9_000_000_000  # ticks of 15 minutes; every zone differs from UTC by a multiple
_LONGEST = 3_155_378_976_000_000_000  # ticks at the end of the year 9999


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """One spectrum for each scan of each data set; a well map may name the title of a set.

    A time declared for the file is that of its earliest measurement. Where a set repeats its list
    of frequencies (at further potentials or times), each repetition is a spectrum.
    """
    found: tuple[Scan, ...] = parsed.tables
    problems = Problems()
    parts = [(one, part) for one in found for part in scans(one.arrays["Frequency"])]
    check_expected("sweeps", len(parts), entry, problems)
    for one, part in parts:
        with problems.collect(locator=f"measurement {one.measurement}"):
            check_expected("points", part.stop - part.start, entry, problems)
    stamps: list[Stamp | None] = []
    clock = _clock(found, problems)
    for one in found:
        with problems.collect(locator=f"measurement {one.measurement}"):
            stamps.append(_stamp(one, clock, entry))
    placement = Placement(sidecar, entry, problems)
    places = [
        placement.of("", one.title, f"measurement {one.measurement}, data set {one.number}")
        for one in found
    ]
    placement.check_complete()
    problems.raise_if_any()
    start = min((one.local for one in stamps if one), default=None)
    spectra: list[Spectrum] = []
    for one, stamp, place in zip(found, stamps, places, strict=True):
        if place is None:
            continue
        elapsed = (stamp.local - start).total_seconds() if stamp and start else 0.0
        with problems.collect(locator=f"measurement {one.measurement}, data set {one.number}"):
            spectra += _spectra(one, stamp, place, elapsed)
    problems.raise_if_any()
    return Records(spectra=tuple(spectra))


def _clock(found: tuple[Scan, ...], problems: Problems) -> str:
    """The clock that all measurements have: UTC, else local time, whose zone has to be declared."""
    clocks = {"utc": [one.utc_ticks for one in found], "local": [one.local_ticks for one in found]}
    for name, ticks in clocks.items():
        if ticks and None not in ticks:
            return name
    if any(one is not None for ticks in clocks.values() for one in ticks):
        problems.add(
            "time_missing", found="a time stamp in some measurements and not in others",
            expected="'UTCTimeStamp' in each", remedy="the file is damaged: save it again",
        )  # fmt: skip
    return ""


def _stamp(scan: Scan, clock: str, entry: FileEntry) -> Stamp | None:
    """Date from the ticks of one clock."""
    ticks = {"utc": scan.utc_ticks, "local": scan.local_ticks}.get(clock)
    if ticks is None:
        return None
    if not 0 < ticks < _LONGEST:
        raise ChipDataError(
            "not_a_date", found=f"{ticks} ticks", expected="ticks of 100 ns since the year 1",
            remedy="the file is damaged: save it again",
        )  # fmt: skip
    if scan.utc_ticks is not None and scan.local_ticks is not None:
        offset = scan.local_ticks - scan.utc_ticks
        if offset % _QUARTER or abs(offset) > 56 * _QUARTER:
            raise ChipDataError(
                "inconsistent_row", found="local and UTC time that differ by no time zone",
                expected="a difference of at most 14 hours, in quarters of an hour",
                remedy="the file is damaged: save it again",
            )  # fmt: skip
    time = datetime(1, 1, 1) + timedelta(microseconds=ticks // 10)
    text = time.isoformat() + ("Z" if clock == "utc" else "")
    return read_stamps([("the time stamp", text)], "YMD", entry.timezone)[0][0]


def _sign(scan: Scan, name: str) -> float | None:
    return _SIGNS.get(scan.quantities.get(name, "").replace(" ", ""))


def _spectra(scan: Scan, stamp: Stamp | None, place: Place, elapsed: float) -> list[Spectrum]:
    sign = _sign(scan, "ZIm")
    if sign is None:
        raise ChipDataError(
            "sign_unclear", locator="array ZIm", found=f"quantity {scan.quantities['ZIm'][:20]!r}",
            expected="\"-Z''\" or \"Z''\", which state the sign of a capacitor",
            remedy="the file is damaged or of an unknown version: save it again",
        )  # fmt: skip
    turn = _sign(scan, "Phase")
    made = []
    whole = scan.arrays["Frequency"]
    for number, part in enumerate(scans(whole), 1):
        count = part.stop - part.start
        absent = np.full(count, np.nan)
        points = Points(
            frequency=whole[part],
            z=scan.arrays["ZRe"][part] + 1j * (sign * scan.arrays["ZIm"][part]),
            time=scan.arrays["time"][part] if "time" in scan.arrays else absent,
            rows=np.arange(part.start, part.stop) + 1,
            bad=np.zeros(count, dtype=bool),
        )
        phase = None if turn is None or "Phase" not in scan.arrays else scan.arrays["Phase"][part]
        check_redundant(
            points,
            scan.arrays["Z"][part] if "Z" in scan.arrays else None,
            None if phase is None or turn is None else np.radians(turn * phase),
        )
        later = float(points.time[0]) if np.isfinite(points.time[0]) else 0.0
        locator = f"measurement {scan.measurement}, data set {scan.number}, scan {number}"
        made.append(
            spectrum_of(
                points,
                place,
                locator,
                time_s=place.time_s + elapsed + later,
                excitation=_EXCITATION.get(scan.method, ""),
                **stamp_columns(stamp, later),
            )
        )
    return made
