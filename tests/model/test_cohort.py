"""A patient that cannot be simulated costs only itself."""

import math

import numpy as np
import pytest

import skinmech as sm
from skinmech.numerics import Status

SIZE = 256
PLACES = (0, 1, 37, 100, 128, 200, 254, 255)
PATH = "immunity.Th2_rate"
IMPOSSIBLE = {
    "not a number": math.nan,
    "infinite": math.inf,
    "negative infinite": -math.inf,
    "finite but absurd": 1e200,
    "negative": -5.0,
    "zero": 0.0,
    "just above its bound": None,
    "text": "high",
}


@pytest.fixture(scope="module")
def patients(default):
    random = np.random.default_rng(4)
    centre = sm.DONORS["atopic"][PATH]
    return [
        sm.DONORS["atopic"] | {PATH: centre * float(factor)}
        for factor in random.lognormal(0.0, 0.15, SIZE)
    ]


def spoilt(patients, default):
    """The same patients, with one impossible one of each kind put in place of eight."""
    high = default.model.specifications()[PATH].bounds[1]
    changed = list(patients)
    for place, value in zip(PLACES, IMPOSSIBLE.values(), strict=True):
        changed[place] = patients[place] | {PATH: 1.001 * high if value is None else value}
    return changed


def test_impossible_patients_change_no_other_and_cost_no_step(default, attractors, patients):
    protocol = sm.Protocol("14 days", [sm.Dose("dupilumab", "600 mg", 0.0)])

    def run(cohort):
        return sm.simulate_cohort(
            default, protocol, cohort, start=attractors["atopic"], times=[7.0, 14.0]
        )

    clean, mixed = run(patients), run(spoilt(patients, default))
    assert clean.is_ok.all()
    others = np.setdiff1d(np.arange(SIZE), PLACES)
    for name, rows in clean.values.items():
        np.testing.assert_array_equal(mixed.values[name][others], rows[others])
        assert np.isnan(mixed.values[name][list(PLACES)]).all()
    np.testing.assert_array_equal(mixed.num_steps[others], clean.num_steps[others])
    assert (mixed.status[list(PLACES)] == Status.INVALID_INPUT).all()
    assert mixed.num_steps[list(PLACES)].sum() == 0
    assert sorted(mixed.explanations) == list(PLACES)
    assert all(PATH in why for why in mixed.explanations.values())
    assert len(np.unique(clean.values["tewl"][:, -1])) == SIZE  # they are different patients


def test_a_solve_that_fails_is_told_and_leaves_no_value(default, attractors, patients):
    start = np.array(attractors["atopic"])
    start[0] = np.nan
    found = sm.simulate_cohort(default, sm.Protocol("1 day"), patients[:2], start=start)
    assert not found.is_ok.any() and set(found.explanations) == {0, 1}
    assert all(np.isnan(rows).all() for rows in found.values.values())


def test_a_cohort_needs_patients_and_as_many_weights(default):
    with pytest.raises(ValueError, match="one weight for each"):
        sm.simulate_cohort(default, sm.Protocol("1 day"), [{}, {}], weights=[70.0])
    with pytest.raises(ValueError, match="at least one patient"):
        sm.simulate_cohort(default, sm.Protocol("1 day"), [])
