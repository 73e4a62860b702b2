"""Rules that imports do not show. Each takes the folder that holds `parlour` and answers with what breaks the rule."""

import ast
import re
from pathlib import Path

from tests.architecture.source import Module, modules

MOST_LINES_OF_A_FILE = 300
MOST_LINES_OF_A_FUNCTION = 50

CLOCK = r"time(\..+)?|datetime\.(datetime\.(now|utcnow|today)|date\.today)"
CHANCE = r"(random|secrets)(\..+)?|uuid\.(uuid1|uuid4|uuid6|uuid7|getnode)|os\.urandom"
ENVIRONMENT = r"os\.(environb?|getenvb?)(\..+)?|sys\.argv"
AMBIENT = re.compile(rf"{CLOCK}|{CHANCE}|{ENVIRONMENT}")

HIDDEN_IMPORTS = re.compile(r"__import__|importlib\.(import_module|reload|util\..+)|exec|eval")
INPUT_OUTPUT = re.compile(r"open|print|input|breakpoint")

SQL = re.compile(
    r"\s*(SELECT\s|select\s.*\sfrom\s|(?i:insert\s+(into|or)\s|update\s+\S+\s+set\s|delete\s+from\s|replace\s+into\s"
    r"|with\s+(recursive\s+)?\w+(\s*\([^)]*\))?\s+as\s+(materialized\s+)?\("
    r"|(create|alter|drop)\s+((unique|virtual|temp|temporary|or\s+replace)\s+)*(table|index|view|trigger)\s))",
    re.DOTALL,
)


def ambient_reads(root: Path) -> list[str]:
    """Rule 4: time, chance and environment come to the inner rings as arguments or through ports."""
    return [
        module.at(node, f"reads {name}")
        for module in modules(root, "domain", "application")
        for node, name in module.names()
        if AMBIENT.fullmatch(name)
    ]


def hidden_imports(root: Path) -> list[str]:
    """Rules 1 to 3 are proved by imports that can be seen: none of the inner rings may import in another way."""
    return [
        module.at(node, f"hides an import behind {name}")
        for module in modules(root, "domain", "application", "adapters")
        for node, name in module.names()
        if HIDDEN_IMPORTS.fullmatch(name)
    ]


def input_output(root: Path) -> list[str]:
    """The inner rings read and write nothing but through ports."""
    return [
        module.at(node, f"calls {name}")
        for module in modules(root, "domain", "application")
        for node in ast.walk(module.syntax)
        if isinstance(node, ast.Call) and (name := module.dotted(node.func)) and INPUT_OUTPUT.fullmatch(name)
    ]


def asynchronous_domain(root: Path) -> list[str]:
    """The domain is synchronous; only the signatures of its ports may say that somebody has to wait."""
    return [
        module.at(node, f"{node.name} is async")
        for module in modules(root, "domain")
        if module.path.stem != "ports" and module.path.parent.name != "ports"
        for node in ast.walk(module.syntax)
        if isinstance(node, ast.AsyncFunctionDef)
    ]


def settings_in_adapters(root: Path) -> list[str]:
    """Rule 4: adapters take plain values, never the settings object, by import or by annotation."""
    found = []
    for module in modules(root, "adapters"):
        for node, name in module.names():
            if name.startswith(("parlour.config", "typed_settings")):
                found.append(module.at(node, f"knows {name}"))
        for node in ast.walk(module.syntax):
            if isinstance(node, ast.arg) and node.annotation and "Settings" in ast.unparse(node.annotation):
                found.append(module.at(node, f"takes {node.arg}: {ast.unparse(node.annotation)}"))
    return found


def long_files(root: Path) -> list[str]:
    """Rule 6, for Python and SQL alike."""
    files = (path for path in sorted((root / "parlour").rglob("*")) if path.suffix in {".py", ".sql"})
    counted = ((path, len(path.read_text(encoding="utf-8").splitlines())) for path in files)
    return [f"{path.relative_to(root)}: {n} lines" for path, n in counted if n > MOST_LINES_OF_A_FILE]


def long_functions(root: Path) -> list[str]:
    """Rule 6: from `def` to the last line, the docstring with it."""
    return [
        module.at(node, f"{node.name} has {length} lines")
        for module in modules(root)
        for node in ast.walk(module.syntax)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > MOST_LINES_OF_A_FUNCTION
    ]


def sql_in_python(root: Path) -> list[str]:
    """SQL stands in `.sql` files. PRAGMA, BEGIN, SAVEPOINT, COMMIT steer a connection: they are no SQL here."""
    return [
        module.at(node, f"SQL in Python: {value.strip()[:60]!r}")
        for module in modules(root)
        for node, value in _strings(module)
        if SQL.match(value)
    ]


def _strings(module: Module) -> list[tuple[ast.AST, str]]:
    """The strings of a module that are values: docstrings are none, of an f-string it is the first piece."""
    nodes = list(ast.walk(module.syntax))
    skipped = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    skipped |= {id(piece) for node in nodes if isinstance(node, ast.JoinedStr) for piece in node.values[1:]}
    constants = (node for node in nodes if isinstance(node, ast.Constant) and id(node) not in skipped)
    return [(node, node.value) for node in constants if isinstance(node.value, str)]
