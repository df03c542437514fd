"""Rules that a reader of the sources relies on, read off the syntax tree."""

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.repository._files import PACKAGES, shown, source_files


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def _backsolve_adjoint(tree: ast.AST) -> Iterator[ast.AST]:
    """33-49 % wrong gradients on a stiff model, silently."""
    for node in ast.walk(tree):
        names = {
            ast.Name: lambda n: [n.id],
            ast.Attribute: lambda n: [n.attr],
            ast.ImportFrom: lambda n: [alias.name for alias in n.names],
        }.get(type(node), lambda n: [])(node)
        if "BacksolveAdjoint" in names:
            yield node


def _is_in_memory(call: ast.Call) -> bool:
    return bool(call.args) and "BytesIO(" in ast.unparse(call.args[0])


def _hdf5_opened_for_change(tree: ast.AST) -> Iterator[ast.AST]:
    """A process killed while it appends leaves an unreadable file; change an image in memory."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if name not in {"File", "HDFStore"} or _is_in_memory(node):
            continue
        arguments = [*node.args[1:2], *(k.value for k in node.keywords if k.arg == "mode")]
        if any(isinstance(a, ast.Constant) and a.value in {"a", "r+"} for a in arguments):
            yield node


def _catches_everything(tree: ast.AST) -> Iterator[ast.AST]:
    """Name the errors you expect; only a clean-up that raises again may catch all."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        names = {getattr(kind, "id", None) for kind in kinds}
        last = node.body[-1]
        cleans_up = names == {"BaseException"} and isinstance(last, ast.Raise) and last.exc is None
        if names & {None, "Exception", "BaseException"} and not cleans_up:
            if node.type is None or names & {"Exception", "BaseException"}:
                yield node


def _unpickles(tree: ast.AST) -> Iterator[ast.AST]:
    """Loading a pickle runs whatever it says; nothing is unpickled here."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and any(a.name == "pickle" for a in node.names):
            yield node
        elif isinstance(node, ast.ImportFrom) and node.module == "pickle":
            yield node
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            if not (isinstance(node.value, ast.Constant) and node.value.value is False):
                yield node


RULES: dict[str, Callable[[ast.AST], Iterator[ast.AST]]] = {
    "no BacksolveAdjoint": _backsolve_adjoint,
    "no HDF5 file opened for change": _hdf5_opened_for_change,
    "no handler that catches everything": _catches_everything,
    "nothing is unpickled": _unpickles,
}

OFFENCES = {
    "no BacksolveAdjoint": ["dfx.BacksolveAdjoint()", "from diffrax import BacksolveAdjoint"],
    "no HDF5 file opened for change": ["h5py.File(p, 'a')", "File(p, mode='r+')"],
    "no handler that catches everything": [
        "try: f()\nexcept: pass",
        "try: f()\nexcept Exception: pass",
        "try: f()\nexcept (ValueError, BaseException): raise",
    ],
    "nothing is unpickled": ["import pickle", "np.load(p, allow_pickle=True)"],
}

INNOCENT = """
h5py.File(p, "r")
h5py.File(image, "w")
h5py.File(io.BytesIO(content), "r+")
np.load(p, allow_pickle=False)
try:
    f()
except (ValueError, h5py.error):
    pass
except BaseException:
    clean_up()
    raise
"""


@pytest.mark.parametrize("rule", RULES)
def test_sources_keep_the_rule(rule: str) -> None:
    assert source_files(), "no source files found"
    found = [
        f"{shown(path)}:{getattr(node, 'lineno', 1)}"
        for path in source_files()
        for node in RULES[rule](_tree(path))
    ]
    assert not found, f"{rule} ({RULES[rule].__doc__}):\n" + "\n".join(found)


@pytest.mark.parametrize("rule", RULES)
def test_rule_finds_each_offence_and_spares_the_innocent(rule: str) -> None:
    for offence in OFFENCES[rule]:
        assert list(RULES[rule](ast.parse(offence))), offence
    assert not list(RULES[rule](ast.parse(INNOCENT)))


@pytest.mark.parametrize("package", PACKAGES)
def test_every_folder_is_a_package_that_says_what_it_holds(package: str) -> None:
    missing = []
    for folder in sorted({path.parent for path in PACKAGES[package].rglob("*.py")}):
        start = folder / "__init__.py"
        if not start.is_file():
            missing.append(f"{shown(folder)}: no __init__.py")
        elif not ast.get_docstring(_tree(start)):
            missing.append(f"{shown(start)}: no docstring")
    assert not missing, "\n".join(missing)
