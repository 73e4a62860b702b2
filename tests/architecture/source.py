"""The source of a tree, parsed, with names told as they are imported: what the rules of `rules.py` look at."""

import ast
import builtins
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import attrs

ROOT = Path(__file__).parents[2]


@attrs.frozen
class Module:
    """One Python file of the package; `path` is relative to the folder that holds `parlour`."""

    root: Path
    path: Path

    @property
    def ring(self) -> str:
        """`domain`, `application` and so on; empty for what stands outside the rings."""
        return self.path.parts[1] if len(self.path.parts) > 2 else ""

    @cached_property
    def text(self) -> str:
        return (self.root / self.path).read_text(encoding="utf-8")

    @cached_property
    def syntax(self) -> ast.Module:
        return ast.parse(self.text, filename=str(self.path))

    def at(self, node: ast.AST, what: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 0)}: {what}"

    @cached_property
    def aliases(self) -> dict[str, str]:
        """Each name that an import binds anywhere in the file, with the dotted name that it stands for."""
        names: dict[str, str] = {}
        for node in ast.walk(self.syntax):
            if isinstance(node, ast.Import):
                for name in node.names:
                    first = name.name.partition(".")[0]
                    names[name.asname or first] = name.name if name.asname else first
            elif isinstance(node, ast.ImportFrom):
                for name in node.names:
                    names[name.asname or name.name] = f"{self.origin(node)}.{name.name}"
        return names

    def origin(self, node: ast.ImportFrom) -> str:
        """The module that a `from` names, without dots in front: `parlour.config` for `...config` in an adapter."""
        if not node.level:
            return node.module or ""
        package = self.path.parts[: len(self.path.parts) - node.level]
        return ".".join([*package, *([node.module] if node.module else [])])

    def dotted(self, node: ast.AST) -> str:
        """`datetime.datetime.now` for what is written as `dt.now`, whatever `dt` is imported as.

        Empty for what is neither imported nor built in: a variable may be called `time`.
        """
        if isinstance(node, ast.Attribute):
            before = self.dotted(node.value)
            return f"{before}.{node.attr}" if before else ""
        if not isinstance(node, ast.Name):
            return ""
        return self.aliases.get(node.id, node.id if hasattr(builtins, node.id) else "")

    def names(self) -> Iterator[tuple[ast.AST, str]]:
        """Every name that is read or imported in the file, dotted, with its place."""
        for node in ast.walk(self.syntax):
            if isinstance(node, ast.Name | ast.Attribute):
                if dotted := self.dotted(node):
                    yield node, dotted
            elif isinstance(node, ast.Import):
                yield from ((node, name.name) for name in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((node, f"{self.origin(node)}.{name.name}") for name in node.names)


def modules(root: Path, *rings: str) -> list[Module]:
    """The Python files of `root/parlour`; of these rings alone, if any are named."""
    found = [Module(root, path.relative_to(root)) for path in sorted((root / "parlour").rglob("*.py"))]
    return [module for module in found if not rings or module.ring in rings]
