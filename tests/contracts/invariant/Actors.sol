// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Roles} from "../../../contracts/Roles.sol";
import {AccountKind, Opening} from "../../../contracts/interfaces/IRegistry.sol";
import {World} from "../World.sol";

/// @notice Who calls: everybody with a role, every account with its keys and mandates, and who has no right at all.
/// @dev Keys of accounts can sign, those of the provinces alone cannot: their role hangs on the address.
abstract contract Actors is World {
    struct Principal {
        AccountKind kind;
        address operator;
        bool frozen;
        bool closed;
        uint8 platform;
        address agent;
        uint40 from;
        uint40 until;
    }

    address internal constant OTHER_PROVIDER = address(0xA0B4);
    address internal constant OTHER_AGENT = address(0xAC41);
    uint256 internal constant SECRET = 0x5EC2E7;

    /// @notice The first call that ended otherwise than foreseen, and what it answered.
    string public violation;
    bytes public answer;
    mapping(string kind => uint256) public successes;
    mapping(string kind => uint256) public refusals;

    bool internal paused;
    address[] internal accounts;
    address[] internal callers;
    address[] internal keys;
    mapping(address account => Principal) internal principals;
    mapping(address key => uint256) internal secrets;
    mapping(uint8 province => address) internal provinces;
    uint8 internal platformCount;

    /* SET-UP */

    function _meet() internal {
        callers = [
            AUTHORITY, INFO_CENTRE, PROVIDER, OTHER_PROVIDER, REGISTRAR, EXCHANGE, OFFICE, CCER_REGISTRY, GUARD,
            STRANGER, PROVINCE_KEY, OTHER_PROVINCE_KEY, OFFICER, OTHER_OFFICER
        ];
        manager.grantRole(Roles.PROVIDER, OTHER_PROVIDER, 0);
        _know(PROVINCE_ACCOUNT, AccountKind.Province, PROVINCE_KEY);
        _know(OTHER_PROVINCE_ACCOUNT, AccountKind.Province, OTHER_PROVINCE_KEY);
        (provinces[PROVINCE], provinces[OTHER_PROVINCE]) = (PROVINCE_ACCOUNT, OTHER_PROVINCE_ACCOUNT);
        _know(PLATFORM_ACCOUNT, AccountKind.Platform, PLATFORM_KEY);
        _know(OTHER_PLATFORM_ACCOUNT, AccountKind.Platform, OTHER_PLATFORM_KEY);
        _know(AGENT, AccountKind.Agent, AGENT_KEY);
        _know(BUYER, AccountKind.Buyer, BUYER_KEY);
        _know(OTHER_BUYER, AccountKind.Buyer, OTHER_BUYER_KEY);
        Opening[] memory openings = new Opening[](1);
        openings[0] = Opening(OTHER_AGENT, AccountKind.Agent, 0, AGENT_KEY, "Other agent");
        vm.prank(AUTHORITY);
        registry.openInstitutions(openings);
        _know(OTHER_AGENT, AccountKind.Agent, AGENT_KEY);
        for (uint256 i = 2; i < accounts.length; ++i) {
            _equip(accounts[i]);
        }
    }

    function _know(address account, AccountKind kind, address operator) internal {
        accounts.push(account);
        (principals[account].kind, principals[account].operator) = (kind, operator);
        if (kind == AccountKind.Platform) principals[account].platform = ++platformCount;
    }

    /// @dev Gives the account a key that can sign.
    function _equip(address account) private {
        address key = _newKey();
        vm.prank(AUTHORITY);
        registry.setOperator(account, key);
        principals[account].operator = key;
    }

    function _newKey() internal returns (address key) {
        uint256 secret = SECRET + keys.length;
        key = vm.addr(secret);
        secrets[key] = secret;
        keys.push(key);
        callers.push(key);
    }

    /* RIGHTS */

    /// @dev Who may act for the account now, or 0.
    function _actor(address account) internal view returns (address) {
        Principal storage found = principals[account];
        if (found.frozen || found.closed) return address(0);
        bool mandated = found.from <= block.timestamp && block.timestamp < found.until;
        if (!mandated) return found.operator;
        Principal storage agent = principals[found.agent];
        return agent.frozen || agent.closed ? address(0) : agent.operator;
    }

    function _mayAct(address account, address caller) internal view returns (bool) {
        return caller != address(0) && _actor(account) == caller;
    }

    function _mayReceive(address account) internal view returns (bool) {
        return principals[account].kind != AccountKind.None && !principals[account].closed;
    }

    function _mayBuy(address account) internal view returns (bool) {
        return _mayReceive(account) && !principals[account].frozen;
    }

    function _mayPlace(address platform, address caller) internal view returns (bool) {
        return principals[platform].platform != 0 && _mayAct(platform, caller);
    }

    /* CALLING */

    /// @dev A call that the guardian's brake stops.
    function _call(address target, address caller, bytes memory data, bool allowed, string memory kind)
        internal
        returns (bool)
    {
        return _callAnyhow(target, caller, data, allowed && !paused, kind);
    }

    /// @dev A call that the brake does not stop.
    function _callAnyhow(address target, address caller, bytes memory data, bool allowed, string memory kind)
        internal
        returns (bool done)
    {
        bytes memory returned;
        vm.prank(caller);
        (done, returned) = target.call(data);
        if (done != allowed) _blame(string.concat(done ? "must not succeed: " : "must succeed: ", kind), returned);
        _count(kind, done);
    }

    function _count(string memory kind, bool done) internal {
        if (done) ++successes[kind];
        else ++refusals[kind];
    }

    function _blame(string memory what, bytes memory returned) internal {
        if (bytes(violation).length == 0) (violation, answer) = (what, returned);
    }

    /* CHOICES */

    /// @dev Who has the role, as a rule.
    function _caller(address proper, uint256 seed) internal view returns (address) {
        return seed % 5 != 0 && proper != address(0) ? proper : callers[(seed >> 8) % callers.length];
    }

    /// @dev Who acts for the account, as a rule; now and then its own key or its agent's, whether frozen, mandated,
    /// closed or not.
    function _callerFor(address account, uint256 seed) internal view returns (address) {
        address own = principals[account].operator;
        address agent = principals[principals[account].agent].operator;
        if (seed % 5 == 0 && own != address(0)) return own;
        return seed % 5 == 1 && agent != address(0) ? agent : _caller(_actor(account), seed >> 16);
    }

    function _account(uint256 seed) internal view returns (address) {
        return seed % 12 == 0 ? STRANGER : accounts[(seed >> 8) % accounts.length];
    }

    function _buyer(uint256 seed) internal view returns (address) {
        if (seed % 3 == 0) return _account(seed >> 8);
        return seed % 3 == 1 ? BUYER : OTHER_BUYER;
    }

    function _platform(uint256 seed) internal view returns (address) {
        if (seed % 10 == 0) return _account(seed >> 8);
        return seed % 2 == 0 ? PLATFORM_ACCOUNT : OTHER_PLATFORM_ACCOUNT;
    }

    function _next(uint256 seed) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed)));
    }
}
