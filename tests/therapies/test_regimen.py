"""Regimens are read as on a label, and what is not understood is refused by name."""

import pytest

from skinmech.therapies import RegimenError, dosing, load_drug, parse_regimen


def _weeks(text, horizon_weeks):
    return [(e.time / 7, e.amount) for e in parse_regimen(text).events(7.0 * horizon_weeks)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("600 mg, then 300 mg q2w", [(0, 600), (2, 300), (4, 300), (6, 300)]),
        ("600 mg once; 300 mg every 2 weeks", None),
        ("300 mg weeks 0,1,2,3,4 then q4w", [(0, 300), (1, 300), (2, 300), (3, 300), (4, 300)]),
        ("80 mg, then 40 mg q2w from week 1", [(0, 80), (1, 40), (3, 40), (5, 40), (7, 40)]),
        ("100 mg q4w", [(0, 100), (4, 100)]),
        ("0.1 g qw for 2 weeks then 50 mg q4w", [(0, 100), (1, 100), (2, 50), (6, 50)]),
        ("250 mg q2w until week 4 then q4w", [(0, 250), (2, 250), (4, 250)]),
        ("10 mg weeks 0 and 3", [(0, 10), (3, 10)]),
    ],
)
def test_label_words_become_dose_weeks(text, expected):
    if expected is None:
        with pytest.raises(RegimenError, match="once"):
            parse_regimen(text)
        return
    assert _weeks(text, 8) == [(pytest.approx(w), pytest.approx(a)) for w, a in expected]


def test_label_regimens_of_long_phases():
    lebrikizumab = load_drug("lebrikizumab").regimen()
    days = [event.time for event in lebrikizumab.events(7.0 * 25)]
    assert [day / 7 for day in days] == [0, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24]
    ixekizumab = load_drug("ixekizumab").regimen("psoriasis")
    assert [e.time / 7 for e in ixekizumab.events(7.0 * 21)] == [0, 2, 4, 6, 8, 10, 12, 16, 20]


def test_daily_and_twice_daily_doses():
    assert [e.time for e in parse_regimen("15 mg qd").events(3.0)] == [0, 1, 2]
    assert [e.time for e in parse_regimen("5 mg bid").events(1.5)] == [0, 0.5, 1]
    assert [e.time for e in parse_regimen("5 mg q8h").events(1.0)] == pytest.approx(
        [0, 1 / 3, 2 / 3]
    )


def test_phototherapy_protocol_is_the_published_one():
    events = dosing(load_drug("NB-UVB"), "psoriasis", horizon=365.0).events
    assert len(events) == 30
    assert [event.time for event in events[:7]] == [0, 2, 4, 7, 9, 11, 14]
    assert events[0].amount == 0.7 and events[-1].amount == 3.427
    assert {event.unit for event in events} == {"J/cm2"}
    # The published list adds up to 79.346 J/cm2: pairs of the first eight doses, 14 of the last.
    steps = (0.7, 0.98, 1.323, 1.72, 2.15, 2.58, 2.967, 3.264)
    assert sum(e.amount for e in events) == pytest.approx(2 * sum(steps) + 14 * 3.427)


def test_dose_per_kilogram_needs_a_weight():
    regimen = parse_regimen("0.5 mg/kg q4w")
    assert regimen.events(1.0, weight=70.0)[0].amount == pytest.approx(35.0)
    with pytest.raises(RegimenError, match="weight"):
        regimen.events(1.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("-300 mg q2w", "negative"),
        ("3 mL q2w", "mL is a volume"),
        ("300 q2w", "no unit"),
        ("300 mg sometimes", "'sometimes' is not understood"),
        ("q2w", "Unable to find a dose"),
        ("", "Unable to find a dose"),
        ("300 mg q2w then 150 mg q4w", "has no end"),
        ("300 mg q0w", "interval of zero"),
        ("300 mg q2w q4w", "second timing"),
        ("1, 2 mg weeks 0,1,2", "2 amounts for 3"),
        ("300 mg q2w then 2 J/cm2 qd", "has no end|mixes the units"),
        ("300 mg, then 2 J/cm2 qd", "mixes the units"),
        ("1 mg/m2 qd", "body surface"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(text, said):
    with pytest.raises(RegimenError, match=said):
        parse_regimen(text)


def test_frequent_doses_become_one_rate_and_rare_ones_stay_doses():
    oral = dosing(load_drug("upadacitinib"), horizon=112.0)
    assert oral.events == ()
    assert [(r.time, r.rate) for r in oral.rates] == [(0.0, 15.0)]
    explicit = dosing(load_drug("upadacitinib"), horizon=7.0, mode="explicit")
    assert len(explicit.events) == 7 and explicit.rates == ()
    antibody = dosing(load_drug("dupilumab"), horizon=112.0)
    assert len(antibody.events) == 8 and antibody.rates == ()


def test_average_rates_follow_the_phases():
    made = dosing(load_drug("upadacitinib"), "30 mg qd for 4 weeks then 15 mg bid", horizon=112.0)
    assert [(r.time, r.rate) for r in made.rates] == [(0.0, 30.0), (28.0, 30.0)]
    stopped = dosing(load_drug("upadacitinib"), "30 mg qd for 4 weeks", horizon=112.0)
    assert [(r.time, r.rate) for r in stopped.rates] == [(0.0, 30.0), (28.0, 0.0)]


def test_topical_dose_is_drug_per_square_metre():
    made = dosing(load_drug("mometasone"), "2 mg/cm2 qd", horizon=14.0, mode="explicit")
    assert made.events[0].amount == pytest.approx(20.0)  # 2 mg/cm2 of 0.1 % cream
    assert made.events[0].unit == "mg/m2"


def test_unit_that_does_not_suit_the_drug_is_refused():
    with pytest.raises(RegimenError, match="dosed in mg or mg/kg"):
        dosing(load_drug("dupilumab"), "2 mg/cm2 qd", horizon=14.0)
    with pytest.raises(RegimenError, match="mode"):
        dosing(load_drug("dupilumab"), horizon=14.0, mode="avg")  # pyright: ignore[reportArgumentType]
