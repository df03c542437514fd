"""`skinmech sample`: draws of the posterior by the no-U-turn sampler, resumable."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .common import Json, refuse_overwrite

if TYPE_CHECKING:
    from skinmech_calibration import Samples

EXAMPLE = "Example: skinmech sample problem.yaml -o posterior.nc (the same again goes on)"


def sample(
    problem: Annotated[Path, typer.Argument(help="A study file, or a PEtab problem (.yaml).")],
    fit: Annotated[
        Path | None, typer.Option("--fit", help="The fit of the study, by skinmech fit.")
    ] = None,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="NetCDF for ArviZ (InferenceData).")
    ] = Path("posterior.nc"),
    draws: Annotated[int, typer.Option("--draws", help="Kept draws of a chain.", min=4)] = 1000,
    tune: Annotated[int, typer.Option("--tune", help="Warm-up of a chain.", min=20)] = 500,
    chains: Annotated[int, typer.Option("--chains", help="How many.", min=2)] = 4,
    seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", help="Of the draws.")] = 0,
    starts: Annotated[
        int, typer.Option("--starts", metavar="COUNT", help="Search a PEtab optimum first.", min=0)
    ] = 0,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the output.")] = False,
    as_json: Json = False,
) -> None:
    """Draw from the posterior, with R-hat, effective draws and divergences.

    The coupled model takes a second or more for each gradient, and a draw needs several: expect
    days. Culture models and PEtab problems take minutes.
    """
    from ..targets import target_of
    from ..terminal import note, print_json, progress, working

    refuse_overwrite(output, overwrite)
    checkpoint = output.with_name(output.name + ".checkpoint")
    with working("building the problem"):
        target = target_of(problem, fit, starts)
    from skinmech_calibration import sample as draw

    if checkpoint.exists():
        note(f"going on from {checkpoint.name}")
    with progress("sampling") as report:
        found = draw(
            target.objective, draws=draws, tune=tune, chains=chains, seed=seed, at=target.optimum,
            checkpoint=checkpoint,
            progress=lambda told: report(told.done, told.total, f"{told.divergent} diverged"),
        )  # fmt: skip
    found.save(output)
    checkpoint.unlink(missing_ok=True)
    if as_json:
        print_json({"posterior": str(output), "parameters": found.summary(),
                    "num_divergent": found.num_divergent, "warnings": found.warnings})  # fmt: skip
        return
    _tell(found, output)


def _tell(found: "Samples", output: Path) -> None:
    from rich.table import Table

    from ..terminal import stdout

    table = Table(title="Posterior (declared units)", title_justify="left")
    for heading in ("parameter", "median", "from", "to", "R-hat", "ESS"):
        table.add_column(heading, justify="left" if heading == "parameter" else "right")
    for row in found.summary():
        low, high = row["interval"]
        table.add_row(row["name"], f"{row['median']:.4g}", f"{low:.4g}", f"{high:.4g}",
                      f"{row['rhat']:.3f}", f"{row['ess']:.0f}")  # fmt: skip
    stdout().print(table)
    for text in found.warnings:
        typer.echo(f"beware: {text}")
    typer.echo(f"written: {output} (arviz.from_netcdf reads it)")
