// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice What the node does at its best: gas burnt by the simplest loops, beside which contracts are measured.
contract Loops {
    mapping(uint256 place => uint256 value) private _slots;

    /// @notice Arithmetic alone, until little gas is left.
    function spin() external view returns (uint256 sum) {
        while (gasleft() > 50_000) {
            unchecked {
                sum = sum * 31 + 7;
            }
        }
    }

    /// @notice New storage slots from `first` on, until little gas is left.
    function fill(uint256 first) external {
        while (gasleft() > 50_000) {
            _slots[first++] = 1;
        }
    }
}
