"""`skinmech sensitivity`: which free parameters move an output, over the whole prior."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .common import Json

if TYPE_CHECKING:
    from skinmech_calibration import Sensitivity

    from ..targets import Target

EXAMPLE = "Example: skinmech sensitivity study.toml --fit fit.json --output-of easi --method morris"


def sensitivity(
    problem: Annotated[Path, typer.Argument(help="A study file, or a PEtab problem (.yaml).")],
    fit: Annotated[
        Path | None, typer.Option("--fit", help="The fit of the study, by skinmech fit.")
    ] = None,
    output_of: Annotated[
        list[str],
        typer.Option("--output-of", metavar="NAME", help="Observable. Repeatable; all if none."),
    ] = [],  # noqa: B006  # read only
    method: Annotated[str, typer.Option("--method", help="sobol or morris.")] = "morris",
    size: Annotated[
        int, typer.Option("--size", help="Base rows (sobol) or trajectories (morris).", min=4)
    ] = 16,
    seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", help="Of the design.")] = 0,
    as_json: Json = False,
) -> None:
    """Global sensitivity of what was measured last to each free parameter."""
    from ..targets import target_of
    from ..terminal import plain, print_json, progress, working

    with working("building the problem"):
        target = target_of(problem, fit)
    from skinmech_calibration import sensitivity as analyse

    run = _outputs(target, output_of)
    with progress("runs") as report:
        found = analyse(
            target.objective, run, method=method, size=size, seed=seed,
            progress=lambda done, total: report(done, total, ""),
        )  # fmt: skip
    if as_json:
        import dataclasses

        print_json([plain(dataclasses.asdict(one)) for one in found])
        return
    for one in found:
        _tell(one)


def _outputs(target: "Target", names: list[str]):
    from skinmech_calibration import petab_outputs, skin_outputs

    objective = target.objective
    if not target.is_petab:
        from skinmech_calibration import SkinObjective

        assert isinstance(objective, SkinObjective)
        return skin_outputs(objective.problem, names)
    from skinmech_calibration.interchange import PetabObjective

    assert isinstance(objective, PetabObjective)
    frame = objective.problem.tables.frame
    wanted = names or list(dict.fromkeys(frame["observableId"]))
    at = []
    for name in wanted:
        times = frame.loc[frame["observableId"] == name, "time"]
        at.append((name, float(times.max()) if len(times) else 0.0))
    return petab_outputs(objective, at)


def _tell(one: "Sensitivity") -> None:
    from rich.table import Table

    from ..terminal import stdout

    is_sobol = one.method == "sobol"
    table = Table(title=one.output, title_justify="left")
    for heading in ("parameter", "alone" if is_sobol else "mean effect",
                    "in all" if is_sobol else "mean size", "± 95 %"):  # fmt: skip
        table.add_column(heading, justify="left" if heading == "parameter" else "right")
    for name in one.ranking:
        i = one.names.index(name)
        table.add_row(name, f"{one.first[i]:.3g}", f"{one.total[i]:.3g}", f"{one.error[i]:.2g}")
    stdout().print(table)
    if one.num_failed:
        typer.echo(f"beware: {one.num_failed} of {one.num_runs} runs failed and were left out")
