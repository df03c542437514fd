"""What a user can do wrong with each command, and what is said about it."""

import importlib
import json
import os
from pathlib import Path

import pytest


def _instrument(folder: Path, name: str) -> Path:
    """The example of an adapter's own writer, with its side-car; the instrument file's path."""
    writer = importlib.import_module(f"skinmech_chip_adapters.instruments.{name}.writer")
    example = writer.example()
    (folder / example.filename).write_bytes(example.content)
    (folder / "chip.toml").write_text(example.sidecar, "utf-8")
    return folder / example.filename


def test_an_unknown_drug_is_told_with_near_names(skinmech):
    done = skinmech("simulate", "--drug", "dupilumb")
    assert done.code == 3
    assert "unknown_drug" in done.err
    assert "'dupilumab'" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--drug", "dupilumab", "--regimen", "-300 mg q2w"), "-300 mg"),
        (("--drug", "dupilumab", "--regimen", "300 um q2w"), "'um' is not a unit"),
        (("--set", "clinic.atopic_extent=7"), "bounds"),
        (("--set", "clinic.atopic_extend=0.5"), "clinic.atopic_extent"),
        (("--observe", "tewll"), "tewl"),
    ],
)
def test_what_does_not_make_sense_is_refused_as_data(skinmech, words, told):
    done = skinmech("simulate", *words)
    assert done.code == 3
    assert told in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--set", "clinic.atopic_extent"), "path=number"),
        (("--disease", "eczema"), "atopic"),
        (("-o", "out.xlsx"), ".csv or .json"),
        (("--regimen", "300 mg q2w"), "--regimen"),
    ],
)
def test_wrong_options_are_wrong_usage(skinmech, words, told):
    done = skinmech("simulate", *words)
    assert done.code == 2
    assert told in done.err


def test_errors_come_as_json_where_asked_for(skinmech):
    done = skinmech("simulate", "--drug", "dupilumb", "--drug", "tralokinumabb", "--json")
    (first, second) = json.loads(done.err.splitlines()[-1])["errors"]
    assert done.out == ""
    assert first["code"] == second["code"] == "unknown_drug"
    assert "tralokinumabb" in second["where"]


def test_a_unit_that_does_not_fit_is_refused(skinmech, study):
    text = study().read_text().replace('unit = "g/m2/h"', 'unit = "kg"')
    done = skinmech("fit", study(text=text))
    assert done.code == 3
    assert "[unit]" in done.err
    assert "tewl" in done.err


def test_a_study_without_data_or_free_parameters_says_both(skinmech, study):
    done = skinmech("fit", study(text='[study]\nid = "T-1"\n'))
    assert done.code == 3
    assert "no_data" in done.err
    assert "nothing_free" in done.err


def test_a_truncated_instrument_file_writes_nothing(skinmech, tmp_path):
    path = _instrument(tmp_path, "autolab_nova")
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    done = skinmech("read", "--sidecar", tmp_path / "chip.toml", "-o", tmp_path / "study.h5")
    assert done.code == 3
    assert path.name in done.err
    assert "expected" in done.err
    assert not (tmp_path / "study.h5").exists()


def test_a_side_car_that_is_missing_is_told(skinmech, tmp_path):
    done = skinmech("read", "--sidecar", tmp_path / "chip.toml", "-o", tmp_path / "study.h5")
    assert done.code == 3
    assert "file_missing" in done.err


def test_a_full_disk_keeps_the_old_record(skinmech, tmp_path, monkeypatch):
    _instrument(tmp_path, "generic_table")
    words = ("read", "--sidecar", tmp_path / "chip.toml", "-o", tmp_path / "study.h5", "--no-teer")
    assert skinmech(*words).code == 0
    old = (tmp_path / "study.h5").read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        done = skinmech(*words)
    assert done.code == 3
    assert "disk_full" in done.err
    assert (tmp_path / "study.h5").read_bytes() == old


def test_a_damaged_fit_is_refused(skinmech, tmp_path):
    path = tmp_path / "fit.json"
    path.write_text('{"sha256": "0", "content": {"kind": "skinmech fit result"}}')
    for command in ("predict", "report"):
        done = skinmech(command, path)
        assert done.code == 3
        assert "not_a_fit" in done.err


def test_a_missing_matplotlib_is_told(skinmech, tmp_path, monkeypatch):
    import sys

    _instrument(tmp_path, "generic_table")
    record = tmp_path / "study.h5"
    assert skinmech("read", "--sidecar", tmp_path / "chip.toml", "-o", record).code == 0
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    done = skinmech("show", record, "--picture", tmp_path / "x.png")
    assert done.code == 2
    assert "skinmech[plot]" in done.err


def test_an_unexpected_fault_is_short_without_debug(capsys, monkeypatch):
    import sys

    from skinmech_app.failures import unexpected

    monkeypatch.setattr(sys, "argv", ["skinmech", "simulate"])
    unexpected(KeyError, KeyError("x"), None)
    told = capsys.readouterr().err
    assert "--debug" in told
    assert len(told.splitlines()) == 2


def test_show_tells_and_draws(skinmech, tmp_path):
    _instrument(tmp_path, "generic_table")
    record = tmp_path / "study.h5"
    assert skinmech("read", "--sidecar", tmp_path / "chip.toml", "-o", record).code == 0
    for ending in ("svg", "png"):
        picture = tmp_path / f"study.{ending}"
        done = skinmech("show", record, "--picture", picture)
        assert done.code == 0
        assert "tewl" in done.out
        assert picture.stat().st_size > 5000
    told = json.loads(skinmech("show", record, "--json").out)
    assert ["chips", "2"] in told["summary"]
    done = skinmech("show", record, "--chip", "C9")
    assert done.code == 3
    assert "unknown_chip" in done.err


def test_reading_derives_teer_with_its_recipe(skinmech, tmp_path):
    from skinmech_chip_adapters import load

    _instrument(tmp_path, "autolab_nova")
    record = tmp_path / "study.h5"
    done = skinmech("read", "--sidecar", tmp_path / "chip.toml", "-o", record, "--json")
    assert done.code == 0, done.err
    found = load(record)
    teer = found.measurements.select(observable="teer")
    # The example is one resistor of 600 and of 620 ohm on 1.12 cm2.
    assert sorted(teer["value"]) == pytest.approx([672.0, 694.4], rel=1e-3)
    (recipe, _) = found.derivations
    assert set(json.loads(recipe.parameters_json)) >= {"circuit", "summed_elements", "area_cm2"}
    assert {one["accepted"] for one in json.loads(done.out)["teer"]} == {True}
    # Adding the same files again derives nothing twice.
    again = skinmech("read", "--sidecar", tmp_path / "chip.toml", "-o", record, "--add")
    assert again.code == 0, again.err
    assert len(load(record).measurements) == len(found.measurements)
    assert len(load(record).derivations) == len(found.derivations)


def test_without_an_area_impedance_is_kept_and_no_teer_made(skinmech, tmp_path):
    from skinmech_chip_adapters import load

    _instrument(tmp_path, "autolab_nova")
    sidecar = tmp_path / "chip.toml"
    text = sidecar.read_text().replace("membrane_area_cm2 = 1.12\n", "")
    sidecar.write_text(text.replace('area_source = "maker"\n', 'maker = "unknown"\n'))
    done = skinmech("read", "--sidecar", sidecar, "-o", tmp_path / "study.h5")
    assert done.code == 0, done.err
    assert "no membrane area" in done.out
    found = load(tmp_path / "study.h5")
    assert len(found.spectra) == 2
    assert not len(found.measurements)
