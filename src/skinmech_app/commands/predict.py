"""`skinmech predict`: what a therapy will do to the donor of a fit, with how sure we are."""

from pathlib import Path
from typing import Annotated, Any

import typer

from .common import Drug, Json, RegimenText, Weeks

EXAMPLE = "Example: skinmech predict fit.json --drug tralokinumab --weeks 16 -o out.csv"


def predict(
    fit: Annotated[Path, typer.Argument(help="A fit written by skinmech fit.")],
    drug: Drug = [],  # noqa: B006 - Typer copies it
    regimen: RegimenText = [],  # noqa: B006
    weeks: Weeks = 16.0,
    forecast: Annotated[
        str, typer.Option("--forecast", metavar="NAME", help="A [[forecast]] of the study file.")
    ] = "",
    observe: Annotated[
        list[str], typer.Option("--observe", metavar="NAME", help="Observable. Repeatable.")
    ] = [],  # noqa: B006
    draws: Annotated[
        int, typer.Option("--draws", metavar="COUNT", help="Draws of the donor.", min=2)
    ] = 24,
    seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", help="Of the draws.")] = 0,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A .csv or .json file with all bands.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw the bands, .svg or .png.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Predict a therapy for a fitted donor, with intervals; without --drug, no treatment."""
    from .. import fit_file
    from ..bridge import option_lines
    from ..failures import USAGE, Problem, UserError
    from ..forecasting import forecast_all
    from ..study import Forecast
    from ..terminal import print_json

    if output is not None and output.suffix not in (".csv", ".json"):
        raise UserError(
            Problem("bad_option", "Unsupported kind of output.", "--output",
                    output.suffix or "no ending", ".csv or .json"), USAGE
        )  # fmt: skip
    lines = option_lines(drug, regimen)
    content = fit_file.load(fit)
    if forecast:
        chosen = _named(content, forecast, bool(lines))
    else:
        words = ", ".join(line.words for line in lines) or "no treatment"
        chosen = Forecast(words, lines, weeks)
    name, weeks = chosen.name, chosen.weeks
    found = forecast_all(content, [chosen], observe, draws=draws, seed=seed)[name]
    if output is not None:
        _write(output, name, found, draws, seed)
    if plot is not None:
        from ..plots.forecast import draw_forecasts
        from ..plots.style import save

        save(draw_forecasts({name: found}), plot)
    if as_json:
        print_json({"therapy": name, "rows": found.to_rows(), "failed_draws": found.num_failed,
                    "out_of_range": found.out_of_range})  # fmt: skip
        return
    _tell(name, found, weeks)
    for path in (output, plot):
        if path is not None:
            typer.echo(f"written: {path}")


def _named(content: dict[str, Any], name: str, has_drugs: bool) -> Any:
    from ..failures import USAGE, Problem, UserError, nearest
    from ..fit_file import forecasts_of

    known = {one.name: one for one in forecasts_of(content)}
    if name in known and not has_drugs:
        return known[name]
    if has_drugs:
        problem = Problem("bad_option", "A forecast of the study file has its own treatments.",
                          "--forecast", expected="either --forecast or --drug",
                          fix="remove one of the two")  # fmt: skip
    else:
        problem = Problem("unknown_forecast", f"Unrecognized forecast: '{name}'.", "--forecast",
                          expected=nearest(name, known) if known else "none: the study names none",
                          fix="use a name of the study file as it was when fitted")  # fmt: skip
    raise UserError(problem, USAGE)


def _write(path: Path, name: str, found: Any, draws: int, seed: int) -> None:
    import json

    from ..files import write_whole
    from ..runtime import versions
    from ..tables import csv_text
    from ..terminal import plain

    rows = found.to_rows()
    if path.suffix == ".csv":
        write_whole(path, csv_text({key: [row[key] for row in rows] for key in rows[0]}))
        return
    whole = {"therapy": name, "draws": draws, "seed": seed, "failed_draws": found.num_failed,
             "out_of_range": found.out_of_range, "versions": versions(), "rows": rows}  # fmt: skip
    write_whole(path, json.dumps(plain(whole), allow_nan=False, indent=1))


def _tell(name: str, found: Any, weeks: float) -> None:
    from rich.table import Table

    from ..terminal import stdout

    table = Table(title=f"{name}, week {weeks:g} (median, 90 % interval)", title_justify="left")
    for heading in ("observable", "unit", "start", "end", "from", "to"):
        table.add_column(heading, justify="left" if heading in ("observable", "unit") else "right")
    for observable, unit in found.units.items():
        low, high = found.band(observable, 0.9)
        middle = found.median(observable)
        table.add_row(observable, unit, f"{middle[0]:.3g}", f"{middle[-1]:.3g}",
                      f"{low[-1]:.3g}", f"{high[-1]:.3g}")  # fmt: skip
    stdout().print(table)
    count = len(found.parameters)
    typer.echo(f"{count} draws" + (f", {found.num_failed} failed" if found.num_failed else ""))
    for text in found.out_of_range:
        typer.echo(f"beware: {text}")
