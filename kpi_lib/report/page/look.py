"""What a project gives its pages: colours, a logo, and the lines at the foot."""

from __future__ import annotations

from dataclasses import dataclass

from kpi_lib.locale.catalogue import Lang, tr
from kpi_lib.locale.words import in_language
from kpi_lib.observations.project.colours import PALETTE
from kpi_lib.observations.project.file import Project


@dataclass(frozen=True)
class Look:
    """What a page is given beside its content.

    ``css`` sets colours, ``logo`` is the address of a picture that holds it, ``name`` says whose
    it is, ``lines`` stand at the foot.
    """

    css: str = ""
    logo: str = ""
    name: str = ""
    lines: tuple[str, ...] = ()


def look_of(project: Project, lang: Lang) -> Look:
    """The look of a project's pages in a language."""
    own = {name: project.colours[name] for name in PALETTE if name in project.colours}
    set_to = " ".join(f"--{name}: light-dark({a}, {b});" for name, (a, b) in own.items())
    contact, licence = (in_language(text, lang) for text in (project.contact, project.licence))
    lines = (
        in_language(project.footer, lang),
        tr(lang, "Contact: {contact}", contact=contact) if contact else "",
        tr(lang, "Licence: {licence}", licence=licence) if licence else "",
    )
    name = in_language(project.title, lang) or tr(lang, "Logo")
    css = f".kpi {{ {set_to} }}" if own else ""
    return Look(css, project.logo, name, tuple(filter(None, lines)))
