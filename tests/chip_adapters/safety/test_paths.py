"""A side-car cannot make the reader open what lies outside its folder."""

import os

import pytest

from skinmech_chip_adapters import ChipDataError, read

HEAD = '[study]\nid = "s"\n[chip.C1]\n[[file]]\nchip = "C1"\ntime = "1 h"\n'
PLATE = '[[file]]\nadapter = "generic_table"\npath = "x.csv"\nwell_map = "{}"\n'


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "secret.csv").write_text("root:x:0\n")
    inner = tmp_path / "study"
    inner.mkdir()
    return inner


def found(folder, text):
    (folder / "chip.toml").write_text(text)
    with pytest.raises(ChipDataError) as caught:
        read(None, folder / "chip.toml")
    assert "root:x" not in str(caught.value)
    return {one.code for one in caught.value.errors}


@pytest.mark.parametrize(
    "path", ["../secret.csv", "/etc/passwd", "a/../../secret.csv", "~/../../x/../../etc/passwd"]
)
def test_a_listed_path_that_leaves_the_folder_is_refused(folder, path):
    assert found(folder, HEAD + f'path = "{path}"\n') == {"path_outside"}


def test_a_well_map_that_leaves_the_folder_is_refused(folder):
    for path in ("../secret.csv", "/etc/passwd"):
        text = '[study]\nid = "s"\n[chip.C1]\n' + PLATE.format(path)
        assert found(folder, text) == {"path_outside"}


def test_a_link_out_of_the_folder_is_refused_and_a_zero_character_too(folder):
    assert found(folder, HEAD + 'path = "a\\u0000b"\n') == {"not_text"}
    os.symlink(folder.parent / "secret.csv", folder / "data.csv")
    assert found(folder, HEAD + 'path = "data.csv"\n') == {"path_outside"}
    os.symlink(folder / "b", folder / "a")
    os.symlink(folder / "a", folder / "b")
    assert found(folder, HEAD + 'path = "a"\n') <= {"path_outside", "file_missing"}


def test_a_folder_pipe_or_device_is_no_instrument_file(folder):
    (folder / "sub").mkdir()
    os.mkfifo(folder / "pipe")
    for name in ("sub", "pipe"):
        assert found(folder, HEAD + f'path = "{name}"\n') == {"file_missing"}


def test_a_file_the_user_names_may_lie_anywhere(folder):
    (folder / "chip.toml").write_text(
        '[study]\nid = "s"\n[chip.C1]\n[[file]]\npath = "../t.csv"\nadapter = "generic_table"\n'
        'chip = "C1"\ntime = "1 h"\n[file.columns]\n"TEWL" = { observable = "tewl", '
        'unit = "g/m2/h" }\n'
    )
    (folder.parent / "t.csv").write_text("TEWL,x\n5,1\n")
    record = read(folder.parent / "t.csv", folder / "chip.toml")
    assert list(record.measurements["value"]) == [5.0]
