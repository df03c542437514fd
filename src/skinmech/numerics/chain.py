"""Factor and solve `(a·I - J) x = b` for a chain with a border.

Three eliminations, one inside the other:

1. Border: a Schur complement on the few border states.
2. Local fields (those no neighbour feels): condensed out at every node at once.
3. Transported fields: cyclic reduction over depth. Every second node is eliminated, all of them
   at once, then every second of the rest; log2(N) sweeps along the vector lane in place of N
   dependent steps (Buzbee, Golub & Nielson 1970, SIAM J. Numer. Anal. 7, 627).

Small blocks are inverted by Gauss-Jordan without row exchanges, all nodes along the lane. The
matrices of stiff kinetics at a controlled step are close to column-diagonally dominant, where
this is stable; where it is not, `ChainFactor.residual` shows it and the integrator rejects the
step.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .sparsity import ChainJacobian, ChainSystem

_DENSE_ROWS = 33  # below this many unknowns one dense inverse is faster than another sweep


class _Level(NamedTuple):
    """One sweep of cyclic reduction, batch of nodes first.

    Row blocks stand side by side, so that each half of a sweep is one product.
    """

    pivot: Array  # (odd, row, column): inverse blocks of the eliminated nodes
    down: Array  # (even, row, 2 column) or vectors (even, 2, row): kept to eliminated neighbours
    up: Array  # (odd, row, 2 column): pivot times the coupling to the kept neighbours


class ChainFactor(eqx.Module):
    """A factorised `a·I - J`; see `factor`. Linear and transposable in its right-hand side."""

    system: ChainSystem
    levels: tuple[_Level, ...]
    top: Float[Array, "top top"]
    local_inverse: Float[Array, "node local local"]
    to_moved: Float[Array, "node moved local"]
    to_local: Float[Array, "node local moved"]
    border_response: Float[Array, "chain active"]
    border_rows: Float[Array, "reading chain"]
    border_inverse: Float[Array, "border border"]

    def solve(self, b: Float[Array, " state"]) -> Float[Array, " state"]:
        """x with (a·I - J) x = b."""
        system = self.system
        layout, m = system.layout, system.layout.chain_size
        if layout.num_border == 0:
            return self._solve_chain(b)
        x = self._solve_chain(b[:m])
        rest = b[m:]
        if system.reading_border:
            rest = rest.at[np.asarray(system.reading_border)].add(self.border_rows @ x)
        border = self.border_inverse @ rest
        if system.active_border:
            x = x + self.border_response @ border[np.asarray(system.active_border)]
        return jnp.concatenate([x, border])

    def solve_transposed(self, b: Float[Array, " state"]) -> Float[Array, " state"]:
        """x with (a·I - J)ᵀ x = b."""
        (x,) = jax.linear_transpose(self.solve, b)(b)
        return x

    def _solve_chain(self, b: Float[Array, " chain"]) -> Float[Array, " chain"]:
        layout = self.system.layout
        moved, local = self.system.transported, self.system.local
        table = b.reshape(layout.num_nodes, layout.num_fields)
        if not local:
            return _reduce(self.levels, self.top, table).reshape(-1)
        if not moved:
            return _times(self.local_inverse, table).reshape(-1)
        order = np.asarray([*moved, *local])
        table = table[:, order]
        free, held = table[:, : len(moved)], table[:, len(moved) :]
        x_moved = _reduce(self.levels, self.top, free - _times(self.to_moved, held))
        x_local = _times(self.local_inverse, held) - _times(self.to_local, x_moved)
        return jnp.concatenate([x_moved, x_local], axis=1)[:, np.argsort(order)].reshape(-1)


def factor(system: ChainSystem, jac: ChainJacobian, shift: Float[Array, ""] | float) -> ChainFactor:
    """Factorise `shift·I - J`.

    Args:
        system: From `build_system`.
        jac: Blocks of J, from `system.jacobian`.
        shift: a, for a Rosenbrock method 1/(γ·step); 0 for the steady state.

    Returns:
        The factor, to solve with as often as needed.
    """
    layout = system.layout
    num_moved, num_local = len(system.transported), len(system.local)
    order = np.asarray([*system.transported, *system.local])
    diag = shift * jnp.eye(layout.num_fields) - jac.diag[:, order[:, None], order[None, :]]
    levels: tuple[_Level, ...] = ()
    top = jnp.zeros((0, 0))
    local_inverse = to_moved = to_local = jnp.zeros((layout.num_nodes, 0, 0))
    if num_local:
        local_inverse = _invert(diag[:, num_moved:, num_moved:])
    if num_moved:
        centre, moved = diag[:, :num_moved, :num_moved], order[:num_moved]
        if num_local:
            to_moved = diag[:, :num_moved, num_moved:] @ local_inverse
            to_local = local_inverse @ diag[:, num_moved:, :num_moved]
            centre = centre - to_moved @ diag[:, num_moved:, :num_moved]
        if system.is_diagonal:
            lower, upper = -jac.lower[:, moved], -jac.upper[:, moved]
        else:
            pick = (slice(None), moved[:, None], moved[None, :])
            lower, upper = -jac.lower[pick], -jac.upper[pick]
        levels, top = _cyclic_reduction(centre, lower, upper)
    chain = ChainFactor(
        system=system,
        levels=levels,
        top=top,
        local_inverse=local_inverse,
        to_moved=to_moved,
        to_local=to_local,
        border_response=jnp.zeros((layout.chain_size, 0)),
        border_rows=jnp.zeros((0, layout.chain_size)),
        border_inverse=jnp.zeros((0, 0)),
    )
    if layout.num_border == 0:
        return chain
    active, reading = np.asarray(system.active_border, int), np.asarray(system.reading_border, int)
    schur = shift * jnp.eye(layout.num_border) - jac.border_block
    rows = jac.border_rows[reading]
    response = chain.border_response
    if active.size:
        response = jax.vmap(chain._solve_chain, in_axes=1, out_axes=1)(jac.border_cols)
        schur = schur.at[np.ix_(reading, active)].add(-(rows @ response))
    return ChainFactor(
        system=system,
        levels=levels,
        top=top,
        local_inverse=local_inverse,
        to_moved=to_moved,
        to_local=to_local,
        border_response=response,
        border_rows=rows,
        border_inverse=_inverse(schur),
    )


def matvec(
    system: ChainSystem, jac: ChainJacobian, shift: Float[Array, ""] | float, x: Array
) -> Float[Array, " state"]:
    """`(shift·I - J) x` from the blocks, to check a solve."""
    layout = system.layout
    chain, border = layout.split(x)
    before = jnp.concatenate([jnp.zeros_like(chain[:1]), chain[:-1]])
    after = jnp.concatenate([chain[1:], jnp.zeros_like(chain[:1])])
    out = jnp.einsum("nij,nj->ni", jac.diag, chain)
    if system.is_diagonal:
        out += jac.lower * before + jac.upper * after
    else:
        out += jnp.einsum("nij,nj->ni", jac.lower, before)
        out += jnp.einsum("nij,nj->ni", jac.upper, after)
    if layout.num_border == 0:
        return shift * x - out.reshape(-1)
    flat = out.reshape(-1)
    if system.active_border:
        flat = flat + jac.border_cols @ border[np.asarray(system.active_border)]
    low = jac.border_rows @ chain.reshape(-1) + jac.border_block @ border
    return shift * x - jnp.concatenate([flat, low])


def _cyclic_reduction(
    centre: Float[Array, "node row row"], lower: Array, upper: Array
) -> tuple[tuple[_Level, ...], Float[Array, "top top"]]:
    """Eliminate every second node until a small dense system is left; invert that."""
    levels, rows = [], centre.shape[1]
    while centre.shape[0] > 1 and centre.shape[0] * rows > _DENSE_ROWS:
        num_kept = centre[0::2].shape[0]
        pivot = _invert(centre[1::2])
        if lower.ndim == 2:  # each field feels only itself next door: products are scalings
            sides = [pivot * lower[1::2, None, :], pivot * upper[1::2, None, :]]
            up = jnp.concatenate(sides, axis=2)
            before, after = lower[0::2], upper[0::2]
            down = jnp.stack([before, after], axis=1)
            from_before = before[:, :, None] * _shifted(up, num_kept)
            from_after = after[:, :, None] * _padded(up, num_kept)
        else:
            up = pivot @ jnp.concatenate([lower[1::2], upper[1::2]], axis=2)
            before, after = lower[0::2], upper[0::2]
            down = jnp.concatenate([before, after], axis=2)
            from_before = before @ _shifted(up, num_kept)
            from_after = after @ _padded(up, num_kept)
        levels.append(_Level(pivot, down, up))
        centre = centre[0::2] - from_before[:, :, rows:] - from_after[:, :, :rows]
        lower, upper = -from_before[:, :, :rows], -from_after[:, :, rows:]
    size = centre.shape[0]
    grid = jnp.zeros((size, rows, size, rows), centre.dtype)
    for i in range(size):
        grid = grid.at[i, :, i, :].set(centre[i])
        if i:
            grid = grid.at[i, :, i - 1, :].set(_as_matrix(lower[i]))
            grid = grid.at[i - 1, :, i, :].set(_as_matrix(upper[i - 1]))
    return tuple(levels), _inverse(grid.reshape(size * rows, size * rows))


def _reduce(
    levels: tuple[_Level, ...], top: Array, b: Float[Array, "node row"]
) -> Float[Array, "node row"]:
    """Solve with the transported fields' factor."""
    waiting, rows = [], b.shape[1]
    for level in levels:
        num_kept = b[0::2].shape[0]
        z = _times(level.pivot, b[1::2])
        before, after = _shifted(z, num_kept), _padded(z, num_kept)
        if level.down.shape[1] == 2 and level.down.shape[2] == rows:
            down = level.down[:, 0] * before + level.down[:, 1] * after
        else:
            down = _times(level.down, jnp.concatenate([before, after], axis=1))
        b = b[0::2] - down
        waiting.append(z)
    size = b.shape[0]
    x = (top @ b.reshape(-1)).reshape(size, rows)
    for level, z in zip(reversed(levels), reversed(waiting), strict=True):
        num_odd, num_even = z.shape[0], x.shape[0]
        sides = jnp.concatenate([x[:num_odd], _padded(x[1:], num_odd)], axis=1)
        z = z - _times(level.up, sides)
        pairs = jnp.stack([x, _padded(z, num_even)], axis=1).reshape(2 * num_even, rows)
        x = pairs[: num_even + num_odd]
    return x


