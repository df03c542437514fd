"""A C compiler, if there is one, and the libraries it has made, kept for later processes."""

import ctypes
import functools
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..numerics import cache_folder, write_at_once

_SEAL = 32  # bytes of a hash at a library's end, so that a damaged file is never loaded
_ALL = ("-march=native", "-fPIC", "-fno-math-errno", "-fno-trapping-math", "-w")
_MODEL = ("-O1", "-ftree-vectorize", *_ALL)  # -O2 takes thrice as long and gains nothing
_SOLVER = ("-O3", *_ALL)
_objects: dict[str, bytes] = {}


class NoCompiler(RuntimeError):
    """There is no C compiler, or it failed; the message says which."""


@functools.cache
def compiler() -> tuple[str, ...]:
    """The command of a C compiler: `$CC`, else cc, gcc or clang, else the package `ziglang`'s.

    Raises:
        NoCompiler: none was found.
    """
    named = os.environ.get("CC")
    for name in [named] if named else ["cc", "gcc", "clang"]:
        if found := shutil.which(name):
            return (found,)
    if importlib.util.find_spec("ziglang") is not None:
        return (sys.executable, "-m", "ziglang", "cc")
    raise NoCompiler(
        f"Unable to find a C compiler: tried {named or 'cc, gcc, clang'} and the package ziglang."
    )


@functools.cache
def _machine() -> str:
    """Compiler and processor: a library made for another one is not taken for this one's."""
    version = subprocess.run([*compiler(), "--version"], capture_output=True, text=True).stdout
    features = ""
    if Path("/proc/cpuinfo").is_file():
        lines = Path("/proc/cpuinfo").read_text("utf-8", errors="replace").splitlines()
        features = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return f"{version} {platform.machine()} {features} {_MODEL} {_SOLVER}"


def key_of(*parts: str) -> str:
    """Name of a library that depends on `parts`, on the compiler and on the processor.

    Raises:
        NoCompiler: there is none.
    """
    return hashlib.sha256("\0".join([*parts, _machine()]).encode()).hexdigest()[:32]


def load_kept(key: str) -> ctypes.CDLL | None:
    """A library an earlier process has made, or None."""
    folder = cache_folder()
    path = None if folder is None else folder / _name(key)
    if path is None or not path.is_file():
        return None
    content = path.read_bytes()
    if hashlib.sha256(content[:-_SEAL]).digest() != content[-_SEAL:]:
        return None
    return ctypes.CDLL(str(path))


def build(key: str, sources: Mapping[str, str], headers: Mapping[str, str]) -> ctypes.CDLL:
    """Compile sources, side by side, link and load them; keep the library where there is a cache.

    Args:
        key: From `key_of`.
        sources: C text by file name; `solver.c` is optimised most.
        headers: Text of what they include, by file name.

    Raises:
        NoCompiler: there is none, or it failed.
    """
    with tempfile.TemporaryDirectory(prefix="skinmech-native-") as scratch:
        folder = Path(scratch)
        for name, text in {**sources, **headers}.items():
            (folder / name).write_text(text, "utf-8")
        _compile(folder, sources)
        objects = [f"{Path(name).stem}.o" for name in sources]
        link = [*compiler(), "-shared", "-fPIC", *objects, "-o", _name(key), "-lm"]
        done = subprocess.run(link, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise NoCompiler(f"{compiler()[0]} failed to link: {done.stderr[-400:]}")
        content = (folder / _name(key)).read_bytes()
        kept = cache_folder()
        if kept is not None:
            write_at_once(kept / _name(key), content + hashlib.sha256(content).digest())
        return ctypes.CDLL(str(folder / _name(key)))  # stays mapped when the folder has gone


def _compile(folder: Path, sources: Mapping[str, str]) -> None:
    """Objects of all sources; those this process has made before are not made again."""
    running = {}
    for name, text in sources.items():
        ready = _objects.get(text) if name != "solver.c" else None  # it includes a header
        if ready is not None:
            (folder / name).with_suffix(".o").write_bytes(ready)
            continue
        running[name] = subprocess.Popen(
            [*compiler(), *(_SOLVER if name == "solver.c" else _MODEL), "-c", name],
            cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    failed = [f"{name}: {told[-400:]}" for name, process in running.items()
              if (told := process.communicate()[1]) and process.returncode]  # fmt: skip
    if failed:
        raise NoCompiler(f"{compiler()[0]} failed on " + "; ".join(failed))
    for name in running.keys() - {"solver.c"}:
        _objects[sources[name]] = (folder / name).with_suffix(".o").read_bytes()


def _name(key: str) -> str:
    return f"skinmech-native-{key}.so"
