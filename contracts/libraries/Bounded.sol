// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice Calls of contracts that nobody vouches for: they get so much gas, and no more of their answer is copied.
library Bounded {
    /// @return done Whether the call did not revert.
    /// @return answer The first `limit` bytes of what it answered or reverted with.
    function call(address to, uint256 gasLimit, bytes memory data, uint256 limit)
        internal
        returns (bool done, bytes memory answer)
    {
        assembly ("memory-safe") {
            done := call(gasLimit, to, 0, add(data, 32), mload(data), 0, 0)
            let length := returndatasize()
            if gt(length, limit) { length := limit }
            answer := mload(64)
            mstore(answer, length)
            returndatacopy(add(answer, 32), 0, length)
            mstore(64, add(answer, and(add(length, 63), not(31))))
        }
    }

    /// @notice Asks a view for one word.
    /// @return answered Whether it answered with a word or more.
    function ask(address to, uint256 gasLimit, bytes memory question)
        internal
        view
        returns (bool answered, bytes32 word)
    {
        assembly ("memory-safe") {
            answered := staticcall(gasLimit, to, add(question, 32), mload(question), 0, 32)
            answered := and(answered, gt(returndatasize(), 31))
            word := mload(0)
        }
    }
}
