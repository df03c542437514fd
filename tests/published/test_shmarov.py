"""The published psoriasis model: steady states, stability, turnover, onset and clearance."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from skinmech.modelling.model import SkinModel
from skinmech.modelling.units import UnitSystem
from skinmech.published.shmarov import (
    DEFAULT_DOSES,
    Shmarov,
    ShmarovState,
    no_exposure,
    phototherapy,
    rates,
    relative_pasi,
    simulate,
    total_cells,
    trigger,
    turnover_time,
)
from skinmech.published.shmarov_parameters import ShmarovLaws, ShmarovParameters
from skinmech.published.shmarov_steady import steady_states

HEALTHY = dict(stem=3947.21, transit=22224.37, differentiated=50529.32, t_cells=1556.09,
               dendritic=1563.06, IL17=21.3163, TNF=21.3163, IL23=42.8237,
               growth_factor=717.03)  # fmt: skip
PSORIATIC = dict(stem=12544.23, transit=70349.64, differentiated=173504.1, t_cells=4782.97,
                 dendritic=4804.4, IL17=65.52, TNF=65.52, IL23=131.63)  # fmt: skip


@pytest.fixture(scope="session")
def states():
    return steady_states()


def test_there_are_two_attractors_and_a_saddle(states):
    assert [found.is_stable for found in states] == [True, False, True]
    assert sum(states[1].eigenvalues.real > 0) == 1


@pytest.mark.parametrize(("index", "expected"), [(0, HEALTHY), (2, PSORIATIC)])
def test_attractor_is_the_published_one(states, index, expected):
    for name, value in expected.items():
        assert float(getattr(states[index].state, name)) == pytest.approx(value, rel=1e-4)


def test_saddle_is_the_published_one(states):
    saddle = states[1].state
    assert float(saddle.stem) == pytest.approx(4855.46, rel=1e-4)
    assert float(relative_pasi(saddle)) == pytest.approx(0.105, abs=5e-4)  # three digits given


@pytest.mark.parametrize(("index", "total", "turnover", "eigenvalue", "digits"), [
    (0, 79828.0, 41.31, -0.0153, 1e-4), (2, 266012.0, 14.25, -0.1525, 1e-4),
])  # fmt: skip
def test_totals_turnover_and_eigenvalues_agree(states, index, total, turnover, eigenvalue, digits):
    found = states[index]
    assert float(total_cells(found.state)) == pytest.approx(total, rel=1e-4)
    assert float(turnover_time(found.state)) == pytest.approx(turnover, abs=5e-3)
    assert found.eigenvalues[0].real == pytest.approx(eigenvalue, abs=digits)


def test_saddle_turnover(states):
    assert float(turnover_time(states[1].state)) == pytest.approx(34.4, abs=0.05)


def test_relative_severity_is_zero_healthy_and_one_psoriatic(states):
    assert float(relative_pasi(states[0].state)) == pytest.approx(0.0, abs=1e-4)
    assert float(relative_pasi(states[2].state)) == pytest.approx(1.0, abs=1e-4)


def test_steady_states_are_steady_in_the_full_system(states):
    for found in states:
        rate = rates(found.state, 0.0, 0.0, ShmarovLaws())
        relative = [abs(float(r / v)) for r, v in zip(rate, found.state, strict=True)]
        assert max(relative) < 1e-8


def test_state_file_start_is_the_healthy_state(shared_data, states):
    import xml.etree.ElementTree as ElementTree

    path = shared_data / "models/shmarov2022_psoriasis/psor_v8_4.xml"
    root = ElementTree.fromstring(path.read_text())
    given = {
        element.get("name"): float(element.get("initialConcentration"))
        for element in root.iter()
        if element.tag.endswith("}species")
    }
    names = dict(SC="stem", TA="transit", D="differentiated", T="t_cells", DC="dendritic",
                 A="apoptotic", IL17="IL17", TNF="TNF", IL23="IL23",
                 GF="growth_factor")  # fmt: skip
    for theirs, ours in names.items():
        assert float(getattr(states[0].state, ours)) == pytest.approx(given[theirs], rel=1e-5)
    parameters = {
        element.get("name"): float(element.get("value"))
        for element in root.iter()
        if element.tag.endswith("}parameter") and element.get("value")
    }
    laws = ShmarovLaws()
    assert laws.keratinocytes.stem_division_rate == parameters["sc2"]
    assert laws.keratinocytes.desquamation_rate == parameters["desq"]
    assert laws.immune.dendritic_activation_constant == parameters["t_kp"]
    assert laws.signals.IL17_clearance_rate == parameters["il1720"]


def test_trigger_flips_healthy_skin_and_without_it_skin_stays(states):
    times = jnp.array([0.0, 150.0, 154.0, 800.0])
    healthy = states[0].state
    flipped = relative_pasi(simulate(healthy, times, trigger(1e4)))
    quiet = relative_pasi(simulate(healthy, times, trigger(0.0)))
    assert float(flipped[-1]) == pytest.approx(1.0, abs=1e-3)
    assert float(jnp.max(jnp.abs(quiet))) < 1e-4


def test_default_phototherapy_clears_and_weak_light_relapses(states):
    times = jnp.array([0.0, 28.0, 63.0, 800.0])
    psoriatic = states[2].state
    cleared = relative_pasi(simulate(psoriatic, times, phototherapy()))
    assert len(DEFAULT_DOSES) == 25
    assert float(cleared[2]) < 0.105  # below the saddle when light ends
    assert float(cleared[-1]) < 1e-3
    relapsed = relative_pasi(simulate(psoriatic, times, phototherapy(efficacy=0.02)))
    assert 0.105 < float(relapsed[2]) < 1.0
    assert float(relapsed[-1]) == pytest.approx(1.0, abs=1e-3)


def test_apoptotic_pool_takes_up_every_loss_to_light_and_apoptosis(states):
    laws = ShmarovLaws()
    y = ShmarovState(*(1.3 * v for v in states[2].state))
    dark, light = rates(y, 0.0, 0.0, laws), rates(y, 0.4, 0.0, laws)
    lost = sum(
        float(getattr(dark, name) - getattr(light, name))
        for name in ("stem", "transit", "differentiated", "t_cells", "dendritic")
    )
    assert float(light.apoptotic - dark.apoptotic) == pytest.approx(lost, rel=1e-10)


def test_schedules_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="one day per dose"):
        phototherapy((1.0, 1.0), (0.0,))
    with pytest.raises(ValueError, match="apart"):
        phototherapy((1.0, 1.0), (0.0, 0.5))
    with pytest.raises(ValueError, match="one day per dose"):
        phototherapy(())


@pytest.mark.parametrize("system", [UnitSystem(), UnitSystem(time="hour", length="mm")])
def test_seam_gives_the_published_rates(states, system):
    model = SkinModel((Shmarov(),), system=system)
    args = model.arguments(model.parameters())
    cell, day = system.factor("cell/mm**2"), system.factor("day")
    factors = np.linspace(0.7, 1.6, 10)  # each state off balance by its own factor
    start = ShmarovState(*(f * v for f, v in zip(factors, states[1].state, strict=True)))
    y = model.pack({"shmarov": {k: v * cell for k, v in start._asdict().items()}})
    got = model.unpack(model.tendency(0.0, y, args))["shmarov"]
    for name, value in rates(start, 0.0, 0.0, ShmarovLaws())._asdict().items():
        assert float(got[name]) * day / cell == pytest.approx(float(value), rel=1e-9)


def test_sub_model_starts_at_rest():
    model = SkinModel((Shmarov(),))
    args = model.arguments(model.parameters())
    y = model.initial_state(model.parameters())
    # the published survivor densities are rounded to six digits, the fastest rate is 36 per day
    assert float(jnp.max(jnp.abs(model.tendency(0.0, y, args)))) < 1e-4


def test_declared_parameters_are_the_laws():
    declared = np.array(jax.tree.leaves(ShmarovParameters().laws()))
    np.testing.assert_allclose(declared, jax.tree.leaves(ShmarovLaws()), rtol=1e-14)


def test_clearance_gradient_agrees_with_finite_differences(states):
    psoriatic = states[2].state
    times = jnp.array([0.0, 6.0])

    def severity(efficacy):
        return relative_pasi(simulate(psoriatic, times, phototherapy(efficacy=efficacy)))[-1]

    step = 1e-4
    finite = (severity(0.16 + step) - severity(0.16 - step)) / (2 * step)
    assert float(jax.grad(severity)(0.16)) == pytest.approx(float(finite), rel=1e-4)
    assert no_exposure().uv_kill.shape == (1,)
