"""Fixtures of the command line's tests: a small model, a shared cache, tiny studies."""

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small grid, and the cache that all tests share."""
    monkeypatch.setenv("SKINMECH_GRID", "small")
    monkeypatch.setenv("SKINMECH_CACHE", str(ROOT / ".jax_cache"))


class Done(NamedTuple):
    """What a command left: exit code, stdout, stderr."""

    code: int
    out: str
    err: str


@pytest.fixture
def skinmech() -> Iterator[Callable[..., Done]]:
    """Run the command line in this process."""
    from skinmech_app.cli import run

    def call(*words: object) -> Done:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run([str(word) for word in words])
        return Done(code, out.getvalue(), err.getvalue())

    before = sys.excepthook
    yield call
    sys.excepthook = before


def environment() -> dict[str, str]:
    """Environment of a fresh process."""
    return os.environ | {"COLUMNS": "100", "NO_COLOR": "1"}


STUDY = """
[study]
id = "T-1"
title = "A tiny study"
[donor]
code = "P07"
disease = "atopic"
weight = "75 kg"
[[clinic]]
name = "visits"
rows = [
  {{ week = 0, observable = "tewl", value = 20.0, unit = "g/m2/h" }},
  {{ week = 1, observable = "easi", value = 15.0 }},
]
{more}
[fit]
free = ["clinic.atopic_extent", "barrier.water_diffusivity"]
starts = 1
"""


@pytest.fixture
def study(tmp_path: Path) -> Callable[..., Path]:
    """Write a study file; `text` replaces the usual one, `more` is added to it."""

    def write(more: str = "", text: str | None = None) -> Path:
        path = tmp_path / "study.toml"
        path.write_text(STUDY.format(more=more) if text is None else text, "utf-8")
        return path

    return write
