"""From a drug and its regimen to inputs of the pharmacokinetic model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .drug import DOSE_UNITS, Drug
from .errors import RegimenError
from .regimen import DoseEvent, Regimen

LONGEST_AVERAGED_INTERVAL = 2.0
"""Days. Doses at most this far apart are replaced by their average rate in `"average"` mode."""

_PRODUCT_PER_AREA = 1e4  # mg/m2 per mg/cm2


@dataclass(frozen=True)
class InputRate:
    """Constant input from a time on, until the next entry.

    Attributes:
        time: Day from which it holds.
        rate: Dose per day: mg/day, or mg/m2/day of a topical's drug or an emollient's product.
    """

    time: float
    rate: float


@dataclass(frozen=True)
class Dosing:
    """Inputs of one drug over a horizon: single doses, or rates, never both.

    Attributes:
        events: Doses in the units of the pharmacokinetic model: mg, mg/m2 (topical drug or
            emollient product); J/cm2 for light.
        rates: Piecewise constant input rates, starting where they change.
    """

    events: tuple[DoseEvent, ...] = ()
    rates: tuple[InputRate, ...] = ()


def dosing(
    drug: Drug,
    regimen: Regimen | str | None = None,
    *,
    horizon: float,
    weight: float | None = None,
    mode: Literal["average", "explicit"] = "average",
) -> Dosing:
    """Doses of a drug, in the units of its pharmacokinetic model.

    Over months, daily and twice daily doses are represented by their average rate ("average", the
    default): exposure then is its steady-state average F·dose/(interval·CL) instead of hundreds of
    solver segments. Regimens with longer intervals always give single doses. Choose "explicit" for
    studies within days.

    Args:
        drug: The drug.
        regimen: A regimen, its words, an indication of the label, or `None` for the first label
            regimen.
        horizon: Length of treatment [day].
        weight: Body weight [kg], for regimens per kilogram.
        mode: `"average"` or `"explicit"`.

    Returns:
        Events or rates. Light always gives events, in J/cm2.

    Raises:
        RegimenError: The regimen is not understood or its unit does not suit the drug.
    """
    if mode not in ("average", "explicit"):
        raise RegimenError(f"Unrecognized mode: '{mode}'. Expected one of 'average', 'explicit'.")
    if not isinstance(regimen, Regimen):
        regimen = drug.regimen(regimen)
    if regimen.unit not in DOSE_UNITS[drug.kind]:
        raise RegimenError(
            f"Regimen '{regimen.text}' is in {regimen.unit}, and '{drug.name}' ({drug.kind}) is "
            f"dosed in {' or '.join(DOSE_UNITS[drug.kind])}. Write for example "
            f"'1 {DOSE_UNITS[drug.kind][0]} qd'."
        )
    scale = model_amount(drug)
    unit = {"topical": "mg/m2", "emollient": "mg/m2", "phototherapy": "J/cm2"}.get(drug.kind, "mg")
    if mode == "average" and drug.kind != "phototherapy" and _is_frequent(regimen):
        return Dosing(rates=_rates(regimen, horizon, scale * _per_kilogram(regimen, weight)))
    events = regimen.events(horizon, drug.route, weight)
    return Dosing(events=tuple(DoseEvent(e.time, e.amount * scale, unit, e.route) for e in events))


def model_amount(drug: Drug) -> float:
    """Model amount per regimen amount: drug per square metre for what is put on the skin."""
    if drug.kind == "topical" and drug.strength is not None:
        return drug.strength.magnitude * _PRODUCT_PER_AREA
    return _PRODUCT_PER_AREA if drug.kind == "emollient" else 1.0


def _per_kilogram(regimen: Regimen, weight: float | None) -> float:
    if regimen.unit != "mg/kg":
        return 1.0
    if weight is None:
        raise RegimenError(
            f"Regimen '{regimen.text}' is per kilogram and no body weight is known. "
            "Give weight=… in kg."
        )
    return float(weight)


def _is_frequent(regimen: Regimen) -> bool:
    return all(
        phase.interval is not None
        and phase.interval <= LONGEST_AVERAGED_INTERVAL
        and len(phase.amounts) == 1
        for phase in regimen.phases
    )


def _rates(regimen: Regimen, horizon: float, scale: float) -> tuple[InputRate, ...]:
    rates: list[InputRate] = []
    for phase, first in regimen.starts():
        if first >= horizon:
            break
        days = phase.days(first, horizon)
        if not days or phase.interval is None:
            continue
        if rates and rates[-1].time == first:  # the pause before this phase is empty
            rates.pop()
        rates.append(InputRate(first, phase.amounts[0] * scale / phase.interval))
        end = days[-1] + phase.interval
        if end < horizon - 1e-9:
            rates.append(InputRate(end, 0.0))
    return tuple(rates)
