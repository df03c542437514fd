"""Who a patient is and where they live, as parameters and surroundings of the model.

Covariates that a clinic or a biopsy gives (filaggrin genotype, phototype, age, scores of T-cell
axes, *S. aureus*) become values of parameters; a season becomes changes of the air and of light.
None of the factors was fitted to patients: where no source is named the size is assumed.
"""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from .modelling.model import SkinModel
from .protocol import Change, Ultraviolet
from .submodels.pigmentation import MELANOGENIC_CAPACITY

GENE_DOSE = {0: 1.0, 1: 0.6, 2: 0.1}
"""Filaggrin gene dose by number of null alleles, as declared in the model (Kezic 2011)."""

_RENEWAL = (
    "keratinocytes.stem_division_rate",
    "keratinocytes.stem_commitment_rate",
    "keratinocytes.transit_division_rate",
    "keratinocytes.differentiation_rate",
    "keratinocytes.stem_crowding_loss",
    "keratinocytes.transit_crowding_loss",
    "keratinocytes.crowding_cornification",
    "keratinocytes.cornification_rate",
    "keratinocytes.apoptosis_rate",
    "keratinocytes.shedding_speed",
    "keratinocytes.filaggrin_rate",
    "keratinocytes.loricrin_rate",
    "keratinocytes.protein_loss",
    "barrier.corneodesmosome_decay",
    "barrier.lipid_rate",
    "barrier.lipid_loss",
)
"""Rates that quicken or slow together, so that the tissue at rest keeps its make-up."""

AGE_FACTORS: dict[str, dict[str, float]] = {
    "adult": {},
    "infant": {**dict.fromkeys(_RENEWAL, 1.2), "keratinocytes.cell_volume": 0.8},
    "elderly": {
        **dict.fromkeys(_RENEWAL, 0.7),
        "barrier.lipid_rate": 0.6,
        "pigmentation.melanocyte_density": 0.7,
    },
}
"""Factors on parameters by age group. Infants: smaller cells, a fifth thinner epidermis, faster
turnover (Stamatas 2010, Pediatr. Dermatol. 27, 125). Elderly: turnover a third slower (Grove &
Kligman 1983, J. Gerontol. 38, 137), less lipid (Ghadially 1995, J. Clin. Invest. 95, 2281), a tenth
fewer melanocytes a decade (Gilchrest 1979, J. Invest. Dermatol. 73, 141). Sizes are rounded."""

SCORED = {
    "th1_score": "immunity.Th1_rate",
    "th2_score": "immunity.Th2_rate",
    "th22_score": "immunity.Th22_rate",
    "th17_score": "immunity.IL17_secretion",
}
"""The parameter that each score of a T-cell axis moves."""

MICROBIAL_SHARE = 0.5
"""Part of the antigens on the skin that is bacterial in an average patient; assumed."""


class EndotypeError(ValueError):
    """A covariate is out of range; the message lists every problem."""


