"""Pigment held against published facts: tanning, fading, erythema by phototype, colour of skin.

`python -m benchmarks.pigment` prints a table and writes `results/pigment.md` and `.json`. The
pigmentation sub-model runs alone on resting tissue (`skinmech.pigment_model`), seconds on one core.
Each row says whether a parameter was set with its help ("fitted"), whether it was looked at while
parameters were chosen ("seen"), or neither ("predicted").
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)

from skinmech.light import light_dose, minimal_erythema  # noqa: E402
from skinmech.modelling.parameters import replace  # noqa: E402
from skinmech.observables.optics import (  # noqa: E402
    appearance,
    cielab,
    ita,
    skin_layers,
    skin_reflectance,
)
from skinmech.observables.optics.colorimetry import ita_class  # noqa: E402
from skinmech.pigment_model import (  # noqa: E402
    STEP,
    course_trajectory,
    observed,
    pigment_course,
    pigment_model,
)
from skinmech.submodels.pigmentation import MELANOGENIC_CAPACITY  # noqa: E402

RESULTS = Path(__file__).parent / "results"
GROUPS = Path(__file__).resolve().parents[2] / "shared/data/optics/Lab_Alaluf2002.txt"
PER_DAY = round(1 / STEP)
EXPOSURES = (1, 6, 12)
WEEKS_OF_LIGHT, DAYS_TO_READING = 3, 7
FAINT = 0.8  # smallest visible darkening, in L*
MED = {"I": 200, "II": 250, "III": 300, "IV": 450, "V": 600, "VI": 1000}  # J/m2, erythemal
GROUP_OF = {
    "II": ("european",),
    "III": ("chinese", "mexican"),
    "V": ("indian",),
    "VI": ("african",),
}
BROADBAND = {"II": 0.123, "III": 0.136, "IV": 0.148, "V": 0.165}  # J/cm2, Taiwanese skin
FRACTIONS = {"I-II": (0.013, 0.03), "III": (0.04,), "IV-V": (0.07, 0.1), "VI": (0.18, 0.43)}
EXPECTED = {
    "I-II": {"very light", "light"},
    "III": {"light", "intermediate"},
    "IV-V": {"tan", "brown"},
    "VI": {"dark"},
}


class Row(NamedTuple):
    """One fact: what was published, what the model says, whether it agrees."""

    fact: str
    published: str
    model: str
    hit: bool
    kind: str


MODEL = pigment_model()
DEFAULT = MODEL.parameters()


def schedule(exposures: int, days: int) -> tuple[jax.Array, int]:
    """Unit exposures spread over three weeks, and the step at which the skin is read."""
    light = np.zeros(PER_DAY * days)
    gap = 7.0 * WEEKS_OF_LIGHT / exposures
    at = [round(PER_DAY * gap * k) for k in range(exposures)]
    light[at] = 1.0
    return jnp.asarray(light), at[-1] + PER_DAY * DAYS_TO_READING


@jax.jit
def _lightness(y: Any, params: Any) -> Any:
    """L* without blood's changes: erythema is read apart, as the study did."""
    states, seen = MODEL.unpack(y), MODEL.observe(0.0, y, MODEL.arguments(params))
    pigment = states["pigmentation"]
    widths = (MODEL.grids["corneum"].widths, MODEL.grids["epidermis"].widths)
    corneum, living = seen["corneum_thickness"], seen["epidermal_thickness"]
    spread = seen["corneum_dry_thickness"] / corneum
    plain = skin_layers()._replace(
        thickness=jnp.concatenate([corneum * widths[0], living * widths[1]]),
        eumelanin=jnp.concatenate([pigment.corneum_eumelanin * spread, pigment.eumelanin]),
        pheomelanin=jnp.concatenate([pigment.corneum_pheomelanin * spread, pigment.pheomelanin]),
    )
    return cielab(skin_reflectance(plain))


@jax.jit
def _rest(capacity: Any) -> Any:
    params = replace(DEFAULT, {"pigmentation.capacity": capacity})
    return pigment_course(MODEL, params, jnp.zeros(1))[0]


@jax.jit
def _darkening(capacity: Any, rest: Any, light: Any, reading: Any, doses: Any) -> Any:
    params = replace(DEFAULT, {"pigmentation.capacity": capacity})
    before = _lightness(rest, params)[0]

    def one(dose: Any) -> Any:
        states = pigment_course(MODEL, params, dose * light, rest)
        return before - _lightness(states[reading], params)[0]

    return jax.vmap(one)(doses)


