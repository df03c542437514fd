"""A virtual patient is the same whoever draws it, and patients are as the prior says."""

import jax
import numpy as np
import pytest
from scipy import stats

import skinmech as sm
from skinmech.cohorts import DrawnPatients, GivenPatients, Plans, Therapy, Varied, varied
from skinmech.cohorts.plans import for_weight
from skinmech.schedule import schedule

CUT = Varied("a.rate", "log-normal", 2.0, 0.5, 1.0, 3.0)
FREE = Varied("b.shift", "normal", -1.0, 2.0)


@pytest.mark.parametrize("one", [CUT, FREE], ids=["log-normal", "normal"])
def test_any_stretch_of_patients_is_the_same_as_in_the_whole(one):
    whole = one.values(5, 0, 300)
    for start, stop in ((0, 1), (37, 50), (299, 300), (0, 300), (128, 257)):
        assert one.values(5, start, stop) == whole[start:stop]
    assert one.values(6, 0, 300) != whole


def test_a_value_does_not_depend_on_what_else_varies():
    alone = DrawnPatients(50, 3, (CUT,))
    together = DrawnPatients(9, 3, (FREE, CUT), {"c.size": 4.0}, 80.0)
    for one, other in zip(alone.block(0, 9), together.block(0, 9), strict=True):
        assert one.parameters["a.rate"] == other.parameters["a.rate"]
        assert other.parameters["c.size"] == 4.0 and other.weight == 80.0


def test_values_follow_the_prior_cut_at_its_bounds():
    values = np.array(CUT.values(1, 0, 20_000))
    assert values.min() >= 1.0 and values.max() <= 3.0
    prior = stats.lognorm(0.5, scale=2.0)
    low, high = prior.cdf([1.0, 3.0])
    # Kolmogorov-Smirnov at 1 in 1000: a correct draw with another seed fails once in a thousand.
    assert stats.kstest(values, lambda x: (prior.cdf(x) - low) / (high - low)).pvalue > 1e-3
    assert stats.kstest(FREE.values(1, 0, 20_000), stats.norm(-1.0, 2.0).cdf).pvalue > 1e-3
    # Two parameters are independent: |r| of n pairs has a standard error of n**-0.5.
    other = np.array(FREE.values(1, 0, 20_000))
    assert abs(np.corrcoef(values, other)[0, 1]) < 4 / 20_000**0.5


def test_declared_priors_are_taken_with_their_bounds():
    specs = sm.skin_model().specifications()
    found = {one.path: one for one in varied(specs)}
    assert set(found) == {path for path, spec in specs.items() if spec.scope == "donor"}
    path = "immunity.Th2_rate"
    assert found[path].centre == specs[path].prior.location
    assert (found[path].low, found[path].high) == specs[path].bounds
    (moved,) = varied(specs, [path], {path: 100.0}, {path: 0.1})
    assert (moved.centre, moved.spread) == (100.0, 0.1)
    with pytest.raises(sm.ParameterError, match=r"nowhere\.rate"):
        varied(specs, ["nowhere.rate"])


def test_what_cannot_be_drawn_from_is_refused():
    for kind, centre, spread in (("log-normal", 1.0, 0.0), ("log-normal", -1.0, 1.0),
                                 ("uniform", 1.0, 1.0), ("normal", 9.0, 1.0)):  # fmt: skip
        with pytest.raises(ValueError, match="spread above zero"):
            Varied("a.rate", kind, centre, spread, -5.0, 5.0)


def test_patients_of_a_table_keep_their_numbers_when_cut():
    table = GivenPatients(tuple({"a.rate": float(k)} for k in range(10)), (70.0,) * 10)
    part = table.part(4, 7)
    assert len(part.parameters) == 3
    assert part.block(5, 7) == table.block(5, 7)
    assert [one.index for one in part.block(4, 7)] == [4, 5, 6]


@pytest.mark.parametrize("weight", [None, 48.0, 113.0])
@pytest.mark.parametrize(
    "events",
    [
        [],
        [sm.Treatment("dupilumab", "600 mg, then 300 mg q2w"), sm.TapeStrips(5, 3.0)],
        [sm.Treatment("upadacitinib", "15 mg qd", start=2.0)],
        [sm.Treatment("infliximab", "5 mg/kg at weeks 0, 2, 6, then q8w", weight=70.0)],
    ],
    ids=["nothing", "antibody", "tablet", "by weight"],
)
def test_a_schedule_scaled_to_a_weight_is_the_one_made_for_it(weight, events):
    model = sm.skin_model(corneum_cells=6, epidermis_cells=8)
    protocol = sm.Protocol("60 days", events)
    found = Plans(model, Therapy("one", protocol, (0.0, 60.0)), sm.in_vivo()).of(weight)
    made = schedule(model, for_weight(protocol, weight), sm.in_vivo(), weight=weight)
    for one, other in zip(jax.tree.leaves(found), jax.tree.leaves(made), strict=True):
        np.testing.assert_array_equal(one, other)
