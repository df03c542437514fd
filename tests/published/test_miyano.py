"""The published atopic-dermatitis model against its reference trajectories."""

import csv
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from skinmech.modelling.model import SkinModel
from skinmech.modelling.units import UnitSystem
from skinmech.published.miyano import (
    PUBLISHED_ARMS,
    TARGETS,
    Miyano,
    arm,
    baseline,
    published_start,
    rates,
    severity,
    trial,
    untreated,
)
from skinmech.published.miyano_parameters import (
    PUBLISHED_LOG_SD,
    MiyanoLaws,
    MiyanoParameters,
    laws_of,
    typical_values,
    virtual_patient,
)

FOLDER = "models/miyano2022_atopic_dermatitis"


@pytest.fixture(scope="session")
def typical():
    return baseline(MiyanoLaws())


@pytest.fixture(scope="session")
def improvements():
    arms = {name: arm(**options) for name, options in PUBLISHED_ARMS.items()}
    return trial(arms, MiyanoLaws(), jnp.linspace(0.0, 24.0, 241))


def test_population_is_the_published_one(shared_data):
    mu = np.loadtxt(shared_data / FOLDER / "mu.csv")
    sigma = np.loadtxt(shared_data / FOLDER / "sigma.csv")
    np.testing.assert_allclose(np.log(typical_values()), mu, atol=1e-12)
    np.testing.assert_allclose(PUBLISHED_LOG_SD, np.abs(sigma), rtol=1e-12)


def test_typical_patient_settles_at_the_published_baseline(shared_data, typical):
    path = shared_data / FOLDER / "reference_typical_patient_baseline.json"
    reference = json.loads(path.read_text())
    assert float(severity(typical)) == pytest.approx(reference["EASI"], rel=1e-4)
    got = [typical.barrier, typical.pathogens, *typical.t_helpers, *typical.cytokines]
    names = ["barrier", "pathogens", "Th1", "Th2", "Th17", "Th22", "IL4", "IL13", "IL17",
             "IL22", "IL31", "IFNg", "TSLP", "OX40L"]  # fmt: skip
    expected = [reference[name] for name in names]
    np.testing.assert_allclose(np.array(got, float), expected, rtol=1e-5)


@pytest.mark.parametrize("name", PUBLISHED_ARMS)
def test_improvement_of_each_arm_agrees_with_the_reference(shared_data, improvements, name):
    path = shared_data / FOLDER / "reference_typical_patient_improvedEASI.csv"
    with path.open() as file:
        reference = np.array([float(row[name]) for row in csv.DictReader(file)])
    assert reference.shape == (241,)
    # percent improvement of EASI: 1e-3 relative of the largest value, 0.05 to 0.08 points
    np.testing.assert_allclose(improvements[name], reference, atol=1e-3, rtol=1e-3)


def test_baseline_is_a_steady_state(typical):
    worst = max(
        float(jnp.max(jnp.abs(rate / value)))
        for rate, value in zip(rates(typical, untreated(), MiyanoLaws()), typical, strict=True)
    )
    assert worst < 1e-5


def test_patient_with_zero_deviates_is_the_typical_one():
    laws = jax.tree.leaves(virtual_patient(jnp.zeros(51)))
    defaults = jax.tree.leaves(MiyanoLaws())
    np.testing.assert_allclose(laws, defaults, rtol=1e-12)


def test_vector_of_wrong_length_and_unknown_target_are_refused():
    with pytest.raises(ValueError, match="51 values, got 3"):
        laws_of([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="IL-33"):
        arm({"IL-33": 0.5})


@pytest.mark.parametrize("system", [UnitSystem(), UnitSystem(time="second", length="mm")])
def test_seam_gives_the_published_rates(system):
    model = SkinModel((Miyano(),), system=system)
    args = model.arguments(model.parameters())
    start = published_start()
    y = model.pack({"miyano": start._asdict()})
    got = model.unpack(model.tendency(0.0, y, args))["miyano"]
    week = system.factor("week")
    expected = rates(start, untreated(), MiyanoLaws())
    for name, value in expected._asdict().items():
        np.testing.assert_allclose(np.asarray(got[name]) * week, value, rtol=1e-10, atol=1e-12)


def test_sub_model_starts_untreated_at_rest_and_reports_severity():
    model = SkinModel((Miyano(),))
    args = model.arguments(model.parameters())
    y = model.initial_state(model.parameters())
    _, ports = model.evaluate(0.0, y, args)
    assert float(ports.easi) == pytest.approx(19.876, abs=0.01)
    assert len(TARGETS) == 7
    # start values are rounded to four digits and the fastest rate is 494 per week
    assert float(jnp.max(jnp.abs(model.tendency(0.0, y, args)))) < 0.5


def test_declared_parameters_are_the_laws():
    declared = jax.tree.leaves(MiyanoParameters().laws())
    np.testing.assert_allclose(np.array(declared), jax.tree.leaves(MiyanoLaws()), rtol=1e-14)


def test_severity_gradient_agrees_with_finite_differences():
    def easi(factor):
        laws = MiyanoLaws()
        changed = laws.barrier._replace(damage_rate=laws.barrier.damage_rate * factor)
        return severity(baseline(laws._replace(barrier=changed), weeks=200.0))

    step = 1e-4
    forward = jax.jit(easi)
    finite = (forward(1.0 + step) - forward(1.0 - step)) / (2 * step)
    gradient = jax.jit(jax.grad(easi))(1.0)
    assert float(gradient) == pytest.approx(float(finite), rel=1e-4)
