"""`skinmech compare`: which of several therapies for the donor of a fit, and how sure we are."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .common import Json, Weeks

if TYPE_CHECKING:
    from skinmech_calibration.compare import Comparison

    from ..study import Forecast

EXAMPLE = (
    "Example: skinmech compare fit.json --drug dupilumab --drug upadacitinib --margin 2 "
    "--plot choice.svg"
)


def compare(
    fit: Annotated[Path, typer.Argument(help="A fit written by skinmech fit or update.")],
    drug: Annotated[
        list[str],
        typer.Option(
            "--drug",
            metavar="NAME[: REGIMEN]",
            help='A therapy; "A + B" gives two together, "none" nothing. Two or more.',
        ),
    ] = [],  # noqa: B006
    outcome: Annotated[
        str, typer.Option("--outcome", metavar="NAME", help="Observable; default the score.")
    ] = "",
    weeks: Weeks = 16.0,
    margin: Annotated[
        float, typer.Option("--margin", help="Smallest difference that matters.", min=0.0)
    ] = 0.0,
    larger: Annotated[
        bool | None,
        typer.Option("--larger-is-better/--smaller-is-better", help="If not the usual."),
    ] = None,
    draws: Annotated[
        int, typer.Option("--draws", metavar="COUNT", help="Draws of the donor.", min=2)
    ] = 64,
    seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", help="Of the draws.")] = 0,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A .json file with all numbers.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw the decision, .svg or .png.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare therapies for a fitted donor: difference, chance of being better, regret."""
    import json

    from skinmech_calibration.compare import compare as compare_predictions

    from .. import fit_file
    from ..failures import USAGE, Problems
    from ..files import write_whole
    from ..forecasting import SCORES, forecast_all, posterior_of
    from ..terminal import plain, print_json

    problems = Problems()
    if len(set(drug)) < 2:
        problems.add("bad_option", "Fewer than two therapies to compare.", where="--drug",
                     found=str(len(set(drug))), expected="two or more",
                     fix="--drug dupilumab --drug upadacitinib")  # fmt: skip
    if output is not None and output.suffix != ".json":
        problems.add("bad_option", "Unsupported kind of output.", where="--output",
                     found=output.suffix or "no ending", expected=".json")  # fmt: skip
    problems.raise_if_any(USAGE)
    content = fit_file.load(fit)
    name = outcome or SCORES[content["donor"]["disease"]][0]
    courses = [_course(text, weeks) for text in dict.fromkeys(drug)]
    found = forecast_all(content, courses, [name], draws=draws, seed=seed)
    told = compare_predictions(
        found, name, posterior=posterior_of(content), margin=margin, is_larger_better=larger
    )
    if output is not None:
        write_whole(output, json.dumps(plain(told.to_dict()), allow_nan=False, indent=1))
    if plot is not None:
        from ..plots.comparison import draw_comparison
        from ..plots.style import save

        save(draw_comparison(told), plot)
    if as_json:
        print_json(told.to_dict())
        return
    _tell(told)
    for path in (output, plot):
        if path is not None:
            typer.echo(f"written: {path}")


def _course(text: str, weeks: float) -> "Forecast":
    from ..study import Forecast, TreatmentLine

    if text.strip().lower() == "none":
        return Forecast("no treatment", (), weeks)
    parts = [one.partition(":") for one in text.split(" + ")]
    lines = tuple(TreatmentLine(name.strip(), words.strip()) for name, _, words in parts)
    return Forecast(" + ".join(line.words for line in lines), lines, weeks)


def _tell(told: "Comparison") -> None:
    from rich.table import Table

    from ..terminal import stdout

    title = f"{told.observable} in week {told.day / 7:g}"
    table = Table(title=f"{title}: first minus second", title_justify="left")
    for heading in ("first", "second", "median", "90 % from", "to", "first better", "second"):
        table.add_column(heading, justify="left" if heading in ("first", "second") else "right")
    for pair in told.pairs:
        low, high = pair.interval()
        table.add_row(pair.first, pair.second, f"{pair.median:.3g}", f"{low:.3g}", f"{high:.3g}",
                      f"{100 * pair.probability:.0f} %",
                      f"{100 * pair.probability_worse:.0f} %")  # fmt: skip
    stdout().print(table)
    if told.margin:
        typer.echo(f"better: by more than {told.margin:g}")
    for name in sorted(told.regret, key=lambda one: told.regret[one]):
        typer.echo(f"{name}: expected regret {told.regret[name]:.3g}, "
                   f"best with {100 * told.best[name]:.0f} %")  # fmt: skip
    for text in told.cautions:
        typer.echo(f"beware: {text}")
