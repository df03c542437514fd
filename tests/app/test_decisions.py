"""Update, compare and design on the command line, over an engine of formulas."""

import json
import sys

import pytest

from tests.calibration._fake import FIRST, SECOND, FormulaEngine

STUDY = f"""
[study]
id = "T-2"
[donor]
code = "P07"
disease = "atopic"
weight = "75 kg"
[[clinic]]
name = "visits"
treatment = ["emollient"]
rows = [
  {{ day = 0, observable = "tewl", value = 12.0 }},
  {{ day = 2, observable = "tewl", value = 7.5 }},
  {{ day = 4, observable = "tewl", value = 5.0 }},
]
[fit]
free = ["{FIRST}", "{SECOND}"]
starts = 1
[[forecast]]
name = "none"
weeks = "2 weeks"
[[forecast]]
name = "a"
treatment = ["dupilumab"]
weeks = "2 weeks"
[[forecast]]
name = "b"
treatment = ["upadacitinib"]
weeks = "2 weeks"
"""
QUESTION = f"""
[question]
parameter = "{SECOND}"
budget = 1000
currency = "EUR"
[[candidate]]
name = "IL13-chip"
kind = "chip"
cost = 900
readouts = ["tewl"]
days = [4, 6, 8]
[[candidate.exposure]]
compound = "IL-13"
concentration = "10 ng/mL"
at = "2 days"
[[candidate.exposure]]
compound = "dupilumab"
concentration = "100 nmol/L"
[[candidate]]
name = "visit-1"
kind = "clinic"
cost = 100
treatment = ["dupilumab"]
readouts = ["tewl"]
weeks = [1]
"""
_FIT: list[str] = []  # the fit of the tests, made by the first of them


@pytest.fixture
def fitted(tmp_path, skinmech, monkeypatch):
    """A fit over the formulas, which stay in place for the test."""
    from skinmech_app.runtime import model

    engine = FormulaEngine(model())
    for name in ("problem", "predict"):
        module = sys.modules.get(f"skinmech_calibration.{name}")
        if module is None:
            import skinmech_calibration  # noqa: F401

            module = sys.modules[f"skinmech_calibration.{name}"]
        monkeypatch.setattr(module, "engine", lambda _: engine)
    path = tmp_path / "fit.json"
    if not _FIT:
        (tmp_path / "study.toml").write_text(STUDY, "utf-8")
        done = skinmech("fit", tmp_path / "study.toml", "-o", path, "--draws", "2")
        assert done.code in (0, 5), done.err
        _FIT.append(path.read_text("utf-8"))
    path.write_text(_FIT[0], "utf-8")
    return path


def _content(path):
    return json.loads(path.read_text())["content"]


def test_visits_are_taken_in_and_an_odd_one_is_named(fitted, tmp_path, skinmech):
    visit = tmp_path / "visit.csv"
    visit.write_text("day,observable,value\n6,tewl,3.3\n7,tewl,30\n", "utf-8")
    once = tmp_path / "fit2.json"
    words = ("update", fitted, visit, "-o", once, "--particles", "16", "--moves", "1")
    done = skinmech(*words, "--json")
    assert done.code == 0, done.err
    usual, odd = json.loads(done.out)["visits"]
    assert usual["is_explained"] and not odd["is_explained"]
    assert "tewl on day 7 is higher" in odd["sentence"]
    assert skinmech(*words).code == 2  # the output is there already
    content = _content(once)
    assert content["num_data"] == 5 and "visits 1" in content["provenance"]["inputs"]
    assert content["experiments"][-1]["drugs"] == ["emollient"]
    assert content["posterior"]["mean"] != _content(fitted)["posterior"]["mean"]

    visit.write_text("week,observable,value\n1.5,tewl,2.5\n", "utf-8")
    twice = tmp_path / "fit3.json"
    done = skinmech("update", once, visit, "-o", twice, "--course", "visits, later",
                    "--moves", "1")  # fmt: skip
    assert done.code == 0, done.err
    assert "day 10.5: " in done.out
    twin = _content(twice)["twin"]
    assert [one["day"] for one in twin["told"]] == [6.0, 7.0, 10.5]
    assert len(twin["courses"]["visits, later"]["rows"]) == 3
    done = skinmech("update", once, visit, "-o", tmp_path / "no.json", "--course", "visit")
    assert done.code == 2 and "nearest" in done.err and not (tmp_path / "no.json").exists()


