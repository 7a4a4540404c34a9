"""Settlements of green-power contracts (绿色电力交易结算): what an exchange reports of a contract, project and month.

Quantities are those of Q46: contract, fed in, consumed; the attribute's price stands apart from the energy's (Q29).
The columns are ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

from gecchain.oracle.codes import Code
from gecchain.oracle.reading import Notice, Refusal
from gecchain.oracle.source import FileFacts
from gecchain.oracle.tables import Cells, Columns, Fault, account_in, integer_in, month_in, project_in, read_table
from gecchain.oracle.values import wh_of_kwh
from gecchain.proofs import keccak256
from gecchain.rules import Month, ProjectKey, settled_certificates

__all__ = ["CONTRACT_COLUMNS", "ContractMonth", "read_contract_months"]

CONTRACT_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "contract": ("contract", "contract_number", "合同编号", "合同号"),
        "project": ("project", "project_code", "项目代码", "项目编码", "建档立卡编码"),
        "month": ("month", "production_month", "生产年月", "结算月份", "月份"),
        "buyer": ("buyer", "buyer_account", "buyer_uscc", "买方", "买方账户", "买方统一社会信用代码"),
        "contract_kwh": ("contract_kwh", "合同电量(千瓦时)", "合同电量(kwh)"),
        "contract_wh": ("contract_wh", "合同电量(瓦时)", "合同电量(wh)"),
        "fed_in_kwh": ("fed_in_kwh", "上网电量(千瓦时)", "上网电量(kwh)"),
        "fed_in_wh": ("fed_in_wh", "上网电量(瓦时)", "上网电量(wh)"),
        "consumed_kwh": ("consumed_kwh", "用电量(千瓦时)", "用电量(kwh)"),
        "consumed_wh": ("consumed_wh", "用电量(瓦时)", "用电量(wh)"),
        "attribute_price": ("attribute_price_fen", "环境价值价格(分/个)"),
        "energy_price": ("energy_price_fen", "电能量价格(分/兆瓦时)"),
    }
)
_ENERGIES: Final = ("contract", "fed_in", "consumed")
_COLUMNS: Final = Columns(
    CONTRACT_COLUMNS,
    (
        ("contract",),
        ("project",),
        ("month",),
        ("buyer",),
        *((f"{name}_kwh", f"{name}_wh") for name in _ENERGIES),
        ("attribute_price",),
        ("energy_price",),
    ),
)
_LONGEST_CONTRACT: Final = 120


@dataclass(frozen=True, slots=True)
class ContractMonth:
    """A row: energy in Wh, `attribute_price` in fen a certificate, `energy_price` in fen per 1000 kWh.

    `buyer` is an account, 0x in lower case; `row` counts from 1 with the header.
    """

    row: int
    contract: str
    project: ProjectKey
    month: Month
    buyer: str
    contract_wh: int
    fed_in_wh: int
    consumed_wh: int
    attribute_price: int
    energy_price: int

    @property
    def contract_id(self) -> bytes:
        """What stands for the contract on the chain: keccak256 of its number (ours)."""
        return keccak256(self.contract.encode())

    @property
    def quantity(self) -> int:
        """Whole certificates that go with the electricity (Q46)."""
        return settled_certificates(self.contract_wh, self.fed_in_wh, self.consumed_wh)

    @property
    def key(self) -> tuple[int, int, int]:
        """What is settled once: contract, project, month, as the event names them."""
        return int.from_bytes(self.contract_id, "big"), self.project.id, self.month.index


def read_contract_months(
    facts: FileFacts, account_of: Callable[[str], str]
) -> Iterator[list[ContractMonth | Refusal | Notice]]:
    """Batches of rows, refusals and notices. `account_of` gives the account of a social credit code (USCC).

    A contract's month of a project that comes twice is refused the second time.
    """
    seen: set[tuple[int, int, int]] = set()
    for batch in read_table(facts, _COLUMNS, partial(_contract_month, account_of)):
        yield [_once(one, seen) if isinstance(one, ContractMonth) else one for one in batch]


def _once(one: ContractMonth, seen: set[tuple[int, int, int]]) -> ContractMonth | Refusal:
    if one.key in seen:
        raw = {"contract": one.contract, "project": one.project.code, "month": str(one.month)}
        return Refusal(Code.CONTRACT_TWICE, one.row, "contract", one.contract, raw)
    seen.add(one.key)
    return one


def _contract_month(account_of: Callable[[str], str], row: int, cells: Cells) -> ContractMonth:
    if len(cells["contract"]) > _LONGEST_CONTRACT:
        raise Fault(Code.CONTRACT_NUMBER, "contract")
    return ContractMonth(
        row=row,
        contract=cells["contract"],
        project=project_in(cells, "project"),
        month=month_in(cells, "month"),
        buyer=account_in(cells, "buyer", account_of),
        contract_wh=_energy(cells, "contract"),
        fed_in_wh=_energy(cells, "fed_in"),
        consumed_wh=_energy(cells, "consumed"),
        attribute_price=integer_in(cells, "attribute_price", Code.PRICE),
        energy_price=integer_in(cells, "energy_price", Code.PRICE),
    )


def _energy(cells: Cells, name: str) -> int:
    """Wh of a row's kWh or Wh; UNIT if it gives both."""
    kwh, wh = f"{name}_kwh", f"{name}_wh"
    if cells.get(kwh) and cells.get(wh):
        raise Fault(Code.UNIT, wh)
    if cells.get(wh):
        return integer_in(cells, wh, Code.NUMBER_FORMAT)
    found = wh_of_kwh(cells[kwh])
    if isinstance(found, Code):
        raise Fault(found, kwh)
    return found
