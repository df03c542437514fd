"""`skinmech flares`: how likely the donor of a fit is to flare, and when, under chance triggers."""

from pathlib import Path
from typing import Annotated

import typer

from .common import Drug, Json, RegimenText

EXAMPLE = "Example: skinmech flares fit.json --drug dupilumab --plot flares.svg"


def flares(
    fit: Annotated[Path, typer.Argument(help="A fit written by skinmech fit.")],
    drug: Drug = [],  # noqa: B006 - Typer copies it
    regimen: RegimenText = [],  # noqa: B006
    weeks: Annotated[float, typer.Option("--weeks", help="How far ahead.", min=4)] = 12.0,
    per_year: Annotated[
        float, typer.Option("--triggers", help="Exposures to allergens or irritants a year.", min=0)
    ] = 8.0,
    draws: Annotated[
        int, typer.Option("--draws", metavar="COUNT", help="Draws of the donor.", min=2)
    ] = 16,
    courses: Annotated[
        int, typer.Option("--courses", metavar="COUNT", help="Courses of triggers a draw.", min=1)
    ] = 4,
    seed: Annotated[int, typer.Option("--seed", metavar="NUMBER", help="Of the draws.")] = 0,
    plot: Annotated[Path | None, typer.Option("--plot", help="Draw it, .svg or .png.")] = None,
    as_json: Json = False,
) -> None:
    """Simulate the donor of a fit under triggers drawn by chance: flares, risk, early warning."""
    from .. import bridge, fit_file
    from ..forecasting import posterior_of
    from ..runtime import set_up
    from ..terminal import print_json, progress

    content = fit_file.load(fit)
    donor = fit_file.donor_of(content)
    lines = bridge.option_lines(drug, regimen)
    set_up()
    import skinmech as sm
    from skinmech.triggers import Triggers
    from skinmech_calibration import flare_outlook

    score = "pasi" if donor.disease == "psoriatic" else "easi"
    posterior = posterior_of(content)
    arms = {"no treatment": bridge.protocol((), 7.0 * weeks, donor, where="--weeks")}
    if lines:
        words = ", ".join(line.words for line in lines)
        arms[words] = bridge.protocol(lines, 7.0 * weeks, donor, where="--drug")
    found = {}
    with progress("drawing courses") as report:
        for done, (name, protocol) in enumerate(arms.items()):
            report(done, len(arms), name)
            found[name] = flare_outlook(
                posterior, sm.in_vivo(), days=7.0 * weeks, protocol=protocol,
                triggers=Triggers(per_year=per_year), score=score, draws=draws, courses=courses,
                seed=seed, start=donor.disease, weight=donor.weight,
            )  # fmt: skip
        report(len(arms), len(arms), "")
    if plot is not None:
        from ..plots.flares import draw_flares
        from ..plots.style import save

        save(draw_flares(found, score), plot)
    told = [{"therapy": name, "courses": len(one.score), "failed": one.num_failed,
             "flares_per_year": one.per_year, "risk_4_weeks": one.risk(28.0),
             "risk": one.risk(7.0 * weeks), "warning": one.warning()}
            for name, one in found.items()]  # fmt: skip
    if as_json:
        print_json({"score": score, "weeks": weeks, "rows": told})
        return
    for row in told:
        typer.echo(
            f"{row['therapy']}: {row['flares_per_year']:.1f} flares a year; a flare within 4 weeks "
            f"{100 * row['risk_4_weeks']:.0f} %, within {weeks:g} weeks {100 * row['risk']:.0f} % "
            f"({row['courses']} courses" + (f", {row['failed']} failed)" if row["failed"] else ")")
        )
        if row["warning"] == row["warning"]:
            typer.echo(f"  last week's rise tells a flare in the next two weeks with an AUC of "
                       f"{row['warning']:.2f}")  # fmt: skip
    if not any(row["flares_per_year"] for row in told):
        typer.echo(
            "No course flared: a lesion already full of antigens hardly does, nor does a donor in "
            "remission by an allergen alone (docs/limits.md)."
        )
    typer.echo("How often triggers come and how strong they are is assumed, not fitted.")
    if plot is not None:
        typer.echo(f"written: {plot}")
