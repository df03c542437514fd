"""Drugs on the skin: published permeabilities, balances, and what a leaking barrier lets in."""

import math

import jax
import jax.numpy as jnp
import pytest

from skinmech.therapies import dosing, load_drug
from skinmech.therapies.permeation import corneum_permeability, in_centimetres_per_hour
from skinmech.therapies.pharmacokinetics import average_concentration, pk_parameters, pk_tendency

# Human skin in vitro from water, as compiled by Flynn 1990: molar mass [g/mol], log10 of the
# octanol-water partition coefficient, permeability [cm/h]. Typed from memory.
PUBLISHED = {
    "water": (18.0, -1.38, 5.0e-4),
    "methanol": (32.0, -0.77, 5.0e-4),
    "ethanol": (46.1, -0.31, 8.0e-4),
    "propanol": (60.1, 0.25, 1.4e-3),
    "butanol": (74.1, 0.88, 2.5e-3),
    "pentanol": (88.2, 1.56, 6.0e-3),
    "hexanol": (102.2, 2.03, 1.3e-2),
    "heptanol": (116.2, 2.72, 3.2e-2),
    "octanol": (130.2, 3.00, 5.2e-2),
    "phenol": (94.1, 1.46, 8.1e-3),
    "chlorocresol": (142.6, 3.10, 5.5e-2),
    "thymol": (150.2, 3.30, 5.3e-2),
    "nicotine": (162.2, 1.17, 1.94e-2),
    "codeine": (299.4, 1.14, 4.9e-5),
    "morphine": (285.3, 0.76, 9.3e-6),
    "fentanyl": (336.5, 4.05, 5.6e-3),
    "sufentanil": (386.6, 3.95, 1.2e-2),
    "testosterone": (288.4, 3.32, 4.0e-4),
    "progesterone": (314.5, 3.87, 1.5e-3),
    "corticosterone": (346.5, 1.94, 6.0e-5),
    "hydrocortisone": (362.5, 1.61, 3.0e-6),
    "sucrose": (342.3, -2.25, 5.2e-6),
}


def _factor(name: str) -> float:
    """Computed over published permeability."""
    mass, logarithm, published = PUBLISHED[name]
    return in_centimetres_per_hour(corneum_permeability(logarithm, mass)) / published


def test_published_permeabilities_are_met_as_well_as_the_relation_promises():
    # R2 of 0.67 on these data leaves a standard deviation of about 0.75 in log10, a factor of five:
    # two thirds of all within it.
    errors = [math.log10(_factor(name)) for name in PUBLISHED]
    assert math.sqrt(sum(e**2 for e in errors) / len(errors)) < 0.75
    assert sum(abs(e) < math.log10(5.0) for e in errors) >= 2 / 3 * len(errors)
    # Hydrocortisone is the known exception: the oldest measurement is far below the relation.
    assert max(PUBLISHED, key=lambda name: abs(math.log10(_factor(name)))) == "hydrocortisone"


@pytest.fixture(scope="module")
def triamcinolone():
    drug = load_drug("triamcinolone acetonide")
    (rate,) = dosing(drug, horizon=30.0).rates
    return pk_parameters(drug), rate.rate


@pytest.mark.parametrize("barrier", [0.5, 1.0, 6.5, 50.0])
def test_average_under_the_skin_balances_what_is_put_on_it(triamcinolone, barrier):
    params, rate = triamcinolone
    level = average_concentration(params, rate, barrier)
    through = level * params.clearance / params.central_volume
    inflow = params.amount_scale * rate / params.central_volume
    depot = (inflow - through) / params.absorption_rate
    tendency = pk_tendency(jnp.stack([depot, level, level]), params, rate, barrier)
    assert jnp.max(jnp.abs(tendency[:2])) < 1e-9 * inflow
    assert jnp.isfinite(jax.grad(average_concentration, argnums=2)(params, rate, barrier))


def test_what_is_given_is_removed_or_crosses(triamcinolone):
    params, rate = triamcinolone
    state, volume = jnp.array([50.0, 7.0, 0.0]), params.central_volume
    change = pk_tendency(state, params, rate, 3.0)
    removed = params.absorption_rate * state[0] + params.clearance / volume * state[1]
    given = params.amount_scale * rate / volume
    assert change[0] + change[1] == pytest.approx(float(given - removed), rel=1e-12)
    assert change[2] == 0.0


def test_a_leaking_barrier_lets_more_in_but_no_more_than_the_vehicle_offers(triamcinolone):
    params, rate = triamcinolone
    free = [float(params.unbound * average_concentration(params, rate, b)) for b in (1.0, 6.5, 1e6)]
    assert 4.0 < free[1] / free[0] < 6.5
    assert free[1] < free[2] < float(params.solubility)


def test_more_product_is_limited_by_solubility(triamcinolone):
    params, rate = triamcinolone
    levels = [float(average_concentration(params, k * rate)) for k in (0.01, 0.1, 1.0, 100.0, 1e4)]
    assert levels[1] == pytest.approx(10 * levels[0], rel=0.2)  # far from saturation: linear
    assert levels[4] == pytest.approx(levels[3], rel=0.01)  # saturated
    assert levels == sorted(levels)


def test_a_measured_permeability_takes_the_place_of_the_relation(tmp_path):
    text = load_drug("hydrocortisone").path
    with open(text, encoding="utf-8") as file:
        content = file.read()
    line = (
        'permeability = { value = 3e-6, unit = "cm/hour", source = "label", evidence = "measured" }'
    )
    path = tmp_path / "measured.toml"
    path.write_text(content.replace("[permeation]", f"[permeation]\n{line}"), encoding="utf-8")
    assert pk_parameters(load_drug(path)).corneum_permeability == pytest.approx(3e-6 * 240.0)
