"""What was measured, and what the fitted model says: one panel for each observable."""

from typing import TYPE_CHECKING, Any

import numpy as np

from .style import COLOURS, DATA, axis_label, drawing, label, panels, week_axis

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_fit(experiment: dict[str, Any]) -> "Figure":
    """Data of one experiment with the fit's median and bands.

    Dark band: 90 % interval of the true value; pale band: 90 % interval of a reading. Dots are
    values (bars: standard deviation where stated), triangles limits of values out of range.

    Args:
        experiment: As in a fit file.
    """
    curves = experiment["curves"]
    names = list(curves) or list(dict.fromkeys(row["observable"] for row in experiment["rows"]))
    is_chip = experiment["setting"] == "on_chip"
    scale = 1.0 if is_chip else 7.0
    with drawing() as figure_class:
        figure, axes = panels(figure_class, len(names))
        for axis, name in zip(axes, names, strict=True):
            colour = COLOURS[0] if is_chip else COLOURS[2]
            if name in curves:
                _band(axis, curves[name], scale, colour)
            rows = [row for row in experiment["rows"] if row["observable"] == name]
            _points(axis, rows, scale)
            unit = next((row["unit"] for row in rows if row["unit"]), "")
            axis.set_title(label(name))
            axis.set_ylabel(axis_label(name, unit or "dimensionless"))
            axis.set_ylim(0, _top(curves.get(name), rows))
            if is_chip:
                axis.set_xlabel("Time on the chip [days]")
                axis.set_xlim(left=0)
            else:
                week_axis(axis, max(experiment["days"] / 7.0, 1.0))
    return figure


def _band(axis: Any, curve: dict[str, Any], scale: float, colour: str) -> None:
    days = np.array(curve["days"]) / scale
    axis.fill_between(days, curve["reading_low"], curve["reading_high"], color=colour, alpha=0.10,
                      lw=0)  # fmt: skip
    axis.fill_between(days, curve["low"], curve["high"], color=colour, alpha=0.28, lw=0)
    axis.plot(days, curve["median"], color=colour)


def _points(axis: Any, rows: list[dict[str, Any]], scale: float) -> None:
    for row in rows:
        day = row["day"] / scale
        if row["censor"] == "none" and row["value"] is not None:
            axis.errorbar(day, row["value"], yerr=row["sd"], fmt="o", color=DATA, ms=4.5, lw=1)
        elif row["censor"] == "left" and row["limit_high"] is not None:
            axis.plot(day, row["limit_high"], "v", mfc="white", mec=DATA, ms=6)
        elif row["censor"] == "right" and row["limit_low"] is not None:
            axis.plot(day, row["limit_low"], "^", mfc="white", mec=DATA, ms=6)


def _top(curve: dict[str, Any] | None, rows: list[dict[str, Any]]) -> float:
    highest = [row["value"] + (row["sd"] or 0.0) for row in rows if row["value"] is not None]
    if curve is not None:
        highest += [max(curve["high"]), float(np.quantile(curve["reading_high"], 0.9))]
    top = max(highest, default=1.0)
    return 1.1 * top if top > 0 else 1.0
