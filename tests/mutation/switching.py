"""Many mutants in one compilation, each behind a switch.

A switch compares the address of a library that is never deployed with the mutant's number. The compiler leaves a gap
for that address in the bytecode; `activated` fills it with the number of the mutant that shall be active, 0 for none.
That needs no state, so it works in `pure` functions and in constants, and the optimizer cannot decide it.

A fault stands at the smallest expression around it that has a type of its own (a literal has none: `1` may be any
integer), as `(switch ? fault : original)`, or else at the statement, as `if (switch) {fault} else {original}`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os.path import relpath
from pathlib import Path
from typing import Any, Final

from tests.mutation.mutants import Mutant

__all__ = ["BY_ADDRESS", "BY_ENVIRONMENT", "LIBRARY", "LIBRARY_TEXT", "Misfit", "activated", "with_switches"]

Node = Mapping[str, Any]

LIBRARY: Final = "contracts/__Mutant.sol"
LIBRARY_TEXT: Final = """// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;
library __Mutant {
    function on(uint256 number) internal pure returns (bool) {
        return _pure(_active)() == number;
    }
    function _active() private view returns (uint256) {
        bytes memory asked = abi.encodeWithSignature("envOr(string,uint256)", "GEC_MUTANT", uint256(0));
        (, bytes memory told) = 0x7109709ECfa91a80626fF3989D68f67F5b1DD12D.staticcall(asked);
        return abi.decode(told, (uint256));
    }
    function _pure(function() view returns (uint256) asked)
        private
        pure
        returns (function() pure returns (uint256) same)
    {
        assembly { same := asked }
    }
}
"""
BY_ADDRESS: Final = "address(__Mutant) == address({})"
BY_ENVIRONMENT: Final = "__Mutant.on({})"
"""For Solidity tests, where nobody fills gaps: the number is in `GEC_MUTANT`. Not for constants."""
_IMPORT: Final = '\nimport {{__Mutant}} from "{}";\n'
_GAP: Final = re.compile(r"__\$[0-9a-f]{34}\$__")
_MODIFIERS: Final = {"restricted": "_checkCanCall(_msgSender(), _msgData());"}
"""What a modifier does before the function, as a statement: that can be left out behind a switch."""
_STATEMENTS: Final = ("ExpressionStatement", "EmitStatement", "RevertStatement", "Return")
_DECLARED: Final = ("VariableDeclaration", "VariableDeclarationStatement")
_UNTYPED: Final = ("int_const", "rational_const", "tuple(", "function ", "type(", "error")


class Misfit(Exception):
    """A mutant that no switch can be put around."""


@dataclass(slots=True)
class _Host:
    """Bytes [start, end) of the source, with what may stand there instead by mutants' numbers, and hosts within."""

    start: int
    end: int
    kind: str
    instead: dict[int, str] = field(default_factory=dict)
    within: list["_Host"] = field(default_factory=list)

    @property
    def key(self) -> tuple[int, int, str]:
        """Wider ones come first."""
        return self.start, -self.end, self.kind


def with_switches(
    text: str, ast: Node, mutants: Mapping[int, Mutant], switch: str = BY_ADDRESS
) -> tuple[str, list[int]]:
    """The source with these mutants of it by number, and the numbers of those that did not fit.

    `ast` is what the compiler says of the source, with types.
    """
    source, hosts, misfits = text.encode(), dict[tuple[int, int, str], _Host](), list[int]()
    for number, mutant in mutants.items():
        try:
            host, instead = _placed(source, ast, mutant)
        except Misfit:
            misfits.append(number)
            continue
        hosts.setdefault(host.key, host).instead[number] = instead
    whole = _Host(0, len(source), "source", {}, _nested([hosts[key] for key in sorted(hosts)]))
    library = relpath(LIBRARY, Path(ast["absolutePath"]).parent)
    named = library if library.startswith(".") else f"./{library}"
    return _rendered(source, whole, switch) + _IMPORT.format(named), misfits


