"""Links between the documents lead somewhere, and their examples work."""

import re
from pathlib import Path
from typing import Any

import numpy as np

from skinmech.modelling.model import SkinModel
from skinmech.modelling.ports import port
from skinmech.therapies import load_drug
from tests.repository._files import ROOT, committed_files, shown

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def test_relative_links_lead_to_files() -> None:
    documents = [path for path in committed_files() if path.suffix == ".md"]
    assert documents
    broken = []
    for path in documents:
        for target in LINK.findall(path.read_text("utf-8")):
            if re.match(r"[a-z]+:", target) or target.startswith("#"):
                continue
            if not (path.parent / target.partition("#")[0]).exists():
                broken.append(f"{shown(path)}: {target}")
    assert not broken, "\n".join(broken)


def test_the_drug_shown_in_the_documents_can_be_loaded(tmp_path: Path) -> None:
    text = (ROOT / "docs/extending/add-a-drug.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "examplimab.toml").write_text(example, "utf-8")
    drug = load_drug("examplimab", tmp_path)
    assert drug.regimen("atopic dermatitis") == drug.regimen()
    assert drug.targets[0].target == "IL-4Ra"


def test_the_submodel_shown_in_the_documents_runs_alone() -> None:
    text = (ROOT / "docs/extending/add-a-sub-model.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    namespace: dict[str, Any] = {}
    exec(compile(example, "add-a-sub-model.md", "exec"), namespace)
    model = SkinModel([namespace["Sebum"]()], [port("washing", "1/day", "Rate of washing off")])
    params = model.parameters()
    start = model.initial_state(params)
    at_rest = model.tendency(0.0, start, model.arguments(params))
    np.testing.assert_allclose(at_rest, 0.0, atol=1e-12)  # the start is the unwashed steady state
    washed = model.tendency(0.0, start, model.arguments(params, {"washing": 2.0}))
    # The film of 100 ug/cm2 is one scaled unit and leaves at 2 a day; a day is the unit of time.
    np.testing.assert_allclose(washed.sum(), -2.0, rtol=1e-12)
