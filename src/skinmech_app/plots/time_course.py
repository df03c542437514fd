"""One simulation: the main observables over time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .style import COLOURS, axis_label, drawing, label, panels, week_axis

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from skinmech.trajectory import Trajectory


def draw_simulation(found: "Trajectory", names: Sequence[str], title: str) -> "Figure":
    """Observables over weeks, one panel each, every axis from zero.

    Args:
        found: The simulation.
        names: Observables.
        title: What was done.
    """
    with drawing() as figure_class:
        figure, axes = panels(figure_class, len(names))
        weeks = found.times / 7.0
        for axis, name in zip(axes, names, strict=True):
            axis.plot(weeks, found[name], color=COLOURS[0])
            axis.set_title(label(name))
            axis.set_ylabel(axis_label(name, found.unit(name)))
            axis.set_ylim(0, _top(found[name]))
            week_axis(axis, float(weeks[-1]))
        figure.suptitle(f"Simulated skin under {title}", fontsize=11, x=0.01, ha="left")
    return figure


def _top(values: Any) -> float:
    highest = float(max(values))
    return 1.15 * highest if highest > 0 else 1.0
