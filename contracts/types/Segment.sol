// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {State} from "./Classes.sol";

/// @notice A run of certificates of one batch with one owner and one history, and its place in the search tree, in one
/// word: owner 160 bits, state 3, traded 1, links to its children in the tree 92.
/// @dev Zero is no segment: a stored one has a state. The owner of a retired or deducted segment is its last holder.
type Segment is uint256;

using SegmentLibrary for Segment global;

library SegmentLibrary {
    uint256 private constant HISTORY_BITS = 164;
    uint256 private constant HISTORY = (uint256(1) << HISTORY_BITS) - 1;

    /// @notice A segment without children.
    function make(address owner_, State state_, bool traded_) internal pure returns (Segment) {
        return Segment.wrap(uint256(uint160(owner_)) | (uint256(state_) << 160) | (traded_ ? uint256(1) << 163 : 0));
    }

    function owner(Segment segment) internal pure returns (address) {
        return address(uint160(Segment.unwrap(segment)));
    }

    function state(Segment segment) internal pure returns (State) {
        return State((Segment.unwrap(segment) >> 160) & 0x7);
    }

    function traded(Segment segment) internal pure returns (bool) {
        return (Segment.unwrap(segment) >> 163) & 1 == 1;
    }

    function isNone(Segment segment) internal pure returns (bool) {
        return Segment.unwrap(segment) == 0;
    }

    /// @notice Links to the children, 92 bits; `Segments` knows what they mean.
    function links(Segment segment) internal pure returns (uint256) {
        return Segment.unwrap(segment) >> HISTORY_BITS;
    }

    /// @notice The segment with a link more.
    function withLink(Segment segment, uint256 link) internal pure returns (Segment) {
        return Segment.wrap(Segment.unwrap(segment) | (link << HISTORY_BITS));
    }

    /// @notice The owner, state and trade of `next` at this segment's place in the tree.
    function become(Segment segment, Segment next) internal pure returns (Segment) {
        return Segment.wrap((Segment.unwrap(segment) & ~HISTORY) | (Segment.unwrap(next) & HISTORY));
    }

    /// @notice The same owner, state and trade without children.
    function alone(Segment segment) internal pure returns (Segment) {
        return Segment.wrap(Segment.unwrap(segment) & HISTORY);
    }
}
