"""Therapies side by side: median and bands of each observable over the coming weeks."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .style import COLOURS, axis_label, drawing, label, panels, unit, week_axis

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from skinmech_calibration import Prediction

LEVEL = 0.9


def draw_forecasts(found: "Mapping[str, Prediction]") -> "Figure":
    """One panel for each observable; lines are medians, shades 90 % intervals.

    Args:
        found: Predictions by therapy.
    """
    names = list(next(iter(found.values())).units)
    with drawing() as figure_class:
        figure, axes = panels(figure_class, len(names), height=3.0)
        for axis, name in zip(axes, names, strict=True):
            declared = next(iter(found.values())).units[name]
            top = 0.0
            for (therapy, one), colour in zip(found.items(), _cycle(len(found)), strict=True):
                weeks = one.times / 7.0
                low, high = one.band(name, LEVEL)
                if len(found) <= 3:
                    axis.fill_between(weeks, low, high, color=colour, alpha=0.16, lw=0)
                axis.plot(weeks, one.median(name), color=colour, label=therapy)
                top = max(top, float(high.max()))
            _finish(axis, name, declared, top, float(next(iter(found.values())).times[-1]) / 7.0)
        handles, texts = axes[0].get_legend_handles_labels()
        if len(found) > 1:
            figure.legend(handles, texts, loc="outside upper left", ncols=4)
        else:
            figure.suptitle(next(iter(found)), x=0.01, ha="left", fontsize=11)
    return figure


def draw_therapies(found: "Mapping[str, Prediction]", observable: str) -> "Figure":
    """One observable, one small panel for each therapy on common axes.

    Args:
        found: Predictions by therapy.
        observable: What to show.
    """
    with drawing() as figure_class:
        count = len(found)
        figure, axes = panels(figure_class, count, columns=4, height=2.25)
        figure.set_size_inches(10.2, figure.get_size_inches()[1])
        declared = next(iter(found.values())).units[observable]
        top = max(float(one.band(observable, LEVEL)[1].max()) for one in found.values())
        reference = next(iter(found.values()))
        pairs = zip(axes, found.items(), _cycle(count), strict=True)
        for index, (axis, (therapy, one), colour) in enumerate(pairs):
            weeks = one.times / 7.0
            if index:
                axis.plot(reference.times / 7.0, reference.median(observable), color="#9A9A9A",
                          lw=1.1, ls="--")  # fmt: skip
            for level, shade in ((LEVEL, 0.16), (0.5, 0.28)):
                low, high = one.band(observable, level)
                axis.fill_between(weeks, low, high, color=colour, alpha=shade, lw=0)
            axis.plot(weeks, one.median(observable), color=colour)
            _finish(axis, observable, declared, top, float(weeks[-1]))
            axis.set_title(therapy)
            if index % 4:
                axis.set_ylabel("")
            if index < count - 4:
                axis.set_xlabel("")
    return figure


def draw_endpoints(found: "Mapping[str, Prediction]", observables: list[str]) -> "Figure":
    """The last time: dot and bars for each therapy, one panel for each observable.

    Args:
        found: Predictions by therapy.
        observables: What to show.
    """
    with drawing() as figure_class:
        figure, axes = panels(figure_class, len(observables), height=0.9 + 0.3 * len(found))
        for position, (axis, name) in enumerate(zip(axes, observables, strict=True)):
            therapies = list(found)
            for row, (therapy, colour) in enumerate(
                zip(therapies, _cycle(len(found)), strict=True)
            ):
                one = found[therapy]
                wide, narrow = one.band(name, LEVEL), one.band(name, 0.5)
                axis.plot([wide[0][-1], wide[1][-1]], [row, row], color=colour, lw=1.6)
                axis.plot([narrow[0][-1], narrow[1][-1]], [row, row], color=colour, lw=5, alpha=0.5,
                          solid_capstyle="butt")  # fmt: skip
                axis.plot(one.median(name)[-1], row, "o", color=colour, ms=6)
            axis.set_yticks(range(len(therapies)), therapies if position == 0 else [])
            axis.set_ylim(len(therapies) - 0.5, -0.5)
            axis.set_xlim(left=0)
            axis.set_title(label(name))
            declared = found[therapies[0]].units[name]
            axis.set_xlabel(f"{label(name)} [{unit(name, declared)}]")
            axis.grid(axis="y", visible=False)
    return figure


def _cycle(count: int) -> list[str]:
    return [COLOURS[i % len(COLOURS)] for i in range(count)]


def _finish(axis: Any, name: str, declared: str, top: float, weeks: float) -> None:
    axis.set_ylim(0, 1.08 * top if top > 0 else 1.0)
    axis.set_title(label(name))
    axis.set_ylabel(axis_label(name, declared))
    week_axis(axis, weeks)
