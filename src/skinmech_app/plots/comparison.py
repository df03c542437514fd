"""Decision pictures: differences between therapies, chances and expected regret for one patient."""

from typing import TYPE_CHECKING

import numpy as np

from .style import COLOURS, drawing, label, unit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from skinmech_calibration.compare import Comparison, Pair

_MOST = 6  # pairs shown; those of the preferred therapy come first


def draw_comparison(found: "Comparison") -> "Figure":
    """Left: difference of each pair with its chances; right: expected regret of each therapy.

    Args:
        found: The comparison.
    """
    pairs = shown_pairs(found)
    names = sorted(found.regret, key=lambda name: found.regret[name])
    told = f"{label(found.observable)} [{unit(found.observable, found.unit)}]"
    colours = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(found.regret)}
    with drawing() as figure_class:
        height = 1.5 + 0.62 * max(len(pairs), len(names))
        figure = figure_class(figsize=(10.2, height), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(1.7, 1.0))
        reach = max(float(np.max(np.abs(p.difference))) for p in pairs)
        reach = 1.12 * max(reach, 1.5 * found.margin, 1e-9)
        if found.margin:
            left.axvspan(-found.margin, found.margin, color="#EFEFEF", lw=0)
        left.axvline(0.0, color="#666666", lw=1.0)
        for row, pair in enumerate(pairs):
            _row(left, row, pair, found, colours)
        left.set_xlim(-reach, reach)
        left.set_ylim(len(pairs) - 0.4, -0.75)
        left.set_yticks(range(len(pairs)), [f"{p.first}\nminus {p.second}" for p in pairs])
        left.set_xlabel(f"Difference in {told}")
        left.set_title(f"Difference in week {found.day / 7:g}")
        left.grid(axis="y", visible=False)
        for row, name in enumerate(names):
            right.barh(row, found.regret[name], color=colours[name], height=0.5)
            right.annotate(
                f"{found.regret[name]:.2g}   (best with {100 * found.best[name]:.0f} %)",
                (found.regret[name], row), xytext=(4, 0), textcoords="offset points", va="center",
                fontsize=8.5,
            )  # fmt: skip
        right.set_xlim(0, 1.9 * max(*found.regret.values(), 1e-9))
        right.set_yticks(range(len(names)), names)
        right.set_ylim(len(names) - 0.4, -0.6)
        right.set_xlabel(f"Expected regret, {told}")
        right.set_title("Regret of choosing it")
        right.grid(axis="y", visible=False)
        if found.cautions:
            figure.suptitle("Outside what was fitted: see the cautions", x=0.01, ha="left",
                            fontsize=9.5, color="#B03A00")  # fmt: skip
    return figure


def shown_pairs(found: "Comparison") -> "list[Pair]":
    """The pairs shown: all, or those of the preferred therapy first where there are many."""
    best = found.preferred
    mine = [p for p in found.pairs if best in (p.first, p.second)]
    rest = [p for p in found.pairs if p not in mine]
    return [*mine, *rest][:_MOST]


def _row(axis: object, row: int, pair: "Pair", found: "Comparison", colours: dict) -> None:
    from matplotlib.axes import Axes

    assert isinstance(axis, Axes)
    first_is_better = pair.probability >= pair.probability_worse
    name = pair.first if first_is_better else pair.second
    chance = max(pair.probability, pair.probability_worse)
    for level, width, alpha in ((0.9, 2.0, 1.0), (0.5, 7.0, 0.45)):
        axis.plot(pair.interval(level), [row, row], color=colours[name], lw=width, alpha=alpha,
                  solid_capstyle="butt")  # fmt: skip
    axis.plot(pair.median, row, "o", color=colours[name], ms=6)
    by = f" by more than {found.margin:g}" if found.margin else ""
    axis.annotate(f"{name} better{by}: {100 * chance:.0f} %", (0.01, row - 0.33),
                  xycoords=axis.get_yaxis_transform(), fontsize=8.5, color="#333333")  # fmt: skip
