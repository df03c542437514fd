"""`skinmech pigment`: a tan, a pigment lesion, a laser pulse."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from .common import Json

app = typer.Typer(
    name="pigment", no_args_is_help=True, help="Tans, pigment lesions and laser pulses."
)
_STEPS = 4  # a day, as the course takes them


class Phototype(StrEnum):
    """Fitzpatrick's phototypes."""

    I = "I"  # noqa: E741 - a Roman numeral
    II = "II"
    III = "III"
    IV = "IV"
    V = "V"
    VI = "VI"


class LampName(StrEnum):
    """Lamps whose spectra are known."""

    narrowband = "NB-UVB"
    broadband = "broadband UVB"
    uva = "UVA"
    uva1 = "UVA1"
    solar = "solar simulator"


class Lesion(StrEnum):
    """What lies on the plane."""

    vitiligo = "vitiligo"
    inflamed = "inflamed"
    melasma = "melasma"


_WORDS = {
    Lesion.vitiligo: "Vitiligo",
    Lesion.inflamed: "After inflammation",
    Lesion.melasma: "Melasma",
}


def _lesion(kind: Lesion, hair: float, activity: float) -> Any:
    """The plane of a lesion and its first state."""
    from skinmech import lesion_plane as plane_of

    plane = plane_of.follicles(plane_of.Plane.plain(96, 16.0), hair)
    if kind is Lesion.melasma:
        plane = plane_of.melasma_patch(plane, 5.0)
    start: Any = {
        Lesion.vitiligo: lambda: plane_of.vitiligo_patch(plane, 5.5, activity=activity),
        Lesion.inflamed: lambda: plane_of.inflamed_patch(plane, 5.0),
        Lesion.melasma: lambda: plane_of.resting_state(plane),
    }[kind]()
    return plane, start


_TYPE = Annotated[Phototype, typer.Option("--phototype", help="Of the skin.")]


@app.command(epilog="Example: skinmech pigment tan --phototype II --exposures 12 -o tan.png")
def tan(
    output: Annotated[Path, typer.Option("-o", "--output", help="Picture to write.")],
    phototype: _TYPE = Phototype.II,
    exposures: Annotated[int, typer.Option("--exposures", min=0, help="How many.")] = 12,
    dose: Annotated[float, typer.Option("--dose", min=0.0, help="Energy of each [J/cm2].")] = 0.7,
    lamp: Annotated[LampName, typer.Option("--lamp", help="What shines.")] = LampName.narrowband,
    weeks: Annotated[int, typer.Option("--weeks", min=1, max=52, help="Shown.")] = 26,
    as_json: Json = False,
) -> None:
    """Expose skin over three weeks: spectrum, colour, indices and melanin over depth.

    Lamps other than narrow-band UVB tan here by their photoproducts alone; how UVA darkens the
    melanin that is there is told apart.
    """
    import jax.numpy as jnp
    import numpy as np

    from skinmech.light import darkening, light_dose
    from skinmech.modelling.parameters import replace
    from skinmech.observables.optics import appearance
    from skinmech.pigment_model import course_trajectory, pigment_course, pigment_model
    from skinmech.submodels.pigmentation import MELANOGENIC_CAPACITY

    from ..plots.pigment import draw_tan
    from ..plots.style import save
    from ..runtime import set_up
    from ..terminal import print_json

    set_up()
    model = pigment_model()
    capacity = MELANOGENIC_CAPACITY[phototype.value]
    params = replace(model.parameters(), {"pigmentation.capacity": capacity})
    light = np.zeros(7 * weeks * _STEPS)
    at = _STEPS + (np.arange(exposures) * 21 * _STEPS) // max(exposures, 1)
    at = at[at < light.size]
    worth = light_dose(lamp.value, dose, phototype.value)
    light[at] = worth.equivalent
    states = pigment_course(model, params, jnp.asarray(light))[::_STEPS]
    days = jnp.arange(states.shape[0]) * 1.0
    look = appearance(course_trajectory(model, params, states, days))
    save(draw_tan(look, at / _STEPS), output)
    darkest = int(np.argmin(look.colour.lightness))
    told = {
        f"day {look.days[i]:.0f}": {
            name: round(float(value[i]), 1) for name, value in look.colour._asdict().items()
        }
        for i in sorted({0, darkest, len(look.days) - 1})
    }
    each = {
        "erythemal_J_m2": float(f"{worth.erythemal:.3g}"),
        "minimal_erythema_doses": float(f"{worth.minimal_erythema_doses:.3g}"),
        "narrowband_equivalent_J_cm2": float(f"{worth.equivalent:.3g}"),
        "uva_J_cm2": float(f"{worth.uva:.3g}"),
        "melanin_darker_after_an_hour": round(darkening(worth.uva, 60.0) - 1.0, 3),
    }
    if as_json:
        print_json({"picture": str(output), "colour": told, "each_exposure": each})
        return
    typer.echo(
        f"each exposure: {worth.minimal_erythema_doses:.2g} minimal erythema doses, photoproducts "
        f"of {worth.equivalent:.2g} J/cm2 NB-UVB, melanin "
        f"{100 * each['melanin_darker_after_an_hour']:.0f} % darker after an hour"
    )
    for day, values in told.items():
        words = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in values.items())
        typer.echo(f"{day:8s} {words}")
    typer.echo(f"written: {output}")


