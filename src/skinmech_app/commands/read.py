"""`skinmech read`: instrument files and a side-car into one chip record."""

from pathlib import Path
from typing import Annotated

import typer

from .common import Json

EXAMPLE = "Example: skinmech read measured/ --sidecar chip.toml -o study.h5"


def read(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Instrument files or folders; none: all the side-car lists."),
    ] = [],  # noqa: B006 - Typer copies it
    sidecar: Annotated[
        Path | None,
        typer.Option(
            "--sidecar",
            help="Chips, areas, times, what files omit.",
            show_default="chip.toml here, else in the folder",
        ),
    ] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="The record to write.")] = Path(
        "study.h5"
    ),
    no_teer: Annotated[
        bool, typer.Option("--no-teer", help="Keep impedance as it is; derive no TEER.")
    ] = False,
    add: Annotated[
        bool, typer.Option("--add", help="Add to the record that is there, if any.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read instrument files of skin-on-a-chip into one record, with TEER from impedance."""
    import skinmech_chip_adapters as chips

    from .. import terminal

    existing = chips.load(output) if add and output.exists() else None
    files: list[str | Path] | None = list(paths) or None
    with terminal.progress("reading") as report:
        record = chips.read(files, _sidecar(sidecar, paths), existing=existing, progress=report)
    told: list[dict] = []
    if not no_teer and record.spectra:
        from ..teer import with_teer

        record, told = with_teer(record)
    chips.save(record, output)
    lines = [*chips.summary(record), *_about_teer(told)]
    if as_json:
        terminal.print_json({"record": str(output), "content_hash": record.content_hash(),
                             "summary": lines, "teer": told})  # fmt: skip
        return
    lines.append(("saved", f"{output} (look at it with: skinmech show {output})"))
    tell(lines)


def _sidecar(stated: Path | None, paths: list[Path]) -> Path:
    """The side-car stated, else `chip.toml` here, else the one in the only folder given."""
    here = Path("chip.toml")
    if stated is not None:
        return stated
    if not here.exists() and len(paths) == 1 and paths[0].is_dir():
        return paths[0] / here
    return here


def tell(lines: list[tuple[str, str]]) -> None:
    """Print headings and texts as two columns; a heading that repeats is printed once."""
    width = max(18, *(len(heading) + 2 for heading, _ in lines))
    before = ""
    for heading, text in lines:
        typer.echo(f"{'' if heading == before else heading:<{width}}{text}")
        before = heading


def _about_teer(told: list[dict]) -> list[tuple[str, str]]:
    if not told:
        return []
    refused = [one for one in told if not one["accepted"]]
    lines = [("teer from EIS", f"{len(told) - len(refused)} of {len(told)} sweeps accepted")]
    lines += [("  refused", f"{one['chip']} at {one['hours']:g} h: {one['reason']}")
              for one in refused]  # fmt: skip
    return lines
