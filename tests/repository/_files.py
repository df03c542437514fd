"""The repository's files, as the tests of this folder see them."""

import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGES = {
    "skinmech": ROOT / "src" / "skinmech",
    "skinmech_app": ROOT / "src" / "skinmech_app",
    "skinmech_chip_adapters": ROOT / "chip_adapters" / "skinmech_chip_adapters",
    "skinmech_calibration": ROOT / "calibration" / "skinmech_calibration",
}


@cache
def committed_files() -> tuple[Path, ...]:
    """Every file that is in git or about to be: tracked, or new and not ignored."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout (an unpacked sdist): there is no list of tracked files")
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    paths = (ROOT / name for name in listing.split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file()))


@cache
def package_files() -> dict[str, Path]:
    """Files of the four packages by their name inside the wheel, caches left out."""
    return {
        f"{name}/{path.relative_to(folder).as_posix()}": path
        for name, folder in PACKAGES.items()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


@cache
def source_files() -> tuple[Path, ...]:
    """The Python files of the four packages."""
    return tuple(path for path in package_files().values() if path.suffix == ".py")


def shown(path: Path) -> str:
    """A path as it is named in a message: relative to the repository."""
    return path.relative_to(ROOT).as_posix()


def text_of(path: Path) -> str | None:
    """The text of a file, or None where it is binary."""
    content = path.read_bytes()
    if b"\0" in content:
        return None
    return content.decode("utf-8")
