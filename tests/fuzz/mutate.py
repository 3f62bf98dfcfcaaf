"""Files changed at random; chance is a :class:`random.Random`, whoever draws its numbers."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pyarrow as pa
from pyarrow import parquet

Mutate = Callable[[bytes, Random], bytes]

_ODD_NUMBERS = """
0 -0 -1 1e999 0e999 -1e-999 1e308 5e-324 nan inf -inf .inf 0x10 1_000 1:30:00 007 1/0 -5:0
1.234 1,234 1.234,5 1.234.567 1,2,3 1'000 5% 50‰ −5 (5) <0.1 ≥5 5-10 1e3 ٣ ½ ² ５ 1048576
2024-Q5 2024-00 2024-13 FY2023-24 FY2023-99 2024M03 2020–21 31/12/2024 0000 9999 1900-02-29
"""
NUMBERS = [
    *_ODD_NUMBERS.split(),
    *("9" * 400, "1" * 20, "-" + "9" * 309, "1 234", "1\u00a0234", "1\u202f234,5"),
]
WORDS = [
    *("", " ", "=1+1", "'=1+1", "#N/A", "#REF!", ":", "..", "-", "n/a", "không áp dụng", "TOTAL"),
    *("\x1b[31m", "\x00", "\x07", "\x9b", "\u202e", "\ufeff", "\ud7ff", "\U0001f600", "a" * 300),
    *("e\u0301" * 40, "İ", "ß", "Ⅳ", "<script>", "javascript:alert(1)", "../../etc/passwd", "{n}"),
    *("%s", "{0.__class__}", "CON", "a/b", "\r", "\r\n", "\n\n", "\t", "\x85", "\u2028", "\x0b"),
]
CSV = [*",;|\t\"'", '""', '","', "sep=;\n", ",,,,,,", "\n,\n", '"\n', "\ufeff", "city", "value"]
YAML = [
    *(
        "- ",
        ": ",
        "? ",
        "[",
        "]",
        "{",
        "}",
        "|\n",
        ">\n",
        "---\n",
        "...\n",
        "# ",
        "!",
        "@",
        "`",
        "%",
    ),
    *("&a ", "*a", "<<: *a\n", "<<: ", "~", "null", "true", "yes", "!!int ", "!!float ", "!!str "),
    *("!!set ", "!!omap ", "!!binary ", "!!timestamp ", "!!python/object:os.system ", "!!null x"),
    *("2024-01-01", "2024-13-45", "{}", "[]", "[[]]", "{a: 1}", "%YAML 9.9\n---\n", "\t", "''"),
    *("[1, 2]", "[2, 1]", "[1]", "[a, b]", "{vi: x}", "{en: []}", "{by: class}", "extends: x\n"),
]
TOML = ['"""', "'''", "[", "]", "[[a]]\n", "a.b = ", "= ", '"', "1979-05-27", "\\u0000", "{", "}"]
JSON = ["{", "}", "[", "]", "null", "true", '"', "\\u0000", "\\ud800", "1e999", ",", ":", "NaN"]
XML = [
    *(
        "<v>1</v>",
        "<c/>",
        "<row/>",
        "&amp;",
        "&#0;",
        "&lol;",
        "<![CDATA[x]]>",
        "<!-- x -->",
        "<t/>",
    ),
    *(
        't="s"',
        't="d"',
        't="e"',
        't="b"',
        't="inlineStr"',
        't="str"',
        's="999"',
        'r="A1"',
        'r="ZZZZ1"',
    ),
    *(
        'ref="A1:XFD1048576"',
        'ref="B2:A1"',
        'w:val="99999999"',
        'w:val="-1"',
        "<f>1+1</f>",
        "<w:tr/>",
    ),
    *("<w:tc/>", "<w:tbl/>", "<w:p/>", "<w:tab/>", '<w:gridSpan w:val="7"/>', "<w:vMerge/>"),
    *(
        "<mc:x/>",
        'xmlns="x"',
        '<mergeCell ref="A1:C3"/>',
        "<!DOCTYPE x [<!ENTITY a 'b'>]>",
        "<a>" * 90,
    ),
]
_TOKEN = re.compile(r"\w+|[^\w\s]+|\s+")
_ATTRIBUTE = re.compile(r'="[^"<>]*"')
_TEXT = re.compile(r">[^<>]+<")
_ELEMENT = re.compile(r"<[\w:]+[^<>]*/>|<([\w:]+)[^<>]*>[^<>]*</\1>|</?[\w:]+[^<>]*>")


