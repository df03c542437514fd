"""The families every sub-model shares: cytokines and signalling pathways."""

CYTOKINES = (
    "IL-4",
    "IL-13",
    "IL-31",
    "IL-22",
    "IL-17A",
    "TNF",
    "IFN-gamma",
    "TSLP",
    "IL-33",
    "IL-36gamma",
    "CCL17",
    "CCL20",
    "CXCL10",
)
PATHWAYS = ("pSTAT6", "pSTAT3", "pSTAT1", "NF-kB")


def cytokine(name: str) -> int:
    """Position of a cytokine on the leading axis of every cytokine family."""
    return CYTOKINES.index(name)


def pathway(name: str) -> int:
    """Position of a pathway on the leading axis of every pathway family."""
    return PATHWAYS.index(name)
