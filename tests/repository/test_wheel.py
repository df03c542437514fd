"""What an installed skinmech holds: its four packages, all their files, and nothing else."""

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.repository._files import ROOT, package_files

# What a package may carry beside code: catalogues, references, templates, page assets.
SUFFIXES = {
    ".py", ".c", ".h", ".typed", ".toml", ".bib", ".json", ".html", ".j2", ".css", ".js", ".svg",
}  # fmt: skip


def _build(target: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    return _build("wheel", tmp_path_factory.mktemp("wheel"))


def _members(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_wheel_holds_exactly_the_files_of_the_packages(wheel: Path) -> None:
    packed = {name for name in _members(wheel) if ".dist-info/" not in name}
    assert packed == package_files().keys()


def test_wheel_carries_the_drug_catalogue(wheel: Path) -> None:
    catalogue = [name for name in _members(wheel) if name.startswith("skinmech/therapies/")]
    assert any(name.endswith(".toml") for name in catalogue), catalogue


def test_wheel_holds_only_kinds_of_file_that_belong_there(wheel: Path) -> None:
    packed = [Path(name) for name in _members(wheel) if ".dist-info/" not in name]
    strange = [
        str(path)
        for path in packed
        if path.suffix not in SUFFIXES
        and path.parent.name != "demo_data"  # the published values of the worked example
    ]
    assert not strange, f"Unexpected files in the wheel: {strange}"


def test_wheel_holds_no_reference_data(wheel: Path, shared_data: Path) -> None:
    files = [p for p in shared_data.rglob("*") if p.is_file() and p.stat().st_size > 64]
    reference = {hashlib.sha256(path.read_bytes()).digest() for path in files}
    packed = {hashlib.sha256(content).digest() for content in _members(wheel).values()}
    assert reference
    assert not reference & packed


def test_wheel_declares_the_command_and_the_licence(wheel: Path) -> None:
    members = _members(wheel)
    (entry_points,) = (name for name in members if name.endswith("entry_points.txt"))
    assert b"skinmech = skinmech_app.cli:main" in members[entry_points]
    assert any(name.endswith("licenses/LICENSE") for name in members)


def test_building_the_wheel_again_gives_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    assert _build("wheel", tmp_path).read_bytes() == wheel.read_bytes()


def test_sdist_holds_the_packages_and_no_environment(tmp_path: Path) -> None:
    with tarfile.open(_build("sdist", tmp_path)) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    packaged = {path.relative_to(ROOT).as_posix() for path in package_files().values()}
    assert packaged | {"pyproject.toml", "README.md", "LICENSE"} <= names
    assert not [name for name in names if name.startswith((".venv", ".jax_cache", ".git/"))]
