"""The rules of docs/design.md, held over the syntax trees of the code itself."""

from __future__ import annotations

import ast
import statistics
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("extract", "normalize", "consolidate")
CODE = [*sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")), ROOT / "run_pipeline.py"]
SCRIPTS = sorted(path for folder in ("samples", "benchmarks") for path in (ROOT / folder).rglob("*.py"))
MAY_IMPORT = {
    "extract": {"extract"},
    "normalize": {"normalize", "extract.model"},
    "consolidate": {"consolidate", "extract", "normalize"},
    "run_pipeline": {"consolidate"},
}
KEPT_TO = {
    "pdfplumber": {"extract"},
    "playa": {"extract"},
    "docx": {"extract"},
    "openpyxl": {"extract", "consolidate"},
    "xlsxwriter": {"consolidate"},
    "rapidfuzz": {"normalize"},
    "unidecode": {"normalize"},
    "pandas": {"consolidate"},
    "pyarrow": {"consolidate"},
}
WRITING_SYSTEM = ("extract/encodings.py", "extract/syllables.py")
"""Files about the syllables of the language itself; extract may not read mappings/, so they stand there."""


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports_of(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Each import as module and name ("" for a plain one)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from ((node.module or "", alias.name) for alias in node.names)


def package_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def functions_of(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring and decorators."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def allowed(module: str, permitted: set[str]) -> bool:
    return any(module == name or module.startswith(name + ".") for name in permitted)


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_imports_flow_one_way(path: Path) -> None:
    package = package_of(path)
    for module, name in imports_of(tree_of(path)):
        top = module.split(".")[0]
        if top in (*PACKAGES, "run_pipeline"):
            assert allowed(module, MAY_IMPORT[package]), f"{name_of(path)} imports {module}"
            assert top == package or not name.startswith("_"), f"{name_of(path)} imports the private {module}.{name}"
        if top in KEPT_TO:
            assert package in KEPT_TO[top], f"{name_of(path)} imports {module}"
        assert top not in ("tests", "samples", "benchmarks"), f"{name_of(path)} imports {module}"


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_only_consolidate_writes_files(path: Path) -> None:
    if package_of(path) == "consolidate":
        return
    writers = {"write_text", "write_bytes", "mkdir", "unlink", "rename", "rmdir", "to_csv", "to_parquet"}
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute):
            assert node.attr not in writers or package_of(path) == "extract", f"{name_of(path)}:{node.lineno} writes"


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_heavy_modules_are_not_imported_by_the_command_line(path: Path) -> None:
    if path.name != "run_pipeline.py":
        return
    for node in tree_of(path).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = [module for module, _ in imports_of(ast.Module([node], []))]
            assert not any(allowed(module, {*PACKAGES, *KEPT_TO}) for module in modules), modules


@pytest.mark.parametrize("path", CODE + SCRIPTS, ids=name_of)
def test_no_function_is_longer_than_60_lines(path: Path) -> None:
    long = [(function.name, length(function)) for function in functions_of(tree_of(path)) if length(function) > 60]
    assert not long


def test_half_of_the_functions_fit_in_a_dozen_lines() -> None:
    lengths = [length(function) for path in CODE for function in functions_of(tree_of(path))]
    assert statistics.median(lengths) <= 12


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_no_file_is_longer_than_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def is_marked(letter: str) -> bool:
    """Whether a letter belongs to the Vietnamese alphabet and not to the English one."""
    return letter in "đĐ" or (letter.isalpha() and letter != unicodedata.normalize("NFD", letter)[0])


def words_of(text: str) -> list[str]:
    """The words of a text that are spelt with Vietnamese letters; tables of letters and rimes, patterns are none."""
    words = [word.strip(".,;:()[]\"'%-+*") for word in text.split()]
    return [
        word
        for word in words
        if word.isalpha() and len(word) <= 7 and any(map(is_marked, word)) and any(map(is_consonant, word))
    ]


def is_consonant(letter: str) -> bool:
    return letter.isascii() and letter.lower() not in "aeiouy"


def explaining_texts(tree: ast.Module) -> set[int]:
    """The ids of the nodes that are docstrings, or texts under an assignment that explain it."""
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    return {id(text) for text in texts if isinstance(text, ast.Constant)}


@pytest.mark.parametrize("path", [path for path in CODE if name_of(path) not in WRITING_SYSTEM], ids=name_of)
def test_code_holds_no_vietnamese_words(path: Path) -> None:
    tree = tree_of(path)
    explaining = explaining_texts(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explaining:
            assert not words_of(node.value), f"{name_of(path)}:{node.lineno} holds {words_of(node.value)}"


def test_a_label_in_code_would_be_seen() -> None:
    assert words_of("- Tổng số máy tính:") == ["Tổng", "số", "máy", "tính"]
    assert words_of("[a-zđ]+ ươ.c áàảãạ total") == []


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_every_public_name_says_what_it_gives(path: Path) -> None:
    tree = tree_of(path)
    assert ast.get_docstring(tree), f"{name_of(path)} does not say what it is for"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{name_of(path)}:{node.lineno} {node.name}"


def test_the_design_lists_every_room() -> None:
    design = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    for package in PACKAGES:
        assert f"{package}/" in design
