"""Flares: what counts as one, that triggers make them, and what the outlook says."""

import dataclasses

import numpy as np
import pytest

import skinmech as sm
from skinmech.triggers import Episode, Triggers, changes, episodes
from skinmech_calibration import CalibrationError, FlareOutlook, flare_outlook
from skinmech_calibration.flares import flaring


def test_a_flare_is_high_and_lasts():
    score = np.array([10, 14, 14, 10, 14, 14, 14, 10, 12.9, 12.9, 12.9, 10.0])
    expected = [False] * 4 + [True] * 3 + [False] * 5
    assert flaring(score, 10.0).tolist() == expected
    assert not flaring(np.full(9, 2.9), 0.5).any(), "points count on nearly clear skin"


def test_episodes_are_drawn_at_their_rate_and_repeat_with_the_seed():
    triggers = Triggers(per_year=24.0, stress_per_year=0.0)
    many = [len(episodes(365.25, triggers, [1, k])) for k in range(200)]
    assert np.mean(many) == pytest.approx(24.0, abs=4 * np.sqrt(24.0 / 200))
    assert episodes(100.0, triggers, 3) == episodes(100.0, triggers, 3)
    assert all(0 <= e.start <= e.end <= 100 for e in episodes(100.0, triggers, 3))
    with pytest.raises(ValueError, match="per_year = -1"):
        Triggers(per_year=-1.0)


def test_of_two_episodes_at_once_the_stronger_counts():
    found = changes(
        [Episode("exposome", 1.0, 5.0, 2.0), Episode("exposome", 3.0, 4.0, 6.0),
         Episode("itch_gain", 8.0, 9.0, 1.5)], 9.0,
    )  # fmt: skip
    ends = [e for e in found if "itch_gain" in e.environment]
    assert [(e.at, e.environment["exposome"]) for e in found if e not in ends] == [
        (1.0, 2.0), (3.0, 6.0), (4.0, 2.0), (5.0, 1.0),
    ]  # fmt: skip
    assert [(e.at, e.environment["itch_gain"]) for e in ends] == [(8.0, 1.5)], "none at the end"


def outlook(flags, score=None):
    flags = np.array(flags, bool)
    values = np.zeros(flags.shape) if score is None else np.array(score, float)
    count = len(flags)
    return FlareOutlook(
        np.arange(flags.shape[1], dtype=float), values, flags, np.arange(count), ((),) * count, 0
    )


def test_risk_counts_first_flares():
    found = outlook([[0, 1, 1, 0], [0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    assert found.risk(1) == 0.25 and found.risk(3) == 0.75
    risk, low, high = found.risk_curve()
    assert np.all(np.diff(risk) >= 0) and np.all(low <= risk) and np.all(risk <= high)
    assert found.per_year == pytest.approx(0.75 * 365.25 / 3)


def test_the_warning_is_one_where_a_rise_always_tells_and_a_half_where_it_never_does():
    days, random = 200, np.random.default_rng(0)
    flags = np.zeros((20, days), bool)
    score = np.zeros((20, days))
    for k in range(20):
        at = random.integers(40, 160)
        flags[k, at : at + 5] = True
        score[k, at - 14 : at] = np.linspace(0.5, 10, 14)
    assert outlook(flags, score).warning() > 0.9
    assert outlook(flags, random.normal(size=score.shape)).warning() == pytest.approx(0.5, abs=0.05)
    assert np.isnan(outlook(np.zeros((2, days), bool)).warning())


@pytest.fixture(scope="module")
def posterior():
    from skinmech_calibration import CalibrationProblem, Experiment, Observation, laplace

    model = sm.skin_model(corneum_cells=6, epidermis_cells=8)
    one = Experiment(
        "visits", sm.in_vivo(), sm.Protocol("4 weeks"),
        (Observation("easi", 0.0, 14.0), Observation("easi", 28.0, 14.0)), start="atopic",
    )  # fmt: skip
    # In a lesion full of antigens more of them changes nothing: this donor has room for it.
    base = sm.DONORS["atopic"] | {"immunity.antigen_load": 1.0}
    problem = CalibrationProblem(model, [one], ["immunity.antigen_load"], base)
    (found,) = problem.evaluate([problem.free.to_coordinates({})])
    return laplace(problem, found)


def test_triggers_make_flares_and_a_treatment_makes_them_rarer(posterior):
    options = {"days": 84.0, "draws": 2, "courses": 3, "seed": 4}
    strong = Triggers(per_year=20.0, strength=15.0)
    bare = flare_outlook(posterior, sm.in_vivo(), triggers=strong, **options)
    calm = flare_outlook(
        posterior, sm.in_vivo(), triggers=Triggers(per_year=0.0, stress_per_year=0.0), **options
    )
    assert not calm.is_flaring.any() and bare.is_flaring.any()
    assert bare.score.shape == (6, 85) and bare.num_failed == 0
    treated = flare_outlook(
        posterior, sm.in_vivo(), triggers=strong,
        protocol=sm.Protocol(84.0, [sm.Treatment("dupilumab", "600 mg, then 300 mg q2w")]),
        **options,
    )  # fmt: skip
    assert treated.is_flaring.mean() < bare.is_flaring.mean()
    again = flare_outlook(posterior, sm.in_vivo(), triggers=strong, **options)
    np.testing.assert_array_equal(bare.score, again.score)
    assert dataclasses.astuple(bare.triggers[0][0]) == dataclasses.astuple(again.triggers[0][0])


def test_what_cannot_be_asked_is_told(posterior):
    with pytest.raises(CalibrationError, match="eazi"):
        flare_outlook(posterior, sm.in_vivo(), score="eazi")
    with pytest.raises(CalibrationError, match="2 draws"):
        flare_outlook(posterior, sm.in_vivo(), draws=1)
