"""Healthy, atopic and psoriatic skin are attractors of one model (science statement 1)."""

import numpy as np
import pytest

import skinmech as sm

CLINICAL = ("tewl", "easi", "pasi", "itch_nrs", "epidermal_thickness", "corneum_thickness")


def at_rest(default, attractors, disease, **options):
    return default.simulate(
        sm.Protocol("30 day"),
        parameters=sm.DONORS[disease],
        start=attractors[disease],
        times=[0.0, 30.0],
        **options,
    )


@pytest.mark.parametrize("disease", sm.DONORS)
def test_a_simulation_started_in_an_attractor_stays_there(default, attractors, disease):
    trajectory = at_rest(default, attractors, disease)
    # The solver's own tolerance is 1e-5; a steady state holds far better.
    np.testing.assert_allclose(trajectory.state[-1], trajectory.state[0], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("disease", sm.DONORS)
def test_an_attractor_is_returned_to_after_a_push(default, attractors, disease):
    pushed = np.asarray(attractors[disease]) * np.where(
        np.arange(attractors[disease].size) % 2, 1.05, 0.95
    )
    trajectory = default.simulate(
        sm.Protocol("720 day"),
        parameters=sm.DONORS[disease],
        start=pushed,
        times=[0.0, 720.0],
    )
    reference = at_rest(default, attractors, disease)
    for name in CLINICAL:
        assert trajectory[name][-1] == pytest.approx(reference[name][0], rel=1e-2, abs=1e-2)


def test_healthy_skin_is_inside_published_ranges(default, attractors):
    skin = at_rest(default, attractors, "healthy")
    assert 5.0 <= skin["tewl"][0] <= 10.0
    assert 10.0 <= skin["corneum_thickness"][0] <= 20.0
    assert 28.0 <= skin["turnover_time"][0] <= 47.0
    assert 5.0 <= skin["surface_ph"][0] <= 6.0
    assert skin["easi"][0] < 1.0
    assert skin["pasi"][0] < 1.0


def test_lesional_atopic_skin_is_inside_published_ranges(default, attractors):
    healthy = at_rest(default, attractors, "healthy")
    skin = at_rest(default, attractors, "atopic")
    # BALISTAD 47.2, Montero-Vilchez 25-31, PELISTAD (children) 55.1 g/m2/h
    assert 25.0 <= skin["tewl"][0] <= 56.0
    # PELISTAD: 251 over 118 um
    assert 1.5 <= skin["epidermal_thickness"][0] / healthy["epidermal_thickness"][0] <= 2.7
    assert skin["filaggrin_fold"][0] < 0.6
    assert skin["surface_ph"][0] > healthy["surface_ph"][0]
    assert skin["easi"][0] > 10.0


def test_a_psoriatic_plaque_is_inside_published_ranges(default, attractors):
    healthy = at_rest(default, attractors, "healthy")
    skin = at_rest(default, attractors, "psoriatic")
    assert 2.0 <= skin["epidermal_thickness"][0] / healthy["epidermal_thickness"][0] <= 5.0
    assert 4.0 <= skin["turnover_time"][0] <= 20.0  # histology 4-7, models 14
    assert skin["pasi"][0] > 10.0
    assert skin["tewl"][0] > healthy["tewl"][0]


def test_a_trigger_flips_healthy_skin_to_psoriasis_and_it_stays(default, attractors):
    trajectory = default.simulate(
        sm.Protocol(
            "365 day",
            [
                sm.Change("1 day", {"dendritic_trigger": 1e4}),
                sm.Change("8 day", {"dendritic_trigger": 0.0}),
            ],
        ),
        start=attractors["healthy"],
        times=[0.0, 60.0, 365.0],
    )
    plaque = at_rest(default, attractors, "psoriatic")
    assert trajectory["pasi"][0] < 1.0
    assert trajectory["pasi"][-1] == pytest.approx(plaque["pasi"][0], rel=0.02)


def test_only_a_predisposed_donor_becomes_atopic_after_barrier_loss_and_allergen(
    default, attractors
):
    insult = sm.Protocol(
        "365 day",
        [sm.TapeStrips(30, f"{day} day") for day in range(1, 13)]
        + [sm.Change("1 day", {"exposome": 20.0}), sm.Change("100 day", {"exposome": 1.0})],
    )

    def severity(disease):
        options = dict(parameters=sm.DONORS[disease], start=attractors["healthy"])
        return default.simulate(insult, times=[0.0, 365.0], **options)["easi"][-1]

    assert severity("atopic") > 10.0
    assert severity("healthy") < 1.0


def test_water_loss_hardly_depends_on_humidity(default, attractors):
    # Blank 1984: little change from 0 to 80 % relative humidity.
    losses = [
        default.simulate(
            sm.Protocol("30 day"),
            setting=sm.in_vivo(relative_humidity=humidity),
            start=attractors["healthy"],
            times=[30.0],
        )["tewl"][0]
        for humidity in (0.0, 0.4, 0.8)
    ]
    assert max(losses) / min(losses) < 1.15
    assert losses[0] > losses[-1]


def test_tape_strips_raise_water_loss_and_it_recovers(default, attractors):
    times = [1.0, 1.05, 2.0, 6.0]
    losses = {
        count: default.simulate(
            sm.Protocol("20 day", [sm.TapeStrips(count, "1 day")]),
            start=attractors["healthy"],
            times=times,
        )["tewl"]
        for count in (0, 5, 10, 20)
    }
    resistance = np.array([1.0 / losses[count][1] for count in (0, 5, 10)])
    # 1/TEWL falls in proportion to what was removed, while little is removed.
    assert np.diff(resistance)[1] == pytest.approx(np.diff(resistance)[0], rel=0.35)
    excess = losses[20] - losses[0]
    assert excess[1] > 3.0
    assert 0.3 <= 1 - excess[2] / excess[1] <= 0.8  # about half within a day
    assert abs(excess[3]) < 0.2 * excess[1]  # over within days
