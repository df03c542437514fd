"""Effects follow from exposure and affinity; empty slots are neutral; gradients are finite."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from skinmech.therapies import effects, load_drug
from skinmech.therapies.arrays import drug_arrays
from skinmech.therapies.pharmacokinetics import pk_parameters

SLOTS = 4
LEVELS = jnp.array([0.0, 1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0, 1000.0])


def _arrays(*names):
    return drug_arrays([load_drug(name) for name in names], SLOTS)


def _in_first_slot(level):
    return jnp.zeros(SLOTS).at[0].set(level)


def test_empty_slots_are_exactly_neutral():
    empty = drug_arrays([], SLOTS)
    tissue = effects.tissue_exposure(jnp.full(SLOTS, 5.0), empty)
    assert jnp.all(effects.free_fractions(tissue, empty) == 1.0)
    assert jnp.all(effects.decoy_clearable_fractions(tissue, empty) == 1.0)
    assert jnp.all(effects.complex_activity(tissue, empty, 1.7) == 1.0)
    assert effects.glucocorticoid_occupancy(tissue, empty) == 0.0
    assert effects.emollient_lipid_input(jnp.full(SLOTS, 5.0), empty) == 0.0
    assert effects.occlusion_factor(jnp.full(SLOTS, 5.0), empty) == 1.0


def test_drug_acts_the_same_in_any_slot_and_light_is_neutral():
    first = drug_arrays([load_drug("upadacitinib"), load_drug("NB-UVB"), None], SLOTS)
    third = drug_arrays([None, load_drug("NB-UVB"), load_drug("upadacitinib")], SLOTS)
    one = effects.complex_activity(jnp.array([30.0, 9.0, 0.0, 0.0]), first)
    other = effects.complex_activity(jnp.array([0.0, 9.0, 30.0, 0.0]), third)
    np.testing.assert_array_equal(one, other)
    assert jax.tree.structure(first) == jax.tree.structure(third)
    assert {leaf.dtype for leaf in jax.tree.leaves(first)} == {jnp.dtype("float64")}


def test_too_many_drugs_are_refused():
    with pytest.raises(ValueError, match="Expected at most 1 drugs, got 2"):
        drug_arrays([load_drug("dupilumab"), load_drug("secukinumab")], 1)
    with pytest.raises(ValueError, match="one per drug"):
        drug_arrays([load_drug("dupilumab")], 2, doses=[1.0, 2.0])
    with pytest.raises(ValueError, match="Unrecognized target: 'IL-99'"):
        effects.target_index("IL-99")
    with pytest.raises(ValueError, match="Unrecognized receptor complex"):
        effects.complex_index("IL-99")


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("dupilumab", "IL-4Ra"),
        ("tralokinumab", "IL-13"),
        ("lebrikizumab", "IL-13"),
        ("nemolizumab", "IL-31RA"),
        ("secukinumab", "IL-17A"),
        ("ixekizumab", "IL-17A"),
        ("guselkumab", "IL-23p19"),
        ("risankizumab", "IL-23p19"),
        ("ustekinumab", "IL-12/23p40"),
        ("adalimumab", "TNF"),
        ("brodalumab", "IL-17RA"),
        ("tildrakizumab", "IL-23p19"),
    ],
)
def test_antibody_lowers_its_target_alone_and_more_with_dose(name, target):
    drugs = _arrays(name)
    free = jax.vmap(lambda c: effects.free_fractions(_in_first_slot(c), drugs))(LEVELS)
    index = effects.target_index(target)
    assert free[0, index] == 1.0
    assert jnp.all(jnp.diff(free[:, index]) < 0.0)
    assert jnp.all(jnp.delete(free, index, axis=1) == 1.0)
    affinity = load_drug(name).targets[0].affinity.magnitude
    half = effects.free_fractions(_in_first_slot(affinity), drugs)[index]
    assert half == pytest.approx(0.5)


def test_skin_exposure_is_partitioned_and_unbound():
    drugs = _arrays("dupilumab", "upadacitinib", "mometasone", "emollient")
    tissue = effects.tissue_exposure(jnp.full(SLOTS, 100.0), drugs)
    np.testing.assert_allclose(tissue, [15.7, 48.0, 1.5, 0.0])
    assert jnp.all(effects.tissue_exposure(jnp.full(SLOTS, -1e-9), drugs) == 0.0)


def test_epitope_decides_whether_the_decoy_still_clears_il13():
    index = effects.target_index("IL-13")
    tralokinumab, lebrikizumab = _arrays("tralokinumab"), _arrays("lebrikizumab")
    tissue = _in_first_slot(10.0)
    covered = effects.decoy_clearable_fractions(tissue, tralokinumab)[index]
    assert covered == pytest.approx(1.0 / (1.0 + 10.0 / 0.058))
    assert effects.decoy_clearable_fractions(tissue, lebrikizumab)[index] == 1.0
    assert effects.free_fractions(tissue, lebrikizumab)[index] < 0.01


def test_kinase_inhibitor_lowers_complexes_by_their_kinases():
    drugs = _arrays("baricitinib")
    activity = effects.complex_activity(_in_first_slot(44.0), drugs)

    def of(name):
        return float(activity[effects.complex_index(name)])

    jak1, jak2 = 0.5, 1.0 / (1.0 + 44.0 / 20.0)
    jak3, tyk2 = 1.0 / (1.0 + 44.0 / 400.0), 1.0 / (1.0 + 44.0 / 53.0)
    assert of("IL-4 type I") == pytest.approx(jak1 * jak3)
    assert of("IL-4/IL-13 type II") == pytest.approx(jak1 * (tyk2 * jak2) ** 0.5)
    assert of("IL-22") == pytest.approx(jak1 * tyk2)
    assert of("IFNg") == pytest.approx(jak1 * jak2)
    assert of("TSLP") == pytest.approx(jak1 * jak2)
    assert of("IL-23") == pytest.approx(jak2 * tyk2)
    for name in ("IL-17A", "TNF", "IL-36", "IL-33", "OX40"):
        assert of(name) == 1.0


@pytest.mark.parametrize("name", ["upadacitinib", "abrocitinib", "baricitinib"])
@pytest.mark.parametrize("hill", [0.7, 1.0, 2.0])
def test_kinase_inhibition_grows_with_dose(name, hill):
    drugs = _arrays(name)
    activity = jax.vmap(lambda c: effects.complex_activity(_in_first_slot(c), drugs, hill))(LEVELS)
    inhibited = effects.KINASE_WEIGHTS.sum(axis=1) > 0
    assert jnp.all(activity[0] == 1.0)
    assert jnp.all(jnp.diff(activity, axis=0)[:, inhibited] < 0.0)
    assert jnp.all(activity > 0.0)


def test_drugs_combine_as_a_product():
    both = _arrays("dupilumab", "upadacitinib", "baricitinib")
    tissue = jnp.array([1.0, 20.0, 10.0, 0.0])
    alone = [
        effects.complex_activity(jnp.zeros(SLOTS).at[i].set(tissue[i]), both) for i in range(3)
    ]
    np.testing.assert_allclose(
        effects.complex_activity(tissue, both), jnp.prod(jnp.stack(alone), axis=0), rtol=1e-13
    )
    p19 = _arrays("guselkumab", "risankizumab")
    index = effects.target_index("IL-23p19")
    free = effects.free_fractions(jnp.array([3e-3, 1e-3, 0.0, 0.0]), p19)[index]
    assert free == pytest.approx(0.25)


def test_glucocorticoid_occupies_its_receptor_and_lowers_four_processes():
    drugs = _arrays("mometasone")
    occupancy = effects.glucocorticoid_occupancy(_in_first_slot(0.23), drugs)
    assert occupancy == pytest.approx(0.5)
    response = effects.GlucocorticoidResponse(0.8, 0.7, 0.4, 0.2)
    factors = effects.glucocorticoid_effects(occupancy, response)
    assert factors == pytest.approx((0.6, 0.65, 0.8, 0.9))
    none = effects.glucocorticoid_effects(jnp.zeros(()), response)
    assert none == (1.0, 1.0, 1.0, 1.0)


def test_emollient_film_gives_lipid_and_holds_water_back():
    drugs = _arrays("dupilumab", "emollient")
    film = jnp.array([500.0, 10.0, 0.0, 0.0])  # the antibody's depot must not count
    assert effects.emollient_lipid_input(film, drugs) == pytest.approx(0.1 * 0.3 * 2.0 * 10.0)
    assert effects.occlusion_factor(film, drugs) == pytest.approx(1.0 - 0.3 / 2.0)
    params = pk_parameters(load_drug("emollient"))
    assert params.amount_scale * 2e4 / params.central_volume == pytest.approx(20.0)  # g/m2


@pytest.mark.parametrize("hill", [0.6, 1.0, 1.5])
def test_gradients_are_finite_at_zero_exposure(hill):
    drugs = drug_arrays(
        [load_drug(name) for name in ("tralokinumab", "upadacitinib", "mometasone")], SLOTS
    )

    def total(central, arrays, exponent):
        tissue = effects.tissue_exposure(central, arrays)
        return (
            jnp.sum(effects.free_fractions(tissue, arrays))
            + jnp.sum(effects.decoy_clearable_fractions(tissue, arrays))
            + jnp.sum(effects.complex_activity(tissue, arrays, exponent))
            + effects.glucocorticoid_occupancy(tissue, arrays)
            + effects.emollient_lipid_input(central, arrays)
            + effects.occlusion_factor(central, arrays)
        )

    gradient = jax.jit(jax.grad(total, argnums=(0, 1, 2)))(jnp.zeros(SLOTS), drugs, hill)
    assert all(jnp.all(jnp.isfinite(leaf)) for leaf in jax.tree.leaves(gradient))
    assert jnp.all(gradient[0][:3] != 0.0)


def test_gradients_agree_with_finite_differences():
    drugs = drug_arrays(
        [load_drug(name) for name in ("tralokinumab", "upadacitinib", "mometasone")], SLOTS
    )

    def activity(central, hill):
        tissue = effects.tissue_exposure(central, drugs)
        occupancy = effects.glucocorticoid_occupancy(tissue, drugs)
        return jnp.concatenate(
            [
                effects.free_fractions(tissue, drugs),
                effects.complex_activity(tissue, drugs, hill),
                occupancy[None],
            ]
        )

    point, step = jnp.array([0.5, 60.0, 30.0, 0.0]), 1e-5
    exact = jax.jacfwd(activity)(point, 1.3)
    for slot in range(3):
        shift = jnp.zeros(SLOTS).at[slot].set(step)
        difference = (activity(point + shift, 1.3) - activity(point - shift, 1.3)) / (2 * step)
        # Central differences at this step carry about 1e-9 of rounding and truncation.
        np.testing.assert_allclose(exact[:, slot], difference, rtol=1e-6, atol=1e-9)


def test_a_binder_of_the_regulatory_domain_acts_beside_one_in_the_atp_site():
    drugs = _arrays("deucravacitinib", "tofacitinib")
    bound, both = _in_first_slot(5.0), jnp.zeros(SLOTS).at[0].set(5.0).at[1].set(34.0)
    place = {name: effects.complex_index(name) for name in ("IL-23", "IFNg", "IL-17A")}
    alone = effects.complex_activity(bound, drugs)
    # TYK2 half shut by 5 nM of a constant of 5 nM; a pair of JAK1 and JAK2 is left alone.
    assert alone[place["IL-23"]] == pytest.approx(0.5)
    assert alone[place["IFNg"]] == alone[place["IL-17A"]] == 1.0
    # One site of one kinase: a steeper assay curve of others does not make it steeper.
    assert effects.complex_activity(bound, drugs, 2.0)[place["IL-23"]] == pytest.approx(0.5)
    competitive = effects.complex_activity(both - bound, drugs)
    together = effects.complex_activity(both, drugs)
    np.testing.assert_allclose(together, alone * competitive, rtol=1e-12)