def needed_dose(capacity: float, exposures: int) -> float:
    """Incident UVB per exposure [J/cm2] that darkens by `FAINT` a week after the last."""
    doses = np.geomspace(0.05, 8.0, 24)
    light, reading = schedule(exposures, 7 * WEEKS_OF_LIGHT + DAYS_TO_READING + 1)
    found = np.asarray(_darkening(capacity, _rest(capacity), light, reading, doses))
    if found.max() < FAINT:
        return float("nan")
    first = int(np.argmax(found >= FAINT))
    return float(
        np.exp(np.interp(FAINT, found[first - 1 : first + 1], np.log(doses[first - 1 : first + 1])))
    )


def tan(capacity: float, dose: float, exposures: int, days: int) -> tuple[np.ndarray, np.ndarray]:
    """Days and epidermal melanin [um] through a tan and its fading."""
    params = replace(DEFAULT, {"pigmentation.capacity": capacity})
    light, _ = schedule(exposures, days)
    states = pigment_course(MODEL, params, dose * light, _rest(capacity))
    return np.arange(len(light) + 1) * STEP, np.asarray(
        observed(MODEL, params, states)["melanin_content"]
    )


def tanning() -> list[Row]:
    """Dose sharing, peak and fading; in light and in brown skin."""
    rows = []
    for phototype, kind in (("II", "fitted"), ("V", "seen")):
        capacity = MELANOGENIC_CAPACITY[phototype]
        dose = {n: needed_dose(capacity, n) for n in EXPOSURES}
        for n, published in ((6, 1 / 2), (12, 1 / 3)):
            share = dose[n] / dose[1]
            rows.append(
                Row(
                    f"dose per exposure, {n} over 1 exposure, phototype {phototype}",
                    f"{published:.2f}",
                    f"{share:.2f} ({dose[n]:.2f} of {dose[1]:.2f} J/cm2)",
                    abs(share - published) < 0.1 * published,
                    kind,
                )
            )
        days, melanin = tan(capacity, dose[12], 12, 300)
        gained = melanin - melanin[0]
        peak = int(gained.argmax())
        gone = {
            s: days[peak + np.argmax(gained[peak:] < s * gained[peak])] / 30.4 for s in (0.1, 0.05)
        }
        rows.append(
            Row(
                f"fading after 12 exposures, phototype {phototype}",
                "4 to 5 months",
                f"{gone[0.1]:.1f} months to a tenth, {gone[0.05]:.1f} to a twentieth",
                4.0 <= gone[0.1] <= 5.0,
                kind,
            )
        )
        rows.append(
            Row(
                f"darkest after 12 exposures, phototype {phototype}",
                "day 21 (solar simulator)",
                f"day {days[peak]:.0f}",
                abs(days[peak] - 21) <= 3,
                "predicted",
            )
        )
    capacity = MELANOGENIC_CAPACITY["II"]
    days, melanin = tan(capacity, needed_dose(capacity, 1), 1, 120)
    gained = melanin - melanin[0]
    peak = days[gained.argmax()]
    rows.append(
        Row("darkest after one exposure", "1 to 3 weeks", f"day {peak:.0f}", bool(7 <= peak <= 21),
            "predicted")
    )  # fmt: skip
    seen = gained[PER_DAY * 3] / gained.max()
    rows.append(
        Row(
            "tan begins",
            "48 to 72 h",
            f"{100 * seen:.0f} % of the peak after 72 h",
            bool(0.1 <= seen <= 0.5),
            "predicted",
        )
    )
    return rows


def erythema() -> list[Row]:
    """Minimal erythema dose by phototype over that of phototype II; absolute scale not used."""
    reach = {}
    for phototype, capacity in MELANOGENIC_CAPACITY.items():
        params = replace(DEFAULT, {"pigmentation.capacity": capacity})
        reach[phototype] = float(
            observed(MODEL, params, _rest(capacity)[None])["basal_transmission"][0]
        )
    rows = []
    for phototype, published in MED.items():
        ratio = reach["II"] / reach[phototype]
        wanted = published / MED["II"]
        if phototype != "II":
            rows.append(
                Row(
                    f"erythema dose, phototype {phototype} over II",
                    f"{wanted:.2f}",
                    f"{ratio:.2f}",
                    abs(ratio / wanted - 1) < 0.25,
                    "predicted",
                )
            )
    light = needed_dose(MELANOGENIC_CAPACITY["VI"], 1) / needed_dose(MELANOGENIC_CAPACITY["II"], 1)
    rows.append(
        Row("one-exposure pigment dose, VI over II", "above 1", f"{light:.2f}", light > 1,
            "predicted")
    )  # fmt: skip
    return rows


