"""The table of every parameter: `python -m skinmech.parameter_table > parameters.md`."""

from collections import Counter

from .modelling.citations import NOT_REFERENCES, references
from .modelling.parameters import ParameterSpec, specifications


def table(specs: dict[str, ParameterSpec]) -> str:
    """Every parameter with value, unit, prior, evidence and source, as Markdown."""
    known = references()
    count = Counter(spec.evidence for spec in specs.values())
    lines = [
        "# Parameters",
        "",
        ", ".join(f"{number} {name}" for name, number in count.most_common()),
        "",
        "| parameter | value | unit | prior sd | bounds | scope | evidence | source | meaning |",
        "|---|--:|---|--:|---|---|---|---|---|",
    ]
    for path, spec in specs.items():
        low, high = spec.bounds
        lines.append(
            f"| `{path}` | {spec.value:.4g} | {spec.unit} | {spec.prior.sd:.3g} "
            f"({'log' if spec.transform == 'log' else 'unit'}) | {low:g} to {high:g} | "
            f"{spec.scope} | {spec.evidence} | {spec.source} | {spec.description} |"
        )
    lines += ["", "## Sources", ""]
    used = {spec.source for spec in specs.values()} - set(NOT_REFERENCES)
    lines += [f"- `{key}`: {known[key]}" for key in sorted(used)]
    return "\n".join(lines)


def beside_the_model() -> dict[str, ParameterSpec]:
    """Parameters that `skin_model` does not hold: culture, lesion plane, laser, optics."""
    from .culture_model import culture_model
    from .lesion_plane import LaserParameters, LesionParameters
    from .observables.optics import OpticsParameters
    from .skin import skin_model

    shared = skin_model().specifications()
    culture = culture_model().specifications()
    return (
        {path: spec for path, spec in culture.items() if path not in shared}
        | specifications("lesion_plane", LesionParameters)
        | specifications("laser", LaserParameters)
        | specifications("optics", OpticsParameters)
    )


if __name__ == "__main__":
    from .skin import skin_model

    print(table(skin_model().specifications() | beside_the_model()))
