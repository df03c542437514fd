"""The main job on a small model: simulate, fit, resume, predict, report."""

import csv
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.app.conftest import STUDY

FORECASTS = """
[[forecast]]
name = "none"
weeks = "2 weeks"
[[forecast]]
name = "emollient and dupilumab"
treatment = ["dupilumab", "emollient"]
weeks = "2 weeks"
"""
FIT = ("--iterations", "2", "--draws", "2")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Shared by the steps of the job, which build on each other."""
    path = tmp_path_factory.mktemp("job")
    (path / "study.toml").write_text(STUDY.format(more=FORECASTS), "utf-8")
    return path


@pytest.fixture
def fitted(folder, skinmech) -> Path:
    """A fit, made once."""
    path = folder / "fit.json"
    if not path.exists():
        done = skinmech("fit", folder / "study.toml", "-o", path, *FIT)
        assert done.code in (0, 5), done.err
    return path


def test_simulate_writes_tables_and_a_picture(folder, skinmech):
    for name in ("out.csv", "out.json"):
        done = skinmech(
            "simulate", "--disease", "atopic", "--drug", "dupilumab", "--regimen", "300 mg q2w",
            "--weeks", "2", "--points", "9", "--set", "clinic.atopic_extent=0.3",
            "-o", folder / name, "--plot", folder / "out.svg",
        )  # fmt: skip
        assert done.code == 0, done.err
    rows = list(csv.DictReader((folder / "out.csv").open()))
    told = json.loads((folder / "out.json").read_text())
    assert len(rows) == 9
    assert float(rows[-1]["day [day]"]) == 14.0
    assert float(rows[0]["tewl [g/m**2/hour]"]) == pytest.approx(told["values"]["tewl"][0])
    assert told["about"]["parameters"]["clinic.atopic_extent"] == 0.3
    assert float(rows[-1]["drug_concentration [nmol/L]"]) > 1.0
    assert "<svg" in (folder / "out.svg").read_text()


def test_simulate_uses_the_donor_of_a_study(folder, skinmech):
    done = skinmech("simulate", folder / "study.toml", "--weeks", "1", "--json", "--points", "2")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert told["parameters"]["immunity.Th2_rate"] > 48.9  # the atopic preset, not the default
    assert told["units"]["tewl"] == "g/m**2/hour"


def test_an_interrupted_fit_resumes_to_the_same_result(folder, fitted, skinmech, monkeypatch):
    from skinmech_app.commands import fit as command

    again = folder / "again"
    again.mkdir()
    shutil.copy(folder / "study.toml", again)
    real = command.progress_of

    def interrupting(report):
        on_round = real(report)

        def stop(told):
            on_round(told)
            raise KeyboardInterrupt

        return stop

    words = ("fit", again / "study.toml", "-o", again / "fit.json", *FIT)
    with monkeypatch.context() as patch:
        patch.setattr(command, "progress_of", interrupting)
        done = skinmech(*words)
    assert done.code == 130
    assert "goes on from there" in done.err
    assert (again / "fit.json.checkpoint").exists()
    assert not (again / "fit.json").exists()
    done = skinmech(*words)
    assert "going on from" in done.err
    assert not (again / "fit.json.checkpoint").exists()
    ours, theirs = (
        json.loads(path.read_text())["content"] for path in (fitted, again / "fit.json")
    )
    assert ours["starts"] == theirs["starts"]
    assert ours["posterior"] == theirs["posterior"]


def test_a_fit_file_says_where_it_comes_from(folder, fitted):
    content = json.loads(fitted.read_text())["content"]
    told = content["provenance"]
    assert set(told["inputs"]) == {"study file"}
    assert told["versions"]["skinmech"]
    assert told["command"].startswith("skinmech fit study.toml")
    assert str(folder) not in fitted.read_text()
    (visits,) = content["experiments"]
    assert {row["observable"] for row in visits["rows"]} == {"tewl", "easi"}
    assert len(visits["curves"]["tewl"]["median"]) == len(visits["curves"]["tewl"]["days"])


def test_predict_gives_bands(folder, fitted, skinmech):
    output = folder / "predicted.csv"
    done = skinmech("predict", fitted, "--drug", "dupilumab", "--weeks", "2", "--draws", "3",
                    "-o", output, "--plot", folder / "predicted.png")  # fmt: skip
    assert done.code == 0, done.err
    rows = list(csv.DictReader(output.open()))
    assert {row["observable"] for row in rows} == {"easi", "itch_nrs", "tewl"}
    for row in rows:
        assert float(row["low_0.9"]) <= float(row["median"]) <= float(row["high_0.9"])
    assert (folder / "predicted.png").stat().st_size > 5000
    done = skinmech("predict", fitted, "--observe", "tewll")
    assert (done.code, "unknown_observable" in done.err) == (3, True)


class _Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.links: list[str] = []
        self.captions = 0
        self.ids: list[str] = []

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.captions += tag == "figcaption"
        self.ids += [found["id"]] if found.get("id") else []
        for key in ("src", "href", "xlink:href"):
            if found.get(key):
                self.links.append(found[key])


def test_the_report_stands_alone_and_says_what_it_shows(folder, fitted, skinmech):
    output = folder / "report.html"
    done = skinmech("report", fitted, "-o", output, "--draws", "2")
    assert done.code == 0, done.err
    text = output.read_text("utf-8")
    page = _Page()
    page.feed(text)
    assert all(link.startswith(("#", "data:")) for link in page.links)
    assert not re.search(r"<script|@import|url\((?!#)", text)
    assert len(page.ids) == len(set(page.ids))
    assert page.captions >= 8
    assert len([link for link in page.links if link.startswith("data:text/csv")]) == page.captions
    plain = " ".join(re.sub(r"<[^>]+>", " ", text).split())
    assert 'id="choice"' not in text  # only one treated course
    for words in ("Research use only", "n = 2 measured values", "90 % credible interval",
                  "emollient and dupilumab", "P07", "sha256", "relative 1e-05"):  # fmt: skip
        assert words in plain, words
    assert str(folder) not in text
