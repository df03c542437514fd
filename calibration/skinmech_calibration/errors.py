"""The errors of calibration."""

from collections.abc import Iterable


class CalibrationError(ValueError):
    """An experiment, problem or file does not make sense; every problem is listed, one a line."""


def raise_all(problems: Iterable[str], heading: str = "") -> None:
    """Raise one error with every problem, or do nothing where there is none.

    Raises:
        CalibrationError: if there is a problem.
    """
    found = list(problems)
    if found:
        raise CalibrationError("\n".join([heading, *found] if heading else found))
