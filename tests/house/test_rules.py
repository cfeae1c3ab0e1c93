"""Rules of the house that are cheap to hold and dear to lose."""

import ast
import re

import pytest

MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
SAYS_NOTHING = {"util", "utils", "helper", "helpers", "common", "misc", "tools", "lib", "stuff"}

# who may catch everything: supervisors, which tell of a defect and keep the rest of the floor going
SUPERVISORS: dict[str, str] = {
    "gateway/outbox/thread_writer.py": "the thread's own end must be told to all who wait for it",
    "gateway/bus/consumer.py": "a defect in a handler costs one event: it becomes a dead letter",
    "gateway/edge/idle.py": "a defect in a callback ends the task that waits, as its own would",
    "gateway/edge/egm.py": "a defect in one EGM's engine quarantines that EGM, not its line",
}

# what no file of the project may say, and why
UNSAID = {
    r"\.\./shared|(?<![\w.])/work/|/root/|/home/\w": "a path of one machine",
    r"pypi\.org|pythonhosted|npmjs|deb\.debian": "a package host; use the ordinary client",
    r"(?i)\bissue #?\d|\bsas\.md\b|\bfloor\.md\b|\banchors\.md\b|\bmodels\.md\b":
        "something that a reader of this project does not have",
    r"(?m)^(<{7}|>{7}) ": "a merge that was not finished",
}  # fmt: skip


def catches_everything(node):
    if not isinstance(node, ast.ExceptHandler):
        return False
    kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return any(
        kind is None or (isinstance(kind, ast.Name) and kind.id in {"Exception", "BaseException"})
        for kind in kinds
    )


def test_no_module_is_longer_than_one_sitting(project):
    long = {
        project.name(path): lines
        for path in project.python_files(*project.rooms, "tests")
        if (lines := path.read_text().count("\n")) > MODULE_LINES_MAX
    }
    assert long == {}


def test_no_function_is_longer_than_a_screen(project):
    long = [
        f"{project.name(path)}:{node.lineno} {node.name}: {lines} lines"
        for path in project.python_files(*project.rooms, "tests")
        for node, lines in project.functions(path)
        if lines > FUNCTION_LINES_MAX
    ]
    assert long == []


def test_every_file_is_named_for_what_is_in_it(project):
    vague = [
        project.name(path)
        for path in project.python_files(*project.rooms, "tests")
        if SAYS_NOTHING
        & {part.removesuffix(".py") for part in path.relative_to(project.root).parts}
    ]
    assert vague == []


def test_only_supervisors_catch_everything(project):
    found = {
        project.name(path)
        for path in project.python_files(*project.rooms)
        for node in ast.walk(project.tree(path))
        if catches_everything(node)
    }
    assert found == set(SUPERVISORS)


@pytest.mark.parametrize("code", ["except:", "except Exception:", "except (OSError, Exception):"])
def test_catching_everything_is_seen(code):
    handler = ast.parse(f"try:\n  pass\n{code}\n  pass").body[0].handlers[0]
    assert catches_everything(handler)


@pytest.mark.parametrize(("pattern", "why"), UNSAID.items(), ids=lambda text: text[:20])
def test_no_file_says_what_its_reader_cannot_use(pattern, why, project):
    found = [
        f"{project.name(path)}: {match[0]!r} is {why}"
        for path, text in project.text_files()
        if path.name != "test_rules.py"
        for match in re.finditer(pattern, text)
    ]
    assert found == []


def claims(function):
    """Say whether a test can fail by something that stands in it."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name.startswith(("raises", "assert", "expect", "check", "snap", "gives", "until")):
                return True
    return False


def test_every_test_claims_something(project):
    found = [
        f"{project.name(path)}:{node.lineno} {node.name}"
        for path in project.python_files("tests")
        for node, _ in project.functions(path)
        if node.name.startswith("test_") and not claims(node)
    ]
    assert found == []
