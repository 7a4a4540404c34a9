// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Vm} from "./Vm.sol";

/// @notice What every test contract shares: the cheat codes, comparisons that say both values, bounded random input.
abstract contract BaseTest {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    error NotEqual(string what, uint256 left, uint256 right);
    error NotEqualBytes(string what, bytes32 left, bytes32 right);
    error NotTrue(string what);
    error AboveLimit(string what, uint256 value, uint256 limit);

    address[] private targets;

    /// @dev The invariant runner calls only these contracts.
    function targetContracts() public view returns (address[] memory) {
        return targets;
    }

    function targetContract(address target) internal {
        targets.push(target);
    }

    function assertEq(uint256 left, uint256 right, string memory what) internal pure {
        if (left != right) revert NotEqual(what, left, right);
    }

    function assertEq(address left, address right, string memory what) internal pure {
        if (left != right) revert NotEqual(what, uint160(left), uint160(right));
    }

    function assertEq(bytes32 left, bytes32 right, string memory what) internal pure {
        if (left != right) revert NotEqualBytes(what, left, right);
    }

    function assertEq(bool left, bool right, string memory what) internal pure {
        if (left != right) revert NotEqual(what, left ? 1 : 0, right ? 1 : 0);
    }

    function assertEq(string memory left, string memory right, string memory what) internal pure {
        bytes32 hashedLeft = keccak256(bytes(left));
        bytes32 hashedRight = keccak256(bytes(right));
        if (hashedLeft != hashedRight) revert NotEqualBytes(what, hashedLeft, hashedRight);
    }

    function assertTrue(bool condition, string memory what) internal pure {
        if (!condition) revert NotTrue(what);
    }

    function assertLe(uint256 value, uint256 limit, string memory what) internal pure {
        if (value > limit) revert AboveLimit(what, value, limit);
    }

    /// @dev Random input folded into `[low, high]`, both ends included.
    function bound(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        if (value >= low && value <= high) return value;
        uint256 size = high - low;
        return size == type(uint256).max ? value : low + value % (size + 1);
    }
}
