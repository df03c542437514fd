"""Pigmentation alone: rest, order of its steps, dose sharing, erythema by phototype."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from skinmech.modelling.parameters import replace
from skinmech.pigment_model import observed, pigment_course, pigment_model
from skinmech.submodels.pigmentation import MELANOGENIC_CAPACITY


@pytest.fixture(scope="module")
def model():
    return pigment_model(corneum_cells=4, epidermis_cells=6)


@pytest.fixture(scope="module")
def content(model):
    """Epidermal melanin over time [um] by capacity, exposures and step."""

    def run(capacity, fluence, step):
        params = replace(model.parameters(), {"pigmentation.capacity": capacity})
        states = pigment_course(model, params, fluence, step=step)
        return observed(model, params, states)

    return jax.jit(run, static_argnums=2)


def test_a_tan_rises_after_days_and_fades_over_months(content):
    light = np.zeros(4 * 200)
    light[0 : 4 * 21 : 7] = 0.5
    seen = content(0.57, light, 0.25)
    gained = np.asarray(seen["melanin_content"]) - float(seen["melanin_content"][0])
    peak = gained.argmax()
    assert abs(gained[4]) < 0.02 * gained[peak]  # nothing to see after a day
    assert 15 * 4 < peak < 35 * 4
    assert gained[peak + 4 * 60] > 0.2 * gained[peak]
    assert gained[-1] < 0.1 * gained[peak]
    assert np.min(gained) > -1e-6
    density = np.asarray(seen["melanocyte_density"])
    assert density.max() > 1.1 * density[0]


def test_many_small_exposures_tan_less_per_dose_than_one(content):
    """Twelve exposures need more in all than one, and less each (Ravnbak 2008)."""
    one, many = np.zeros(4 * 27), np.zeros(4 * 27)
    one[4 * 19] = 1.0
    many[0 : 4 * 21 : 7] = 1.0

    def gained(light):
        seen = np.asarray(content(0.57, light, 0.25)["melanin_content"])
        return seen[-1] - seen[0]

    share = {each: gained(each * many) / gained(one) for each in (1 / 12, 0.9)}
    assert share[1 / 12] < 1.0 < share[0.9]


def test_the_erythema_dose_follows_the_phototype(content):
    """Capacities came from skin colour alone; published minimal erythema doses, J/m2."""
    published = {"II": 250, "III": 300, "IV": 450, "V": 600, "VI": 1000}
    reach = {
        phototype: float(
            content(MELANOGENIC_CAPACITY[phototype], np.zeros(108), 0.25)["basal_transmission"][0]
        )
        for phototype in published
    }
    for phototype, dose in published.items():
        ratio = reach["II"] / reach[phototype]
        assert abs(ratio / (dose / published["II"]) - 1.0) < 0.3, (phototype, ratio)


def test_the_step_is_of_order_four(model):
    """Halving the step divides the error of one lit stretch by about sixteen."""
    params = model.parameters()

    @jax.jit
    def eight(start, light, step):
        return pigment_course(model, params, light, start, step=step)[-1]

    def end(step):
        state, light = model.initial_state(params), jnp.zeros(8).at[0].set(0.8)
        for _ in range(round(8.0 / (8 * step))):
            state, light = eight(state, light, step), jnp.zeros(8)
        return state

    exact = end(1.0 / 32)
    errors = [float(jnp.max(jnp.abs(end(step) - exact))) for step in (1.0, 0.5)]
    assert 3.3 < np.log2(errors[0] / errors[1]) < 5.2


def test_gradients_of_a_tan_agree_with_finite_differences(model):
    light = jnp.zeros(4 * 20).at[jnp.asarray([0, 12, 24])].set(0.8)
    start = model.initial_state(model.parameters())
    names = ("pigmentation.MITF_half", "pigmentation.MSH_power", "pigmentation.capacity")

    @jax.jit
    def end(values):
        params = replace(model.parameters(), dict(zip(names, values, strict=True)))
        states = pigment_course(model, params, light, start)
        return observed(model, params, states[-1:])["melanin_content"][0]

    at, along = jnp.asarray([2.5, 4.5, 0.6]), jnp.asarray([1.0, -1.5, 0.4])
    slope = jax.jvp(end, (at,), (along,))[1]
    apart = (end(at + 1e-5 * along) - end(at - 1e-5 * along)) / 2e-5
    np.testing.assert_allclose(slope, apart, rtol=1e-4)
    assert abs(float(slope)) > 1e-3
