"""PEtab test suite, SBML cases: simulations, likelihood, chi-square, priors at its tolerances."""

import numpy as np
import pytest

pytest.importorskip("petab", reason="the extra petab is not installed")
import pandas as pd
import yaml

from skinmech_calibration.interchange import read_petab

CASES = [*(("1", f"{i:04d}") for i in range(1, 21)),
         *(("2", f"{i:04d}") for i in range(1, 33) if i != 19)]  # fmt: skip


@pytest.mark.parametrize(("version", "case"), CASES)
def test_case(shared_data, version, case):
    folder = shared_data / "petab_test_suite" / f"v{version}.0.0" / "sbml" / case
    solution = yaml.safe_load((folder / f"_{case}_solution.yaml").read_text())
    problem = read_petab(folder / f"_{case}.yaml")

    simulated = problem.simulate()
    expected = pd.concat([pd.read_csv(folder / n, sep="\t") for n in solution["simulation_files"]])
    assert list(simulated["observableId"]) == list(expected["observableId"])
    assert np.array_equal(simulated["time"].astype(float), expected["time"].astype(float))
    difference = np.abs(simulated["simulation"].to_numpy() - expected["simulation"].to_numpy())
    assert np.max(difference) <= solution["tol_simulations"]

    assert abs(problem.log_likelihood() - solution["llh"]) <= solution["tol_llh"]
    assert abs(problem.chi2() - solution["chi2"]) <= solution["tol_chi2"]
    if "log_prior" in solution:
        priors = problem.log_prior()
        assert priors.keys() == solution["log_prior"].keys()
        for name, value in solution["log_prior"].items():
            assert abs(priors[name] - value) <= solution["tol_log_prior"], name
        posterior = problem.log_posterior() - solution["unnorm_log_posterior"]
        assert abs(posterior) <= solution["tol_unnorm_log_posterior"]
