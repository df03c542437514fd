"""A fit that does not explain its data says so."""

from skinmech_app.report.misfit import outside, sentences


def _experiment(values):
    curve = {"days": [0.0, 10.0], "reading_low": [1.0, 2.0], "reading_high": [3.0, 4.0]}
    rows = [
        {"observable": "tewl", "day": day, "value": value, "censor": censor}
        for day, value, censor in values
    ]
    return {"name": "clinic", "rows": rows, "curves": {"tewl": curve}}


def test_only_measured_values_outside_the_band_count():
    # The band on day 5 is 1.5 to 3.5.
    found = outside(_experiment([(5, 1.6, "none"), (5, 3.6, "none"), (5, None, "left")]))
    assert found[:2] == (1, 2)
    assert found[2] == ["Water loss (TEWL) (day 5)"]


def test_a_single_miss_is_chance_and_many_are_told():
    fine = [(day, 2.5, "none") for day in range(10)]
    assert sentences([_experiment([*fine, (5, 9.0, "none")])]) == []
    (told,) = sentences([_experiment([*fine, *[(day, 9.0, "none") for day in range(5)]])])
    assert "5 of 15 values" in told
