"""`skinmech design`: which chip experiment or visit tells most about a question, for its cost."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .common import Json, refuse_overwrite

if TYPE_CHECKING:
    from skinmech_calibration import Design

    from ..question import Asked

EXAMPLE = "Example: skinmech design fit.json question.toml -o next.toml"


def design(
    fit: Annotated[Path, typer.Argument(help="A fit written by skinmech fit or update.")],
    question: Annotated[Path, typer.Argument(help="Question and candidates, docs/decisions.md.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="The chip lab's side-car of what to do.")
    ] = Path("next.toml"),
    points: Annotated[
        int, typer.Option("--points", metavar="COUNT", help="Donors to design for.", min=1)
    ] = 1,
    seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", help="Of the draws.")] = 0,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the output.")] = False,
    as_json: Json = False,
) -> None:
    """Recommend the next experiments and write them as a side-car, a study and empty tables."""
    from .. import fit_file
    from ..forecasting import posterior_of
    from ..next_files import as_rows
    from ..question import candidates_of, question_of, read_question
    from ..terminal import print_json, working

    study = output.with_name(f"{output.stem}_study.toml")
    for path in (output, study):
        refuse_overwrite(path, overwrite)
    content = fit_file.load(fit)
    asked = read_question(question)
    with working("building the model and the candidates"):
        posterior, donor = posterior_of(content), fit_file.donor_of(content)
        candidates = candidates_of(asked, donor, posterior.model)
        wanted = question_of(asked, donor)
    from skinmech_calibration import design as recommend

    with working("derivatives of every candidate"):
        found = recommend(posterior, wanted, candidates, asked.budget, points=points, seed=seed)
    paths = _write(content, asked, found, output, study)
    if as_json:
        print_json(as_rows(found) | {"files": [path.name for path in paths]})
        return
    _tell(found, asked)
    for path in paths:
        typer.echo(f"written: {path}")


def _write(
    content: dict, asked: "Asked", found: "Design", output: Path, study: Path
) -> "list[Path]":
    from ..files import write_whole
    from ..next_files import sidecar_text, study_text, table_text

    names = list(dict.fromkeys(one.name for one in found.chosen))
    plans = [one for one in asked.plans if one.name in names]
    chips = [one for one in plans if one.kind == "chip"]
    visits = {one.name: f"{output.stem}_{one.name}.csv" for one in plans if one.kind == "clinic"}
    remark = (
        f"Recommended by skinmech design for the question: {asked.words}.\n"
        f"Expected spread of the question: {found.before:.3g} now, {found.after:.3g} after.\n"
        "Add [[file]] entries for the instruments' files, then: skinmech read --sidecar"
    )
    study_id, donor = content["study"]["id"], content["donor"]["code"]
    paths = [
        write_whole(output, sidecar_text(chips, f"{study_id}-next", donor, remark)),
        write_whole(study, study_text(content, asked, found, f"{output.stem}.h5", visits)),
    ]
    for one in plans:
        if one.kind == "clinic":
            paths.append(write_whole(output.with_name(visits[one.name]), table_text(one)))
    return paths


def _tell(found: "Design", asked: "Asked") -> None:
    from rich.table import Table

    from ..terminal import stdout

    table = Table(title=f"Question: {asked.words}", title_justify="left")
    for heading in ("candidate", f"cost {asked.currency}".strip(), "alone [nats]", "chosen"):
        table.add_column(heading, justify="left" if heading == "candidate" else "right")
    order = [one.name for one in found.chosen]
    for one in found.alone:
        places = [str(i) for i, name in enumerate(order, 1) if name == one.name]
        table.add_row(one.name, f"{one.cost:g}", f"{one.information:.3f}", ", ".join(places))
    stdout().print(table)
    unit = "prior spreads" if asked.parameter else asked.outcome
    typer.echo(f"spread of the question: {found.before:.3g} -> {found.after:.3g} ({unit}), "
               f"cost {found.cost:g} of {asked.budget:g}")  # fmt: skip
    if not asked.parameter and found.chosen:
        after = found.chosen[-1].regret
        typer.echo(f"expected regret of the decision: {found.regret:.3g} now, {after:.3g} after "
                   f"(difference {found.difference:.3g})")  # fmt: skip
    for name, text in found.failed.items():
        typer.echo(f"beware: {name} could not be simulated. {text}")
