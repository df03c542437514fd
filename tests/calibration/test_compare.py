"""Comparisons of therapies from predictions with known differences."""

import dataclasses

import numpy as np
import pytest

import skinmech_calibration as cal
from skinmech_calibration.compare import unusual

DAYS = np.array([0.0, 10.0])


def _prediction(ends, keys=None, out_of_range=(), observable="easi"):
    ends = np.asarray(ends, float)
    draws = np.stack([np.full(len(ends), 20.0), ends], axis=1)
    keys = range(len(ends)) if keys is None else keys
    return cal.Prediction(
        DAYS, {observable: "dimensionless"}, {observable: draws}, {observable: draws[0]},
        {observable: draws}, tuple({"path": float(k)} for k in keys), 0, (), tuple(out_of_range),
    )  # fmt: skip


def test_differences_chances_and_regret_are_those_of_the_draws():
    random = np.random.default_rng(0)
    donor = random.standard_normal(4000) * 5
    one = 10 + donor
    two = 11 + donor + random.standard_normal(4000)
    three = np.full(4000, 40.0)
    found = cal.compare(
        {"one": _prediction(one), "two": _prediction(two), "three": _prediction(three)}, "easi",
        margin=0.5,
    )  # fmt: skip
    first = found.pairs[0]
    # N(-1, 1): better by 0.5 with Φ(0.5) = 0.691, worse with Φ(-1.5) = 0.067; errors 0.007.
    assert (first.first, first.second) == ("one", "two")
    assert first.median == pytest.approx(-1.0, abs=0.06)
    assert first.probability == pytest.approx(0.6915, abs=0.025)
    assert first.probability_worse == pytest.approx(0.0668, abs=0.015)
    low, high = first.interval(0.9)
    assert (low, high) == pytest.approx((-2.645, 0.645), abs=0.12)
    # Regret of the preferred: E max(D, 0) with D ~ N(-1, 1) = φ(1) - Φ(-1) = 0.0833.
    assert found.preferred == "one" and found.regret["one"] == pytest.approx(0.0833, abs=0.01)
    assert found.regret["two"] == pytest.approx(1.0833, abs=0.06)
    assert sum(found.best.values()) == pytest.approx(1.0) and found.best["three"] < 0.01
    assert not found.cautions and found.to_dict()["draws"] == 4000


def test_direction_time_and_draws_in_common():
    one = _prediction([10.0, 12.0, 30.0], [0, 1, 2], observable="teer")
    two = _prediction([5.0, 14.0], [2, 0], observable="teer")
    found = cal.compare({"one": one, "two": two}, "teer")
    assert found.is_larger_better and list(found.values["one"]) == [10.0, 30.0]
    assert list(found.values["two"]) == [14.0, 5.0]
    assert found.regret == {"one": 2.0, "two": 12.5}
    half = cal.compare({"one": one, "two": two}, "teer", day=5.0, is_larger_better=False)
    assert list(half.values["one"]) == [15.0, 25.0] and half.preferred == "two"
    assert "draws: a chance may be off" in found.cautions[0]
    apart = _prediction([5.0], [7], observable="teer")
    with pytest.raises(cal.CalibrationError, match="no draw in common"):
        cal.compare({"one": one, "two": apart}, "teer")
    with pytest.raises(cal.CalibrationError, match="at least two") as error:
        cal.compare({"one": one}, "teeer", margin=-1.0)
    assert "margin of zero" in str(error.value) and "'teeer'" in str(error.value)
    with pytest.raises(cal.CalibrationError, match="day from 0 to 10"):
        cal.compare({"one": one, "two": two}, "teer", day=11.0)


def test_cautions_name_the_therapy_unless_all_share_them_and_an_unusual_donor(formula_problem):
    draws = np.arange(200.0)
    found = cal.compare(
        {"one": _prediction(draws, out_of_range=["No psoriasis.", "Too long."]),
         "two": _prediction(draws + 1, out_of_range=["No psoriasis."])}, "easi",
    )  # fmt: skip
    assert found.cautions == ("No psoriasis.", "one: Too long.")
    posterior = cal.fit(formula_problem, starts=1).posterior
    assert unusual(posterior) == []
    # 2.6 prior spreads in each of two: χ² = 13.5, as far as exp(-6.76) = 0.12 % of donors.
    centre = np.array([m.to_coordinate(m.prior.location) for m in posterior.free.members])
    odd = dataclasses.replace(
        posterior, mean=centre + 2.6 * posterior.free.prior_spread(centre) * np.array([1.0, -1.0])
    )
    (text,) = unusual(odd)
    assert "3.7 spreads" in text and "0.12 % of donors" in text
    told = cal.compare({"one": _prediction(draws), "two": _prediction(draws)}, "easi",
                       posterior=odd)  # fmt: skip
    assert not told.is_in_range and told.cautions == (text,)
