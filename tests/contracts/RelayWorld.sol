// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRelay, Objection, Request} from "../../contracts/interfaces/IRelay.sol";
import {Recipient} from "../../contracts/Recipient.sol";
import {BatchId} from "../../contracts/types/BatchId.sol";
import {Noting} from "./Recipients.sol";
import {Vm} from "./Vm.sol";
import {World} from "./World.sol";

/// @notice The world with keys that sign requests.
abstract contract RelayWorld is World {
    uint256 internal constant SECRET = 0x0ead;
    uint256 internal constant OTHER_SECRET = 0x0bead;
    /// @dev Order of secp256k1.
    uint256 internal constant CURVE = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    uint256 internal constant GAS = 1_000_000;
    bytes32 internal constant RELAYED = IRelay.Relayed.selector;

    address internal signer;
    Noting internal noting;
    uint256 private nonces;

    function setUp() public virtual override {
        super.setUp();
        signer = vm.addr(SECRET);
        noting = new Noting();
        vm.prank(AUTHORITY);
        registry.setOperator(OWNER, signer);
    }

    /* MATERIAL */

    /// @dev No two are the same.
    function requestOf(address to, bytes memory data) internal returns (Request memory) {
        return Request(signer, to, GAS, ++nonces, uint64(block.timestamp), data);
    }

    function noteOf() internal returns (Request memory) {
        return requestOf(address(noting), abi.encodeCall(Noting.note, ()));
    }

    function retireOf(BatchId batch, uint256 start, uint256 end) internal returns (Request memory) {
        bytes memory data = abi.encodeCall(certificates.retire, (batch, uint32(start), uint32(end), claimOf()));
        return requestOf(address(certificates), data);
    }

    function sign(uint256 secret, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(secret, digest);
        return abi.encodePacked(r, s, v);
    }

    function signed(Request memory request) internal view returns (bytes memory) {
        return sign(SECRET, relay.hashOf(request));
    }

    /// @dev EIP-712 word by word, apart from the contract's own encoding.
    function digestOf(Request memory request, uint256 chain, address verifier) internal pure returns (bytes32) {
        bytes32 domain = keccak256(
            bytes.concat(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("gecchain Relay"),
                keccak256("1"),
                bytes32(chain),
                bytes32(uint256(uint160(verifier)))
            )
        );
        bytes32 words = keccak256(
            bytes.concat(
                keccak256("Request(address from,address to,uint256 gas,uint256 nonce,uint64 deadline,bytes data)"),
                bytes32(uint256(uint160(request.from))),
                bytes32(uint256(uint160(request.to))),
                bytes32(request.gas),
                bytes32(request.nonce),
                bytes32(uint256(request.deadline)),
                keccak256(request.data)
            )
        );
        return keccak256(bytes.concat(hex"1901", domain, words));
    }

    /* DEEDS */

    function relayAlone(Request memory request, bytes memory signature) internal {
        Request[] memory requests = new Request[](1);
        bytes[] memory signatures = new bytes[](1);
        (requests[0], signatures[0]) = (request, signature);
        vm.prank(STRANGER);
        relay.relay(requests, signatures);
    }

    function relayAlone(Request memory request) internal {
        relayAlone(request, signed(request));
    }

    /// @dev Relays it between two good ones, which must be done whatever becomes of it.
    function relayBetween(Request memory request, bytes memory signature) internal {
        Request[] memory requests = new Request[](3);
        bytes[] memory signatures = new bytes[](3);
        (requests[0], requests[1], requests[2]) = (noteOf(), request, noteOf());
        (signatures[0], signatures[1], signatures[2]) = (signed(requests[0]), signature, signed(requests[2]));
        uint256 before = noting.calls();
        vm.prank(STRANGER);
        relay.relay(requests, signatures);
        for (uint256 i = 0; i < 3; i += 2) {
            assertTrue(relay.isRelayed(relay.hashOf(requests[i])), "the good one beside");
        }
        assertTrue(noting.calls() >= before + 2, "calls of the good ones");
    }

    /* COMPARISONS */

    /// @dev Relayed between two good ones it does nothing and nothing is told of it.
    function assertPassedOver(Request memory request, bytes memory signature, Objection objection, string memory why)
        internal
    {
        bytes32 digest = relay.hashOf(request);
        bool before = relay.isRelayed(digest);
        assertEq(uint256(relay.objectionTo(request, signature)), uint256(objection), why);
        vm.recordLogs();
        relayBetween(request, signature);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 2, string.concat(why, ": events"));
        for (uint256 i = 0; i < 2; ++i) {
            assertTrue(logs[i].topics[0] == RELAYED && logs[i].topics[1] != digest, string.concat(why, ": told"));
        }
        assertEq(relay.isRelayed(digest), before, string.concat(why, ": used up"));
    }

    /// @dev Relayed between two good ones it is used up and told with this error.
    function assertRefused(Request memory request, bytes memory reason) internal {
        vm.recordLogs();
        relayBetween(request, signed(request));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 3, "one event each");
        assertTold(logs[1], request, false, reason);
        assertTrue(relay.isRelayed(relay.hashOf(request)), "used up");
    }

    function assertTold(Vm.Log memory log, Request memory request, bool done, bytes memory reason) internal view {
        assertEq(log.emitter, address(relay), "whose event");
        assertEq(log.topics[0], RELAYED, "which event");
        assertEq(log.topics[1], relay.hashOf(request), "which request");
        assertEq(log.topics[2], bytes32(uint256(uint160(request.from))), "from");
        assertEq(log.topics[3], bytes32(uint256(uint160(request.to))), "to");
        assertEq(keccak256(log.data), keccak256(abi.encode(done, reason)), "outcome");
    }

    function recipients() internal view returns (Recipient[7] memory) {
        return [
            Recipient(address(registry)),
            Recipient(address(readings)),
            Recipient(address(certificates)),
            Recipient(address(market)),
            Recipient(address(declarations)),
            Recipient(address(cases)),
            Recipient(address(guardian))
        ];
    }
}
