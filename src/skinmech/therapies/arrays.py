"""Drugs as arrays over a fixed number of slots, so that one compiled program serves every drug."""

from __future__ import annotations

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .drug import KINASES, TARGETS, Drug
from .pharmacokinetics import PKParameters, empty_parameters, pk_parameters


class DrugArrays(eqx.Module):
    """What the model needs to know of the drugs in its slots; all leaves float64.

    An empty slot is neutral: its effects are exactly one and its derivatives finite.

    Attributes:
        pk: Pharmacokinetic parameters, each of shape (slots,).
        skin_partition: Skin over plasma concentration [1]; 1 for a topical, 0 for no molecule.
        fraction_unbound: Unbound fraction [1].
        inverse_affinity: 1/K_D by target in the order of `TARGETS` [1/nM]; 0 where not bound.
        decoy_competent: Fraction of bound ligand that its decoy receptor still clears [1].
        inverse_ic50: 1/IC50 by kinase in the order of `KINASES` [1/nM]; 0 where not inhibited.
        inverse_pseudokinase: 1/K_d at the JH2 domain by kinase [1/nM]; 0 where not bound.
        glucocorticoid_affinity: 1/K_d at the glucocorticoid receptor [1/nM].
        lipid_fraction: Lipid mass per product mass of an emollient [1].
        occlusion_maximum: Largest fraction of water loss that a film holds back [1].
        occlusion_half_amount: Film at half of it [g/m²].
    """

    pk: PKParameters
    skin_partition: Float[Array, " slots"]
    fraction_unbound: Float[Array, " slots"]
    inverse_affinity: Float[Array, "slots targets"]
    decoy_competent: Float[Array, "slots targets"]
    inverse_ic50: Float[Array, "slots kinases"]
    inverse_pseudokinase: Float[Array, "slots kinases"]
    glucocorticoid_affinity: Float[Array, " slots"]
    lipid_fraction: Float[Array, " slots"]
    occlusion_maximum: Float[Array, " slots"]
    occlusion_half_amount: Float[Array, " slots"]


def drug_arrays(
    drugs: Sequence[Drug | None], slots: int, doses: Sequence[float | None] | None = None
) -> DrugArrays:
    """Fill slots with drugs, in order; the rest stays empty.

    Light occupies an empty slot, so that slot and position agree; its exposures are events of
    `dosing`, in J/cm2, for the optical part of the model.

    Args:
        drugs: Drugs, or `None` for an empty slot.
        slots: Number of slots of the model.
        doses: Single doses [mg] where a clearance depends on them; label doses by default.

    Returns:
        Arrays with leading axis `slots`.

    Raises:
        ValueError: More drugs than slots, or doses that do not match the drugs.
    """
    if len(drugs) > slots:
        names = ", ".join(drug.name for drug in drugs if drug is not None)
        raise ValueError(
            f"Expected at most {slots} drugs, got {len(drugs)} ({names}). "
            "Build the model with more drug slots."
        )
    if doses is not None and len(doses) != len(drugs):
        raise ValueError(f"Expected {len(drugs)} doses, one per drug, got {len(doses)}.")
    doses = [None] * len(drugs) if doses is None else doses
    filled = [_slot(drug, dose) for drug, dose in zip(drugs, doses, strict=True)]
    empty = [_slot(None, None)] * (slots - len(drugs))
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *filled, *empty)


def _slot(drug: Drug | None, dose: float | None) -> DrugArrays:
    """One slot: the same arrays without the leading axis."""
    affinity, decoy = np.zeros(len(TARGETS)), np.ones(len(TARGETS))
    kinases, allosteric = np.zeros(len(KINASES)), np.zeros(len(KINASES))
    pk = empty_parameters()
    partition, unbound, steroid = 0.0, 1.0, 0.0
    lipid, occlusion, half = 0.0, 0.0, 1.0
    if drug is not None:
        pk = pk_parameters(drug, dose)
        for binding in drug.targets:
            index = TARGETS.index(binding.target)
            affinity[index] = 1.0 / binding.affinity.magnitude
            if binding.decoy_competent is not None:
                decoy[index] = binding.decoy_competent.magnitude
        for index, kinase in enumerate(KINASES):
            if kinase in drug.kinases:
                kinases[index] = 1.0 / drug.kinases[kinase].magnitude
            if kinase in drug.pseudokinases:
                allosteric[index] = 1.0 / drug.pseudokinases[kinase].magnitude
        if drug.molecular_weight is not None:
            partition = 1.0 if drug.skin_partition is None else drug.skin_partition.magnitude
        if drug.fraction_unbound is not None:
            unbound = drug.fraction_unbound.magnitude
        if drug.glucocorticoid_affinity is not None:
            steroid = 1.0 / drug.glucocorticoid_affinity.magnitude
        if drug.emollient:
            lipid = drug.emollient["lipid_fraction"].magnitude
            occlusion = drug.emollient["occlusion_maximum"].magnitude
            half = drug.emollient["occlusion_half_amount"].magnitude
    leaves = (
        *(partition, unbound, affinity, decoy, kinases, allosteric),
        *(steroid, lipid, occlusion, half),
    )
    return DrugArrays(pk, *(jnp.asarray(leaf, dtype=jnp.float64) for leaf in leaves))
