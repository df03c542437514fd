"""Profile, sample and sensitivity on a PEtab problem and on a study."""

import json

import numpy as np
import pytest

pytest.importorskip("petab", reason="the extra petab is not installed")

from tests.calibration.interchange._files import parameter, rule, write_petab, write_sbml

TIMES = np.linspace(0.0, 4.0, 6)
HEAD = "parameterId,lowerBound,upperBound,nominalValue,estimate"


@pytest.fixture
def decay(tmp_path):
    """x' = -k x, read as a·b·x with noise of 0.1 and no error: k is told, a and b only as one."""
    model = write_sbml(
        tmp_path, parameters=parameter("x", 1.0) + parameter("k", 0.5),
        rules=rule("rate", "x", "-k * x"),
    )  # fmt: skip
    rows = "\n".join(f"o,,{t},{float(2.0 * np.exp(-0.5 * t))!r}" for t in TIMES)
    return write_petab(
        tmp_path, model,
        parameters=f"{HEAD}\nk,1e-2,10,0.5,true\na,1e-2,100,1.0,true\nb,1e-2,100,2.0,true",
        observables="observableId,observableFormula,noiseFormula\no,a * b * x,0.1",
        measurements=f"observableId,experimentId,time,measurement\n{rows}",
    )  # fmt: skip


def test_a_profile_says_what_is_open_and_writes_its_points(skinmech, decay, tmp_path):
    out = tmp_path / "profile.json"
    done = skinmech("profile", decay, "--parameter", "k", "--parameter", "a", "-o", out, "--json")
    assert done.code == 0, done.err
    k, a = json.loads(done.out)
    assert k["verdict"] == "identifiable" and 0.3 < k["low"] < 0.5 < k["high"] < 0.8
    assert a["verdict"] == "structurally non-identifiable"
    points = json.loads(out.read_text())
    assert len(points[0]["costs"]) == len(points[0]["values"]) > 8
    again = skinmech("profile", decay, "-o", out)
    assert again.code == 2 and "--overwrite" in again.err
    assert skinmech("profile", decay, "--parameter", "kk").code == 2


def test_sensitivity_ranks_what_moves_an_observable(skinmech, decay):
    pytest.importorskip("SALib", reason="the extra sensitivity is not installed")
    done = skinmech("sensitivity", decay, "--output-of", "o", "--size", "8", "--json")
    assert done.code == 0, done.err
    (one,) = json.loads(done.out)
    assert one["output"] == "o at 4" and one["num_runs"] == 8 * 4 and min(one["total"]) > 0
    wrong = skinmech("sensitivity", decay, "--output-of", "p")
    assert wrong.code == 3 and "'p'" in wrong.err


def test_draws_come_out_as_netcdf_for_arviz(skinmech, monkeypatch, tmp_path):
    pytest.importorskip("blackjax", reason="the extra sampling is not installed")
    arviz = pytest.importorskip("arviz", reason="the extra sampling is not installed")
    from skinmech_app import targets
    from skinmech_calibration import FunctionObjective

    # A normal density in place of a model, whose programs take long to compile.
    normal = FunctionObjective(
        lambda z: -0.5 * ((z - 0.5) ** 2).sum() / 0.1**2, ["k"], to_natural=lambda z: 2.0 * z
    )
    told = targets.Target(normal, np.array([0.5]), False)
    monkeypatch.setattr(targets, "target_of", lambda *_: told)
    out = tmp_path / "posterior.nc"
    words = ("sample", "any.yaml", "-o", out, "--draws", "100", "--tune", "100", "--chains", "2")
    done = skinmech(*words)
    assert done.code == 0, done.err
    assert "R-hat" in done.out and "effective draws, fewer" in done.out  # a hundred are few
    data = arviz.from_netcdf(out)
    assert data.posterior["k"].shape == (2, 100) and "diverging" in data.sample_stats
    # Four standard errors of the mean at fifty effective draws and more.
    assert float(data.posterior["k"].mean()) == pytest.approx(1.0, abs=4 * 0.2 / 50**0.5)
    assert not out.with_name("posterior.nc.checkpoint").exists()
    assert skinmech(*words).code == 2


def test_a_study_without_a_fit_is_told_what_is_missing(skinmech, study):
    for command in ("profile", "sample", "sensitivity"):
        done = skinmech(command, study())
        assert done.code == 2 and "--fit" in done.err, (command, done.err)
