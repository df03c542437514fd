"""`skinmech trial simulate` and `trial control`: files in, files out, all problems at once."""

import csv
import json
from pathlib import Path

import h5py
import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "virtual" / "trial.toml"


def test_the_example_becomes_tables_and_one_image(skinmech, tmp_path):
    text = EXAMPLE.read_text().replace("sizes = [30, 60, 120]", "sizes = [30]")
    text = text.partition("[[stratum]]")[0]  # fewer programs to compile
    file, output = tmp_path / "trial.toml", tmp_path / "trial.csv"
    file.write_text(text)
    done = skinmech("trial", "simulate", file, "-o", output, "--trials", "20", "--json")
    assert done.code == 0, done.err
    with output.open() as table:
        rows = list(csv.DictReader(table))
    assert len(rows) == 2 * 6 * 5  # arms, endpoints, visits
    told = json.loads(done.out)
    assert [row["arm"] for row in told["power"]] == ["dupilumab", "dupilumab"]
    with (tmp_path / "trial-power.csv").open() as table:
        assert [row["patients"] for row in csv.DictReader(table)] == ["30", "30"]
    again = skinmech("trial", "simulate", file, "-o", output)
    assert again.code == 2 and "file_exists" in again.err


def test_an_image_holds_what_the_tables_do(skinmech, tmp_path):
    text = EXAMPLE.read_text().replace("sizes = [30, 60, 120]", "sizes = [30]")
    text = text.partition("[[stratum]]")[0]  # fewer programs to compile
    file, output = tmp_path / "trial.toml", tmp_path / "trial.h5"
    file.write_text(text)
    done = skinmech("trial", "simulate", file, "-o", output, "--trials", "20")
    assert done.code == 0 and "Power" in done.out
    with h5py.File(output, "r") as image:
        assert image["trials/p_value"].shape == (20, 1)  # type: ignore[union-attr]
        assert len(image["endpoints/mean"]) == 60  # type: ignore[arg-type]


def test_everything_wrong_in_a_trial_file_is_told_at_once(skinmech, tmp_path):
    file = tmp_path / "trial.toml"
    file.write_text(
        EXAMPLE.read_text().replace('endpoint = "EASI75"', "endpoints = 3")
        .replace("block = 6", 'block = "six"').replace('share = 0.4', "share = 4.0")
    )  # fmt: skip
    done = skinmech("trial", "simulate", file, "-o", tmp_path / "t.csv", "--json")
    assert done.code == 3
    errors = json.loads(done.err)["errors"]
    assert {"unknown_key", "study_missing", "study_value"} <= {one["code"] for one in errors}
    file.write_text(EXAMPLE.read_text().replace("block = 6", "block = 4"))
    done = skinmech("trial", "simulate", file, "-o", tmp_path / "t.csv")
    assert done.code == 3 and "multiple of 3" in done.err


def test_single_arms_get_a_control(skinmech, tmp_path):
    table, output = tmp_path / "arms.csv", tmp_path / "control.csv"
    table.write_text(
        "study,disease,drug,dose,regimen,background,week,endpoint,n,value\n"
        "S1,atopic dermatitis,dupilumab,300 mg,q2w,mono,16,EASI75,60,55\n"
        "S1,atopic dermatitis,dupilumab,300 mg,q2w,mono,16,EASI50,60,\n"
    )
    done = skinmech("trial", "control", table, "-o", output, "--draws", "8")
    assert done.code == 0, done.err
    with output.open() as lines:
        first, second = csv.DictReader(lines)
    low, middle, high = (float(first[k]) for k in ("control_lo95", "control", "control_hi95"))
    assert low < middle < high < 55
    assert float(first["difference_lo95"]) > 0 and float(first["better"]) > 0.97
    assert float(first["difference"]) == pytest.approx(55 - middle, abs=3)
    assert second["difference"] == "" and second["better"] == "" and second["control"]
