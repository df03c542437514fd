"""Small helpers on pytrees shared by the solvers."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array


def stop_derivatives(tree: Any) -> Any:
    """The same values without derivatives, on floating-point leaves."""
    return jax.tree.map(
        lambda leaf: jax.lax.stop_gradient(leaf) if eqx.is_inexact_array(leaf) else leaf, tree
    )


def row_of(tree: Any, index: Array) -> Any:
    """Row `index` of every leaf."""
    return jax.tree.map(lambda leaf: leaf[index], tree)


def with_row(tree: Any, index: Array, row: Any) -> Any:
    """`tree` with row `index` of every leaf set to that of `row`."""
    return jax.tree.map(lambda leaf, value: leaf.at[index].set(value), tree, row)


def choose(condition: Array, yes: Any, no: Any) -> Any:
    """`yes` or `no`, leaf by leaf, for one boolean."""
    return jax.tree.map(lambda a, b: jnp.where(condition, a, b), yes, no)
