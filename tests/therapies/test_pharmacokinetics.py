"""The compartment model against published concentrations, closed forms and balances."""

import csv
import math

import diffrax as dfx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from skinmech.therapies import dosing, load_drug
from skinmech.therapies.pharmacokinetics import (
    average_concentration,
    central_concentration,
    dose_increment,
    empty_parameters,
    mass_concentration,
    pk_parameters,
    pk_tendency,
    scale_to_weight,
)

REFERENCE_REGIMENS = {
    "dupilumab 300 Q2W (600 load)": ("dupilumab", "600 mg, then 300 mg q2w"),
    "dupilumab 300 QW (600 load)": ("dupilumab", "600 mg, then 300 mg qw"),
    "nemolizumab 30 Q4W (60 load)": ("nemolizumab", "60 mg, then 30 mg q4w"),
    "guselkumab 100 wk0,4,q8": ("guselkumab", "100 mg weeks 0,4 then q8w"),
    "adalimumab 80 wk0, 40 wk1 q2": ("adalimumab", "80 mg, then 40 mg q2w from week 1"),
    "secukinumab 300 wk0-4,q4": ("secukinumab", "300 mg weeks 0,1,2,3,4 then q4w"),
    "ustekinumab 45 wk0,4,q12": ("ustekinumab", "45 mg weeks 0,4 then q12w"),
}
HORIZON = 112.0
DAY_OF_COLUMN = {f"C_wk{week}_pre": 7.0 * week for week in (2, 4, 8, 12, 16)}


@jax.jit
def _segment(params, rate, start, end, times, state):
    """State (depot, central, peripheral) and area under the central curve at `times`."""

    def tendency(t, y, args):
        return jnp.append(pk_tendency(y[:3], params, rate), central_concentration(y[:3]))

    solution = dfx.diffeqsolve(
        dfx.ODETerm(tendency),
        dfx.Kvaerno5(),
        t0=start,
        t1=end,
        dt0=None,
        y0=state,
        saveat=dfx.SaveAt(ts=times),
        stepsize_controller=dfx.PIDController(rtol=1e-9, atol=1e-10),
        max_steps=100_000,
    )
    assert solution.ys is not None
    return solution.ys


def _simulate(params, events, horizon, rate=0.0, per_segment=1001):
    """Times, states (time, 4) over all segments between doses; each segment ends before a dose."""
    starts = sorted({event.time for event in events} | {0.0})
    state = jnp.zeros(4)
    times, states = [], []
    for start, end in zip(starts, [*starts[1:], horizon], strict=True):
        for event in events:
            if event.time == start:
                state = state.at[:3].add(dose_increment(params, event.amount))
        grid = jnp.linspace(start, end, per_segment)
        ys = _segment(params, rate, start, end, grid, state)
        times.append(np.asarray(grid))
        states.append(np.asarray(ys))
        state = ys[-1]
    return np.concatenate(times), np.concatenate(states)


@pytest.mark.parametrize("row", REFERENCE_REGIMENS)
def test_published_antibody_concentrations_are_reproduced(row, shared_data):
    path = shared_data / "pharmacology" / "antibody_concentrations_ug_per_mL.csv"
    with path.open(encoding="utf-8", newline="") as file:
        table = {line["regimen"]: line for line in csv.DictReader(file)}
    assert set(table) == set(REFERENCE_REGIMENS)
    name, regimen = REFERENCE_REGIMENS[row]
    drug = load_drug(name)
    params = pk_parameters(drug)
    # Segments end on multiples of 7 days, so every trough is the last point before its dose. A grid
    # of a thousandth of a segment meets a peak to about 1e-6.
    times, states = _simulate(params, dosing(drug, regimen, horizon=HORIZON).events, HORIZON)
    central = np.asarray(mass_concentration(params, states[:, 1]))
    found = {"Cmax_0_16": central.max()}
    found["AUC_0_16wk_ugd_mL"] = float(mass_concentration(params, states[-1, 3]))
    for column, day in DAY_OF_COLUMN.items():
        ends = np.flatnonzero(times <= day + 1e-9)
        same_day = ends[times[ends] >= day - 1e-9]
        index = same_day[0] if len(same_day) else None
        found[column] = central[index] if index is not None else np.interp(day, times, central)
    for column, value in found.items():
        assert value == pytest.approx(float(table[row][column]), rel=1e-3), column


def test_one_compartment_follows_the_closed_form():
    drug = load_drug("guselkumab")
    params = pk_parameters(drug)
    ka, cl, v = 1.11, 0.516, 13.5
    times, states = _simulate(params, dosing(drug, "100 mg", horizon=60.0).events, 60.0)
    k = cl / v
    exact = 100.0 / v * ka / (ka - k) * (np.exp(-k * times) - np.exp(-ka * times))
    # Five digits below the solver's tolerance of 1e-9 relative over 60 days.
    np.testing.assert_allclose(
        mass_concentration(params, states[:, 1]), exact, rtol=1e-6, atol=1e-8
    )


def test_two_compartments_follow_the_closed_form_after_an_intravenous_dose():
    params = pk_parameters(load_drug("risankizumab"))
    cl, v, q, vp = 0.243, 4.86, 0.656, 4.25
    total = cl / v + q / v + q / vp
    root = math.sqrt(total**2 - 4 * cl / v * q / vp)
    fast, slow = (total + root) / 2, (total - root) / 2
    state = jnp.append(dose_increment(params, 150.0, into_central=1.0), 0.0)
    times = jnp.linspace(0.0, 90.0, 91)
    found = mass_concentration(params, _segment(params, 0.0, 0.0, 90.0, times, state)[:, 1])
    exact = (150.0 / v) * (
        (fast - q / vp) * jnp.exp(-fast * times) + (q / vp - slow) * jnp.exp(-slow * times)
    )
    np.testing.assert_allclose(found, exact / (fast - slow), rtol=1e-6)


