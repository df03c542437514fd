"""The scheme converges in depth (science statement 3)."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from skinmech.numerics.carriage import carriage, carried_upwards, carried_values
from skinmech.numerics.grid import Depth1D
from skinmech.numerics.operators import (
    accumulation,
    bernoulli,
    content,
    exchange_rates,
    remove_top,
    transport_flux,
    with_bottom,
    with_boundary,
)


def manufactured_error(num_cells: int) -> float:
    """Largest error of the tendency for c = 2 + sin(3ζ) on a layer that grows."""
    grid = Depth1D.uniform(num_cells)
    thickness, growth, diffusivity = 2.0, 0.7, 0.6
    velocity = -0.8 - 0.7 * (1.0 - grid.faces)  # relative to the mesh, upwards
    # Cell means of the exact field, so that only the fluxes are tested.
    mean = 2.0 - (jnp.cos(3.0 * grid.faces[1:]) - jnp.cos(3.0 * grid.faces[:-1])) / (
        3.0 * grid.widths
    )

    def flux_of(z, u):
        return u * (2.0 + jnp.sin(3.0 * z)) - diffusivity / thickness * 3.0 * jnp.cos(3.0 * z)

    inner = transport_flux(mean, velocity[1:-1], diffusivity, thickness, grid)
    flux = with_boundary(flux_of(0.0, velocity[0]), inner, flux_of(1.0, velocity[-1]))
    found = accumulation(mean, flux, thickness, growth, grid)
    true_flux = flux_of(grid.faces, velocity)
    wanted = accumulation(mean, true_flux, thickness, growth, grid)
    error = (found - wanted) * thickness * grid.widths  # as a flux difference
    return float(jnp.max(jnp.abs(jnp.cumsum(error))))


def test_transport_is_second_order_in_depth():
    sizes = [16, 32, 64, 128]
    errors = [manufactured_error(size) for size in sizes]
    orders = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    np.testing.assert_allclose(orders, 2.0, atol=0.2)


def test_transport_stays_monotone_where_cells_are_coarse():
    grid = Depth1D.uniform(4)
    c = jnp.array([0.0, 0.0, 0.0, 1.0])
    flux = with_boundary(0.0, transport_flux(c, -50.0, 1e-3, 1.0, grid), 0.0)
    rate = accumulation(c, flux, 1.0, 0.0, grid)
    assert float(rate[:3].min()) >= 0.0


def test_carriage_never_takes_more_than_there_is():
    """Both rates stay non-negative at any cell Peclet number."""
    grid = Depth1D.uniform(3)
    for velocity in (-1e5, -10.0, 0.0, 10.0, 1e5):
        forward, backward = exchange_rates(velocity * jnp.ones(2), 0.1, 1.0, grid)
        assert float(forward.min()) >= -1e-10 and float(backward.min()) >= -1e-10


def test_bernoulli_is_smooth_and_bounded():
    x = jnp.array([-1e6, -700.0, -1e-9, 0.0, 1e-9, 0.00999, 0.01001, 700.0, 1e6])
    value = bernoulli(x)
    assert bool(jnp.all(jnp.isfinite(value)))
    np.testing.assert_allclose(value[:4], [1e6, 700.0, 1.0, 1.0], rtol=1e-8)
    np.testing.assert_allclose(value[5], value[6], rtol=2e-5)


def test_stripping_keeps_what_stays():
    grid = Depth1D.uniform(10)
    c = jnp.asarray(np.random.default_rng(1).uniform(0.5, 2.0, 10))
    fraction = 0.37
    after = remove_top(c, fraction, grid)
    kept = float(jnp.sum(c[4:] * 0.1) + c[3] * 0.03)
    np.testing.assert_allclose(content(after, 1.0 - fraction, grid), kept, rtol=1e-12)


@partial(jax.jit, static_argnums=0)
def carried_out(num_cells: int, mixing: float):
    """Steady values on the upper faces of a layer that cells cross, made and lost on the way."""
    grid = Depth1D.uniform(num_cells)
    upward = (1.0 - grid.faces) * (2.0 - grid.faces)  # from rest at the base
    moved = carriage(upward, mixing, jnp.asarray(1.0), jnp.asarray(0.0), grid)
    loss, production = 0.7, 1.0 + jnp.cos(2.0 * grid.centres)

    def rate(c):
        flux = with_bottom(carried_upwards(c, moved, production, loss), 0.0)
        return accumulation(c, flux, 1.0, 0.0, grid) + production - loss * c

    zero = jnp.zeros(num_cells)
    c = jnp.linalg.solve(jax.jacfwd(rate)(zero), -rate(zero))
    return carried_values(c, moved, production, loss)[0]


def test_carriage_is_second_order_at_any_cell_peclet_number():
    """The outflow converges in the second order, whether mixing or motion carries it."""
    sizes, mixings = [32, 64, 128, 256], np.array([1e-4, 0.01, 0.05, 1.0])
    out = np.array([[carried_out(size, mixing) for mixing in mixings] for size in sizes])
    steps = np.abs(np.diff(out, axis=0))
    assert np.all(np.log2(steps[:-1] / steps[1:]) > 1.7)


def test_cells_that_only_lose_match_the_exponential():
    """Pure motion at one velocity: c at the faces is exp(-k z/v)."""
    grid = Depth1D.uniform(12)
    moved = carriage(jnp.full(13, 2.0), 1e-9, jnp.asarray(3.0), jnp.asarray(0.0), grid)
    loss = 1.4

    @jax.jit
    def rate(c):
        flux = with_bottom(carried_upwards(c, moved, loss=loss), -2.0)
        return accumulation(c, flux, 3.0, 0.0, grid) - loss * c

    zero = jnp.zeros(12)
    c = jnp.linalg.solve(jax.jacfwd(rate)(zero), -rate(zero))
    left = np.exp(-loss * 3.0 * (1.0 - grid.faces[:-1]) / 2.0)
    each = loss * 3.0 / 12 / 2.0  # what one cell loses; its cube over 24 is the error of a cell
    np.testing.assert_allclose(carried_values(c, moved, loss=loss), left, rtol=12 * each**3 / 24)


def test_an_empty_cell_that_makes_and_loses_is_never_driven_below_zero():
    grid = Depth1D.uniform(5)
    rng = np.random.default_rng(4)

    @jax.jit
    def rates(c, velocity, made, loss):
        upward = velocity * (1.0 - grid.faces)
        moved = carriage(upward, 0.3, jnp.asarray(1.0), jnp.asarray(0.1), grid)
        upper = carried_upwards(c, moved, made, loss)
        return accumulation(c, with_bottom(upper, 0.0), 1.0, 0.1, grid) + made - loss * c

    for velocity in (0.0, 1e-3, 1.0, 1e3):
        for empty in range(5):
            c = rng.uniform(0.0, 2.0, 5)
            c[empty] = 0.0
            made, loss = rng.uniform(0.0, 3.0, 5), rng.uniform(0.0, 50.0, 5)
            assert float(rates(c, velocity, made, loss)[empty]) >= 0.0
