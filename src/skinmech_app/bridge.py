"""From what a user wrote to what the model takes: parameters, protocols, units, start states."""

import dataclasses
import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .failures import DATA, USAGE, Problem, Problems, UserError, nearest
from .study import INDICATIONS, Donor, TreatmentLine

if TYPE_CHECKING:
    from skinmech.modelling.model import SkinModel
    from skinmech.protocol import Protocol

_SPELLINGS = ((r"\bm2\b", "m**2"), (r"\bcm2\b", "cm**2"), ("²", "**2"), ("µ", "u"), ("μ", "u"),
              ("Ω", "ohm"), ("·", "*"), (r"/h\b", "/hour"))  # fmt: skip
_NO_UNIT = {"", "-", "1", "score", "points", "dimensionless", "ratio", "fold"}


def donor_parameters(donor: Donor) -> dict[str, float]:
    """Parameter values that follow from a donor's disease and covariates."""
    from skinmech.endotype import Endotype

    from .runtime import model

    known = {f.name: getattr(donor, f.name) for f in dataclasses.fields(Endotype)}
    return Endotype(**known).parameters(model(), disease_parameters(donor.disease))


def disease_parameters(disease: str) -> dict[str, float]:
    """The core's preset of a disease."""
    if disease == "healthy":
        return {}
    from skinmech.states import DONORS

    return dict(DONORS[disease])


@functools.cache
def start_state(disease: str) -> Any:
    """A flat state near the attractor of a disease; None for healthy skin."""
    if disease == "healthy":
        return None
    from skinmech.states import attractor

    from .runtime import model

    return attractor(model(), disease)


def parse_settings(texts: Iterable[str]) -> dict[str, float]:
    """`path=value` options as a mapping.

    Raises:
        UserError: a text of another form; all are listed.
    """
    problems, out = Problems(), {}
    for text in texts:
        path, sign, value = text.partition("=")
        try:
            if not sign:
                raise ValueError
            out[path.strip()] = float(value)
        except ValueError:
            problems.add("bad_option", f"Unable to read '--set {text}'.", where="--set",
                         expected="path=number, such as immunity.Th2_rate=60",
                         fix="write a plain number in the parameter's unit")  # fmt: skip
    problems.raise_if_any(USAGE)
    return out


def checked_parameters(model: "SkinModel", values: Mapping[str, float]) -> dict[str, float]:
    """Values after a check against the model's declarations.

    Raises:
        ParameterError: unknown paths or values outside bounds; all are listed.
    """
    from skinmech.modelling.parameters import check

    check(model.specifications(), values)
    return dict(values)


def check_observables(model: "SkinModel", names: Iterable[str], where: str) -> None:
    """Refuse names that the model does not observe.

    Raises:
        UserError: with the nearest names; all are listed.
    """
    known, problems = model.observables(), Problems()
    for name in names:
        if name not in known:
            problems.add("unknown_observable", f"Unrecognized observable: '{name}'.", where=where,
                         expected=nearest(name, known), fix="use a name of the model")  # fmt: skip
    problems.raise_if_any(DATA)


def option_lines(drugs: Sequence[str], regimens: Sequence[str]) -> tuple[TreatmentLine, ...]:
    """`--drug` and `--regimen` options as treatments.

    Raises:
        UserError: more regimens than drugs.
    """
    if len(regimens) > len(drugs):
        raise UserError(
            Problem("bad_option", "More --regimen options than --drug options.", "--regimen",
                    f"{len(regimens)}", f"at most {len(drugs)}",
                    "give each regimen after its drug"), USAGE
        )  # fmt: skip
    padded = [*regimens, *[""] * (len(drugs) - len(regimens))]
    return tuple(TreatmentLine(drug, words) for drug, words in zip(drugs, padded, strict=True))


def protocol(
    lines: Sequence[TreatmentLine], days: float, donor: Donor, *, where: str = ""
) -> "Protocol":
    """A protocol from treatment lines; every drug and regimen is looked up.

    Raises:
        UserError: unknown drugs, regimens that cannot be read; all are listed.
    """
    import skinmech as sm
    from skinmech.therapies import load_drug

    events: list[Any] = []
    found: list[Problem] = []
    for line in lines:
        try:
            if line.strips:
                event = sm.TapeStrips(line.strips, line.start)
            elif line.fluence:
                event = sm.Ultraviolet(line.fluence, line.start, line.lamp or "NB-UVB")
            else:
                drug = load_drug(line.drug)
                event = sm.Treatment(
                    drug, _regimen(line, drug, donor), line.start, line.stop,
                    weight=donor.weight, adherence=line.adherence,
                )  # fmt: skip
            sm.Protocol(days, [event]).steps()
            events.append(event)
        except ValueError as error:
            found.append(_about_line(error, line, where))
    if found:
        raise UserError(found)
    return sm.Protocol(days, events)


def _about_line(error: ValueError, line: TreatmentLine, where: str) -> Problem:
    from .failures import describe

    described = describe(error)
    if described is None:
        raise error
    place = ", ".join(part for part in (where, f"treatment '{line.words}'") if part)
    return dataclasses.replace(described[0][0], where=place)


def _regimen(line: TreatmentLine, drug: Any, donor: Donor) -> str | None:
    """The words given, else the label's regimen for the donor's disease, else the first label."""
    if line.regimen:
        return line.regimen
    wanted = INDICATIONS.get(donor.disease, "")
    for label in drug.regimens:
        if label.indication == wanted:
            return wanted
    return None


def to_unit(value: float, unit: str, observable: str, model: "SkinModel") -> float:
    """A reading in the model's unit of the observable.

    Raises:
        UnitError: the unit has another dimension or is unknown.
    """
    from skinmech.modelling.units import UnitError, magnitude

    spec = model.observables()[observable]
    text = unit.strip()
    if not text or text == spec.unit or (text in _NO_UNIT and spec.unit == "dimensionless"):
        return value
    for pattern, replacement in _SPELLINGS:
        text = re.sub(pattern, replacement, text) if "\\" in pattern else text.replace(
            pattern, replacement)  # fmt: skip
    if observable == "teer":
        return magnitude(f"{value!r} {text}", "ohm*cm**2", what="teer")
    if text == "%" and spec.unit == "dimensionless":
        raise UnitError(
            f"The unit of {observable} does not fit: '%'. Expected the score itself, not a change "
            "in per cent; multiply the baseline by one plus the change."
        )
    return magnitude(f"{value!r} {text}", spec.unit, what=observable)


def steady_start(disease: str, parameters: Mapping[str, float]) -> Any:
    """The steady state of a disease under the parameters given.

    Raises:
        SimulationError: there is none near the disease's attractor.
    """
    from skinmech import simulator

    from .runtime import model

    return simulator(model()).steady(parameters=dict(parameters), guess=start_state(disease))
