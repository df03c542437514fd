"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for programs.")]
Drug = Annotated[
    list[str],
    typer.Option(
        "--drug",
        metavar="NAME",
        help="Drug of the catalogue, or a .toml file of yours. Repeatable.",
    ),
]
RegimenText = Annotated[
    list[str],
    typer.Option(
        "--regimen",
        metavar="WORDS",
        help='How it is given, e.g. "300 mg q2w"; else the label. One for each drug.',
    ),
]
Weeks = Annotated[
    float,
    typer.Option("--weeks", metavar="WEEKS", help="How far to look ahead, in weeks.", min=0.1),
]
StudyFile = Annotated[Path, typer.Argument(help="The study file, see docs/study-file.md.")]


def refuse_overwrite(path: Path, overwrite: bool) -> None:
    """Refuse to replace a file that the user did not mean to replace.

    Raises:
        UserError: the file is there and `overwrite` is not set.
    """
    from ..failures import USAGE, Problem, UserError

    if path.exists() and not overwrite:
        raise UserError(
            Problem("file_exists", "The output is there already.", path.name,
                    fix="name another file, or add --overwrite"), USAGE
        )  # fmt: skip