def _invert(blocks: Float[Array, "node row row"]) -> Float[Array, "node row row"]:
    """Inverse of every block at once: Gauss-Jordan, no row exchanges, a rolled loop.

    Each turn eliminates the leading row and column and moves them to the end, so the pivot always
    stands at [0, 0] and after as many turns as rows everything is back in its place.
    """
    size = blocks.shape[1]
    if size == 1:
        return 1.0 / blocks

    def eliminate(_, a):
        pivot = 1.0 / a[0, 0]
        row, column = a[0, 1:] * pivot, a[1:, 0]
        rest = a[1:, 1:] - column[:, None] * row[None]
        above = jnp.concatenate([rest, (-column * pivot)[:, None]], axis=1)
        below = jnp.concatenate([row, pivot[None]], axis=0)
        return jnp.concatenate([above, below[None]], axis=0)

    lanes = jax.lax.fori_loop(0, size, eliminate, jnp.moveaxis(blocks, 0, -1))
    return jnp.moveaxis(lanes, -1, 0)


def _inverse(matrix: Float[Array, "row row"]) -> Float[Array, "row row"]:
    """Inverse of one dense matrix: `_invert`, and one turn of Newton's iteration on it.

    The turn squares the relative error (Schulz 1933, Z. Angew. Math. Mech. 13, 57). A library's
    triangular solves cost more at this size, and start threads.
    """
    rough = _invert(matrix[None])[0]
    return 2.0 * rough - rough @ (matrix @ rough)


def _times(block: Float[Array, "node row column"], x: Float[Array, "node column"]) -> Array:
    """Block times vector, node by node."""
    return jnp.einsum("nij,nj->ni", block, x)


def _as_matrix(a: Array) -> Array:
    return a if a.ndim == 2 else jnp.diag(a)


def _padded(a: Array, size: int) -> Array:
    """The first `size` entries, zeros where there are fewer."""
    missing = size - a.shape[0]
    if missing <= 0:
        return a[:size]
    return jnp.pad(a, [(0, missing)] + [(0, 0)] * (a.ndim - 1))


def _shifted(a: Array, size: int) -> Array:
    """Entry i-1 at place i, zero at place 0, `size` places."""
    return jnp.pad(a[: size - 1], [(1, 0)] + [(0, 0)] * (a.ndim - 1))
