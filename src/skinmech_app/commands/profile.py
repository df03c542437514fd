"""`skinmech profile`: how far each parameter can go before the data object."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import Json, refuse_overwrite

if TYPE_CHECKING:
    from skinmech_calibration import Profile

EXAMPLE = "Example: skinmech profile study.toml --fit fit.json --parameter barrier.lipid_rate"


def profile(
    problem: Annotated[Path, typer.Argument(help="A study file, or a PEtab problem (.yaml).")],
    fit: Annotated[
        Path | None, typer.Option("--fit", help="The fit of the study, by skinmech fit.")
    ] = None,
    parameter: Annotated[
        list[str], typer.Option("--parameter", metavar="NAME", help="Repeatable; all if none.")
    ] = [],  # noqa: B006  # read only
    level: Annotated[
        float, typer.Option("--level", help="Confidence of the intervals.", min=0.01, max=0.999)
    ] = 0.95,
    data_only: Annotated[
        bool, typer.Option("--data-only", help="Leave the prior out: what the data say alone.")
    ] = False,
    starts: Annotated[
        int, typer.Option("--starts", metavar="COUNT", help="Search a PEtab optimum first.", min=0)
    ] = 0,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="JSON with every point.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the output.")] = False,
    as_json: Json = False,
) -> None:
    """Profile likelihoods: confidence intervals, and which parameters the data leave open."""
    from ..targets import target_of
    from ..terminal import note, plain, print_json, working

    if output is not None:
        refuse_overwrite(output, overwrite)
    with working("building the problem"):
        target = target_of(problem, fit, starts)
    target.check(parameter)
    from skinmech_calibration import profile as walk

    found = walk(
        target.objective, target.optimum, parameter or None, level=level,
        with_prior=not data_only, progress=lambda one: note(one.text),
    )  # fmt: skip
    rows = [row_of(one) for one in found]
    if output is not None:
        import json

        from ..files import write_whole

        write_whole(output, json.dumps(plain(rows), indent=1, allow_nan=False) + "\n")
    if as_json:
        print_json([{k: v for k, v in row.items() if k not in ("values", "costs")}
                    for row in rows])  # fmt: skip
        return
    for one in found:
        typer.echo(one.text)
    if output is not None:
        typer.echo(f"written: {output}")


def row_of(one: "Profile") -> dict[str, Any]:
    """A profile as plain values."""
    return {
        "name": one.name, "verdict": one.verdict, "low": one.low.value, "low_kind": one.low.kind,
        "high": one.high.value, "high_kind": one.high.kind, "threshold": one.threshold,
        "is_at_optimum": one.is_at_optimum, "values": one.values.tolist(),
        "costs": one.costs.tolist(),
    }  # fmt: skip
