// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {State} from "../types/Classes.sol";

/// @notice A run of certificates of one batch with one owner and one history, and its place in the search tree.
/// @param owner Holder; the last one when retired or deducted.
/// @param left,right Starts of the children in the tree, 0 for none.
/// @param state Never `None` in a stored segment.
/// @param traded Whether the one trade is used.
struct Segment {
    address owner;
    uint32 left;
    uint32 right;
    State state;
    bool traded;
}

/// @notice Disjoint segments that cover a batch, found by serial in O(log count).
/// @dev A digital search tree on the segments' starts. The root is segment 0 and covers [0, count); the left child of
/// a node covers the lower half of the node's interval, the right child the upper half. A start sits anywhere in its
/// interval, so the depth is at most the number of halvings of count plus one, whatever the order of the cuts.
library Segments {
    /// @notice Bounds [start, end) of the segment that holds `serial`; `serial < count`.
    function locate(mapping(uint32 start => Segment) storage self, uint32 count, uint32 serial)
        internal
        view
        returns (uint32 start, uint32 end)
    {
        uint32 low = 0;
        uint32 high = count;
        uint32 node = 0;
        uint32 below = 0;
        uint32 belowEnd = 0;
        uint32 above = 0;
        uint32 aboveStart = count;
        end = count;
        do {
            Segment memory segment = self[node];
            if (node <= serial) start = node > start ? node : start;
            else end = node < end ? node : end;

            uint32 middle = low + (high - low) / 2;
            if (serial < middle) {
                if (segment.right != 0) (above, aboveStart) = (segment.right, middle);
                (node, high) = (segment.left, middle);
            } else {
                if (segment.left != 0) (below, belowEnd) = (segment.left, middle);
                (node, low) = (segment.right, middle);
            }
        } while (node != 0);

        if (start < belowEnd) start = _last(self, below, start);
        if (end > aboveStart) end = _first(self, above, end);
    }

    /// @notice Cuts the segment [from, ...) that holds `at` in two: what begins at `at` is a copy of it.
    /// @dev `from` must be the segment's start, stored, and `at` lie inside it.
    function cut(mapping(uint32 start => Segment) storage self, uint32 count, uint32 from, uint32 at) internal {
        Segment memory piece = self[from];
        (piece.left, piece.right) = (0, 0);
        self[at] = piece;

        uint32 low = 0;
        uint32 high = count;
        uint32 node = 0;
        while (true) {
            Segment storage segment = self[node];
            uint32 middle = low + (high - low) / 2;
            bool lower = at < middle;
            uint32 child = lower ? segment.left : segment.right;
            if (child == 0) {
                if (lower) segment.left = at;
                else segment.right = at;
                return;
            }
            node = child;
            if (lower) high = middle;
            else low = middle;
        }
    }

    function _last(mapping(uint32 start => Segment) storage self, uint32 node, uint32 best)
        private
        view
        returns (uint32)
    {
        while (node != 0) {
            if (node > best) best = node;
            Segment memory segment = self[node];
            node = segment.right != 0 ? segment.right : segment.left;
        }
        return best;
    }

    function _first(mapping(uint32 start => Segment) storage self, uint32 node, uint32 best)
        private
        view
        returns (uint32)
    {
        while (node != 0) {
            if (node < best) best = node;
            Segment memory segment = self[node];
            node = segment.left != 0 ? segment.left : segment.right;
        }
        return best;
    }
}