def activated(bytecode: str, number: int) -> str:
    """Bytecode in which this mutant alone is active; 0 for none."""
    return _GAP.sub(f"{number:040x}", bytecode)


def _placed(source: bytes, ast: Node, mutant: Mutant) -> tuple[_Host, str]:
    """Where the mutant's switch stands, and what stands there when it is active; Misfit."""
    start, end = mutant.start, mutant.start + len(mutant.original.encode())
    if mutant.operator == "statement":
        return _Host(start, end, "statement"), ""
    if mutant.operator == "modifier":
        if mutant.original not in _MODIFIERS:
            raise Misfit(mutant.original)
        return _Host(start, source.index(b"{", end) + 1, "modifier"), _MODIFIERS[mutant.original]
    host = _host(source, _path(ast, start, end))
    return host, source[host.start : start].decode() + mutant.replacement + source[end : host.end].decode()


def _host(source: bytes, path: Sequence[Node]) -> _Host:
    """The smallest expression or statement that can be had in two ways. `path` begins with the outermost node."""
    for node, parent in zip(path[:0:-1], path[-2::-1], strict=True):
        start, end = _span(node)
        if node["nodeType"] in _STATEMENTS:
            return _Host(start, end + (source[end : end + 1] == b";"), "statement")
        if "typeDescriptions" not in node or parent["nodeType"] == "TryStatement":
            break
        if _is_apart(node, parent):
            return _Host(start, end, "expression")
    raise Misfit(path[-1]["nodeType"])


def _is_apart(node: Node, parent: Node) -> bool:
    """Whether `(switch ? other : node)` has the expression's type, or is given it where it is assigned to."""
    kind = str(node["typeDescriptions"].get("typeString"))
    declared = parent["nodeType"] in _DECLARED and kind != "tuple()"
    return not node.get("lValueRequested") and (declared or not kind.startswith(_UNTYPED))


def _path(node: Node, start: int, end: int) -> list[Node]:
    """Nodes from this one to the smallest that holds these bytes."""
    for child in _children(node):
        first, last = _span(child)
        if first <= start and end <= last:
            return [node, *_path(child, start, end)]
    return [node]


def _children(node: Node) -> Iterator[Node]:
    for key, child in node.items():
        for one in child if isinstance(child, list) else [child]:
            if isinstance(one, dict) and "src" in one and key != "documentation":
                yield one


def _span(node: Node) -> tuple[int, int]:
    start, length, _file = map(int, node["src"].split(":"))
    return start, start + length


def _nested(hosts: Sequence[_Host]) -> list[_Host]:
    """The outermost of them, with the others where they lie. ValueError if two overlap."""
    outermost, around = list[_Host](), list[_Host]()
    for host in hosts:
        while around and around[-1].end <= host.start:
            around.pop()
        if around and host.end > around[-1].end:
            raise ValueError(f"bytes {host.start} to {host.end} overlap {around[-1].start} to {around[-1].end}")
        (around[-1].within if around else outermost).append(host)
        around.append(host)
    return outermost


def _rendered(source: bytes, host: _Host, switch: str) -> str:
    at, parts = host.start, list[str]()
    for inner in host.within:
        parts += [source[at : inner.start].decode(), _rendered(source, inner, switch)]
        at = inner.end
    return _with_ways(host, "".join([*parts, source[at : host.end].decode()]), switch)


def _with_ways(host: _Host, text: str, switch: str) -> str:
    """`text` and what may stand instead of it, behind the switches."""
    ways = [(switch.format(number), other) for number, other in host.instead.items()]
    if host.kind == "expression":
        return f"({''.join(f'{active} ? ({other}) : ' for active, other in ways)}({text}))"
    if host.kind == "statement":
        return f"{{ {''.join(f'if ({active}) {{ {other} }} else ' for active, other in ways)}{{ {text} }} }}"
    if host.kind == "modifier":
        [(active, call)] = ways
        return f"{text.split(maxsplit=1)[1]} if ({active}) {{}} else {{ {call} }}"
    return text
