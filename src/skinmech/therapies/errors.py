"""What can be wrong with a therapy, said all at once and with the way to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a drug file.

    Attributes:
        key: Dotted key inside the file, for example `pk.parameters.ka.unit`.
        found: What stands there, quoted; `"nothing"` where the key is absent.
        expected: What may stand there.
        fix: What to do about it.
    """

    key: str
    found: str
    expected: str
    fix: str

    def __str__(self) -> str:
        return f"{self.key}: found {self.found}; expected {self.expected}. {self.fix}"


class DrugFileError(ValueError):
    """A drug file that cannot be used; `problems` lists everything wrong with it."""

    def __init__(self, path: str, problems: Sequence[Problem]):
        self.path = path
        self.problems = tuple(problems)
        count = f"{len(self.problems)} problem{'' if len(self.problems) == 1 else 's'}"
        lines = "\n".join(f"  - {problem}" for problem in self.problems)
        super().__init__(f"Unable to read the drug file '{path}' ({count}):\n{lines}")


class UnknownDrugError(ValueError):
    """A drug name that the catalogue does not hold."""


class RegimenError(ValueError):
    """A dosing regimen that cannot be understood or does not fit the drug."""
