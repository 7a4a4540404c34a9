// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Credit} from "./Credit.sol";

/// @notice A batch as it is stored, in one word: first holder 160 bits, count 32, commitment 24, leaf 24, filing 8,
/// extended 8: whether cases added to it.
/// @dev Zero is no batch: an issued one has a count.
type PackedBatch is uint256;

using PackedBatchLibrary for PackedBatch global;

library PackedBatchLibrary {
    /// @dev Holder, count and filing sit where `Credit` has them.
    uint256 private constant CREDIT = (uint256(0xff) << 240) | ((uint256(1) << 192) - 1);
    uint256 private constant EXTENDED = uint256(1) << 248;

    function make(Credit credit, uint24 commitment_, uint24 leaf_) internal pure returns (PackedBatch) {
        return PackedBatch.wrap(
            (Credit.unwrap(credit) & CREDIT) | (uint256(commitment_) << 192) | (uint256(leaf_) << 216)
        );
    }

    /// @notice The batch with `more` certificates that a case added.
    function extended(PackedBatch batch, uint32 more) internal pure returns (PackedBatch) {
        return PackedBatch.wrap((PackedBatch.unwrap(batch) | EXTENDED) + (uint256(more) << 160));
    }

    function isExtended(PackedBatch batch) internal pure returns (bool) {
        return PackedBatch.unwrap(batch) & EXTENDED != 0;
    }

    function holder(PackedBatch batch) internal pure returns (address) {
        return address(uint160(PackedBatch.unwrap(batch)));
    }

    function count(PackedBatch batch) internal pure returns (uint32) {
        return uint32(PackedBatch.unwrap(batch) >> 160);
    }

    function commitment(PackedBatch batch) internal pure returns (uint24) {
        return uint24(PackedBatch.unwrap(batch) >> 192);
    }

    function leaf(PackedBatch batch) internal pure returns (uint24) {
        return uint24(PackedBatch.unwrap(batch) >> 216);
    }

    function filing(PackedBatch batch) internal pure returns (uint8) {
        return uint8(PackedBatch.unwrap(batch) >> 240);
    }
}
