"""The genes whose mRNA is followed: which pathway drives each, and in which direction."""

import numpy as np

from ...modelling.species import pathway

_DRIVEN: dict[str, tuple[str, int]] = {
    "CXCL10": ("pSTAT1", +1),
    "CCL5": ("pSTAT1", +1),
    "IFI16": ("pSTAT1", +1),
    "IL15": ("pSTAT1", +1),
    "IL12A": ("pSTAT1", +1),
    "SOCS1": ("pSTAT1", +1),
    "CCL26": ("pSTAT6", +1),
    "FLG": ("pSTAT6", -1),
    "LOR": ("pSTAT6", -1),
}
GENES = tuple(_DRIVEN)
PATHWAY_OF_GENE = np.array([pathway(name) for name, _ in _DRIVEN.values()])
IS_INDUCED = np.array([sign > 0 for _, sign in _DRIVEN.values()])


def gene(name: str) -> int:
    """Position of a gene on the leading axis of the family of mRNA."""
    return GENES.index(name)
