"""Virtual trials: randomisation, followed patients, errors of the first kind, and power."""

import dataclasses

import numpy as np
import pytest
from scipy.stats import binom, norm

from skinmech_calibration import CalibrationError
from skinmech_calibration.trial import load_population, read_arms
from skinmech_calibration.trial.arms import arm_of, disease_of
from skinmech_calibration.trial.predict import SHIPPED
from skinmech_calibration.trial.virtual import (
    Rescue,
    Stratum,
    TrialArm,
    TrialDesign,
    power_curve,
    simulate_trials,
    virtual_control,
)
from skinmech_calibration.trial.virtual.courses import endpoint, missing, ratios
from skinmech_calibration.trial.virtual.pools import POOL, Source
from skinmech_calibration.trial.virtual.randomise import randomised
from skinmech_calibration.trial.virtual.significance import p_values, wilson

ECZEMA = disease_of("atopic dermatitis")
PLACEBO = arm_of(ECZEMA, "placebo", "", "", "mono")
DUPILUMAB = arm_of(ECZEMA, "dupilumab", "300 mg", "q2w", "mono")
DESIGN = TrialDesign(
    ECZEMA, (TrialArm("placebo", PLACEBO), TrialArm("dupilumab", DUPILUMAB)), (4.0, 16.0), 40,
    "EASI75", 16.0, dropout=0.0,
)  # fmt: skip
SEED = 11


@pytest.fixture(scope="module")
def population():
    return load_population(SHIPPED)


@pytest.fixture(scope="module")
def pool(population):
    """Parameters and patients that trials without uncertainty are drawn from."""
    source = Source(DESIGN, population)
    return source.pool(population.theta, np.zeros(0), POOL, np.random.default_rng([SEED, 2]))


def share_below(v, left, days, threshold) -> np.ndarray:
    """Responders by the mixture's closed form without drop-out, shape (arm, visit)."""
    come = 1 - np.exp(-v["placebo_rate"] * np.array(days))[:, None]
    centre = np.log(left) - v["care_shift"] * come
    wide = np.sqrt(v["visit_spread"] ** 2 + (come * v["remission_spread"]) ** 2)
    x = np.log(threshold)
    most = norm.cdf((x - centre) / v["visit_spread"])
    some = norm.cdf((x - centre + v["remission_shift"] * come) / wide)
    return ((1 - v["remitting"]) * most + v["remitting"] * some).mean(axis=-1)


def exact_power(p0: float, p1: float, n: int) -> float:
    """Chance that the test of two proportions is significant, summed over all outcomes."""
    x0, x1 = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    both = (x0 + x1) / (2 * n)
    variance = both * (1 - both) * 2 / n * 2 * n / (2 * n - 1)
    z = np.abs(x1 - x0) / n / np.sqrt(np.where(variance > 0, variance, np.inf))
    chance = binom.pmf(x0, n, p0) * binom.pmf(x1, n, p1)
    return float(chance[z > norm.isf(0.025)].sum())


