"""The folder of a cohort that is not finished: its plan, and one sealed file for each chunk."""

import shutil
from pathlib import Path
from typing import Any

import h5py

from ..files import read_json, write_json
from .chunk import Chunk
from .errors import CohortError
from .plan import CohortPlan, edges
from .sealed import is_whole


class Parts:
    """Chunks that are done.

    Attributes:
        folder: Beside the output, with `.parts` after its name.
        told: The plan as it was begun.
    """

    def __init__(self, output: Path):
        self.output = output
        self.folder = output.with_name(output.name + ".parts")
        self.told: dict[str, Any] = {}

    @property
    def _plan_file(self) -> Path:
        return self.folder / "plan.json"

    @property
    def is_begun(self) -> bool:
        """Whether there is a plan."""
        return self._plan_file.exists()

    def begin(self, plan: CohortPlan, size: int | None) -> None:
        """Begin, or go on with what was begun; the size of chunks stays what it was.

        Raises:
            CohortError: the folder belongs to another cohort, or to chunks of another size.
        """
        content = {"plan": plan.told(), "identity": plan.identity(), "about": plan.about,
                   "size": size or plan.default_size(), "paths": list(plan.patients.paths),
                   "codes": list(getattr(plan.patients, "codes", ()))}  # fmt: skip
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.is_begun:
            write_json(self._plan_file, content)
        self.read()
        if self.told["identity"] != content["identity"]:
            raise CohortError(
                f"{self.folder.name} holds another cohort: "
                f"{_difference(self.told['plan'], content['plan'])} differ. Go on with the file "
                "and version it was begun with, name another output, or delete the folder."
            )
        if size is not None and size != self.told["size"]:
            raise CohortError(
                f"{self.folder.name} was begun with chunks of {self.told['size']} patients, asked "
                f"for are {size}. Leave the size away, or delete the folder."
            )

    def read(self) -> dict[str, Any]:
        """Read the plan.

        Raises:
            CalibrationError: it is not there or damaged.
        """
        self.told = read_json(self._plan_file)
        return self.told

    @property
    def count(self) -> int:
        """Patients of the whole cohort."""
        return self.told["plan"]["patients"]["count"]

    @property
    def files(self) -> list[Path]:
        """Files of all chunks in order, there or not."""
        told = edges(self.count, self.told["size"])
        return [self.folder / f"patients-{start:09d}-{stop:09d}.h5" for start, stop in told]

    def path(self, chunk: Chunk) -> Path:
        """Where a chunk's file belongs."""
        return self.folder / chunk.name

    def has(self, path: Path) -> bool:
        """Whether a chunk is done: its file is there, whole, and of this cohort."""
        if not is_whole(path):
            return False
        with h5py.File(path, "r") as file:
            return file.attrs.get("identity") == self.told["identity"]

    def clear(self) -> None:
        """Delete the folder, which holds nothing but what this package wrote."""
        for path in [*self.folder.glob("patients-*.h5"), *self.folder.glob(".patients-*.tmp")]:
            path.unlink(missing_ok=True)
        self._plan_file.unlink(missing_ok=True)
        if not any(self.folder.iterdir()):
            shutil.rmtree(self.folder, ignore_errors=True)


def _difference(old: dict[str, Any], new: dict[str, Any]) -> str:
    odd = [key for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
    words = {"solver": "the model, its version or its way of computing (C or JAX)"}
    return ", ".join(words.get(key, key) for key in odd) or "its contents"
