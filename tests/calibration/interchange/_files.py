"""Small SBML and PEtab files written by the tests."""

from pathlib import Path

_MATH = 'xmlns="http://www.w3.org/1998/Math/MathML"'
TIME = '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">t</csymbol>'


def math(formula: str) -> str:
    """MathML of a formula in libsbml's syntax."""
    import libsbml

    node = libsbml.parseL3Formula(formula)
    assert node is not None, libsbml.getLastParseL3Error()
    text = libsbml.writeMathMLToString(node)
    return text.split("?>", 1)[1].strip()


def parameter(name: str, value: float | None = None, *, constant: bool = False) -> str:
    """A parameter."""
    given = "" if value is None else f' value="{value!r}"'
    return f'<parameter id="{name}"{given} constant="{str(constant).lower()}"/>'


def species(
    name: str, *, amount: float | None = None, concentration: float | None = None,
    compartment: str = "cell", is_amount: bool = False, is_boundary: bool = False, more: str = "",
) -> str:  # fmt: skip
    """A species."""
    given = "" if amount is None else f' initialAmount="{amount!r}"'
    given += "" if concentration is None else f' initialConcentration="{concentration!r}"'
    return (
        f'<species id="{name}" compartment="{compartment}"{given} constant="false" '
        f'hasOnlySubstanceUnits="{str(is_amount).lower()}" '
        f'boundaryCondition="{str(is_boundary).lower()}" {more}/>'
    )


def reaction(name: str, rate: str, reactants: str = "", products: str = "", more: str = "") -> str:
    """A reaction; reactants and products as `"2 A, B"`."""

    def references(text: str, kind: str) -> str:
        if not text:
            return ""
        rows = []
        for part in text.split(","):
            count, _, which = part.strip().rpartition(" ")
            rows.append(
                f'<speciesReference species="{which}" stoichiometry="{count or 1}" '
                'constant="true"/>'
            )
        return f"<listOf{kind}>{''.join(rows)}</listOf{kind}>"

    return (
        f'<reaction id="{name}" reversible="false" {more}>{references(reactants, "Reactants")}'
        f"{references(products, 'Products')}<kineticLaw>{math(rate)}</kineticLaw></reaction>"
    )


def rule(kind: str, variable: str, formula: str) -> str:
    """A rule; kind is `assignment`, `rate` or `algebraic`."""
    where = "" if kind == "algebraic" else f' variable="{variable}"'
    return f"<{kind}Rule{where}>{math(formula)}</{kind}Rule>"


def start(variable: str, formula: str) -> str:
    """An initial assignment."""
    return f'<initialAssignment symbol="{variable}">{math(formula)}</initialAssignment>'


def event(
    name: str, trigger: str, assignments: dict[str, str], *, initial: bool = True,
    persistent: bool = True, priority: str = "", at_trigger: bool = True, more: str = "",
) -> str:  # fmt: skip
    """An event."""
    first = f"<priority>{math(priority)}</priority>" if priority else ""
    rows = "".join(
        f'<eventAssignment variable="{v}">{math(f)}</eventAssignment>'
        for v, f in assignments.items()
    )
    return (
        f'<event id="{name}" useValuesFromTriggerTime="{str(at_trigger).lower()}">'
        f'<trigger initialValue="{str(initial).lower()}" persistent="{str(persistent).lower()}">'
        f"{math(trigger)}</trigger>{first}{more}"
        f"<listOfEventAssignments>{rows}</listOfEventAssignments></event>"
    )


_LISTS = {
    "functions": "FunctionDefinitions", "compartments": "Compartments", "species": "Species",
    "parameters": "Parameters", "starts": "InitialAssignments", "rules": "Rules",
    "reactions": "Reactions", "events": "Events",
}  # fmt: skip
CELL = '<compartment id="cell" spatialDimensions="3" size="1" constant="true"/>'


def write_sbml(folder: Path, *, attributes: str = "", **parts: str) -> Path:
    """An SBML Level 3 Version 2 file of the given lists."""
    body = "".join(
        f"<listOf{tag}>{parts[key]}</listOf{tag}>" for key, tag in _LISTS.items() if parts.get(key)
    )
    path = folder / "model.xml"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2">'
        f'<model id="small" {attributes}>{body}</model></sbml>'
    )
    return path


def write_petab(folder: Path, model: Path, **tables: str) -> Path:
    """A PEtab 2 problem; tables as text with commas for tabs."""
    lines = ["format_version: 2.0.0", "model_files:", "  m:", "    language: sbml",
             f"    location: {model.name}"]  # fmt: skip
    for kind in ("parameter", "observable", "measurement", "condition", "experiment", "mapping"):
        text = tables.get(f"{kind}s")
        if text is None:
            lines.append(f"{kind}_files: []")
            continue
        rows = [row.strip().replace(",", "\t") for row in text.strip().splitlines()]
        (folder / f"{kind}s.tsv").write_text("\n".join(rows) + "\n")
        lines += [f"{kind}_files:", f"- {kind}s.tsv"]
    path = folder / "problem.yaml"
    path.write_text("\n".join(lines) + "\n")
    return path
