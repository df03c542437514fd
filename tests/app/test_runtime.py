"""One place sets JAX up; its cache goes where the platform keeps caches."""

import sys
from pathlib import Path

import pytest

from skinmech_app import runtime
from skinmech_app.failures import UserError


def test_cache_follows_the_variables_in_order(monkeypatch, tmp_path):
    monkeypatch.setenv("SKINMECH_CACHE", str(tmp_path / "a"))
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(tmp_path / "b"))
    assert runtime.cache_folder() == tmp_path / "a"
    monkeypatch.delenv("SKINMECH_CACHE")
    assert runtime.cache_folder() == tmp_path / "b"


@pytest.mark.skipif(sys.platform != "linux", reason="XDG is Linux' convention")
def test_cache_follows_xdg(monkeypatch, tmp_path):
    for name in ("SKINMECH_CACHE", "JAX_COMPILATION_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert runtime.cache_folder() == tmp_path / "skinmech"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert runtime.cache_folder() == Path.home() / ".cache" / "skinmech"


def test_an_unknown_grid_is_refused(monkeypatch):
    monkeypatch.setenv("SKINMECH_GRID", "huge")
    with pytest.raises(UserError, match="Unrecognized grid"):
        runtime.grid()
