"""A drug as data: what it binds, how tightly, how it moves through the body, how it is given.

No drug carries an efficacy. Its effect follows from its exposure (pharmacokinetics, skin
partition), its targets and its affinities. Drugs are small TOML files, shipped in `catalogue/` or
written by the user; see `library.load_drug`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .errors import RegimenError
from .quantity import Quantity
from .regimen import Regimen
from .regimen_text import parse_regimen

KINDS = ("antibody", "small_molecule", "topical", "phototherapy", "emollient")
ROUTES = ("subcutaneous", "intravenous", "oral", "topical", "light")
KINASES = ("JAK1", "JAK2", "JAK3", "TYK2")
DOSE_UNITS: dict[str, tuple[str, ...]] = {
    "antibody": ("mg", "mg/kg"),
    "small_molecule": ("mg", "mg/kg"),
    "topical": ("mg/cm2",),
    "emollient": ("mg/cm2",),
    "phototherapy": ("J/cm2",),
}
"""Units of a dose by kind of drug; per cm2 means topical product."""
TARGETS = (
    "IL-4Ra",
    "IL-13",
    "IL-31RA",
    "IL-17A",
    "IL-23p19",
    "IL-12/23p40",
    "TNF",
    "IL-22",
    "TSLP",
    "OX40",
    "IL-17RA",
    "IL-36R",
    "IFNg",
    "IL-4",
    "IL-17F",
    "PDE4",
    "calcineurin",
    "folate cycle",
)
"""What a drug may bind: ligands by their own name, receptors by the receptor's, and enzymes inside
cells that are no kinases of `KINASES` (their affinity is the IC50 in cells)."""


@dataclass(frozen=True)
class WeightScaling:
    """Allometric scaling of pharmacokinetics, P(W) = P · (W / reference)^exponent.

    Attributes:
        reference: Body weight [kg] that the parameters hold for.
        exponents: Exponent by parameter name.
    """

    reference: Quantity
    exponents: Mapping[str, Quantity]


@dataclass(frozen=True)
class DoseScaling:
    """Dose-dependent clearance, CL(A) = CL · (A / reference)^exponent with A the absorbed dose.

    Attributes:
        reference: Absorbed dose [mg] at which the clearance holds.
        exponent: Power.
    """

    reference: Quantity
    exponent: Quantity


@dataclass(frozen=True)
class Pharmacokinetics:
    """Published pharmacokinetic parameters, as published.

    Attributes:
        model: One of the names in `reader.PK_MODELS`.
        parameters: Quantities by parameter name.
        weight: Allometric scaling, where published.
        dose: Dose-dependent clearance, where published.
        note: How the published model was reduced to this one.
    """

    model: str
    parameters: Mapping[str, Quantity]
    weight: WeightScaling | None = None
    dose: DoseScaling | None = None
    note: str = ""

    def magnitude(self, name: str, default: float = 0.0) -> float:
        """Value of a parameter in the first unit of its dimension; `default` where absent."""
        quantity = self.parameters.get(name)
        return default if quantity is None else quantity.magnitude


@dataclass(frozen=True)
class TargetBinding:
    """Binding of an antibody to one target.

    Attributes:
        target: One of `TARGETS`.
        affinity: Equilibrium dissociation constant [nM].
        decoy_competent: Fraction of bound ligand that its decoy receptor still clears (1: all).
    """

    target: str
    affinity: Quantity
    decoy_competent: Quantity | None = None


@dataclass(frozen=True)
class LabelRegimen:
    """How a label says the drug is given.

    Attributes:
        indication: For example `"atopic dermatitis"`.
        regimen: The regimen.
        source: Key of the references.
        evidence: One of `quantity.EVIDENCE`.
        note: Free text.
    """

    indication: str
    regimen: Regimen
    source: str
    evidence: str
    note: str = ""


@dataclass(frozen=True)
class Drug:
    """A therapy, loaded from its TOML file by `library.load_drug`.

    Attributes:
        name: Name.
        kind: One of `KINDS`.
        route: One of `ROUTES`.
        aliases: Other names.
        molecular_weight: [g/mol], or `None` for light and emollients.
        pharmacokinetics: Parameters, or `None` for light.
        targets: Antibody targets.
        kinases: IC50 by kinase [nM].
        pseudokinases: Dissociation constant at the regulatory JH2 domain by kinase, in cells [nM].
        fraction_unbound: Fraction not bound to protein in plasma (in skin for a topical).
        skin_partition: Skin over plasma concentration at equilibrium.
        glucocorticoid_affinity: Dissociation constant at the glucocorticoid receptor [nM].
        strength: Drug mass per product mass of a topical.
        permeation: Of a topical: `log_octanol_water`, `water_solubility` and, where measured,
            `permeability` of healthy stratum corneum from water.
        emollient: `lipid_fraction`, `occlusion_maximum`, `occlusion_half_amount`.
        wavelength: Of the light [nm].
        regimens: Label regimens.
        references: Citation by source key.
        path: File it was read from.
    """

    name: str
    kind: str
    route: str
    path: str
    aliases: tuple[str, ...] = ()
    molecular_weight: Quantity | None = None
    pharmacokinetics: Pharmacokinetics | None = None
    targets: tuple[TargetBinding, ...] = ()
    kinases: Mapping[str, Quantity] = field(default_factory=dict)
    pseudokinases: Mapping[str, Quantity] = field(default_factory=dict)
    fraction_unbound: Quantity | None = None
    skin_partition: Quantity | None = None
    glucocorticoid_affinity: Quantity | None = None
    strength: Quantity | None = None
    permeation: Mapping[str, Quantity] = field(default_factory=dict)
    emollient: Mapping[str, Quantity] = field(default_factory=dict)
    wavelength: Quantity | None = None
    regimens: tuple[LabelRegimen, ...] = ()
    references: Mapping[str, str] = field(default_factory=dict)

    def regimen(self, text_or_indication: str | None = None) -> Regimen:
        """The label regimen of an indication, or a regimen read from words.

        Args:
            text_or_indication: For example `"psoriasis"` or `"300 mg q4w"`; `None` for the first
                label regimen of the file.

        Raises:
            RegimenError: Neither an indication of this drug nor a regimen that can be read.
        """
        known = [label.indication for label in self.regimens]
        if text_or_indication is None:
            if not self.regimens:
                raise RegimenError(f"'{self.name}' has no label regimen. Give one, e.g. '1 mg qd'.")
            return self.regimens[0].regimen
        for label in self.regimens:
            if plain_name(label.indication) == plain_name(text_or_indication):
                return label.regimen
        if not any(character.isdigit() for character in text_or_indication):
            raise RegimenError(
                f"Unable to find a label regimen of '{self.name}' for '{text_or_indication}'. "
                f"Indications: {', '.join(known) or 'none'}. Or give the regimen itself."
            )
        return parse_regimen(text_or_indication)

    def quantities(self) -> dict[str, Quantity]:
        """Every sourced number of this drug by dotted key."""
        found: dict[str, Quantity | None] = {
            "molecular_weight": self.molecular_weight,
            "fraction_unbound": self.fraction_unbound,
            "skin_partition": self.skin_partition,
            "glucocorticoid_affinity": self.glucocorticoid_affinity,
            "strength": self.strength,
            "wavelength": self.wavelength,
        }
        found |= {f"kinases.{name}": value for name, value in self.kinases.items()}
        found |= {f"pseudokinases.{name}": value for name, value in self.pseudokinases.items()}
        found |= {f"permeation.{name}": value for name, value in self.permeation.items()}
        found |= {f"emollient.{name}": value for name, value in self.emollient.items()}
        for binding in self.targets:
            found[f"targets.{binding.target}.affinity"] = binding.affinity
            found[f"targets.{binding.target}.decoy_competent"] = binding.decoy_competent
        pk = self.pharmacokinetics
        if pk is not None:
            found |= {f"pk.{name}": value for name, value in pk.parameters.items()}
            if pk.weight is not None:
                found["pk.weight.reference"] = pk.weight.reference
                found |= {f"pk.weight.{name}": value for name, value in pk.weight.exponents.items()}
            if pk.dose is not None:
                found["pk.dose.reference"] = pk.dose.reference
                found["pk.dose.exponent"] = pk.dose.exponent
        return {key: value for key, value in found.items() if value is not None}


def plain_name(name: str) -> str:
    """Name in lower case without spaces, hyphens or other marks, as names are compared."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
