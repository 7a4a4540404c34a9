// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRelay, Request} from "../../contracts/interfaces/IRelay.sol";

/// @notice Contracts that a relay may be asked to call: one that notes what it got, and one for each way to be difficult.
/// @dev Its callers are those of the relay's requests, whoever the relay is.
contract Noting {
    address public sender;
    bytes public data;
    uint256 public room;
    uint256 public calls;

    function isTrustedForwarder(address) external pure returns (bool) {
        return true;
    }

    function note() external {
        room = gasleft();
        ++calls;
        sender = address(bytes20(msg.data[msg.data.length - 20:]));
        data = msg.data;
    }

    function refuse(bytes calldata reason) external pure {
        bytes memory copy = reason;
        assembly ("memory-safe") {
            revert(add(copy, 32), mload(copy))
        }
    }

    /// @dev Reverts with, or answers, so many bytes of zeros.
    function flood(uint256 size, bool refused) external pure {
        assembly {
            if refused { revert(0, size) }
            return(0, size)
        }
    }

    function burn() external pure {
        while (true) {}
    }
}

/// @notice Answers the question whether it trusts the relay as it was told to.
contract Odd {
    bytes private answer;
    bool private refuses;
    bool private burns;
    uint256 public calls;

    constructor(bytes memory answer_, bool refuses_, bool burns_) {
        (answer, refuses, burns) = (answer_, refuses_, burns_);
    }

    function isTrustedForwarder(address) external view {
        while (burns) {}
        bytes memory copy = answer;
        if (refuses) {
            assembly ("memory-safe") {
                revert(add(copy, 32), mload(copy))
            }
        }
        assembly ("memory-safe") {
            return(add(copy, 32), mload(copy))
        }
    }

    function note() external {
        ++calls;
    }
}

/// @notice Has the relay make requests while it is called by it.
contract Reentering {
    IRelay private immutable RELAY;
    Request[] private requests;
    bytes[] private signatures;
    uint256 public calls;

    constructor(IRelay relay) {
        RELAY = relay;
    }

    function isTrustedForwarder(address) external pure returns (bool) {
        return true;
    }

    function add(Request calldata request, bytes calldata signature) external {
        requests.push(request);
        signatures.push(signature);
    }

    function enter(bool refused) external {
        ++calls;
        RELAY.relay(requests, signatures);
        require(!refused);
    }
}

/// @notice Signs everything, and answers with a great many bytes.
contract FloodingWallet {
    function isValidSignature(bytes32, bytes calldata) external pure {
        bytes4 magic = this.isValidSignature.selector;
        assembly {
            mstore(0, magic)
            return(0, 500000)
        }
    }
}

/// @notice Signs everything if it can have the relay make requests meanwhile.
contract ReenteringWallet {
    IRelay private immutable RELAY;

    constructor(IRelay relay) {
        RELAY = relay;
    }

    function isValidSignature(bytes32, bytes calldata) external returns (bytes4) {
        RELAY.relay(new Request[](0), new bytes[](0));
        return this.isValidSignature.selector;
    }
}
