"""Nearest names, for errors."""

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint such as `" Nearest: tewl, teer."`, or nothing where no name is near."""
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.4)
    return f" Nearest: {', '.join(near)}." if near else ""
