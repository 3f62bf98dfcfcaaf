"""Methods by name, each with what it needs: what framework files and calls choose from.

A function joins by a decorator, :func:`normalisation` or :func:`aggregation`, here or in code of
a user's own. Its keyword-only parameters are what a framework file may set; their annotations
say what a file may hold (:mod:`kpi_lib.methods.parameters`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar, overload

import numpy as np
import numpy.typing as npt

from kpi_lib.errors import InputError
from kpi_lib.locale.catalogue import msg
from kpi_lib.methods.loading import digest_of, load_all, named

Array = npt.NDArray[np.float64]
Direction = Literal["higher", "lower"]
Domain = Literal["any", "not negative", "positive"]
"""Which scores an aggregation takes: any, none under 0, or only those above 0."""

Range = tuple[float, float]
Scores = Callable[..., Array]
F = TypeVar("F", bound=Scores)


@dataclass(frozen=True)
class Method:
    """A method by name, with the parameters that were set for it."""

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """A function that can be asked for by its name; calling the entry calls the function.

    ``title`` says what it does in a few words; ``relative`` that it compares cities with each
    other; ``arrays`` that it takes more axes than those it is about, in front.
    """

    name: str
    function: Scores
    title: str
    relative: bool
    arrays: bool
    axes: int

    @property
    def __wrapped__(self) -> Scores:
        """The function, whose parameters are those of the entry."""
        return self.function

    def __call__(self, values: Array, second: Any, **parameters: Any) -> Array:
        """Call the function, for each leading row by itself where it takes no more axes."""
        if self.arrays or values.ndim <= self.axes:
            return self._checked(self.function(values, second, **parameters), values)
        rows = values.reshape(-1, *values.shape[values.ndim - self.axes :])
        own = [self._checked(self.function(row, second, **parameters), row) for row in rows]
        result = np.stack(own)
        return result.reshape(*values.shape[: values.ndim - self.axes], *result.shape[1:])

    def _checked(self, scores: Any, values: Array) -> Array:
        """Refuse what is no score for each city: a function of a user's own may err."""
        if self.arrays:
            return scores  # type: ignore[no-any-return]
        wanted = self.shape(values)
        found = np.asarray(scores)
        if found.shape != wanted or not np.issubdtype(found.dtype, np.number):
            raise ValueError(
                msg(
                    "the function gives {found}; expected numbers of the shape {wanted}",
                    found=f"{found.dtype} {found.shape}",
                    wanted=wanted,
                )
            )
        return found.astype(np.float64)

    def shape(self, values: Array) -> tuple[int, ...]:
        """The shape of the scores that it gives for values."""
        return values.shape


@dataclass(frozen=True)
class Normalisation(Entry):
    """A function from values to scores.

    ``needs`` is the field of an indicator that says what the parameters ``or_parameters`` would
    say; ``place`` the parameter that names a city, which is called with its place among the
    values; ``bounds`` the lowest and highest score, by its parameters; ``rule`` the parameter that
    holds a table of scores, from which follows what is better.
    """

    needs: str = ""
    or_parameters: tuple[str, ...] = ()
    bounds: Range | Callable[..., Range] | None = None
    rule: str = ""
    place: str = ""

    def scale(self, parameters: Mapping[str, Any]) -> Range | None:
        """The lowest and the highest score that it can give, or None where it has no bounds."""
        if not callable(self.bounds):
            return self.bounds
        taken = inspect.signature(self.bounds).parameters
        return self.bounds(**{k: v for k, v in parameters.items() if k in taken})


@dataclass(frozen=True)
class Aggregation(Entry):
    """A function from the scores of a group's parts to that of the group.

    ``slopes`` gives its partial derivatives by part, shape ``(…, parts)``, 0 for a missing one.
    All means are homogeneous of degree one, so by Euler's theorem ``sum(score · slope)`` is the
    mean itself: that is how a score splits into contributions. Without slopes it does not split.
    ``takes`` says which scores it takes, by its parameters.
    """

    slopes: Scores | None = None
    takes: Domain | Callable[..., Domain] = "any"

    def domain(self, parameters: Mapping[str, Any]) -> Domain:
        """Say which scores it takes."""
        return self.takes(**parameters) if callable(self.takes) else self.takes

    def shape(self, values: Array) -> tuple[int, ...]:
        """One score for each row of parts."""
        return values.shape[:-1]


E_ = TypeVar("E_", bound=Entry)


class Registry(Mapping[str, E_], Generic[E_]):
    """Methods of one kind by name: the library's, and those that users add."""

    def __init__(self) -> None:
        self._entries: dict[str, E_] = {}
        self.own: frozenset[str] = frozenset()
        """Names of the library's own methods."""

    def __getitem__(self, name: str) -> E_:
        if name not in self._entries:
            load_all()
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        if name not in self._entries:
            load_all()
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: E_) -> None:
        """Add a method. Raises :class:`InputError` for a name that the library has."""
        if self.own and entry.function.__module__.startswith("kpi_lib."):
            raise RuntimeError(f"{entry.name} must stand before the registry is closed")
        if entry.name in self.own:
            raise InputError(
                msg(
                    "the library has a method '{name}' already. Choose another name for yours.",
                    name=entry.name,
                )
            )
        self._entries[entry.name] = entry

    def close(self) -> None:
        """Keep the names that are there now for the library."""
        self.own = frozenset(self._entries)

    @property
    def users(self) -> list[E_]:
        """The methods that are not the library's."""
        return [entry for name, entry in self._entries.items() if name not in self.own]

    def forget(self, module: str) -> None:
        """Take out the methods that a module has added."""
        for entry in self.users:
            if entry.function.__module__ == module:
                del self._entries[entry.name]


