"""What the user sees while a command works: results on stdout, progress on stderr."""

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from rich.console import Console

RESEARCH_USE = "Research use only; not a medical device."


_typed: list[str] = []


def remember(arguments: list[str]) -> None:
    """Keep the command that runs, for the provenance of its results."""
    _typed[:] = arguments


def command() -> str:
    """The command that runs, without folders (their names may tell about people)."""
    words = [word.replace("\\", "/").rpartition("/")[2] for word in _typed]
    return " ".join(["skinmech", *words])


def stderr() -> Console:
    """The console for progress and remarks."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def stdout() -> Console:
    """The console for tables: as wide as the terminal, or wide enough where there is none."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 120)


def note(text: str) -> None:
    """One line of progress."""
    print(text, file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """One JSON document on stdout, with NaN as null."""
    print(json.dumps(plain(value), allow_nan=False))


def plain(value: Any) -> Any:
    """Arrays, dataclasses and NaN as plain JSON values."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value


Report = Callable[[int, int, str], None]


@contextlib.contextmanager
def progress(title: str) -> Iterator[Report]:
    """A bar on a terminal, plain lines elsewhere (at most one every two seconds).

    Yields:
        Called with (done, total, remark).
    """
    if sys.stderr.isatty():
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=stderr(), transient=True) as bars:
            task = bars.add_task(title, total=None)

            def on_bar(done: int, total: int, remark: str) -> None:
                text = f"{title} {done}/{total} {remark}".rstrip()
                bars.update(task, completed=done, total=total, description=text)

            yield on_bar
        return
    last = [0.0]

    def on_lines(done: int, total: int, remark: str) -> None:
        now = time.monotonic()
        if now - last[0] >= 2.0 or done == total:
            last[0] = now
            note(f"{title}: {done}/{total} {remark}".rstrip())

    yield on_lines


@contextlib.contextmanager
def working(title: str) -> Iterator[None]:
    """Say what is going on, and how long it took where that was more than a second."""
    start = time.monotonic()
    if sys.stderr.isatty():
        with stderr().status(title):
            yield
    else:
        note(f"{title} …")
        yield
    seconds = time.monotonic() - start
    if seconds > 1:
        note(f"{title}: {seconds:.1f} s")
