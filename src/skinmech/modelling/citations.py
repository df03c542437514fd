"""The literature behind the parameters: keys of `references.bib` and what they stand for."""

import re
from importlib.resources import files

NOT_REFERENCES = ("assumed", "definition")


def references() -> dict[str, str]:
    """Every entry of `references.bib`: key to a one-line description."""
    text = files("skinmech.modelling").joinpath("references.bib").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for match in re.finditer(r"^@\w+\{(\w+),(.*)\}$", text, flags=re.MULTILINE):
        fields = dict(re.findall(r"(\w+)=\{([^{}]*)\}", match.group(2)))
        parts = (
            fields.get(name) for name in ("author", "title", "journal", "howpublished", "year")
        )
        found[match.group(1)] = ". ".join(part for part in parts if part)
    return found


def cite(source: str) -> str:
    """What a parameter's source key stands for; the key itself where it is no reference.

    Raises:
        KeyError: a key that `references.bib` does not hold.
    """
    return source if source in NOT_REFERENCES else references()[source]
