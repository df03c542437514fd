"""The open arms of published trials, as the population is fitted to them."""

from pathlib import Path

from .arms import Row, read_arms

TABLES = ("psoriasis_arms.csv", "ad_arms.csv", "vitiligo_arms.csv")
_OPEN = ("open", "open-placebo-of-held-out")
_SPECIAL = ("_maintained", "_diff_vs_wk16", "relapse", "T-VASI")


def open_arms(folder: str | Path) -> list[Row]:
    """Rows of every open table in a folder.

    Lines that a table marks as not for scoring, withdrawal designs (maintenance among responders)
    and total-body vitiligo are left out.

    Raises:
        CalibrationError: a table is missing or a line cannot be understood.
    """
    return [row for name in TABLES for row in read_arms(Path(folder) / name, _is_used)]


def _is_used(line: dict[str, str]) -> bool:
    return (
        line.get("split", "open") in _OPEN
        and line.get("use_for_scoring", "1") == "1"
        and not any(mark in line["endpoint"] for mark in _SPECIAL)
    )
