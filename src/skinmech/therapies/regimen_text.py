"""Reading the words of a regimen: "600 mg, then 300 mg q2w", "300 mg weeks 0,1,2,3,4 then q4w"."""

from __future__ import annotations

import re

from .errors import RegimenError
from .regimen import Phase, Regimen

_AMOUNT_UNITS: dict[str, tuple[str, float]] = {
    "mg": ("mg", 1.0),
    "g": ("mg", 1e3),
    "ug": ("mg", 1e-3),
    "mcg": ("mg", 1e-3),
    "mg/kg": ("mg/kg", 1.0),
    "mg/cm2": ("mg/cm2", 1.0),
    "g/m2": ("mg/cm2", 0.1),
    "j/cm2": ("J/cm2", 1.0),
    "mj/cm2": ("J/cm2", 1e-3),
}

_REFUSED_UNITS: dict[str, str] = {
    "ml": "mL is a volume; give the mass of drug in mg (volume times concentration)",
    "iu": "international units are not a mass; give the mass of drug in mg",
    "u": "units are not a mass; give the mass of drug in mg",
    "%": "% is the strength of a product, not a dose; give the product per area, e.g. '2 mg/cm2'",
    "ftu": "give the product per area instead (a fingertip unit is about 2 mg/cm2)",
    "mg/m2": "dosing per body surface is not supported; give the amount in mg",
}

_NAMED_INTERVALS: dict[str, float] = {
    "qd": 1.0,
    "od": 1.0,
    "daily": 1.0,
    "once daily": 1.0,
    "bid": 0.5,
    "twice daily": 0.5,
    "tid": 1 / 3,
    "qod": 2.0,
    "every other day": 2.0,
    "qw": 7.0,
    "weekly": 7.0,
    "once weekly": 7.0,
}

_DAYS = {"h": 1 / 24}
_DAYS |= dict.fromkeys(("day", "d"), 1.0)
_DAYS |= dict.fromkeys(("week", "w", "wk"), 7.0)
_DAYS |= dict.fromkeys(("month", "m"), 28.0)

_NUMBER = r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?"
_ENTRY = rf"{_NUMBER}(?:\s*x\s*\d+)?"
_AMOUNT = re.compile(
    rf"(?P<list>{_ENTRY}(?:\s*,\s*{_ENTRY})*)\s*(?P<unit>%|[a-zA-Z]+(?:/[a-zA-Z]+2?)?)"
)
_NUMBERS = rf"{_NUMBER}(?:\s*(?:,|and)\s*{_NUMBER})*"
_TIMES = re.compile(rf"(?:at\s+|on\s+)?(?P<period>week|day)s?\s+(?P<numbers>{_NUMBERS})")
_START = re.compile(rf"(?:from|starting(?: at)?)\s+(?P<period>week|day)\s+(?P<number>{_NUMBER})")
_UNTIL = re.compile(rf"(?:until|to)\s+(?P<period>week|day)\s+(?P<number>{_NUMBER})")
_DURATION = re.compile(rf"for\s+(?P<number>{_NUMBER})\s+(?P<period>week|day)s?")
_EVERY = re.compile(
    rf"every\s+(?:(?P<number>{_NUMBER})\s+)?(?P<period>day|week|month)s?"
    r"|q(?P<short>\d+)(?P<letter>w|wk|d|m|h)\b"
)
_PER_WEEK = re.compile(r"(?P<count>\d+)\s*(?:x|times)\s*(?:/|per|a)\s*week")
_NAMED = re.compile(rf"(?:{'|'.join(sorted(_NAMED_INTERVALS, key=len, reverse=True))})\b")

_EXAMPLES = (
    "'600 mg, then 300 mg q2w', '300 mg weeks 0,1,2,3,4 then q4w', '40 mg q2w from week 1', "
    "'250 mg q2w until week 16', '15 mg qd', '5 mg bid for 12 weeks', '0.7 x2, 0.98 J/cm2 3x/week'"
)


def parse_regimen(text: str) -> Regimen:
    """Read a regimen written as on a label.

    Phases are separated by "then" or ";". A phase is an amount (or a list, `0.7 x2, 0.98 J/cm2`),
    then when it is given: `qd`, `bid`, `qw`, `q2w`, `every 4 weeks`, `3x/week`, `weeks 0,1,4`, and
    where it starts or ends: `from week 1`, `until week 16` (that week included), `for 12 weeks`. A
    phase without an amount repeats the amount before it. Months count as 28 days.

    Args:
        text: The words.

    Returns:
        The regimen.

    Raises:
        RegimenError: A part is not understood, a dose is negative, or a unit is no dose.
    """
    parts = [part.strip(" ,.") for part in re.split(r"\bthen\b|;", text.lower())]
    parts = [re.sub(r"^followed by\s+", "", part) for part in parts if part]
    if not parts:
        raise RegimenError(f"Unable to find a dose in the regimen '{text}'. Examples: {_EXAMPLES}.")
    phases: list[Phase] = []
    for part in parts:
        phases.append(_parse_phase(part, text, phases[-1] if phases else None))
    return Regimen(tuple(phases), text)


