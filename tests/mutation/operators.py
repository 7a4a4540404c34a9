"""Which faults are tried: operators over the compiler's syntax tree, so that every position is a true one.

| operator | fault |
| --- | --- |
| relational | `<` becomes `<=` and `>=`, `==` becomes `!=`, and so on |
| arithmetic | `+` and `-`, `*` and `/`, shifts, `&`, `|` and `^` change places; also in assignments; `++` and `--` |
| negation | the condition of an `if`, loop or `?:` is turned round; a `!` is dropped |
| logical | `&&` and `||` change places; one operand alone is left |
| constant | a number is one more, one less; `true` and `false` |
| statement | a statement is left out, with its condition if that is all it decides (a check and its revert) |
| modifier | a function loses a modifier |
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from tests.mutation.mutants import Mutant, numbered

__all__ = ["mutants_of"]

Node = Mapping[str, Any]

_SWAPS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "<": ("relational", ("<=", ">=")),
    ">": ("relational", (">=", "<=")),
    "<=": ("relational", ("<", ">")),
    ">=": ("relational", (">", "<")),
    "==": ("relational", ("!=",)),
    "!=": ("relational", ("==",)),
    "+": ("arithmetic", ("-",)),
    "-": ("arithmetic", ("+",)),
    "*": ("arithmetic", ("/",)),
    "/": ("arithmetic", ("*",)),
    "%": ("arithmetic", ("*",)),
    "<<": ("arithmetic", (">>",)),
    ">>": ("arithmetic", ("<<",)),
    "&": ("arithmetic", ("|",)),
    "|": ("arithmetic", ("&",)),
    "^": ("arithmetic", ("&",)),
    "&&": ("logical", ("||",)),
    "||": ("logical", ("&&",)),
    "++": ("arithmetic", ("--",)),
    "--": ("arithmetic", ("++",)),
}
_DECIDING: Final = ("IfStatement", "WhileStatement", "ForStatement", "Conditional")
_LEFT_OUT: Final = ("ExpressionStatement", "EmitStatement", "RevertStatement", "Return", "Continue", "Break")
_REFUSALS: Final = ("RevertStatement", "Return", "Continue")
_NUMBER: Final = re.compile(r"[0-9_]+$|0x[0-9a-fA-F]+$")


class _Source:
    """A source with the texts of its nodes, and the faults that were found in it."""

    def __init__(self, file: str, text: str) -> None:
        self.file, self.bytes, self.found = file, text.encode(), list[Mutant]()

    def span(self, node: Node) -> tuple[int, int]:
        start, length, _file = map(int, node["src"].split(":"))
        return start, start + length

    def text(self, node: Node) -> str:
        start, end = self.span(node)
        return self.bytes[start:end].decode()

    def add(self, function: str, operator: str, node: Node, replacement: str) -> None:
        self.found.append(Mutant(self.file, function, operator, self.text(node), replacement, self.span(node)[0]))

    def leave_out(self, function: str, statement: Node) -> None:
        """The statement with its semicolon, which is no part of the node."""
        start, end = self.span(statement)
        text = self.bytes[start : end + 1 if self.bytes[end : end + 1] == b";" else end].decode()
        self.found.append(Mutant(self.file, function, "statement", text, "", start))

    def swap(self, function: str, node: Node, left: Node, right: Node, sign: str, others: Mapping[str, str]) -> None:
        """Puts other signs between two operands."""
        start, (_, after), (before, _) = self.span(node)[0], self.span(left), self.span(right)
        between = self.bytes[after:before].decode()
        head, tail = self.bytes[start:after].decode(), self.bytes[before : self.span(node)[1]].decode()
        for other, operator in others.items():
            self.add(function, operator, node, head + between.replace(sign, other, 1) + tail)


def mutants_of(file: str, text: str, ast: Node) -> list[Mutant]:
    """Every fault of every operator in a source, in its order. `ast` is what the compiler parsed of `text`."""
    source = _Source(file, text)
    for node, function in _walk(ast, ""):
        visit = _VISITS.get(node["nodeType"])
        if visit:
            visit(source, function, node)
        if node["nodeType"] in _DECIDING and node.get("condition"):
            source.add(function, "negation", node["condition"], f"!({source.text(node['condition'])})")
    return numbered(source.found)


def _walk(node: Node, place: str) -> Iterator[tuple[Node, str]]:
    """Nodes within contracts, with `Contract.function` around them."""
    kind = node.get("nodeType", "")
    if kind in ("ContractDefinition", "FunctionDefinition", "ModifierDefinition"):
        name = node["name"] or node["kind"]
        place = f"{place}.{name}" if place else name
    if place and kind:
        yield node, place
    for key, child in node.items():
        if key in ("documentation", "parameters", "returnParameters", "overrides", "baseContracts", "typeName"):
            continue
        for one in child if isinstance(child, list) else [child]:
            if isinstance(one, dict):
                yield from _walk(one, place)


def _binary(source: _Source, function: str, node: Node) -> None:
    left, right, sign = node["leftExpression"], node["rightExpression"], node["operator"]
    operator, others = _SWAPS.get(sign, ("", ()))
    source.swap(function, node, left, right, sign, dict.fromkeys(others, operator))
    if operator == "logical":
        source.add(function, "logical", node, source.text(left))
        source.add(function, "logical", node, source.text(right))


def _assignment(source: _Source, function: str, node: Node) -> None:
    sign = node["operator"].removesuffix("=")
    operator, others = _SWAPS.get(sign, ("", ()))
    wanted = dict.fromkeys(others, operator)
    source.swap(function, node, node["leftHandSide"], node["rightHandSide"], sign, wanted)


def _unary(source: _Source, function: str, node: Node) -> None:
    sign, text = node["operator"], source.text(node)
    if sign in ("!", "~"):
        source.add(function, "negation" if sign == "!" else "arithmetic", node, source.text(node["subExpression"]))
    elif sign in ("++", "--"):
        source.add(function, "arithmetic", node, text.replace(sign, _SWAPS[sign][1][0], 1))


def _literal(source: _Source, function: str, node: Node) -> None:
    text = source.text(node)
    if node["kind"] == "bool":
        source.add(function, "constant", node, "false" if text == "true" else "true")
    elif node["kind"] == "number":
        number, _, unit = text.partition(" ")
        if _NUMBER.match(number):
            value = int(number.replace("_", ""), 0)
            for other in (value + 1, value - 1) if value else (1,):
                source.add(function, "constant", node, f"{other} {unit}".strip())


def _block(source: _Source, function: str, node: Node) -> None:
    for statement in node["statements"]:
        if statement["nodeType"] in _LEFT_OUT or _is_check(statement):
            source.leave_out(function, statement)


def _is_check(statement: Node) -> bool:
    """An `if` without `else` that only refuses, or does one thing."""
    if statement["nodeType"] != "IfStatement" or statement.get("falseBody"):
        return False
    return statement["trueBody"]["nodeType"] in (*_REFUSALS, "ExpressionStatement")


def _function(source: _Source, function: str, node: Node) -> None:
    for modifier in node["modifiers"] if node.get("kind") != "constructor" else ():
        source.add(function, "modifier", modifier, "")


_VISITS: Final[Mapping[str, Callable[[_Source, str, Node], None]]] = {
    "BinaryOperation": _binary,
    "Assignment": _assignment,
    "UnaryOperation": _unary,
    "Literal": _literal,
    "Block": _block,
    "UncheckedBlock": _block,
    "FunctionDefinition": _function,
}
