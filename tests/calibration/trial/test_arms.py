"""Tables of arms: what their words mean, and what is said of words that mean nothing."""

import csv

import numpy as np
import pytest

from skinmech.therapies import load_drug
from skinmech.therapies.errors import RegimenError
from skinmech_calibration.errors import CalibrationError
from skinmech_calibration.trial import open_arms, read_arms
from skinmech_calibration.trial.exposure import concentration
from skinmech_calibration.trial.regimens import regimen_of

HEADER = "study,disease,drug,dose,regimen,background,week,endpoint,n,baseline"


def _table(tmp_path, *lines, header=HEADER):
    path = tmp_path / "arms.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("drug", "dose", "words", "doses"),
    [
        ("dupilumab", "300 mg", "q2w", {0: 600, 14: 300, 28: 300}),
        ("dupilumab", "200 mg", "q2w", {0: 400, 14: 200, 28: 200}),
        ("dupilumab", "300 mg", "qw", {0: 300, 7: 300, 14: 300}),
        ("secukinumab", "150 mg", "Q4W", {0: 150, 7: 150, 14: 150, 21: 150, 28: 150}),
        ("ustekinumab", "45/90 mg", "Q12W", {0: 67.5, 28: 67.5}),
        ("ustekinumab", "45 mg", "Ustekinumab (n = 64), SC, 45 mg, weeks 0 to 4, every 12 weeks",
         {0: 45, 28: 45}),
        ("adalimumab", "40 mg", "SC, 80 mg at week 0, 40 mg at week 1 and 40 mg eow",
         {0: 80, 7: 40, 21: 40}),
        ("etanercept", "25 mg", "auto-administered, 25 mg, twice/week", {0: 25, 3.5: 25, 7: 25}),
    ],
)  # fmt: skip
def test_words_of_trial_tables_become_the_doses_they_mean(drug, dose, words, doses):
    one = load_drug(drug)
    events = regimen_of(one, dose, words).events(30.0, one.route, 80.0)
    found = {event.time: event.amount for event in events}
    for day, amount in doses.items():
        assert found[day] == pytest.approx(amount), (day, found)


def test_strength_and_pace_of_a_cream_are_heard():
    cream = load_drug("ruxolitinib cream")
    label, weak = regimen_of(cream, "1.5%", "bid"), regimen_of(cream, "0.75%", "qd")
    assert label.phases[-1].amounts == (2.0,) and label.phases[-1].interval == 0.5
    assert weak.phases[-1].amounts == (1.0,) and weak.phases[-1].interval == 1.0
    with pytest.raises(RegimenError, match="how often 'ruxolitinib cream'"):
        regimen_of(cream, "1.5%", "when it itches")


def test_words_that_say_no_interval_are_refused_with_the_label(tmp_path):
    with pytest.raises(RegimenError, match="how often 'risankizumab' 75 mg.*weeks 0,4"):
        regimen_of(load_drug("risankizumab"), "75 mg", "as needed")


def test_every_bad_line_is_named_at_once_with_the_nearest_names(tmp_path):
    path = _table(
        tmp_path,
        "A,atopic dermatitis,dupilimab,300 mg,q2w,mono,soon,EASI74,100,",
        "A,atopic dermatitis,placebo,,q2w,mono,16,EASI57,100,",
        "A,atopic eczema,placebo,,q2w,mono,16,EASI75,100,",
        "A,plaque psoriasis,placebo,,q2w,mono,sixteen,PASI75,100,",
        "A,plaque psoriasis,placebo,,q2w,mono,16,PASI75,-4,",
    )
    with pytest.raises(CalibrationError) as raised:
        read_arms(path)
    text = str(raised.value)
    for part in ("line 2", "'dupilumab'", "'soon'", "EASI74", "line 3", "EASI57",
                 "Nearest: EASI75", "line 4",
                 "atopic eczema", "line 5", "'sixteen'", "line 6", "'-4'"):  # fmt: skip
        assert part in text, part


def test_a_missing_column_is_named(tmp_path):
    path = _table(tmp_path, header="study,disease,drug,dose,regimen,background,week,n")
    with pytest.raises(CalibrationError, match="missing columns endpoint"):
        read_arms(path)


def test_endpoints_are_known_by_other_spellings(tmp_path):
    path = _table(
        tmp_path,
        "A,atopic dermatitis,placebo,,q2w,mono,16,IGA 0/1,100,",
        "A,atopic dermatitis,placebo,,q2w,mono,16,EASI-75,100,",
        "A,atopic dermatitis,placebo,,q2w,mono,16,EASI % change,100,",
    )
    assert [row.endpoint for row in read_arms(path)] == ["IGA01", "EASI75", "EASI_pct_change"]


def test_every_open_line_of_the_published_tables_is_understood(shared_data):
    rows = open_arms(shared_data / "clinical")
    with (shared_data / "clinical" / "ad_arms.csv").open(encoding="utf-8") as file:
        asked = sum(line["use_for_scoring"] == "1" for line in csv.DictReader(file))
    assert (
        len(rows) > 500
        and sum(r.arm.disease.name == "atopic dermatitis" for r in rows) > 0.85 * asked
    )
    assert all(np.isfinite(row.value) for row in rows)


def test_mean_of_days_is_the_dose_over_clearance():
    """At steady state the mean concentration is F dose / (interval CL), whatever the course."""
    drug = load_drug("adalimumab")
    level = concentration(drug, drug.regimen("40 mg q2w"), 420, 70.0)
    pk = drug.pharmacokinetics
    molar = drug.molecular_weight.magnitude
    expected = (
        40.0 / 14.0 * pk.magnitude("bioavailability") / pk.magnitude("clearance") / molar * 1e6
    )
    assert np.mean(level[-140:]) == pytest.approx(expected, rel=2e-3)