def test_therapies_are_compared(fitted, tmp_path, skinmech):
    words = ("compare", fitted, "--outcome", "tewl", "--weeks", "1", "--draws", "16")
    two = ("--drug", "dupilumab", "--drug", "emollient + dupilumab: 300 mg q2w")
    done = skinmech(*words, *two, "--plot", tmp_path / "choice.png", "-o", tmp_path / "c.json")
    assert done.code == 0, done.err
    assert "expected regret 0" in done.out  # the formula knows no drugs
    assert "beware: No experiment of the fit had dupilumab." in done.out
    told = json.loads((tmp_path / "c.json").read_text())
    assert told["unit"] == "g/m**2/hour" and told["draws"] == 16
    assert told["pairs"][0]["interval_90"] == [0.0, 0.0]
    assert (tmp_path / "choice.png").stat().st_size > 5000
    done = skinmech(*words, "--drug", "dupilumab", "-o", "c.txt")
    assert done.code == 2 and "Fewer than two" in done.err and ".json" in done.err


def test_the_report_shows_the_choice(fitted):
    from skinmech_app.fit_file import forecasts_of
    from skinmech_app.forecasting import forecast_all
    from skinmech_app.report.build import render

    content = _content(fitted)
    content["twin"] = {"told": [{"course": "visits", "day": 6.0, "sentence": "explained"}]}
    found = forecast_all(content, forecasts_of(content), ["easi", "tewl"], draws=4)
    text = render(content, found, {}, draws=4, seed=0)
    assert 'id="choice"' in text and "Least expected regret" in text
    assert "visits, day 6: explained." in text
    assert "Only 4 draws" in text


def test_the_next_experiment_can_be_run_read_and_simulated(fitted, tmp_path, skinmech):
    import skinmech_chip_adapters.sidecar as sidecars
    from skinmech_app.clinic_table import read_table
    from skinmech_app.failures import Problems
    from skinmech_app.study import load

    question, output = tmp_path / "question.toml", tmp_path / "next.toml"
    question.write_text(QUESTION, "utf-8")
    done = skinmech("design", fitted, question, "-o", output)
    assert done.code == 0, done.err
    assert "IL13-chip" in done.out and "spread of the question" in done.out
    sidecar = sidecars.Sidecar.read(output)
    assert [one.chip_id for one in sidecar.chips] == ["IL13-chip"]
    assert {one.compound: (one.value, one.time_s) for one in sidecar.exposures} == {
        "IL-13": (10.0, 172800.0), "dupilumab": (100.0, 0.0)}  # fmt: skip
    study = load(tmp_path / "next_study.toml")
    assert study.donor.disease == "atopic" and study.donor.weight == 75.0
    assert set(study.fit.free) == {FIRST, SECOND} == set(study.parameters)
    assert [line.drug for line in study.treatments] == ["dupilumab"]
    table = tmp_path / "next_visit-1.csv"
    assert "# 1.0,tewl" in table.read_text()
    table.write_text(table.read_text().replace("# 1.0,tewl,", "1.0,tewl,4.0"), "utf-8")
    problems = Problems()
    (row,) = read_table(table, problems)
    assert (row.day, row.value, problems.found) == (7.0, 4.0, [])

    question.write_text(QUESTION.replace('kind = "clinic"', 'kind = "clinc"')
                        .replace("budget = 1000", 'drugs = ["dupilumab"]'), "utf-8")  # fmt: skip
    done = skinmech("design", fitted, question, "-o", tmp_path / "other.toml")
    assert done.code == 3 and not (tmp_path / "other.toml").exists()
    for words in ("budget", "clinc", "either a parameter"):
        assert words in done.err


def test_the_question_of_the_examples_makes_sense(skinmech):
    from skinmech_app.question import candidates_of, question_of, read_question
    from skinmech_app.runtime import model
    from skinmech_app.study import Donor
    from tests.app.conftest import ROOT

    asked = read_question(ROOT / "examples" / "decisions" / "question.toml")
    donor = Donor("P07", "atopic", weight=75.0)
    found = candidates_of(asked, donor, model())
    assert [one.name for one in found] == ["IL13-chip", "IL13-dupilumab-chip", "visit-4"]
    assert not [text for one in found for text in one.experiment.problems(model())]
    kinds = [type(event).__name__ for event in found[1].experiment.protocol.events]
    assert kinds == ["Change", "Dose", "Change"]
    asked_now = question_of(asked, donor)
    assert asked_now.first.protocol.days == pytest.approx(112.0, abs=0.01)
    assert "dupilumab or upadacitinib by easi in week 16" in asked_now.name
