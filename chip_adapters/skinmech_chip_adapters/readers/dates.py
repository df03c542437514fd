"""Dates and times: the order of day and month is found by evidence or declared, never assumed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.readers.numbers import parse_number
from skinmech_chip_adapters.schema import TimeQuality
from skinmech_chip_adapters.units import SECONDS, canonical_unit, is_known_unit

ORDERS = ("DMY", "MDY", "YMD")
_MONTHS = {
    name: number
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)
}
_CLOCK = (
    r"(?P<h>\d{1,2}):(?P<min>\d{2})(?::(?P<s>\d{2})(?:[.,:](?P<frac>\d{1,7}))?)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?(?P<zone>\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?"
)
_ISO = re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?:[T ,]\s*" + _CLOCK + ")?")
_WORD = re.compile(
    r"(?P<d>\d{1,2})[-. ](?P<mon>[A-Za-z]{3,9})\.?[-. ](?P<y>\d{4})(?:[ ,]\s*" + _CLOCK + ")?"
)
_PLAIN = re.compile(
    r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{4}|\d{2})(?:[ ,]\s*" + _CLOCK + ")?"
)
# Written without a blank between a two-digit year and the time: 25.01.1706:12:01.
_GLUED = re.compile(
    r"(?P<a>\d{2})[-/.](?P<b>\d{2})[-/.](?P<y>\d{2})(?P<h>\d{2}):(?P<min>\d{2}):(?P<s>\d{2})"
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date, with or without a time of day.

    Attributes:
        text: As written in the file.
        local: Date and time on the instrument's clock (midnight where `has_time` is False).
        has_time: False for a bare date.
        utc: Date and time in UTC, or None where the zone is not known or there is no time.
        quality: How the zone is known.
    """

    text: str
    local: datetime
    has_time: bool
    utc: datetime | None
    quality: TimeQuality

    @property
    def utc_text(self) -> str:
        """ISO 8601 in UTC, or empty."""
        return self.utc.isoformat() if self.utc else ""


def read_stamps(
    texts: Sequence[tuple[str, str]], order: str = "", zone: str = ""
) -> tuple[tuple[Stamp, ...], str]:
    """Read all dates of one file together.

    Args:
        texts: Place (such as `line 3`) and text of every date in the file, in file order.
        order: `DMY`, `MDY` or `YMD` from the side-car, or empty to decide by evidence.
        zone: IANA name of the instrument's time zone from the side-car, or empty.

    Returns:
        The stamps, and the order that was used (empty if none was needed).

    Raises:
        ChipDataError: `not_a_date`, `ambiguous_date`, `mixed_dates`, `unknown_date_order`,
            `unknown_timezone`, `time_in_clock_change`.
    """
    if order and order not in ORDERS:
        raise ChipDataError("unknown_date_order", found=f"date_order {order!r}",
                            expected="one of " + ", ".join(ORDERS))  # fmt: skip
    matches = [(place, text, _match(place, text)) for place, text in texts]
    numeric = [(p, t, m) for p, t, m in matches if m.re in (_PLAIN, _GLUED)]
    used = _order(numeric, order) if numeric else ""
    information = _zone(zone)
    return tuple(_stamp(p, t, m, used, information) for p, t, m in matches), used


def _match(place: str, text: str) -> re.Match[str]:
    token = " ".join(text.split())
    for pattern in (_ISO, _WORD, _GLUED, _PLAIN):
        match = pattern.fullmatch(token)
        if match:
            return match
    raise ChipDataError(
        "not_a_date", locator=place, found=f"{token[:40]!r}", expected="a date as numbers or ISO",
        remedy="correct the cell, or declare the column's role in the side-car",
    )  # fmt: skip


def _order(rows: list[tuple[str, str, re.Match[str]]], declared: str) -> str:
    proof: dict[str, tuple[str, str]] = {}
    for place, text, match in rows:
        first, second = int(match["a"]), int(match["b"])
        if first > 12:
            proof.setdefault("DMY", (place, text))
        if second > 12:
            proof.setdefault("MDY", (place, text))
    if len(proof) == 2:
        (one, text_one), (two, text_two) = proof["DMY"], proof["MDY"]
        raise ChipDataError(
            "mixed_dates", locator=f"{one} and {two}", found=f"{text_one!r} and {text_two!r}",
            expected="one order of day and month in the whole file",
        )  # fmt: skip
    found = next(iter(proof), "")
    if declared in ("DMY", "MDY"):
        if found and found != declared:
            place, text = proof[found]
            raise ChipDataError(
                "mixed_dates", locator=place, found=f"{text!r}",
                expected=f"the declared order {declared}", remedy="correct date_order",
            )  # fmt: skip
        return declared
    if found:
        return found
    if all(match["a"] == match["b"] for _, _, match in rows):
        return "DMY"  # both readings are the same day
    rising = [order for order in ("DMY", "MDY") if _rises(rows, order)]
    if len(rising) == 1:
        return rising[0]
    place, text, _ = next(row for row in rows if row[2]["a"] != row[2]["b"])
    raise ChipDataError(
        "ambiguous_date", locator=place, found=f"{text[:40]!r}",
        expected="evidence whether the day or the month comes first",
        remedy='declare date_order = "DMY" or "MDY" in the side-car',
    )  # fmt: skip


