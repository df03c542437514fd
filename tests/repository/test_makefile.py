"""The Makefile says what it can do and refuses an old Python in words."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.repository._files import ROOT

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def _make(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_help_lists_every_public_target() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    internal = {"python-is-new-enough"}
    targets = set(re.findall(r"^\.PHONY: ([a-z-]+)$", text, re.MULTILINE)) - internal
    listed = set(re.findall(r"^make ([a-z-]+) ", _make().stdout, re.MULTILINE))
    assert targets == listed
    assert {"demo", "test", "bench", "lint", "lock", "check-wheel", "clean"} <= targets


@pytest.mark.parametrize("target", ["test", "demo"])
def test_an_old_python_is_refused_with_the_way_out(target: str, tmp_path: Path) -> None:
    old = tmp_path / "python"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo Python 3.10.4 || echo 310\n')
    old.chmod(0o755)
    done = _make(f"PYTHON={old}", f"ENVIRONMENT={tmp_path / 'environment'}", target)
    assert done.returncode != 0
    assert "Python 3.10.4. Expected Python 3.11 or newer" in done.stderr
    assert "PYTHON=" in done.stderr
    assert not (tmp_path / "environment").exists()
