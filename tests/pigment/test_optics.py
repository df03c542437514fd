"""Layers, chromophores and colorimetry against theory, published tables and real skin."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from skinmech.observables.optics import (
    WAVELENGTHS,
    OpticsParameters,
    cielab,
    ita,
    skin_colour,
    skin_layers,
    skin_reflectance,
)
from skinmech.observables.optics.chromophores import (
    blood_absorption,
    eumelanosome_absorption,
    pheomelanosome_absorption,
    reduced_scattering,
)
from skinmech.observables.optics.colorimetry import D65, ita_class, matching_functions
from skinmech.observables.optics.layers import half_space, slab, stack_reflectance


def test_a_half_space_reflects_as_transport_theory_says():
    """van de Hulst's spherical albedo of isotropic scattering, itself good to 0.002."""
    albedo = np.array([0.5, 0.7, 0.9, 0.95, 0.99, 0.999])
    s = np.sqrt(1.0 - albedo)
    exact = (1.0 - s) * (1.0 - 0.139 * s) / (1.0 + 1.17 * s)
    found = half_space(jnp.asarray(1.0 - albedo), jnp.asarray(albedo))
    np.testing.assert_allclose(found, exact, atol=0.0075)


def test_a_layer_in_two_halves_is_the_layer():
    rng = np.random.default_rng(1)
    absorption, scattering = rng.uniform(0.1, 300.0, (2, 4, 41))
    below = jnp.asarray(rng.uniform(0.05, 0.9, 41))
    thickness = jnp.asarray([0.001, 0.004, 0.01, 0.3])
    whole = stack_reflectance(
        slab(jnp.asarray(absorption), jnp.asarray(scattering), thickness), below
    )
    halves = stack_reflectance(
        slab(
            jnp.repeat(jnp.asarray(absorption), 2, 0),
            jnp.repeat(jnp.asarray(scattering), 2, 0),
            jnp.repeat(thickness / 2, 2),
        ),
        below,
    )
    np.testing.assert_allclose(whole, halves, rtol=1e-12)


def test_thick_layers_hide_what_is_below_and_thin_ones_show_it():
    a, s = jnp.full((1, 41), 3.0), jnp.full((1, 41), 40.0)
    thick = stack_reflectance(slab(a, s, jnp.asarray([20.0])), jnp.ones(41))
    np.testing.assert_allclose(thick, half_space(a, s)[0], rtol=1e-12)
    thin = stack_reflectance(slab(a, s, jnp.asarray([1e-9])), jnp.full(41, 0.37))
    np.testing.assert_allclose(thin, 0.37, rtol=1e-6)


def test_white_is_white_and_the_fits_give_the_standard_white_points():
    np.testing.assert_allclose(cielab(jnp.ones(41)), [100.0, 0.0, 0.0], atol=1e-9)
    daylight = {"2": (0.9505, 1.0, 1.0888), "10": (0.9481, 1.0, 1.0732)}
    for observer, white in daylight.items():
        weighed = matching_functions(observer) * D65
        found = weighed.sum(axis=1) / weighed[1].sum()
        # The analytic fits are good to about a per cent (Wyman, Sloan and Shirley 2013).
        np.testing.assert_allclose(found, white, rtol=0.012)


def test_blood_follows_the_published_table(optics_table):
    table = optics_table("ext_and_molarext_oxy_and_deo_Prahl.txt")
    for saturation, column in ((1.0, 1), (0.0, 2)):
        found = blood_absorption(
            jnp.asarray(WAVELENGTHS), jnp.asarray(150.0), jnp.asarray(saturation), jnp.asarray(1e-6)
        )
        molar = np.interp(WAVELENGTHS, table[:, 0], table[:, column])
        # Typed to three digits at bands and valleys, log-linear between them.
        np.testing.assert_allclose(found, np.log(10.0) * molar * 150.0 / 64500.0, rtol=0.05)


