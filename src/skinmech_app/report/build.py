"""Putting the report together: computing what it shows, and filling the page."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import fit_file
from ..files import write_whole
from ..forecasting import SCORES, forecast_all, posterior_of
from ..study import Forecast, TreatmentLine
from ..terminal import RESEARCH_USE, command, working
from . import figures, misfit
from .depths import profile, simulate_all

if TYPE_CHECKING:
    from skinmech.trajectory import Trajectory
    from skinmech_calibration import Prediction

UNTREATED = "no treatment"
_DEFAULTS = {
    "atopic": ("emollient", "mometasone furoate", "dupilumab", "tralokinumab", "upadacitinib"),
    "psoriatic": ("emollient", "mometasone furoate", "secukinumab", "guselkumab", "adalimumab"),
    "healthy": ("emollient",),
}
_MAPPED = 3  # courses shown over depth


def default_forecasts(disease: str, weeks: float = 16.0) -> list[Forecast]:
    """Courses to compare where the study names none."""
    return [Forecast(UNTREATED, (), weeks)] + [
        Forecast(name, (TreatmentLine(name),), weeks) for name in _DEFAULTS[disease]
    ]


def build_report(
    content: dict[str, Any], output: Path, *, draws: int = 24, seed: int = 0
) -> "tuple[Path, dict[str, Prediction]]":
    """Compute the forecasts of a fit and write its report.

    Args:
        content: A fit file.
        output: The page to write.
        draws: Draws of the donor for each therapy.
        seed: Of the draws.

    Returns:
        The page, and the forecasts by course.

    Raises:
        UserError: matplotlib is missing, a drug is unknown, or the disk is full.
        PredictionError, SimulationError: nothing could be simulated.
    """
    from ..plots.style import drawing

    with drawing():
        pass  # missing matplotlib is told before anything is computed
    courses = fit_file.forecasts_of(content)
    if not courses:
        courses = default_forecasts(content["donor"]["disease"])
    found = forecast_all(content, courses, draws=draws, seed=seed)
    with working("simulating depth profiles"):
        mapped = simulate_all(content, posterior_of(content), _to_map(courses))
    with working("drawing the report"):
        page = render(content, found, mapped, draws=draws, seed=seed)
    return write_whole(output, page), found


def _to_map(courses: Sequence[Forecast]) -> list[Forecast]:
    """The first course and the ones after it with most to show: at most three."""
    treated = [one for one in courses if one.treatments]
    bare = [one for one in courses if not one.treatments][:1]
    kinds = [one for one in treated if one.treatments[0].drug != "emollient"] or treated
    return [*bare, *kinds][:_MAPPED]


def render(
    content: dict[str, Any],
    found: "dict[str, Prediction]",
    mapped: "dict[str, Trajectory]",
    *,
    draws: int,
    seed: int,
) -> str:
    """The page as text.

    Args:
        content: A fit file.
        found: Forecasts by course.
        mapped: Simulations by course, for the depth maps.
        draws: As asked for.
        seed: Of the draws.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    names = list(next(iter(found.values())).units)
    environment = Environment(
        loader=PackageLoader("skinmech_app", "report/templates"), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["sig"] = _significant
    provenance = content["provenance"] | {
        "forecast draws": draws, "forecast seed": seed, "report": command()
    }  # fmt: skip
    return environment.get_template("page.html.j2").render(
        banner=RESEARCH_USE,
        study=content["study"],
        donor=content["donor"],
        content=content,
        fits=[figures.fit_picture(i, one) for i, one in enumerate(content["experiments"], 1)],
        depths=_depths(mapped),
        forecasts=[figures.forecast_picture(found, name) for name in names],
        endpoints=figures.endpoint_picture(found),
        decision=decision(content, found),
        updates=content.get("twin", {}).get("told", []),
        outcome=_outcome(found),
        cautions=_cautions(found),
        misfits=misfit.sentences(content["experiments"]),
        parameters=figures.parameter_picture(content["parameters"], content["num_data"]),
        waterfall=figures.waterfall_picture(content["starts"]),
        provenance=provenance,
        css=_css(),
    )


def decision(content: dict[str, Any], found: "dict[str, Prediction]") -> dict[str, Any] | None:
    """Which of the treated courses, by the donor's main score; None with fewer than two."""
    from skinmech_calibration.compare import compare

    bare = {one.name for one in fit_file.forecasts_of(content) if not one.treatments}
    treated = {name: one for name, one in found.items() if name not in bare | {UNTREATED}}
    if len(treated) < 2:
        return None
    observable = SCORES[content["donor"]["disease"]][0]
    told = compare(treated, observable, posterior=posterior_of(content))
    return {"picture": figures.comparison_picture(told), "preferred": told.preferred,
            "chance": told.best[told.preferred], "cautions": told.cautions}  # fmt: skip


def _css() -> str:
    return (Path(__file__).parent / "page.css").read_text("utf-8")


def _depths(mapped: "dict[str, Trajectory]") -> list[figures.Picture]:
    if not mapped:
        return []
    cytokine = {
        name: profile(one, "cytokines.epidermis[IL-13]", "epidermis", "epidermal_thickness")
        for name, one in mapped.items()
    }
    water = {
        name: profile(one, "barrier.water", "corneum", "corneum_thickness")
        for name, one in mapped.items()
    }
    return [
        figures.depth_picture(
            "IL-13 over depth", cytokine, "IL-13 [pg/mL]", "dermis",
            "IL-13 in the living epidermis over depth and weeks.",
        ),
        figures.depth_picture(
            "water over depth", water, "Water [g/g dry]", "living epidermis",
            "Water in the stratum corneum over depth and weeks.",
        ),
    ]  # fmt: skip


def _outcome(found: "dict[str, Prediction]") -> list[dict[str, Any]]:
    """One row a course: median and 90 % interval of each observable at the end."""
    from ..plots.style import label, unit

    rows = []
    for course, one in found.items():
        cells = []
        for name in one.units:
            low, high = one.band(name, 0.9)
            cells.append({"label": label(name), "unit": unit(name, one.units[name]),
                          "start": one.median(name)[0], "end": one.median(name)[-1],
                          "low": low[-1], "high": high[-1]})  # fmt: skip
        rows.append({"course": course, "cells": cells, "failed": one.num_failed})
    return rows


def _cautions(found: "dict[str, Prediction]") -> list[str]:
    """Why courses lie outside what was fitted, said once for all that share the reason."""
    reasons: dict[str, list[str]] = {}
    for course, one in found.items():
        for text in (*one.out_of_range, *one.failures):
            reasons.setdefault(text, []).append(course)
    return [
        text if len(courses) == len(found) else f"{', '.join(courses)}: {text}"
        for text, courses in reasons.items()
    ]


def _significant(value: Any, digits: int = 3) -> str:
    """A number with a few significant digits, without powers of ten where they can be avoided."""
    if value is None or value != value:
        return "–"
    number = float(value)
    if number == 0:
        return "0"
    if 1e-3 <= abs(number) < 1e5:
        text = f"{number:.{digits}g}"
        return text if "e" not in text else f"{number:.0f}"
    return f"{number:.{digits - 1}e}"
