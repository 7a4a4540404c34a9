"""docs/contracts.md lists what the compiled contracts have and who may call what; `GEC_WRITE_DOCS=1` writes it anew."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from gecchain.chain.contracts import NAMES, artifact
from gecchain.chain.deploying import RIGHTS, Role

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "contracts.md"
OWN: Final = tuple(name for name in NAMES if name != "AccessManager")
OFFICES: Final = {
    Role.AUTHORITY: "资质中心, issuing authority",
    Role.INFO_CENTRE: "信息管理中心, information centre",
    Role.PROVINCE: "省级能源主管部门, each for its own province",
    Role.PROVIDER: "grid companies and exchanges that push data",
    Role.REGISTRAR: "the authority's own office, and the platforms",
    Role.EXCHANGE: "电力交易中心, power exchanges",
    Role.REGIONAL_OFFICE: "国家能源局派出机构, regional offices",
    Role.CCER_REGISTRY: "CCER 注册登记平台",
    Role.GUARDIAN: "who may stop everything, and do nothing else",
    Role.OFFICER: "审批人, who approve what is committed before it is issued",
    Role.MARKET: "the contract",
    Role.CERTIFICATES: "the contract",
    Role.DECLARATIONS: "the contract",
    Role.CASES: "the contract",
    Role.PUBLIC: "everybody: these calls check for themselves whom the caller may act for",
    Role.ADMIN: "governance, with a delay; the guardian's contract, which can only close",
}


def test_the_page_is_as_the_contracts_are() -> None:
    text = "\n".join(_page())
    if os.environ.get("GEC_WRITE_DOCS"):
        PAGE.write_text(text)
    assert PAGE.read_text() == text, "make docs writes it anew"


def test_every_role_says_who_has_it() -> None:
    assert set(OFFICES) == set(Role)


def _page() -> Iterator[str]:
    yield "# Contracts: who may call what, and what is told"
    yield ""
    yield "Written by `make docs` from the compiled contracts and from the rights that a deployment gives. What each"
    yield "call does and why it may be refused stands in `contracts/interfaces/`."
    yield from ("", "## Roles", "", "| id | role | who | may call |", "| --- | --- | --- | --- |")
    for role in Role:
        number = "-" if role is Role.PUBLIC else str(int(role))
        calls = "; ".join(f"`{name}`: {', '.join(calls)}" for name, calls in RIGHTS.get(role, {}).items())
        yield f"| {number} | {role.name} | {OFFICES[role]} | {calls} |"
    for name in OWN:
        yield from ("", f"## {name}", "")
        yield from _calls(name)
        yield from _list(name, "event", "Events")
        yield from _list(name, "error", "Refusals")
    yield ""


def _calls(name: str) -> Iterator[str]:
    by_role = {call: role.name for role, rights in RIGHTS.items() for call in rights.get(name, ())}
    yield "| call | who |"
    yield "| --- | --- |"
    for item in _items(name, "function"):
        if item["stateMutability"] in ("view", "pure"):
            continue
        yield f"| `{_signature(item)}` | {by_role.get(item['name'], 'checks for itself')} |"


def _list(name: str, kind: str, title: str) -> Iterator[str]:
    items = _items(name, kind)
    if items:
        yield from ("", f"{title}:", "", "```")
        yield from (_signature(item) for item in items)
        yield "```"


def _items(name: str, kind: str) -> Sequence[dict[str, Any]]:
    found: list[dict[str, Any]] = [dict(item) for item in artifact(name).abi if item["type"] == kind]
    return sorted(found, key=lambda item: str(item["name"]))


def _signature(item: dict[str, Any]) -> str:
    words = [_parameter(part) for part in item["inputs"]]
    return f"{item['name']}({', '.join(words)})"


def _parameter(part: dict[str, Any]) -> str:
    kind = str(part["type"])
    if kind.startswith("tuple"):
        kind = str(part["internalType"]).removeprefix("struct ")
    return " ".join(filter(None, (kind, "indexed" if part.get("indexed") else "", str(part["name"]))))
