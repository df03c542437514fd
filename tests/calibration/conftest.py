"""Problems shared by the tests of calibration."""

import numpy as np
import pytest

import skinmech as sm
import skinmech_calibration as cal
from skinmech_calibration import predict as predict_module, problem as problem_module
from tests.calibration._fake import FIRST, SECOND, FormulaEngine

TRUTH = {FIRST: 0.52, SECOND: 0.30}


@pytest.fixture(scope="session")
def model():
    return sm.skin_model(corneum_cells=6, epidermis_cells=8)


@pytest.fixture
def formula(model, monkeypatch):
    """An engine of formulas, used by every problem and prediction made in the test."""
    engine = FormulaEngine(model)
    monkeypatch.setattr(problem_module, "engine", lambda _: engine)
    monkeypatch.setattr(predict_module, "engine", lambda _: engine)
    return engine


@pytest.fixture
def formula_problem(model, formula):
    """Noisy TEWL of the formula at its truth, two parameters free."""
    random = np.random.default_rng(3)
    days = np.arange(8.0)
    a, b = TRUTH[FIRST] / 0.40, TRUTH[SECOND] / 0.40
    readings = 10 * a * np.exp(-0.3 * b * days) * np.exp(0.05 * random.standard_normal(8))
    observations = [cal.Observation("tewl", t, v) for t, v in zip(days, readings, strict=True)]
    experiment = cal.Experiment("chip", sm.on_chip(), sm.Protocol(7.0), observations)
    return cal.CalibrationProblem(model, [experiment], [FIRST, SECOND])
