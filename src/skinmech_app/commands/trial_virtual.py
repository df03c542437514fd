"""`skinmech trial simulate` and `skinmech trial control`: trials and arms that were not run."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import Json, refuse_overwrite
from .trial import Overwrite, Population, Seed, _write, app

if TYPE_CHECKING:
    from skinmech_calibration.trial.virtual import PowerRow, VirtualTrials


@app.command(epilog="Example: skinmech trial simulate trial.toml -o trial.csv")
def simulate(
    file: Annotated[Path, typer.Argument(help="The design of a trial, see docs/cohorts.md.")],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", help="A .csv file (power goes beside it), or one .h5 file."),
    ],
    population: Population = None,
    trials: Annotated[
        int | None,
        typer.Option("--trials", metavar="COUNT", help="Instead of the file's number.", min=20),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="NUMBER", help="Instead of the file's.", min=0)
    ] = None,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Run a trial many times before it is run: endpoints by week, and power against its size.

    Patients are randomised in blocks within strata, leave, are rescued and imputed as the file
    says. Intervals of the endpoints hold the uncertainty of the population's parameters; power is
    told at the best parameters and over that uncertainty (assurance).
    """
    from ..failures import USAGE, Problem, UserError

    if output.suffix not in (".csv", ".h5"):
        raise UserError(
            Problem("bad_option", "Unsupported kind of output.", "--output",
                    output.suffix or "no ending", ".csv or .h5"), USAGE
        )  # fmt: skip
    beside = output.with_name(f"{output.stem}-power.csv")
    refuse_overwrite(output, overwrite)
    if output.suffix == ".csv":
        refuse_overwrite(beside, overwrite)
    from ..runtime import set_up

    set_up()
    from skinmech_calibration.trial import load_population
    from skinmech_calibration.trial.virtual import power_curve, simulate_trials

    from ..terminal import print_json, progress, working
    from ..trial_file import read_trial

    asked = read_trial(file)
    count, start = trials or asked.trials, asked.seed if seed is None else seed
    chosen = None if population is None else load_population(population)
    with working(f"simulating {count} trials"):
        found = simulate_trials(asked.design, chosen, trials=count, seed=start)
    sizes, curve = asked.sizes or (asked.design.size,), []
    with progress("power") as report:
        for uncertain in (False, True):
            curve += power_curve(
                asked.design, sizes, chosen, trials=count, seed=start + 1,
                with_uncertainty=uncertain,
                progress=lambda done, total: report(done, total, ""),
            )  # fmt: skip
    if output.suffix == ".csv":
        _write(output, _columns(found.rows))
        _write(beside, _columns(curve))
    else:
        _write_image(output, asked, found, curve, start)
    if as_json:
        print_json({"trial": asked.trial_id, "rows": [dataclasses.asdict(r) for r in found.rows],
                    "power": [dataclasses.asdict(r) for r in curve],
                    "new_drugs": found.new_drugs})  # fmt: skip
        return
    _tell(found, curve)
    typer.echo(f"written: {output}")
    if output.suffix == ".csv":
        typer.echo(f"written: {beside}")


@app.command(epilog="Example: skinmech trial control single_arm.csv -o control.csv")
def control(
    arms: Annotated[
        Path,
        typer.Argument(
            help="A table of single arms as trial predict takes it, with the column value."
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="The .csv file to write.")],
    population: Population = None,
    draws: Annotated[
        int, typer.Option("--draws", metavar="COUNT", help="Draws of the population.", min=8)
    ] = 64,
    seed: Seed = 0,
    overwrite: Overwrite = False,
) -> None:
    """Give single arms the control arm they did not have.

    The same disease, background treatment, week and number of patients, under placebo. Intervals
    hold the uncertainty of the population's parameters.
    """
    refuse_overwrite(output, overwrite)
    from ..runtime import set_up

    set_up()
    from skinmech_calibration.trial import load_population, read_arms
    from skinmech_calibration.trial.virtual import virtual_control

    from ..terminal import working

    rows = read_arms(arms)
    chosen = None if population is None else load_population(population)
    with working(f"predicting the controls of {len(rows)} lines"):
        found = virtual_control(rows, chosen, draws=draws, seed=seed)
    _write(output, found.table())
    typer.echo(f"written: {output}")


def _columns(rows: Any) -> dict[str, list[Any]]:
    names = [field.name for field in dataclasses.fields(rows[0])]
    return {name: [_shown(getattr(row, name)) for row in rows] for name in names}


def _shown(value: Any) -> Any:
    return f"{value:.4g}" if isinstance(value, float) else value


def _write_image(
    path: Path, asked: Any, found: "VirtualTrials", curve: "list[PowerRow]", seed: int
) -> None:
    import numpy as np

    from skinmech_calibration.cohorts.sealed import sealed_image

    from ..files import write_whole
    from ..runtime import versions

    def fill(file: Any) -> None:
        file.attrs["kind"], file.attrs["trial"], file.attrs["seed"] = (
            "skinmech trial", asked.trial_id, seed,
        )  # fmt: skip
        for name, text in versions().items():
            file.attrs[f"version {name}"] = text
        for group, rows in (("endpoints", found.rows), ("power", curve)):
            for field in dataclasses.fields(rows[0]):
                values = [getattr(row, field.name) for row in rows]
                text = isinstance(values[0], str)
                file[f"{group}/{field.name}"] = (
                    np.array([one.encode() for one in values]) if text else np.array(values)
                )
        file["trials/p_value"], file["trials/difference"] = found.p_values, found.difference

    write_whole(path, sealed_image(fill))


def _tell(found: "VirtualTrials", curve: "list[PowerRow]") -> None:
    from rich.table import Table

    from ..terminal import stdout

    design = found.design
    table = Table(title=f"{design.endpoint} in week {design.week:g}", title_justify="left")
    for heading in ("arm", "patients", "missing", "mean", "95 % of trials"):
        table.add_column(heading, justify="left" if heading == "arm" else "right")
    for row in found.rows:
        if row.endpoint == design.endpoint and row.week == design.week:
            table.add_row(row.arm, f"{row.patients:.0f}", f"{row.missing:.0f} %",
                          f"{row.mean:.1f} %", f"{row.low:.1f} to {row.high:.1f} %")  # fmt: skip
    stdout().print(table)
    table = Table(title="Power against the first arm", title_justify="left")
    for heading in ("arm", "patients in all", "power", "95 %", "parameters"):
        table.add_column(heading, justify="left" if heading == "arm" else "right")
    for row in curve:
        table.add_row(row.arm, f"{row.patients}", f"{row.power:.2f}",
                      f"{row.low:.2f} to {row.high:.2f}",
                      "drawn" if row.with_uncertainty else "best")  # fmt: skip
    stdout().print(table)
    for name in found.new_drugs:
        typer.echo(f"not in the fit: {name} is predicted from target, affinity and exposure alone")
