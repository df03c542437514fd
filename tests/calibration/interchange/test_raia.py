"""The IL-13 model of Raia et al. 2011 as a PEtab problem (version 1)."""

import numpy as np
import pytest

pytest.importorskip("petab", reason="the extra petab is not installed")
import pandas as pd

from skinmech_calibration.interchange import read_petab


@pytest.fixture(scope="module")
def folder(shared_data):
    return shared_data / "models" / "raia2011_il13_petab"


@pytest.fixture(scope="module")
def raia(folder):
    return read_petab(folder / "Raia_CancerResearch2011.yaml")


def test_simulation_is_the_reference(folder, raia):
    reference = pd.read_csv(folder / "simulatedData_Raia_CancerResearch2011.tsv", sep="\t")
    found, expected = raia.simulate()["simulation"], reference["simulation"]
    assert np.array_equal(raia.tables.frame["time"], reference["time"])
    error = np.abs(found - expected) / np.maximum(np.abs(expected), 1e-6)
    assert error.max() < 1e-4


def test_likelihood_and_chi_square_at_the_published_optimum(raia):
    assert -raia.log_likelihood() == pytest.approx(346.0898, abs=1e-4)
    assert raia.chi2() == pytest.approx(181.2424, abs=1e-4)


def test_gradient_agrees_with_finite_differences(raia):
    found = raia.gradient(scaled=True)
    names, nominal = list(found), raia.nominal
    slopes = np.array([found[name] for name in names])
    random = np.random.default_rng(0)
    directions = [*np.eye(len(names))[[4, 10, 20, 30]], random.standard_normal(len(names))]
    for direction in directions:

        def value(h, direction=direction):
            shift = dict(zip(names, 10.0 ** (h * direction), strict=True))
            return raia.log_likelihood({n: nominal[n] * f for n, f in shift.items()})

        h = 1e-3
        difference = (8 * (value(h) - value(-h)) - (value(2 * h) - value(-2 * h))) / (12 * h)
        assert slopes @ direction == pytest.approx(difference, rel=1e-4)


def test_a_short_fit_goes_below_the_published_optimum(raia):
    found = raia.fit(starts=0, initial=[{"Kon_IL13Rec": 0.003}], max_iterations=12)
    assert found.objective < 346.0898
