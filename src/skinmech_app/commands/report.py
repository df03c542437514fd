"""`skinmech report`: one page that shows a fit, its forecasts and where they come from."""

from pathlib import Path
from typing import Annotated

import typer

from .common import Json

EXAMPLE = "Example: skinmech report fit.json -o report.html"


def report(
    fit: Annotated[Path, typer.Argument(help="A fit written by skinmech fit.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The page to write.")] = Path(
        "report.html"
    ),
    draws: Annotated[
        int,
        typer.Option("--draws", metavar="COUNT", help="Draws of the donor per therapy.", min=2),
    ] = 24,
    seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", help="Of the draws.")] = 0,
    as_json: Json = False,
) -> None:
    """Write one self-contained page: fit, depth profiles, forecasts, parameters, provenance."""
    from .. import fit_file
    from ..report import build_report
    from ..terminal import print_json

    content = fit_file.load(fit)
    page, found = build_report(content, output, draws=draws, seed=seed)
    if as_json:
        print_json({"report": str(page), "courses": list(found)})
        return
    typer.echo(f"written: {page} (open it in any browser; nothing is loaded from elsewhere)")
