"""Finite-volume grids in the mapped depth coordinate."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float


class Depth1D(eqx.Module):
    """Cells of a layer of changing thickness, in the fixed coordinate ζ from 0 to 1.

    ζ = 0 is the layer's upper face (towards the surface), ζ = 1 its lower face (towards the
    dermis). Physical widths are `thickness * widths`.

    Attributes:
        faces: Face positions in ζ, shape (n+1,).
        widths: Cell widths in ζ, shape (n,).
        centres: Cell centres in ζ, shape (n,).
        gaps: Distances between neighbouring centres in ζ, shape (n-1,).
    """

    faces: Float[Array, "faces"]
    widths: Float[Array, "z"]
    centres: Float[Array, "z"]
    gaps: Float[Array, "inner"]

    @staticmethod
    def uniform(num_cells: int) -> "Depth1D":
        """A grid of `num_cells` equal cells.

        Raises:
            ValueError: fewer than one cell.
        """
        if num_cells < 1:
            raise ValueError(f"Expected at least one cell, got {num_cells}.")
        return Depth1D.from_faces(np.linspace(0.0, 1.0, num_cells + 1))

    @staticmethod
    def from_faces(faces: "np.ndarray") -> "Depth1D":
        """A grid with the given increasing faces from 0 to 1, shape (n+1,)."""
        faces = np.asarray(faces, float)
        centres = 0.5 * (faces[1:] + faces[:-1])
        return Depth1D(
            jnp.asarray(faces),
            jnp.asarray(np.diff(faces)),
            jnp.asarray(centres),
            jnp.asarray(np.diff(centres)),
        )

    @property
    def num_cells(self) -> int:
        """Number of cells n."""
        return self.widths.shape[0]
