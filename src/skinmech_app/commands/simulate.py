"""`skinmech simulate`: what a therapy does to a model donor over time."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .common import Drug, Json, RegimenText, Weeks

if TYPE_CHECKING:
    from skinmech.trajectory import Trajectory

EXAMPLE = (
    'Example: skinmech simulate --disease atopic --drug dupilumab --regimen "300 mg q2w" '
    "--weeks 16 -o out.csv --plot out.svg"
)
SHOWN = ("tewl", "teer", "epidermal_thickness", "easi", "itch_nrs", "pasi")


def simulate(
    study: Annotated[
        Path | None, typer.Argument(help="A study file; its donor and treatments are used.")
    ] = None,
    drug: Drug = [],  # noqa: B006 - Typer copies it
    regimen: RegimenText = [],  # noqa: B006
    weeks: Weeks = 16.0,
    disease: Annotated[
        str,
        typer.Option(
            "--disease", metavar="WORD", help="healthy, atopic or psoriatic (without a study)."
        ),
    ] = "",
    weight: Annotated[
        float | None,
        typer.Option("--weight", metavar="KG", help="Body weight in kg, for the drugs.", min=1),
    ] = None,
    change: Annotated[
        list[str],
        typer.Option(
            "--set", metavar="PATH=VALUE", help="A parameter, in its own unit. Repeatable."
        ),
    ] = [],  # noqa: B006
    observe: Annotated[
        list[str],
        typer.Option(
            "--observe", metavar="NAME", help="Observable to report, e.g. tewl. Repeatable."
        ),
    ] = [],  # noqa: B006
    points: Annotated[
        int,
        typer.Option(
            "--points", metavar="COUNT", help="Times to report, evenly spaced.", min=2, max=512
        ),
    ] = 57,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A .csv or .json file with all values.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw the main observables, .svg or .png.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Simulate a donor's skin under a therapy and write barrier, cytokines and scores over time."""
    from .. import study as studies, terminal
    from ..bridge import option_lines, parse_settings
    from ..failures import USAGE, Problems, nearest

    problems = Problems()
    if disease and disease not in studies.DISEASES:
        problems.add("bad_option", f"Unrecognized disease: '{disease}'.", where="--disease",
                     expected=nearest(disease, studies.DISEASES))  # fmt: skip
    if output is not None and output.suffix not in (".csv", ".json"):
        problems.add("bad_option", "Unsupported kind of output.", where="--output",
                     found=output.suffix or "no ending", expected=".csv or .json")  # fmt: skip
    problems.raise_if_any(USAGE)
    lines = option_lines(drug, regimen)
    changes = parse_settings(change)
    loaded = studies.load(study) if study is not None else None
    donor = loaded.donor if loaded else studies.Donor()
    donor = dataclasses.replace(
        donor, disease=disease or donor.disease, weight=weight or donor.weight
    )
    given = (loaded.parameters if loaded else {}) | changes
    treatments = lines or (loaded.treatments if loaded else ())

    found, parameters = _run(donor, given, treatments, weeks, points, observe)
    names = list(observe) or list(found.values)
    table = {"day": found.times} | {name: found[name] for name in names}
    units = {"day": "day"} | {name: found.unit(name) for name in names}
    if output is not None:
        _write(output, table, units, donor, parameters, treatments)
    if plot is not None:
        from ..plots.style import save
        from ..plots.time_course import draw_simulation

        title = ", ".join(line.words for line in treatments) or "no treatment"
        save(draw_simulation(found, names if observe else SHOWN, title), plot)
    if as_json:
        terminal.print_json({"units": units, "values": table, "status": found.status.name,
                             "parameters": parameters})  # fmt: skip
        return
    _print(found, [name for name in (observe or SHOWN)], output, plot)


def _run(
    donor: Any, given: dict[str, float], treatments: Any, weeks: float, points: int,
    observe: list[str],
) -> "tuple[Trajectory, dict[str, float]]":  # fmt: skip
    import numpy as np

    from .. import bridge
    from ..runtime import model
    from ..terminal import working

    with working("building the model"):
        skin = model()
        bridge.check_observables(skin, observe, "--observe")
        parameters = bridge.checked_parameters(skin, bridge.donor_parameters(donor) | given)
        plan = bridge.protocol(treatments, 7.0 * weeks, donor)
    import skinmech as sm

    with working("simulating"):
        start = bridge.steady_start(donor.disease, parameters)
        times = list(np.linspace(0.0, 7.0 * weeks, points))
        found = sm.simulate(skin, plan, parameters=parameters, start=start, times=times,
                            weight=donor.weight)  # fmt: skip
    return found, parameters


def _write(
    path: Path, table: dict[str, Any], units: dict[str, str], donor: Any,
    parameters: dict[str, float], treatments: Any,
) -> None:  # fmt: skip
    import json

    from ..files import write_whole
    from ..runtime import versions
    from ..tables import csv_text
    from ..terminal import plain

    about = {
        "donor": {"code": donor.code, "disease": donor.disease},
        "treatments": [line.words for line in treatments],
        "parameters": parameters,
        "versions": versions(),
        "note": "Simulated. Research use only; not a medical device.",
    }
    if path.suffix == ".csv":
        write_whole(path, csv_text(table, units))
    else:
        whole = {"about": about, "units": units, "values": table}
        write_whole(path, json.dumps(plain(whole), allow_nan=False, indent=1))


def _print(found: "Trajectory", names: list[str], output: Path | None, plot: Path | None) -> None:
    from rich.table import Table

    from ..terminal import stdout

    table = Table(title=f"Day 0 to {found.times[-1]:g}", title_justify="left")
    for heading in ("observable", "unit", "start", "end", "change"):
        table.add_column(heading, justify="left" if heading in ("observable", "unit") else "right")
    for name in names:
        first, last = float(found[name][0]), float(found[name][-1])
        change = f"{100 * (last / first - 1):+.0f} %" if abs(first) > 1e-9 else ""
        table.add_row(name, found.unit(name), f"{first:.4g}", f"{last:.4g}", change)
    stdout().print(table)
    for path in (output, plot):
        if path is not None:
            typer.echo(f"written: {path}")
