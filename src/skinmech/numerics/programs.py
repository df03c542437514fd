"""Compilation of the model's programs, and what is kept of it between processes."""

import functools
import hashlib
import io
import os
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax
import jax.export
import numpy as np
from jax.extend.core import ClosedJaxpr

# The older fusion code compiles these programs in half the time and runs them as fast. Threads
# inside one small operation cost more than they save; whole simulations share the cores.
_OPTIONS = {"xla_cpu_use_fusion_emitters": False, "xla_cpu_multi_thread_eigen": False}

_SEAL = 32  # bytes before a kept program: its hash, so that a damaged file is known


@functools.cache
def _options() -> dict[str, Any]:
    """Compiler options this backend understands."""
    if jax.default_backend() != "cpu":
        return {}
    try:
        jax.jit(lambda x: x + 1.0, compiler_options=_OPTIONS)(1.0)
    except (ValueError, jax.errors.JaxRuntimeError):  # a compiler without the option
        return {}
    return _OPTIONS


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """`jax.jit` with the options that suit long loops of small operations."""
    return jax.jit(function, compiler_options=_options() or None)


def kept(function: Callable[..., Any], name: str, identity: str) -> Callable[..., Any]:
    """`compiled`, with the traced program kept beside JAX's persistent compilation cache.

    JAX keeps compiled programs, but to find one it has to trace the function first, which takes
    longer than loading. Here a later process reads the traced program too. Without a cache
    folder this is `compiled`.

    Args:
        function: Takes trees of arrays; returns arrays in dicts, lists and tuples only. Its call
            cannot be differentiated.
        name: For the file.
        identity: Whatever the program depends on besides its arguments' shapes.
    """
    by_shape: dict[Any, Callable[..., Any]] = {}

    def call(*args: Any) -> Any:
        leaves, tree = jax.tree.flatten(args)
        shapes = tuple((np.shape(leaf), str(jax.numpy.result_type(leaf))) for leaf in leaves)
        if (tree, shapes) not in by_shape:
            by_shape[tree, shapes] = _loaded(function, name, f"{identity} {tree} {shapes}", args)
        return by_shape[tree, shapes](*leaves)

    return call


def _loaded(
    function: Callable[..., Any], name: str, identity: str, args: Any
) -> Callable[..., Any]:
    leaves, tree = jax.tree.flatten(args)

    def flat(*leaves: Any) -> Any:
        return function(*jax.tree.unflatten(tree, leaves))

    folder = cache_folder()
    if folder is None:
        return compiled(flat)
    built_by = f"{jax.__version__} {version('jaxlib')} {jax.default_backend()}"
    told = f"{identity} {built_by} {own_source()}"
    digest = hashlib.sha256(told.encode()).hexdigest()[:32]
    path = folder / f"skinmech-{name}-{digest}.traced"
    content = _unsealed(path)
    if content:
        return compiled(jax.export.deserialize(bytearray(content)).call)
    program = jax.export.export(jax.jit(flat))(*leaves)
    _seal(path, bytes(program.serialize()))
    return compiled(program.call)


def kept_array(name: str, identity: str, make: Callable[[], np.ndarray]) -> np.ndarray:
    """An array as an earlier process made it, or made now and kept beside JAX's programs.

    Args:
        name: For the file.
        identity: Whatever the array depends on.
        make: Makes it, where there is no cache folder or no whole file.
    """
    folder = cache_folder()
    if folder is None:
        return make()
    told = f"{identity} {own_source()}"
    path = folder / f"skinmech-{name}-{hashlib.sha256(told.encode()).hexdigest()[:32]}.npy"
    content = _unsealed(path)
    if content:
        return np.load(io.BytesIO(content), allow_pickle=False)
    array, written = np.asarray(make()), io.BytesIO()
    np.save(written, array)
    _seal(path, written.getvalue())
    return array


def _unsealed(path: Path) -> bytes:
    """Content of a kept file; nothing where there is none or it is damaged."""
    content = path.read_bytes() if path.is_file() else b""
    is_whole = hashlib.sha256(content[_SEAL:]).digest() == content[:_SEAL]
    return content[_SEAL:] if is_whole else b""


def _seal(path: Path, content: bytes) -> None:
    write_at_once(path, hashlib.sha256(content).digest() + content)


def cache_folder() -> Path | None:
    """The folder of JAX's persistent compilation cache, or None where there is none."""
    folder = jax.config.jax_compilation_cache_dir  # pyright: ignore[reportAttributeAccessIssue]
    return Path(folder) if folder else None


def write_at_once(path: Path, content: bytes) -> None:
    """Write a file of the cache, or leave it where the folder cannot be written.

    Two processes may write at once: the last one's file stays, whole.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
            part.write(content)
        os.replace(part.name, path)
    except OSError:  # full, or not ours: the next process does the work again
        return


def fingerprint(function: Callable[..., Any], *args: Any) -> str:
    """A hash of a function's traced program, its constants included."""
    digest = hashlib.sha256()
    _digest(jax.make_jaxpr(function)(*args), digest)
    return digest.hexdigest()


def _digest(program: ClosedJaxpr, digest: Any) -> None:
    digest.update(str(program.jaxpr).encode())
    for constant in program.consts:
        digest.update(np.asarray(constant).tobytes())
    for equation in program.jaxpr.eqns:
        for value in equation.params.values():
            if isinstance(value, ClosedJaxpr):
                _digest(value, digest)


@functools.cache
def own_source() -> str:
    """A hash of this package's code: programs of another version are not taken for this one's."""
    digest = hashlib.sha256()
    folder = Path(__file__).resolve().parent.parent
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
