"""What happens where a file is cut: an error, or the whole blocks with a remark."""

from skinmech_chip_adapters.adapter import Message
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError

_REMEDY = 'the file is cut or was edited: export it again, or declare on_bad_row = "keep_flagged"'


class Cuts:
    """Cuts found in one file.

    With `on_bad_row = "error"` the first cut raises. With `keep_flagged` it is noted and the reader
    goes on with what is whole; all values are then flagged `PARTIAL_SOURCE`.
    """

    def __init__(self, entry: FileEntry):
        self._keep = entry.on_bad_row == "keep_flagged"
        self.messages: list[Message] = []

    @property
    def is_cut(self) -> bool:
        """True if anything is missing."""
        return bool(self.messages)

    def at(self, locator: str, found: str, expected: str, code: str = "cut_file") -> None:
        """Note a cut, or raise it.

        Raises:
            ChipDataError: With the given code, unless the side-car keeps what is whole.
        """
        if not self._keep:
            raise ChipDataError(
                code, locator=locator, found=found, expected=expected, remedy=_REMEDY
            )
        text = f"found {found}, expected {expected}; only what is whole was kept"
        self.messages.append(Message(level="error", code=code, locator=locator, text=text))
