"""How every figure looks: colour-blind palette, plain axes, units on labels, safe output."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..failures import USAGE, Problem, UserError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's palette, distinguishable with every common colour vision deficiency.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5A5A5A", "#000000")
MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")
DATA = "#222222"

_RC = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#666666",
    "axes.labelcolor": "#222222",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.7,
    "xtick.color": "#444444",
    "ytick.color": "#444444",
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.8,
    "svg.fonttype": "path",
    "svg.hashsalt": "skinmech",
    "figure.dpi": 110,
    "savefig.dpi": 160,
    "figure.facecolor": "white",
}

LABELS = {
    "tewl": "Water loss (TEWL)",
    "teer": "TEER",
    "epidermal_thickness": "Viable epidermis",
    "corneum_thickness": "Stratum corneum",
    "easi": "EASI",
    "scorad": "SCORAD",
    "iga": "IGA",
    "itch_nrs": "Itch (NRS)",
    "pasi": "PASI",
    "filaggrin_fold": "Filaggrin",
    "loricrin_fold": "Loricrin",
    "CCL26_fold": "CCL26",
    "turnover_time": "Turnover time",
    "surface_ph": "Surface pH",
    "nmf": "Moisturising factor (NMF)",
    "corneum_water": "Water in the corneum",
    "melanin_index": "Melanin index",
    "erythema_index": "Erythema index",
    "drug_concentration": "Drug in blood",
}
_UNITS = {
    "g/m**2/hour": "g/m²/h",
    "g/m**2/h": "g/m²/h",
    "um": "µm",
    "ohm*cm**2": "Ω·cm²",
    "nmol/L": "nmol/L",
    "pg/mL": "pg/mL",
    "day": "days",
    "dimensionless": "",
}
_SCORES = {
    "teer": "Ω·cm²",
    "easi": "score, 0–72",
    "pasi": "score, 0–72",
    "scorad": "score, 0–103",
    "iga": "score, 0–4",
    "itch_nrs": "score, 0–10",
    "corneum_water": "g/g dry",
    "surface_ph": "pH",
    "nmf": "relative to healthy",
    "filaggrin_fold": "relative to healthy",
    "loricrin_fold": "relative to healthy",
    "CCL26_fold": "relative to unstimulated",
}


def label(observable: str) -> str:
    """A short name for people."""
    for prefix, words in (
        ("compartment_", " in effluent or dermis"),
        ("tissue_", " in the epidermis"),
        ("activity_", " activity"),
    ):
        if observable.startswith(prefix):
            return observable.removeprefix(prefix) + words
    return LABELS.get(observable, observable.replace("_", " "))


def unit(observable: str, declared: str) -> str:
    """A unit for people; scores say their range."""
    return _SCORES.get(observable) or _UNITS.get(declared, declared.replace("**2", "²")) or "–"


def axis_label(observable: str, declared: str) -> str:
    """Short name and unit of an axis; where it is measured stands in the title."""
    name = observable
    for prefix in ("compartment_", "tissue_", "activity_"):
        name = name.removeprefix(prefix)
    short = {"tewl": "TEWL", "itch_nrs": "Itch"}.get(name) or LABELS.get(name, name)
    return f"{short} [{unit(observable, declared)}]"


@contextmanager
def drawing() -> Iterator[Any]:
    """matplotlib's figure class under our style, without any window system.

    Raises:
        UserError: matplotlib is not installed.
    """
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UserError(
            Problem("extra_missing", "Figures need matplotlib, which is not installed.",
                    expected="the extra 'plot'", fix="pip install 'skinmech[plot]'"), USAGE
        ) from error  # fmt: skip
    with matplotlib.rc_context(_RC):
        yield Figure


def svg(figure: "Figure") -> str:
    """A figure as an inline SVG element, scalable and without a fixed date."""
    text = io.StringIO()
    with drawing():
        figure.savefig(text, format="svg", bbox_inches="tight", metadata={"Date": None})
    whole = text.getvalue()
    return whole[whole.index("<svg") :]


def save(figure: "Figure", path: str | Path) -> Path:
    """Write a figure as .svg, .png or .pdf, whole or not at all.

    Raises:
        UserError: another ending, or the disk is full.
    """
    from ..files import write_whole

    path = Path(path)
    kind = path.suffix.lstrip(".")
    if kind not in ("svg", "png", "pdf"):
        raise UserError(
            Problem("bad_option", "Unsupported kind of picture.", "",
                    path.suffix or "no ending", ".svg, .png or .pdf", "change the ending"), USAGE
        )  # fmt: skip
    image = io.BytesIO()
    metadata = {"Date": None} if kind == "svg" else None
    with drawing():
        figure.savefig(image, format=kind, bbox_inches="tight", metadata=metadata)
    return write_whole(path, image.getvalue())


def panels(figure_class: Any, count: int, columns: int = 3, height: float = 2.5) -> Any:
    """A figure with a tidy grid of axes; unused ones are removed.

    Returns:
        The figure and the axes in order.
    """
    columns = max(1, min(columns, count))
    rows = -(-count // columns)
    figure = figure_class(figsize=(3.35 * columns, height * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for spare in axes[count:]:
        spare.remove()
    return figure, list(axes[:count])


def week_axis(axis: Any, weeks: float) -> None:
    """Ticks on whole weeks, or days where the time is short."""
    step = next(s for s in (1, 2, 4, 8, 12, 26, 52) if weeks / s <= 8.001 or s == 52)
    ticks = [step * i for i in range(int(weeks / step) + 1)]
    axis.set_xticks(ticks)
    axis.set_xlim(-0.015 * weeks, weeks * 1.015)
    axis.set_xlabel("Time [weeks]")
