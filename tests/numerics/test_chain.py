"""Structure probing, colouring, and the chain's elimination, against dense linear algebra."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from skinmech.numerics import ChainLayout, build_system, factor
from skinmech.numerics.chain import matvec
from skinmech.numerics.sparsity import system_from_pattern

# (nodes, fields, border, node below a dense interface or None)
CASES = [
    (64, 16, 0, None),
    (38, 22, 45, 20),
    (7, 3, 2, None),
    (9, 4, 2, 3),
    (1, 4, 3, None),
    (5, 1, 0, None),
    (2, 2, 0, None),
]


def random_pattern(num_nodes, num_fields, num_border, interface):
    rng = np.random.default_rng(num_nodes)
    layout = ChainLayout(num_nodes, num_fields, num_border)
    m, n = layout.chain_size, layout.size
    pattern = np.eye(n, dtype=bool)
    for i in range(num_nodes):
        here = slice(i * num_fields, (i + 1) * num_fields)
        pattern[here, here] |= rng.random((num_fields, num_fields)) < 0.5
        for g in range(max(1, num_fields // 2)):
            if i > 0:
                pattern[i * num_fields + g, (i - 1) * num_fields + g] = True
            if i < num_nodes - 1:
                pattern[i * num_fields + g, (i + 1) * num_fields + g] = True
    if interface is not None:
        below = slice(interface * num_fields, (interface + 1) * num_fields)
        above = slice((interface - 1) * num_fields, interface * num_fields)
        pattern[below, above] |= rng.random((num_fields, num_fields)) < 0.3
    if num_border:
        pattern[:m, m : m + num_border // 2] |= rng.random((m, num_border // 2)) < 0.2
        pattern[m:, :m] |= rng.random((num_border, m)) < 0.02
        pattern[m, :m] = True  # an integral over depth
        pattern[m:, m:] = True
    matrix = rng.normal(size=(n, n)) * pattern - 3.0 * num_fields**0.5 * np.eye(n)
    return layout, pattern, matrix


def linear_jacobian(system, matrix):
    def f(t, v, args):
        return jnp.asarray(matrix) @ v

    return system.jacobian(f, jnp.asarray(0.0), jnp.zeros(matrix.shape[0]), None)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_compressed_jacobian_equals_the_dense_one(case):
    layout, pattern, matrix = random_pattern(*case)
    system = system_from_pattern(pattern, layout)
    y = jnp.asarray(np.random.default_rng(1).random(layout.size))

    def f(t, y, args):
        return jnp.asarray(matrix) @ y + jnp.sin(jnp.diag(jnp.asarray(matrix)) * y)

    compressed = jax.jit(lambda v: system.dense(system.jacobian(f, jnp.asarray(0.0), v, None)))(y)
    dense = jax.jit(jax.jacfwd(lambda v: f(0.0, v, None)))(y)
    np.testing.assert_allclose(compressed, dense, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_factor_solves_as_dense_algebra_does(case):
    layout, pattern, matrix = random_pattern(*case)
    system = system_from_pattern(pattern, layout)
    rng = np.random.default_rng(2)
    b = jnp.asarray(rng.normal(size=layout.size))

    @jax.jit
    def run(b):
        jac = linear_jacobian(system, matrix)
        factorised = factor(system, jac, 0.7)
        return factorised.solve(b), factorised.solve_transposed(b), matvec(system, jac, 0.7, b)

    solved, transposed, product = run(b)
    full = 0.7 * np.eye(layout.size) - matrix
    # The matrices have condition below 100, so agreement is to rounding.
    np.testing.assert_allclose(solved, np.linalg.solve(full, b), atol=1e-12)
    np.testing.assert_allclose(transposed, np.linalg.solve(full.T, b), atol=1e-12)
    np.testing.assert_allclose(product, full @ b, atol=1e-11)


def test_factor_is_the_same_under_vmap():
    layout, pattern, matrix = random_pattern(9, 4, 2, 3)
    system = system_from_pattern(pattern, layout)
    rng = np.random.default_rng(3)
    b = jnp.asarray(rng.normal(size=(4, layout.size)))
    shifts = jnp.asarray([0.5, 1.0, 2.0, 9.0])

    def run(a, c):
        return factor(system, linear_jacobian(system, matrix), a).solve(c)

    one = jax.jit(run)
    np.testing.assert_allclose(
        jax.jit(jax.vmap(run))(shifts, b),
        jnp.stack([one(a, c) for a, c in zip(shifts, b, strict=True)]),
        atol=1e-13,
    )


def test_structure_of_the_toy_is_recognised(toy):
    system = toy.system
    assert system.transported == (0, 2)
    assert system.local == (1, 3)
    assert system.is_diagonal
    assert system.active_border == (1, 2)
    assert system.reading_border == (1, 2)
    # Three nodes' worth of two moved fields, one local field, three border columns at most.
    assert system.num_colours <= 10


def test_colouring_needs_no_more_colours_for_more_nodes():
    few = system_from_pattern(random_pattern(16, 6, 0, None)[1], ChainLayout(16, 6, 0))
    layout, pattern, _ = random_pattern(64, 6, 0, None)
    assert system_from_pattern(pattern, layout).num_colours <= few.num_colours + 3


def test_coupling_of_distant_nodes_is_refused_by_name():
    layout = ChainLayout(5, 2, 1)

    def f(t, y, args):
        chain, border = layout.split(y)
        rate = jnp.zeros_like(chain).at[4, 1].set(chain[0, 0])
        return layout.join(rate - chain, -border)

    draw = (jnp.asarray(0.0), jnp.ones(layout.size), None)
    names = [f"state{i}" for i in range(layout.size)]
    with pytest.raises(ValueError, match="state0 -> state9.*border state"):
        build_system(f, layout, [draw], describe=names.__getitem__)


def test_tendency_that_is_not_finite_is_named():
    layout = ChainLayout(2, 1, 0)
    draw = (jnp.asarray(0.0), jnp.ones(2), None)
    with pytest.raises(ValueError, match=r"not finite at draw 0 for \(node 1, field 0\)"):
        build_system(lambda t, y, a: y / jnp.asarray([1.0, 0.0]), layout, [draw])


def test_layout_splits_and_joins():
    layout = ChainLayout(3, 2, 2)
    y = jnp.arange(8.0)
    chain, border = layout.split(y)
    assert chain.shape == (3, 2) and border.shape == (2,)
    np.testing.assert_array_equal(layout.join(chain, border), y)
    assert layout.describe(3) == "(node 1, field 1)"
    assert layout.describe(7) == "(border 1)"
    with pytest.raises(ValueError, match="num_nodes >= 1"):
        ChainLayout(0, 1, 0)
