"""Reading a drug file: TOML to `Drug`, with every problem found before any is reported."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from .drug import (
    DOSE_UNITS,
    KINASES,
    KINDS,
    ROUTES,
    TARGETS,
    DoseScaling,
    Drug,
    LabelRegimen,
    Pharmacokinetics,
    TargetBinding,
    WeightScaling,
)
from .errors import DrugFileError, Problem, RegimenError
from .quantity import EVIDENCE, Quantity
from .regimen_text import parse_regimen
from .table import Table

_BODY = {
    "absorption_rate": ("rate",),
    "bioavailability": ("fraction",),
    "central_volume": ("volume",),
}
_SATURABLE = {
    "maximum_elimination": ("elimination", "amount elimination"),
    "michaelis_constant": ("mass concentration",),
}
PK_MODELS: dict[str, tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]] = {
    "one-compartment": (_BODY | {"clearance": ("clearance",)}, _SATURABLE),
    "two-compartment": (
        _BODY
        | {
            "clearance": ("clearance",),
            "intercompartmental_clearance": ("clearance",),
            "peripheral_volume": ("volume",),
        },
        _SATURABLE,
    ),
    "two-compartment rates": (
        _BODY
        | {
            "elimination_rate": ("rate",),
            "central_to_peripheral_rate": ("rate",),
            "peripheral_to_central_volume_ratio": ("number",),
        },
        _SATURABLE,
    ),
    "topical": (
        {
            "removal_rate": ("rate",),
            "central_volume": ("areal volume",),
            "blood_flow": ("areal clearance",),
        },
        {},
    ),
    "surface film": ({"absorption_rate": ("rate",), "bioavailability": ("fraction",)}, {}),
}
"""Pharmacokinetic models: required and optional parameters, each with its dimensions."""

_MODELS_OF_KIND = {
    "antibody": ("one-compartment", "two-compartment", "two-compartment rates"),
    "small_molecule": ("one-compartment", "two-compartment", "two-compartment rates"),
    "topical": ("topical",),
    "emollient": ("surface film",),
}
_ROUTES_OF_KIND = {
    "antibody": ("subcutaneous", "intravenous"),
    "small_molecule": ("oral", "intravenous", "subcutaneous"),
    "topical": ("topical",),
    "emollient": ("topical",),
    "phototherapy": ("light",),
}
_PERMEATION = {
    "log_octanol_water": ("number",),
    "water_solubility": ("mass concentration",),
}
_EMOLLIENT = {
    "lipid_fraction": ("fraction",),
    "occlusion_maximum": ("fraction",),
    "occlusion_half_amount": ("area density",),
}


def read_drug(path: Path) -> Drug:
    """Read and check one drug file.

    Args:
        path: TOML file.

    Returns:
        The drug.

    Raises:
        DrugFileError: The file is no TOML, or has problems; all of them are listed.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fix = "Mend the syntax there; strings need quotes and tables look like [pk.parameters]."
        problem = Problem("syntax", f"'{error}'", "a TOML file in UTF-8", fix)
        raise DrugFileError(str(path), [problem]) from error
    problems: list[Problem] = []
    drug = _drug(Table(content, "", problems, _references(content, problems)), path)
    if problems or drug is None:
        raise DrugFileError(str(path), problems)
    return drug


def _references(content: Mapping, problems: list[Problem]) -> dict[str, str]:
    references = content.get("references", {})
    valid = isinstance(references, Mapping) and all(isinstance(v, str) for v in references.values())
    if not valid:
        fix = 'Write [references] and below it lines such as smith2020 = "Smith A. 2020, …".'
        problems.append(Problem("references", f"'{references}'", "citations by key", fix))
        return {}
    return dict(references)


def _drug(table: Table, path: Path) -> Drug | None:
    count = len(table.problems)
    table.used.add("references")
    name = table.text("name")
    kind = table.text("kind", KINDS)
    route = table.text("route", _ROUTES_OF_KIND.get(kind, ROUTES))
    aliases = table.content.get("aliases", [])
    table.used.add("aliases")
    if not isinstance(aliases, list) or not all(isinstance(alias, str) for alias in aliases):
        table.problem("aliases", aliases, "a list of texts", 'Write aliases = ["…"].')
        aliases = []
    is_molecule = kind in ("antibody", "small_molecule", "topical")
    weight = table.quantity("molecular_weight", ("molar mass",), required=is_molecule)
    skin = table.table("skin", required=is_molecule, why=" with fraction_unbound and partition")
    unbound = partition = None
    if skin is not None:
        unbound = skin.quantity("fraction_unbound", ("fraction",), required=kind != "antibody")
        partition = skin.quantity("partition", ("number",), required=kind != "topical")
        skin.finish()
    targets = _targets(table)
    kinases = _named(table, "kinases", dict.fromkeys(KINASES, ("concentration",)))
    pseudokinases = _pseudokinases(table)
    receptor = table.table("glucocorticoid_receptor")
    steroid = None
    if receptor is not None:
        steroid = receptor.quantity("affinity", ("concentration",))
        receptor.finish()
    if kind == "antibody" and not targets:
        table.problem("targets", None, "at least one [[targets]]", "Add target and affinity.")
    bound = targets or kinases or pseudokinases or steroid
    if kind in ("small_molecule", "topical") and not bound:
        fix = "Add the IC50 of all four kinases, or the receptor's affinity."
        expected = "[kinases], [pseudokinases], [glucocorticoid_receptor] or [[targets]]"
        table.problem("kinases", None, expected, fix)
    strength = table.quantity("strength", ("fraction",), required=kind == "topical")
    permeation = _permeation(table, kind)
    emollient = _named(table, "emollient", _EMOLLIENT, required=kind == "emollient")
    wavelength = table.quantity("wavelength", ("wavelength",), required=kind == "phototherapy")
    pk = _pharmacokinetics(table, kind)
    regimens = _regimens(table, kind)
    table.finish()
    if len(table.problems) > count:
        return None
    return Drug(
        name=name,
        kind=kind,
        route=route,
        path=str(path),
        aliases=tuple(aliases),
        molecular_weight=weight,
        pharmacokinetics=pk,
        targets=targets,
        kinases=kinases,
        pseudokinases=pseudokinases,
        fraction_unbound=unbound,
        skin_partition=partition,
        glucocorticoid_affinity=steroid,
        strength=strength,
        permeation=permeation,
        emollient=emollient,
        wavelength=wavelength,
        regimens=regimens,
        references=table.sources,
    )


