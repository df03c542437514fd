"""Cells in medium: wiring, stimulation and washout, expression, drugs, units."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import skinmech as sm
from skinmech.culture_model import culture_model
from skinmech.modelling.ports import Named
from skinmech.modelling.units import UnitSystem
from skinmech.settings import culture
from skinmech.settings.environment import ENVIRONMENT
from skinmech.submodels.cytokines import Cytokines
from skinmech.submodels.expression import GENES, gene
from skinmech.submodels.medium import Medium

IFNG, IL4 = "inlet_cytokines[IFN-gamma]", "inlet_cytokines[IL-4]"
HOUR = 1.0 / 24.0


@pytest.fixture(scope="module")
def model():
    return culture_model()


def stimulated(model, medium, *, hours, parameters=None, until=26.0, events=()):
    """An hour of plain medium, then `medium`; observables at hours after the addition."""
    change = sm.Change(at=1.0 * HOUR, environment=medium)
    protocol = sm.Protocol(until * HOUR, [change, *events])
    times = [(hour + 1.0) * HOUR for hour in hours]
    return sm.simulate(model, protocol, setting=culture(), parameters=parameters, times=times)


def test_signalling_is_declared_as_in_the_coupled_model(model):
    mine, skin = model.specifications(), sm.skin_model(signalling="dynamic").specifications()
    shared = [path for path in mine if path.startswith("signalling.")]
    assert shared and {path: mine[path] for path in shared} == {
        path: skin[path] for path in skin if path.startswith("signalling.")
    }


def test_cells_in_plain_medium_stay_at_rest(model):
    trajectory = sm.simulate(model, sm.Protocol("2 day"), setting=culture(), times=[0.0, 1.0, 1.9])
    params = model.parameters()
    background = float(params["culture"].background[2])
    np.testing.assert_allclose(trajectory["pSTAT1_MFI"], background, rtol=1e-9)
    for name in GENES:
        np.testing.assert_allclose(trajectory[f"mRNA_{name}"], 1.0, rtol=1e-5)


def test_stimulation_rises_within_the_hour_and_washes_out(model):
    washout = sm.Change(at=5.0 * HOUR, environment={IFNG: 0.0})
    trajectory = stimulated(
        model, {IFNG: "5 ng/mL"}, hours=[0.0, 0.5, 3.5, 6.0, 24.0], events=[washout]
    )
    activity = trajectory["activity_pSTAT1"]
    assert activity[0] < 1e-9
    assert activity[1] > 0.8 * activity[2] > 0.2
    assert activity[3] < 0.05 * activity[2]
    assert activity[4] < 1e-6
    assert np.all(np.abs(trajectory["activity_pSTAT6"]) < 1e-9)


def test_response_grows_with_the_dose(model):
    doses = [0.0, 5.0, 50.0, 500.0, 5000.0]
    ends = [stimulated(model, {IFNG: dose}, hours=[0.5, 4.0, 24.0]) for dose in doses]
    for name in ("pSTAT1_MFI", "mRNA_CXCL10", "mRNA_IL15"):
        values = np.array([end[name] for end in ends])
        assert np.all(np.diff(values, axis=0) > 0), name
    late = ends[-1]["mRNA_CCL5"]
    assert late[1] < 2.0 < late[2]  # through the slow factor only


def test_genes_of_the_stat6_arm_answer_to_il4(model):
    trajectory = stimulated(model, {IL4: "20 ng/mL"}, hours=[0.0, 24.0])
    assert trajectory["mRNA_CCL26"][1] > 20.0
    assert trajectory["mRNA_FLG"][1] < 0.6 and trajectory["mRNA_LOR"][1] < 0.6
    np.testing.assert_allclose(trajectory["mRNA_CXCL10"][1], 1.0, rtol=1e-4)


def test_expression_settles_where_its_equation_says(model):
    trajectory = sm.simulate(
        model, sm.Protocol("40 day"), setting=culture(**{IFNG: 300.0, IL4: 100.0}), times=[39.0]
    )
    expression = model.parameters()["expression"]
    for name, pathway in (("IL15", "pSTAT1"), ("CCL5", "pSTAT1"), ("FLG", "pSTAT6")):
        g = gene(name)
        activity = trajectory[f"activity_{pathway}"][0]
        half, power = float(expression.half[g]), float(expression.power[g])
        share = activity**power * (1 + half**power) / (half**power + activity**power)
        effect = float(expression.gain[g]) * share
        expected = 1.0 / (1.0 + effect) if name == "FLG" else 1.0 + effect
        # Relative tolerance of the steady state (1e-8) times the steepness of the law.
        np.testing.assert_allclose(trajectory[f"mRNA_{name}"][0], expected, rtol=1e-5)


def test_kinase_inhibitor_in_the_medium_blocks_stat1(model):
    present = sm.Dose("baricitinib", "0 mg", at=0.0)  # names the drug of slot 1
    plain = stimulated(model, {IFNG: 500.0}, hours=[4.0], events=[present])
    activities = [plain["activity_pSTAT1"][0]]
    for level in ("10 nmol/L", "1000 nmol/L"):
        medium = {IFNG: 500.0, "medium_drug[drug 1]": level}
        treated = stimulated(model, medium, hours=[4.0], events=[present])
        activities.append(treated["activity_pSTAT1"][0])
    assert activities[0] > activities[1] > activities[2]
    assert activities[2] < 0.2 * activities[0]


def test_tendency_is_the_same_in_other_units(model):
    other = culture_model(system=UnitSystem(length="mm", time="hour", mass="ng"))
    y = model.initial_state(model.parameters()) + 0.3
    changes = {"inlet_cytokines": jnp.full(13, 200.0)}
    rates = [
        np.asarray(
            jax.jit(lambda v, a, m=m: m.tendency(0.0, v, a))(
                y, m.arguments(m.parameters(), changes)
            )
        )
        for m in (model, other)
    ]
    assert np.abs(rates[0]).max() > 1.0
    np.testing.assert_allclose(rates[1] * 24.0, rates[0], rtol=1e-10, atol=1e-12)


def test_medium_reaches_the_cells_in_proportion_to_its_activity():
    part = Medium()
    params = dataclasses.replace(part.Parameters(), active_fraction=jnp.asarray(0.5))
    model = culture_model()
    ports = part.derived(0.0, Named(), Named(inlet_cytokines=jnp.arange(13.0)), params, model.grids)
    np.testing.assert_allclose(ports["epidermal_cytokines"][:, 0], 0.5 * np.arange(13))


def test_medium_and_tissue_transport_exclude_each_other():
    with pytest.raises(sm.WiringError, match="epidermal_cytokines"):
        sm.SkinModel((Medium(), Cytokines()), ENVIRONMENT)


def test_expression_at_rest_has_finite_derivatives(model):
    y = model.initial_state(model.parameters())
    args = model.arguments(model.parameters())
    jacobian = jax.jit(jax.jacfwd(lambda v: model.tendency(0.0, v, args)))(y)
    assert np.all(np.isfinite(jacobian))
