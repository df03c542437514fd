"""The expression sub-model: fold changes of mRNA over unstimulated cells."""

from typing import Any

import jax.numpy as jnp

from ...modelling.ports import EPIDERMIS, Named, port, state
from ...modelling.species import PATHWAYS
from ...modelling.submodel import AbstractSubmodel
from .genes import GENES, IS_INDUCED, PATHWAY_OF_GENE
from .parameters import ExpressionParameters

_SMALLEST = 1e-9  # keeps the power differentiable at rest


class Expression(AbstractSubmodel):
    """Transcription driven by pathway activity P, directly and through a slow factor F.

        F'  = k_F (P − F)
        x   = (P + w F) / (1 + w)
        H   = (1 + h^n) x^n / (h^n + x^n)                 (H = 1 at full activity)
        m'  = k (1 + g H − m)        induced genes
        m'  = k (1 / (1 + g H) − m)  repressed genes

    | symbol | field | unit |
    |---|---|---|
    | m | `mrna` | fold over unstimulated |
    | F | `slow_factor` | dimensionless |
    | g, h, n, w | `gain`, `half`, `power`, `late_weight` | dimensionless |
    | k, k_F | `turnover_rate`, `late_rate` | 1/day |

    Assumptions: one pathway drives each gene (`genes.py`); all genes of a pathway share one slow
    factor; cells at rest express one, by definition. It reads signalling and gives nothing back,
    so it may be added to any composition.
    """

    name = "expression"
    Parameters = ExpressionParameters
    states = (
        state("mrna", "dimensionless", "Fold change of mRNA", grid=EPIDERMIS, species=GENES),
        state("slow_factor", "dimensionless", "Secondary factor", grid=EPIDERMIS, species=PATHWAYS),
    )
    provides = (
        port("mrna", "dimensionless", "Fold change of mRNA", grid=EPIDERMIS, species=GENES),
    )
    requires = (
        port(
            "pathway_activity",
            "dimensionless",
            "Signalling",
            grid=EPIDERMIS,
            species=PATHWAYS,
            default=0.0,
        ),
    )

    def initial_state(self, params: Any, grids: Any) -> dict[str, Any]:
        """Unstimulated cells."""
        cells = grids[EPIDERMIS].num_cells
        return {
            "mrna": jnp.ones((len(GENES), cells)),
            "slow_factor": jnp.zeros((len(PATHWAYS), cells)),
        }

    def outputs(self, t: Any, state: Named, environment: Named, params: Any) -> dict[str, Any]:
        """Fold change of mRNA, shape (gene, z)."""
        return {"mrna": state.mrna}

    def derived(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Nothing."""
        return {}

    def tendency(
        self, t: Any, state: Named, ports: Named, params: Any, grids: Any
    ) -> dict[str, Any]:
        """Transcription against turnover."""
        activity = ports.pathway_activity
        weight = params.late_weight[:, None]
        late = weight * state.slow_factor[PATHWAY_OF_GENE]
        drive = (activity[PATHWAY_OF_GENE] + late) / (1.0 + weight)
        power = params.power[:, None]
        raised = (jnp.maximum(drive, 0.0) + _SMALLEST) ** power - _SMALLEST**power  # zero at rest
        half = params.half[:, None] ** power
        effect = params.gain[:, None] * (1.0 + half) * raised / (half + raised)
        target = jnp.where(IS_INDUCED[:, None], 1.0 + effect, 1.0 / (1.0 + effect))
        return {
            "mrna": params.turnover_rate[:, None] * (target - state.mrna),
            "slow_factor": params.late_rate[:, None] * (activity - state.slow_factor),
        }
