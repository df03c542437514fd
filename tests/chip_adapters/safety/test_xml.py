"""XML: no document type, no entity, nothing fetched, and limits."""

import pytest

from skinmech_chip_adapters import ChipDataError
from skinmech_chip_adapters.readers import xml
from skinmech_chip_adapters.readers.xml import parse_xml

LOCAL = "file:" + "///etc/passwd"
LAUGHS = '<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9)
)
UNSAFE = {
    "billion laughs": f"<!DOCTYPE x [{LAUGHS}]><x>&j;</x>",
    "quadratic": f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]><x>{"&a;" * 50_000}</x>',
    "local file": f'<!DOCTYPE x [<!ENTITY a SYSTEM "{LOCAL}">]><x>&a;</x>',
    "remote file": '<!DOCTYPE x [<!ENTITY a SYSTEM "http://localhost:9/x">]><x>&a;</x>',
    "remote type": '<!DOCTYPE x SYSTEM "http://localhost:9/x.dtd"><x/>',
    "parameter entity": f'<!DOCTYPE x [<!ENTITY % a SYSTEM "{LOCAL}"> %a;]><x/>',
    "plain type": "<!DOCTYPE x><x/>",
}


@pytest.mark.parametrize("name", UNSAFE)
def test_document_types_and_entities_are_refused(name):
    with pytest.raises(ChipDataError) as caught:
        parse_xml(UNSAFE[name].encode())
    assert caught.value.code == "xml_unsafe"
    assert "root:" not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [b"<x>", b"<x></y>", b"x", b"<x/><y/>", b"\xff<x/>", b"<x a=1/>", b"<x>\0</x>",
     b'<?xml version="1.0" encoding="no-such"?><x/>', b"<x>&unknown;</x>", b"\xff\xfe<x/>"],
)  # fmt: skip
def test_damaged_xml_is_one_clear_error(content):
    with pytest.raises(ChipDataError) as caught:
        parse_xml(content)
    assert caught.value.code == "xml_damaged"


def test_depth_count_and_size_are_limited(monkeypatch):
    with pytest.raises(ChipDataError, match="too_large"):
        parse_xml(b"<x>" * 100_000 + b"</x>" * 100_000)
    monkeypatch.setattr(xml, "MAX_ELEMENTS", 10)
    assert len(parse_xml(b"<r>" + b"<x/>" * 9 + b"</r>")) == 9
    with pytest.raises(ChipDataError, match="too_large"):
        parse_xml(b"<r>" + b"<x/>" * 10 + b"</r>")
    monkeypatch.setattr(xml, "MAX_XML_BYTES", 5)
    with pytest.raises(ChipDataError, match="too_large"):
        parse_xml(b"<r>" + b"<x/>" * 9 + b"</r>")
    with pytest.raises(ChipDataError, match="empty_file"):
        parse_xml(b"  ")


def test_encodings_and_namespaces_are_read():
    text = '<?xml version="1.0" encoding="{}"?><r xmlns="n"><x u="°C">1,5</x></r>'
    for encoding in ("utf-8", "utf-16", "iso-8859-1"):
        root = parse_xml(text.format(encoding).encode(encoding))
        assert root.tag == "{n}r" and root[0].attrib == {"u": "°C"} and root[0].text == "1,5"
