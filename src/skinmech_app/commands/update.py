"""`skinmech update`: take new visits into a fit, one by one, and say which it cannot explain."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import Drug, Json, RegimenText, refuse_overwrite

if TYPE_CHECKING:
    from skinmech_calibration import Experiment, Taken

    from ..study import TreatmentLine

EXAMPLE = "Example: skinmech update fit.json visit.csv -o fit2.json"


def update(
    fit: Annotated[Path, typer.Argument(help="A fit written by skinmech fit or update.")],
    visit: Annotated[
        Path, typer.Argument(help="New values: week (since the course began), observable, value.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="The fit to write.")],
    course: Annotated[
        str, typer.Option("--course", metavar="NAME", help="A [[clinic]] of the study.")
    ] = "",
    drug: Drug = [],  # noqa: B006 - Typer copies it
    regimen: RegimenText = [],  # noqa: B006
    particles: Annotated[
        int, typer.Option("--particles", metavar="COUNT", help="Draws of the donor.", min=8)
    ] = 64,
    moves: Annotated[
        int, typer.Option("--moves", metavar="COUNT", help="Moves of each draw per step.", min=1)
    ] = 2,
    level: Annotated[
        float, typer.Option("--level", help="p below which a visit is unexplained.", min=0, max=1)
    ] = 0.01,
    seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", help="Of the draws.")] = 0,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the output.")] = False,
    as_json: Json = False,
) -> None:
    """Take new clinical values into a fit without fitting again; unexplained visits are named."""
    from .. import fit_file
    from ..bridge import option_lines
    from ..terminal import print_json, progress

    refuse_overwrite(output, overwrite)
    lines = option_lines(drug, regimen)
    content = fit_file.load(fit)
    name, lines = _course(content, course, lines)
    twin, visits = _read(content, visit, name, lines, particles, seed)
    told: list[Taken] = []
    days = sorted({o.time for o in visits.observations})
    import dataclasses

    with progress("taking in visits") as report:
        for number, day in enumerate(days):
            report(number, len(days), f"day {day:g}")
            of_day = tuple(o for o in visits.observations if o.time == day)
            twin, one = twin.take_in(
                dataclasses.replace(visits, observations=of_day), level=level, seed=seed + number,
                moves=moves,
            )  # fmt: skip
            told.append(one)
        report(len(days), len(days), "")
    rows = _rows(name, told)
    fit_file.save(_content(content, twin, name, lines, rows, visit), output)
    if as_json:
        print_json({"fit": str(output), "visits": rows, "values": twin.posterior.values})
        return
    _tell(rows, content, twin, output)


def _course(
    content: dict[str, Any], course: str, lines: "tuple[TreatmentLine, ...]"
) -> "tuple[str, tuple[TreatmentLine, ...]]":
    """Name of the course and what was given in it."""
    from ..failures import USAGE, Problem, UserError, nearest
    from ..fit_file import courses_of

    known = courses_of(content)
    if lines:
        return course or "visits on " + ", ".join(line.words for line in lines), lines
    if course and course not in known:
        raise UserError(
            Problem("unknown_course", f"Unrecognized course: '{course}'.", "--course",
                    expected=nearest(course, known) if known else "--drug, for none is known"),
            USAGE,
        )  # fmt: skip
    if not course and len(known) != 1:
        listed = ", ".join(known) or "none in this fit"
        raise UserError(
            Problem("bad_option", "It is not clear which course the visits belong to.", "--course",
                    expected=f"one of: {listed}; or --drug and --regimen"), USAGE
        )  # fmt: skip
    name = course or next(iter(known))
    lines = known[name]
    return (name if name in content.get("twin", {}).get("courses", {}) else f"{name}, later"), lines


def _read(
    content: dict[str, Any], path: Path, name: str, lines: Any, particles: int, seed: int
) -> "tuple[Any, Experiment]":
    import numpy as np

    from skinmech_calibration import Posterior, Twin

    from ..clinic_table import read_table
    from ..failures import DATA, Problems
    from ..forecasting import posterior_of
    from ..runtime import model

    problems = Problems()
    rows = read_table(path, problems)
    problems.raise_if_any(DATA)
    kept = content.get("twin")
    if kept is None:
        twin = Twin.of(posterior_of(content), particles, seed)
    else:
        base = Posterior.from_dict(kept["base"], model())
        known = {one: _experiment(content, one, told["treatments"], told["rows"], "the fit")
                 for one, told in kept["courses"].items()}  # fmt: skip
        twin = Twin(base, np.array(kept["particles"], float), known)
    return twin, _experiment(content, name, lines, rows, path.name)


def _experiment(
    content: dict[str, Any], name: str, lines: Any, rows: Any, where: str
) -> "Experiment":
    """Values of a course in the clinic, from rows of a table or of the file."""
    from ..assemble import clinic_experiment
    from ..fit_file import donor_of
    from ..runtime import model
    from ..study import ClinicRow, TreatmentLine

    rows = [one if isinstance(one, ClinicRow) else ClinicRow(**one) for one in rows]
    lines = [one if isinstance(one, TreatmentLine) else TreatmentLine(**one) for one in lines]
    return clinic_experiment(name, tuple(rows), tuple(lines), donor_of(content), model(), where)


def _rows(name: str, told: "list[Taken]") -> list[dict[str, Any]]:
    return [
        {"course": name, "day": one.day, "p": one.surprise.p, "sentence": one.surprise.sentence,
         "is_explained": one.surprise.is_explained, "narrowed": one.narrowed,
         "acceptance": one.ladder.acceptance, "steps": len(one.ladder.powers),
         "values": [{"observable": v.observable, "day": v.day, "p": v.p, "direction": v.direction}
                    for v in one.surprise.values]}
        for one in told
    ]  # fmt: skip


def _content(
    content: dict[str, Any], twin: Any, name: str, lines: Any, rows: Any, visit: Path
) -> dict[str, Any]:
    """The fit file with the twin's posterior, its particles and what was taken in."""
    import dataclasses

    import numpy as np

    from skinmech_calibration import CalibrationProblem, predict

    from ..files import sha256
    from ..fit_file import CURVE_POINTS, experiment_rows

    before = content.get("twin", {"courses": {}, "told": []})
    course = twin.courses[name]
    posterior = twin.posterior
    observations = [
        {"day": o.time, "observable": o.observable, "value": o.value, "sd": o.sd,
         "source": o.label} for o in course.observations
    ]  # fmt: skip
    names = list(dict.fromkeys(o.observable for o in course.observations))
    times = list(np.linspace(0.0, course.protocol.days, CURVE_POINTS))
    curve = predict(posterior, course.protocol, course.setting, names, times, draws=8,
                    start=course.start, weight=course.weight)  # fmt: skip
    problem = CalibrationProblem(
        posterior.model, [course], [m.name for m in posterior.free.members if not m.experiment],
        posterior.base,
    )  # fmt: skip
    predicted = problem.predictions(problem.free.to_coordinates(posterior.values))[name]
    others = [one for one in content["experiments"] if one["name"] != name]
    courses = before["courses"] | {
        name: {"treatments": [dataclasses.asdict(line) for line in lines], "rows": observations}
    }
    inputs = content["provenance"]["inputs"]
    number = sum(role.startswith("visits") for role in inputs) + 1
    provenance = content["provenance"] | {"inputs": inputs | {f"visits {number}": sha256(visit)}}
    return content | {
        "posterior": posterior.to_dict(),
        "parameters": posterior.summary(),
        "num_data": content["num_data"] + sum(len(row["values"]) for row in rows),
        "experiments": [*others, experiment_rows(course, predicted, curve)],
        "provenance": provenance,
        "twin": {"base": twin.base.to_dict(), "particles": twin.particles.tolist(),
                 "courses": courses, "told": [*before["told"], *rows]},
    }  # fmt: skip


def _tell(rows: list[dict[str, Any]], content: dict[str, Any], twin: Any, output: Path) -> None:
    for row in rows:
        lead = "day" if row["is_explained"] else "beware: day"
        typer.echo(f"{lead} {row['day']:g}: {row['sentence']}")
    before = {row["name"]: row for row in content["parameters"]}
    for row in twin.posterior.summary():
        old, (low, high) = before[row["name"]], row["interval"]
        typer.echo(f"{row['name']}: {old['value']:.3g} -> {row['value']:.3g} {row['unit']} "
                   f"(95 % {low:.3g} to {high:.3g})")  # fmt: skip
    typer.echo(f"written: {output}")
