"""Where each state lies in the flat vector the solver works on.

The vector is [chain (nodes x slots, node-major), border]. Nodes run from the skin surface
down through the stratum corneum and the viable epidermis. A corneum field that continues an
epidermis field shares its slot, so that what cornifying cells carry across the interface
couples a slot only to itself. States without depth are the border.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from .ports import CORNEUM, EPIDERMIS, StateSpec


@dataclasses.dataclass(frozen=True)
class StateLayout:
    """Index of every state in the flat vector.

    Attributes:
        num_nodes, num_fields, num_border: Shape of the chain and of the border.
        order: Flat indices in the order of `pieces`, shape (used,).
        inverse: For each flat position the place in the piece order; `used` marks padding.
        pieces: (submodel, spec, shape, start) for each state.
        scale_unit: (scale, unit) per used position is found through `pieces`.
    """

    num_nodes: int
    num_fields: int
    num_border: int
    order: np.ndarray
    inverse: np.ndarray
    pieces: tuple[tuple[str, StateSpec, tuple[int, ...], int], ...]

    @property
    def size(self) -> int:
        """Length of the flat vector."""
        return self.num_nodes * self.num_fields + self.num_border

    def label(self, index: int) -> str:
        """Human name of a flat position: `submodel.state[species] at node`."""
        place = int(self.inverse[index])
        for submodel, spec, shape, start in self.pieces:
            count = int(np.prod(shape, dtype=int))
            if start <= place < start + count:
                position = [int(i) for i in np.unravel_index(place - start, shape or (1,))]
                name = f"{submodel}.{spec.name}"
                if spec.species:
                    name += f"[{spec.species[position[0]]}]"
                if spec.grid:
                    name += f" at {spec.grid} cell {position[-1]}"
                return name
        return f"padding at {index}"


def arrange(
    owned: Sequence[tuple[str, StateSpec]], num_corneum: int, num_epidermis: int
) -> StateLayout:
    """Lay out the states of all sub-models.

    Raises:
        ValueError: a field continues a state that does not exist or has other species.
    """
    columns: dict[tuple[str, str | None], int] = {}
    num_slots = 0
    for submodel, spec in owned:
        if spec.grid == EPIDERMIS:
            for species in spec.species or (None,):
                columns[(f"{submodel}.{spec.name}", species)] = num_slots
                num_slots += 1
    continued = {
        columns[(spec.continues, species)]
        for _, spec in owned
        if spec.continues is not None
        for species in spec.species or (None,)
        if (spec.continues, species) in columns
    }
    free = iter([slot for slot in range(num_slots) if slot not in continued])
    corneum: dict[tuple[str, str | None], int] = {}
    for submodel, spec in owned:
        if spec.grid != CORNEUM:
            continue
        for species in spec.species or (None,):
            key = (f"{submodel}.{spec.name}", species)
            if spec.continues is not None:
                if (spec.continues, species) not in columns:
                    raise ValueError(
                        f"Unable to find '{spec.continues}' that {key[0]} continues; "
                        "expected an epidermis state with the same species."
                    )
                corneum[key] = columns[(spec.continues, species)]
            else:
                slot = next(free, None)
                if slot is None:
                    slot, num_slots = num_slots, num_slots + 1
                corneum[key] = slot

    num_nodes = num_corneum + num_epidermis if num_slots else 0
    offset = num_nodes * num_slots
    pieces, order, start = [], [], 0
    for submodel, spec in owned:
        count = len(spec.species or (None,))
        if spec.grid is None:
            shape = (count,) if spec.species else ()
            index = offset + np.arange(count)
            offset += count
        else:
            table = corneum if spec.grid == CORNEUM else columns
            first, length = (
                (0, num_corneum) if spec.grid == CORNEUM else (num_corneum, num_epidermis)
            )
            slots = [table[(f"{submodel}.{spec.name}", s)] for s in spec.species or (None,)]
            nodes = first + np.arange(length)
            index = np.concatenate([nodes * num_slots + slot for slot in slots])
            shape = (count, length) if spec.species else (length,)
        pieces.append((submodel, spec, shape, start))
        order.append(index)
        start += index.size
    flat = np.concatenate(order) if order else np.zeros(0, int)
    inverse = np.full(offset, start)
    inverse[flat] = np.arange(start)
    num_border = offset - num_nodes * num_slots
    return StateLayout(num_nodes, num_slots, num_border, flat, inverse, tuple(pieces))
