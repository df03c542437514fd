"""The side-car: what the instrument files do not say, stated once in `chip.toml`."""

from dataclasses import dataclass
from pathlib import Path

from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError, one_of
from skinmech_chip_adapters.schema import Cells, Chip, Device, Exposure, Setting, Study
from skinmech_chip_adapters.sidecar_toml import parse_sidecar


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """A whole `chip.toml`, checked.

    Attributes:
        name: File name, for messages.
        folder: Folder that paths in it are relative to.
        targets: Analytes declared by the study.
        locations: Locations declared in addition to the vocabulary.
    """

    name: str = "chip.toml"
    folder: Path = Path(".")
    study: Study = Study()
    targets: frozenset[str] = frozenset()
    locations: frozenset[str] = frozenset()
    devices: tuple[Device, ...] = ()
    chips: tuple[Chip, ...] = ()
    cells: tuple[Cells, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    settings: tuple[Setting, ...] = ()
    files: tuple[FileEntry, ...] = ()

    @staticmethod
    def read(path: str | Path) -> "Sidecar":
        """Read and check a side-car file.

        Raises:
            ChipDataError: Everything that is wrong with it, at once.
        """
        path = Path(path)
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            raise ChipDataError(
                "file_missing", file=path.name, found=error.strerror or "an unreadable file",
                expected="a side-car (chip.toml)", remedy="check the path",
            ) from error  # fmt: skip
        except UnicodeDecodeError as error:
            raise ChipDataError(
                "unknown_encoding", file=path.name, found="bytes that are not UTF-8",
                expected="UTF-8", remedy="save the side-car as UTF-8",
            ) from error  # fmt: skip
        return Sidecar.from_text(text, folder=path.parent, name=path.name)

    @staticmethod
    def from_text(text: str, *, folder: str | Path = ".", name: str = "chip.toml") -> "Sidecar":
        """Check the text of a side-car; `folder` is where its relative paths start."""
        return Sidecar(name=name, folder=Path(folder), **parse_sidecar(text, Path(folder), name))

    def entry_for(self, path: Path) -> FileEntry:
        """The `[[file]]` entry of a path, by its place relative to the side-car, else by its name.

        Raises:
            ChipDataError: `file_not_declared`, or `file_declared_twice`.
        """
        wanted = path.resolve()
        found = [one for one in self.files if (self.folder / one.path).resolve() == wanted]
        if not found:
            found = [one for one in self.files if Path(one.path).name == path.name]
        if len(found) == 1:
            return found[0]
        if found:
            raise ChipDataError(
                "file_declared_twice", file=self.name, locator="[[file]]",
                found=f"{len(found)} entries for {path.name!r}", expected="one entry for each file",
            )  # fmt: skip
        raise ChipDataError(
            "file_not_declared", file=self.name, locator="[[file]]",
            found=f"no entry for {path.name!r}",
            expected=one_of((Path(one.path).name for one in self.files), path.name),
            remedy=f'add [[file]] with path = "{path.name}" and its chip and time',
        )  # fmt: skip

    def chip(self, chip_id: str) -> Chip | None:
        """The declared chip, or None."""
        return next((one for one in self.chips if one.chip_id == chip_id), None)
