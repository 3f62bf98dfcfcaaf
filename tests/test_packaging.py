"""The files that say what is installed agree with each other."""

import importlib
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from builders import ROOT

from kpi_lib.batch.fingerprint import library
from kpi_lib.datasets import FRAMEWORKS
from kpi_lib.errors import InputError

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def name_of(requirement: str) -> str:
    return re.split(r"[\s\[<>=!~;]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def direct_requirements() -> set[str]:
    extras = PROJECT["optional-dependencies"]
    every = PROJECT["dependencies"] + [line for lines in extras.values() for line in lines]
    return {line.lower() for line in every if name_of(line) != PROJECT["name"]}


def test_conda_environment_names_the_same_packages_and_bounds_as_pyproject() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    packages = {line for line in environment["dependencies"] if isinstance(line, str)}
    (by_pip,) = (line["pip"] for line in environment["dependencies"] if isinstance(line, dict))
    packages |= set(by_pip) - {"-e ."}
    assert f"python{PROJECT['requires-python']}" in packages
    assert packages - {"pip", f"python{PROJECT['requires-python']}"} == direct_requirements()


def test_every_direct_requirement_is_pinned_with_hashes() -> None:
    files = (ROOT / "requirements.txt", ROOT / "requirements-docs.txt")
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    pins = re.findall(r"^(\S+)==\S+.*\\\n    --hash=sha256:", text, flags=re.MULTILINE)
    assert {name_of(line) for line in direct_requirements()} <= set(pins)
    assert all("--hash" in file.read_text(encoding="utf-8") for file in files)
    lines = [line for line in text.splitlines() if line and line[0] not in " #"]
    assert len(pins) == len(lines)


def test_both_files_of_pins_have_the_same_versions() -> None:
    """`make docs` installs one beside the other."""
    pins = [
        set(re.findall(r"^\S+==\S+", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements.txt", "requirements-docs.txt")
    ]
    names = [{pin.partition("==")[0] for pin in own} for own in pins]
    shared = names[0] & names[1]
    assert len(shared) > 50
    assert {pin for pin in pins[0] ^ pins[1] if pin.partition("==")[0] in shared} == set()


def test_a_package_that_only_some_need_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for package, module, extra in (
        ("docx", "kpi_lib.io.tables.docx", "word"),
        ("SALib", "kpi_lib.analysis.robustness.sobol", "sensitivity"),
        ("ipywidgets", "kpi_lib.report.sliders", "lab"),
    ):
        for name in [name for name in sys.modules if name.partition(".")[0] == package]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, package, None)
        monkeypatch.delitem(sys.modules, module, raising=False)
        with pytest.raises(InputError, match=rf"{package}.*kpi-lib\[{extra}\]"):
            importlib.import_module(module)
        assert extra in PROJECT["optional-dependencies"]


@pytest.mark.parametrize("name", ["requirements.txt", "environment.yml", "pyproject.toml"])
def test_no_package_index_is_named(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text)


def _works_outside(wheel: Path, folder: Path) -> None:
    """The data sets and a new project come from the wheel, far from the repository."""
    zipfile.ZipFile(wheel).extractall(folder / "installed")
    told = (
        "import kpi_lib as kpi; from kpi_lib.cli.main import main;"
        "print(kpi.__file__, len(kpi.datasets.u4ssc().table), kpi.find('data/raw/places'));"
        "main(['init', 'Dự án', '--lang', 'en'], standalone_mode=False);"
        "print(kpi.score('Dự án/data', 'Dự án/framework.yaml').table().shape);"
        "from kpi_lib.batch.fingerprint import library; print(library())"
    )
    run = subprocess.run(
        [sys.executable, "-c", told],
        cwd=folder,
        env={"PATH": "", "PYTHONPATH": str(folder / "installed"), "LC_ALL": "C", "HOME": "/none"},
        check=True,
        capture_output=True,
    )
    said = run.stdout.decode()
    package = folder / "installed/kpi_lib"
    assert f"{package / '__init__.py'} 157 {package / 'data/places'}" in said
    assert "(4, 3)" in said
    assert library() in said, "a page of a clone is another library's for whoever has the wheel"


def test_wheel_holds_the_frameworks_the_notebooks_and_the_data(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    tracked = [*ROOT.glob("kpi_lib/**/*"), *ROOT.glob("notebooks/*.ipynb")]
    expected = {
        f"kpi_lib/notebooks/{path.name}" if path.suffix == ".ipynb" else str(path.relative_to(ROOT))
        for path in tracked
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert expected <= names
    for name in FRAMEWORKS:
        files = [path for path in (ROOT / "data/raw" / name).iterdir() if path.suffix != ".py"]
        assert {f"kpi_lib/data/{name}/{path.name}" for path in files if path.is_file()} <= names
        assert {f"kpi_lib/data/{name}/{word}.md" for word in ("SOURCES", "README")} & names
    assert not {name for name in names if name.startswith("kpi_lib/data/") and name.endswith(".py")}
    assert wheel.stat().st_size < 2_000_000
    _works_outside(wheel, tmp_path)
    assert {
        f"{name.split('.data')[0]}.data/data/share/jupyter/nbconvert/templates/kpi/static/kpi.css"
        for name in names
        if ".data/" in name
    } <= names
    outside = {name for name in names if not name.startswith("kpi_lib") or ".ipynb_check" in name}
    assert not outside
