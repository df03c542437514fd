"""Prior against posterior of every free parameter, on one relative scale."""

from typing import TYPE_CHECKING, Any

from .style import COLOURS, drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_parameters(rows: list[dict[str, Any]]) -> "Figure":
    """Intervals relative to the prior's centre: grey prior, blue posterior.

    Args:
        rows: As in a fit file.
    """
    with drawing() as figure_class:
        figure = figure_class(figsize=(7.4, 0.9 + 0.42 * len(rows)), layout="constrained")
        axis = figure.subplots()
        for place, row in enumerate(rows):
            centre = row["prior"] or 1.0
            low, high = (value / centre for value in row["prior_interval"])
            axis.plot([low, high], [place + 0.14] * 2, color="#BDBDBD", lw=6, solid_capstyle="butt")
            low, high = (value / centre for value in row["interval"])
            axis.plot([low, high], [place - 0.14] * 2, color=COLOURS[0], lw=3.5)
            axis.plot(row["value"] / centre, place - 0.14, "o", color=COLOURS[0], ms=6)
        axis.axvline(1.0, color="#888888", lw=0.8, ls=":")
        positive = all(min(*row["prior_interval"], *row["interval"]) > 0 for row in rows)
        if positive:
            axis.set_xscale("log")
            values = [v / (row["prior"] or 1.0) for row in rows
                      for v in (*row["prior_interval"], *row["interval"])]  # fmt: skip
            ticks = [t for t in (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
                     if min(values) * 0.8 <= t <= max(values) * 1.25]  # fmt: skip
            axis.set_xticks(ticks, [f"{t:g}" for t in ticks])
            axis.minorticks_off()
        axis.set_yticks(range(len(rows)), [row["name"] for row in rows])
        axis.set_ylim(len(rows) - 0.5, -0.5)
        axis.set_xlabel("Value relative to the prior's centre [–]")
        axis.grid(axis="y", visible=False)
    return figure