def lamps() -> list[Row]:
    """Erythema dose of lamps from the CIE spectrum, and dimers of doses that redden alike."""
    rows = [
        Row(
            f"broadband UVB erythema dose, phototype {phototype}, J/cm2",
            f"{published:.2f}",
            f"{minimal_erythema('broadband UVB', phototype):.2f}",
            abs(minimal_erythema("broadband UVB", phototype) / published - 1) < 0.25,
            "predicted",
        )
        for phototype, published in BROADBAND.items()
    ]

    def dimers(lamp: str) -> float:
        return light_dose(lamp, minimal_erythema(lamp, "II")).equivalent

    for lamp, published, low, high in (
        ("broadband UVB", "about 1 (Young 1998)", 0.75, 1.25),
        ("solar simulator", "about 1 (Young 1998)", 0.75, 1.25),
        ("UVA1", "below 1 (Tewari 2012)", 0.0, 0.75),
    ):
        ratio = dimers(lamp) / dimers("NB-UVB")
        rows.append(
            Row(f"dimers per erythema dose, {lamp} over NB-UVB", published, f"{ratio:.2f}",
                low <= ratio <= high, "predicted")
        )  # fmt: skip
    return rows


def colours() -> list[Row]:
    """L*, a*, b* of the inner arm; melanin set by L*, so that a* and b* are what is predicted."""
    if not GROUPS.is_file():
        return []
    lines = [line.split() for line in GROUPS.read_text("utf-8").splitlines()[1:]]
    seen = {
        line[0].partition("(")[0]: np.asarray(line[1:4], float)
        for line in lines
        if "volar" in line[0]
    }
    rows = []
    for phototype, groups in GROUP_OF.items():
        capacity = MELANOGENIC_CAPACITY[phototype]
        params = replace(DEFAULT, {"pigmentation.capacity": capacity})
        found = np.asarray(_lightness(_rest(capacity), params))
        for group in groups:
            apart = found - seen[group]
            for name, i in (("L*", 0), ("a*", 1), ("b*", 2)):
                fitted = name == "L*" or (name == "a*" and group == "european")
                rows.append(
                    Row(
                        f"{name} of the inner arm, {group} (phototype {phototype})",
                        f"{seen[group][i]:.1f}",
                        f"{found[i]:.1f}",
                        abs(apart[i]) < 3,
                        "fitted" if fitted else "predicted",
                    )
                )
    return rows


def classes() -> list[Row]:
    """Melanosome fraction to the class of the typology angle, 80 um of epidermis."""
    look = jax.jit(lambda f: cielab(skin_reflectance(skin_layers(80.0, f))))
    rows = []
    for types, fractions in FRACTIONS.items():
        for fraction in fractions:
            light, _, yellow = np.asarray(look(fraction))
            angle = float(ita(light, yellow))
            name = ita_class(angle)
            rows.append(
                Row(
                    f"typology at {100 * fraction:g} % melanosomes (phototype {types})",
                    " or ".join(sorted(EXPECTED[types])),
                    f"{name} ({angle:.0f} degrees)",
                    name in EXPECTED[types],
                    "predicted",
                )
            )
    return rows


def course_of_a_tan() -> dict[str, list[float]]:
    """Colour through a tan, for the record: day, L*, a*, b*, melanin and erythema index."""
    capacity = MELANOGENIC_CAPACITY["II"]
    params = replace(DEFAULT, {"pigmentation.capacity": capacity})
    light, _ = schedule(12, 180)
    states = pigment_course(MODEL, params, needed_dose(capacity, 12) * light, _rest(capacity))
    every = slice(0, None, 14 * PER_DAY)
    days = jnp.arange(len(light) + 1)[every] * STEP
    seen = appearance(course_trajectory(MODEL, params, states[every], days)).colour
    return {"day": days.tolist()} | {
        name: np.round(value, 3).tolist() for name, value in seen._asdict().items()
    }


def main() -> None:
    """Print, and write the results."""
    rows = [*tanning(), *erythema(), *lamps(), *colours(), *classes()]
    lines = [
        "| fact | published | model | hit | how |",
        "|---|---|---|---|---|",
        *(
            f"| {r.fact} | {r.published} | {r.model} | {'yes' if r.hit else '**no**'} | {r.kind} |"
            for r in rows
        ),
    ]
    counts = {
        kind: (sum(r.hit for r in rows if r.kind == kind), sum(r.kind == kind for r in rows))
        for kind in ("fitted", "seen", "predicted")
    }
    words = ", ".join(f"{kind}: {hit} of {total} hit" for kind, (hit, total) in counts.items())
    text = "\n".join([f"Pigment against published facts ({words}).", "", *lines, ""])
    print(text)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "pigment.md").write_text(text, "utf-8")
    told = [r._asdict() | {"hit": bool(r.hit)} for r in rows]
    record = {"rows": told, "tan": course_of_a_tan()}
    (RESULTS / "pigment.json").write_text(json.dumps(record, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
