"""Tables in Parquet files: texts by their distinct values, numbers as they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from kpi_lib.errors import Problem
from kpi_lib.io import limits
from kpi_lib.io.names import tidy
from kpi_lib.io.tables.read_csv import coded_strings
from kpi_lib.io.tables.sheet import Raw
from kpi_lib.locale.catalogue import msg

_BYTES = 8  # of a cell in memory, at the least
# Texts in these encodings are read by their distinct values; pyarrow refuses that of others.
_AS_DICTIONARY = {"PLAIN", "RLE", "BIT_PACKED", "PLAIN_DICTIONARY", "RLE_DICTIONARY"}


def read_parquet(shown: str, data: bytes) -> tuple[list[Raw], list[Problem]]:
    """Read the table of a Parquet file; what cannot be read becomes problems."""
    try:
        file = parquet.ParquetFile(pa.BufferReader(data))
        schema = file.schema_arrow
        if problems := _nested(shown, schema):
            return [], problems
        about = file.metadata
        groups = [about.row_group(at) for at in range(about.num_row_groups)]
        unpacked = max(
            about.num_rows * len(schema) * _BYTES, sum(group.total_byte_size for group in groups)
        )
        if limits.too_much(unpacked / 4, len(data)):
            return [], [limits.over(limits.too_large(unpacked, len(data)), shown)]
        texts = [
            field.name
            for at, field in enumerate(schema)
            if _is_text(field.type)
            and all(_AS_DICTIONARY.issuperset(group.column(at).encodings) for group in groups)
        ]
        # A thread that is left over when reading fails would end the process at its exit.
        table = parquet.read_table(
            pa.BufferReader(data), read_dictionary=texts, use_threads=False, pre_buffer=False
        )
        header = table.column_names
        rows = np.arange(2, table.num_rows + 2, dtype=np.int32)
        columns = tuple(_column(column) for column in table.columns)
        del table
        pa.default_memory_pool().release_unused()
    except Exception as error:  # a damaged file fails anywhere in pyarrow, in many ways
        return [], [
            Problem(
                msg("the Parquet file cannot be read ({error}).", error=str(error)[:200]),
                "",
                shown,
            )
        ]
    kept = [at for at, name in enumerate(header) if not name.startswith("__index")]
    named = tuple(tidy(header[at]) for at in kept)
    return [Raw(shown, "", tuple(columns[at] for at in kept), rows, ".", header=named)], []


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _nested(shown: str, schema: pa.Schema) -> list[Problem]:
    return [
        Problem(
            msg("found {kind} in the cells; expected texts and numbers.", kind=field.type),
            msg("Write a cell for each of its values."),
            shown,
            column=field.name,
        )
        for field in schema
        if pa.types.is_nested(field.type) or pa.types.is_binary(field.type)
    ]


def _column(column: pa.ChunkedArray) -> pd.Series:
    if _is_text(column.type):
        column = column.dictionary_encode()
    kind = column.type
    if pa.types.is_dictionary(kind):
        if not _is_text(kind.value_type):
            column = column.cast(kind.value_type)
        elif pa.types.is_large_string(kind.value_type):
            return coded_strings(column.cast(pa.dictionary(pa.int32(), pa.string())))
        else:
            return coded_strings(column)
    if pa.types.is_floating(kind) or pa.types.is_integer(kind):
        if column.null_count:
            column = column.cast(pa.float64(), safe=False)
        return pd.Series(column.to_numpy())
    return pd.Series(column.to_pandas().to_numpy(dtype=object))
