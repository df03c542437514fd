"""Fronts, follicles, interferon and the scheme of the lesion plane."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from skinmech.lesion_plane import (
    LesionParameters,
    Plane,
    follicles,
    inflamed_patch,
    melasma_patch,
    repigmented_area,
    resting_state,
    simulate_plane,
    vasi_change,
    vitiligo_patch,
)
from skinmech.modelling.citations import NOT_REFERENCES, references
from skinmech.modelling.parameters import specifications

CELLS = 48
LIGHT = 0.6


@pytest.fixture(scope="module")
def bald():
    return Plane.plain(CELLS, 16.0)


@pytest.fixture(scope="module")
def hairy(bald):
    return follicles(bald, 18.0)


def _course(plane, start, light, params=None, **options):
    asked = {"days": 168.0, "save_every": 28.0} | options
    return simulate_plane(plane, start, light, params, **asked)


def test_parameters_are_declared_in_full():
    for path, spec in specifications("lesion_plane", LesionParameters).items():
        assert spec.source in references() or spec.source in NOT_REFERENCES, path
        assert spec.source != "assumed" or spec.evidence == "assumed", path


def test_healthy_skin_rests(bald):
    course = _course(bald, resting_state(bald), 0.0)
    for field, start in zip(course.state, resting_state(bald), strict=True):
        np.testing.assert_allclose(field[-1], start, atol=1e-9)


def test_a_front_runs_at_fishers_speed():
    """2 √(r D g), less Bramson's slowing by 3/2 over steepness and time."""
    plane = Plane.plain(128, 40.0)
    p = LesionParameters()
    x = (jnp.arange(128) + 0.5) * 40.0 / 128
    seed = jnp.broadcast_to((x < 4.0).astype(float), (128, 128))
    start = resting_state(plane)._replace(melanocytes=seed)
    course = _course(plane, start, LIGHT, days=448.0, save_every=112.0, step=1.0)
    reach = jnp.sum(course.state.melanocytes[:, 64, :], axis=1) * 40.0 / 128
    speed = float(reach[4] - reach[2]) / 224.0
    mobility = float(p.mobility * (1 + p.migration_gain * LIGHT / (p.light_half + LIGHT)))
    steepness = np.sqrt(float(p.renewal) / mobility)
    slowing = 1.5 / steepness * np.log(448.0 / 224.0) / 224.0  # mean of 3/(2 steepness t)
    exact = 2.0 * np.sqrt(float(p.renewal) * mobility) - slowing
    assert abs(speed / exact - 1.0) < 0.05
    assert 0.5 < 30.0 * speed < 1.5  # mm a month, what clinics see


def test_the_scheme_is_second_order_in_time_and_space(hairy):
    """Errors of one lit week against the finest, halving step and then cells."""
    start = vitiligo_patch(hairy, activity=0.5)
    melanocytes = {
        step: simulate_plane(hairy, start, LIGHT, days=8.0, save_every=8.0, step=step)
        .state.melanocytes[-1]
        for step in (1.0, 0.5, 0.125)
    }  # fmt: skip
    errors = [float(jnp.linalg.norm(melanocytes[step] - melanocytes[0.125])) for step in (1.0, 0.5)]
    assert 1.7 < np.log2(errors[0] / errors[1]) < 2.4
    ends = {}
    for cells in (12, 24, 48):
        plane = Plane.plain(cells, 16.0)
        x = (jnp.arange(cells) + 0.5) * 16.0 / cells
        bump = 0.5 - 0.5 * jnp.cos(jnp.pi * x / 8.0)
        state = resting_state(plane)._replace(melanocytes=bump[:, None] * bump[None, :])
        end = simulate_plane(plane, state, LIGHT, days=64.0, save_every=64.0, step=2.0)
        ends[cells] = float(jnp.mean(end.state.melanocytes[-1] ** 2))
    apart = [abs(ends[cells] - ends[48]) for cells in (12, 24)]
    # Against 48 cells, whose own error is a sixteenth of that of 12: log2(15/3) = 2.3.
    assert 1.9 < np.log2(apart[0] / apart[1]) < 2.7


