"""`skinmech cohort`: the file is read strictly, and patients are those of single simulations."""

import json

import numpy as np
import pytest

GOOD = """
[cohort]
id = "T-1"
patients = 2
seed = 3
weeks = "1 week"
observe = ["tewl", "easi"]
vary = ["immunity.Th2_rate"]
weight = { centre = 76, spread = 0.2 }
[donor]
disease = "atopic"
[priors]
"immunity.Th2_rate" = { centre = 100, spread = 0.1 }
[[protocol]]
name = "dupilumab"
treatment = ["dupilumab: 600 mg, then 300 mg q2w"]
"""


def test_patients_of_the_model_are_those_of_single_simulations(skinmech, tmp_path):
    file, output = tmp_path / "cohort.toml", tmp_path / "c.h5"
    file.write_text(GOOD)
    done = skinmech("cohort", file, "-o", output, "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out.splitlines()[-1])
    assert told["patients"] == 2 and told["failed"] == 0 and "2/2" in done.err
    import skinmech as sm
    from skinmech_app.runtime import grid, model
    from skinmech_calibration.cohorts import open_cohort

    assert grid() == (6, 8)
    with open_cohort(output) as found:
        rates, weights = found.parameters()["immunity.Th2_rate"], found.weights()
        values = found.values("dupilumab", "easi")
    assert len(set(rates)) == len(set(weights)) == 2
    near = sm.attractor(model(), "atopic")
    for k in range(2):
        parameters = sm.DONORS["atopic"] | {"immunity.Th2_rate": float(rates[k])}
        single = sm.simulate(
            model(),
            sm.Protocol("7 days", [sm.Treatment("dupilumab", "600 mg, then 300 mg q2w")]),
            parameters=parameters,
            start=sm.simulator(model()).steady(parameters=parameters, guess=near),
            times=[0.0, 7.0],
            weight=float(weights[k]),
        )
        np.testing.assert_allclose(values[k], single["easi"], rtol=1e-4)


def test_loose_steps_are_far_less_than_patients_differ():
    import skinmech as sm
    from skinmech_app.cohort_file import FIRST, TOLERANCE
    from skinmech_app.runtime import model

    skin, found = model(), []
    protocol = sm.Protocol("6 weeks", [sm.Treatment("dupilumab", "600 mg, then 300 mg q2w")])
    start = sm.attractor(skin, "atopic")
    for options in (
        {"rtol": TOLERANCE, "atol": TOLERANCE / 100, "first": FIRST},
        {"rtol": TOLERANCE / 1e4, "atol": TOLERANCE / 1e6},
    ):
        course = sm.simulator(skin, **options).simulate(
            protocol, parameters=sm.DONORS["atopic"], start=start, times=range(0, 43, 7)
        )
        found.append({name: np.asarray(course[name]) for name in skin.observables()})
    for name, exact in found[1].items():
        most = np.max(np.abs(found[0][name] - exact)) / max(np.max(np.abs(exact)), 1e-12)
        assert most < (2e-3 if name == "drug_concentration" else 2e-4), name


def test_everything_wrong_in_the_file_is_told_at_once(skinmech, tmp_path):
    file = tmp_path / "cohort.toml"
    file.write_text(
        GOOD.replace("patients = 2", "patients = -1").replace("seed = 3", "seeds = 3")
        .replace('name = "dupilumab"', 'name = "a/b"').replace("[donor]", '[donor]\nname = "A B"')
    )  # fmt: skip
    done = skinmech("cohort", file, "-o", tmp_path / "c.h5", "--json")
    assert done.code == 3 and "A B" not in done.err
    errors = json.loads(done.err)["errors"]
    assert {"cohort.toml, [cohort], patients", "cohort.toml, [[protocol]] 1, name",
            "cohort.toml, [donor], name"} <= {one["where"] for one in errors}  # fmt: skip
    assert {"identity_refused", "study_value", "unknown_key"} <= {one["code"] for one in errors}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["-o", "c.csv"], "--output"),
        (["-o", "c.h5", "--shard", "4/3"], "--shard"),
        (["-o", "c.h5", "--engine", "spark"], "--engine"),
        (["-o", "c.h5", "--scheduler", "tcp://head:8786"], "--scheduler"),
    ],
)
def test_options_that_make_no_sense_are_wrong_usage(skinmech, tmp_path, words, told):
    done = skinmech("cohort", tmp_path / "cohort.toml", *words)
    assert done.code == 2 and told in done.err


def test_a_table_of_patients_is_read_strictly(tmp_path):
    from skinmech_app.cohort_file import read_patients
    from skinmech_app.failures import UserError

    table = tmp_path / "patients.csv"
    table.write_text("code,weight,immunity.Th2_rate\nP1,80,90\nP2,,110\n")
    found = read_patients(table, {"immunity.antigen_load": 2.0, "immunity.Th2_rate": 1.0}, 70.0)
    assert found.codes == ("P1", "P2") and found.weights == (80.0, 70.0)
    assert [one["immunity.Th2_rate"] for one in found.parameters] == [90.0, 110.0]
    assert all(one["immunity.antigen_load"] == 2.0 for one in found.parameters)
    table.write_text("code,name,immunity.Th2_rate\nP1,Ann,90\n")
    with pytest.raises(UserError) as caught:
        read_patients(table, {}, None)
    assert "identif" in str(caught.value) and "Ann" not in str(caught.value)
    table.write_text("code,weight,immunity.Th2_rate\nAnn Bee,80,<2\nP2,1_000,3\n")
    with pytest.raises(UserError) as caught:
        read_patients(table, {}, None)
    assert len(caught.value.problems) == 3 and "Ann" not in str(caught.value)