def texts(words: Sequence[str]) -> Mutate:
    """Make what changes a text in a few places, by these words and its own."""

    def mutated(data: bytes, random: Random) -> bytes:
        text = data.decode("utf-8", "surrogateescape")
        for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
            text = random.choice(_OF_TEXT)(text, random, words)
        return text.encode("utf-8", "surrogateescape")

    return mutated


def _inserted(text: str, random: Random, words: Sequence[str]) -> str:
    at = random.randint(0, len(text))
    times = random.choice((1, 1, 1, 1, 2, 50))
    return text[:at] + _any(random, words) * times + text[at:]


def _exchanged(text: str, random: Random, words: Sequence[str]) -> str:
    """Put one token, of the text or of the words, in place of another."""
    found = list(_TOKEN.finditer(text))
    if not found:
        return _any(random, words)
    old, other = random.choice(found), random.choice(found)[0]
    new = other if random.random() < 0.4 else _any(random, words)
    return text[: old.start()] + new + text[old.end() :]


def _lines(text: str, random: Random, words: Sequence[str]) -> str:
    lines = text.split("\n")
    at, to = random.randrange(len(lines)), random.randrange(len(lines))
    kind = random.randrange(5)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines[to:to] = lines[at : at + random.randint(1, 3)] * random.choice((1, 1, 2, 30))
    elif kind == 2:
        lines[at], lines[to] = lines[to], lines[at]
    elif kind == 3:
        lines[at] = " " * random.randint(0, 8) + lines[at].lstrip()
    else:
        lines.insert(at, _any(random, words))
    return "\n".join(lines)


def _cut(text: str, random: Random, words: Sequence[str]) -> str:
    at = random.randint(0, len(text))
    return text[:at] if random.random() < 0.2 else text[:at] + text[at + random.randint(1, 12) :]


def _noise(text: str, random: Random, words: Sequence[str]) -> str:
    at = random.randint(0, len(text))
    found = bytes([random.randrange(256)]).decode("utf-8", "surrogateescape")
    return text[:at] + found + text[at + random.randint(0, 1) :]


def _any(random: Random, words: Sequence[str]) -> str:
    return random.choice(random.choice((words, NUMBERS, WORDS)))


_OF_TEXT = (_inserted, _exchanged, _exchanged, _exchanged, _lines, _cut, _noise)


def zipped(data: bytes, random: Random) -> bytes:
    """Change the XML in an archive, so that what reads it gets beyond the archive."""
    if random.random() < 0.03:
        return texts(WORDS)(data, random)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(random.choice((1, 1, 2, 4))):
        name = random.choice([*parts, *[part for part in parts if _holds_cells(part)] * 6])
        if random.random() < 0.02 and len(parts) > 1:
            del parts[name]
        elif name.endswith((".xml", ".rels")):
            parts[name] = _xml(parts[name], random)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def _holds_cells(part: str) -> bool:
    return part.startswith(("xl/worksheets/sheet", "xl/sharedStrings", "word/document"))


def _xml(data: bytes, random: Random) -> bytes:
    text = data.decode("utf-8", "surrogateescape")
    kind = random.randrange(10)
    if kind == 0:
        return texts(XML)(data, random)
    pattern = _ATTRIBUTE if kind < 4 else _TEXT if kind < 7 else _ELEMENT
    found = list(pattern.finditer(text))
    if not found:
        return data
    old, other = random.choice(found), random.choice(found)[0]
    new = other
    if pattern is _ELEMENT:
        many = random.choice((2, 2, 3, 100))
        new = random.choice(("", old[0] * many, old[0] + other, random.choice(XML), other))
    elif random.random() < 0.6:
        word = _any(random, XML).replace("<", "&lt;").replace('"', "'")
        new = f'="{word}"' if pattern is _ATTRIBUTE else f">{word}<"
    text = text[: old.start()] + new + text[old.end() :]
    return text.encode("utf-8", "surrogateescape")


