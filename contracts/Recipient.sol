// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Context} from "@openzeppelin/contracts/utils/Context.sol";

/// @notice Takes for its caller whoever calls, or whoever the one relay that it trusts, for good, calls for (ERC-2771).
/// @dev As OpenZeppelin's ERC2771Context, for a relay that always names a signer: every call pays for it.
abstract contract Recipient is Context {
    address private immutable RELAY;

    constructor(address relay) {
        RELAY = relay;
    }

    /// @notice Whether callers are taken from this forwarder (ERC-2771).
    function isTrustedForwarder(address forwarder) external view returns (bool) {
        return forwarder == RELAY;
    }

    function _msgSender() internal view virtual override returns (address) {
        return msg.sender == RELAY ? address(bytes20(msg.data[msg.data.length - 20:])) : msg.sender;
    }

    function _msgData() internal view virtual override returns (bytes calldata) {
        return msg.sender == RELAY ? msg.data[:msg.data.length - 20] : msg.data;
    }
}
