// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Recipient} from "./Recipient.sol";
import {IRelay, Objection, Request} from "./interfaces/IRelay.sol";
import {Bounded} from "./libraries/Bounded.sol";
import {Signatures} from "./libraries/Signatures.sol";

/// @notice Its manual is `IRelay`.
contract Relay is IRelay, EIP712 {
    bytes32 private constant REQUEST_TYPE =
        keccak256("Request(address from,address to,uint256 gas,uint256 nonce,uint64 deadline,bytes data)");
    uint256 private constant MAX_REASON = 1024;
    /// @dev What a contract may use to say whether it trusts the relay, as ERC-165 allows for such answers.
    uint256 private constant TRUST_GAS = 30_000;
    /// @dev More than is spent between the count of the gas and the call.
    uint256 private constant CALL_GAS = 3_000;

    /* STORAGE */

    /// @inheritdoc IRelay
    mapping(bytes32 request => bool) public isRelayed;

    constructor() EIP712("gecchain Relay", "1") {}

    /* RELAYING */

    /// @inheritdoc IRelay
    function relay(Request[] calldata requests, bytes[] calldata signatures) external {
        if (requests.length != signatures.length) revert LengthsDiffer(requests.length, signatures.length);
        for (uint256 i = 0; i < requests.length; ++i) {
            bytes32 digest = hashOf(requests[i]);
            if (_objectionTo(requests[i], digest, signatures[i]) == Objection.None) _relay(requests[i], digest);
        }
    }

    /* VIEWS */

    /// @inheritdoc IRelay
    function hashOf(Request calldata request) public view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(
                abi.encode(
                    REQUEST_TYPE,
                    request.from,
                    request.to,
                    request.gas,
                    request.nonce,
                    request.deadline,
                    keccak256(request.data)
                )
            )
        );
    }

    /// @inheritdoc IRelay
    function objectionTo(Request calldata request, bytes calldata signature) external view returns (Objection) {
        return _objectionTo(request, hashOf(request), signature);
    }

    /* INTERNALS */

    /// @dev Used up before the call, so that nothing called can have it made again.
    function _relay(Request calldata request, bytes32 digest) private {
        isRelayed[digest] = true;
        bytes memory data = abi.encodePacked(request.data, request.from);
        _requireGas(request.gas);
        (bool done, bytes memory answer) = Bounded.call(request.to, request.gas, data, MAX_REASON);
        emit Relayed(digest, request.from, request.to, done, done ? bytes("") : answer);
    }

    /// @dev A call gets 63 of 64 parts of what is left at the most (EIP-150), whatever it is given: whoever sends the
    /// transaction could make it fail by sending little.
    function _requireGas(uint256 wanted) private view {
        uint256 left = gasleft();
        uint256 room = left < CALL_GAS ? 0 : left - CALL_GAS;
        if (room - room / 64 < wanted) revert GasShort(wanted, left);
    }

    function _objectionTo(Request calldata request, bytes32 digest, bytes calldata signature)
        private
        view
        returns (Objection)
    {
        if (block.timestamp > request.deadline) return Objection.Expired;
        if (isRelayed[digest]) return Objection.RelayedAlready;
        if (!_trustsUs(request.to)) return Objection.NotOurs;
        if (!Signatures.isValid(request.from, digest, signature, request.gas)) return Objection.NotSigned;
        return Objection.None;
    }

    function _trustsUs(address target) private view returns (bool) {
        bytes memory question = abi.encodeCall(Recipient.isTrustedForwarder, (address(this)));
        (bool answered, bytes32 answer) = Bounded.ask(target, TRUST_GAS, question);
        return answered && answer == bytes32(uint256(1));
    }
}
