"""Finding drugs: the catalogue shipped with the package and the user's own files."""

from __future__ import annotations

import difflib
import functools
from pathlib import Path

from .drug import Drug, plain_name
from .errors import UnknownDrugError
from .reader import read_drug

CATALOGUE = Path(__file__).parent / "catalogue"


def load_drug(name_or_path: str | Path, *folders: str | Path) -> Drug:
    """Load a drug by name from the catalogue, or from a TOML file.

    Args:
        name_or_path: A catalogue name or alias (case, spaces and hyphens do not matter), or the
            path of a file ending in `.toml`.
        folders: More folders of drug files, searched before the catalogue.

    Returns:
        The drug.

    Raises:
        UnknownDrugError: No such name; the message lists the nearest ones.
        DrugFileError: The file has problems; all of them are listed.
    """
    if isinstance(name_or_path, Path) or str(name_or_path).endswith(".toml"):
        return _read(Path(name_or_path).resolve())
    wanted = plain_name(str(name_or_path))
    files = _files(folders)
    if wanted in files:
        return _read(files[wanted])
    drugs = [_read(path) for path in files.values()]
    for drug in drugs:
        if wanted in map(plain_name, (drug.name, *drug.aliases)):
            return drug
    names = {plain_name(name): name for drug in drugs for name in (drug.name, *drug.aliases)}
    near = [names[key] for key in difflib.get_close_matches(wanted, names, n=3, cutoff=0.5)]
    hint = f"Did you mean {' or '.join(repr(name) for name in near)}? " if near else ""
    raise UnknownDrugError(
        f"Unrecognized drug: '{name_or_path}'. {hint}Expected one of "
        f"{', '.join(sorted(drug.name for drug in drugs))}; or the path of a .toml file."
    )


def catalogue(*folders: str | Path) -> dict[str, Drug]:
    """Every drug of the catalogue and of further folders, by name.

    Args:
        folders: More folders of drug files; a file there replaces one of the same name.

    Raises:
        DrugFileError: A file has problems.
    """
    drugs = (_read(path) for path in _files(folders).values())
    return {drug.name: drug for drug in sorted(drugs, key=lambda drug: drug.name.lower())}


def _files(folders: tuple[str | Path, ...]) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for folder in (CATALOGUE, *reversed(folders)):
        if not Path(folder).is_dir():
            raise UnknownDrugError(f"Unable to find the folder of drug files '{folder}'.")
        files |= {
            plain_name(path.stem): path for path in sorted(Path(folder).resolve().glob("*.toml"))
        }
    return files


def _read(path: Path) -> Drug:
    if not path.is_file():
        raise UnknownDrugError(f"Unable to find the drug file '{path}'.")
    return _read_unchanged(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=256)
def _read_unchanged(path: Path, modified: int) -> Drug:
    # The time of modification is part of the key, so that an edited file is read again.
    return read_drug(path)