def _parse_phase(part: str, text: str, before: Phase | None) -> Phase:
    amounts, unit, rest = _parse_amounts(part, text, before)
    fields: dict = {}
    while rest:
        match, found = _parse_timing(rest)
        if match is None or not found.keys().isdisjoint(fields):
            problem = "not understood" if match is None else "a second timing of the same kind"
            raise RegimenError(
                f"Unable to read the regimen '{text}': '{rest}' is {problem}. "
                f"Examples: {_EXAMPLES}."
            )
        fields |= found
        rest = rest[match.end() :].strip(" ,")
    if fields.get("interval", 1.0) <= 0 or min(fields.get("times", (0.0,))) < 0:
        raise RegimenError(
            f"Regimen '{text}': '{part}' has an interval of zero or a time before the start. "
            "Intervals are positive and times count from week 0 or day 0."
        )
    if "times" in fields and "interval" in fields:
        raise RegimenError(
            f"Unable to read the regimen '{text}': '{part}' gives both explicit weeks and an "
            "interval. Put 'then' between them, for example '300 mg weeks 0,4 then q12w'."
        )
    times = fields.get("times")
    if len(amounts) > 1 and times is not None and len(amounts) != len(times):
        raise RegimenError(
            f"Regimen '{text}': '{part}' gives {len(amounts)} amounts for {len(times)} dose times. "
            "Give one amount, or one per time."
        )
    if len(amounts) > 1 and times is None and "interval" not in fields:
        raise RegimenError(
            f"Regimen '{text}': '{part}' lists {len(amounts)} amounts and not when they are given. "
            "Add for example '3x/week' or 'weeks 0,1,2'."
        )
    if not fields.keys().isdisjoint({"until", "duration"}) and "interval" not in fields:
        raise RegimenError(
            f"Regimen '{text}': '{part}' has an end and no interval. Add for example 'q2w'."
        )
    return Phase(amounts, unit, text=part, **fields)


def _parse_amounts(
    part: str, text: str, before: Phase | None
) -> tuple[tuple[float, ...], str, str]:
    match = _AMOUNT.match(part)
    if match is None:
        if re.match(_NUMBER, part):
            raise RegimenError(
                f"Regimen '{text}': '{part}' gives a number and no unit. "
                "Write for example '300 mg'."
            )
        if before is None:
            raise RegimenError(
                f"Unable to find a dose at the start of the regimen '{text}'. "
                f"Examples: {_EXAMPLES}."
            )
        return before.amounts[-1:], before.unit, part
    name = match["unit"]
    if name == "q" or name in _NAMED_INTERVALS:
        raise RegimenError(
            f"Regimen '{text}': '{part}' gives a number and no unit. Write for example '300 mg'."
        )
    if name not in _AMOUNT_UNITS:
        reason = _REFUSED_UNITS.get(name, f"'{name}' is not a unit of a dose")
        raise RegimenError(
            f"Regimen '{text}': {reason}. Accepted units: "
            f"{', '.join(_AMOUNT_UNITS).replace('j/', 'J/')}."
        )
    unit, factor = _AMOUNT_UNITS[name]
    amounts: list[float] = []
    for entry in match["list"].split(","):
        number, _, repeats = entry.partition("x")
        if float(number) < 0:
            raise RegimenError(
                f"Regimen '{text}' has a negative dose, {number.strip()} {name}. A dose is zero or "
                "more."
            )
        amounts += [float(number) * factor] * (int(repeats) if repeats.strip() else 1)
    return tuple(amounts), unit, part[match.end() :].strip(" ,")


def _parse_timing(rest: str) -> tuple[re.Match | None, dict]:
    if match := _TIMES.match(rest):
        days = [float(n) * _DAYS[match["period"]] for n in re.findall(_NUMBER, match["numbers"])]
        return match, {"times": tuple(sorted(days))}
    for key, pattern in (("start", _START), ("until", _UNTIL), ("duration", _DURATION)):
        if match := pattern.match(rest):
            return match, {key: float(match["number"]) * _DAYS[match["period"]]}
    if match := _PER_WEEK.match(rest):
        count = int(match["count"])
        return match, {"interval": 7.0 / count if count else 0.0, "doses_per_week": count}
    if match := _EVERY.match(rest):
        number = match["number"] or match["short"] or "1"
        return match, {"interval": float(number) * _DAYS[match["period"] or match["letter"]]}
    if match := _NAMED.match(rest):
        return match, {"interval": _NAMED_INTERVALS[match[0]]}
    return None, {}
