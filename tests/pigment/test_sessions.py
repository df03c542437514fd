"""Laser sessions as events of a course on the lesion plane."""

import numpy as np
import pytest

from skinmech.lesion_plane import (
    Laser,
    Plane,
    Session,
    inflamed_patch,
    resting_state,
    simulate_plane,
    simulate_sessions,
)
from skinmech.observables.optics import skin_layers

LAYERS = skin_layers(98.0, 0.02)
PULSE = Laser(1064.0, 3.0, 5e-9, spot=6.0)


@pytest.fixture(scope="module")
def plane():
    return Plane.plain(24, 12.0)


def course(plane, *sessions, start=None):
    start = resting_state(plane) if start is None else start
    return simulate_sessions(plane, start, 0.0, sessions, LAYERS, days=28, save_every=7)


def test_without_sessions_it_is_the_plain_course(plane):
    start = inflamed_patch(plane, 4.0)
    plain = simulate_plane(plane, start, 0.0, days=28.0, save_every=7.0)
    found = course(plane, start=start)
    np.testing.assert_array_equal(found.days, plain.days)
    for mine, theirs in zip(found.state, plain.state, strict=True):
        # The same steps, cut into days: rounding alone.
        np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-14)


def test_a_pulse_breaks_melanin_in_its_spot_on_its_day(plane):
    melanin = course(plane, Session(7, PULSE), Session(8, PULSE, (2.0, 2.0))).state.melanin
    middle, edge, other = (12, 12), (12, 1), (4, 4)
    np.testing.assert_allclose(melanin[1], 1.0, rtol=1e-9)  # saved before the day's pulse
    assert melanin[2][middle] < 0.5
    assert melanin[2][other] < 0.5
    np.testing.assert_allclose(melanin[-1][edge], 1.0, rtol=1e-3)
    assert melanin[2][middle] < melanin[3][middle] < melanin[4][middle] < 1.0


def test_sessions_outside_the_course_are_all_told(plane):
    sessions = [Session(day, PULSE) for day in (-1, 3, 40)]
    with pytest.raises(ValueError, match=r"got -1, 40\.\n.*multiple of save_every"):
        simulate_sessions(plane, resting_state(plane), 0.0, sessions, LAYERS, days=28, save_every=5)
