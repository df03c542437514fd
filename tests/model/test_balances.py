"""Mass and positivity over the prior's range (science statement 2)."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import skinmech as sm
from skinmech.modelling.parameters import replace
from skinmech.numerics.operators import content
from skinmech.schedule import schedule
from skinmech.simulate import Status


def prior_draw(model, seed, width=2.576):
    """Parameters within the prior's central 99 % range and the bounds."""
    rng = np.random.default_rng(seed)
    changes = {}
    for path, spec in model.specifications().items():
        z = np.clip(rng.standard_normal(), -width, width)
        if spec.transform == "log":
            value = spec.value * np.exp(spec.prior.sd * z)
        else:
            value = spec.value + spec.prior.sd * z
        changes[path] = float(np.clip(value, *spec.bounds))
    return changes


SEEDS = range(12)


@pytest.fixture(scope="module")
def tendency(small):
    """The tendency of a flat state, compiled once."""
    return jax.jit(lambda y, args: small.model.tendency(0.0, y, args))


@pytest.fixture(scope="module")
def runs(small):
    """Sixty days with strips, light and a drug, at draws from the prior."""
    protocol = sm.Protocol(
        "60 day",
        [
            sm.TapeStrips(10, "5 day"),
            sm.Ultraviolet("1 J/cm**2", "6 day"),
            sm.Treatment("dupilumab", start="10 day"),
            sm.Change("20 day", {"relative_humidity": 0.1, "exposome": 5.0}),
        ],
    )
    model = small.model
    out = []
    for seed in SEEDS:
        params = replace(model.parameters(), prior_draw(model, seed))
        out.append(
            small.simulate(
                protocol,
                parameters=params,
                start=model.initial_state(params),
                times=np.linspace(0, 60, 31),
                throw=False,
            )
        )
    return out


def test_every_draw_can_be_simulated(runs):
    assert [run.status for run in runs] == [Status.OK] * len(runs)


def test_nothing_goes_negative(runs):
    for run in runs:
        # Ten times the absolute tolerance of the solver (relative to each state's scale).
        assert run.state.min() > -1e-6


def test_cells_balance(small, tendency):
    """The epidermis grows by what is made less what cornifies or dies, at any parameters."""
    model = small.model
    for seed in SEEDS:
        params = replace(model.parameters(), prior_draw(model, seed))
        args = model.arguments(params)
        y = model.initial_state(params)
        states, ports = model.evaluate(0.0, y, args)
        rates = model.unpack(tendency(y, args))["keratinocytes"]
        cells = rates.stem + rates.transit + rates.differentiated
        inside, _ = args
        grown = inside["keratinocytes"].cell_volume * cells
        died = (
            inside["keratinocytes"].apoptosis_rate
            * inside["keratinocytes"].cell_volume
            * ports.keratinocyte_density
        )
        expected = ports.epidermal_production - ports.cornification_flux - died
        scale = abs(ports.epidermal_production) + abs(ports.cornification_flux)
        assert abs(grown - expected) <= 1e-12 * scale