@dataclasses.dataclass(frozen=True)
class Endotype:
    """Covariates of one patient; None or the default where not known.

    Attributes:
        filaggrin_null_alleles: 0, 1 or 2.
        phototype: I to VI, or empty.
        age_group: `"infant"`, `"adult"` or `"elderly"`.
        th1_score: Standard score of the Th1 axis in lesional skin among patients of the disease;
            likewise th2, th17, th22. One unit moves the axis by one spread of its prior.
        s_aureus: Load of *S. aureus* relative to an average patient of the disease, >= 0.
    """

    filaggrin_null_alleles: int | None = None
    phototype: str = ""
    age_group: str = "adult"
    th1_score: float = 0.0
    th2_score: float = 0.0
    th17_score: float = 0.0
    th22_score: float = 0.0
    s_aureus: float = 1.0

    def problems(self) -> list[str]:
        """What is out of range, one sentence each."""
        found = []
        for name, allowed in (
            ("filaggrin_null_alleles", (None, *GENE_DOSE)),
            ("phototype", ("", *MELANOGENIC_CAPACITY)),
            ("age_group", tuple(AGE_FACTORS)),
        ):
            value = getattr(self, name)
            if value not in allowed:
                told = ", ".join(str(one) for one in allowed if one not in (None, ""))
                found.append(f"Unrecognized {name}: '{value}'. Expected one of {told}.")
        for name in SCORED:
            value = getattr(self, name)
            if not abs(value) <= 4.0:
                found.append(f"Expected {name} as a standard score from -4 to 4, got {value}.")
        if not (math.isfinite(self.s_aureus) and 0.0 <= self.s_aureus <= 100.0):
            found.append(f"Expected s_aureus as a load from 0 to 100, got {self.s_aureus}.")
        return found

    def parameters(
        self, model: SkinModel, base: Mapping[str, float] | None = None
    ) -> dict[str, float]:
        """Paths to values in declared units, those of `base` included.

        Args:
            model: The model.
            base: Values that differ from the defaults, such as `DONORS["atopic"]`.

        Raises:
            EndotypeError: a covariate out of range; all are listed.
        """
        if found := self.problems():
            raise EndotypeError("\n".join(found))
        specs, values = model.specifications(), dict(base or {})

        def scale(path: str, factor: float) -> None:
            spec = specs[path]
            low, high = spec.bounds
            values[path] = min(max(factor * values.get(path, spec.value), low), high)

        for path, factor in AGE_FACTORS[self.age_group].items():
            scale(path, factor)
        for name, path in SCORED.items():
            if score := getattr(self, name):
                scale(path, math.exp(score * specs[path].prior.sd))
        if self.s_aureus != 1.0:
            scale("immunity.antigen_load", 1.0 + MICROBIAL_SHARE * (self.s_aureus - 1.0))
        if self.filaggrin_null_alleles is not None:
            values["keratinocytes.filaggrin_dose"] = GENE_DOSE[self.filaggrin_null_alleles]
        if self.phototype:
            values["pigmentation.capacity"] = MELANOGENIC_CAPACITY[self.phototype]
        return values


def saturated_vapour(celsius: float) -> float:
    """Water in saturated air [g/m³].

    Magnus' formula with the coefficients of Sonntag (1990, Z. Meteorol. 40, 340), and the law of
    ideal gases: 216.7 · 6.112 exp(17.62 T / (243.12 + T)) / (273.15 + T).
    """
    pressure = 6.112 * math.exp(17.62 * celsius / (243.12 + celsius))
    return 216.7 * pressure / (273.15 + celsius)


def seasons(
    days: float,
    *,
    first_day_of_year: float = 0.0,
    indoor: float = 21.0,
    winter_humidity: float = 0.3,
    summer_humidity: float = 0.55,
    summer_light: float = 0.0,
    step: float = 30.0,
) -> list[Any]:
    """A temperate year around the patient, as events of a protocol.

    Humidity indoors swings between its winter and summer values, warmth by three degrees; light on
    uncovered skin follows the sun, summed to one exposure a week.

    Args:
        days: How long.
        first_day_of_year: Day of the year at the start; 0 is the first of January.
        indoor: Mean temperature indoors [°C].
        winter_humidity: Relative humidity in mid January, 0 to 1.
        summer_humidity: In mid July.
        summer_light: Effective fluence of one week in mid July [J/cm²]; 0 for covered skin.
        step: Days between two changes of the air.

    Returns:
        `Change` and `Ultraviolet` events. The shape of the year (a cosine) is assumed.
    """

    def warmth(day: float) -> float:
        """0 in mid January, 1 in mid July."""
        return 0.5 - 0.5 * math.cos(2 * math.pi * (day + first_day_of_year - 15.0) / 365.25)

    events: list[Any] = []
    at = 0.0
    while at < days:
        share = warmth(at + 0.5 * step)
        humidity = winter_humidity + share * (summer_humidity - winter_humidity)
        vapour = saturated_vapour(indoor + 3.0 * (share - 0.5))
        events.append(Change(at, {"relative_humidity": humidity, "air_vapour": vapour}))
        at += step
    week = 3.5
    while summer_light > 0 and week < days:
        events.append(Ultraviolet(summer_light * warmth(week), week))
        week += 7.0
    return events