def test_pigment_returns_from_follicles_and_margins_under_light(bald, hairy):
    """Light repigments, hair speeds it, and islands rise about the follicles."""
    area = {}
    for name, plane, light in (("dark", hairy, 0.0), ("hair", hairy, LIGHT), ("none", bald, LIGHT)):
        course = _course(plane, vitiligo_patch(plane, 5.0), light)
        assert float(course.state.melanocytes.min()) > -1e-9
        area[name] = np.asarray(repigmented_area(course))
        assert np.all(np.diff(vasi_change(course)) < 1e-6)
        if name == "hair":
            middle = (slice(3, 4), slice(18, 30), slice(18, 30))
            inside, held = course.state.melanocytes[middle], plane.reservoir[middle[1:]]
            assert np.corrcoef(np.ravel(inside), np.ravel(held))[0, 1] > 0.3
    assert area["dark"][-1] < 0.25 < area["none"][-1] < area["hair"][-1]


def test_interferon_spreads_a_lesion_and_light_or_blockade_stops_it(hairy):
    start = vitiligo_patch(hairy, 4.0, activity=0.5)
    spread = float(vasi_change(_course(hairy, start, 0.0))[-1])
    lit = float(vasi_change(_course(hairy, start, LIGHT))[-1])
    blocked = eqx.tree_at(lambda p: p.interferon_half, LesionParameters(), jnp.asarray(30.0))
    held = float(vasi_change(_course(hairy, start, 0.0, blocked))[-1])
    assert spread > 1.2
    assert lit < 0.8
    assert held < 1.1


def test_inflammation_leaves_pigment_above_and_longer_below(bald):
    course = _course(bald, inflamed_patch(bald), 0.0, days=364.0)
    middle = CELLS // 2
    above = np.asarray(course.state.melanin[:, middle, middle])
    below = np.asarray(course.state.dermal_melanin[:, middle, middle])
    assert above.max() > 1.15
    assert above[-1] < 1.02
    assert below[-1] > 0.2 * below.max() > 0.0


def test_melasma_darkens_more_than_its_surroundings_and_comes_back(bald):
    plane = melasma_patch(bald)
    light = jnp.asarray([0.0, *[0.5] * 6, *[0.05] * 6])
    course = _course(plane, resting_state(plane), light, days=364.0)
    middle = CELLS // 2
    inside, outside = (np.asarray(course.state.melanin[:, i, i]) for i in (middle, 1))
    assert inside[6] / outside[6] > 1.1 * inside[0] / outside[0]
    assert inside[-1] < 0.8 * inside[6]


def test_gradients_agree_with_finite_differences(hairy):
    start = vitiligo_patch(hairy, activity=0.3)

    @jax.jit
    def score(values):
        params = eqx.tree_at(
            lambda p: (p.mobility, p.reservoir_release, p.interferon_half),
            LesionParameters(),
            (values[0], values[1], values[2]),
        )
        course = simulate_plane(hairy, start, LIGHT, params, days=28.0, save_every=28.0, step=1.0)
        return vasi_change(course)[-1]

    at = jnp.asarray([3e-4, 8e-4, 0.3])
    along = at * jnp.asarray([1.0, -0.7, 0.5])
    slope = jax.jit(lambda a, v: jax.jvp(score, (a,), (v,))[1])(at, along)
    apart = (score(at + 1e-4 * along) - score(at - 1e-4 * along)) / 2e-4
    np.testing.assert_allclose(slope, apart, rtol=1e-4)
    assert abs(float(slope)) > 1e-4


def test_lengths_that_do_not_divide_are_refused(bald):
    with pytest.raises(ValueError, match="multiple of save_every"):
        simulate_plane(bald, resting_state(bald), 0.0, days=10.0, save_every=4.0)