@pytest.mark.parametrize("seed", SEEDS)
def test_melanin_lipid_and_water_balance(small, tendency, seed):
    """d(content)/dt equals what enters, is made, is lost and leaves, to rounding."""
    model = small.model
    params = replace(model.parameters(), prior_draw(model, seed))
    args = model.arguments(params)
    y = model.initial_state(params) * jnp.asarray(
        np.random.default_rng(seed).uniform(0.7, 1.4, model.layout.size)
    )
    states, ports = model.evaluate(0.0, y, args)
    rates = model.unpack(tendency(y, args))
    inside, _ = args
    epidermis, corneum = model.grids["epidermis"], model.grids["corneum"]
    h, dh = ports.epidermal_thickness, ports.epidermal_thickness_rate
    s, ds = ports.corneum_dry_thickness, ports.corneum_thickness_rate

    def change(field, rate, thickness, growth, grid):
        return content(rate, thickness, grid) + content(field, growth, grid)

    pigment, moved = states["pigmentation"], rates["pigmentation"]
    p = inside["pigmentation"]
    in_epidermis = change(pigment.eumelanin, moved.eumelanin, h, dh, epidermis)
    in_corneum = change(pigment.corneum_eumelanin, moved.corneum_eumelanin, s, ds, corneum)
    transferred = p.transfer_rate * pigment.stored_eumelanin
    degraded = p.degradation_rate * content(pigment.eumelanin, h, epidermis)
    shed = ports.shedding_flux * pigment.corneum_eumelanin[0]
    terms = jnp.stack([transferred, degraded, shed])
    balance = in_epidermis + in_corneum - (transferred - degraded - shed)
    assert abs(balance) <= 1e-10 * jnp.sum(jnp.abs(terms))

    barrier, changed = states["barrier"], rates["barrier"]
    b = inside["barrier"]
    lipid = change(barrier.lamellar_lipid, changed.lamellar_lipid, h, dh, epidermis)
    lipid = lipid + change(barrier.lipid, changed.lipid, s, ds, corneum)
    stress = ports.barrier_stress / (1.0 + ports.barrier_stress)

    def inhibition(activity):
        return (1 + b.lipid_STAT6_inhibition * activity[0]) * (
            1 + b.lipid_NFkB_inhibition * activity[3]
        )

    made = content(
        b.lipid_rate
        * (1 + b.lipid_stress_gain * stress)
        * ports.differentiation
        / inhibition(ports.pathway_activity)
        - b.lipid_loss * barrier.lamellar_lipid,
        h,
        epidermis,
    )
    secreted = b.lipid_secretion * stress * b.healthy_lipid / ports.compaction
    secreted = secreted / inhibition(ports.pathway_activity[:, 0])
    shed = ports.shedding_flux * barrier.lipid[0]
    balance = lipid - (made + secreted - shed)
    assert abs(balance) <= 1e-10 * (abs(made) + abs(secreted) + abs(shed))

    water = change(barrier.water, changed.water, s, ds, corneum)
    inflow = water + ports.tewl / b.dry_density + ports.shedding_flux * barrier.water[0]
    # What enters at the bottom is not a port; it must be finite and equal at a doubled surface
    # loss: the balance of the interior holds if the inflow depends on the lowest cell alone.
    touched = barrier.water.at[0].multiply(1.3)
    other = model.pack({**states, "barrier": {**barrier, "water": touched}})
    _, ports2 = model.evaluate(0.0, other, args)
    rates2 = model.unpack(tendency(other, args))["barrier"]
    water2 = change(touched, rates2.water, s, ds, corneum)
    inflow2 = water2 + ports2.tewl / b.dry_density + ports2.shedding_flux * touched[0]
    assert jnp.isfinite(inflow)
    np.testing.assert_allclose(inflow2, inflow, rtol=1e-8)


def test_cytokines_balance_across_the_basement_membrane(small, tendency):
    """What leaves the epidermis enters the compartment."""
    model = small.model
    params = model.parameters()
    plan = schedule(model, sm.Protocol(1.0), sm.on_chip(flow=0.0))
    environment = jax.tree.map(lambda leaf: leaf[0], plan.environment)
    args = (small.arguments(params), environment)
    y = model.initial_state(params) + 0.3
    states, ports = model.evaluate(0.0, y, args)
    rates = model.unpack(tendency(y, args))["cytokines"]
    inside = args[0]["cytokines"]
    h, dh = ports.epidermal_thickness, ports.epidermal_thickness_rate
    grid = model.grids["epidermis"]
    total = content(rates.epidermis, h, grid) + content(states["cytokines"].epidermis, dh, grid)
    total = total + rates.compartment * ports.compartment_depth
    lost = inside.uptake * content(states["cytokines"].epidermis, h, grid)
    from skinmech.submodels.cytokines import Cytokines

    made = content(Cytokines()._secretion(ports, inside), h, grid)
    np.testing.assert_allclose(total, made - lost, rtol=1e-9, atol=1e-9)
