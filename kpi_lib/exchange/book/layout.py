"""The workbook in which people edit a framework: its sheets, its columns, and what cells hold."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

from kpi_lib.io.names import tidy
from kpi_lib.io.numbers import Column

FRAMEWORK = "Bộ chỉ số (Framework)"
GROUPS = "Nhóm (Groups)"
INDICATORS = "Chỉ số (Indicators)"
LEVELS = "Cấp độ (Levels)"
CRITERIA = "Tiêu chí (Criteria)"
NOTES = "Hướng dẫn (Notes)"

Kind = Literal["text", "word", "number", "choice", "method", "aliases", "references"]


@dataclass(frozen=True)
class Field:
    """What a column holds: ``path`` leads to it in the framework file.

    A ``bilingual`` field has a column for each language; the English one is empty where both
    are the same.
    """

    path: tuple[str | int, ...]
    vi: str
    en: str
    kind: Kind = "text"
    width: float = 14
    options: tuple[str, ...] = ()
    bilingual: bool = False

    @property
    def columns(self) -> tuple[tuple[str, tuple[str | int, ...]], ...]:
        """Heading and path of each column."""
        if not self.bilingual:
            return ((f"{self.vi} / {self.en}", self.path),)
        return (
            (f"{self.vi}, tiếng Việt / {self.en}, Vietnamese", (*self.path, "vi")),
            (f"{self.vi}, tiếng Anh / {self.en}, English", (*self.path, "en")),
        )


_PROVENANCE = ("official", "adapted", "local")
_CODE = Field(("code",), "Mã", "Code", "word", 16)
_TITLE = Field(("title",), "Tên", "Title", width=42, bilingual=True)
_WEIGHT = Field(("weight",), "Trọng số", "Weight", "number", 10)
_LAST = (
    Field(("provenance",), "Nguồn gốc", "Provenance", "choice", 12, _PROVENANCE),
    Field(("was",), "Mã cũ", "Former code", "word", 14),
)

IN_GROUP = Field(("group",), "Thuộc nhóm", "In group", "word", 16)
IN_LEVEL = Field(("level",), "Thuộc cấp độ", "In level", "word", 16)

HEAD_FIELDS = (
    Field(("id",), "Mã bộ chỉ số", "Id", "word"),
    Field(("version",), "Phiên bản", "Version", "word"),
    Field(("status",), "Tình trạng", "Status", "choice", options=("working", "official")),
    Field(("title",), "Tên", "Title", bilingual=True),
    Field(("note",), "Lưu ý", "Note", bilingual=True),
    Field(("issued", "by"), "Cơ quan ban hành", "Issued by", bilingual=True),
    Field(("issued", "document"), "Văn bản ban hành", "Document"),
    Field(("issued", "date"), "Ngày ban hành", "Date of issue", "word"),
    Field(("extends",), "Mở rộng từ", "Extends"),
    Field(("normalise",), "Cách chuẩn hóa", "Normalise", "method"),
    Field(("aggregate",), "Cách tổng hợp", "Aggregate", "method"),
    Field(
        ("missing", "policy"),
        "Khi thiếu số liệu",
        "Missing values",
        "choice",
        options=("rescale", "zero", "worst", "strict"),
    ),
    Field(("missing", "min_coverage"), "Mức đầy đủ tối thiểu", "Least coverage", "number"),
)

GROUP_FIELDS = (
    _CODE,
    IN_GROUP,
    _TITLE,
    _WEIGHT,
    Field(("aggregate",), "Cách tổng hợp", "Aggregate", "method", 18),
    *_LAST,
)

INDICATOR_FIELDS = (
    _CODE,
    IN_GROUP,
    _TITLE,
    Field(("definition",), "Định nghĩa", "Definition", width=50, bilingual=True),
    Field(("unit",), "Đơn vị tính", "Unit", width=16, bilingual=True),
    Field(("direction",), "Chiều tốt lên", "Direction", "choice", 11, ("higher", "lower")),
    _WEIGHT,
    Field(("goalposts", 0), "Mốc thấp", "Low goalpost", "number", 10),
    Field(("goalposts", 1), "Mốc cao", "High goalpost", "number", 10),
    Field(("normalise",), "Cách chuẩn hóa", "Normalise", "method", 18),
    Field(("denominator",), "Chia cho đại lượng", "Divided by quantity", width=16),
    Field(("formula", "numerator"), "Tử số", "Numerator", width=34, bilingual=True),
    Field(("formula", "denominator"), "Mẫu số", "Denominator", width=34, bilingual=True),
    Field(("formula", "multiplier"), "Hệ số nhân", "Multiplier", "number", 10),
    Field(("valid", 0), "Giá trị nhỏ nhất có thể", "Lowest possible value", "number", 12),
    Field(("valid", 1), "Giá trị lớn nhất có thể", "Highest possible value", "number", 12),
    Field(("target_source",), "Căn cứ của mục tiêu", "Source of targets", width=34, bilingual=True),
    Field(
        ("aliases",), "Tên gọi khác (mỗi dòng một tên)", "Other names (one a line)", "aliases", 26
    ),
    Field(
        ("references",),
        "Tiêu chuẩn | điều (mỗi dòng một điều)",
        "Standard | clause (one a line)",
        "references",
        30,
    ),
    Field(("agency",), "Cơ quan cung cấp", "Agency", width=24, bilingual=True),
    Field(
        ("frequency",), "Tần suất", "Frequency", "choice", 11, ("monthly", "quarterly", "annual")
    ),
    *_LAST,
)

LEVEL_FIELDS = (
    _CODE,
    _TITLE,
    Field(("rule", "share"), "Tỷ lệ tiêu chí phải đạt", "Share to be met", "number", 12),
    Field(("rule", "basic"), "Tỷ lệ tiêu chí cơ bản", "Share of basic ones", "number", 12),
    Field(("rule", "chosen"), "Số tiêu chí tự chọn", "Chosen ones", "number", 12),
)

CRITERION_FIELDS = (
    _CODE,
    IN_LEVEL,
    _TITLE,
    Field(("kind",), "Loại", "Kind", "choice", 10, ("basic", "chosen")),
    Field(("indicator",), "Chỉ số", "Indicator", "word", 16),
    Field(("at_least",), "Ít nhất", "At least", "number", 10),
    Field(("at_most",), "Nhiều nhất", "At most", "number", 10),
    Field(("evidence",), "Minh chứng", "Evidence", width=42, bilingual=True),
)

_TARGET = re.compile(r"Mục tiêu (\d{4}) / Target \1")


def target_field(year: int | str) -> Field:
    """Give the field of the targets for a year."""
    return Field(("targets", int(year)), f"Mục tiêu {year}", f"Target {year}", "number", 10)


def field_of_target(heading: str) -> Field | None:
    """Give the field of a heading such as 'Mục tiêu 2030 / Target 2030'."""
    found = _TARGET.fullmatch(heading)
    return target_field(found[1]) if found else None


def to_cell(kind: Kind, value: Any) -> str | int | float:
    """Give what stands in a cell for a value of a framework file."""
    if kind == "number":
        return _number_cell(value)
    if kind == "method":
        return _method_cell(value)
    if kind == "aliases":
        lines = list(value)
        whole = all(_is_line(line) for line in lines)
        return "\n".join(lines) if whole else json.dumps(lines, ensure_ascii=False)
    if kind == "references":
        pairs = [(one["standard"], one.get("code", "")) for one in value]
        if all(_is_line(part) and "|" not in part for pair in pairs for part in pair if part):
            return "\n".join(f"{name} | {code}" if code else name for name, code in pairs)
        return json.dumps(pairs, ensure_ascii=False)
    return str(value)


def from_cell(kind: Kind, cell: Any) -> Any:
    """Read a cell that is not empty; raises ``ValueError`` with what is wrong and what to do.

    A choice is given as it stands: whether it is one is for the rules of framework files.
    """
    if kind == "number":
        return _read_number(cell)
    if kind == "text" and isinstance(cell, str):
        return cell
    text = tidy(cell).removesuffix("T00:00:00")
    if kind == "method":
        return _read_method(text)
    if kind in ("aliases", "references"):
        return _read_lines(kind, cell if isinstance(cell, str) else text)
    return text


def _number_cell(value: float) -> str | int | float:
    """Give a number as a cell that is read back the same; workbooks keep 15 digits."""
    if isinstance(value, int) and abs(value) < 1e15:
        return value
    kept = float(f"{value:.15g}")
    return value if kept == value and not float(value).is_integer() else repr(value)


def _read_number(cell: Any) -> int | float:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return cell
    text = tidy(cell)
    for read in (int, float):
        try:
            if "_" not in text:
                return read(text)
        except ValueError:
            continue
    numbers = Column([text]).read()
    if numbers.faults:
        raise ValueError(*numbers.faults[0])
    if numbers.percent[0] or numbers.printed:
        raise ValueError(f"found '{text}'; expected a plain number.", "Leave it empty for none.")
    return float(numbers.values[0])


def _method_cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    parameters = [f"{k}={_parameter_cell(v)}" for k, v in value.items() if k != "method"]
    name = str(value["method"])
    return f"{name}: {', '.join(parameters)}" if parameters else name


def _parameter_cell(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    plain = re.fullmatch(r"[A-Za-z_]\w*", value) and value not in ("true", "false")
    return value if plain else json.dumps(value, ensure_ascii=False)


_PARAMETER = re.compile(r'\s*(\w+)\s*=\s*("(?:[^"\\]|\\.)*"|[^,"]+?)\s*(?:,|$)')


def _read_method(text: str) -> Any:
    name, _, rest = text.partition(":")
    if not rest.strip():
        return name.strip()
    data: dict[str, Any] = {"method": name.strip()}
    at = 0
    while at < len(rest):
        found = _PARAMETER.match(rest, at)
        if found is None:
            raise ValueError(
                f"found '{text}'; expected a method with its parameters.",
                "Write it as in 'minmax: low=0, high=100'.",
            )
        try:
            data[found[1]] = json.loads(found[2])
        except ValueError:
            data[found[1]] = found[2]
        at = found.end()
    return data


def _is_line(text: str) -> bool:
    return text == text.strip() and len(text.splitlines()) == 1 and not text.startswith("[")


def _read_lines(kind: Kind, text: str) -> list[Any]:
    try:
        listed: Any = json.loads(text) if text.startswith("[") else None
    except ValueError:
        listed = None
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if kind == "aliases":
        return listed or lines
    pairs = listed or [[part.strip() for part in line.split("|", 1)] for line in lines]
    keys = ("standard", "code")
    return [
        {key: str(part) for key, part in zip(keys, pair, strict=False) if part} for pair in pairs
    ]
