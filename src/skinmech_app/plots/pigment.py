"""Pictures of pigment: a tan's spectrum, colour and melanin over depth, and a lesion filling in."""

from typing import TYPE_CHECKING, Any

import numpy as np

from .style import COLOURS, drawing, week_axis

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from skinmech.lesion_plane import Course
    from skinmech.observables.optics import Appearance


def draw_tan(look: "Appearance", exposures: np.ndarray) -> "Figure":
    """Spectrum and colour at four times, L* and erythema index over weeks, melanin over depth.

    Args:
        look: Over the whole course.
        exposures: Days of the exposures.
    """
    from skinmech.observables.optics import WAVELENGTHS

    weeks = look.days / 7.0
    darkest = int(np.argmin(look.colour.lightness))
    after = int(np.searchsorted(look.days, exposures[0] + 1.0)) if len(exposures) else 0
    chosen = sorted({0, after, darkest, len(weeks) - 1})
    with drawing() as figure_class:
        figure = figure_class(figsize=(10.6, 6.2), layout="constrained")
        spectrum, patches, course, depth = figure.subplots(2, 2).ravel()
        for colour, i in zip(COLOURS, chosen, strict=False):
            spectrum.plot(WAVELENGTHS, 100 * look.reflectance[i], color=colour,
                          label=f"day {look.days[i]:.0f}")  # fmt: skip
        spectrum.set(xlabel="Wavelength [nm]", ylabel="Reflectance [%]", xlim=(380, 780),
                     ylim=(0, None), title="Spectrum")  # fmt: skip
        spectrum.legend()
        steps = np.linspace(0, len(weeks) - 1, min(len(weeks), 60)).astype(int)
        patches.imshow(look.screen[steps][None], aspect="auto",
                       extent=(0, weeks[-1], 0, 1))  # fmt: skip
        patches.set(yticks=[], title="Colour on a screen (sRGB, D65)")
        patches.grid(visible=False)
        week_axis(patches, float(weeks[-1]))
        patches.set_xlim(0, weeks[-1])
        course.plot(weeks, look.colour.lightness, color=COLOURS[0], label="L*")
        course.plot(weeks, look.colour.ita, color=COLOURS[2], label="ITA [degree]")
        course.plot(weeks, look.colour.melanin_index, color=COLOURS[4], label="melanin index")
        course.plot(weeks, look.colour.erythema_index, color=COLOURS[1], label="erythema index")
        low, high = course.get_ylim()
        course.vlines(exposures / 7.0, low, low + 0.04 * (high - low), color="#555555", lw=1.0)
        course.set_ylim(low, high * 1.18)
        course.set_title("Indices (ticks: exposures)")
        course.legend(ncols=2, loc="upper right")
        week_axis(course, float(weeks[-1]))
        _melanin(figure, depth, look)
    return figure


def _melanin(figure: Any, axis: Any, look: "Appearance") -> None:
    edges = np.concatenate(
        [np.zeros((len(look.days), 1)), np.cumsum(look.thickness, axis=1)], axis=1
    )
    weeks = np.broadcast_to(look.days[:, None] / 7.0, edges.shape)
    middle = 50.0 * (look.melanin[1:] + look.melanin[:-1])
    image = axis.pcolormesh(weeks, edges, middle, cmap="cividis_r", vmin=0, rasterized=True)
    # The corneum is the first part of the layers; its cells are the thin ones.
    thin = look.thickness[0] < 0.5 * look.thickness[0].max()
    if thin.any():
        axis.plot(look.days / 7.0, edges[:, int(thin.sum())], color="#D55E00", lw=1.2)
    axis.set_ylim(float(edges.max()), 0)
    axis.grid(visible=False)
    axis.set(ylabel="Depth [µm]", title="Melanosomes (line: foot of the corneum)")
    week_axis(axis, float(look.days[-1]) / 7.0)
    figure.colorbar(image, ax=axis, label="Volume [%]", pad=0.015)


def draw_lesion(course: "Course", size: float, title: str) -> "Figure":
    """A patch of skin over time, in the colour its melanin gives it, with the area that is back.

    Args:
        course: Of the lesion plane.
        size: Edge of the plane [mm].
        title: What is shown.
    """
    from skinmech.lesion_plane import repigmented_area, vasi_change

    shown = np.linspace(0, len(course.days) - 1, min(len(course.days), 5)).round().astype(int)
    pictures = _coloured(np.asarray(course.state.melanin)[shown],
                         np.asarray(course.state.dermal_melanin)[shown])  # fmt: skip
    missing = np.asarray(1.0 - course.state.melanin[0]).max() > 0.3
    with drawing() as figure_class:
        figure = figure_class(figsize=(2.35 * len(shown), 5.2), layout="constrained")
        grid = figure.add_gridspec(2, len(shown), height_ratios=(1.25, 1.0))
        for column, (i, picture) in enumerate(zip(shown, pictures, strict=True)):
            axis = figure.add_subplot(grid[0, column])
            axis.imshow(picture, extent=(0, size, 0, size), interpolation="nearest")
            axis.set_title(f"week {course.days[i] / 7:.0f}")
            axis.grid(visible=False)
            axis.set(xticks=[0, size / 2, size], yticks=[])
            axis.set_xlabel("mm" if column == 0 else "")
        axis = figure.add_subplot(grid[1, :])
        weeks = course.days / 7.0
        if missing:
            axis.plot(weeks, 100 * np.asarray(vasi_change(course)), color=COLOURS[0], marker="o",
                      ms=3, label="pigment missing, over the start (VASI-like)")  # fmt: skip
            axis.plot(weeks, 100 * np.asarray(repigmented_area(course)), color=COLOURS[2],
                      marker="s", ms=3, label="lesion's area with half of its pigment")  # fmt: skip
            axis.set_ylabel("%")
        else:
            middle = course.state.melanin.shape[1] // 2
            for name, values, colour in (
                ("epidermal melanin, centre", course.state.melanin[:, middle, middle], COLOURS[0]),
                ("epidermal melanin, edge", course.state.melanin[:, 1, 1], COLOURS[6]),
                ("dermal melanin, centre", course.state.dermal_melanin[:, middle, middle],
                 COLOURS[1]),
            ):  # fmt: skip
                axis.plot(weeks, np.asarray(values), color=colour, marker="o", ms=3, label=name)
            axis.set_ylabel("over healthy skin")
        axis.set_ylim(0, None)
        axis.legend()
        week_axis(axis, float(weeks[-1]))
        figure.suptitle(title, x=0.01, ha="left", fontweight="bold")
    return figure


def _coloured(melanin: np.ndarray, dermal: np.ndarray, fraction: float = 0.045) -> np.ndarray:
    """Screen colours of relative melanin through the optics, shape (..., 3)."""
    import jax
    import jax.numpy as jnp

    from skinmech.observables.optics import skin_layers, skin_reflectance, srgb

    @jax.jit
    def colour(above: Any, below: Any) -> Any:
        layers = skin_layers(80.0, fraction * above, dermal_melanin=0.2 * fraction * below)
        return srgb(skin_reflectance(layers))

    # A table over both melanins, then looked up: one spectrum for each pixel would be slow.
    top, deep = np.linspace(0, max(melanin.max(), 1.0), 64), np.linspace(0, 1, 8)
    table = np.asarray(jax.vmap(lambda a: jax.vmap(lambda b: colour(a, b))(jnp.asarray(deep)))(
        jnp.asarray(top)))  # fmt: skip
    rows = np.clip(melanin / top[-1] * 63, 0, 63).round().astype(int)
    return table[rows, np.clip(dermal * 7, 0, 7).round().astype(int)]
