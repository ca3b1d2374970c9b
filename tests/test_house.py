"""House rules that no linter knows: sizes, paths, pages that must exist, and docs that name only what is there."""

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from source_tree import LAYERS, ROOT, project_files, python_files

LONGEST = 600
TEXT = {".py", ".md", ".toml", ".json", ".txt", ".cfg", ".yml", ".yaml", ".html", ".j2", ".css", ".js", ""}
MACHINE_PATH = re.compile(r"(?<![\w.\-/])/(?:" + "|".join(("work", "home", "root", "Users")) + r")/\w")
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
COMMAND = re.compile(r"(?:^|[\s`(;&|$])(?:[\w.]+/bin/)?(make|kumite)[ \t]+([^\n`#]*)", re.MULTILINE)


def text_files(*suffixes: str) -> Iterator[tuple[Path, str]]:
    """Project files of these suffixes (all text files without any) and what they hold."""
    for path in project_files():
        if path.suffix in (suffixes or TEXT):
            yield path, (ROOT / path).read_text(encoding="utf-8")


def test_no_source_file_is_longer_than_600_lines() -> None:
    lengths = {path: text.count("\n") for path, text in text_files(".py")}
    assert len(lengths) > 20
    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}


def test_no_file_names_a_path_of_one_machine() -> None:
    found = [f"{path}: {match.group()}..." for path, text in text_files() for match in MACHINE_PATH.finditer(text)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("open('{}work/main')", True),
        ("see {}home/me/file", True),
        ("arenas{0}work/x and https:/{0}home/index", False),
        ("runs/demo, {}tmp/x", False),
    ],
)
def test_machine_paths_are_recognised(text: str, named: bool) -> None:
    assert bool(MACHINE_PATH.search(text.format("/"))) == named


def test_continuous_integration_can_be_executed() -> None:
    assert os.access(ROOT / ".ci/run", os.X_OK)


def test_every_lint_rule_has_its_reason() -> None:
    section = (
        (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("[tool.ruff.lint]")[1].split("[tool.pyright]")[0]
    )
    entries = re.findall(r'^ {4}"([A-Z]+\d*)",(.*)$', section, re.MULTILINE)
    assert len(entries) > 20
    assert [code for code, rest in entries if not re.match(r"\s+# \S+ \S+", rest)] == []


def make_targets() -> set[str]:
    """Targets a user may name."""
    return set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_every_make_target_is_phony_and_explained() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)[1].split())
    explained = set(re.findall(r"^([a-z][\w-]*):.*## \S", text, re.MULTILINE))
    assert make_targets() == phony == explained


@cache
def kumite_options(command: str, verb: str = "") -> frozenset[str] | None:
    """Options of one `kumite` command, or of the verb it has (`kumite battle vocabulary`); None: there is no such."""
    import typer

    from kumite.cli import app

    group = typer.main.get_command(app)
    found = group.get_command(None, command)
    if found is not None and hasattr(found, "get_command"):
        found = found.get_command(None, verb)
    if found is None:
        return None
    return frozenset(option for parameter in found.params for option in (*parameter.opts, *parameter.secondary_opts))


def wrong_commands(text: str) -> list[str]:
    """Every `make X` and `kumite X --option` in a page's code that does not exist."""
    found = []
    for block in CODE.findall(text):
        if block.startswith("```python"):
            continue  # `from kumite import ...`
        for program, rest in COMMAND.findall(block):
            words = re.split(r"[\s|;&>)]+", re.sub(r'"[^"]*"', "", rest).strip())
            if not re.fullmatch(r"[a-z][\w-]*", words[0]):
                continue
            if program == "make":
                found += [f"make {word}" for word in words[:1] if word not in make_targets()]
            elif (known := kumite_options(*words[:2])) is None:
                found.append(f"kumite {words[0]}")
            else:
                options = {word.split("=")[0].rstrip(",.]") for word in words if word.startswith("--")}
                found += [f"kumite {words[0]} {option}" for option in sorted(options - known - {"--help"})]
    return found


def test_pages_name_only_commands_that_exist() -> None:
    found = [f"{path}: {command}" for path, text in text_files(".md") for command in wrong_commands(text)]
    assert not found, "\n".join(found)


def test_a_page_naming_a_missing_command_is_found() -> None:
    page = "Run `make demo`, `make test`.\n```\nmake lint\n$ make tset\n```\nThen make haste, `make polish`."
    assert wrong_commands(page) == ["make tset", "make polish"]


def test_every_linked_file_exists() -> None:
    found = []
    for path, text in text_files(".md"):
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            if not re.match(r"[a-z]+:", target) and not (ROOT / path.parent / target).exists():
                found.append(f"{path}: {target}")
    assert not found, "\n".join(found)


def test_every_folder_with_sources_is_a_package() -> None:
    folders = {parent for path in python_files(*LAYERS) for parent in path.parents if parent != Path()}
    assert [str(folder) for folder in sorted(folders) if not (ROOT / folder / "__init__.py").is_file()] == []
