"""The standard stiff problem as SBML: each field of each node a species with one reaction."""

import re

from .problems import ad_skin_source


def ad_skin_sbml(num_nodes: int) -> tuple[str, list[str]]:
    """SBML text, and the names of the states in the order of the flat state.

    Args:
        num_nodes: Tissue nodes and the reservoir.

    Raises:
        RuntimeError: a formula was not understood.
    """
    import libsbml

    source = ad_skin_source()
    lo, di, up, src, dx = source.coeffs(num_nodes)
    fields, num_tissue = source.FIELDS, num_nodes - 1
    known = {**source.CONST, **source.PAR, "dx": dx}
    document = libsbml.SBMLDocument(3, 1)
    model = document.createModel()
    compartment = model.createCompartment()
    compartment.setId("tissue")
    compartment.setConstant(True)
    compartment.setSize(1.0)
    compartment.setSpatialDimensions(3)
    names = [f"{f}_{i}" for i in range(num_nodes) for f in fields]
    known_names = set(names)
    for name, value in zip(names, source.y0(num_nodes).ravel(), strict=True):
        species = model.createSpecies()
        species.setId(name)
        species.setCompartment("tissue")
        species.setInitialConcentration(float(value))
        species.setConstant(False)
        species.setBoundaryCondition(False)
        species.setHasOnlySubstanceUnits(False)

    def at(text: str, node: int) -> str:
        """A formula with numbers for constants, fluxes in place, and states of a node."""
        for name, flux in source.AUX:
            text = re.sub(rf"\b{name}\b", f"({flux})", text)

        def word(match: re.Match[str]) -> str:
            name = match[0]
            if name in known:
                return repr(float(known[name]))
            return f"{name}_{node}" if name in fields else name

        return re.sub(r"[A-Za-z_]\w*", word, text)

    def reaction(name: str, text: str) -> None:
        tree = libsbml.parseL3Formula(text)
        if tree is None:
            raise RuntimeError(
                f"Unable to read the rate of {name}: {libsbml.getLastParseL3Error()}"
            )
        made = model.createReaction()
        made.setId(f"rate_of_{name}")
        made.setReversible(False)
        made.setFast(False)
        product = made.createProduct()
        product.setSpecies(name)
        product.setStoichiometry(1.0)
        product.setConstant(True)
        used = set(re.findall(r"[A-Za-z_]\w*", text)) & known_names - {name}
        for other in sorted(used):
            modifier = made.createModifier()
            modifier.setSpecies(other)
        made.createKineticLaw().setMath(tree)

    for i in range(num_tissue):
        for f, name in enumerate(fields):
            terms = [f"({at(source.REACT[name], i)})"]
            for table, node in ((lo, i - 1), (di, i), (up, i + 1)):
                if table[i, f] and 0 <= node < num_tissue:
                    terms.append(f"({float(table[i, f])!r}) * {name}_{node}")
            if src[i, f]:
                terms.append(f"({float(src[i, f])!r})")
            if i == 0 and name in source.TOP:
                terms.append(f"({at(source.TOP[name], i)})")
            if i == num_tissue - 1 and name == "Dg":
                exchange = float(source.PAR["kperm"]) / dx
                terms.append(f"({exchange!r}) * (Dg_{num_tissue} - Dg_{i})")
            reaction(f"{name}_{i}", " + ".join(terms))
    for name in fields:
        text = source.RES.get(name)
        reaction(f"{name}_{num_tissue}", at(text, num_tissue) if text else "0")
    return libsbml.writeSBMLToString(document), names
