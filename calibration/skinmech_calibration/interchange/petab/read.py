"""Read a PEtab problem of version 1 or 2 into `Tables`."""

from pathlib import Path
from typing import Any

from ..errors import InterchangeError, UnsupportedError, refuse, require
from ..sbml.read import read_description
from .read_v1 import tables_v1
from .read_v2 import tables_v2
from .tables import Tables


def read_tables(path: str | Path) -> Tables:
    """Read the YAML file of a problem and all that it names.

    Raises:
        InterchangeError: a file is missing, malformed, or contradicts another.
        UnsupportedError: the problem uses what is not supported; every feature is named.
        ImportError: a package of the extra is not installed; the message names the extra.
    """
    loader = require("petab.v1.yaml")
    path = Path(path)
    try:
        config = loader.load_yaml(str(path))
    except (OSError, ValueError, TypeError, require("yaml").YAMLError) as error:
        raise InterchangeError(f"Unable to read {path.name}: {error}") from error
    if not isinstance(config, dict) or "format_version" not in config:
        raise InterchangeError(f"{path.name} has no format_version, so is no PEtab problem.")
    version = str(config["format_version"]).split(".")[0]
    readers = {"1": (_one_v1, tables_v1), "2": (_one_v2, tables_v2)}
    if version not in readers:
        raise UnsupportedError(
            f"{path.name} is of PEtab version {config['format_version']}; 1 and 2 are supported."
        )
    select, read = readers[version]
    location = select(config, path.name)
    try:
        return read(path, config, read_description(path.parent / location))
    except InterchangeError:
        raise
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise InterchangeError(f"{path.name} or a table that it names: {error}") from error


def _one_v1(config: dict[str, Any], name: str) -> str:
    """The one SBML file of a version 1 problem."""
    problems = config.get("problems") or []
    models = [file for one in problems for file in one.get("sbml_files") or []]
    refuse(
        [
            *(["several problems in one file"] if len(problems) > 1 else []),
            *(["several models in one problem"] if len(models) > 1 and len(problems) == 1 else []),
            *(["models other than SBML"] if not models else []),
        ],
        f"{name} uses what is not supported:",
        UnsupportedError,
    )
    return models[0]


def _one_v2(config: dict[str, Any], name: str) -> str:
    """The one SBML file of a version 2 problem."""
    models = config.get("model_files") or {}
    languages = {str(one.get("language")) for one in models.values()} - {"sbml"}
    extensions = config.get("extensions") or {}
    required = [
        key
        for key, value in extensions.items()
        if not isinstance(value, dict) or value.get("required", True)
    ]
    refuse(
        [
            *(f"models in '{language}'" for language in languages),
            *(["several models in one problem"] if len(models) > 1 else []),
            *(["no model"] if not models else []),
            *(f"the extension '{one}'" for one in required),
        ],
        f"{name} uses what is not supported:",
        UnsupportedError,
    )
    return next(iter(models.values()))["location"]
