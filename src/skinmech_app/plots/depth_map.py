"""A quantity over depth and weeks: how a therapy works its way through the layers."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .style import drawing, week_axis

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class DepthProfile(NamedTuple):
    """Values over time and depth.

    Attributes:
        days: Shape (time,).
        faces: Depth of the cells' faces from the top of the layer [µm], shape (time, cell + 1).
        values: Shape (time, cell).
    """

    days: np.ndarray
    faces: np.ndarray
    values: np.ndarray


def draw_depth_maps(profiles: Mapping[str, DepthProfile], quantity: str, below: str) -> "Figure":
    """Heat maps on one colour scale, one for each therapy, depth growing downwards.

    The layer's own thickness changes with time, so its lower edge is a line that moves.

    Args:
        profiles: By therapy.
        quantity: Name and unit for the colour bar.
        below: What lies under the layer's lower edge.
    """
    with drawing() as figure_class:
        count = len(profiles)
        figure = figure_class(figsize=(max(3.3 * count + 0.9, 5.0), 2.9), layout="constrained")
        axes = list(figure.subplots(1, count, squeeze=False, sharey=True).ravel())
        top = max(float(one.values.max()) for one in profiles.values())
        deepest = max(float(one.faces.max()) for one in profiles.values())
        image: Any = None
        for axis, (therapy, one) in zip(axes, profiles.items(), strict=True):
            weeks = np.broadcast_to(one.days[:, None] / 7.0, one.faces.shape)
            middle = 0.5 * (one.values[1:] + one.values[:-1])
            image = axis.pcolormesh(weeks, one.faces, middle, cmap="cividis", vmin=0,
                                    vmax=top or 1.0, rasterized=True)  # fmt: skip
            axis.plot(one.days / 7.0, one.faces[:, -1], color="#D55E00", lw=1.6)
            axis.set_ylim(1.12 * deepest, 0)
            axis.grid(visible=False)
            axis.set_title(therapy)
            week_axis(axis, float(one.days[-1]) / 7.0)
        last = next(iter(profiles.values()))
        place = (0.04 * last.days[-1] / 7.0, last.faces[0, -1])
        axes[0].annotate(below, place, xytext=(2, -4), textcoords="offset points", va="top",
                         color="#B04A00", fontsize=8)  # fmt: skip
        axes[0].set_ylabel("Depth in the layer [µm]")
        figure.colorbar(image, ax=axes, label=quantity, pad=0.015, aspect=18)
    return figure
