"""What a converter may have lost or invented: times, wells, the end of the instrument's file."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from skinmech_chip_adapters.adapter import Message
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError, Problems
from skinmech_chip_adapters.instruments.allotrope_asm.reader import Readings
from skinmech_chip_adapters.readers import Stamp, normal_well, parse_cell, read_stamps
from skinmech_chip_adapters.schema import TimeQuality

# Rows and columns of the plates that exist.
_PLATES = {
    6: (2, 3),
    12: (3, 4),
    24: (4, 6),
    48: (6, 8),
    96: (8, 12),
    384: (16, 24),
}
_ADVICE = "read the instrument's own file, or declare what you know in the side-car"


@dataclass(slots=True)
class Times:
    """Reads times that a converter wrote; remarks on what was not believed are counted."""

    entry: FileEntry
    epochs: int = 0
    unclear: int = 0
    assumed: int = 0
    _known: dict[str, dict[str, Any]] = field(default_factory=dict)

    def columns(self, text: str, locator: str) -> dict[str, Any]:
        """Columns of a measurement for a time.

        Raises:
            ChipDataError: `not_a_date`, `timezone_conflict`, or `date_order` for day first.
        """
        if not text:
            return {}
        if text.startswith("1970-01-01"):
            self.epochs += 1
            return {}
        if text not in self._known:
            self._known[text] = self._read(text, locator)
        return self._known[text]

    def _read(self, text: str, locator: str) -> dict[str, Any]:
        ((stamp,), _) = read_stamps([(locator, text)])
        order = self.entry.date_order
        if order == "DMY":
            raise ChipDataError(
                "date_order", locator=locator, found="date_order 'DMY'",
                expected="'YMD' once you have compared the dates with the instrument's own",
                remedy="a converter reads day-first dates month first; convert with its locale set",
            )  # fmt: skip
        found: dict[str, Any] = {
            "timestamp_text": text,
            "time_quality": TimeQuality.LOCAL_UNKNOWN,
        }
        day, month = stamp.local.day, stamp.local.month
        if day <= 12 and day != month and not order:
            self.unclear += 1
            return found
        if not self.entry.timezone:
            self.assumed += 1
            return found
        return found | self._zoned(stamp, locator)

    def _zoned(self, stamp: Stamp, locator: str) -> dict[str, Any]:
        plain = f"{stamp.local:%Y-%m-%d %H:%M:%S.%f}"
        ((own,), _) = read_stamps([(locator, plain)], "", self.entry.timezone)
        stated = stamp.local - stamp.utc.replace(tzinfo=None) if stamp.utc else timedelta(0)
        there = stamp.local.replace(tzinfo=ZoneInfo(self.entry.timezone)).utcoffset()
        if stated and stated != there:
            raise ChipDataError(
                "timezone_conflict", locator=locator, found=f"time {stamp.text!r}",
                expected=f"the declared zone {self.entry.timezone}", remedy=_ADVICE,
            )  # fmt: skip
        return {"timestamp_utc": own.utc_text, "time_quality": TimeQuality.DECLARED_ZONE}

    def messages(self) -> list[Message]:
        """What was not believed, once each."""
        found = []
        if self.epochs:
            found.append(("epoch_time", f"{self.epochs} times of 1970-01-01, which stand for no "
                          "time, were dropped"))  # fmt: skip
        if self.unclear:
            found.append(("date_order_assumed", "day and month of the dates may have been swapped "
                          'by the converter; compare, and declare date_order = "YMD"'))  # fmt: skip
        if self.assumed:
            found.append(("zone_assumed", "the zone of the times was written by the converter and "
                          "is not believed; declare timezone"))  # fmt: skip
        return [Message(level="warning", code=code, text=text) for code, text in found]


def check_wells(
    wells: Iterable[tuple[str, str, str]], entry: FileEntry, problems: Problems
) -> tuple[bool, list[Message]]:
    """Compare the wells found with whole plates, with the converter's count and the side-car's.

    Args:
        wells: Plate, well and count that the converter states, of every measurement in a well.
        entry: The file's entry in the side-car.
        problems: Where a short plate is noted.

    Returns:
        True if something vouches for the plate; and remarks.
    """
    found: dict[str, set[str]] = defaultdict(set)
    stated: dict[str, set[str]] = defaultdict(set)
    for plate, well, count in wells:
        found[plate].add(well)
        stated[plate] |= {count} - {""}
    if not found:
        return False, []
    total = sum(len(one) for one in found.values())
    declared = entry.expected.get("wells")
    if declared is not None and declared != total:
        problems.add(
            "cut_file", found=f"{total} wells", expected=f"{declared} wells as declared",
            remedy="convert the instrument's file again, or correct the declaration",
        )  # fmt: skip
        return False, []
    messages, verified = [], True
    for plate, mine in found.items():
        counts = ", ".join(sorted(stated[plate]))
        whole = _is_whole(mine)
        wrong = any(_count(one) != len(mine) for one in stated[plate])
        if wrong and (whole or declared is not None):
            messages.append(
                Message(level="warning", code="well_count_wrong", locator=plate,
                        text=f"the converter counts {counts} wells, there are {len(mine)}")
            )  # fmt: skip
        if whole or declared is not None:
            continue
        verified = False
        if stated[plate] and entry.well_map is None:
            problems.add(
                "well_count", locator=plate,
                found=f"{len(mine)} wells, where the converter counts {counts}",
                expected="all wells of a plate, or a declared number",
                remedy=f"if the plate was not full, declare expected = {{ wells = {total} }} or a "
                "well map",
            )  # fmt: skip
    return verified, messages


def _count(text: str) -> float:
    try:
        return parse_cell(text).value
    except ChipDataError:
        return math.nan


def _is_whole(wells: set[str]) -> bool:
    if len(wells) not in _PLATES:
        return False
    rows, columns = _PLATES[len(wells)]
    names = (f"{chr(ord('A') + row)}{column}" for row in range(rows)
             for column in range(1, columns + 1))  # fmt: skip
    return wells == {normal_well(name) for name in names}


def is_short(last: str, others: Sequence[str]) -> bool:
    """True if the last number has far fewer digits than any before: it may have been cut."""
    if len(others) < 2:
        return False
    shortest = min(_digits(one) for one in others)
    return shortest - _digits(last) >= 4


def _digits(text: str) -> int:
    return sum(char.isdigit() for char in text)


def missing_results(tables: Readings) -> list[Message]:
    """Warnings for vendor results that most measurements have and some lack."""
    known = {str(one.document.get("measurement identifier", "")) for one in tables.readings} - {""}
    covered: dict[str, set[str]] = defaultdict(set)
    for one in tables.calculated:
        covered[str(one.get("calculated data name", ""))] |= sources_of(one) & known
    found = []
    for name, sources in covered.items():
        lacking = len(known) - len(sources)
        if lacking and len(sources) > len(known) / 2:
            found.append(
                Message(level="warning", code="result_missing",
                        text=f"{lacking} of {len(known)} measurements have no {name!r}; the "
                        "instrument's file may have been cut before it was converted")
            )  # fmt: skip
    return found


def sources_of(calculated: dict[str, Any]) -> set[str]:
    """Identifiers of what a vendor result was calculated from."""
    outer = calculated.get("data source aggregate document")
    inner = outer.get("data source document", []) if isinstance(outer, dict) else []
    inner = inner if isinstance(inner, list) else [inner]
    return {str(one.get("data source identifier", "")) for one in inner if isinstance(one, dict)}
