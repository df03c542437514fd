"""The figures of a report, each with a caption in plain words and its data as CSV."""

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..plots import comparison, depth_map, fit_against_data, forecast, parameters, style, waterfall
from ..tables import csv_text

if TYPE_CHECKING:
    from skinmech_calibration import Prediction
    from skinmech_calibration.compare import Comparison

    from ..plots.depth_map import DepthProfile


class Picture(NamedTuple):
    """A figure of the report.

    Attributes:
        name: Short name, also that of its CSV file.
        svg: Inline SVG.
        caption: Plain words.
        data: The CSV as a data: URI.
    """

    name: str
    svg: str
    caption: str
    data: str


def _picture(name: str, figure: Any, caption: str, columns: Mapping[str, Any]) -> Picture:
    text = csv_text(columns)
    packed = base64.b64encode(text.encode()).decode()
    svg = style.svg(figure).replace("<svg ", f'<svg role="img" aria-label="{name}" ', 1)
    # Identifiers are unique within one drawing only; the page holds many.
    unique = name.replace(" ", "-")
    for kind in ('id="', 'href="#', "url(#"):
        svg = svg.replace(kind, f"{kind}{unique}-")
    return Picture(name, svg, caption, f"data:text/csv;base64,{packed}")


def fit_picture(number: int, experiment: dict[str, Any]) -> Picture:
    """Data and fit of one experiment."""
    rows, curves = experiment["rows"], experiment["curves"]
    values = sum(row["censor"] == "none" for row in rows)
    limits = sum(row["censor"] in ("left", "right", "interval") for row in rows)
    draws = next((one["draws"] for one in curves.values()), 0)
    where = "on the chip" if experiment["setting"] == "on_chip" else "in the clinic"
    treated = ", ".join(experiment["drugs"]) or "no drug"
    caption = (
        f"{experiment['name']}, {where} ({treated}): n = {values} measured values"
        + (f" and {limits} beyond the assay's range (triangles)" if limits else "")
        + ". Dots are data, with one standard deviation where it was stated. Line: median of the "
        f"fit; dark band: 90 % credible interval of the true value ({draws} draws of the donor); "
        "pale band: 90 % interval of a single reading, measurement noise included."
    )
    columns = {key: [row[key] if row[key] is not None else float("nan") for row in rows]
               for key in ("observable", "unit", "day", "value", "sd", "censor", "limit_low",
                           "limit_high", "predicted")}  # fmt: skip
    return _picture(f"fit {number}", fit_against_data.draw_fit(experiment), caption, columns)


def forecast_picture(found: "Mapping[str, Prediction]", observable: str) -> Picture:
    """One observable under every therapy."""
    first, *_ = found
    draws = len(found[first].parameters)
    weeks = found[first].times[-1] / 7
    caption = (
        f"{style.label(observable)} over {weeks:g} weeks under {len(found)} courses. Line: median "
        f"of n = {draws} draws of this donor; pale and dark shade: 90 % and 50 % credible "
        f"intervals of the true value, without measurement noise. Dashed: median of '{first}'. "
        "Every course uses the same draws, so courses can be compared directly."
    )
    return _picture(f"forecast {observable}", forecast.draw_therapies(found, observable), caption,
                    forecast_columns(found, [observable]))  # fmt: skip


def endpoint_picture(found: "Mapping[str, Prediction]") -> Picture:
    """All observables at the end."""
    first, *_ = found
    names = list(found[first].units)
    weeks = found[first].times[-1] / 7
    caption = (
        f"State at week {weeks:g}. Dot: median of n = {len(found[first].parameters)} draws; thick "
        "bar: 50 %, thin bar: 90 % credible interval of the true value."
    )
    return _picture("endpoints", forecast.draw_endpoints(found, names), caption,
                    forecast_columns(found, names, last=True))  # fmt: skip


