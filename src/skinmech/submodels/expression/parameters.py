"""Parameters of gene expression."""

from jaxtyping import Array, Float

from ...modelling.parameters import AbstractParameters, parameter
from ...modelling.species import PATHWAYS
from .genes import GENES

Genes = Float[Array, "gene"]
Pathways = Float[Array, "pathway"]
_FITTED = "CXCL10, CCL5, IFI16, IL15 and IL12A from ten donors, the other genes assumed"


class ExpressionParameters(AbstractParameters):
    """Five interferon genes measured in ten donors, and genes of SOCS and of the STAT6 arm."""

    gain: Genes = parameter(
        (1.3e5, 59.0, 1.9, 27.0, 3.8, 20.0, 200.0, 4.0, 4.0),
        "dimensionless",
        "Fold change gained (induced genes) or fold reduction gained (repressed genes) at full "
        f"activity, at rest there; {_FITTED}",
        source="zimenko2026",
        evidence="fitted",
        bounds=(0.1, 1e7),
        labels=GENES,
        prior_sd=1.0,
    )
    half: Genes = parameter(
        (2.6, 0.39, 0.014, 0.019, 0.0092, 0.3, 0.3, 0.3, 0.3),
        "dimensionless",
        f"Pathway activity of half-maximal effect; {_FITTED}",
        source="zimenko2026",
        evidence="fitted",
        bounds=(1e-3, 20.0),
        labels=GENES,
        prior_sd=0.7,
    )
    power: Genes = parameter(
        (1.0, 2.7, 1.0, 0.91, 1.0, 1.0, 1.0, 1.0, 1.0),
        "dimensionless",
        f"Cooperativity of the effect; {_FITTED}",
        source="zimenko2026",
        evidence="fitted",
        bounds=(0.5, 4.0),
        labels=GENES,
        prior_sd=0.3,
    )
    late_weight: Genes = parameter(
        (11.0, 50.0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1),
        "dimensionless",
        f"Drive through a slow factor such as IRF1 relative to the direct drive; {_FITTED}",
        source="zimenko2026",
        evidence="fitted",
        bounds=(1e-3, 1e3),
        labels=GENES,
        prior_sd=1.5,
    )
    turnover_rate: Genes = parameter(
        (8.4, 5.6, 13.0, 14.5, 14.0, 12.0, 6.0, 3.0, 3.0),
        "1/day",
        "Turnover of the mRNA (half-lives of one to six hours)",
        source="assumed",
        evidence="assumed",
        bounds=(0.5, 60.0),
        labels=GENES,
        prior_sd=0.4,
    )
    late_rate: Pathways = parameter(
        (1.1, 1.1, 1.1, 1.1),
        "1/day",
        "Turnover of the slow factor; STAT1 from ten donors, the others assumed",
        source="zimenko2026",
        evidence="fitted",
        bounds=(0.2, 20.0),
        labels=PATHWAYS,
        prior_sd=0.5,
    )