def test_drug_is_conserved():
    drug = load_drug("tralokinumab")
    params = pk_parameters(drug)
    events = dosing(drug, horizon=56.0).events
    _, states = _simulate(params, events, 56.0)
    depot, central, peripheral, area = states[-1]
    given = sum(event.amount for event in events) * float(params.amount_scale)
    volume, peripheral_volume = float(params.central_volume), float(params.peripheral_volume)
    absorbed = float(params.bioavailability) * (given - volume * depot)
    held = volume * central + peripheral_volume * peripheral
    assert held + float(params.clearance) * area == pytest.approx(absorbed, rel=1e-7)


@pytest.mark.parametrize(
    ("name", "regimen", "nanomolar"),
    [
        # Steady-state averages calculated from the published clearances (three digits).
        ("upadacitinib", "15 mg qd", 30.6),
        ("upadacitinib", "30 mg qd", 61.2),
        ("baricitinib", "4 mg qd", 42.1),
        ("abrocitinib", "100 mg qd", 311.0),
        ("abrocitinib", "200 mg qd", 700.0),
    ],
)
def test_average_oral_exposure_matches_the_published_clearance(name, regimen, nanomolar):
    drug = load_drug(name)
    (rate,) = dosing(drug, regimen, horizon=112.0).rates
    params = pk_parameters(drug, dose=rate.rate)
    assert average_concentration(params, rate.rate) == pytest.approx(nanomolar, rel=5e-3)


def test_average_input_has_the_area_of_the_single_doses():
    drug = load_drug("upadacitinib")
    params = pk_parameters(drug)
    explicit = dosing(drug, horizon=14.0, mode="explicit").events
    times, states = _simulate(params, explicit, 14.0, per_segment=201)
    last_day = np.interp([13.0, 14.0], times, states[:, 3])
    average = average_concentration(params, 15.0)
    # After two weeks of a half-life below a day the periodic state is reached to 1e-3.
    assert last_day[1] - last_day[0] == pytest.approx(float(average), rel=1e-3)
    _, constant = _simulate(params, (), 30.0, rate=15.0)
    assert constant[-1, 1] == pytest.approx(float(average), rel=1e-4)


@pytest.mark.parametrize("rate", [1e-3, 1.0, 4.0, 20.0, 400.0])
def test_average_concentration_balances_saturable_elimination(rate):
    params = pk_parameters(load_drug("dupilumab"))
    level = average_concentration(params, rate)
    inflow = params.amount_scale * rate / params.central_volume
    depot = inflow / params.absorption_rate
    tendency = pk_tendency(jnp.stack([depot, level, level]), params, rate)
    np.testing.assert_allclose(tendency / inflow, 0.0, atol=1e-10)
    assert jnp.isfinite(jax.grad(average_concentration, argnums=1)(params, rate))


def test_weight_scales_by_the_published_exponents():
    params = pk_parameters(load_drug("dupilumab"))
    heavy = scale_to_weight(params, 150.0)
    assert heavy.central_volume == pytest.approx(2.48 * 2**0.711)
    # The published rate constants do not depend on weight.
    assert heavy.clearance / heavy.central_volume == pytest.approx(0.0534)
    assert heavy.peripheral_volume / heavy.central_volume == pytest.approx(0.686)
    back = scale_to_weight(heavy, 75.0)
    assert jax.tree.leaves(back) == [pytest.approx(leaf) for leaf in jax.tree.leaves(params)]
    unscaled = pk_parameters(load_drug("guselkumab"))
    assert jax.tree.leaves(scale_to_weight(unscaled, 120.0))[:9] == jax.tree.leaves(unscaled)[:9]


def test_saturable_elimination_given_as_an_amount_is_divided_by_the_volume():
    params = pk_parameters(load_drug("brodalumab"))
    assert mass_concentration(params, params.maximum_elimination) == pytest.approx(6.07 / 4.68)
    assert mass_concentration(params, params.michaelis_constant) == pytest.approx(0.02)


def test_tendency_is_smooth_and_finite_at_and_below_zero():
    params = pk_parameters(load_drug("dupilumab"))
    for level in (0.0, -1e-6, -float(params.michaelis_constant)):
        state = jnp.array([0.0, level, 0.0])
        assert jnp.all(jnp.isfinite(jax.jacfwd(pk_tendency)(state, params)))
    left = jax.jacfwd(pk_tendency)(jnp.array([0.0, -1e-12, 0.0]), params)
    right = jax.jacfwd(pk_tendency)(jnp.array([0.0, 1e-12, 0.0]), params)
    np.testing.assert_allclose(left, right, rtol=1e-8)


def test_empty_slot_stays_empty_with_finite_derivatives():
    empty = empty_parameters()
    assert jnp.all(pk_tendency(jnp.zeros(3), empty) == 0.0)
    gradient = jax.grad(lambda p: jnp.sum(pk_tendency(jnp.ones(3), p, 1.0)))(empty)
    assert all(jnp.isfinite(leaf) for leaf in jax.tree.leaves(gradient))
