"""The locks fit what the project declares, and the project declares what it imports."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.repository._files import PACKAGES, ROOT, shown, source_files

LANES = {"py311": "3.11", "py312": "3.12"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CORE = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
EXTRAS = {
    name: [Requirement(text) for text in texts]
    for name, texts in PROJECT["project"]["optional-dependencies"].items()
}
USED_BY_USERS = {name: extra for name, extra in EXTRAS.items() if name not in {"test", "dev"}}
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)((?: ; [^\\]+)?) \\$")


@cache
def _pins(lane: str) -> dict[str, str]:
    pins = {}
    for line in (ROOT / "requirements" / f"{lane}.txt").read_text("utf-8").splitlines():
        if line[:1].isalnum():
            match = PIN.match(line)
            assert match, f"Expected 'name==version \\' in {lane}.txt, got {line!r}"
            pins[canonicalize_name(match[1])] = match[2]
    return pins


@pytest.mark.parametrize("lane", LANES)
def test_lock_holds_pins_and_hashes_and_nothing_else(lane: str) -> None:
    lines = (ROOT / "requirements" / f"{lane}.txt").read_text("utf-8").splitlines()
    hashes = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")
    comment = re.compile(r"^\s*#")
    strange = [
        line for line in lines if not (PIN.match(line) or hashes.match(line) or comment.match(line))
    ]
    assert not strange
    pinned = [number for number, line in enumerate(lines) if PIN.match(line)]
    assert pinned
    for number in pinned:
        assert hashes.match(lines[number + 1]), f"{lines[number]} has no hash"


@pytest.mark.parametrize("lane", LANES)
def test_lock_satisfies_what_the_project_declares(lane: str) -> None:
    build = [Requirement(text) for text in PROJECT["build-system"]["requires"]]
    environment = {"python_version": LANES[lane], "python_full_version": LANES[lane] + ".0"}
    unmet = []
    for requirement in [*CORE, *build, *(r for extra in EXTRAS.values() for r in extra)]:
        if requirement.marker and not requirement.marker.evaluate({**environment, "extra": ""}):
            continue
        version = _pins(lane).get(canonicalize_name(requirement.name))
        if version is None or not requirement.specifier.contains(version, prereleases=True):
            unmet.append(f"{requirement} (locked: {version})")
    assert not unmet, f"requirements/{lane}.txt is stale, run 'make lock': {unmet}"


def _imported(path: Path) -> Iterator[tuple[str, int, bool]]:
    """Third-party top-level names, their line, and whether they are imported lazily."""
    tree = ast.parse(path.read_text("utf-8"))
    at_start = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        else:
            continue
        for name in (dotted.partition(".")[0] for dotted in names):
            if name not in sys.stdlib_module_names and name not in PACKAGES:
                yield name, node.lineno, id(node) not in at_start


def test_every_imported_package_is_declared() -> None:
    core = {canonicalize_name(r.name) for r in CORE}
    optional = {canonicalize_name(r.name) for extra in USED_BY_USERS.values() for r in extra}
    owners = packages_distributions()
    undeclared = []
    for path in source_files():
        for name, line, lazily in _imported(path):
            found = {canonicalize_name(owner) for owner in owners.get(name, [name])}
            if not found & core and not (lazily and found & optional):
                where = "an extra (imported lazily)" if lazily else "the core dependencies"
                undeclared.append(f"{shown(path)}:{line}: {name} is not among {where}")
    assert not undeclared, "\n".join(undeclared)


def test_every_core_dependency_is_used() -> None:
    owners = packages_distributions()
    imported = {
        canonicalize_name(owner)
        for path in source_files()
        for name, _, _ in _imported(path)
        for owner in owners.get(name, [])
    }
    # Promised to users as part of the stack; the stochastic fits that need it come next.
    promised = {"optax", "flatbuffers"}  # the second is imported by jax.export
    unused = {canonicalize_name(r.name) for r in CORE} - imported - promised
    assert not unused, f"declared in pyproject.toml and imported nowhere: {sorted(unused)}"
