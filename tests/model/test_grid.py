"""The scheme converges in depth (science statement 3)."""

import jax.numpy as jnp
import numpy as np

from skinmech.numerics.grid import Depth1D
from skinmech.numerics.operators import (
    accumulation,
    bernoulli,
    content,
    exchange_rates,
    remove_top,
    transport_flux,
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
