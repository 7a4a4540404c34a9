// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ProjectId} from "./ProjectId.sol";

/// @notice One reading in a commitment: project 48 bits, electricity 8, Wh 64, digest of the source record 136.
type Leaf is uint256;

using LeafLibrary for Leaf global;

library LeafLibrary {
    function project(Leaf leaf) internal pure returns (ProjectId) {
        return ProjectId.wrap(uint48(Leaf.unwrap(leaf) >> 208));
    }

    function electricityBits(Leaf leaf) internal pure returns (uint256) {
        return (Leaf.unwrap(leaf) >> 200) & 0xff;
    }

    function wattHours(Leaf leaf) internal pure returns (uint64) {
        return uint64(Leaf.unwrap(leaf) >> 136);
    }
}