@app.command(epilog="Example: skinmech pigment lesion vitiligo --light 0.6 -o lesion.png")
def lesion(
    kind: Annotated[Lesion, typer.Argument(help="What lies on the plane.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Picture to write.")],
    light: Annotated[float, typer.Option("--light", min=0.0, help="Mean UVB [J/cm2/day].")] = 0.6,
    hair: Annotated[float, typer.Option("--hair", min=0.0, help="Follicles [1/cm2].")] = 18.0,
    activity: Annotated[
        float, typer.Option("--activity", min=0.0, max=1.0, help="T cells at the margin.")
    ] = 0.0,
    weeks: Annotated[int, typer.Option("--weeks", min=4, max=104, help="How long.")] = 24,
    as_json: Json = False,
) -> None:
    """Run a patch of skin through time: vitiligo, after inflammation, or melasma."""
    from skinmech import lesion_plane as plane_of

    from ..plots.pigment import draw_lesion
    from ..plots.style import save
    from ..runtime import set_up
    from ..terminal import print_json

    set_up()
    plane, start = _lesion(kind, hair, activity)
    course = plane_of.simulate_plane(plane, start, light, days=28.0 * (weeks // 4), save_every=14.0)
    save(draw_lesion(course, plane.size, f"{_WORDS[kind]}, {light:g} J/cm² a day"), output)
    told = {
        "week": [round(float(day) / 7, 1) for day in course.days],
        "pigment missing": [round(float(v), 3) for v in plane_of.vasi_change(course)]
        if kind is Lesion.vitiligo
        else [],
        "area repigmented": [round(float(v), 3) for v in plane_of.repigmented_area(course)]
        if kind is Lesion.vitiligo
        else [],
    }
    if as_json:
        print_json({"picture": str(output)} | told)
        return
    for week, missing, back in zip(*told.values(), strict=False):
        typer.echo(f"week {week:4.0f}  missing {100 * missing:4.0f} %  back {100 * back:4.0f} %")
    typer.echo(f"written: {output}")


@app.command(
    epilog="Example: skinmech pigment laser --wavelength 1064 --fluence 3 --duration 5e-9 "
    "--day 28 --day 56"
)
def laser(
    wavelength: Annotated[float, typer.Option("--wavelength", help="nm.")],
    fluence: Annotated[float, typer.Option("--fluence", help="J/cm2.")],
    duration: Annotated[float, typer.Option("--duration", help="s.")],
    spot: Annotated[float, typer.Option("--spot", help="Diameter [mm].")] = 5.0,
    cooling: Annotated[float, typer.Option("--cooling", help="Degrees before the pulse.")] = 0.0,
    day: Annotated[
        list[int] | None, typer.Option("--day", help="Of a session on a lesion; repeat it.")
    ] = None,
    kind: Annotated[Lesion, typer.Option("--on", help="Lesion of the sessions.")] = Lesion.inflamed,
    phototype: _TYPE = Phototype.III,
    weeks: Annotated[int, typer.Option("--weeks", min=4, max=104, help="How long.")] = 24,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Picture of the sessions to write.")
    ] = None,
    as_json: Json = False,
) -> None:
    """What a pulse does to every phototype: melanosomes broken, heat, burn.

    With `--day`, also what sessions on those days do to a lesion.
    """
    from skinmech.lesion_plane import (
        Laser,
        broken_melanosomes,
        epidermal_heating,
        threshold_fluence,
    )
    from skinmech.observables.optics import skin_layers
    from skinmech.submodels.pigmentation import MELANOGENIC_CAPACITY

    from ..runtime import set_up
    from ..terminal import print_json

    set_up()
    pulse = Laser(wavelength, fluence, duration, spot, cooling)
    rows = {}
    for name, capacity in MELANOGENIC_CAPACITY.items():
        # The model's own mean fraction at rest is 0.025 of the default capacity.
        layers = skin_layers(98.0, 0.025 * capacity)
        broken, heat = broken_melanosomes(layers, pulse), epidermal_heating(layers, pulse)
        rows[name] = {
            "broken_epidermis": round(float(broken[1]), 3),
            "broken_basal": round(float(broken[-1]), 3),
            "peak_celsius": round(float(heat.peak), 1),
            "is_burnt": bool(heat.is_burnt),
        }
    threshold = float(threshold_fluence(wavelength, duration))
    course = _sessions(pulse, day, kind, phototype, 4 * (weeks // 4), output) if day else {}
    if as_json:
        print_json({"threshold": threshold, "phototypes": rows} | course)
        return
    typer.echo(f"local threshold of melanosomes {threshold:.3g} J/cm2")
    for name, row in rows.items():
        verdict = "burn" if row["is_burnt"] else "safe"
        typer.echo(
            f"{name:4s} broken {100 * row['broken_epidermis']:3.0f} % (basal "
            f"{100 * row['broken_basal']:3.0f} %), peak {row['peak_celsius']:.0f} degC: {verdict}"
        )
    for week, above, below in zip(*course.values(), strict=False):
        typer.echo(
            f"week {week:4.0f}  epidermal {above:.2f}, dermal {below:.2f} of healthy melanin"
        )


def _sessions(
    pulse: Any, days: list[int], kind: Lesion, phototype: Phototype, weeks: int, output: Path | None
) -> dict[str, list[float]]:
    """Melanin in the middle of a lesion by week, under pulses on some days."""
    from skinmech import lesion_plane as plane_of
    from skinmech.observables.optics import skin_layers
    from skinmech.submodels.pigmentation import MELANOGENIC_CAPACITY

    from ..plots.pigment import draw_lesion
    from ..plots.style import save

    plane, start = _lesion(kind, 18.0, 0.0)
    course = plane_of.simulate_sessions(
        plane,
        start,
        0.0,
        [plane_of.Session(one, pulse) for one in days],
        skin_layers(98.0, 0.025 * MELANOGENIC_CAPACITY[phototype.value]),
        days=7 * weeks,
    )
    if output is not None:
        told = ", ".join(str(one) for one in sorted(days))
        save(draw_lesion(course, plane.size, f"{_WORDS[kind]}, pulses on day {told}"), output)
    middle = course.state.melanin.shape[1] // 2
    fields = course.state.melanin, course.state.dermal_melanin
    above, below = ([round(float(v), 3) for v in f[:, middle, middle]] for f in fields)
    return {"week": [float(d) / 7 for d in course.days], "epidermal": above, "dermal": below}
