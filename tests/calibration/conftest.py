"""Problems shared by the tests of calibration."""

import sys

import numpy as np
import pytest

import skinmech as sm
import skinmech_calibration as cal
from tests.calibration._fake import FIRST, SECOND, FormulaEngine

RELATIVE = 1.3, 0.75
"""True values of the formula's parameters over their defaults."""


@pytest.fixture(scope="session")
def model():
    return sm.skin_model(corneum_cells=6, epidermis_cells=8)


@pytest.fixture
def formula(model, monkeypatch):
    """An engine of formulas, used by every problem and prediction made in the test."""
    engine = FormulaEngine(model)
    # By sys.modules, for the package's `predict` is the function and hides its module.
    for name in ("problem", "predict"):
        module = sys.modules[f"skinmech_calibration.{name}"]
        monkeypatch.setattr(module, "engine", lambda _: engine)
    return engine


@pytest.fixture
def truth(model):
    """True values of the formula's parameters."""
    specs = model.specifications()
    return {path: r * specs[path].value for path, r in zip((FIRST, SECOND), RELATIVE, strict=True)}


@pytest.fixture
def formula_problem(model, formula):
    """Noisy TEWL of the formula at its truth, two parameters free."""
    random = np.random.default_rng(3)
    days = np.arange(8.0)
    a, b = RELATIVE
    readings = 10 * a * np.exp(-0.3 * b * days) * np.exp(0.05 * random.standard_normal(8))
    observations = [cal.Observation("tewl", t, v) for t, v in zip(days, readings, strict=True)]
    experiment = cal.Experiment("chip", sm.on_chip(), sm.Protocol(7.0), observations)
    return cal.CalibrationProblem(model, [experiment], [FIRST, SECOND])
