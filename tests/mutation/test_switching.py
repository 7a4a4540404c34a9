"""One compilation serves many mutants: each is active alone, none is for 0, and each does what it does when alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak
from pyrevm import EVM

from tests.mutation import compiling
from tests.mutation.compiling import Broken, Compiler
from tests.mutation.mutants import Mutant
from tests.mutation.operators import mutants_of
from tests.mutation.switching import LIBRARY, LIBRARY_TEXT, activated, with_switches

FILE = "contracts/Store.sol"
SOURCE = """// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

abstract contract Closed {
    error No();
    modifier restricted() { _checkCanCall(msg.sender, msg.data); _; }
    function _msgSender() internal view returns (address) { return msg.sender; }
    function _msgData() internal view returns (bytes calldata) { return msg.data; }
    function _checkCanCall(address, bytes calldata data) internal pure { if (data.length > 68) revert No(); }
}

contract Store is Closed {
    error Odd(uint256 value);
    uint256 public constant LIMIT = 20;
    /// 绿证: bytes before the code are more than characters.
    uint256 public total = 7;

    function put(uint256 amount, uint256 step) external restricted returns (uint256 sum) {
        if (amount % 2 == 1 && step != 4) revert Odd(amount + 1);
        unchecked {
            for (uint256 i = 0; i < amount && i < LIMIT; i += step + 1) sum += i;
        }
        (uint256 left, uint256 right) = (amount, 3);
        total += left * right;
        if (step == 2) return total - 1;
        sum = (step > 5 ? sum : total) + uint8(bytes10(uint80(step))[4]);
    }
}
"""


@pytest.fixture(scope="module")
def compiler() -> Iterator[Compiler]:
    compiler = Compiler()
    yield compiler
    compiler.close()


@pytest.fixture(autouse=True, scope="module")
def store() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "CONTRACTS", {"Store": FILE})
        yield


@pytest.fixture(scope="module")
def mutants(compiler: Compiler) -> dict[int, Mutant]:
    found = mutants_of(FILE, SOURCE, compiler.parse(FILE, SOURCE))
    return {number: mutant for number, mutant in enumerate(found, 1) if mutant.function.startswith("Store")}


@pytest.fixture(scope="module")
def switches(compiler: Compiler, mutants: dict[int, Mutant]) -> str:
    text, misfits = with_switches(SOURCE, compiler.analyse(FILE, {FILE: SOURCE}), mutants)
    assert misfits == []
    return str(compiler.compile({FILE: text, LIBRARY: LIBRARY_TEXT}, ["Store"], quick=True)["Store"]["bytecode"])


def behaviour(bytecode: str, extra: bytes = b"") -> list[str]:
    """What a few calls come to, one after the other."""
    evm, found = EVM(), list[str]()
    store = evm.deploy("0x" + "11" * 20, bytes.fromhex(bytecode[2:]))
    for amount, step in ((0, 0), (1, 4), (3, 1), (8, 2), (11, 4), (6, 7), (22, 0), (2, 9)):
        data = keccak(b"put(uint256,uint256)")[:4] + encode(["uint256", "uint256"], (amount, step)) + extra
        for asked in (data, keccak(b"total()")[:4], keccak(b"LIMIT()")[:4]):
            try:
                found.append(evm.message_call("0x" + "22" * 20, store, asked, gas=3_000_000).hex())
            except RuntimeError as error:
                found.append(str(error).partition("output")[2] or "halted")
    return found


def test_none_is_active_for_0(compiler: Compiler, switches: str) -> None:
    plain = compiler.compile({FILE: SOURCE}, ["Store"])["Store"]["bytecode"]
    for extra in (b"", b"\1"):
        assert behaviour(activated(switches, 0), extra) == behaviour(plain, extra)


def test_each_does_what_it_does_alone(compiler: Compiler, mutants: dict[int, Mutant], switches: str) -> None:
    noticed, some = 0, dict([*mutants.items()][::3])
    for number, mutant in some.items():
        alone: Any = compiler.compile({FILE: mutant.applied(SOURCE)}, ["Store"])["Store"]["bytecode"]
        for extra in (b"", b"\1"):
            found = behaviour(activated(switches, number), extra)
            assert found == behaviour(alone, extra), mutant
            noticed += found != behaviour(activated(switches, 0), extra)
    assert noticed > len(some) / 2


def test_every_operator_is_among_them(mutants: dict[int, Mutant]) -> None:
    assert {mutant.operator for mutant in mutants.values()} == {
        "arithmetic",
        "constant",
        "logical",
        "modifier",
        "negation",
        "relational",
        "statement",
    }


def test_what_does_not_compile_alone_does_not_behind_a_switch(compiler: Compiler) -> None:
    text = SOURCE.replace("= 20;", "= 12 * 12;")
    broken = Mutant(FILE, "Store", "arithmetic", "12 * 12", "12 / 13", text.encode().index(b"12 * 12"))
    behind, _misfits = with_switches(text, compiler.analyse(FILE, {FILE: text}), {1: broken})
    for source in (broken.applied(text), behind):
        with pytest.raises(Broken, match="ype"):
            compiler.analyse(FILE, {FILE: source, LIBRARY: LIBRARY_TEXT})
