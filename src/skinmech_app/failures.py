"""What went wrong, said so that it can be mended: problems, exit codes, and how they look."""

import dataclasses
import difflib
import json
import re
import sys
import traceback
from collections.abc import Iterable
from types import TracebackType
from typing import Any

OK, UNEXPECTED, USAGE, DATA, NUMERICS, NOT_CONVERGED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
OUR_PACKAGES = ("skinmech", "skinmech_app", "skinmech_calibration", "skinmech_chip_adapters")


@dataclasses.dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        code: Short stable name of the kind of problem.
        what: One sentence.
        where: File and key, option, or line.
        found: The offending token; never more of the user's file than that.
        expected: What would have been accepted.
        fix: What to do about it.
    """

    code: str
    what: str = ""
    where: str = ""
    found: str = ""
    expected: str = ""
    fix: str = ""

    def __str__(self) -> str:
        rows = [f"  {name:<9}{text}" for name, text in self._rows() if text]
        title = f"[{self.code}] {self.what}".rstrip()
        return "\n".join([title, *rows])

    def _rows(self) -> list[tuple[str, str]]:
        return [
            ("where", self.where),
            ("found", self.found),
            ("expected", self.expected),
            ("fix", self.fix),
        ]


class UserError(ValueError):
    """One or more problems that the user can mend; all are listed.

    Attributes:
        problems: The problems.
        exit_code: What the process ends with.
    """

    def __init__(self, problems: Problem | Iterable[Problem], exit_code: int = DATA):
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        self.exit_code = exit_code
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Problems:
    """A collection of problems in the making, so that all are reported at once."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, code: str, what: str = "", **details: str) -> None:
        """Note a problem and go on."""
        self.found.append(Problem(code, what, **details))

    def raise_if_any(self, exit_code: int = DATA) -> None:
        """Raise everything that was noted.

        Raises:
            UserError: anything was noted.
        """
        if self.found:
            raise UserError(self.found, exit_code)


def nearest(name: str, known: Iterable[str], count: int = 3) -> str:
    """The nearest known names as text, or all of them where few exist."""
    known = sorted(set(known))
    near = difflib.get_close_matches(name, known, n=count, cutoff=0.4)
    if near:
        return "nearest: " + ", ".join(near)
    return "one of " + ", ".join(known[:12]) + (", …" if len(known) > 12 else "")


def safe(value: Any) -> str:
    """A user's value as it may be shown: numbers and single words, never sentences or names."""
    if isinstance(value, bool) or value is None or isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        if re.fullmatch(r"[\w.\-/%*^+\[\]]{1,32}", value):
            return f"'{value}'"
        if re.fullmatch(r"[-+]?[\d.]+(e-?\d+)? [A-Za-z/*^\d ]{1,16}", value):
            return f"'{value}'"
        return f"a text of {len(value)} characters"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    return "a table" if isinstance(value, dict) else type(value).__name__


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.removesuffix("Error")).lower()


_FIXES = {
    "UnknownDrugError": "use a name of the catalogue, or the path of your own .toml file",
    "RegimenError": "write it as a label does, such as '600 mg, then 300 mg q2w'",
    "UnitError": "write the number with a unit of the expected kind",
    "ParameterError": "use a path and a value inside its bounds; see docs/ for the parameters",
    "SimulationError": "check parameters near their bounds; --debug shows where it stopped",
}


def describe(error: BaseException) -> tuple[list[Problem], int] | None:
    """The problems behind an exception and the exit code; None for a fault of our own."""
    if isinstance(error, UserError):
        return list(error.problems), error.exit_code
    kind = type(error).__name__
    if hasattr(error, "errors") and kind.startswith("ChipDataError"):
        return [_from_chip(one) for one in error.errors], DATA  # type: ignore[attr-defined]
    if isinstance(error, OSError):
        return _from_system(error)
    owner = type(error).__module__.split(".")[0]
    raised_in = _raised_in(error.__traceback__)
    if isinstance(error, ValueError) and (owner in OUR_PACKAGES or raised_in in OUR_PACKAGES):
        lines = [line for line in str(error).splitlines() if line.strip()]
        code = _words(kind) if owner in OUR_PACKAGES else "invalid_input"
        code = {"value": "invalid_input"}.get(code, code)
        grouped = _paragraphs(lines)
        return [Problem(code, text, fix=_FIXES.get(kind, "")) for text in grouped], DATA
    if isinstance(error, RuntimeError) and owner in OUR_PACKAGES:
        return [Problem(_words(kind), str(error), fix=_FIXES.get(kind, ""))], NUMERICS
    return None


def _paragraphs(lines: list[str]) -> list[str]:
    """Lines as problems; indented lines belong to the one before."""
    out: list[str] = []
    for line in lines:
        if out and line.startswith("  "):
            out[-1] += "\n" + line
        else:
            out.append(line)
    return out


def _from_chip(error: Any) -> Problem:
    where = ", ".join(part for part in (error.file, error.locator) if part)
    return Problem(error.code, "", where, error.found, error.expected, error.remedy)


def _from_system(error: OSError) -> tuple[list[Problem], int]:
    import errno
    from pathlib import Path

    name = Path(str(error.filename)).name if error.filename else ""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        fix = "free some space and run again; what was there before is unchanged"
        return [Problem("disk_full", "No space left for the output.", name, fix=fix)], DATA
    what = f"Unable to use the file: {error.strerror or type(error).__name__}."
    return [Problem("file_problem", what, name, fix="check the path and the permissions")], DATA


def _raised_in(trace: TracebackType | None) -> str:
    name = ""
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "")
        trace = trace.tb_next
    return name.split(".")[0]


def print_problems(problems: list[Problem], *, as_json: bool = False) -> None:
    """Problems to stderr: for people, or as one JSON object."""
    if as_json:
        rows = [dataclasses.asdict(problem) for problem in problems]
        print(json.dumps({"errors": rows}), file=sys.stderr)
        return
    count = len(problems)
    if count > 1:
        print(f"{count} problems found:", file=sys.stderr)
    for number, problem in enumerate(problems, 1):
        lead = f"{number}. " if count > 1 else "Error "
        print(lead + str(problem), file=sys.stderr)


def unexpected(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    """The last resort (a `sys.excepthook`): a short message instead of a traceback."""
    if "--debug" in sys.argv:
        traceback.print_exception(kind, error, trace)
        return
    print(
        f"Error [unexpected] {kind.__name__} inside skinmech; this is a fault of the program.\n"
        "  fix      run again with --debug and report the traceback",
        file=sys.stderr,
    )
