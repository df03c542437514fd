"""The one family of errors this package raises, and the grammar of its messages."""

from collections.abc import Iterable
from difflib import get_close_matches


class ChipDataError(ValueError):
    """One problem with a file, a side-car or a record: where, what, and how to mend it.

    Attributes:
        code: Short stable name of the kind of problem, for programs (`cut_row`, `unknown_unit`).
        file: Name of the file (without its folder), or of the record.
        locator: Place in the file: line, column, key, well or sweep.
        found: The offending token. Never more of the file than that.
        expected: What would have been accepted.
        remedy: What the user can do about it.
    """

    def __init__(
        self,
        code: str,
        *,
        file: str = "",
        locator: str = "",
        found: str = "",
        expected: str = "",
        remedy: str = "",
    ):
        self.code = code
        self.file = file
        self.locator = locator
        self.found = found
        self.expected = expected
        self.remedy = remedy
        super().__init__(self._text())

    def _text(self) -> str:
        where = ", ".join(part for part in (self.file, self.locator) if part)
        parts = [f"[{self.code}]" + (f" {where}:" if where else "")]
        if self.found:
            parts.append(f"found {self.found}.")
        if self.expected:
            parts.append(f"Expected {self.expected}.")
        if self.remedy:
            parts.append(f"Fix: {self.remedy}.")
        return " ".join(parts)

    def at(self, file: str = "", locator: str = "") -> "ChipDataError":
        """The same problem with the file or place filled in where it was still empty."""
        return ChipDataError(
            self.code,
            file=self.file or file,
            locator=self.locator or locator,
            found=self.found,
            expected=self.expected,
            remedy=self.remedy,
        )

    @property
    def errors(self) -> "tuple[ChipDataError, ...]":
        """The problem as a group of one, so that both error types are handled alike."""
        return (self,)


class ChipDataErrors(ChipDataError):
    """All problems found at once.

    Attributes:
        errors: The problems, in the order in which they were found.
    """

    def __init__(self, errors: Iterable[ChipDataError]):
        self._errors = tuple(errors)
        super().__init__("several_problems", found=f"{len(self._errors)} problems")

    @property
    def errors(self) -> tuple[ChipDataError, ...]:
        return self._errors

    def _text(self) -> str:
        lines = [f"{len(self._errors)} problems found:"]
        lines += [f"  {number}. {error}" for number, error in enumerate(self._errors, 1)]
        return "\n".join(lines)


class Problems:
    """Collects problems so that all of them are reported together.

    `collect` is a context manager for a step that may fail; `raise_if_any` ends the collection.
    """

    def __init__(self) -> None:
        self.found: list[ChipDataError] = []

    def add(self, code: str, **details: str) -> None:
        """Note a problem (the arguments of `ChipDataError`) and go on."""
        self.found.append(ChipDataError(code, **details))

    def collect(self, file: str = "", locator: str = "") -> "_Collecting":
        """Context in which a raised `ChipDataError` is noted instead of leaving."""
        return _Collecting(self, file, locator)

    def raise_if_any(self) -> None:
        """Raise what was collected: the problem itself if single, else all as a group.

        Raises:
            ChipDataError: If anything was collected.
        """
        unique = list({str(error): error for error in self.found}.values())
        if len(unique) == 1:
            raise unique[0]
        if unique:
            raise ChipDataErrors(unique)


class _Collecting:
    def __init__(self, problems: Problems, file: str, locator: str):
        self._problems, self._file, self._locator = problems, file, locator

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, ChipDataError):
            return False
        self._problems.found += [one.at(self._file, self._locator) for one in error.errors]
        return True


def one_of(names: Iterable[str], wrong: str = "", limit: int = 12) -> str:
    """List of accepted names for a message, the nearest to the wrong one first."""
    names = sorted(names)
    near = get_close_matches(wrong, names, n=3, cutoff=0.5) if wrong else []
    shown = [repr(name) for name in near + [name for name in names if name not in near]]
    text = ", ".join(shown[:limit]) + (", …" if len(shown) > limit else "")
    nearest = f" (nearest: {', '.join(repr(name) for name in near)})" if near else ""
    return f"one of {text or 'nothing: none is declared'}{nearest}"
