"""Estimation: known optima are found from everywhere, priors count, failures are explained."""

import numpy as np
import pytest

pytest.importorskip("petab", reason="the extra petab is not installed")

from skinmech_calibration.interchange import InterchangeError, SimulationFailure, read_petab

from ._files import parameter, rule, write_petab, write_sbml

TIMES = np.linspace(0.0, 4.0, 9)


def problem(folder, readings, *, parameters, noise="normal", formula="x", sigma="s"):
    model = write_sbml(
        folder, parameters=parameter("x", 1.0) + parameter("k", 0.5),
        rules=rule("rate", "x", "-k * x"),
    )  # fmt: skip
    rows = "\n".join(f"o,,{t},{float(v)!r}" for t, v in zip(TIMES, readings, strict=True))
    return read_petab(write_petab(
        folder, model, parameters=parameters,
        observables="observableId,observableFormula,noiseFormula,noiseDistribution\n"
        f"o,{formula},{sigma},{noise}",
        measurements=f"observableId,experimentId,time,measurement\n{rows}",
    ))  # fmt: skip


HEAD = "parameterId,lowerBound,upperBound,nominalValue,estimate,priorDistribution,priorParameters"


@pytest.fixture(scope="module")
def readings():
    random = np.random.default_rng(4)
    return 3.0 * np.exp(-0.8 * TIMES) * np.exp(0.1 * random.standard_normal(TIMES.size))


def test_a_log_linear_fit_is_the_line_through_the_logarithms(tmp_path, readings):
    found = problem(
        tmp_path, readings, formula="a * x", noise="log-normal",
        parameters=f"{HEAD}\nk,1e-3,5,1,true,,\na,1e-3,1e3,1,true,,\ns,1e-3,1e2,1,true,,",
    ).fit(starts=6, seed=1)  # fmt: skip
    slope, height = np.polyfit(TIMES, np.log(readings), 1)
    left = np.log(readings) - height - slope * TIMES
    assert found.best.is_converged
    # The search stops where less than 1e-5 of the objective is to be gained.
    assert found.values["k"] == pytest.approx(-slope, rel=2e-3)
    assert found.values["a"] == pytest.approx(np.exp(height), rel=2e-3)
    assert found.values["s"] == pytest.approx(np.sqrt(np.mean(left**2)), rel=1e-2)
    assert found.num_reaching() == 6
    assert found.objective == pytest.approx(-found.problem.log_likelihood(found.values), abs=1e-4)


def test_laplace_noise_finds_the_mean_absolute_deviation(tmp_path, readings):
    found = problem(
        tmp_path, readings, formula="a", noise="laplace",
        parameters=f"{HEAD}\na,0.01,10,1,true,,\ns,1e-3,1e2,1,true,,",
    ).fit(starts=3, seed=1)  # fmt: skip
    centre = np.median(readings)
    assert found.values["a"] == pytest.approx(centre, abs=0.02)
    assert found.values["s"] == pytest.approx(np.mean(np.abs(readings - centre)), rel=1e-2)


def test_priors_pull_and_bounds_hold(tmp_path, readings):
    # Each reading weighs 1/0.5² on log scale, the prior 1/0.1²; the curvature of both adds up.
    one = problem(
        tmp_path, np.exp(readings * 0 + 1.0), formula="a", noise="log-normal", sigma="0.5",
        parameters=f"{HEAD}\na,1e-3,1e3,1,true,log-normal,0;0.1\nk,0.1,1,0.5,true,,",
    )  # fmt: skip
    found = one.fit(starts=2)
    weight = TIMES.size / 0.5**2
    # A log-normal prior's density in a has its mode where log a = mean - variance.
    expected = (weight * 1.0 + (0.0 - 0.01) / 0.01) / (weight + 1 / 0.01)
    assert np.log(found.values["a"]) == pytest.approx(expected, abs=2e-3)
    assert found.objective == pytest.approx(-one.log_posterior(found.values), abs=1e-4)

    capped = problem(
        tmp_path, readings, formula="a * x", sigma="0.1",
        parameters=f"{HEAD}\nk,0.1,0.4,0.2,true,,\na,0.1,30,1,true,,",
    ).fit(starts=3)  # fmt: skip
    assert capped.values["k"] == pytest.approx(0.4)
    assert capped.at_bounds == ("k",)


def test_a_parameter_that_nothing_depends_on_stalls_nothing(tmp_path, readings):
    found = problem(
        tmp_path, readings, formula="a * x + 0 * idle",
        parameters=f"{HEAD}\nk,1e-3,1e2,1,true,,\na,1e-3,1e3,1,true,,\ns,1e-3,1e2,1,true,,"
        "\nidle,1e-3,1e3,1,true,,",
    ).fit(starts=4, seed=2)  # fmt: skip
    assert found.num_reaching() >= 3
    assert found.values["k"] == pytest.approx(0.8, abs=0.1)


def test_interruption_keeps_what_is_done(tmp_path, readings):
    def stop(start):
        if start.label == "2":
            raise KeyboardInterrupt

    found = problem(
        tmp_path, readings, formula="a * x", sigma="0.1",
        parameters=f"{HEAD}\nk,1e-3,1e2,1,true,,\na,1e-3,1e3,1,true,,",
    ).fit(starts=5, progress=stop)  # fmt: skip
    assert found.interrupted and len(found.starts) == 2


def test_fits_that_cannot_start_say_why(tmp_path, readings):
    negative = problem(
        tmp_path, readings, formula="-a * x", noise="log-normal",
        parameters=f"{HEAD}\na,1e-3,1e3,1,true,,\ns,1e-3,1e2,1,true,,",
    )  # fmt: skip
    with pytest.raises(SimulationFailure, match="measurement 0 is zero or not a number"):
        negative.fit(starts=2)
    endless = problem(
        tmp_path, readings, formula="a * x", sigma="0.1", parameters=f"{HEAD}\na,0,inf,1,true,,"
    )
    with pytest.raises(InterchangeError, match="'a' has no finite bounds"):
        endless.fit(starts=2)
    assert endless.fit(starts=0, initial=[{"a": 2.0}]).values["a"] > 2.0
