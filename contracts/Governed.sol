// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Context} from "@openzeppelin/contracts/utils/Context.sol";
import {Recipient} from "./Recipient.sol";

/// @notice Rights come from one AccessManager, for good: its roles change, it does not.
/// @dev A fixed address spares every restricted call a cold read of storage.
abstract contract Governed is AccessManaged, Recipient {
    address private immutable MANAGER;

    /// @notice The authority of a contract cannot be replaced.
    error AuthorityFixed();

    constructor(address manager, address relay) AccessManaged(manager) Recipient(relay) {
        MANAGER = manager;
    }

    /// @inheritdoc AccessManaged
    function authority() public view override returns (address) {
        return MANAGER;
    }

    /// @inheritdoc AccessManaged
    function setAuthority(address) public pure override {
        revert AuthorityFixed();
    }

    function _msgSender() internal view override(Context, Recipient) returns (address) {
        return Recipient._msgSender();
    }

    function _msgData() internal view override(Context, Recipient) returns (bytes calldata) {
        return Recipient._msgData();
    }
}
