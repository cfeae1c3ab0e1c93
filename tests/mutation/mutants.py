"""Small changes to a module's source, each of which some test should notice.

    comparison     < <=   > >=   == !=   in, not in   is, is not
    arithmetic     + -   * //   << >>   & |   ^ &
    boolean        and or   not x: x   True False   an if's test: not that
    constant       a number: one more; bytes: the last one changed
    call           a call for its effect only: gone
    assignment     to an attribute or an item: gone
    return         None; of False only True: to whoever asks "is it so?" None says the same

Docstrings, annotations, decorators, assertions and the texts of errors are left alone.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult, ast.Pow: ast.Mult, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitAnd,
}  # fmt: skip
LEFT_ALONE = (ast.Assert, ast.Raise, ast.Import, ast.ImportFrom, ast.JoinedStr)


@dataclass(frozen=True)
class Mutant:
    """One change.

    Attributes:
        module: dotted name.
        name: where and what, the same as long as the place reads the same.
        place: which place of the module, counted in the order of the source.
        variant: which of the changes of that place.
        line: where it is now.
    """

    module: str
    name: str
    place: int
    variant: int
    line: int


@dataclass
class _Place:
    node: ast.AST
    put: Callable[[ast.AST], None]
    scope: str


def mutants(module: str, source: str) -> list[Mutant]:
    """Return all changes of a module's source."""
    found = []
    seen: Counter[str] = Counter()
    for number, place in enumerate(_places(ast.parse(source))):
        for variant, changed in enumerate(_variants(place.node)):
            name = f"{place.scope}: {_text(place.node)} -> {_text(changed)}"
            seen[name] += 1
            if seen[name] > 1:
                name += f" #{seen[name]}"
            line = getattr(place.node, "lineno", 0)
            found.append(Mutant(module, name, number, variant, line))
    return found


def mutated(source: str, mutant: Mutant) -> ast.Module:
    """Return the module with the change."""
    tree = ast.parse(source)
    place = list(_places(tree))[mutant.place]
    place.put(list(_variants(place.node))[mutant.variant])
    return ast.fix_missing_locations(tree)


def _text(node: ast.AST) -> str:
    """Return the source of a place; of a statement with a body only its head."""
    text = "gone" if isinstance(node, ast.Pass) else ast.unparse(node)
    return " ".join(text.partition("\n")[0].split())


def _places(tree: ast.Module) -> Iterator[_Place]:
    yield from _children(tree, "module")


def _children(node: ast.AST, scope: str) -> Iterator[_Place]:
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "type_params"}:
            continue
        children = value if isinstance(value, list) else [value]
        for at, child in enumerate(children):
            if not isinstance(child, ast.AST) or isinstance(child, LEFT_ALONE):
                continue
            if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                continue  # a docstring
            inner = scope
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inner = child.name if scope == "module" else f"{scope}.{child.name}"
            yield _Place(child, _putter(node, name, value, at), inner)
            yield from _children(child, inner)


def _putter(parent: ast.AST, name: str, value: object, at: int) -> Callable[[ast.AST], None]:
    def put(new: ast.AST) -> None:
        if isinstance(value, list):
            value[at] = new
        else:
            setattr(parent, name, new)

    return put


def _variants(node: ast.AST) -> Iterator[ast.AST]:
    yield from _of_operator(node)
    yield from _of_constant(node)
    yield from _of_statement(node)


def _of_operator(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(left=left, ops=ops, comparators=others):
            for at, op in enumerate(ops):
                changed = [*ops]
                changed[at] = COMPARISONS[type(op)]()
                yield ast.Compare(left, changed, others)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            yield ast.BinOp(left, ARITHMETIC[type(op)](), right)
        case ast.AugAssign(target=target, op=op, value=value) if type(op) in ARITHMETIC:
            yield ast.AugAssign(target, ARITHMETIC[type(op)](), value)
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand


def _of_constant(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value) | float(value)):
            yield ast.Constant(value + 1)
        case ast.Constant(value=bytes(value)) if value:
            yield ast.Constant(value[:-1] + bytes([value[-1] ^ 1]))


def _of_statement(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.If(test=test, body=body, orelse=orelse) if not _has_its_own(test):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.IfExp(test=test, body=then, orelse=other) if not _has_its_own(test):
            yield ast.IfExp(ast.UnaryOp(ast.Not(), test), then, other)
        case ast.Expr(value=ast.Call()):
            yield ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript(), *_]):
            yield ast.Pass()
        case ast.Return(value=ast.expr() as value) if not _says_no(value):
            yield ast.Return(ast.Constant(None))


def _has_its_own(test: ast.expr) -> bool:
    """Say whether the opposite of a test is among the changes of the test itself."""
    return isinstance(test, ast.Compare) or (
        isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
    )


def _says_no(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and (node.value is None or node.value is False)
