"""Which state feels which: the Jacobian's pattern, its colouring, and its compressed evaluation.

The pattern is probed once, when a model is built, by dense differentiation at random states and
parameters. Columns that share no row then share one colour, and one forward derivative per colour
gives the whole Jacobian (Curtis, Powell & Reid 1974, J. Inst. Math. Appl. 13, 117). Border rows
that touch nearly every node would forbid sharing; they are taken out and got by one reverse
derivative each.
"""

from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from .layout import ChainLayout
from .programs import compiled
from .trees import require_float64

Tendency = Callable[[Any, Any, Any], Any]


class ChainJacobian(eqx.Module):
    """∂f/∂y of a chain with a border, as blocks. Entries outside the pattern are exact zeros.

    Attributes:
        lower: Block [i] couples node i to node i-1; block 0 is zero. Axes (node, row, column),
            or (node, field) where neighbours couple each field only to itself.
        diag: Coupling inside a node.
        upper: Block [i] couples node i to node i+1; the last is zero.
        border_cols: ∂(chain tendency)/∂(border), for the active border columns only.
        border_rows: ∂(border tendency)/∂(chain), axes (border, chain).
        border_block: ∂(border tendency)/∂(border).
    """

    lower: Float[Array, "node row field"] | Float[Array, "node field"]
    diag: Float[Array, "node row field"]
    upper: Float[Array, "node row field"] | Float[Array, "node field"]
    border_cols: Float[Array, "chain active"]
    border_rows: Float[Array, "border chain"]
    border_block: Float[Array, "border border"]


class ChainSystem(eqx.Module):
    """A layout with everything known beforehand about its Jacobian. Made by `build_system`.

    Attributes:
        layout: Shape of the flat state.
        transported: Fields coupled to a neighbouring node anywhere; the others are condensed.
        is_diagonal: Whether neighbours couple each field only to itself.
        active_border: Border states that any chain tendency reads.
        reading_border: Border states whose tendency reads the chain.
        num_colours: Forward derivatives one Jacobian costs.
        dense_rows: Border states whose row is got by a reverse derivative.
        colours: Colour of each state's column.
        pattern: Structural non-zeros, as a `ChainJacobian` of booleans.
    """

    layout: ChainLayout
    transported: tuple[int, ...] = eqx.field(static=True)
    is_diagonal: bool = eqx.field(static=True)
    active_border: tuple[int, ...] = eqx.field(static=True)
    reading_border: tuple[int, ...] = eqx.field(static=True)
    num_colours: int = eqx.field(static=True)
    dense_rows: tuple[int, ...] = eqx.field(static=True)
    colours: Int[Array, " state"]
    pattern: ChainJacobian

    @property
    def local(self) -> tuple[int, ...]:
        """Fields no neighbouring node feels or moves: condensed out node by node."""
        moved = set(self.transported)
        return tuple(f for f in range(self.layout.num_fields) if f not in moved)

    def jacobian(
        self, f: Tendency, t: Float[Array, ""], y: Float[Array, " state"], args: Any
    ) -> ChainJacobian:
        """The Jacobian of `f` by one forward derivative per colour.

        Args:
            f: Tendency `f(t, y, args)`, shape (state,).
            t: Time.
            y: Flat state.
            args: Whatever `f` takes.

        Returns:
            The blocks of ∂f/∂y.
        """
        lay, pattern, colours = self.layout, self.pattern, self.colours
        num_nodes, num_fields, m = lay.num_nodes, lay.num_fields, lay.chain_size
        seeds = (colours[None, :] == jnp.arange(self.num_colours)[:, None]).astype(y.dtype)
        _, push = jax.linearize(lambda v: f(t, v, args), y)
        compressed = jax.vmap(push)(seeds)
        chain_part = compressed[:, :m].reshape(self.num_colours, num_nodes, num_fields)

        chain_colours = colours[:m].reshape(num_nodes, num_fields)
        node = np.arange(num_nodes)

        def blocks(shift: int, mask: Array) -> Array:
            source = chain_colours[np.clip(node + shift, 0, num_nodes - 1)]
            if mask.ndim == 2:
                field = np.arange(num_fields)[None, :]
                picked = _picked(chain_part, source, node[:, None], field)
            else:  # whole rows of the compressed table: axes (node, column, row)
                picked = jnp.swapaxes(_picked(chain_part, source, node[:, None]), 1, 2)
            return jnp.where(mask, picked, 0.0)

        active = np.asarray(self.active_border, int)
        cols = chain_part.reshape(self.num_colours, m)[colours[m + active]].T
        cols = jnp.where(pattern.border_cols, cols, 0.0)
        border = compressed[:, m:]
        rows = jnp.where(pattern.border_rows, border[colours[:m]].T, 0.0)
        block = jnp.where(pattern.border_block, border[colours[m:]].T, 0.0)
        if self.dense_rows:
            dense = np.asarray(self.dense_rows)
            _, pull = jax.vjp(lambda v: f(t, v, args)[m + dense], y)
            (full,) = jax.vmap(pull)(jnp.eye(dense.size, dtype=y.dtype))
            rows = rows.at[dense].set(full[:, :m])
            block = block.at[dense].set(full[:, m:])
        return ChainJacobian(
            lower=blocks(-1, pattern.lower),
            diag=blocks(0, pattern.diag),
            upper=blocks(1, pattern.upper),
            border_cols=cols,
            border_rows=rows,
            border_block=block,
        )

    def dense(self, jac: ChainJacobian) -> Float[Array, "state state"]:
        """The same Jacobian as one dense matrix. For tests; never in a hot path."""
        lay = self.layout
        num_nodes, num_fields, m = lay.num_nodes, lay.num_fields, lay.chain_size
        full = jnp.zeros((num_nodes, num_fields, num_nodes, num_fields))
        i = jnp.arange(num_nodes)
        full = full.at[i, :, i, :].set(jac.diag)
        lower, upper = jac.lower, jac.upper
        if self.is_diagonal:
            lower, upper = jax.vmap(jnp.diag)(lower), jax.vmap(jnp.diag)(upper)
        full = full.at[i[1:], :, i[:-1], :].set(lower[1:])
        full = full.at[i[:-1], :, i[1:], :].set(upper[:-1])
        out = jnp.zeros((lay.size, lay.size)).at[:m, :m].set(full.reshape(m, m))
        out = out.at[:m, m + np.asarray(self.active_border, int)].set(jac.border_cols)
        return out.at[m:, :m].set(jac.border_rows).at[m:, m:].set(jac.border_block)


