// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

/// @notice Membership of an aligned chunk of leaves in a commitment's tree.
/// @dev Leaf hash = keccak256(word), node = keccak256(left, right), padding = 0: their inputs differ in length, so no
/// leaf can stand for a node. The tree is padded to a power of two, and so is its last chunk.
library ChunkProof {
    uint256 internal constant CHUNK = 256;

    /// @notice Root that the chunk's leaves and the proof lead to, for a tree of `total` leaves.
    function rootOf(uint256[] calldata leaves, uint256 chunk, uint256 total, bytes32[] calldata proof)
        internal
        pure
        returns (bytes32 root)
    {
        root = subtreeOf(leaves, total);
        for (uint256 level = 0; level < proof.length; ++level) {
            root = (chunk >> level) & 1 == 0
                ? Hashes.efficientKeccak256(root, proof[level])
                : Hashes.efficientKeccak256(proof[level], root);
        }
    }

    /// @notice Root of the chunk's own subtree, which is the whole tree when that has no other chunk.
    function subtreeOf(uint256[] calldata leaves, uint256 total) internal pure returns (bytes32) {
        return _subtree(leaves, total < CHUNK ? _powerOfTwo(total) : CHUNK);
    }

    /// @notice Number of siblings that a proof of a chunk has in a tree of `total` leaves.
    function depthOf(uint256 total) internal pure returns (uint256 depth) {
        for (uint256 width = CHUNK; width < total; width <<= 1) ++depth;
    }

    /// @dev `left[level]` is the last complete subtree of that height that still waits for its right neighbour.
    function _subtree(uint256[] calldata leaves, uint256 width) private pure returns (bytes32 node) {
        uint256 count = leaves.length;
        bytes32[9] memory left;
        // Bounds: at most 256 leaves, so that no level is above 8.
        unchecked {
            for (uint256 i = 0; i < count; ++i) {
                node = keccak256(abi.encode(leaves[i]));
                uint256 level = 0;
                for (; (i >> level) & 1 == 1; ++level) {
                    node = Hashes.efficientKeccak256(left[level], node);
                }
                left[level] = node;
            }
            return count == width ? node : _padded(left, count, width);
        }
    }

    /// @dev Root when zeros follow the leaves up to the width: `node` is the subtree that the first zero is in.
    function _padded(bytes32[9] memory left, uint256 count, uint256 width) private pure returns (bytes32 node) {
        bytes32 zeros = 0;
        for (uint256 level = 0; width >> level > 1; ++level) {
            node = (count >> level) & 1 == 1
                ? Hashes.efficientKeccak256(left[level], node)
                : Hashes.efficientKeccak256(node, zeros);
            zeros = Hashes.efficientKeccak256(zeros, zeros);
        }
    }

    function _powerOfTwo(uint256 total) private pure returns (uint256 width) {
        width = 1;
        while (width < total) width <<= 1;
    }
}
