"""Finding the adapter of a file: by name, or by what the file looks like."""

import importlib
import pkgutil
from functools import lru_cache

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.errors import ChipDataError, one_of
from skinmech_chip_adapters.known import recognised

HEAD_BYTES = 65536
_PACKAGE = "skinmech_chip_adapters.instruments"
_CLAIM = 0.5
_CONTAINERS = (b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"\x89HDF")


@lru_cache(maxsize=1)
def adapters() -> dict[str, Adapter]:
    """All adapters by name, found by walking the folder `instruments` (at first use)."""
    package = importlib.import_module(_PACKAGE)
    found = {}
    for item in pkgutil.iter_modules(package.__path__):
        if item.ispkg:
            module = importlib.import_module(f"{_PACKAGE}.{item.name}")
            found[item.name] = module.ADAPTER
    return dict(sorted(found.items()))


def adapter_named(name: str) -> Adapter:
    """The adapter with this name or alias.

    Raises:
        ChipDataError: `unknown_adapter`, with the nearest names.
    """
    known = adapters()
    for adapter in known.values():
        if name == adapter.name or name in adapter.aliases:
            return adapter
    raise ChipDataError(
        "unknown_adapter", found=f"adapter {name!r}", expected=one_of(known, name),
        remedy="correct the adapter in the side-car, or leave it out to find it by content",
    )  # fmt: skip


def identify(content: bytes, filename: str) -> Adapter:
    """The one adapter that claims a file; never a guess between two.

    Args:
        content: The file. Adapters see its first `HEAD_BYTES`; of a container (zip, gzip, OLE,
            HDF5), whose beginning says little, they see all of it.
        filename: Its name without folder.

    Raises:
        ChipDataError: `unknown_format`, `several_formats`, or `format_not_read` for a format that
            is known and has no adapter.
    """
    head = content if content.startswith(_CONTAINERS) else content[:HEAD_BYTES]
    evidence = {adapter.name: adapter.sniff(head, filename) for adapter in adapters().values()}
    claims = [name for name, one in evidence.items() if one.score >= _CLAIM]
    if len(claims) == 1:
        return adapters()[claims[0]]
    if not claims:
        known = recognised(content)
        if known is not None:
            raise ChipDataError(
                "format_not_read", file=filename, found=known.what,
                expected="a format that is read", remedy=f"give instead: {known.instead}",
            )  # fmt: skip
        raise ChipDataError(
            "unknown_format", file=filename, found="a file that no adapter recognises",
            expected=one_of(adapters()),
            remedy='name the adapter; for a plain table use adapter = "generic_table" with columns',
        )  # fmt: skip
    reasons = "; ".join(f"{name} ({', '.join(evidence[name].reasons)})" for name in claims)
    raise ChipDataError(
        "several_formats", file=filename, found=f"claims of {reasons}", expected="one format",
        remedy="name the adapter in the side-car",
    )  # fmt: skip
