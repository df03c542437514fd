"""Parameters of cytokine transport, keratinocyte secretion and clearance."""

from jaxtyping import Array, Float

from ...modelling.parameters import AbstractParameters, parameter
from ...modelling.species import CYTOKINES

Scalar = Float[Array, ""]
Family = Float[Array, "cytokine"]


class CytokineParameters(AbstractParameters):
    """Transport of thirteen cytokines and chemokines."""

    diffusivity: Scalar = parameter(
        8.6e5,
        "um**2/day",
        "Diffusivity in living epidermis (1e-7 cm2/s, a 20 kDa protein in tissue)",
        source="assumed",
        evidence="assumed",
        bounds=(1e5, 1e7),
        prior_sd=0.4,
    )
    basement_permeability: Scalar = parameter(
        50000.0,
        "um/day",
        "Permeability of the basement membrane zone",
        source="assumed",
        evidence="assumed",
        bounds=(1e3, 5e5),
    )
    uptake: Scalar = parameter(
        6.0,
        "1/day",
        "Uptake and degradation in the epidermis",
        source="assumed",
        evidence="assumed",
        bounds=(2.0, 200.0),
    )
    clearance: Family = parameter(
        (70.0, 50.0, 36.5, 36.5, 36.5, 36.5, 36.5, 36.5, 36.5, 36.5, 36.5, 36.5, 36.5),
        "1/day",
        "Clearance from a perfused dermis (blood and lymph); IL-4 and IL-13 from Miyano 2022, "
        "IL-17A and TNF from Shmarov 2022, the others assumed alike",
        source="miyano2022",
        evidence="fitted",
        bounds=(2.0, 300.0),
        labels=CYTOKINES,
    )
    keratinocyte_basal: Family = parameter(
        (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 300.0, 200.0, 50.0, 100.0, 100.0, 50.0),
        "pg/mL/day",
        "Secretion by resting keratinocytes per tissue volume",
        source="assumed",
        evidence="assumed",
        bounds=(0.0, 1e5),
        labels=CYTOKINES,
        transform="identity",
        prior_sd=50.0,
    )
    TSLP_stress: Scalar = parameter(
        6.0e3,
        "pg/mL/day",
        "TSLP secretion at full barrier stress",
        source="assumed",
        evidence="assumed",
        bounds=(100.0, 1e6),
    )
    TSLP_STAT6: Scalar = parameter(
        2.0e3,
        "pg/mL/day",
        "TSLP secretion at full STAT6 activity",
        source="assumed",
        evidence="assumed",
        bounds=(50.0, 1e6),
    )
    TSLP_NFkB: Scalar = parameter(
        1.0e3,
        "pg/mL/day",
        "TSLP secretion at full NF-kB activity",
        source="assumed",
        evidence="assumed",
        bounds=(10.0, 1e6),
    )
    IL33_stress: Scalar = parameter(
        6.0e3,
        "pg/mL/day",
        "IL-33 release at full barrier stress",
        source="assumed",
        evidence="assumed",
        bounds=(100.0, 1e6),
    )
    IL36_NFkB: Scalar = parameter(
        2.0e4,
        "pg/mL/day",
        "IL-36 gamma secretion at full NF-kB activity",
        source="assumed",
        evidence="assumed",
        bounds=(100.0, 1e6),
    )
    CCL17_STAT6: Scalar = parameter(
        3.0e4,
        "pg/mL/day",
        "CCL17 secretion at full STAT6 activity",
        source="assumed",
        evidence="assumed",
        bounds=(100.0, 1e6),
    )
    CCL20_NFkB: Scalar = parameter(
        3.0e4,
        "pg/mL/day",
        "CCL20 secretion at full NF-kB activity",
        source="assumed",
        evidence="assumed",
        bounds=(100.0, 1e6),
    )
    CXCL10_STAT1: Scalar = parameter(
        5.0e4,
        "pg/mL/day",
        "CXCL10 secretion at full STAT1 activity",
        source="assumed",
        evidence="assumed",
        bounds=(100.0, 1e6),
    )
