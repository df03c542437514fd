"""Parquet to the same rows as the text, with limits on its size (needs the extra `olink`)."""

import io
from typing import Any

from skinmech_chip_adapters.adapter import Evidence
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.readers import Line
from skinmech_chip_adapters.readers.titled import Titled, titled, wrong_format

_MARK = b"PAR1"
_NEEDED = ("SampleID", "OlinkID", "NPX")
MAX_CELLS = 100_000_000
MAX_BYTES = 2**30
MAX_COLUMNS = 200


def is_parquet(content: bytes) -> bool:
    """True for content with the mark of parquet at its beginning."""
    return content.startswith(_MARK)


def sniff_parquet(head: bytes) -> Evidence:
    """Names of columns in the footer, if the head is the whole file; else a mere possibility."""
    if not head.endswith(_MARK):
        return Evidence(0.6, ("a parquet file, whose columns stand at its end",))
    if all(name.encode() in head for name in _NEEDED):
        return Evidence(0.95, ("parquet columns SampleID, OlinkID and NPX",))
    return Evidence(0.0)


def read_parquet(content: bytes, entry: FileEntry) -> tuple[Titled, str]:
    """Rows of text and the product that the file's own metadata names.

    Raises:
        ChipDataError: `missing_extra`, `cut_file`, `parquet_damaged`, `too_large` or
            `wrong_format`.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq  # optional extra
    except ImportError as error:
        raise ChipDataError(
            "missing_extra", found="a parquet file, and no library to read it",
            expected="the extra olink", remedy="pip install 'skinmech[olink]'",
        ) from error  # fmt: skip
    if not content.endswith(_MARK) or len(content) < 12:
        raise ChipDataError(
            "cut_file", locator=f"byte {len(content)}", found="a parquet file without its end",
            expected="PAR1 as the last bytes", remedy="the file is cut: export it again",
        )  # fmt: skip
    try:
        with pq.ParquetFile(io.BytesIO(content), page_checksum_verification=True) as file:
            names = _checked(file)
            stored = file.schema_arrow.metadata or {}
            columns = [_texts(file.read(columns=[name]).column(0).to_pylist()) for name in names]
            rows = list(zip(*columns, strict=True))
    except ChipDataError:
        raise
    except (pa.ArrowException, OSError, ValueError, KeyError, IndexError, TypeError,
            OverflowError, MemoryError, NotImplementedError) as error:  # fmt: skip
        raise ChipDataError(
            "parquet_damaged", found="content that parquet cannot read",
            expected="an undamaged file", remedy="copy or export the file again",
        ) from error  # fmt: skip
    lines = [Line(number, cells, len(names)) for number, cells in enumerate(rows, 1)]
    product = stored.get(b"Product", b"").decode("utf-8", "replace")
    table = titled(Line(0, tuple(names), len(names)), lines, entry, needed=_NEEDED)
    return table, f"Olink {product}".strip()


def _checked(file: Any) -> list[str]:
    """Names of the columns, after checking size and shape in the footer."""
    footer, schema = file.metadata, file.schema_arrow
    size = sum(footer.row_group(i).total_byte_size for i in range(footer.num_row_groups))
    cells = footer.num_rows * footer.num_columns
    if cells > MAX_CELLS or size > MAX_BYTES or footer.num_columns > MAX_COLUMNS or cells < 0:
        raise ChipDataError(
            "too_large", found=f"{footer.num_rows} rows, {footer.num_columns} columns, "
            f"{size} bytes", expected=f"at most {MAX_CELLS} cells and {MAX_BYTES} bytes",
            remedy="export the project in parts",
        )  # fmt: skip
    if not set(_NEEDED) <= set(schema.names):
        raise wrong_format("footer", "other columns", "an Olink NPX table: SampleID, OlinkID, NPX")
    return list(schema.names)


def _texts(values: list[Any]) -> list[str]:
    """Cells as text from which the same number is read again."""
    return ["" if one is None else repr(one) if isinstance(one, (int, float)) else str(one).strip()
            for one in values]  # fmt: skip
