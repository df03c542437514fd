"""Ports both forms of signalling share."""

from ...modelling.ports import EPIDERMIS, port
from ...modelling.species import CYTOKINES, PATHWAYS
from ...therapies.effects import RECEPTOR_COMPLEXES, TARGETS

ACTIVITY = port(
    "pathway_activity",
    "dimensionless",
    "Active fraction of STAT6, STAT3, STAT1 and NF-kB",
    grid=EPIDERMIS,
    species=PATHWAYS,
)
REQUIRED = (
    port("epidermal_cytokines", "pg/mL", "In the epidermis", grid=EPIDERMIS, species=CYTOKINES),
    port("free_fraction", "dimensionless", "Left by antibodies", species=TARGETS, default=1.0),
    port(
        "complex_activity",
        "dimensionless",
        "Left by kinase inhibitors",
        species=RECEPTOR_COMPLEXES,
        default=1.0,
    ),
    port("glucocorticoid", "dimensionless", "Glucocorticoid action, 0 to 1", default=0.0),
)
