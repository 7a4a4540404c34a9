// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice The commitment tree as docs/architecture.md words it, level by level, apart from the contracts' own code.
library Trees {
    uint256 internal constant CHUNK = 256;

    function root(uint256[] memory leaves) internal pure returns (bytes32) {
        bytes32[] memory row = _hashes(leaves);
        while (row.length > 1) row = _parents(row);
        return row[0];
    }

    /// @notice Leaves of an aligned chunk, fewer in the last one.
    function chunk(uint256[] memory leaves, uint256 index) internal pure returns (uint256[] memory part) {
        uint256 first = index * CHUNK;
        uint256 length = leaves.length - first < CHUNK ? leaves.length - first : CHUNK;
        part = new uint256[](length);
        for (uint256 i = 0; i < length; ++i) {
            part[i] = leaves[first + i];
        }
    }

    /// @notice Siblings from the chunk's subtree root upwards.
    function proof(uint256[] memory leaves, uint256 index) internal pure returns (bytes32[] memory siblings) {
        bytes32[] memory row = _hashes(leaves);
        for (uint256 width = CHUNK; width > 1 && row.length > 1; width >>= 1) row = _parents(row);
        siblings = new bytes32[](_height(row.length));
        for (uint256 level = 0; level < siblings.length; ++level) {
            siblings[level] = row[index ^ 1];
            row = _parents(row);
            index >>= 1;
        }
    }

    function _hashes(uint256[] memory leaves) private pure returns (bytes32[] memory row) {
        row = new bytes32[](1 << _height(leaves.length));
        for (uint256 i = 0; i < leaves.length; ++i) {
            row[i] = keccak256(abi.encode(leaves[i]));
        }
    }

    function _parents(bytes32[] memory row) private pure returns (bytes32[] memory above) {
        above = new bytes32[](row.length / 2);
        for (uint256 i = 0; i < above.length; ++i) {
            above[i] = keccak256(bytes.concat(row[2 * i], row[2 * i + 1]));
        }
    }

    function _height(uint256 length) private pure returns (uint256 height) {
        while (1 << height < length) ++height;
    }
}
