// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice A batch as it is stored, in one word: first holder 160 bits, count 32, commitment 24, leaf 24, filing 8.
/// @dev Zero is no batch: an issued one has a count.
type PackedBatch is uint256;

using PackedBatchLibrary for PackedBatch global;

library PackedBatchLibrary {
    function make(address holder_, uint32 count_, uint24 commitment_, uint24 leaf_, uint8 filing_)
        internal
        pure
        returns (PackedBatch)
    {
        return PackedBatch.wrap(
            uint256(uint160(holder_)) | (uint256(count_) << 160) | (uint256(commitment_) << 192)
                | (uint256(leaf_) << 216) | (uint256(filing_) << 240)
        );
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
