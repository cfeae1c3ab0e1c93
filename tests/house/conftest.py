"""The project's files, for the house rules."""

import ast
from pathlib import Path

import pytest

_NOT_OURS = {"run", "build", "dist", "node_modules", "__pycache__"}


class Project:
    """The work tree as it stands, whatever of it is committed."""

    root = Path(__file__).parents[2]
    rooms = ("protocols", "edge_config", "floor_sim", "gateway")

    def python_files(self, *folders):
        return [path for folder in folders for path in sorted((self.root / folder).rglob("*.py"))]

    def modules(self):
        """Yield (parsed file, dotted name, whether it is a package) for every module of ours."""
        for path in self.python_files(*self.rooms):
            parts = path.relative_to(self.root).with_suffix("").parts
            package = parts[-1] == "__init__"
            yield self.tree(path), ".".join(parts[:-1] if package else parts), package

    def text_files(self):
        """Yield (path, text) of every file that a person can read."""
        for path in sorted(self.root.rglob("*")):
            parts = path.relative_to(self.root).parts
            hidden = parts[0].startswith(".") and parts[0] != ".ci"
            if hidden or _NOT_OURS & set(parts) or not path.is_file():
                continue
            try:
                yield path, path.read_text("utf-8")
            except UnicodeDecodeError:
                continue

    def name(self, path):
        return str(path.relative_to(self.root))

    def tree(self, path):
        return ast.parse(path.read_text("utf-8"), str(path))

    def functions(self, path):
        """Yield (function, lines) of every function, however deep."""
        for node in ast.walk(self.tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node, node.end_lineno - node.lineno + 1


@pytest.fixture(scope="session")
def project():
    return Project()
