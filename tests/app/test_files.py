"""Outputs are whole or not there; a full disk leaves the old file."""

import errno
import os

import pytest

from skinmech_app.failures import UserError
from skinmech_app.files import write_whole
from skinmech_app.tables import csv_text


def _full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("function", ["write", "fsync", "replace"])
def test_full_disk_keeps_the_old_file_and_leaves_no_litter(tmp_path, monkeypatch, function):
    path = tmp_path / "fit.json"
    write_whole(path, "old")
    with monkeypatch.context() as patch:
        patch.setattr(os, function, _full)
        with pytest.raises(UserError) as caught:
            write_whole(path, "new")
    (problem,) = caught.value.problems
    assert problem.code == "disk_full"
    assert "unchanged" in problem.fix
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["fit.json"]


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UserError, match="cannot_write"):
        write_whole(tmp_path / "nowhere" / "x.csv", "x")


def test_csv_carries_units_and_disarms_formulas():
    text = csv_text({"day": [0.0, 1.5], "note": ["=1+1", "fine"]}, {"day": "day"})
    assert text.splitlines() == ["day [day],note", "0,'=1+1", "1.5,fine"]


def test_csv_leaves_missing_numbers_empty():
    assert csv_text({"a": [float("nan"), -1.25], "b": [1, 2]}) == "a,b\n,1\n-1.25,2\n"
