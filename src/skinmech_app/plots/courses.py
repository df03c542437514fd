"""Time courses of measurements and of logger channels."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .style import axis_label, label, unit

if TYPE_CHECKING:
    from skinmech_chip_adapters import ChipRecord

# Signals that a concentration was computed from, and what is drawn as spectra.
NOT_COURSES = ("mfi", "net_mfi", "rlu", "impedance")
FLAGGED = "#D00000"
_DAY = 86400.0
_MOST_MARKED = 40  # more points than that are a line without marks
_MOST_DRAWN = 1500

_UNITS = {
    "percent_air_saturation": "% air saturation",
    "percent_oxygen": "% O₂",
    "degC": "°C",
    "uL/min": "µL/min",
}

Key = tuple[str, str, str]


def courses(
    record: "ChipRecord", chips: Sequence[str], most: int, on_plates: Iterable[tuple[str, str]] = ()
) -> dict[Key, list[Any]]:
    """Measurements by observable, analyte and unit.

    Args:
        record: The record.
        chips: Whose values.
        most: How many courses at most.
        on_plates: Observable and analyte of what is drawn as a plate; without a second time it is
            no course.
    """
    wanted, plated = set(chips), set(on_plates)
    found: dict[Key, list[Any]] = {}
    for row in record.measurements:
        if row.chip_id in wanted and row.observable not in NOT_COURSES:
            found.setdefault((row.observable, row.analyte, row.unit), []).append(row)
    shown = {}
    for key, rows in sorted(found.items()):
        times = {row.time_s for row in rows if np.isfinite(row.time_s)}
        if times and (len(times) > 1 or key[:2] not in plated):
            shown[key] = rows
    return dict(list(shown.items())[:most])


def draw_course(
    axis: Any, key: Key, rows: list[Any], colour: dict[str, str], mark: dict[str, str]
) -> None:
    """Draw one quantity: a line for each chip and well, its states and flags as marks."""
    observable, analyte, declared = key
    rows = [row for row in rows if np.isfinite(row.time_s)]
    wells = {(row.chip_id, row.plate_id, row.well, row.time_s) for row in rows}
    # A well that is read again and again is a line; samples of one chip in many wells are one too.
    is_kinetic = len({well[:3] for well in wells}) < len(wells)
    lines: dict[tuple[str, ...], list[Any]] = {}
    for row in rows:
        place = (row.plate_id, row.well) if is_kinetic else ()
        one = (row.chip_id, row.location, row.technical_replicate, *place)
        lines.setdefault(one, []).append(row)
    for (chip, *_), mine in lines.items():
        _draw_line(axis, sorted(mine, key=lambda row: row.time_s), colour[chip], mark[chip],
                   thin=len(lines) > 16)  # fmt: skip
    axis.set_title(f"{analyte or label(observable)}" + (f", {observable}" if analyte else ""))
    axis.set_ylabel(_axis_text(observable, analyte, declared))
    _time_axis(axis)


def unit_text(observable: str, declared: str) -> str:
    """Unit for people, empty for a plain number or a quantity that is its own unit."""
    shown = _UNITS.get(declared) or unit(observable, declared)
    return "" if shown in ("–", observable) else shown


def _axis_text(observable: str, analyte: str, declared: str) -> str:
    shown = unit_text(observable, declared)
    if shown and not analyte and declared not in _UNITS:
        return axis_label(observable, declared)
    return f"{analyte or label(observable)}" + (f" [{shown}]" if shown else "")


def _draw_line(axis: Any, rows: list[Any], colour: str, mark: str, thin: bool) -> None:
    good = [row for row in rows if row.censor == "none" and np.isfinite(row.value)]
    days = np.array([row.time_s for row in good]) / _DAY
    values = np.array([row.value for row in good])
    axis.plot(days, values, color=colour, lw=0.5 if thin else 1.2, alpha=0.4 if thin else 0.8)
    if len(good) <= _MOST_MARKED and not thin:
        sd = np.array([row.sd for row in good])
        axis.errorbar(days, values, yerr=np.where(np.isfinite(sd), sd, 0.0), fmt=mark,
                      color=colour, ms=4.5, lw=1, capsize=0)  # fmt: skip
    flagged = [row for row in good if row.flags or row.excluded]
    axis.plot([row.time_s / _DAY for row in flagged], [row.value for row in flagged], "o",
              mfc="none", mec=FLAGGED, ms=3 if thin else 9, mew=0.6 if thin else 1,
              lw=0)  # fmt: skip
    for state, limit_name, arrow in (("left", "limit_high", "v"), ("right", "limit_low", "^")):
        limits = [
            (row.time_s / _DAY, getattr(row, limit_name)) for row in rows if row.censor == state
        ]
        stated = [(day, limit) for day, limit in limits if np.isfinite(limit)]
        axis.plot([day for day, _ in stated], [limit for _, limit in stated], arrow, mfc="white",
                  mec=colour, ms=7, lw=0)  # fmt: skip
        unstated = [day for day, limit in limits if not np.isfinite(limit)]
        edge = 0.03 if state == "left" else 0.97
        axis.plot(unstated, [edge] * len(unstated), arrow, mfc="white", mec=colour, ms=7, lw=0,
                  transform=axis.get_xaxis_transform(), clip_on=False)  # fmt: skip
    lost = [row.time_s / _DAY for row in rows if row.censor in ("failed", "missing")]
    axis.plot(lost, [0.02] * len(lost), "x", color=colour, ms=6, lw=0,
              transform=axis.get_xaxis_transform(), clip_on=False)  # fmt: skip


def loggers(
    record: "ChipRecord", chips: Sequence[str], most: int
) -> dict[tuple[str, str], list[Any]]:
    """Logger channels by observable and unit."""
    found: dict[tuple[str, str], list[Any]] = {}
    for one in record.series:
        if one.chip_id in chips and np.isfinite(one.value).any():
            found.setdefault((one.observable, one.unit), []).append(one)
    return dict(list(sorted(found.items()))[:most])


def draw_logger(
    axis: Any, key: tuple[str, str], channels: list[Any], colour: dict[str, str]
) -> None:
    """Draw the channels of one quantity; gaps stay gaps, flagged channels are dotted."""
    for one in channels:
        step = max(1, len(one.value) // _MOST_DRAWN)
        known = np.isfinite(one.time_s)
        axis.plot(one.time_s[known][::step] / _DAY, one.value[known][::step],
                  color=colour[one.chip_id], lw=0.8, alpha=0.8 if len(channels) < 6 else 0.4,
                  ls=":" if one.flags else "-")  # fmt: skip
    observable, declared = key
    count = f", {len(channels)} channels" if len(channels) > 1 else ""
    axis.set_title(f"{label(observable)}{count}")
    axis.set_ylabel(_axis_text(observable, "", declared))
    _time_axis(axis)


def _time_axis(axis: Any) -> None:
    axis.set_xlabel("Time since the chip's start [days]")
    low, high = axis.get_ylim()
    if low > 0:
        axis.set_ylim(0, 1.05 * high)
    left, right = axis.get_xlim()
    if left > 0 and right < 4 * (right - left):  # a late, short stretch is shown by itself
        axis.set_xlim(left=0)
