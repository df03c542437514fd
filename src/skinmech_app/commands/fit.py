"""`skinmech fit`: one set of donor parameters that explains chips and clinic together."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import Json, StudyFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from skinmech_calibration import FitResult, Prediction

    from ..study import Study
    from ..terminal import Report

EXAMPLE = "Example: skinmech fit study.toml -o fit.json (the same again goes on where it stopped)"


def fit(
    study: StudyFile,
    output: Annotated[Path, typer.Option("-o", "--output", help="The fit to write.")] = Path(
        "fit.json"
    ),
    starts: Annotated[
        int | None,
        typer.Option("--starts", metavar="COUNT", help="Starts, instead of the file's.", min=1),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="NUMBER", help="Seed, instead of the file's.")
    ] = None,
    iterations: Annotated[
        int, typer.Option("--iterations", metavar="COUNT", help="Most steps of a start.", min=1)
    ] = 25,
    draws: Annotated[
        int,
        typer.Option("--draws", metavar="COUNT", help="Draws for the bands of the fit.", min=2),
    ] = 12,
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin anew instead of going on.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Fit a donor's parameters to chip and clinical data; interrupt with Ctrl-C, run to resume."""
    import dataclasses

    from .. import fit_file, study as studies
    from ..terminal import note

    began = time.monotonic()
    loaded = studies.load(study)
    plan = dataclasses.replace(
        loaded.fit,
        starts=starts or loaded.fit.starts,
        seed=loaded.fit.seed if seed is None else seed,
    )
    loaded = dataclasses.replace(loaded, fit=plan)
    checkpoint = output.with_name(output.name + ".checkpoint")
    if restart:
        checkpoint.unlink(missing_ok=True)
    result, curves = run(loaded, checkpoint, iterations, draws)
    if result.interrupted:
        note(f"interrupted; what was done is kept in {checkpoint.name}")
        note("the same command goes on from there; --restart begins anew")
        raise typer.Exit(130)
    content = fit_file.contents(loaded, result, curves, time.monotonic() - began)
    fit_file.save(content, output)
    checkpoint.unlink(missing_ok=True)
    _tell(result, content, output, as_json)
    if not result.is_converged:
        note("not converged: raise --iterations or --starts; the fit is saved all the same")
        raise typer.Exit(5)


def run(
    study: "Study", checkpoint: Path, iterations: int, draws: int
) -> "tuple[FitResult, dict[str, Prediction]]":
    """Fit, then the curves with bands for every experiment (none if interrupted)."""
    from ..runtime import model
    from ..terminal import note, progress, working

    with working("building the model and the problem"):
        skin = model()
        from skinmech_calibration import fit as calibrate

        from ..assemble import problem_of

        problem = problem_of(study, skin)
    for one in problem.experiments:
        note(f"{one.name}: {one.num_informative} values ({one.setting.kind})")
        for text in one.notes:
            note(f"  {text}")
    if checkpoint.exists():
        note(f"going on from {checkpoint.name}")
    with progress("fitting") as report:
        try:
            result = calibrate(
                problem, starts=study.fit.starts, max_iterations=iterations, seed=study.fit.seed,
                checkpoint=checkpoint, progress=progress_of(report),
            )  # fmt: skip
        except KeyboardInterrupt:
            note("interrupted before the first step was done; nothing to keep")
            raise typer.Exit(130) from None
    if result.interrupted:
        return result, {}
    with working("drawing bands of the fit"):
        return result, curves_of(result, draws)


def progress_of(report: "Report") -> "Callable[[Any], None]":
    """What a fit calls after each round: how far it is."""

    def on_round(told: Any) -> None:
        done = told.num_starts - told.num_running
        report(done, told.num_starts, f"starts done, best cost {told.best_cost:.2f}")

    return on_round


def curves_of(result: "FitResult", draws: int) -> "dict[str, Prediction]":
    """Predictions for every experiment, at even times, of what was observed in it."""
    import numpy as np

    from skinmech_calibration import predict

    from ..fit_file import CURVE_POINTS

    found = {}
    for one in result.problem.experiments:
        times = np.linspace(0.0, one.protocol.days, CURVE_POINTS)
        names = list(dict.fromkeys(o.observable for o in one.observations))
        found[one.name] = predict(
            result.posterior, one.protocol, one.setting, names, list(times), draws=draws,
            seed=result.problem.num_data, start=one.start, experiment=one.name, weight=one.weight,
        )  # fmt: skip
    return found


def _tell(result: "FitResult", content: dict[str, Any], output: Path, as_json: bool) -> None:
    from ..report.misfit import sentences
    from ..terminal import print_json

    if as_json:
        keys = ("cost", "data_cost", "num_data", "is_converged", "at_bounds", "num_agreeing",
                "undetermined", "parameters")  # fmt: skip
        print_json({"fit": str(output), "values": result.values,
                    "misfit": sentences(content["experiments"]),
                    **{key: content[key] for key in keys}})  # fmt: skip
        return
    from rich.table import Table

    from ..terminal import stdout

    console = stdout()
    table = Table(title="Starts, best first", title_justify="left")
    for heading in ("start", "cost", "steps", "converged", "why it ended"):
        table.add_column(heading, justify="right" if heading in ("cost", "steps") else "left")
    for start in result.starts:
        table.add_row(start.label, f"{start.cost:.3f}", str(start.num_iterations),
                      "yes" if start.is_converged else "no", start.reason)  # fmt: skip
    console.print(table)
    table = Table(title="Parameters (posterior median, 95 % interval)", title_justify="left")
    for heading in ("parameter", "unit", "prior", "value", "from", "to", "learned"):
        side = "left" if heading in ("parameter", "unit") else "right"
        table.add_column(heading, no_wrap=heading == "parameter", justify=side)
    for row in content["parameters"]:
        low, high = row["interval"]
        table.add_row(row["name"], row["unit"], f"{row['prior']:.3g}", f"{row['value']:.3g}",
                      f"{low:.3g}", f"{high:.3g}", f"{100 * row['contraction']:.0f} %")  # fmt: skip
    console.print(table)
    for text in content["undetermined"]:
        typer.echo(f"open: {text}")
    for text in sentences(content["experiments"]):
        typer.echo(f"misfit: {text}")
    typer.echo(f"written: {output} (next: skinmech report {output} -o report.html)")
