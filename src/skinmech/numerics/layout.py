"""Where things lie in the flat state vector: a chain of nodes, then a border of plain states."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float


class ChainLayout(eqx.Module):
    """Shape of a flat state `y = [chain (nodes, fields) row by row, border]`.

    The chain holds fields on a line of nodes (tissue depth); the border holds states that
    belong to no node (plasma, blood cells, lesion scores).

    Attributes:
        num_nodes: Nodes N of the chain, at least 1.
        num_fields: Fields F on every node, at least 1. A (node, field) slot without meaning
            stays in the vector as padding with zero tendency.
        num_border: Border states B, may be 0.
    """

    num_nodes: int = eqx.field(static=True)
    num_fields: int = eqx.field(static=True)
    num_border: int = eqx.field(static=True, default=0)

    def __check_init__(self):
        if self.num_nodes < 1 or self.num_fields < 1 or self.num_border < 0:
            raise ValueError(
                "ChainLayout: expected num_nodes >= 1, num_fields >= 1 and num_border >= 0, got "
                f"{self.num_nodes}, {self.num_fields}, {self.num_border}"
            )

    @property
    def chain_size(self) -> int:
        """Number of chain states, N·F."""
        return self.num_nodes * self.num_fields

    @property
    def size(self) -> int:
        """Length of the flat state."""
        return self.chain_size + self.num_border

    def split(
        self, y: Float[Array, " state"]
    ) -> tuple[Float[Array, "node field"], Float[Array, " border"]]:
        """Views of the flat state: the chain as a table, and the border."""
        m = self.chain_size
        return y[:m].reshape(self.num_nodes, self.num_fields), y[m:]

    def join(
        self, chain: Float[Array, "node field"], border: Float[Array, " border"] | None = None
    ) -> Float[Array, " state"]:
        """The flat state from its chain and border; the inverse of `split`."""
        flat = jnp.reshape(chain, (self.chain_size,))
        return flat if border is None else jnp.concatenate([flat, border])

    def describe(self, index: int) -> str:
        """Plain name of a place in the flat state, for error messages."""
        if index >= self.chain_size:
            return f"(border {index - self.chain_size})"
        node, field = divmod(index, self.num_fields)
        return f"(node {node}, field {field})"
