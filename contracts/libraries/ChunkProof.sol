// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {Leaf} from "../types/Leaf.sol";

/// @notice Membership of an aligned chunk of leaves in a commitment's tree.
/// @dev Leaf hash = keccak256(word), node = keccak256(left, right), padding = 0: their inputs differ in length, so no
/// leaf can stand for a node. The tree is padded to a power of two, and so is its last chunk.
library ChunkProof {
    uint256 internal constant CHUNK = 256;

    /// @notice Root that the chunk's leaves and the proof lead to, for a tree of `total` leaves.
    function rootOf(Leaf[] calldata leaves, uint256 chunk, uint256 total, bytes32[] calldata proof)
        internal
        pure
        returns (bytes32 root)
    {
        root = _subtree(leaves, total < CHUNK ? _powerOfTwo(total) : CHUNK);
        for (uint256 level = 0; level < proof.length; ++level) {
            root = (chunk >> level) & 1 == 0
                ? Hashes.efficientKeccak256(root, proof[level])
                : Hashes.efficientKeccak256(proof[level], root);
        }
    }

    /// @notice Number of siblings that a proof of a chunk has in a tree of `total` leaves.
    function depthOf(uint256 total) internal pure returns (uint256 depth) {
        for (uint256 width = CHUNK; width < total; width <<= 1) ++depth;
    }

    function _subtree(Leaf[] calldata leaves, uint256 width) private pure returns (bytes32) {
        bytes32[] memory row = new bytes32[](width);
        // Bounds: no index reaches the width, at most 256.
        unchecked {
            for (uint256 i = 0; i < leaves.length; ++i) {
                row[i] = keccak256(abi.encode(leaves[i]));
            }
            while (width > 1) {
                width >>= 1;
                for (uint256 i = 0; i < width; ++i) {
                    row[i] = Hashes.efficientKeccak256(row[2 * i], row[2 * i + 1]);
                }
            }
            return row[0];
        }
    }

    function _powerOfTwo(uint256 total) private pure returns (uint256 width) {
        width = 1;
        while (width < total) width <<= 1;
    }
}