def columnar(data: bytes, random: Random) -> bytes:
    """Change bytes of a Parquet file, or write another whose columns are of other types."""
    if random.random() < 0.3:
        changed = bytearray(data)
        for _ in range(random.choice((1, 2, 8))):
            changed[random.randrange(len(changed))] = random.randrange(256)
        return bytes(changed)
    table = parquet.read_table(io.BytesIO(data))
    rows = random.choice((table.num_rows, table.num_rows, 0, 1, 300))
    names, columns = [], []
    for name, column in zip(table.column_names, table.columns, strict=True):
        if random.random() < 0.1:
            continue
        own = pa.array((column.to_pylist() * (rows + 1))[:rows], column.type)
        names.append(_any(random, CSV) if random.random() < 0.05 else name)
        columns.append(own if random.random() < 0.6 else _odd(own, random))
    if random.random() < 0.1 and columns:
        names, columns = [*names, random.choice(names)], [*columns, random.choice(columns)]
    made = io.BytesIO()
    parquet.write_table(
        pa.Table.from_arrays(columns, names=names),
        made,
        compression=random.choice(("snappy", "gzip", "zstd", "none")),
        version=random.choice(("1.0", "2.4", "2.6")),
        row_group_size=random.choice((1, 7, 1000)),
        use_dictionary=random.random() < 0.5,
    )
    return made.getvalue()


_MOMENT = datetime(2024, 2, 29, 23, 59, 59, 999999)
_ODD: tuple[tuple[pa.DataType, Sequence[Any]], ...] = (
    *((kind, (0, 1, 100, 127, None)) for kind in (pa.int8(), pa.uint8(), pa.int16(), pa.uint64())),
    (pa.int64(), (0, -1, 2024, 2**63 - 1, -(2**63), None)),
    (pa.uint64(), (2**64 - 1, 0, None)),
    (pa.float32(), (0.1, 1e38, float("nan"), None)),
    (pa.float64(), (0.1, -0.0, 1e308, 5e-324, float("nan"), float("inf"), -float("inf"), None)),
    (pa.decimal128(38, 2), (Decimal("1.50"), Decimal("9" * 36), None)),
    (pa.decimal256(76, 0), (Decimal("9" * 76), Decimal(0), None)),
    (pa.bool_(), (True, False, None)),
    (pa.null(), (None,)),
    (pa.date32(), (date(2024, 12, 31), date(1, 1, 1), date(9999, 12, 31), None)),
    (pa.timestamp("us"), (_MOMENT, datetime(1, 1, 1), datetime(9999, 12, 31), None)),
    (pa.timestamp("ns", "Asia/Ho_Chi_Minh"), (_MOMENT, None)),
    (pa.time64("us"), (time(1, 2, 3), None)),
    (pa.duration("s"), (timedelta(days=5), timedelta(days=-106_000), None)),
    (pa.binary(), (b"\xff\x00", b"An", None)),
    (pa.binary(2), (b"An", None)),
    (pa.list_(pa.float64()), ([1.0], [], None)),
    (pa.struct([("a", pa.int64())]), ({"a": 1}, None)),
    (pa.map_(pa.string(), pa.int64()), ([("a", 1)], None)),
    (pa.dictionary(pa.int8(), pa.string()), ("An", "2024", None)),
    (pa.dictionary(pa.int8(), pa.int64()), (1, 2, None)),
    (pa.dictionary(pa.int16(), pa.float64()), (1.5, float("nan"), None)),
    (pa.large_string(), ("An", "", "1.5", None)),
    (pa.string(), (*NUMBERS, *WORDS, None)),
)


def _odd(column: pa.Array, random: Random) -> pa.Array:
    kind, values = random.choice(_ODD)
    own = [random.choice(values) for _ in range(min(len(column), 20))]
    return pa.array((own * (len(column) + 1))[: len(column)], kind)
