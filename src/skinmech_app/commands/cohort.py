"""`skinmech cohort`: many virtual patients by many protocols, on this machine or a cluster."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import Json

if TYPE_CHECKING:
    from skinmech_calibration.cohorts import Progress

EXAMPLE = "Example: skinmech cohort cohort.toml -o cohort.h5"


def cohort(
    file: Annotated[
        Path, typer.Argument(help="A file with [cohort], see docs/cohorts.md, or a study file.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="The .h5 file to write.")],
    patients: Annotated[
        int | None,
        typer.Option("--patients", metavar="COUNT", help="Instead of the file's number.", min=1),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="NUMBER", help="Instead of the file's.", min=0)
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", metavar="COUNT", help="Default one for each core.", min=1),
    ] = None,
    chunk: Annotated[
        int | None,
        typer.Option("--chunk", metavar="COUNT", help="Patients kept at a time.", min=1),
    ] = None,
    shard: Annotated[
        str, typer.Option("--shard", metavar="I/N", help="Only the I-th of N parts: job arrays.")
    ] = "",
    merge: Annotated[
        bool, typer.Option("--merge", help="Only join the parts that shards have left.")
    ] = False,
    engine: Annotated[
        str, typer.Option("--engine", metavar="WORD", help="threads (default) or dask.")
    ] = "threads",
    scheduler: Annotated[
        str,
        typer.Option("--scheduler", metavar="ADDRESS", help="Of a running dask scheduler."),
    ] = "",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an output of another cohort.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Simulate virtual patients under every protocol of a file.

    A run that was stopped goes on when it is started again. The same seed gives the same numbers
    whatever the chunks, workers, shards or machines of one kind.
    """
    from ..failures import USAGE, Problem, Problems, UserError

    problems = Problems()
    if output.suffix not in (".h5", ".hdf5"):
        problems.add("bad_option", "Unsupported kind of output.", where="--output",
                     found=output.suffix or "no ending", expected=".h5")  # fmt: skip
    if engine not in ("threads", "dask"):
        problems.add("bad_option", f"Unrecognized engine: '{engine}'.", where="--engine",
                     expected="threads or dask")  # fmt: skip
    if scheduler and engine != "dask":
        problems.add("bad_option", "Only dask has a scheduler.", where="--scheduler",
                     fix="add --engine dask")  # fmt: skip
    part = _shard(shard, problems)
    if part and merge:
        problems.add("bad_option", "Either a shard or the merging.", where="--merge")
    problems.raise_if_any(USAGE)
    from ..runtime import set_up

    set_up()
    from skinmech_calibration.cohorts import CohortError, merge_cohort, run_cohort
    from skinmech_calibration.cohorts.result import identity_of

    from ..terminal import progress, working

    if merge:
        merge_cohort(output)
        _tell(output, as_json)
        return
    from ..cohort_file import plan_of, read_cohort

    asked = read_cohort(file, patients, seed)
    with working("building the model"):
        plan = plan_of(asked)
        identity = plan.identity()
    if output.exists() and identity_of(output) != identity:
        if not overwrite:
            raise UserError(
                Problem("file_exists", "The output is there already, of another cohort.",
                        output.name, fix="name another file, or add --overwrite"), USAGE
            )  # fmt: skip
        output.unlink()
    with _executor(engine, scheduler, workers) as executor, progress("patients") as report:
        try:
            written = run_cohort(
                plan, output, executor=executor, shard=part, size=chunk,
                progress=lambda one: report(one.done, one.total, _remark(one)),
            )  # fmt: skip
        except CohortError as error:
            raise UserError(Problem("cohort", str(error), output.name)) from error
    if written is None:
        typer.echo(f"shard {shard} is done; others are missing before {output} can be written")
        return
    _tell(output, as_json)


def _shard(text: str, problems: Any) -> tuple[int, int] | None:
    if not text:
        return None
    number, _, count = text.partition("/")
    if number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count):
        return int(number), int(count)
    problems.add("bad_option", "Unable to read the shard.", where="--shard", found=text[:16],
                 expected="such as 3/8, from 1/8 to 8/8")  # fmt: skip
    return None


def _executor(engine: str, scheduler: str, workers: int | None) -> Any:
    from skinmech_calibration.executors import DaskExecutor, ThreadExecutor

    if engine == "dask":
        return DaskExecutor(scheduler or None, workers)
    return ThreadExecutor(workers)


def _remark(one: "Progress") -> str:
    if not one.rate or not one.left:
        return ""
    minutes = one.left / 60
    left = f"{one.left:.0f} s" if minutes < 2 else f"{minutes:.0f} min"
    return f"({one.rate:.3g} a second, {left if minutes < 120 else f'{minutes / 60:.1f} h'} left)"


def _tell(output: Path, as_json: bool) -> None:
    import numpy as np
    from rich.table import Table

    from skinmech_calibration.cohorts import open_cohort

    from ..terminal import print_json, stdout

    table = Table(title_justify="left")
    for heading in ("protocol", "day", "simulated", "observable", "median", "5 %", "95 %"):
        table.add_column(heading)
    rows = []
    with open_cohort(output) as found:
        for therapy in found.therapies:
            good, day = int(found.is_ok(therapy).sum()), float(found.days(therapy)[-1])
            for name in found.units:
                values = found.at(therapy, name, day)
                values = values[np.isfinite(values)]
                low, middle, high = (
                    np.percentile(values, [5, 50, 95]) if values.size else [np.nan] * 3
                )
                rows.append({"protocol": therapy, "day": day, "simulated": good,
                             "observable": name, "unit": found.units[name],
                             "median": float(middle), "low": float(low),
                             "high": float(high)})  # fmt: skip
                table.add_row(therapy, f"{day:g}", f"{good} of {found.count}", name,
                              f"{middle:.4g}", f"{low:.4g}", f"{high:.4g}")  # fmt: skip
        failed = len({index for index, _, _ in found.failures()})
        if as_json:
            print_json({"patients": found.count, "failed": failed, "rows": rows,
                        "output": output.name})  # fmt: skip
            return
    stdout().print(table)
    if failed:
        typer.echo(f"{failed} patients could not be simulated; why is in the file, failures/reason")
    typer.echo(f"written: {output}")
