"""Where values came from: the stored file, its facts, and identifiers made from them."""

import hashlib
import json
import mimetypes
from dataclasses import asdict

from skinmech_chip_adapters.adapter import Adapter, Parsed, Records
from skinmech_chip_adapters.schema import External, Source, Spectrum


def source_of(
    filename: str,
    content: bytes,
    source_id: str,
    adapter: Adapter,
    parsed: Parsed,
    records: Records,
) -> Source:
    """The file as it is kept in the record."""
    unparsed = [asdict(one) for one in (*parsed.unparsed, *records.unparsed)]
    return Source(
        source_id=source_id,
        content=content,
        filename=filename,
        size=len(content),
        encoding=parsed.encoding,
        newline=parsed.newline,
        delimiter=parsed.delimiter,
        decimal=parsed.decimal,
        date_order=parsed.date_order,
        adapter=adapter.name,
        adapter_version=adapter.version,
        instrument_software=parsed.software,
        header_text=parsed.header,
        unparsed_json=json.dumps(unparsed, ensure_ascii=False),
    )


def external_of(path: str, source: Source) -> External:
    """Reference to a file that is too large to be kept inside the record."""
    media_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return External(path=path, size=source.size, sha256=source.source_id, media_type=media_type)


def spectrum_id(spectrum: Spectrum) -> str:
    """Identifier of a sweep from its source and place, the same at every import."""
    parts = (spectrum.source_id, spectrum.source_locator, spectrum.chip_id, spectrum.location)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:20]
