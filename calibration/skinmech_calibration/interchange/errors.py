"""The errors of interchange, and the optional packages it needs."""

import importlib
from collections.abc import Iterable
from types import ModuleType


class InterchangeError(ValueError):
    """A file is unreadable, contradicts itself or asks for more than is supported.

    Every problem is listed, one a line.
    """


class UnsupportedError(InterchangeError):
    """A file is valid but uses features that are not supported; each is named with its place."""


class SimulationFailure(RuntimeError):
    """A simulation ended without a result; the message names where, when and why."""


def refuse(
    problems: Iterable[str], heading: str, kind: type[ValueError] = InterchangeError
) -> None:
    """Raise one error with every problem, or do nothing where there is none.

    Raises:
        InterchangeError: if there is a problem.
    """
    found = list(dict.fromkeys(problems))
    if found:
        raise kind("\n".join([heading, *(f"- {line}" for line in found)]))


def require(module: str) -> ModuleType:
    """Import a package of the extra `petab`.

    Raises:
        ImportError: it is not installed; the message names the extra.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"Reading SBML and PEtab needs the package behind '{module}', which is not installed. "
            'Install the extra: pip install "skinmech[petab]"'
        ) from error
