"""`skinmech show`: what a chip record holds, in half a minute."""

from pathlib import Path
from typing import Annotated

import typer

from .common import Json
from .read import tell

EXAMPLE = "Example: skinmech show study.h5 --picture study.svg"


def show(
    record: Annotated[Path, typer.Argument(help="A record written by skinmech read.")],
    picture: Annotated[
        Path | None,
        typer.Option("--picture", help="Draw time courses and spectra into a .png or .svg file."),
    ] = None,
    chip: Annotated[
        list[str], typer.Option("--chip", help="Only these chips in the picture. Repeatable.")
    ] = [],  # noqa: B006 - Typer copies it
    as_json: Json = False,
) -> None:
    """Show what a chip record holds, and draw it."""
    import skinmech_chip_adapters as chips

    from .. import terminal

    found = chips.load(record)
    lines = chips.summary(found)
    for name in chip:
        found.chip(name)  # refuses unknown chips
    if picture is not None:
        from ..plots.record import draw_record
        from ..plots.style import save

        save(draw_record(found, chip), picture)
        lines.append(("picture", str(picture)))
    if as_json:
        terminal.print_json({"content_hash": found.content_hash(), "summary": lines})
        return
    tell(lines)
