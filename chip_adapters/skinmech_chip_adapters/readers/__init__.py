"""What every text format needs: encodings, line ends, delimiters, numbers, dates, sentinels."""

from skinmech_chip_adapters.readers.dates import (
    Stamp as Stamp,
    parse_duration as parse_duration,
    read_stamps as read_stamps,
)
from skinmech_chip_adapters.readers.delimited import (
    Line as Line,
    split_lines as split_lines,
)
from skinmech_chip_adapters.readers.encoding import (
    Text as Text,
    decode as decode,
    decode_head as decode_head,
)
from skinmech_chip_adapters.readers.numbers import (
    decide_decimal as decide_decimal,
    parse_number as parse_number,
)
from skinmech_chip_adapters.readers.sentinels import (
    Cell as Cell,
    parse_cell as parse_cell,
)
from skinmech_chip_adapters.readers.wells import (
    normal_well as normal_well,
)
