"""What every sub-model must do, found by walking the folders."""

import importlib
import inspect
import pkgutil

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import skinmech as sm
from skinmech import submodels
from skinmech.modelling import AbstractSubmodel, UnitSystem
from skinmech.modelling.citations import NOT_REFERENCES, references
from skinmech.modelling.parameters import get, replace, specifications
from skinmech.modelling.units import parse_unit


def found() -> dict[str, type[AbstractSubmodel]]:
    classes = {}
    for module in pkgutil.iter_modules(submodels.__path__):
        package = importlib.import_module(f"{submodels.__name__}.{module.name}")
        for name, value in vars(package).items():
            if inspect.isclass(value) and issubclass(value, AbstractSubmodel):
                classes[name] = value
    return classes


SUBMODELS = found()
SYSTEMS = {
    "default": UnitSystem(),
    "other": UnitSystem(length="mm", time="hour", mass="ng", substance="pmol"),
}


def test_the_folders_hold_the_sub_models_of_the_coupled_model():
    names = {cls.name for cls in SUBMODELS.values()}
    assert {part.name for part in sm.skin_model().submodels} <= names


@pytest.mark.parametrize("name", SUBMODELS)
def test_every_parameter_is_declared_in_full(name):
    cls = SUBMODELS[name]
    known = references()
    for path, spec in specifications(cls.name, cls.Parameters).items():
        assert spec.description, path
        assert spec.source in known or spec.source in NOT_REFERENCES, (path, spec.source)
        assert spec.bounds[0] <= spec.value <= spec.bounds[1], path
        assert spec.prior.sd > 0, path
        if spec.source == "assumed":
            assert spec.evidence == "assumed", path


@pytest.mark.parametrize("name", SUBMODELS)
def test_every_port_and_state_has_a_unit_and_words(name):
    cls = SUBMODELS[name]
    for spec in (*cls.states, *cls.provides, *cls.derives, *cls.requires):
        parse_unit(spec.unit)
        assert spec.description


@pytest.mark.parametrize("name", SUBMODELS)
def test_a_sub_model_explains_itself(name):
    assert len((SUBMODELS[name].__doc__ or "").strip()) > 100


@pytest.fixture(scope="module")
def model():
    return sm.skin_model(corneum_cells=6, epidermis_cells=8)


def test_tendencies_are_finite_and_traced_once(model):
    traces = []

    @jax.jit
    def tendency(y, args):
        traces.append(1)
        return model.tendency(0.0, y, args)

    params = model.parameters()
    y = model.initial_state(params)
    assert bool(jnp.all(jnp.isfinite(tendency(y, model.arguments(params)))))
    other = replace(params, {"barrier.lipid_rate": 0.2, "cytokines.clearance[IL-13]": 40.0})
    tendency(1.1 * y, model.arguments(other))
    assert len(traces) == 1


def test_the_derivative_of_the_tendency_agrees_with_finite_differences(model):
    params = model.parameters()
    args = model.arguments(params)
    rng = np.random.default_rng(3)
    y = model.initial_state(params) + jnp.asarray(rng.uniform(0.05, 0.3, model.layout.size))
    direction = jnp.asarray(rng.standard_normal(model.layout.size))

    @jax.jit
    def f(state):
        return model.tendency(0.0, state, args)

    exact = jax.jvp(f, (y,), (direction,))[1]
    size = 1e-6
    difference = (f(y + size * direction) - f(y - size * direction)) / (2 * size)
    error = jnp.linalg.norm(exact - difference) / jnp.linalg.norm(exact)
    assert float(error) < 1e-6


def test_the_unit_system_does_not_matter():
    """A bare constant or a wrong exponent would show as a difference."""
    rates = {}
    for name, system in SYSTEMS.items():
        model = sm.skin_model(corneum_cells=6, epidermis_cells=8, system=system)
        params = model.parameters()
        y = model.initial_state(params)
        y = y * jnp.asarray(np.random.default_rng(5).uniform(0.7, 1.5, y.size))
        per_day = model.tendency(0.0, y, model.arguments(params)) * system.factor("day")
        seen = model.observe(0.0, y, model.arguments(params))
        rates[name] = np.concatenate([y, per_day, [seen[key] for key in sorted(seen)]])
    scale = np.abs(rates["default"]) + 1e-3 * np.abs(rates["default"]).max()
    np.testing.assert_allclose(rates["other"] / scale, rates["default"] / scale, atol=1e-12)


def test_families_are_read_and_replaced_by_member(model):
    params = replace(model.parameters(), {"cytokines.clearance[TNF]": 12.0})
    assert float(get(params, "cytokines.clearance[TNF]")) == 12.0
    assert float(get(params, "cytokines.clearance[IL-4]")) == 70.0


def test_wrong_wiring_is_explained_all_at_once(model):
    kept = [part for part in model.submodels if part.name not in ("cytokines", "barrier")]
    with pytest.raises(sm.WiringError) as caught:
        sm.SkinModel(kept, model.environment)
    text = str(caught.value)
    assert "compartment_cytokines" in text and "epidermal_cytokines" in text