def test_melanins_fall_with_wavelength_as_measured(optics_table):
    """Power laws against extinction of both melanins, each scaled at 500 nm."""
    x = jnp.asarray(np.arange(410.0, 701.0, 10.0))
    for name, law, within in (
        ("ext_and_molarext_eum_Sarna.txt", eumelanosome_absorption, 0.25),
        ("ext_and_molarext_phe_Sarna.txt", pheomelanosome_absorption, 0.45),
    ):
        table = optics_table(name)
        measured = np.interp(x, table[:, 0], table[:, 1]) / np.interp(500.0, *table[:, :2].T)
        found = np.asarray(law(x, jnp.asarray(1.0)) * 1.0)
        found = found / np.interp(500.0, x, found)
        assert np.max(np.abs(np.log(found / measured))) < within, name


def test_scattering_lies_within_measured_spread(optics_table):
    for name, at_500, rayleigh, power in (
        ("EP_Shimojo.txt", 66.7, 0.29, 0.689),
        ("DE_Shimojo.txt", 43.6, 0.41, 0.562),
    ):
        table = optics_table(name)
        seen = table[table[:, 0] < 800]
        found = reduced_scattering(jnp.asarray(seen[:, 0]), jnp.asarray(at_500), rayleigh, power)
        # Two laboratories, two methods: within 40 %, the size of their own spreads.
        np.testing.assert_allclose(found / 10.0, seen[:, 3], rtol=0.4)


def _matched(lightness: float) -> float:
    """Melanosome fraction whose skin has this L*, by bisection."""
    low, high = 0.0, 0.43
    for _ in range(30):
        middle = 0.5 * (low + high)
        light = _COLOUR(middle)[0]
        low, high = (middle, high) if light > lightness else (low, middle)
    return 0.5 * (low + high)


_COLOUR = jax.jit(lambda f: jnp.stack(skin_colour(skin_reflectance(skin_layers(80.0, f)))))


def test_one_melanin_content_gives_the_whole_colour_of_every_group(inner_arms):
    """Melanin is matched to L*; a* and b* are then predictions (blood was set to one a*)."""
    fractions = {}
    for group, seen in inner_arms.items():
        fractions[group] = _matched(float(seen[0]))
        found = np.asarray(_COLOUR(fractions[group]))[:3]
        assert abs(found[0] - seen[0]) < 0.01
        assert np.abs(found[1:] - seen[1:]).max() < 3.0, (group, found, seen)
        assert 0.013 <= fractions[group] <= 0.43  # the published range of melanosome fractions
    assert fractions["african"] > fractions["indian"] > fractions["mexican"]
    assert fractions["mexican"] >= 0.9 * fractions["chinese"] > fractions["european"]


@pytest.mark.parametrize(
    ("fraction", "names"),
    [
        (0.013, {"very light", "light"}),
        (0.043, {"intermediate", "tan"}),
        (0.13, {"brown", "dark"}),
        (0.43, {"dark"}),
    ],
)
def test_melanosome_fraction_gives_the_class_of_its_phototype(fraction, names):
    """Published fractions of phototypes I to VI, 1.3 to 43 %."""
    light, _, yellow = np.asarray(_COLOUR(fraction))[:3]
    assert ita_class(float(ita(light, yellow))) in names


def test_redness_raises_the_erythema_index_and_not_the_melanin_index():
    pale, red = (
        jax.jit(lambda r: skin_colour(skin_reflectance(skin_layers(redness=r))))(blood)
        for blood in (1.0, 3.0)
    )
    assert red.erythema_index - pale.erythema_index > 5.0
    assert abs(red.melanin_index - pale.melanin_index) < 1.5
    assert red.red > pale.red + 2.0


def test_gradients_agree_with_finite_differences():
    @jax.jit
    def lightness(fraction, params):
        return skin_colour(skin_reflectance(skin_layers(90.0, fraction), params)).lightness

    params = OpticsParameters()
    slope, every = jax.jit(jax.jacfwd(lightness, argnums=(0, 1)))(0.03, params)
    size = 1e-6
    apart = (lightness(0.03 + size, params) - lightness(0.03 - size, params)) / (2 * size)
    np.testing.assert_allclose(slope, apart, rtol=1e-6)
    assert all(bool(jnp.isfinite(leaf)) for leaf in jax.tree.leaves(every))
    assert float(every.papillary_blood) < 0.0
