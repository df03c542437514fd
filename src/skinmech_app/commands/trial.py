"""`skinmech trial`: predict arms of trials, forecast patients of a cohort, fit the population."""

from pathlib import Path
from typing import Annotated, Any

import typer

from .common import Json, refuse_overwrite

app = typer.Typer(
    name="trial",
    no_args_is_help=True,
    help="Trials: predict arms, forecast patients, fit the population behind them.",
)
Population = Annotated[
    Path | None,
    typer.Option("--population", help="A population written by trial fit; default the shipped."),
]
Output = Annotated[Path, typer.Option("-o", "--output", help="The .csv file to write.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the output.")]
Seed = Annotated[int, typer.Option("--seed", metavar="NUMBER", help="Of the draws.")]


@app.command(epilog="Example: skinmech trial predict arms.csv -o predictions.csv")
def predict(
    arms: Annotated[
        Path,
        typer.Argument(
            help="A table with the columns study, disease, drug, dose, regimen, background, "
            "week, endpoint, n, baseline."
        ),
    ],
    output: Output = Path("predictions.csv"),
    population: Population = None,
    draws: Annotated[
        int, typer.Option("--draws", metavar="COUNT", help="Draws of the population.", min=8)
    ] = 256,
    seed: Seed = 0,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Predict what trials report, in per cent, with intervals that a new trial should hit.

    The lines come back with mean, lo80, hi80, lo95 and hi95. Drugs act by exposure, affinity and
    target; none has an efficacy number.
    """
    refuse_overwrite(output, overwrite)
    from ..runtime import set_up

    set_up()
    from skinmech_calibration.trial import load_population, predict_arms, read_arms

    from ..terminal import print_json, working

    rows = read_arms(arms)
    chosen = None if population is None else load_population(population)
    with working(f"predicting {len(rows)} lines"):
        found = predict_arms(rows, chosen, draws=draws, seed=seed)
    table = found.table()
    _write(output, table)
    if as_json:
        print_json({"rows": len(rows), "new_drugs": found.new_drugs, "output": output.name})
        return
    for name in found.new_drugs:
        typer.echo(f"not in the fit: {name} is predicted from target, affinity and exposure alone")
    typer.echo(f"written: {output}")


@app.command(
    epilog="Example: skinmech trial forecast patients.csv --observed-until 3 -o forecast.csv"
)
def forecast(
    patients: Annotated[
        Path,
        typer.Argument(
            help="Weekly PASI and doses of patients under narrow-band UVB, with the columns "
            "patient_id, set, variable, week, value."
        ),
    ],
    observed_until: Annotated[
        float, typer.Option("--observed-until", metavar="WEEK", help="Last week looked at.", min=0)
    ] = 3,
    last_week: Annotated[
        int, typer.Option("--last-week", metavar="WEEK", help="How far to look ahead.", min=1)
    ] = 10,
    output: Output = Path("forecast.csv"),
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Forecast every patient's weekly PASI from the first weeks.

    The other patients of the table tell how courses go: all their weeks where they have them.
    Later weeks of the patient that is forecast are never looked at.
    """
    refuse_overwrite(output, overwrite)
    from skinmech_calibration.trial.courses import forecast_table

    from ..terminal import print_json

    table = forecast_table(patients, observed_until=observed_until, last_week=last_week)
    _write(output, table)
    count = len(set(table["patient_id"]))
    if as_json:
        print_json({"patients": count, "rows": len(table["week"]), "output": output.name})
        return
    typer.echo(f"{count} patients forecast\nwritten: {output}")


@app.command(epilog="Example: skinmech trial fit data/clinical -o population.json")
def fit(
    tables: Annotated[
        Path, typer.Argument(help="A folder with the tables of open arms (docs/trials.md).")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="The .json file to write.")],
    overwrite: Overwrite = False,
) -> None:
    """Fit the population to open trials; a stopped fit goes on where it was."""
    refuse_overwrite(output, overwrite)
    from ..runtime import set_up, versions

    set_up()
    from skinmech_calibration.trial import PopulationProblem, open_arms

    from ..terminal import note

    rows = open_arms(tables)
    problem = PopulationProblem(rows)
    checkpoint = output.with_suffix(".checkpoint.json")
    provenance = {"tables": _sources(tables), "versions": versions()}
    found = problem.fit(
        checkpoint=checkpoint,
        provenance=provenance,
        progress=lambda step, cost: note(f"step {step}, cost {cost:.2f}"),
    )
    found.save(output)
    checkpoint.unlink(missing_ok=True)
    typer.echo(f"{len(rows)} lines of {len(problem.layout.drugs)} drugs\nwritten: {output}")


def _sources(folder: Path) -> dict[str, str]:
    """Name and sha256 of every table."""
    import hashlib

    from skinmech_calibration.trial.open_tables import TABLES

    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in TABLES}


def _write(path: Path, table: dict[str, list[Any]]) -> None:
    """The table as it is: columns of the user's own file are given back unchanged."""
    import csv
    import io

    from ..files import write_whole

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(zip(*table.values(), strict=True))
    write_whole(path, text.getvalue())
