"""CSV text of any layout: cells by column, and the number of every row."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from contextlib import suppress
from itertools import islice

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from kpi_lib.errors import Problem
from kpi_lib.io import limits
from kpi_lib.io.tables.sheet import SEARCHED, Raw, columns_of
from kpi_lib.locale.catalogue import mark, msg
from kpi_lib.locale.words import tally

_BOMS = {
    codecs.BOM_UTF32_LE: "utf-32",  # which begins as UTF-16 does
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_DECIMAL = {",": ".", ";": ","}
"""The decimal mark where this mark separates cells: Excel takes ';' where ',' is taken."""
_ODD = 100_000  # rows with another number of cells, after which a text is no table
_WIDE = 1000  # columns, above which reading row by row is the faster way
_DELIMITERS = ",;\t|"
_SAVE_AS_UTF8 = mark("Save it as 'CSV UTF-8' (in Excel: File, Save As).")


def read_csv(shown: str, data: bytes) -> tuple[list[Raw], list[Problem]]:
    """Read the one table of a CSV file; what cannot be read becomes problems."""
    text, fault = _decoded(data)
    if fault or not text.strip():
        return [], [Problem(*(fault or (msg("the file is empty."), "")), shown)]
    said, text = _without_sep(text)
    delimiter = said or _delimiter(text)
    if _begins_with_keys(text):
        delimiter = "\t"
        text = re.sub(r"^[^\t\n]*", lambda keys: keys[0].replace(",", "\t"), text, flags=re.M)
    raw = _by_columns(shown, text, delimiter)
    return ([raw], []) if raw is not None else _by_rows(shown, text, delimiter)


def _decoded(data: bytes) -> tuple[str, tuple[str, str] | None]:
    encoding = next((name for bom, name in _BOMS.items() if data.startswith(bom)), "")
    encoding = encoding or _without_bom(data[:1000])
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        found = msg(
            "byte {byte} in line {line} is not {encoding}.",
            byte=f"{error.object[error.start]:#04x}",
            line=error.object[: error.start].count(b"\n") + 1,
            encoding=error.encoding.upper(),
        )
        return "", (found, msg(_SAVE_AS_UTF8))
    if (at := text.find("\0")) >= 0:
        found = msg(
            "line {line} has a NUL character, as binary files have; expected CSV text.",
            line=text.count("\n", 0, at) + 1,
        )
        return "", (found, msg(_SAVE_AS_UTF8))
    return text, None


def _without_bom(start: bytes) -> str:
    """Tell UTF-16 without a mark, as the IMF writes, by every second byte; else it is UTF-8."""
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if 2 * start[first::2].count(0) > len(start[first::2]) and 0 not in start[1 - first :: 2]:
            return encoding
    return "utf-8"


def _without_sep(text: str) -> tuple[str, str]:
    """Take off the line ``sep=;``, which tells Excel what separates cells."""
    line, end, _ = text[:10].partition("\n")
    line = line.strip().strip('"').lower()
    if end and len(line) == len("sep=;") and line.startswith("sep="):
        return line[-1], text.partition("\n")[2]
    return "", text


def _begins_with_keys(text: str) -> bool:
    r"""Tell tables of Eurostat by the keys in their first cell (``unit,geo\TIME_PERIOD``)."""
    line = text[: text.find("\n")]
    first, tab, _ = line.partition("\t")
    return bool(tab) and '"' not in first and 0 <= first.find(",") < first.rfind("\\")


def _delimiter(text: str) -> str:
    """Find what separates the cells: the mark that cuts most of the first rows into equally many.

    Title lines above a table and notes below it have fewer.
    """

    def fit(delimiter: str) -> tuple[int, int]:
        records = csv.reader(io.StringIO(text[: limits.MB], newline=""), delimiter=delimiter)
        widths: Counter[int] = Counter()
        with suppress(csv.Error):  # said where the whole text is read
            widths.update(len(cells) for cells in islice(records, SEARCHED) if len(cells) > 1)
        width, rows = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        return rows, width

    return max(_DELIMITERS, key=fit)


def _by_columns(shown: str, text: str, delimiter: str) -> Raw | None:
    """Read a table whose rows all have equally many cells, as nearly all have; else None."""
    if text[: text.find("\n")].count(delimiter) >= _WIDE:  # of a million columns it would abort
        return None
    data = text.encode()
    content = np.frombuffer(data, dtype=np.uint8)
    if _has_empty_lines(content) or not _quoted_whole(content, delimiter):
        return None
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(data),
            arrow_csv.ReadOptions(autogenerate_column_names=True),
            arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False
            ),
            arrow_csv.ConvertOptions(
                default_column_type=pa.dictionary(pa.int32(), pa.string()),
                strings_can_be_null=False,
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None
    if table.num_columns < 2:
        return None
    columns = tuple(coded_strings(column) for column in table.columns)
    rows = np.arange(1, table.num_rows + 1, dtype=np.int32)
    kept = np.zeros(len(rows), dtype=np.bool_)
    for column in columns:
        blank = np.array([text == "" or text.isspace() for text in column.cat.categories])
        kept |= ~blank[column.cat.codes.to_numpy()]
        if kept.all():
            break
    if not kept.all():
        columns = tuple(column[kept].reset_index(drop=True) for column in columns)
    return Raw(shown, "", columns, rows[kept], _DECIMAL.get(delimiter, ""), delimiter=delimiter)


def coded_strings(column: pa.ChunkedArray) -> pd.Series[str]:
    """Give a column of dictionaries as categories."""
    whole = column.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else whole.chunk(0)
    codes = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    distinct = pd.Index(whole.dictionary.to_numpy(zero_copy_only=False), dtype=object)
    return pd.Series(pd.Categorical.from_codes(codes, categories=distinct), copy=False)


def _has_empty_lines(content: npt.NDArray[np.uint8]) -> bool:
    """Whether lines are empty, or end as on old Macs, which the fast reader numbers otherwise."""
    ends = np.flatnonzero(content == ord("\n"))
    if ends.size and (ends[0] == 0 or (ends[0] == 1 and content[0] == ord("\r"))):
        return True
    step = np.diff(ends)
    if (step == 1).any() or (content[ends[1:][step == 2] - 1] == ord("\r")).any():
        return True
    returns = np.flatnonzero(content == ord("\r"))
    return bool(returns.size) and (
        returns[-1] == len(content) - 1 or bool((content[returns + 1] != ord("\n")).any())
    )


def _quoted_whole(content: npt.NDArray[np.uint8], delimiter: str) -> bool:
    """Whether every quote opens or closes a whole cell, or stands twice inside one."""
    quotes = np.flatnonzero(content == ord('"'))
    if not quotes.size:
        return True
    if quotes.size % 2:
        return False
    opening, closing = quotes[::2], quotes[1::2]
    around = np.array([ord(delimiter), ord("\n"), ord("\r")], dtype=np.uint8)
    padded = np.concatenate(([ord("\n")], content, [ord("\n")])).astype(np.uint8)
    again = np.zeros(len(opening), dtype=np.bool_)
    again[1:] = opening[1:] == closing[:-1] + 1
    starts = np.isin(padded[opening], around) | again
    ends = np.isin(padded[closing + 2], around)
    ends[:-1] |= again[1:]
    return bool((starts & ends).all())


def why_not_split(error: csv.Error) -> str:
    """Say in our words why a text is no CSV."""
    said = str(error)
    if said.startswith("field larger"):
        most = tally(csv.field_size_limit())
        return msg("a cell has over {n} characters, or the quote before it is not closed", n=most)
    if said.startswith("unexpected end"):
        return msg("a quote is opened and not closed")
    return msg("a quote is closed before its cell ends") if "expected after" in said else said


def _by_rows(shown: str, text: str, delimiter: str) -> tuple[list[Raw], list[Problem]]:
    """Read a table whose rows differ in how many cells they have."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    kept: list[list[str]] = []
    numbers: list[int] = []
    cells = odd = width = lines = 0
    try:
        for number, row in enumerate(reader, start=1):
            lines = reader.line_num
            if "".join(row).strip():
                kept.append(row)
                numbers.append(number)
                cells += len(row)
                width = max(width, len(row)) if len(kept) <= SEARCHED else width
                odd += len(row) != width
                if odd > _ODD and odd > len(kept) / 2:
                    break  # no table: what was read says enough
    except csv.Error as error:
        found = msg(
            "the text cannot be split into cells at line {line_num}: {error}.",
            line_num=lines + 1,
            error=why_not_split(error),
        )
        fix = msg('Close every quoted text with " and write a " inside one twice.')
        return [], [Problem(found, fix, shown)]
    widths = np.array([len(row) for row in kept], dtype=np.int64)
    width = int(widths.max(initial=0))
    if width > limits.limit(limits.COLUMNS) or width * len(kept) > max(
        limits.limit(limits.FAR_CELLS), limits.CROWDED * cells
    ):
        found = msg(
            "row {row} has {n} cells; the other rows have far fewer.",
            row=numbers[int(widths.argmax())],
            n=tally(width),
        )
        return [], [limits.over(found, shown)]
    columns = columns_of(kept, width)
    rows = np.array(numbers, dtype=np.int64)
    decimal = _DECIMAL.get(delimiter, "")
    return [Raw(shown, "", columns, rows, decimal, widths=widths, delimiter=delimiter)], []