NORMALISE: Registry[Normalisation] = Registry()
"""Normalisations by the name that framework files use."""

AGGREGATE: Registry[Aggregation] = Registry()
"""Aggregations by the name that framework files use."""


@contextmanager
def methods_of(path: str | Path) -> Iterator[None]:
    """Have the methods of a file for a while, here and in processes that are started meanwhile."""
    with named(path) as module:
        try:
            yield
        finally:
            NORMALISE.forget(module)
            AGGREGATE.forget(module)


def users_digest() -> str:
    """Hash the source of all methods of users; '' where there are none.

    It differs each time for one that was written in a session, of which nothing can be kept.
    """
    users = [*NORMALISE.users, *AGGREGATE.users]
    return " ".join(f"{one.name} {digest_of(one.function)}" for one in users)


@overload
def normalisation(name: F, /) -> F: ...
@overload
def normalisation(
    name: str = "",
    /,
    *,
    title: str = "",
    needs: str = "",
    or_parameters: tuple[str, ...] = (),
    relative: bool = False,
    bounds: Range | Callable[..., Range] | None = None,
    rule: str = "",
    place: str = "",
    arrays: bool = False,
) -> Callable[[F], F]: ...
def normalisation(name: Any = "", /, **said: Any) -> Any:
    """Let a function be asked for as a normalisation, by ``name`` or its own.

    Parameters
    ----------
    name
        The name that framework files use.
    title
        What it does, in a few words; the first line of its docstring where it is left out.
    needs
        ``goalposts`` or ``targets``, where an indicator must give them.
    or_parameters
        The parameters that say the same, such as ``("low", "high")``.
    relative
        Whether it compares cities with each other.
    bounds
        The lowest and the highest score; None (the default) for a scale of its own. A function
        of the parameters where they decide.
    rule
        The parameter that holds a table of scores.
    place
        The parameter that names a city; the function gets its place among the values.
    arrays
        Whether it takes values of shape ``(…, cities)``; else it is called with the values of one
        period at a time, shape ``(cities,)``.

    Notes
    -----
    The function is called as ``function(values, direction, **parameters)``: ``values`` with NaN
    where missing, ``direction`` ``"higher"`` or ``"lower"``. It gives scores of the same shape, of
    which higher is better, NaN where the value is. Its keyword-only parameters are what a framework
    file may set. A ``ValueError`` that it raises is shown with the indicator's code.

    Examples
    --------
    >>> import kpi_lib as kpi
    >>> @kpi.normalisation(bounds=(0, 100))
    ... def doubled(values, direction, *, high: float):
    ...     '''Twice the share of a high value, at most 100.'''
    ...     return (200 * values / high).clip(0, 100)
    """
    return _joining(NORMALISE, Normalisation, 1, name, said)


@overload
def aggregation(name: F, /) -> F: ...
@overload
def aggregation(
    name: str = "",
    /,
    *,
    title: str = "",
    slopes: Scores | None = None,
    takes: Domain | Callable[..., Domain] = "any",
    relative: bool = False,
    arrays: bool = False,
) -> Callable[[F], F]: ...
def aggregation(name: Any = "", /, **said: Any) -> Any:
    """Let a function be asked for as an aggregation, by ``name`` or its own.

    Parameters
    ----------
    name
        The name that framework files use.
    title
        What it does, in a few words; the first line of its docstring where it is left out.
    slopes
        A function of the same arguments that gives its partial derivatives, shape
        ``(…, parts)``; without it scores do not split into contributions.
    takes
        Which scores it takes: ``any``, ``not negative`` or ``positive``.
    relative
        Whether it compares cities with each other; then it is called with one period at a time.
    arrays
        Whether it takes scores of shape ``(…, cities, parts)``; else ``(cities, parts)``.

    Notes
    -----
    The function is called as ``function(scores, weights, **parameters)``: ``scores`` with NaN where
    missing, ``weights`` of shape ``(parts,)`` or ``(cities, parts)``, relative to each other. It
    gives one score for each city.

    Examples
    --------
    >>> import numpy as np
    >>> import kpi_lib as kpi
    >>> @kpi.aggregation
    ... def midrange(scores, weights):
    ...     '''Half way between the lowest and the highest score.'''
    ...     return (np.nanmin(scores, axis=-1) + np.nanmax(scores, axis=-1)) / 2
    """
    return _joining(AGGREGATE, Aggregation, 2, name, said)


def _joining(
    registry: Registry[E_], kind: type[E_], axes: int, name: Any, said: Mapping[str, Any]
) -> Any:
    """The decorator that makes an entry of a function; used bare, ``name`` is the function."""
    if callable(name):
        return _joining(registry, kind, axes, "", said)(name)

    def join(function: F) -> F:
        own = name or function.__name__
        told = {"title": "", "relative": False, "arrays": False, **said}
        first = (inspect.getdoc(function) or own).splitlines()[0].rstrip(".")
        told["title"] = told["title"] or first
        registry.add(kind(name=own, function=function, axes=axes, **told))
        return function

    return join


def outside(scores: Array, wanted: Domain) -> npt.NDArray[np.bool_]:
    """Say which scores are outside a domain; a missing one never is."""
    if wanted == "any":
        return np.zeros(np.shape(scores), dtype=bool)
    return scores <= 0 if wanted == "positive" else scores < 0