def _rises(rows: list[tuple[str, str, re.Match[str]]], order: str) -> bool:
    days = [_date(match, order) for _, _, match in rows]
    return len(set(days)) > 1 and all(a <= b for a, b in zip(days, days[1:], strict=False))


def _date(match: re.Match[str], order: str) -> tuple[int, int, int]:
    groups = match.groupdict()
    year = int(groups["y"])
    year = 2000 + year if len(groups["y"]) == 2 else year
    if groups.get("mon"):
        return year, _MONTHS.get(groups["mon"][:3].lower(), 0), int(groups["d"])
    if "a" in groups:
        day, month = (groups["a"], groups["b"]) if order == "DMY" else (groups["b"], groups["a"])
        return year, int(month), int(day)
    return year, int(groups["m"]), int(groups["d"])


def _stamp(place: str, text: str, match: re.Match[str], order: str, zone: ZoneInfo | None) -> Stamp:
    groups = match.groupdict()
    try:
        local = datetime(*_date(match, order), *_clock(groups))
        offset = _offset((groups.get("zone") or "").strip())
    except ValueError as error:
        raise ChipDataError(
            "not_a_date", locator=place, found=f"{text[:40]!r}", expected="a date that exists"
        ) from error
    if not 1990 <= local.year <= 2100:
        raise ChipDataError(
            "not_a_date", locator=place, found=f"{text[:40]!r}", expected="a year from 1990 to 2100"
        )
    has_time = groups.get("h") is not None
    if has_time and offset is not None:
        utc = local.replace(tzinfo=offset).astimezone(UTC)
        return Stamp(text, local, True, utc, TimeQuality.FILE_ZONE)
    if has_time and zone is not None:
        return Stamp(text, local, True, _to_utc(place, local, zone), TimeQuality.DECLARED_ZONE)
    return Stamp(text, local, has_time, None, TimeQuality.LOCAL_UNKNOWN)


def _clock(groups: dict[str, str]) -> tuple[int, int, int, int]:
    if groups.get("h") is None:
        return 0, 0, 0, 0
    hour = int(groups["h"])
    half = (groups.get("half") or "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError("hour on a twelve-hour clock")
        hour = hour % 12 + (12 if half == "p" else 0)
    fraction = (groups.get("frac") or "").ljust(6, "0")[:6]
    return hour, int(groups["min"]), int(groups.get("s") or 0), int(fraction)


def _offset(text: str) -> timezone | None:
    if not text:
        return None
    if text in ("Z", "UTC", "GMT"):
        return UTC
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))


def _zone(name: str) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ChipDataError(
            "unknown_timezone", found=f"timezone {name!r}",
            expected="an IANA name such as 'Europe/Berlin' or 'UTC'",
        ) from error  # fmt: skip


def _to_utc(place: str, local: datetime, zone: ZoneInfo) -> datetime:
    early, late = (local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    if early != late:
        raise ChipDataError(
            "time_in_clock_change", locator=place, found=f"{local:%Y-%m-%d %H:%M} in {zone.key}",
            expected="a time that exists once", remedy="declare the time since t0 for this file",
        )  # fmt: skip
    return local.replace(tzinfo=zone).astimezone(UTC)


_DURATION = re.compile(r"\s*(?P<number>[+-]?[\d.eE+-]+)\s*(?P<unit>\D+?)\s*")


def parse_duration(text: object) -> float:
    """Seconds from a text such as `24 h`, `3 d`, `90 min`.

    Raises:
        ChipDataError: `not_a_duration` for a bare number, an unknown unit or another text.
    """
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    unit = match["unit"] if match else ""
    seconds = SECONDS.get(canonical_unit(unit), 0.0) if unit and is_known_unit(unit) else 0.0
    if match is None or not seconds:
        raise ChipDataError(
            "not_a_duration", found=f"{text!r}"[:40], expected="a number and a unit of time",
            remedy='write it as text, such as "24 h", "3 d" or "90 min"',
        )  # fmt: skip
    return parse_number(match["number"]) * seconds
