"""Cells in medium: the signalling of the coupled model without depth, with gene expression."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float

from .modelling.model import SkinModel
from .modelling.parameters import AbstractParameters, parameter
from .modelling.ports import EPIDERMIS, Named, observable
from .modelling.species import PATHWAYS
from .modelling.submodel import AbstractReadout
from .modelling.units import UnitSystem
from .settings.environment import ENVIRONMENT
from .submodels.calcium_switch import SWITCHED, CalciumSwitch
from .submodels.exposure import Exposure
from .submodels.expression import GENES, Expression
from .submodels.medium import Medium
from .submodels.signalling import DynamicSignalling

Pathways = Float[Array, "pathway"]


class CultureReadoutParameters(AbstractParameters):
    """Scales of an imaging assay of nuclear phosphoprotein, one pair per stain."""

    background: Pathways = parameter(
        (60.0, 60.0, 62.0, 60.0),
        "dimensionless",
        "Fluorescence of unstimulated cells [MFI]; STAT1 from ten donors, the others assumed",
        source="zimenko2026",
        evidence="fitted",
        bounds=(1.0, 1e4),
        labels=PATHWAYS,
        prior_sd=0.3,
        scope="study",
    )
    scale: Pathways = parameter(
        (160.0, 160.0, 160.0, 160.0),
        "dimensionless",
        "Fluorescence gained at full activity [MFI]; STAT1 from ten donors, the others assumed",
        source="zimenko2026",
        evidence="fitted",
        bounds=(1.0, 1e5),
        labels=PATHWAYS,
        prior_sd=0.5,
        scope="study",
    )


class CultureReadout(AbstractReadout):
    """What imaging and PCR read from cells in a dish.

    MFI = background + scale · activity;  mRNA as fold change over unstimulated cells in little
    calcium; a gene of both lists has the product of what signalling and calcium do. The noise
    sizes are the scatter of replicates: 15 % of a fluorescence, a factor of 1.8 of an mRNA.
    """

    name = "culture"
    Parameters = CultureReadoutParameters
    observables = (
        *(
            observable(
                f"{name}_MFI",
                "dimensionless",
                f"Nuclear {name} fluorescence",
                noise_size=0.15,
                source="zimenko2026",
            )
            for name in PATHWAYS
        ),
        *(
            observable(
                f"activity_{name}", "dimensionless", f"{name}, active fraction", noise_size=0.15
            )
            for name in PATHWAYS
        ),
        *(
            observable(
                f"mRNA_{name}",
                "dimensionless",
                f"{name} mRNA over unstimulated",
                noise_size=0.58,
                source="zimenko2026",
            )
            for name in GENES
        ),
        *(
            observable(
                f"mRNA_{name}",
                "dimensionless",
                f"{name} mRNA over cells in little calcium",
                noise_size=0.58,
                source="toufighi2015",
            )
            for name in SWITCHED
            if name not in GENES
        ),
        observable(
            "differentiation_complex",
            "dimensionless",
            "Differentiation transcripts of the published calcium switch",
            source="toufighi2015",
        ),
    )

    def observe(self, states: Any, ports: Named, params: Any, grids: Any) -> dict[str, Any]:
        """See `observables`."""
        widths = grids[EPIDERMIS].widths
        activity = jnp.sum(ports.pathway_activity * widths, axis=-1)
        mrna = jnp.sum(ports.mrna * widths, axis=-1)
        values: dict[str, Any] = {}
        for i, name in enumerate(PATHWAYS):
            values[f"{name}_MFI"] = params.background[i] + params.scale[i] * activity[i]
            values[f"activity_{name}"] = activity[i]
        for i, name in enumerate(GENES):
            values[f"mRNA_{name}"] = mrna[i]
        for i, name in enumerate(SWITCHED):
            values[f"mRNA_{name}"] = values.get(f"mRNA_{name}", 1.0) * ports.switched_mrna[i]
        values["differentiation_complex"] = ports.differentiation_complex
        return values


def culture_model(*, system: UnitSystem | None = None) -> SkinModel:
    """Keratinocytes in a dish: medium, drugs, dynamic signalling, genes, calcium switch.

    Signalling and its parameters are those of `skin_model`, so what a culture teaches about a
    donor (`signalling.*`) carries over to chip and patient unchanged. Use it with the setting
    `culture()`; cytokines enter by `inlet_cytokines`, free drug by `medium_drug`. Without a given
    start, a simulation begins at the steady state of the first medium: to follow a stimulation,
    start in plain medium and add the cytokine with a `Change` at a later time. `medium_calcium` is
    that of dividing cells, 0.05 mmol/L, unless a `Change` raises it.

    Args:
        system: Internal unit system.
    """
    return SkinModel(
        (Exposure(), Medium(), DynamicSignalling(), Expression(), CalciumSwitch()),
        ENVIRONMENT,
        (CultureReadout(),),
        corneum_cells=1,
        epidermis_cells=1,
        system=system,
    )
