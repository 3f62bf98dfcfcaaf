"""The numbering of an annex as a tree of groups and indicators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kpi_lib.errors import Problem
from kpi_lib.exchange.annex.columns import Use
from kpi_lib.exchange.annex.numbering import Number, read_code, read_number, split_number
from kpi_lib.io.tables.grids import Line
from kpi_lib.locale.catalogue import msg
from kpi_lib.locale.display import Displayed

_LEAF, _PLAIN, _COLUMN = "leaf", "plain", "column"
_WEIGHING = ("weight", "points", "bonus", "deduction")


@dataclass(eq=False)
class Row:
    """A row that names a group or an indicator.

    ``filled``: it has more than a number and a title, so it is no mere group. ``merged``: its
    title runs over other columns, so it is no indicator. ``path``: its groups, from columns.
    """

    line: Line
    title: str
    number: str = ""
    code: str = ""
    filled: bool = False
    merged: bool = False
    path: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[Use, str] = field(default_factory=dict)
    unit: str = ""


@dataclass(eq=False, repr=False)
class Branch(Displayed):
    """A group or an indicator in its place in the tree.

    ``apart`` ends the code of a row whose number another row has: it is complained of once.
    """

    row: Row
    number: Number
    children: list[Branch] = field(default_factory=list)
    code: str = ""
    apart: str = ""

    @property
    def numbered(self) -> bool:
        """Whether the annex gives it a number."""
        return self.number.key[0] not in (_LEAF, _PLAIN, _COLUMN, "bullet", "root")


class Tree:
    """Puts rows in their places, one after the other."""

    def __init__(self, file: str) -> None:
        """Begin with an empty tree."""
        empty = Row(Line("", 0, (), (), ()), "")
        self.root = Branch(empty, Number(("root",), ("",), 0))
        self.problems: list[Problem] = []
        self._file = file
        self._stack = [self.root]
        self._path: tuple[str, ...] = ()

    def add(self, row: Row) -> None:
        """Put a row below what its number, its code or its groups say."""
        if row.path:
            self._open(row)
        number = self._number(row)
        if number is not None:
            self._place(Branch(row, number))

    def _open(self, row: Row) -> None:
        """Open the groups that columns name, from the first that differs from the row before."""
        same = 0
        for new, old in zip(row.path, self._path, strict=False):
            if new != old:
                break
            same += 1
        for at in range(same, len(row.path)):
            group = Row(row.line, split_number(row.path[at])[1], merged=True)
            self._place(Branch(group, Number((_COLUMN, str(at)), (), 0)))
        self._path = row.path

    def _number(self, row: Row) -> Number | None:
        if row.number:
            readings = read_number(row.number)
            if readings:
                return self._likeliest(readings, row)
            self._report(
                row,
                msg(
                    "found the number '{number}'; expected one such as I, A, 1, 1.1 or a).",
                    number=row.number,
                ),
                msg("Number the row as its neighbours are numbered."),
            )
            return None
        if row.code and ("." in row.code or not self._has_numbers()):
            return read_code(row.code)
        return Number((_LEAF if row.filled else _PLAIN,), ("",), 0)

    def _has_numbers(self) -> bool:
        return any(branch.numbered and not branch.row.code for branch in self._stack[1:])

    def _likeliest(self, readings: Sequence[Number], row: Row) -> Number:
        """Choose the reading that continues a list or begins one."""

        def fit(number: Number) -> int:
            before = self._last(number.key)
            if before is None:
                return 2 if number.ordinal == 1 else 0
            return 3 if number.ordinal == before.number.ordinal + 1 else 1

        number = max(readings, key=fit)
        before = self._last(number.key)
        if before is None:
            return number
        last = before.number
        if len(number.key) > 1 and number.ordinal * 10 == last.ordinal + 1:
            # A spreadsheet makes the number 1.1 of 1.10.
            number = replace(
                number, parts=(*number.parts[:-1], f"{number.ordinal}0"), ordinal=last.ordinal + 1
            )
        begins_again = number.ordinal == 1 and row.filled
        inner = replace(number, key=(*number.key[:-1], f"{number.key[-1]} within"))
        if (begins_again and not before.row.filled and self._stack[-1] is before) or (
            row.filled and self._last(inner.key)
        ):
            return inner  # indicators 1, 2, 3 of a group that is numbered 1 as well
        return number

    def _last(self, key: tuple[str, ...]) -> Branch | None:
        return next((one for one in reversed(self._stack) if one.number.key == key), None)

    def _place(self, branch: Branch) -> None:
        key, row = branch.number.key, branch.row
        at = next(
            (i for i in range(len(self._stack) - 1, 0, -1) if self._stack[i].number.key == key), 0
        )
        if at:
            del self._stack[at:]
        elif len(key) > 1 and key[0] != _COLUMN and (above := self._last(key[:-1])):
            del self._stack[self._stack.index(above) + 1 :]
            self._check_parent(branch, above)
        elif row.merged or not branch.numbered:
            # No group and no row without a number stands within an indicator.
            if branch.number.key != ("bullet",):
                while self._stack[-1].row.filled:
                    self._stack.pop()
            if key[0] == _COLUMN:
                self._close_columns(int(key[1]))
        elif self._goes_on(branch):
            self._stack.pop()
        if key[0] != _COLUMN and row.merged:
            self._path = ()
        parent = self._stack[-1]
        self._check_order(branch, parent.children)
        parent.children.append(branch)
        self._stack.append(branch)

    def _goes_on(self, branch: Branch) -> bool:
        """Whether a number continues the list that an indicator without a number stands in."""
        *above, last = self._stack
        return (
            last.row.filled
            and not last.numbered
            and any(
                one.number.key == branch.number.key
                and one.number.ordinal == branch.number.ordinal - 1
                for one in above[-1].children
            )
        )

    def _close_columns(self, at: int) -> None:
        for i, one in enumerate(self._stack):
            if one.number.key[0] == _COLUMN and int(one.number.key[1]) >= at:
                del self._stack[i:]
                return

    def _check_parent(self, branch: Branch, above: Branch) -> None:
        own, parent = branch.number.parts, above.number.parts
        if own[:-1] != parent:
            self._report(
                branch.row,
                msg(
                    "the row is numbered {shown}, but stands below {shown_2} (row {row}).",
                    shown=branch.number.shown,
                    shown_2=above.number.shown,
                    row=above.row.line.row,
                ),
                msg("Put it below {own}, or correct its number.", own=".".join(own[:-1])),
            )

    def _check_order(self, branch: Branch, siblings: Sequence[Branch]) -> None:
        number = branch.number
        before = [one for one in siblings if one.number.key == number.key]
        if not before or not number.ordinal or not branch.numbered:
            return
        twice = next((one for one in before if one.number.parts == number.parts), None)
        if twice:
            self._report(
                branch.row,
                msg(
                    "the number {shown} is there already, in row {row}.",
                    shown=number.shown,
                    row=twice.row.line.row,
                ),
                msg("Give each row a number of its own."),
            )
            branch.apart = f"-row{branch.row.line.row}"
        elif (
            number.key[-1].split()[-1] in ("digits", "roman")
            and number.ordinal > before[-1].number.ordinal + 1
        ):
            self._report(
                branch.row,
                msg(
                    "the number {shown} follows {shown_2}; what is between them is not there.",
                    shown=number.shown,
                    shown_2=before[-1].number.shown,
                ),
                msg("Check that no row is missing."),
                warning=True,
            )

    def _report(self, row: Row, message: str, fix: str, warning: bool = False) -> None:
        line = row.line
        self.problems.append(
            Problem(
                message,
                fix,
                self._file,
                line.sheet,
                line.row,
                severity="warning" if warning else "error",
            )
        )

    def finish(self) -> Branch:
        """Give the tree with a code for each branch; groups without indicators are problems."""
        self._prune(self.root, self._group_keys())
        self._name(self.root)
        return self.root

    def _group_keys(self) -> set[tuple[str, ...]]:
        return {one.number.key for one in branches(self.root) if one.children}

    def _prune(self, branch: Branch, groups: set[tuple[str, ...]]) -> None:
        kept = []
        for child in branch.children:
            self._prune(child, groups)
            row = child.row
            is_group = row.merged or row.line.prose or child.number.key in groups
            weighed = any(use.field in _WEIGHING for use in row.cells)
            if child.children or row.filled or weighed or not is_group:
                kept.append(child)
            elif not row.line.prose:
                self._report(
                    row,
                    msg(
                        "'{title}' has no indicators below it and nothing in the other columns.",
                        title=row.title,
                    ),
                    msg("List its indicators, or fill in the row if it is an indicator itself."),
                )
        branch.children[:] = kept

    def _name(self, branch: Branch) -> None:
        """Give each child its own code, or one made of its parent's and its number.

        One without a number takes the next that none of its siblings has.
        """
        tails = {
            id(child): _tail(child, branch)
            for child in branch.children
            if child.numbered and not child.row.code
        }
        taken, unnumbered = set(tails.values()), 0
        for child in branch.children:
            tail = tails.get(id(child), "")
            while not tail and not child.row.code:
                unnumbered += 1
                named = f"G{unnumbered}" if child.children else str(unnumbered)
                tail = "" if named in taken else named
            child.code = child.row.code or (f"{branch.code}.{tail}" if branch.code else tail)
            child.code += child.apart
            self._name(child)


def _tail(child: Branch, parent: Branch) -> str:
    """The part of a code that a number gives: of 1.2 below 1 it is 2."""
    number = child.number
    within = parent.numbered and number.key[:-1] == parent.number.key
    return ".".join(number.parts[-1:] if within else number.parts)


def branches(branch: Branch) -> Iterator[Branch]:
    """Give a branch and all below it, parents first."""
    yield branch
    for child in branch.children:
        yield from branches(child)
