// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {Recipient} from "./Recipient.sol";
import {Roles} from "./Roles.sol";

/// @title The guardian's brake
/// @notice Closes every contract of the registry at once when something is wrong. It can do nothing else: opening them
/// again is governance's act, with its delay.
/// @dev Holds the AccessManager's admin role, whose only use here is `setTargetClosed(target, true)`.
contract Guardian is Recipient {
    event Paused(address indexed by, string reason);

    error NotAGuardian(address caller);

    IAccessManager public immutable MANAGER;
    address[] private _targets;

    constructor(IAccessManager manager, address relay, address[] memory targets) Recipient(relay) {
        MANAGER = manager;
        _targets = targets;
    }

    /// @notice Closes the contracts for everybody. Guardians only.
    function pause(string calldata reason) external {
        address caller = _msgSender();
        (bool isMember,) = MANAGER.hasRole(Roles.GUARDIAN, caller);
        if (!isMember) revert NotAGuardian(caller);
        for (uint256 i = 0; i < _targets.length; ++i) {
            MANAGER.setTargetClosed(_targets[i], true);
        }
        emit Paused(caller, reason);
    }
}
