// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Guardian} from "../../../contracts/Guardian.sol";
import {Registry} from "../../../contracts/Registry.sol";
import {AccountKind, Opening} from "../../../contracts/interfaces/IRegistry.sol";
import {Model} from "./Model.sol";

/// @notice Accounts are opened, closed, frozen and given other keys, agents come and go, the guardian brakes.
abstract contract AccountHandler is Model {
    uint256 private constant NEWCOMERS = 0xF000;
    uint256 private constant MOST_ACCOUNTS = 18;
    uint8 private constant THIRD_PROVINCE = 44;

    uint256 private opened;

    /* OPENING AND CLOSING */

    function openInstitution(uint256 seed) internal {
        Opening memory opening = _opening(seed);
        opening.kind = AccountKind((seed >> 8) % 7);
        opening.province = [uint8(0), THIRD_PROVINCE, PROVINCE, 200][(seed >> 16) % 4];
        address caller = _caller(AUTHORITY, seed >> 24);
        bool province = opening.kind == AccountKind.Province;
        bool placed = province
            ? opening.province == THIRD_PROVINCE && provinces[THIRD_PROVINCE] == address(0)
            : opening.province != 200;
        bool allowed = caller == AUTHORITY && _isNew(opening.account) && opening.kind > AccountKind.Buyer && placed;
        bytes memory data = abi.encodeCall(Registry.openInstitutions, (_one(opening)));
        if (!_call(address(registry), caller, data, allowed, "open institution")) return;
        _know(opening.account, opening.kind, opening.operator);
        if (province) provinces[opening.province] = opening.account;
    }

    function openBuyer(uint256 seed) internal {
        Opening memory opening = _opening(seed);
        if ((seed >> 8) % 4 == 0) opening.kind = AccountKind((seed >> 16) % 7);
        opening.province = [uint8(0), PROVINCE, 0, 200][(seed >> 24) % 4];
        address caller = _caller(REGISTRAR, seed >> 32);
        bool allowed = caller == REGISTRAR && _isNew(opening.account) && opening.kind == AccountKind.Buyer
            && opening.province != 200;
        bytes memory data = abi.encodeCall(Registry.openBuyers, (_one(opening)));
        if (!_call(address(registry), caller, data, allowed, "open buyer")) return;
        _know(opening.account, opening.kind, opening.operator);
    }

    /// @dev Newcomers and the second owner, buyer and agent can go; the first ones stay, so that life goes on.
    function closeAccount(uint256 seed) internal {
        address account = [OTHER_BUYER, OTHER_OWNER, OTHER_AGENT, STRANGER][seed % 4];
        if ((seed >> 8) % 3 != 0 && opened != 0) account = address(uint160(NEWCOMERS + (seed >> 16) % opened));
        else if ((seed >> 24) % 4 != 0) account = STRANGER;
        address caller = _caller(AUTHORITY, seed >> 32);
        bool allowed = caller == AUTHORITY && _mayReceive(account);
        bytes memory data = abi.encodeCall(Registry.close, (account, "deregistered"));
        if (_call(address(registry), caller, data, allowed, "close account")) principals[account].closed = true;
    }

    /* KEYS AND FREEZES */

    function freezeAccount(uint256 seed) internal {
        address account = (seed >> 32) % 3 == 0 ? _agent(seed) : _account(seed);
        address caller = _caller(AUTHORITY, seed >> 64);
        bool freezes = (seed >> 96) % 5 == 0;
        bool allowed = caller == AUTHORITY && account != STRANGER;
        bytes memory data = abi.encodeCall(Registry.setFrozen, (account, freezes, ""));
        if (_call(address(registry), caller, data, allowed, "freeze account")) principals[account].frozen = freezes;
    }

    function changeKey(uint256 seed) internal {
        address account = _account(seed);
        if (account == PROVINCE_ACCOUNT || account == OTHER_PROVINCE_ACCOUNT) account = BUYER;
        address key = (seed >> 64) % 12 == 0 ? address(0) : keys[(seed >> 72) % keys.length];
        address caller = _caller(AUTHORITY, seed >> 96);
        bool allowed = caller == AUTHORITY && account != STRANGER;
        bytes memory data = abi.encodeCall(Registry.setOperator, (account, key));
        if (_call(address(registry), caller, data, allowed, "change key")) principals[account].operator = key;
    }

    /* AGENTS */

    function fileMandate(uint256 seed) internal {
        address principal = _account(seed);
        address agent = (seed >> 32) % 8 == 0 ? _account(seed >> 40) : _agent(seed >> 48);
        uint40 from = uint40(block.timestamp + (seed >> 56) % 4 days - 2 days);
        uint40 until = uint40(block.timestamp + (seed >> 80) % 40 days - 3 days);
        bytes32 document = (seed >> 104) % 12 == 0 ? bytes32(0) : BASIS;
        address caller = _callerFor(principal, seed >> 112);
        Principal storage found = principals[principal];
        bool allowed = _mayAct(principal, caller) && block.timestamp >= found.until
            && principals[agent].kind == AccountKind.Agent && !principals[agent].closed && from < until
            && until > block.timestamp && document != 0;
        bytes memory data = abi.encodeCall(Registry.fileMandate, (principal, agent, from, until, document));
        if (!_call(address(registry), caller, data, allowed, "file mandate")) return;
        (found.agent, found.from, found.until) = (agent, from, until);
    }

    function revokeMandate(uint256 seed) internal {
        address principal = _account(seed);
        for (uint256 i = 0; i < accounts.length && principals[principal].until <= block.timestamp; ++i) {
            principal = accounts[(seed + i) % accounts.length];
        }
        Principal storage found = principals[principal];
        address agent = principals[found.agent].operator;
        address proper = (seed >> 32) % 3 == 0 ? AUTHORITY : (seed >> 32) % 3 == 1 ? found.operator : agent;
        address caller = _caller(proper, seed >> 64);
        bool allowed = block.timestamp < found.until
            && (caller == AUTHORITY || caller == found.operator || caller == agent);
        bytes memory data = abi.encodeCall(Registry.revokeMandate, (principal));
        if (!_call(address(registry), caller, data, allowed, "revoke mandate")) return;
        (found.agent, found.from, found.until) = (address(0), 0, 0);
    }

    /* THE BRAKE */

    /// @dev Whoever is no guardian cannot brake; the guardian brakes, and only governance lets go.
    function pause(uint256 seed) internal {
        address caller = _caller(GUARD, seed);
        bytes memory data = abi.encodeCall(Guardian.pause, ("something is wrong"));
        if (_callAnyhow(address(guardian), caller, data, caller == GUARD, "pause")) paused = true;
    }

    function goOn() internal {
        address[6] memory targets = [
            address(registry), address(readings), address(certificates), address(market), address(declarations),
            address(cases)
        ];
        for (uint256 i = 0; i < targets.length; ++i) {
            bytes memory data = abi.encodeCall(manager.setTargetClosed, (targets[i], false));
            _callAnyhow(address(manager), GUARD, data, false, "around the rules");
            manager.setTargetClosed(targets[i], false);
        }
        paused = false;
    }

    /* INTERNALS */

    /// @dev One that is there already, nobody's, or the next newcomer, who takes a key that others may have too.
    function _opening(uint256 seed) private returns (Opening memory opening) {
        opening = Opening(BUYER, AccountKind.Buyer, 0, keys[(seed >> 200) % keys.length], "Newcomer");
        uint256 choice = (seed >> 208) % 8;
        if (choice == 0) opening.account = address(0);
        if (choice > 1 && accounts.length < MOST_ACCOUNTS) opening.account = address(uint160(NEWCOMERS + opened++));
    }

    function _agent(uint256 seed) private pure returns (address) {
        return seed % 2 == 0 ? AGENT : OTHER_AGENT;
    }

    function _isNew(address account) private view returns (bool) {
        return account != address(0) && principals[account].kind == AccountKind.None;
    }

    function _one(Opening memory opening) private pure returns (Opening[] memory openings) {
        openings = new Opening[](1);
        openings[0] = opening;
    }
}
