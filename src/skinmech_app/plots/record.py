"""A chip record: time courses with their states and flags, and impedance spectra."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .style import COLOURS, MARKS, axis_label, drawing, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from skinmech_chip_adapters import ChipRecord

_MAX_CHIPS = 8


def draw_record(record: "ChipRecord", only: Sequence[str] = ()) -> "Figure":
    """Time courses of every observable, then Nyquist and Bode plots of the sweeps.

    Filled marks are values; open marks are at a limit (an arrow says which way); crosses on the
    axis are failed or missing; a ring marks flagged or excluded ones.

    Args:
        record: The record.
        only: Chips to show; empty: the first eight.
    """
    chips = list(only) or list(record.chips["chip_id"])[:_MAX_CHIPS]
    colour = {chip: COLOURS[i % len(COLOURS)] for i, chip in enumerate(chips)}
    mark = {chip: MARKS[i % len(MARKS)] for i, chip in enumerate(chips)}
    courses = _courses(record, chips)
    sweeps = [one for one in record.spectra if one.chip_id in colour]
    columns = 3
    count = len(courses) + (3 if sweeps else 0)
    rows = max(1, -(-len(courses) // columns)) + (1 if sweeps else 0)
    with drawing() as figure_class:
        figure = figure_class(figsize=(10.2, 2.9 * rows), layout="constrained")
        if not count:
            figure.text(0.5, 0.5, "The record holds no values to draw.", ha="center")
            return figure
        grid = figure.subplots(rows, columns, squeeze=False)
        flat = list(grid.ravel())
        for axis, (key, rows_of) in zip(flat, courses.items(), strict=False):
            _draw_course(axis, key, rows_of, colour, mark)
        used = flat[: len(courses)]
        if sweeps:
            last = list(grid[-1])
            _draw_spectra(last, sweeps, colour)
            used += last
        for axis in flat:
            if axis not in used:
                axis.remove()
        handles = [_legend_mark(chip, colour[chip], mark[chip]) for chip in chips]
        figure.legend(handles=handles, loc="outside upper left", ncols=len(chips),
                      title=f"{record.study.study_id}", alignment="left")  # fmt: skip
    return figure


def _legend_mark(chip: str, colour: str, mark: str) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], color=colour, marker=mark, label=chip, markersize=5)


def _courses(record: "ChipRecord", chips: Sequence[str]) -> dict[tuple[str, str, str], list[Any]]:
    found: dict[tuple[str, str, str], list[Any]] = {}
    for row in record.measurements:
        if row.chip_id in chips and row.observable not in ("mfi", "net_mfi", "rlu", "impedance"):
            found.setdefault((row.observable, row.analyte, row.unit), []).append(row)
    return dict(list(sorted(found.items()))[:15])


def _draw_course(
    axis: Any, key: tuple[str, str, str], rows: list[Any], colour: dict, mark: dict
) -> None:
    observable, analyte, unit = key
    censored = {"left": "limit_high", "right": "limit_low"}
    for chip in dict.fromkeys(row.chip_id for row in rows):
        mine = sorted((row for row in rows if row.chip_id == chip), key=lambda row: row.time_s)
        good = [row for row in mine if row.censor == "none" and np.isfinite(row.value)]
        days = np.array([row.time_s for row in good]) / 86400
        values = np.array([row.value for row in good])
        sd = np.array([row.sd for row in good])
        axis.plot(days, values, color=colour[chip], lw=1.2, alpha=0.8)
        axis.errorbar(days, values, yerr=np.where(np.isfinite(sd), sd, 0.0), fmt=mark[chip],
                      color=colour[chip], ms=4.5, lw=1, capsize=0)  # fmt: skip
        flagged = [row for row in good if row.flags or row.excluded]
        axis.plot([row.time_s / 86400 for row in flagged], [row.value for row in flagged],
                  "o", mfc="none", mec="#000000", ms=10, lw=0)  # fmt: skip
        for row in mine:
            if row.censor in censored:
                limit = getattr(row, censored[row.censor])
                if np.isfinite(limit):
                    arrow = "v" if row.censor == "left" else "^"
                    axis.plot(row.time_s / 86400, limit, arrow, mfc="white", mec=colour[chip], ms=7)
            elif row.censor in ("failed", "missing"):
                axis.plot(row.time_s / 86400, 0.02, "x", color=colour[chip], ms=6,
                          transform=axis.get_xaxis_transform(), clip_on=False)  # fmt: skip
    name = f"{analyte or label(observable)}" + (f", {observable}" if analyte else "")
    axis.set_title(name)
    axis.set_xlabel("Time since the chip's start [days]")
    axis.set_ylabel(axis_label(observable, unit) if not analyte else f"{analyte} [{unit}]")
    if axis.get_ylim()[0] > 0:
        axis.set_ylim(0, 1.05 * axis.get_ylim()[1])
    axis.set_xlim(left=0)


def _draw_spectra(axes: list[Any], sweeps: list[Any], colour: dict) -> None:
    nyquist, size, phase = axes
    longest = max(sweep.time_s for sweep in sweeps if np.isfinite(sweep.time_s)) if any(
        np.isfinite(sweep.time_s) for sweep in sweeps) else 1.0  # fmt: skip
    for sweep in sorted(sweeps, key=lambda one: one.time_s):
        keep = (sweep.frequency_Hz > 0) & np.isfinite(sweep.z_ohm)
        frequency, z = sweep.frequency_Hz[keep], sweep.z_ohm[keep]
        late = sweep.time_s / longest if np.isfinite(sweep.time_s) and longest > 0 else 0.0
        line = ":" if sweep.flags or sweep.excluded else "-"
        style: dict[str, Any] = {"color": colour[sweep.chip_id], "alpha": 0.25 + 0.75 * late}
        style |= {"lw": 1.2, "ls": line}
        nyquist.plot(z.real, -z.imag, **style)
        size.loglog(frequency, np.abs(z), **style)
        phase.semilogx(frequency, -np.degrees(np.angle(z)), **style)
    nyquist.set_title("Nyquist (pale early, dark late)")
    nyquist.set_xlabel("Re Z [Ω]")
    nyquist.set_ylabel("−Im Z [Ω]")
    nyquist.set_aspect("equal", adjustable="datalim")
    size.set_title("Bode, size (dotted: flagged)")
    size.set_xlabel("Frequency [Hz]")
    size.set_ylabel("|Z| [Ω]")
    phase.set_title("Bode, phase")
    phase.set_xlabel("Frequency [Hz]")
    phase.set_ylabel("−phase [degrees]")