def _named(
    table: Table, key: str, dimensions: Mapping[str, Sequence[str]], required: bool = False
) -> dict[str, Quantity]:
    inner = table.table(key, required=required, why=f" with {', '.join(dimensions)}")
    if inner is None:
        return {}
    found = {name: inner.quantity(name, dims) for name, dims in dimensions.items()}
    inner.finish()
    return {name: quantity for name, quantity in found.items() if quantity is not None}


def _pseudokinases(table: Table) -> dict[str, Quantity]:
    inner = table.table("pseudokinases")
    if inner is None:
        return {}
    found = {k: inner.quantity(k, ("concentration",), required=False) for k in KINASES}
    inner.finish()
    return {name: quantity for name, quantity in found.items() if quantity is not None}


def _permeation(table: Table, kind: str) -> dict[str, Quantity]:
    why = f" with {', '.join(_PERMEATION)}"
    inner = table.table("permeation", required=kind == "topical", why=why)
    if inner is None:
        return {}
    found = {name: inner.quantity(name, dims) for name, dims in _PERMEATION.items()}
    found["permeability"] = inner.quantity("permeability", ("permeability",), required=False)
    inner.finish()
    return {name: quantity for name, quantity in found.items() if quantity is not None}


def _targets(table: Table) -> tuple[TargetBinding, ...]:
    bindings: list[TargetBinding] = []
    for entry in table.tables("targets"):
        target = entry.text("target", TARGETS)
        affinity = entry.quantity("affinity", ("concentration",))
        # IL-13 is the ligand whose decoy receptor decides between epitopes.
        decoy = entry.quantity("decoy_competent", ("fraction",), required=target == "IL-13")
        entry.finish()
        if affinity is not None:
            bindings.append(TargetBinding(target, affinity, decoy))
    names = [binding.target for binding in bindings]
    if len(set(names)) < len(names):
        table.problem("targets", names, "each target once", "Merge the entries of one target.")
    return tuple(bindings)


def _pharmacokinetics(table: Table, kind: str) -> Pharmacokinetics | None:
    if kind == "phototherapy":
        return None
    pk = table.table("pk", required=True, why=" with model and parameters")
    if pk is None:
        return None
    model = pk.text("model", _MODELS_OF_KIND.get(kind, tuple(PK_MODELS)))
    note = pk.text("note", default="")
    inner = pk.table("parameters", required=True)
    weight_table, dose_table = pk.table("weight"), pk.table("dose")
    pk.finish()
    if inner is None or model not in PK_MODELS:
        return None
    required, optional = PK_MODELS[model]
    found = {name: inner.quantity(name, dims) for name, dims in required.items()}
    found |= {name: inner.quantity(name, dims, False) for name, dims in optional.items()}
    inner.finish()
    if (found.get("maximum_elimination") is None) != (found.get("michaelis_constant") is None):
        expected = "maximum_elimination and michaelis_constant together"
        inner.problem("michaelis_constant", "one of the two", expected, "Add the other one.")
    weight = dose = None
    if weight_table is not None:
        reference = weight_table.quantity("reference", ("mass",))
        names = [name for name in (*required, *optional) if name != "bioavailability"]
        exponents = {n: weight_table.quantity(n, ("number",), required=False) for n in names}
        weight_table.finish()
        known = {name: value for name, value in exponents.items() if value is not None}
        weight = None if reference is None else WeightScaling(reference, known)
    if dose_table is not None:
        amount = dose_table.quantity("reference", ("amount",))
        power = dose_table.quantity("exponent", ("number",))
        dose_table.finish()
        dose = None if amount is None or power is None else DoseScaling(amount, power)
    parameters = {name: value for name, value in found.items() if value is not None}
    return Pharmacokinetics(model, parameters, weight, dose, note)


def _regimens(table: Table, kind: str) -> tuple[LabelRegimen, ...]:
    regimens: list[LabelRegimen] = []
    for entry in table.tables("regimens"):
        indication = entry.text("indication")
        text = entry.text("text")
        source, evidence = entry.source(), entry.text("evidence", EVIDENCE)
        note = entry.text("note", default="")
        entry.finish()
        try:
            regimen = parse_regimen(text) if text else None
        except RegimenError as error:
            entry.problem("text", text, "a regimen as on a label", str(error))
            continue
        units = DOSE_UNITS.get(kind)
        if regimen is not None and units is not None and regimen.unit not in units:
            fix = f"Give the dose of a {kind} in {' or '.join(units)}."
            entry.problem("text", text, f"a dose in {' or '.join(units)}", fix)
        if regimen is not None:
            regimens.append(LabelRegimen(indication, regimen, source, evidence, note))
    return tuple(regimens)
