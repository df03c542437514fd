"""Where every start of a fit ended, best first: many on one level speak for a true minimum."""

from typing import TYPE_CHECKING, Any

from .style import COLOURS, drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_waterfall(starts: list[dict[str, Any]]) -> "Figure":
    """Final cost of every start, and the way there.

    Args:
        starts: As in a fit file, best first.
    """
    with drawing() as figure_class:
        figure = figure_class(figsize=(6.8, 2.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        finite = [(i, one) for i, one in enumerate(starts, 1) if one["cost"] is not None]
        for rank, one in finite:
            colour = COLOURS[0] if one["is_converged"] else COLOURS[1]
            left.plot(rank, one["cost"], "o", color=colour, ms=7, clip_on=False)
            right.plot(range(len(one["history"])), one["history"], color=colour, marker=".",
                       alpha=0.9)  # fmt: skip
        left.plot([i for i, _ in finite], [one["cost"] for _, one in finite], color="#BBBBBB",
                  lw=1, zorder=0)  # fmt: skip
        left.set_title("Where they ended")
        left.set_xlabel("Start, best first [–]")
        left.set_xticks(range(1, len(starts) + 1))
        left.set_xlim(0.5, len(starts) + 0.5)
        left.set_ylabel("Final cost [–]")
        costs = [one["cost"] for _, one in finite]
        margin = max(0.15 * (max(costs, default=1) - min(costs, default=0)), 0.5)
        left.set_ylim(min(costs, default=0) - margin, max(costs, default=1) + margin)
        right.set_title("The way there")
        right.set_xlabel("Accepted step [–]")
        right.set_ylabel("Cost, logarithmic [–]")
        right.set_yscale("log")
    return figure
