// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Lane} from "./Lane.sol";

/// @notice What on-grid issuing need not know of a project, in one word: capacity in kW 32 bits, latest submitted
/// version 8, 24 unused, then 64 bits for the energy account of each other electricity (自发自用、离网、机制电量).
type Particulars is uint256;

using ParticularsLibrary for Particulars global;

library ParticularsLibrary {
    uint256 private constant LANE_BITS = 64;

    function capacityKw(Particulars word) internal pure returns (uint32) {
        return uint32(Particulars.unwrap(word));
    }

    function withCapacityKw(Particulars word, uint32 capacity) internal pure returns (Particulars) {
        return Particulars.wrap((Particulars.unwrap(word) & ~uint256(type(uint32).max)) | capacity);
    }

    function submitted(Particulars word) internal pure returns (uint8) {
        return uint8(Particulars.unwrap(word) >> 32);
    }

    function withSubmitted(Particulars word, uint8 version) internal pure returns (Particulars) {
        return Particulars.wrap((Particulars.unwrap(word) & ~(uint256(0xff) << 32)) | (uint256(version) << 32));
    }

    /// @param electricity 1 to 3.
    function lane(Particulars word, uint256 electricity) internal pure returns (Lane) {
        return Lane.wrap(uint64(Particulars.unwrap(word) >> (electricity * LANE_BITS)));
    }

    /// @param electricity 1 to 3.
    function withLane(Particulars word, uint256 electricity, Lane lane_) internal pure returns (Particulars) {
        uint256 shift = electricity * LANE_BITS;
        return Particulars.wrap(
            (Particulars.unwrap(word) & ~(uint256(type(uint64).max) << shift))
                | (uint256(Lane.unwrap(lane_)) << shift)
        );
    }
}
