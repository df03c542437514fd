"""The page of credibility is current, and everything that it names exists."""

import importlib.util
import json
from pathlib import Path

import pytest

from benchmarks.credibility import CLAIMS, KINDS, RESULTS, markdown, population_parameters
from skinmech_calibration.trial.diseases import DISEASES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "credibility.md"


def _without_absent(page: str) -> list[str]:
    """Lines of the page, less the figures whose result file is not in this checkout."""
    absent = {c.text for c in CLAIMS if c.result and not (RESULTS / c.result).is_file()}
    rows = (line.split(" | ") for line in page.splitlines())
    return [" | ".join(r[:-1] if len(r) == 4 and r[1] in absent else r) for r in rows]


def test_the_page_is_current():
    assert _without_absent(PAGE.read_text("utf-8")) == _without_absent(markdown()), (
        "run: python -m benchmarks.credibility > docs/credibility.md"
    )


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.text)
def test_what_a_claim_names_exists(claim):
    assert claim.kind in KINDS
    assert bool(claim.result) == bool(claim.figure)
    if claim.shown_by.endswith(".py"):
        assert (ROOT / claim.shown_by).is_file()
        return
    python, option, module = claim.shown_by.split()[:3]
    assert (python, option) == ("python", "-m")
    assert importlib.util.find_spec(module) is not None


def test_every_kind_of_evidence_has_a_claim():
    assert {claim.kind for claim in CLAIMS} == set(KINDS)


def test_a_figure_is_read_from_its_file_and_never_from_elsewhere(tmp_path):
    claim = next(c for c in CLAIMS if c.result == "uvb_patients.json")
    assert claim.shown(tmp_path) == f"run `{claim.shown_by}`"
    summary = {"num_patients": 3, "mean_absolute_error": {"model": 2.5, "ridge": 1.25}}
    (tmp_path / claim.result).write_text(json.dumps({"summary": summary}), "utf-8")
    expected = "3 patients, error in PASI points: model 2.50, ridge 1.25; ridge did better"
    assert claim.shown(tmp_path) == expected


def test_no_parameter_of_the_population_is_forgotten():
    known = {id(one) for one in population_parameters().values()}
    for disease in DISEASES:
        assert all(id(one) in known for one in disease.parameters), disease.name
