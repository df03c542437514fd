"""The dynamic and the quasi-steady form of signalling agree once cytokines are constant."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import skinmech as sm
from skinmech.culture_model import culture_model
from skinmech.modelling.parameters import replace
from skinmech.modelling.ports import EPIDERMIS, Named
from skinmech.modelling.species import CYTOKINES, PATHWAYS
from skinmech.schedule import schedule
from skinmech.settings import culture
from skinmech.submodels.signalling import DynamicSignalling, QuasiSteadySignalling
from skinmech.therapies.effects import RECEPTOR_COMPLEXES, TARGETS

STIMULI = {
    "pSTAT6": ("IL-4", "IL-13"),
    "pSTAT3": ("IL-22", "IL-31"),
    "pSTAT1": ("IFN-gamma",),
    "NF-kB": ("IL-17A", "TNF"),
}
DOSES = (0.0, 20.0, 300.0, 2000.0, 50000.0)
DONORS = (
    {},
    {
        "signalling.sensitivity[pSTAT1]": 6.0,
        "signalling.feedback[pSTAT1]": 4.0,
        "signalling.feedback[NF-kB]": 8.0,
        "signalling.inactivation_rate[pSTAT6]": 20.0,
        "signalling.feedback_rate[pSTAT3]": 3.0,
        "signalling.IFNg_half": 150.0,
    },
)


@pytest.fixture(scope="module")
def model():
    return culture_model()


def quasi_steady(model, params, cytokines):
    """Activity the quasi-steady form gives, shape (pathway,)."""
    inside, _ = model.arguments(params)
    ports = Named(
        epidermal_cytokines=jnp.asarray(cytokines)[:, None] * model.system.factor("pg/mL"),
        free_fraction=jnp.ones(len(TARGETS)),
        complex_activity=jnp.ones(len(RECEPTOR_COMPLEXES)),
        glucocorticoid=jnp.asarray(0.0),
    )
    given = QuasiSteadySignalling().derived(0.0, Named(), ports, inside["signalling"], model.grids)
    return np.asarray(given["pathway_activity"])[:, 0]


@pytest.mark.parametrize("pathway", PATHWAYS)
@pytest.mark.parametrize("donor", range(len(DONORS)))
def test_dynamic_form_relaxes_to_the_quasi_steady_one(model, pathway, donor):
    params = replace(model.parameters(), DONORS[donor])
    simulator = sm.simulator(model)
    y0 = model.initial_state(params)
    times = np.full(64, np.inf)
    times[0] = 20.0  # sixty times the slowest time constant
    expected, relaxed = [], []
    for dose in DOSES:
        levels = {f"inlet_cytokines[{name}]": dose for name in STIMULI[pathway]}
        plan = schedule(model, sm.Protocol("21 day"), culture(**levels))
        result = simulator._run(params, plan, y0, jnp.asarray(times))
        relaxed.append([result["observables"][f"activity_{name}"][0] for name in PATHWAYS])
        cytokines = [dose if name in STIMULI[pathway] else 0.0 for name in CYTOKINES]
        expected.append(quasi_steady(model, params, cytokines))
    expected, relaxed = np.array(expected), np.array(relaxed)
    own = expected[:, PATHWAYS.index(pathway)]
    assert np.all(np.diff(own) > 0) and own[-1] > 0.2  # the doses span the response
    # The solver's own tolerances: 1e-5 relative, 1e-7 absolute.
    np.testing.assert_allclose(relaxed, expected, rtol=1e-5, atol=1e-7)


def test_quasi_steady_activity_is_a_rest_point_of_the_dynamic_form(model):
    params = replace(model.parameters(), DONORS[1])
    inside, _ = model.arguments(params)
    cytokines = 400.0 * np.ones(len(CYTOKINES))
    activity = quasi_steady(model, params, cytokines)[:, None]
    ports = Named(
        epidermal_cytokines=jnp.asarray(cytokines)[:, None] * model.system.factor("pg/mL"),
        free_fraction=jnp.ones(len(TARGETS)),
        complex_activity=jnp.ones(len(RECEPTOR_COMPLEXES)),
        glucocorticoid=jnp.asarray(0.0),
    )
    state = Named(activity=jnp.asarray(activity), feedback=jnp.asarray(activity))
    rates = DynamicSignalling().tendency(0.0, state, ports, inside["signalling"], model.grids)
    assert model.grids[EPIDERMIS].num_cells == 1
    for rate in jax.tree.leaves(rates):
        np.testing.assert_allclose(rate, 0.0, atol=1e-11)  # of terms of the order of 100 per day