def test_blocks_keep_the_arms_even_within_each_stratum():
    design = dataclasses.replace(
        DESIGN, size=90, block=6, strata=(Stratum("a", 0.3), Stratum("b", 0.7)),
        arms=(DESIGN.arms[0], dataclasses.replace(DESIGN.arms[1], ratio=2)),
    )  # fmt: skip
    arm, stratum = randomised(design, 200, np.random.default_rng(0))
    for place, share in ((0, 0.3), (1, 0.7)):
        inside = stratum == place
        # 18,000 patients: four standard errors of a share.
        assert abs(inside.mean() - share) < 4 * np.sqrt(share * (1 - share) / inside.size)
        for row, mine in zip(arm, inside, strict=True):
            sequence = row[mine]
            whole = sequence[: len(sequence) // 6 * 6].reshape(-1, 6)
            assert (whole.sum(axis=1) == 4).all()  # two of three in every block
    assert len({tuple(row[:12]) for row in arm}) > 50  # blocks are permuted


def test_followed_patients_have_the_fitted_distribution_at_every_visit(pool):
    v, left = pool
    random = np.random.default_rng(5)
    cell = np.repeat([[0, 1]], 40_000, axis=1)
    ratio = ratios(v, left, cell, DESIGN.days, random)
    gone = np.zeros(ratio.shape, bool)
    for name, threshold in (("EASI50", 0.5), ("EASI75", 0.25), ("EASI90", 0.1)):
        value = endpoint(DESIGN, name, v, ratio, gone, random)[0]
        found = np.stack([value[cell[0] == arm].mean(axis=0) for arm in (0, 1)])
        expected = share_below(v, left, DESIGN.days, threshold)
        # Four standard errors of a share of 40,000.
        np.testing.assert_allclose(found, expected, atol=4 * 0.5 / 200)
    correlation = np.corrcoef(np.log(ratio[0, cell[0] == 0]).T)[0, 1]
    assert 0.5 < correlation < 0.95  # a patient's visits belong together


def test_two_equal_arms_differ_in_five_trials_of_a_hundred(population):
    same = (TrialArm("a", PLACEBO), TrialArm("b", PLACEBO))
    design = dataclasses.replace(
        DESIGN, arms=same, size=120, endpoint="EASI50", rescue=Rescue(), dropout=0.1,
        strata=(Stratum("light", 0.5, 65.0), Stratum("heavy", 0.5, 95.0)),
    )  # fmt: skip
    trials = 1500
    found = simulate_trials(design, population, trials=trials, seed=3, with_uncertainty=False)
    (count,) = found.significant()
    # Of a test at 5 % between 3.3 and 7.0 % of 1,500 trials are significant but once in 1,000; the
    # normal approximation of the statistic at 60 patients in an arm shifts that by half a per cent.
    low, high = binom.interval(0.999, trials, 0.05)
    assert low - 0.005 * trials <= count <= high + 0.005 * trials
    assert abs(found.difference.mean()) < 4 * found.difference.std() / trials**0.5


def test_parameters_that_are_drawn_do_not_make_equal_arms_differ(population):
    same = (TrialArm("a", PLACEBO), TrialArm("b", PLACEBO))
    design = dataclasses.replace(DESIGN, arms=same, size=80, endpoint="EASI50")
    found = simulate_trials(design, population, trials=100, seed=4)
    low, high = binom.interval(0.999, 100, 0.05)
    assert low <= found.significant()[0] <= high
    wide = [row for row in found.rows if row.endpoint == "EASI50" and row.week == 16.0]
    fixed = simulate_trials(design, population, trials=100, seed=4, with_uncertainty=False)
    narrow = [row for row in fixed.rows if row.endpoint == "EASI50" and row.week == 16.0]
    assert wide[0].high - wide[0].low > narrow[0].high - narrow[0].low


def test_power_is_that_of_two_proportions_where_nobody_leaves(population, pool):
    v, left = pool
    p = share_below(v, left, DESIGN.days, 0.25)[:, 1]
    trials = 1200
    rows = power_curve(DESIGN, [24, 48], population, trials=trials, seed=SEED)
    for k, row in enumerate(rows):
        source = Source(DESIGN, population)
        v, left = source.pool(
            population.theta, np.zeros(0), POOL, np.random.default_rng([SEED + k, 2])
        )
        p = share_below(v, left, DESIGN.days, 0.25)[:, 1]
        low, high = wilson(round(row.power * trials), trials, 0.999)
        assert low <= exact_power(p[0], p[1], row.patients // 2) <= high
        assert row.low < row.power < row.high
    assert rows[0].power < rows[1].power


def test_leaving_and_rescue_cost_power_and_are_counted(population):
    hard = dataclasses.replace(DESIGN, dropout=0.3, rescue=Rescue(0.8, 4.0, 1.0))
    easy = simulate_trials(DESIGN, population, trials=300, seed=1, with_uncertainty=False)
    lossy = simulate_trials(hard, population, trials=300, seed=1, with_uncertainty=False)
    assert lossy.significant()[0] < easy.significant()[0]
    assert all(row.missing == 0 for row in easy.rows)
    at_end = {row.arm: row for row in lossy.rows if row.week == 16.0 and row.endpoint == "EASI50"}
    assert at_end["placebo"].missing > at_end["dupilumab"].missing > 25.0


def test_gaps_are_filled_as_the_design_says():
    ratio = np.array([[[0.2, 0.9], [0.9, 0.2], [0.2, 0.2]]])
    gone = np.array([[[False, True], [True, True], [False, False]]])
    v = {"clear_below": 0.02, "almost_clear_below": 0.15, "assessment_spread": 0.1}
    random = np.random.default_rng(0)

    def filled(imputation, name="EASI75"):
        design = dataclasses.replace(DESIGN, imputation=imputation)
        return endpoint(design, name, v, ratio, gone, random)[0]

    np.testing.assert_array_equal(filled("non-responder"), [[1, 0], [0, 0], [1, 1]])
    np.testing.assert_array_equal(filled("last observation"), [[1, 1], [0, 0], [1, 1]])
    np.testing.assert_array_equal(filled("as observed"), [[1, np.nan], [np.nan] * 2, [1, 1]])
    falls = filled("non-responder", "EASI_pct_change")
    np.testing.assert_allclose(falls, [[0.8, 0.8], [0.0, 0.0], [0.8, 0.8]])


def test_a_rescued_patient_stays_so():
    design = dataclasses.replace(DESIGN, visits=(1.0, 2.0, 4.0, 16.0), rescue=Rescue(1.0, 2.0, 1.0))
    ratio = np.array([[[2.0, 0.5, 1.5, 0.1], [2.0, 0.5, 0.5, 0.1]]])
    gone = missing(design, {}, ratio, np.random.default_rng(0))
    np.testing.assert_array_equal(gone[0], [[False, False, True, True], [False] * 4])


def test_the_test_over_strata_is_that_of_the_textbook():
    # One 2 x 2 table: 12 of 20 against 5 of 20; pooled z with N - 1 by hand.
    value = np.concatenate([np.ones(12), np.zeros(8), np.ones(5), np.zeros(15)])[None]
    arm = np.repeat([1, 0], 20)[None]
    found = p_values(value, arm, np.zeros_like(arm), 1, 1)[0]
    pooled = 17 / 40
    z = (12 / 20 - 5 / 20) / np.sqrt(pooled * (1 - pooled) * (2 / 20) * 40 / 39)
    assert found == pytest.approx(2 * norm.sf(z), rel=1e-12)
    # A second stratum without any response tells nothing.
    more = np.concatenate([value, np.zeros((1, 10))], axis=1)
    arms = np.concatenate([arm, np.repeat([[0, 1]], 5, axis=1)], axis=1)
    strata = np.concatenate([np.zeros((1, 40), int), np.ones((1, 10), int)], axis=1)
    assert p_values(more, arms, strata, 1, 2)[0] == pytest.approx(found, rel=1e-12)


def test_a_design_that_cannot_be_is_refused_with_all_that_is_wrong():
    with pytest.raises(CalibrationError) as caught:
        TrialDesign(ECZEMA, DESIGN.arms[:1], (16.0, 4.0), 40, "EASI76", 12.0, block=3,
                    strata=(Stratum("a", 0.5),), imputation="guess")  # fmt: skip
    text = str(caught.value)
    for word in ("two arms", "ascending", "visit, got week 12", "EASI75", "sum to one", "guess"):
        assert word in text


def test_placebo_arms_of_open_trials_lie_in_the_virtual_controls_interval(shared_data, population):
    def is_placebo(line):
        return (
            line["drug"].strip().lower() == "placebo"
            and line["endpoint"] in ("PASI75", "EASI75")
            and line.get("split", "open") in ("open", "open-placebo-of-held-out")
            and line.get("use_for_scoring", "1") == "1"
            and bool(line["value"].strip()) and bool(line["arm_n"].strip())
        )  # fmt: skip

    rows = []
    for name in ("psoriasis_arms.csv", "ad_arms.csv"):
        latest = {}
        for row in read_arms(shared_data / "clinical" / name, is_placebo):
            study = row.given["study"]
            if study not in latest or row.week > latest[study].week:
                latest[study] = row
        rows += latest.values()
    assert len(rows) >= 20
    found = virtual_control(rows, population, draws=24, seed=2)
    low, high = np.percentile(found.control, [2.5, 97.5], axis=0)
    observed = np.array([row.value for row in rows])
    # Rounding in print counts as inside. The population has seen these arms, so this is a check
    # of the intervals' width: of n at 95 % fewer than this many are inside once in 1,000.
    inside = (observed >= low - 0.5) & (observed <= high + 0.5)
    assert inside.sum() >= binom.ppf(0.001, len(rows), 0.95)
    assert np.median(high - low) < 40.0  # an interval that says nothing covers all
    # Placebo against its own virtual control: no effect, about half the time better.
    table = found.table()
    assert 0.2 < np.mean([float(one) for one in table["better"]]) < 0.8
