"""Sobol and Morris on functions of known indices; failures and constants."""

import numpy as np
import pytest

pytest.importorskip("SALib", reason="the extra sensitivity is not installed")

from skinmech_calibration import CalibrationError, FunctionObjective, sensitivity

BOX = FunctionObjective(lambda z: 0.0 * z.sum(), ["x", "y", "z"], bounds=(-np.pi, np.pi))


def ishigami(values):
    x, y, z = values["x"], values["y"], values["z"]
    return {"f": np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x), "constant": 3.0}


def test_the_indices_of_ishigami_s_function_are_found():
    found, constant = sensitivity(BOX, ishigami, size=2048, seed=3)
    # Ishigami and Homma 1990 (a = 7, b = 0.1): closed form.
    a, b, p = 7.0, 0.1, np.pi
    alone = np.array([0.5 * (1 + b * p**4 / 5) ** 2, a**2 / 8, 0.0])
    both = b**2 * p**8 * (1 / 18 - 1 / 50)
    variance = alone.sum() + both
    np.testing.assert_allclose(found.first, alone / variance, atol=0.03)
    np.testing.assert_allclose(found.total, (alone + [both, 0, both]) / variance, atol=0.03)
    assert found.ranking == ("x", "y", "z") and found.num_runs == 2048 * 5
    assert not constant.total.any() and np.all(found.error < 0.1)


def test_a_normal_prior_s_line_shares_its_variance_by_slope_and_spread():
    from jax.numpy import array

    normal = FunctionObjective(
        lambda z: 0.0 * z.sum(), ["p", "q"], to_natural=lambda z: 2.0 * z,
        log_prior=lambda z: -0.5 * ((z / array([1.0, 0.5])) ** 2).sum(),
    )  # fmt: skip
    (found,) = sensitivity(normal, lambda v: {"sum": v["p"] + v["q"]}, size=1024)
    np.testing.assert_allclose(found.first, [0.8, 0.2], atol=0.03)
    # Cut at three spreads, a normal loses 2.7 % of its variance.
    assert found.spread[0] == pytest.approx(2.0 * np.sqrt(1.25) * 0.987, rel=0.03)


def test_morris_ranks_the_same_and_sees_what_bends():
    found, _ = sensitivity(BOX, ishigami, method="morris", size=200, seed=1)
    assert found.total[2] > 0.0 and found.spread[2] > found.total[2]  # z only acts through x
    (line,) = sensitivity(
        BOX, lambda v: {"g": 3 * v["x"] - v["y"]}, method="morris", size=10, seed=1
    )
    np.testing.assert_allclose(line.total, [6 * np.pi, 2 * np.pi, 0.0], atol=1e-9)
    np.testing.assert_allclose(line.spread, 0.0, atol=1e-9)
    assert line.first[1] < 0


def test_failed_runs_are_left_out_and_counted():
    def fails(values):
        return {"f": np.nan if values["x"] > 3.0 else values["y"]}

    (found,) = sensitivity(BOX, fails, size=1024)
    assert 0 < found.num_failed < 0.1 * found.num_runs
    assert found.total[1] == pytest.approx(1.0, abs=0.03) and found.total[0] < 0.02
    with pytest.raises(CalibrationError, match="too many"):
        sensitivity(BOX, lambda v: {"f": np.nan}, size=8)
    with pytest.raises(CalibrationError, match="power of two"):
        sensitivity(BOX, ishigami, size=100)