def _picked(table: Array, *index: Any) -> Array:
    """`table[index]` for an index known to lie inside."""
    return table.at[index].get(mode="promise_in_bounds")


def build_system(
    f: Tendency,
    layout: ChainLayout,
    draws: Sequence[tuple[Any, Any, Any]],
    *,
    describe: Callable[[int], str] | None = None,
) -> ChainSystem:
    """Probe the Jacobian of `f` and prepare its colouring and elimination.

    Dense differentiation, for use while a model is built and never in a hot path.

    Args:
        f: Tendency `f(t, y, args)` of a flat state.
        layout: Shape of the state.
        draws: Several (t, y, args), at random positive states and perturbed args, such that
            every coupling is non-zero in at least one of them. Branches that switch on later
            (a drug, a challenge) must be on in one draw.
        describe: Name of a place in the flat state, for the error; indices by default.

    Returns:
        The prepared system.

    Raises:
        ValueError: JAX runs without 64-bit floats, the tendency is not finite at a draw, or a
            coupling fits neither the chain nor the border (nodes further apart than one).
    """
    require_float64()
    if not draws:
        raise ValueError("build_system: expected at least one (t, y, args) draw, got none")
    name = describe or layout.describe

    def both(t: Any, y: Any, args: Any) -> tuple[Array, Array]:
        value, push = jax.linearize(lambda state: f(t, state, args), y)
        return value, jax.vmap(push, out_axes=1)(jnp.eye(layout.size))

    probe = compiled(both)
    pattern = np.zeros((layout.size, layout.size), bool)
    for number, (t, y, args) in enumerate(draws):
        if (shape := jax.eval_shape(f, t, y, args).shape) != (layout.size,):
            raise ValueError(
                f"build_system: expected f to return shape ({layout.size},) for this layout, "
                f"got {shape}"
            )
        value, jac = (np.asarray(part) for part in probe(t, y, args))
        bad = np.flatnonzero(~np.isfinite(value))
        if bad.size:
            listed = ", ".join(name(int(i)) for i in bad[:8])
            raise ValueError(
                f"build_system: the tendency is not finite at draw {number} for {listed}"
                f"{' and more' if bad.size > 8 else ''}; draw positive states inside the bounds"
            )
        pattern |= (jac != 0.0) | ~np.isfinite(jac)
    return system_from_pattern(pattern, layout, describe=name)