def forecast_columns(
    found: "Mapping[str, Prediction]", names: list[str], *, last: bool = False
) -> dict[str, list[Any]]:
    """Medians and bands as columns."""
    keys = ("course", "observable", "unit", "day", "median", "low_90", "low_50", "high_50",
            "high_90")  # fmt: skip
    columns: dict[str, list[Any]] = {key: [] for key in keys}
    for course, one in found.items():
        for name in names:
            (low, high), (inner, outer) = one.band(name, 0.9), one.band(name, 0.5)
            middle = one.median(name)
            for i in [len(one.times) - 1] if last else range(len(one.times)):
                row = (course, name, one.units[name], one.times[i], middle[i], low[i], inner[i],
                       outer[i], high[i])  # fmt: skip
                for key, value in zip(keys, row, strict=True):
                    columns[key].append(value)
    return columns


def depth_picture(
    name: str, profiles: "Mapping[str, DepthProfile]", quantity: str, below: str, words: str
) -> Picture:
    """A quantity over depth and weeks."""
    caption = (
        f"{words} Top of the picture: the layer's upper edge; orange line: its lower edge, which "
        f"moves as the layer thins or thickens ({below} beneath). One simulation each, at the "
        "centre of the fit (n = 1, no interval shown)."
    )
    columns: dict[str, list[Any]] = {"course": [], "day": [], "depth_um": [], "value": []}
    for course, one in profiles.items():
        centres = 0.5 * (one.faces[:, 1:] + one.faces[:, :-1])
        days = np.repeat(one.days, one.values.shape[1])
        columns["course"] += [course] * days.size
        columns["day"] += days.tolist()
        columns["depth_um"] += centres.ravel().tolist()
        columns["value"] += one.values.ravel().tolist()
    return _picture(name, depth_map.draw_depth_maps(profiles, quantity, below), caption, columns)


def parameter_picture(rows: list[dict[str, Any]], num_data: int) -> Picture:
    """Prior against posterior."""
    caption = (
        f"What n = {num_data} measured values taught about this donor. Grey: 95 % interval before "
        "the data (prior); blue: median and 95 % interval after (Laplace approximation). A blue "
        "bar as wide as the grey one means that the data said nothing."
    )
    columns = {
        "parameter": [row["name"] for row in rows],
        "unit": [row["unit"] for row in rows],
        "prior": [row["prior"] for row in rows],
        "value": [row["value"] for row in rows],
        "low_95": [row["interval"][0] for row in rows],
        "high_95": [row["interval"][1] for row in rows],
    }
    return _picture("parameters", parameters.draw_parameters(rows), caption, columns)


def waterfall_picture(starts: list[dict[str, Any]]) -> Picture:
    """The starts of the fit."""
    caption = (
        f"n = {len(starts)} starts of the search; no interval. Blue ended at a minimum, orange did "
        "not. Several starts at the same lowest cost make it likely that the best fit was found. "
        "Cost is half the sum of squared residuals of data and prior."
    )
    columns = {
        "start": [one["label"] for one in starts],
        "cost": [float("nan") if one["cost"] is None else one["cost"] for one in starts],
        "converged": ["yes" if one["is_converged"] else "no" for one in starts],
        "steps": [one["num_iterations"] for one in starts],
    }
    return _picture("starts", waterfall.draw_waterfall(starts), caption, columns)


def comparison_picture(found: "Comparison") -> Picture:
    """Differences between therapies and the regret of each."""
    draws = len(next(iter(found.values.values())))
    caption = (
        f"{style.label(found.observable)} in week {found.day / 7:g}, therapies against each other "
        f"in the same n = {draws} draws of this donor. Dot: median difference; thick and thin bar: "
        "50 % and 90 % credible interval. Right: expected regret, how much worse than with the "
        "best therapy the donor would be on average, if the choice fell on this one."
    )
    columns: dict[str, list[Any]] = {
        key: [] for key in ("first", "second", "median", "low 90 %", "high 90 %", "P first better",
                            "P second better")
    }  # fmt: skip
    for pair in comparison.shown_pairs(found):
        row = (pair.first, pair.second, pair.median, *pair.interval(), pair.probability,
               pair.probability_worse)  # fmt: skip
        for key, value in zip(columns, row, strict=True):
            columns[key].append(value)
    return _picture("comparison", comparison.draw_comparison(found), caption, columns)
