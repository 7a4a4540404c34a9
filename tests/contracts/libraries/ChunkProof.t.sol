// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ChunkProof} from "../../../contracts/libraries/ChunkProof.sol";
import {BaseTest} from "../BaseTest.sol";
import {Trees} from "../Trees.sol";

/// @notice Roots of chunks against a tree that is built level by level.
contract ChunkProofTest is BaseTest {
    function testFuzz_rootOf(uint256 total, uint256 chunk, uint256 seed) public view {
        total = bound(total, 1, 1100);
        chunk = bound(chunk, 0, (total - 1) / 256);
        _compare(total, chunk, seed);
    }

    function test_rootOf_everySizeOfOneChunk() public view {
        for (uint256 total = 1; total <= 257; ++total) {
            _compare(total, 0, total);
        }
    }

    function testFuzz_rootOf_feelsEveryBit(uint256 total, uint256 leaf, uint256 bit) public view {
        total = bound(total, 1, 600);
        uint256[] memory leaves = _leaves(total, bit);
        uint256[] memory part = Trees.chunk(leaves, 0);
        leaf = leaf % part.length;
        part[leaf] ^= uint256(1) << (bit % 256);
        bytes32 root = this.rootOf(part, 0, total, Trees.proof(leaves, 0));
        assertTrue(root != Trees.root(leaves), "another root");
    }

    function testFuzz_depthOf(uint256 total) public pure {
        total = bound(total, 1, type(uint24).max);
        uint256 depth = ChunkProof.depthOf(total);
        assertTrue(256 << depth >= total, "deep enough");
        assertTrue(depth == 0 || 256 << (depth - 1) < total, "not deeper");
    }

    function rootOf(uint256[] calldata leaves, uint256 chunk, uint256 total, bytes32[] calldata proof)
        external
        pure
        returns (bytes32)
    {
        return ChunkProof.rootOf(leaves, chunk, total, proof);
    }

    function _compare(uint256 total, uint256 chunk, uint256 seed) private view {
        uint256[] memory leaves = _leaves(total, seed);
        bytes32[] memory proof = Trees.proof(leaves, chunk);
        assertEq(proof.length, ChunkProof.depthOf(total), "length of the proof");
        assertEq(this.rootOf(Trees.chunk(leaves, chunk), chunk, total, proof), Trees.root(leaves), "root");
    }

    function _leaves(uint256 count, uint256 seed) private pure returns (uint256[] memory leaves) {
        leaves = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            leaves[i] = uint256(keccak256(abi.encode(seed, i)));
        }
    }
}