def system_from_pattern(
    pattern: Bool[np.ndarray, "state state"],
    layout: ChainLayout,
    *,
    describe: Callable[[int], str] | None = None,
) -> ChainSystem:
    """`build_system` for a pattern that is already known (True where ∂f_row/∂y_column ≠ 0).

    Raises:
        ValueError: A coupling fits neither the chain nor the border; every pair is named.
    """
    name = describe or layout.describe
    num_nodes, num_fields, m = layout.num_nodes, layout.num_fields, layout.chain_size
    chain = pattern[:m, :m].reshape(num_nodes, num_fields, num_nodes, num_fields)
    distance = np.abs(np.arange(num_nodes)[:, None] - np.arange(num_nodes)[None, :])
    offending = np.argwhere(chain & (distance > 1)[:, None, :, None])
    if offending.size:
        pairs = [
            f"{name(int(j * num_fields + g))} -> {name(int(i * num_fields + h))}"
            for i, h, j, g in offending[:12]
        ]
        more = f" and {len(offending) - 12} more" if len(offending) > 12 else ""
        raise ValueError(
            "build_system: a node may feel only itself, its neighbours and the border, but "
            f"found {', '.join(pairs)}{more}. Make the shared quantity (a mean, a total) a "
            "border state, or couple through neighbouring nodes"
        )
    i = np.arange(num_nodes)
    diag = chain[i, :, i, :]
    lower, upper = np.zeros_like(diag), np.zeros_like(diag)
    lower[1:] = chain[i[1:], :, i[:-1], :]
    upper[:-1] = chain[i[:-1], :, i[1:], :]
    off = (lower | upper).any(axis=0)
    transported = tuple(int(k) for k in np.flatnonzero(np.any(off | off.T, axis=0)))
    is_diagonal = not bool((off & ~np.eye(num_fields, dtype=bool)).any())
    if is_diagonal:
        lower, upper = np.einsum("nii->ni", lower), np.einsum("nii->ni", upper)
    active = np.flatnonzero(pattern[:m, m:].any(axis=0))
    reading = np.flatnonzero(pattern[m:, :m].any(axis=1))
    colours, dense_rows = _colour_columns(pattern, layout)
    return ChainSystem(
        layout=layout,
        transported=transported,
        is_diagonal=is_diagonal,
        active_border=tuple(int(k) for k in active),
        reading_border=tuple(int(k) for k in reading),
        num_colours=int(colours.max()) + 1,
        dense_rows=dense_rows,
        colours=jnp.asarray(colours),
        pattern=ChainJacobian(
            lower=jnp.asarray(lower),
            diag=jnp.asarray(diag),
            upper=jnp.asarray(upper),
            border_cols=jnp.asarray(pattern[:m, m:][:, active]),
            border_rows=jnp.asarray(pattern[m:, :m]),
            border_block=jnp.asarray(pattern[m:, m:]),
        ),
    )


def _colour_columns(
    pattern: Bool[np.ndarray, "state state"], layout: ChainLayout
) -> tuple[Int[np.ndarray, " state"], tuple[int, ...]]:
    """Greedy colours, with those border rows set aside that make the whole cheapest."""
    m = layout.chain_size
    fill = pattern[m:].sum(axis=1)
    order = np.argsort(-fill, kind="stable")
    best: tuple[float, Int[np.ndarray, " state"], tuple[int, ...]] | None = None
    num_wide = int((fill > 8).sum())
    for count in sorted({0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, num_wide}):
        if count > num_wide:
            continue
        aside = np.sort(order[:count])
        kept = np.ones(layout.size, bool)
        kept[m + aside] = False
        colours = _greedy(pattern[kept])
        # The reverse pass is a program of its own, worth ten colours; a row then costs about two.
        cost = int(colours.max()) + 1 + (10.0 + 2.0 * count if count else 0.0)
        if best is None or cost < best[0]:
            best = cost, colours, tuple(int(k) for k in aside)
    if best is None:  # cannot happen: count 0 is always tried
        raise ValueError("no colouring was tried")
    return best[1], best[2]


def _greedy(pattern: Bool[np.ndarray, "row state"]) -> Int[np.ndarray, " state"]:
    """First colour free for each column, fullest columns first; shared rows forbid sharing."""
    size = pattern.shape[1]
    counts = pattern.astype(np.float32)
    conflict = counts.T @ counts > 0
    colours = np.full(size, -1)
    for column in np.argsort(-pattern.sum(axis=0), kind="stable"):
        taken = np.zeros(size + 1, bool)
        taken[colours[conflict[column]]] = True  # index -1 (uncoloured) hits the spare last slot
        colours[column] = int(np.argmin(taken[:size]))
    return colours
