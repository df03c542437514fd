"""Flares ahead: courses under chance triggers, and the probability of a flare by each day."""

from typing import TYPE_CHECKING

import numpy as np

from .style import COLOURS, drawing, label, panels, week_axis

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from skinmech_calibration import FlareOutlook

SHOWN = 24  # courses drawn


def draw_flares(found: "dict[str, FlareOutlook]", score: str) -> "Figure":
    """For each therapy its courses, flares marked; and all risk curves together.

    Args:
        found: Outlooks by therapy.
        score: Name of the observable.
    """
    with drawing() as figure_class:
        figure, axes = panels(figure_class, len(found) + 1, height=3.0)
        weeks = float(next(iter(found.values())).times[-1]) / 7.0
        top = max(float(one.score[:SHOWN].max()) for one in found.values())
        for axis, (therapy, one), colour in zip(axes, found.items(), COLOURS, strict=False):
            for values, flags in zip(one.score[:SHOWN], one.is_flaring[:SHOWN], strict=True):
                axis.plot(one.times / 7.0, values, color=colour, lw=0.7, alpha=0.35)
                axis.plot(one.times / 7.0, np.where(flags, values, np.nan), color=colour, lw=2.0)
            axis.set_title(f"{therapy}: {one.per_year:.1f} flares a year")
            axis.set_ylabel(label(score))
            axis.set_ylim(0, 1.08 * top)
            week_axis(axis, weeks)
        last = axes[len(found)]
        for (therapy, one), colour in zip(found.items(), COLOURS, strict=False):
            risk, low, high = one.risk_curve()
            last.fill_between(one.times / 7.0, low, high, color=colour, alpha=0.16, lw=0)
            last.step(one.times / 7.0, risk, where="post", color=colour, label=therapy)
        last.set_title("Probability of a first flare")
        last.set_ylabel("probability (80 % interval)")
        last.set_ylim(0, 1)
        week_axis(last, weeks)
        if len(found) > 1:
            last.legend(loc="upper left")
    return figure
