"""Laser pulses: thresholds, confinement, heating by phototype, and what they leave behind."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from skinmech.lesion_plane import (
    Laser,
    Plane,
    broken_melanosomes,
    epidermal_heating,
    laser_pulse,
    pulse_on_plane,
    resting_state,
    simulate_plane,
    threshold_fluence,
)
from skinmech.lesion_plane.laser import column_layers, relaxation_time
from skinmech.observables.optics import skin_layers
from skinmech.pigment_model import pigment_model

PALE, DARK = skin_layers(80.0, 0.0195), skin_layers(80.0, 0.071)


def test_thresholds_are_those_measured():
    """Bovine melanosomes, nanosecond pulses: 0.159 J/cm2 at 800 nm, 4.5 at 1540 nm."""
    np.testing.assert_allclose(threshold_fluence(800.0, 5e-9), 0.159, rtol=0.05)
    np.testing.assert_allclose(threshold_fluence(1540.0, 5e-9), 4.5, rtol=0.05)
    seen = [float(threshold_fluence(w, 5e-9)) for w in (532.0, 694.0, 755.0, 1064.0)]
    assert np.all(np.diff(seen) > 0)


def test_only_pulses_shorter_than_its_relaxation_break_a_melanosome():
    assert 5e-8 < relaxation_time(0.8) < 1e-6  # published: tens of ns to a microsecond
    long, short = Laser(755.0, 20.0, 3e-3, 12.0), Laser(755.0, 5.0, 5e-8, 4.0)
    assert float(broken_melanosomes(PALE, long).max()) < 1e-3
    assert float(broken_melanosomes(PALE, short).min()) > 0.95


def test_breakage_grows_with_fluence_and_falls_with_depth():
    layers = skin_layers(80.0, 0.15)
    seen = [
        np.asarray(broken_melanosomes(layers, Laser(532.0, h, 5e-9, 3.0))) for h in (0.02, 0.05)
    ]
    assert np.all(seen[1] > seen[0])
    assert np.all(np.diff(seen[0]) < 0)


def test_long_pulses_burn_dark_skin_first_and_cooling_or_long_waves_spare_it():
    hair = Laser(755.0, 20.0, 3e-3, 12.0, cooling=20.0)
    assert not bool(epidermal_heating(PALE, hair).is_burnt)
    assert bool(epidermal_heating(DARK, hair).is_burnt)
    assert not bool(epidermal_heating(DARK, Laser(1064.0, 30.0, 0.03, 10.0)).is_burnt)
    warm = epidermal_heating(PALE, Laser(755.0, 20.0, 3e-3, 12.0))
    assert float(warm.peak) > float(epidermal_heating(PALE, hair).peak) + 15.0


def test_a_pulse_empties_the_column_which_then_refills():
    model = pigment_model(corneum_cells=4, epidermis_cells=6)
    params = model.parameters()
    y = model.initial_state(params)
    pulse = Laser(694.0, 3.0, 2e-8)
    lit, depth = jax.jit(
        lambda y: (laser_pulse(model, params, y, pulse), column_layers(model, params, y).thickness)
    )(y)
    before, after = (model.unpack(state)["pigmentation"] for state in (y, lit))
    assert float(after.eumelanin.sum()) < 0.1 * float(before.eumelanin.sum())
    assert bool(jnp.all(after.eumelanin >= 0))
    np.testing.assert_array_equal(after.melanocytes, before.melanocytes)
    assert 90.0 < float(jnp.sum(depth)) < 130.0


def test_a_burn_leaves_a_dark_spot_and_a_safe_pulse_does_not():
    plane = Plane.plain(32, 16.0)
    state = resting_state(plane)
    courses = {}
    for name, laser in (
        ("safe", Laser(694.0, 3.0, 2e-8, 5.0)),
        ("burn", Laser(755.0, 25.0, 3e-3, 5.0)),
    ):
        after = pulse_on_plane(plane, state, laser, DARK)
        courses[name] = simulate_plane(plane, after, 0.0, days=56.0, save_every=14.0, step=1.0)
    middle = np.asarray(courses["safe"].state.melanin[:, 16, 16])
    assert middle[0] < 0.1 < 0.8 < middle[-1] < 1.0 + 1e-9
    assert float(courses["burn"].state.melanin[2, 16, 16]) > 1.1
    assert float(courses["safe"].state.melanin[0, 1, 1]) > 0.99


def test_gradient_to_the_melanin_of_the_skin():
    pulse = Laser(532.0, 0.03, 5e-9, 3.0)

    @jax.jit
    def broken(fraction):
        return broken_melanosomes(skin_layers(80.0, fraction), pulse)[1]

    slope = jax.jit(jax.grad(broken))(0.05)
    apart = (broken(0.05 + 1e-6) - broken(0.05 - 1e-6)) / 2e-6
    np.testing.assert_allclose(slope, apart, rtol=1e-5)
    assert float(slope) < 0


def test_an_impossible_pulse_is_refused_with_every_problem():
    with pytest.raises(ValueError) as caught:
        Laser(200.0, -1.0, 1e-8)
    assert "wavelength" in str(caught.value) and "fluence" in str(caught.value)
