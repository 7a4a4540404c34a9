// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Relay} from "../../contracts/Relay.sol";
import {IRelay, Objection, Request} from "../../contracts/interfaces/IRelay.sol";
import {FloodingWallet, Noting, Odd, Reentering} from "./Recipients.sol";
import {RelayWorld} from "./RelayWorld.sol";
import {Vm} from "./Vm.sol";
import {
    BurningWallet,
    DirtyWallet,
    MuteWallet,
    OwnedWallet,
    RevertingWallet,
    ShortWallet,
    WrongMagicWallet
} from "./Wallets.sol";

/// @notice Requests: whose they are, that each counts once and as it was signed, and that none can hinder another.
contract RelayTest is RelayWorld {
    /// @dev Stored, for the optimizer would read the chain's id anew wherever it is used.
    uint256 private chain;

    function setUp() public override {
        super.setUp();
        chain = block.chainid;
    }

    /* HASH */

    function testFuzz_hashOf(Request calldata request) public view {
        assertEq(relay.hashOf(request), digestOf(request, chain, address(relay)), "digest");
    }

    /* RELAYING */

    function testFuzz_relay(uint64 wait, uint256 nonce, bytes calldata more) public {
        Request memory request = requestOf(address(noting), abi.encodePacked(Noting.note.selector, more));
        request.nonce = nonce;
        request.deadline = uint64(block.timestamp) + uint64(bound(wait, 0, 1 << 40));
        bytes32 digest = relay.hashOf(request);
        assertTrue(!relay.isRelayed(digest), "not yet");
        assertEq(uint256(relay.objectionTo(request, signed(request))), uint256(Objection.None), "no objection");
        vm.expectEmit(address(relay));
        emit IRelay.Relayed(digest, signer, address(noting), true, "");
        relayAlone(request);
        assertTrue(relay.isRelayed(digest), "used up");
        assertEq(noting.sender(), signer, "sender");
        assertEq(keccak256(noting.data()), keccak256(abi.encodePacked(request.data, signer)), "data");
    }

    /// @dev Which of many are done follows from each alone; what is told is told in their order.
    function testFuzz_relay_many(uint256 kinds, uint256 count) public {
        count = bound(count, 0, 24);
        Request[] memory requests = new Request[](count);
        bytes[] memory signatures = new bytes[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 kind = (kinds >> (2 * i)) & 3;
            requests[i] = kind == 1 ? requestOf(address(noting), abi.encodeCall(Noting.refuse, ("no"))) : noteOf();
            signatures[i] = sign(kind == 2 ? OTHER_SECRET : SECRET, relay.hashOf(requests[i]));
            if (kind == 3 && i != 0) (requests[i], signatures[i]) = (requests[i - 1], signatures[i - 1]);
        }
        vm.recordLogs();
        vm.prank(STRANGER);
        relay.relay(requests, signatures);
        _assertMany(requests, kinds, vm.getRecordedLogs());
    }

    function _assertMany(Request[] memory requests, uint256 kinds, Vm.Log[] memory logs) private view {
        uint256 told = 0;
        uint256 calls = 0;
        for (uint256 i = 0; i < requests.length; ++i) {
            uint256 kind = (kinds >> (2 * i)) & 3;
            if (kind == 2 || (kind == 3 && i != 0)) continue;
            assertTold(logs[told++], requests[i], kind != 1, kind == 1 ? bytes("no") : bytes(""));
            if (kind != 1) ++calls;
        }
        assertEq(logs.length, told, "events");
        assertEq(noting.calls(), calls, "calls");
    }

    function testFuzz_relay_lengths(uint256 one, uint256 other) public {
        (one, other) = (one % 4, other % 4);
        if (one == other) ++one;
        vm.expectRevert(abi.encodeWithSelector(IRelay.LengthsDiffer.selector, one, other));
        relay.relay(new Request[](one), new bytes[](other));
    }

    /* SIGNATURES */

    function testFuzz_otherSigner(uint256 secret) public {
        secret = bound(secret, 1, CURVE - 1);
        if (secret == SECRET) ++secret;
        Request memory request = noteOf();
        assertPassedOver(request, sign(secret, relay.hashOf(request)), Objection.NotSigned, "another key's");
    }

    /// @dev A signature is for every field as it was.
    function testFuzz_changed(uint256 field, uint256 value) public {
        Request memory request = noteOf();
        bytes memory signature = signed(request);
        field = field % 6;
        if (field == 0) request.from = vm.addr(bound(value, 1, CURVE - 1));
        if (field == 1) request.to = address(new Noting());
        if (field == 2) request.gas = GAS + bound(value, 1, GAS);
        if (field == 3) request.nonce += bound(value, 1 << 64, 1 << 200);
        if (field == 4) request.deadline += uint64(bound(value, 1, 1 << 40));
        if (field == 5) request.data = abi.encodePacked(request.data, value);
        vm.assume(request.from != signer || field != 0);
        assertPassedOver(request, signature, Objection.NotSigned, "changed");
    }

    /// @dev The other root of the curve, ERC-2098's short form, one byte more, nothing: none is a signature, so none is a
    /// second one.
    function testFuzz_malleable(uint256 nonce) public {
        Request memory request = noteOf();
        request.nonce = bound(nonce, 1 << 64, type(uint256).max);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(SECRET, relay.hashOf(request));
        bytes[4] memory others = [
            abi.encodePacked(r, bytes32(CURVE - uint256(s)), v == 27 ? uint8(28) : uint8(27)),
            abi.encodePacked(r, bytes32(uint256(s) | (v == 28 ? uint256(1) << 255 : 0))),
            abi.encodePacked(r, s, v, uint8(0)),
            bytes("")
        ];
        for (uint256 i = 0; i < 4; ++i) {
            assertPassedOver(request, others[i], Objection.NotSigned, "not its form");
        }
        relayAlone(request);
        for (uint256 i = 0; i < 4; ++i) {
            assertPassedOver(request, others[i], Objection.RelayedAlready, "done in its form");
        }
    }

    function testFuzz_nobodySigns(uint8 v, bytes32 r, bytes32 s) public {
        Request memory request = noteOf();
        request.from = address(0);
        assertPassedOver(request, abi.encodePacked(r, s, v), Objection.NotSigned, "nobody");
    }

    /// @dev Of another chain, and of another relay on this one.
    function testFuzz_otherDomain(uint256 other) public {
        other = bound(other, 1, type(uint64).max);
        if (other == chain) ++other;
        Request memory request = noteOf();
        bytes memory foreign = sign(SECRET, digestOf(request, other, address(relay)));
        assertPassedOver(request, foreign, Objection.NotSigned, "another chain's");
        address twin = address(new Relay());
        bytes memory twins = sign(SECRET, digestOf(request, chain, twin));
        assertPassedOver(request, twins, Objection.NotSigned, "another relay's");
        bytes memory own = signed(request);
        vm.chainId(other);
        assertTrue(relay.objectionTo(request, own) == Objection.NotSigned, "on a fork with another id");
        vm.chainId(chain);
        relayAlone(request, own);
        assertEq(noting.calls(), 5, "here");
    }

    /* TIME AND REPLAY */

    function testFuzz_expired(uint64 deadline, uint64 late) public {
        Request memory request = noteOf();
        request.deadline = uint64(bound(deadline, NOW, 1 << 40));
        bytes memory signature = signed(request);
        vm.warp(uint256(request.deadline) + bound(late, 1, 1 << 40));
        assertPassedOver(request, signature, Objection.Expired, "late");
        vm.warp(request.deadline);
        relayAlone(request, signature);
        assertTrue(relay.isRelayed(relay.hashOf(request)), "in the last second");
    }

    function testFuzz_onlyOnce(bool refused) public {
        bytes memory data = refused ? abi.encodeCall(Noting.refuse, ("no")) : abi.encodeCall(Noting.note, ());
        Request memory request = requestOf(address(noting), data);
        Request[] memory requests = new Request[](3);
        bytes[] memory signatures = new bytes[](3);
        for (uint256 i = 0; i < 3; ++i) {
            (requests[i], signatures[i]) = (request, signed(request));
        }
        vm.recordLogs();
        relay.relay(requests, signatures);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1, "told once");
        assertTold(logs[0], request, !refused, refused ? bytes("no") : bytes(""));
        assertEq(noting.calls(), refused ? 0 : 1, "called once");
        assertPassedOver(request, signed(request), Objection.RelayedAlready, "later");
    }

    /// @dev The same call with another nonce is another request, in whatever order.
    function testFuzz_nonces(uint256 one, uint256 other) public {
        if (one == other) --other;
        Request memory request = noteOf();
        request.nonce = one;
        relayAlone(request);
        request.nonce = other;
        relayAlone(request);
        assertEq(noting.calls(), 2, "both");
    }

    /* REFUSALS */

    function testFuzz_refused(bytes calldata reason) public {
        bytes memory cut = reason.length > 1024 ? reason[:1024] : reason;
        assertRefused(requestOf(address(noting), abi.encodeCall(Noting.refuse, (reason))), cut);
    }

    function testFuzz_refusedAtLength(uint256 size) public {
        size = bound(size, 0, 200_000);
        bytes memory zeros = new bytes(size < 1024 ? size : 1024);
        assertRefused(requestOf(address(noting), abi.encodeCall(Noting.flood, (size, true))), zeros);
    }

    /// @dev What it answers is not told.
    function testFuzz_answersAtLength(uint256 size) public {
        Request memory request = requestOf(address(noting), abi.encodeCall(Noting.flood, (bound(size, 0, 200_000), false)));
        vm.expectEmit(address(relay));
        emit IRelay.Relayed(relay.hashOf(request), signer, address(noting), true, "");
        relayAlone(request);
    }

    function testFuzz_outOfGas(uint256 gasLimit) public {
        Request memory request = requestOf(address(noting), abi.encodeCall(Noting.burn, ()));
        request.gas = bound(gasLimit, 0, 5_000_000);
        assertRefused(request, "");
    }

    /// @dev Calldata that is no call: the signer's address alone is taken for one.
    function testFuzz_shortData(uint256 length) public {
        assertRefused(requestOf(address(noting), new bytes(bound(length, 0, 3))), "");
    }

    /* GAS */

    /// @dev Whatever the transaction gets, the call gets what was signed for, or nothing happens.
    function testFuzz_gasIsThere(uint256 wanted, uint256 given) public {
        Request memory request = noteOf();
        request.gas = bound(wanted, 200_000, 3_000_000);
        Request[] memory requests = new Request[](1);
        bytes[] memory signatures = new bytes[](1);
        (requests[0], signatures[0]) = (request, signed(request));
        bytes memory data = abi.encodeCall(relay.relay, (requests, signatures));
        // Around what is needed: the call, its 63rd part, and the relay's own work.
        given = bound(given, request.gas, request.gas + request.gas / 63 + 100_000);
        (bool done, bytes memory answer) = address(relay).call{gas: given}(data);
        assertEq(relay.isRelayed(relay.hashOf(request)), done, "used up if and only if it was called");
        assertEq(noting.calls(), done ? 1 : 0, "called");
        if (done) assertTrue(noting.room() + 500 > request.gas, "room");
        else assertTrue(answer.length == 0 || bytes4(answer) == IRelay.GasShort.selector, "why");
    }

    /// @dev However little the transaction gets, nothing but its gas is blamed, down to less than the relay's own work.
    function test_gasIsShortOfTheRelaysOwnWork() public {
        Request memory request = noteOf();
        request.gas = 1;
        Request[] memory requests = new Request[](1);
        bytes[] memory signatures = new bytes[](1);
        (requests[0], signatures[0]) = (request, signed(request));
        bytes memory data = abi.encodeCall(relay.relay, (requests, signatures));
        uint256 least = type(uint256).max;
        for (uint256 given = 30_000; !relay.isRelayed(relay.hashOf(request)); given += 300) {
            (bool done, bytes memory answer) = address(relay).call{gas: given}(data);
            if (done || answer.length == 0) continue;
            assertEq(bytes32(bytes4(answer)), bytes32(IRelay.GasShort.selector), "why");
            uint256 left;
            assembly ("memory-safe") {
                left := mload(add(answer, 68))
            }
            if (left < least) least = left;
        }
        assertLe(least, 2_999, "left");
    }

    /// @dev More than there can ever be.
    function testFuzz_gasIsNotThere(uint256 wanted) public {
        Request memory request = noteOf();
        request.gas = bound(wanted, 1 << 40, type(uint256).max);
        try this.relayed(request) {
            revert NotTrue("refused");
        } catch (bytes memory reason) {
            assertEq(bytes32(bytes4(reason)), bytes32(IRelay.GasShort.selector), "for its gas");
        }
        assertTrue(!relay.isRelayed(relay.hashOf(request)), "not used up");
    }

    function relayed(Request memory request) external {
        relayAlone(request);
    }

    /* CONTRACTS THAT SIGN */

    function testFuzz_wallet(uint256 nonce) public {
        Request memory request = noteOf();
        (request.from, request.nonce) = (address(new OwnedWallet(signer)), nonce);
        relayAlone(request);
        assertEq(noting.sender(), request.from, "sender");
        request.nonce = nonce ^ 1;
        bytes memory other = sign(OTHER_SECRET, relay.hashOf(request));
        assertPassedOver(request, other, Objection.NotSigned, "not its owner");
    }

    /// @dev A key's signature does not count for two wallets of its owner.
    function testFuzz_walletsOfOneOwner(uint256 nonce) public {
        Request memory request = noteOf();
        (request.from, request.nonce) = (address(new OwnedWallet(signer)), nonce);
        bytes memory signature = signed(request);
        request.from = address(new OwnedWallet(signer));
        assertPassedOver(request, signature, Objection.NotSigned, "the other wallet");
    }

    function testFuzz_badWallets(bytes4 magic, uint256 gasLimit) public {
        if (magic == 0x1626ba7e) magic = 0;
        address[7] memory wallets = [
            address(new WrongMagicWallet(magic)),
            address(new RevertingWallet()),
            address(new BurningWallet()),
            address(new ShortWallet()),
            address(new DirtyWallet()),
            address(new MuteWallet()),
            address(market)
        ];
        for (uint256 i = 0; i < wallets.length; ++i) {
            Request memory request = noteOf();
            (request.from, request.gas) = (wallets[i], bound(gasLimit, 0, GAS));
            assertPassedOver(request, signed(request), Objection.NotSigned, vm.toString(i));
        }
    }

    /// @dev What a wallet burns is bounded by what its request asks for; what it floods is not copied.
    function testFuzz_dearWallets(uint256 gasLimit) public {
        Request memory request = noteOf();
        (request.from, request.gas) = (address(new BurningWallet()), bound(gasLimit, 0, GAS));
        uint256 left = gasleft();
        relayAlone(request, "");
        assertLe(left - gasleft(), request.gas + 60_000, "burning");
        request.from = address(new FloodingWallet());
        request.gas = GAS;
        left = gasleft();
        relayAlone(request, "");
        assertTrue(relay.isRelayed(relay.hashOf(request)), "signs everything");
        assertLe(left - gasleft(), 900_000, "flooding");
    }

    /* CONTRACTS THAT ARE NOT OURS */

    function testFuzz_notOurs(uint256 seed, bytes32 word) public {
        if (word == bytes32(uint256(1))) word = 0;
        address[9] memory targets = [
            outsider(seed),
            address(uint160(1 + seed % 9)),
            address(manager),
            address(relay),
            address(new MuteWallet()),
            address(new Odd(abi.encode(word), false, false)),
            address(new Odd(abi.encode(true), true, false)),
            address(new Odd(hex"01", false, false)),
            address(new Odd(abi.encode(true), false, true))
        ];
        for (uint256 i = 0; i < targets.length; ++i) {
            Request memory request = requestOf(targets[i], abi.encodeCall(Odd.note, ()));
            assertPassedOver(request, signed(request), Objection.NotOurs, vm.toString(i));
        }
    }

    function test_odd_isOursIfItSaysSo() public {
        Odd odd = new Odd(abi.encode(true), false, false);
        relayAlone(requestOf(address(odd), abi.encodeCall(Odd.note, ())));
        assertEq(odd.calls(), 1, "called");
    }

    /* REENTRANCY */

    /// @dev A contract that has the relay work while it is called can neither repeat its own request nor another.
    function testFuzz_reentrancy(bool refused) public {
        Reentering target = new Reentering(relay);
        Request memory outer = requestOf(address(target), abi.encodeCall(Reentering.enter, (refused)));
        outer.gas = 4 * GAS;
        Request memory inner = noteOf();
        target.add(outer, signed(outer));
        target.add(inner, signed(inner));
        target.add(inner, signed(inner));
        relayAlone(outer);
        assertTrue(relay.isRelayed(relay.hashOf(outer)), "itself used up");
        // A refused call undoes what it had relayed, but not that it was called.
        assertEq(relay.isRelayed(relay.hashOf(inner)), !refused, "the other");
        assertEq(target.calls(), refused ? 0 : 1, "calls of itself");
        assertEq(noting.calls(), refused ? 0 : 1, "calls of the other");
        relayAlone(outer);
        relayAlone(inner);
        assertEq(noting.calls(), 1, "once in all");
    }

    /// @dev Nor while it is asked for its signature.
    function test_reentrancy_ofASigner() public {
        Reentering wallet = new Reentering(relay);
        (Request memory outer, Request memory inner) = (noteOf(), noteOf());
        (outer.from, outer.gas) = (address(wallet), 4 * GAS);
        wallet.add(inner, signed(inner));
        assertPassedOver(outer, "", Objection.NotSigned, "signed for by relaying");
        assertTrue(!relay.isRelayed(relay.hashOf(inner)), "relayed while it was asked");
    }

    /// @dev Objections in their order, each hiding those behind it.
    function test_objectionsInOrder() public {
        Request memory request = requestOf(STRANGER, "");
        (uint64 now_, bytes memory none) = (request.deadline, "");
        request.deadline = now_ - 1;
        assertTrue(relay.objectionTo(request, none) == Objection.Expired, "expired");
        request.deadline = now_;
        assertTrue(relay.objectionTo(request, none) == Objection.NotOurs, "not ours");
        request.to = address(noting);
        assertTrue(relay.objectionTo(request, none) == Objection.NotSigned, "not signed");
        relayAlone(request);
        assertTrue(relay.objectionTo(request, none) == Objection.RelayedAlready, "relayed");
        vm.warp(block.timestamp + 1);
        assertTrue(relay.objectionTo(request, none) == Objection.Expired, "expired and relayed");
    }
}
