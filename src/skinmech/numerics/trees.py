"""Small helpers on pytrees shared by the solvers."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array


def require_float64() -> None:
    """Refuse to work in single precision, in which stiff solves fail with finite wrong values.

    Raises:
        ValueError: JAX runs without 64-bit floats.
    """
    if not jax.config.jax_enable_x64:  # pyright: ignore[reportAttributeAccessIssue]
        raise ValueError(
            "skinmech's solvers need 64-bit floats, but JAX runs with 32-bit ones. Call "
            'jax.config.update("jax_enable_x64", True) before anything else, or set the '
            "environment variable JAX_ENABLE_X64=1"
        )


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
