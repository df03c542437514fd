"""From a table's dose and regimen to a regimen of the drug, with the label's loading doses."""

import dataclasses
import re

from skinmech.therapies import Drug
from skinmech.therapies.errors import RegimenError
from skinmech.therapies.regimen import Regimen
from skinmech.therapies.regimen_text import parse_regimen

_EVERY = (
    (r"\bqw/q2w\b|\bqw or q2w\b", 7.0),
    (r"\bbid\b|twice (?:a |per )?da(?:y|ily)|\btwice daily\b|\bdaily twice\b", 0.5),
    (r"\bqd\b|\bonce (?:a |per )?da(?:y|ily)\b|\bdaily\b", 1.0),
    (r"\bbiw\b|twice (?:a |per )?week(?:ly)?|twice[ /]?/?\s*w", 3.5),
    (r"\be[o0]w\b|every other week|every (?:2|two) weeks|\bq2w\b", 14.0),
    (r"every (?:3|three) weeks|\bq3w\b", 21.0),
    (r"every (?:4|four) weeks|\bq4w\b|monthly|once a month|every month|\bmonth\b", 28.0),
    (r"every (?:6|six) weeks|\bq6w\b", 42.0),
    (r"every (?:8|eight) weeks|\bq8w\b", 56.0),
    (r"every (?:12|twelve) weeks|\bq12w\b", 84.0),
    (r"\bqw\b|once[ /]?(?:a |per )?/?\s*w(?:eek(?:ly)?)?|\bweekly\b|/week", 7.0),
)
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:[-/]\s*(\d+(?:\.\d+)?)\s*)?(mg/kg|mg|%|$)")


def regimen_of(drug: Drug, dose: str, words: str) -> Regimen:
    """The regimen that a table's dose and words mean.

    The words are read as they are where they can be; a plain dose and interval that the label has
    too is the label's regimen, with its loading doses. Two doses in one cell are their mean.

    Args:
        drug: The drug.
        dose: For example `"300 mg"`, `"45/90 mg"`, `"5 mg/kg"`.
        words: For example `"q2w"`, `"Q4W"`, or a sentence; empty: the label.

    Raises:
        RegimenError: no interval could be read; what was understood is said.
    """
    if drug.kind in ("topical", "phototherapy", "emollient"):
        return _applied(drug, dose, words)
    amount, unit = _amount(dose, words)
    every = _every(f"{words} {dose}")
    tells_times = not words.strip() or every is not None or re.search(r"\d", words)
    label = _label(drug, amount, unit, every) if tells_times else None
    if label is not None:
        return label
    if amount is None:
        raise RegimenError(
            f"Unable to read a dose of '{drug.name}' from '{dose}'. Expected e.g. '300 mg'."
        )
    if every is None:
        raise RegimenError(
            f"Unable to read how often '{drug.name}' {dose} is given from '{words}'. Expected "
            "e.g. 'q2w', 'qd', 'twice a week', or a regimen of its label: "
            f"{'; '.join(one.regimen.text for one in drug.regimens) or 'none known'}."
        )
    return parse_regimen(f"{amount:g} {unit} every {every:g} days")


def _applied(drug: Drug, dose: str, words: str) -> Regimen:
    """What is put on the skin or shone at it: the label's amount, at the table's strength and pace.

    Raises:
        RegimenError: neither the words nor a label say how often.
    """
    every = _every(words)
    label = drug.regimens[0].regimen if drug.regimens else None
    if label is None or (every is None and re.search(r"\d", words)):
        return drug.regimen(words or None)
    if every is None and words.strip() and not re.search(r"topical|vehicle", words):
        raise RegimenError(
            f"Unable to read how often '{drug.name}' is used from '{words}'. Expected e.g. 'bid', "
            f"'qd', or the label's '{label.text}'."
        )
    strength = re.search(r"(\d+(?:\.\d+)?)\s*%", dose)
    ratio = 1.0
    if strength is not None and drug.strength is not None:
        ratio = float(strength.group(1)) / (100.0 * drug.strength.magnitude)
    last = label.phases[-1]
    pace = every or last.interval
    if pace is None or (abs(ratio - 1.0) < 1e-9 and pace == last.interval):
        return label
    return parse_regimen(f"{ratio * last.amounts[-1]:g} {label.unit} every {pace:g} days")


def _amount(dose: str, words: str) -> tuple[float | None, str]:
    unit = "mg/kg" if "/kg" in f"{dose} {words[:12]}" else "mg"
    found = _AMOUNT.search(dose.strip())
    if found is None:
        return None, unit
    values = [float(one) for one in found.groups()[:2] if one]
    return sum(values) / len(values), unit


def _every(text: str) -> float | None:
    for pattern, days in _EVERY:
        if re.search(pattern, text, re.IGNORECASE):
            return days
    return None


def _label(drug: Drug, amount: float | None, unit: str, every: float | None) -> Regimen | None:
    """The label's regimen of that interval, scaled to the dose where it is another.

    A dose that the label knows is looked for first; then, for injections, the label's pattern of
    loading and maintenance at that interval, all doses in proportion.
    """
    known = [one.regimen for one in drug.regimens if one.regimen.unit == unit or amount is None]
    fitting = [one for one in known if every is None or _is_every(one, every)]
    if amount is None:
        return fitting[0] if fitting else None
    for one in fitting:
        if one.phases[-1].amounts[-1] == amount:
            return one
    for one in fitting:
        if any(amount in phase.amounts for phase in one.phases):
            return one
    for one in known:
        # Words such as "weeks 0 to 4 and every 12" name the loading doses' interval first.
        interval = one.phases[-1].interval or 0.0
        is_known = any(amount in phase.amounts for phase in one.phases)
        if is_known and every is not None and interval > 14.0 >= every:
            return one
    if drug.route != "subcutaneous" or not fitting or every is None:
        return None
    ratio = amount / fitting[0].phases[-1].amounts[-1]
    phases = tuple(
        dataclasses.replace(phase, amounts=tuple(ratio * a for a in phase.amounts))
        for phase in fitting[0].phases
    )
    words = f"{fitting[0].text}, all doses times {ratio:.3g}"
    return dataclasses.replace(fitting[0], phases=phases, text=words)


def _is_every(regimen: Regimen, every: float) -> bool:
    interval = regimen.phases[-1].interval
    return interval is not None and abs(interval - every) < 0.6
