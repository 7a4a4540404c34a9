// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Segment} from "../types/Segment.sol";

/// @notice A segment and its bounds [start, end) in the tree over [low, high).
/// @param parent,link Where a segment that begins at the serial asked for would hang: that node, with that link more.
struct Span {
    uint256 low;
    uint256 high;
    uint256 start;
    uint256 end;
    Segment segment;
    uint256 parent;
    uint256 link;
}

/// @notice Disjoint segments that cover a batch, found by serial in O(log count).
/// @dev A digital search tree on the segments' starts, one for the serials that were issued at once and one for each
/// later addition. The root is the segment that begins the tree's range and covers all of it. A node's interval
/// has equal parts, three in a wide and seven in a narrow one, and in each part may hang a child that covers it. Its
/// link, 30 or 13 bits, is the child's start, counted from 1 at the part's beginning; 0 is no child. A start sits
/// anywhere in its interval, so the depth depends on the count alone, whatever the order of the cuts: 12 for 5,000,000.
library Segments {
    /// @dev Children beside a path that may begin nearer to the serial than what is on it, and their parent's interval.
    struct Beside {
        uint256 below;
        uint256 belowLow;
        uint256 belowHigh;
        uint256 above;
        uint256 aboveLow;
        uint256 aboveHigh;
    }

    uint256 private constant WIDE_PARTS = 3;
    uint256 private constant WIDE_BITS = 30;
    uint256 private constant NARROW_PARTS = 7;
    uint256 private constant NARROW_BITS = 13;
    uint256 private constant LARGEST_NARROW = NARROW_PARTS * ((1 << NARROW_BITS) - 1);

    /// @notice The segment that holds `serial`, in the tree over [low, high) around it. It is zero if nothing happened
    /// to any of them yet.
    function find(mapping(uint256 start => Segment) storage self, uint256 low, uint256 high, uint256 serial)
        internal
        view
        returns (Span memory found)
    {
        // Bounds: every serial and interval is below 2^30 and every link has a start inside its interval.
        unchecked {
            (found.low, found.high, found.start, found.end) = (low, high, low, high);
            Beside memory beside;
            uint256 node = low;
            while (true) {
                Segment segment = self[node];
                if (node > serial) {
                    if (node < found.end) found.end = node;
                    beside.above = 0;
                } else {
                    if (node >= found.start) (found.start, found.segment) = (node, segment);
                    beside.below = 0;
                }
                (uint256 width, uint256 bits) = _split(high - low);
                uint256 part = (serial - low) / width;
                uint256 shift = part * bits;
                uint256 links = segment.links();
                uint256 before = links & ((1 << shift) - 1);
                if (before != 0) (beside.below, beside.belowLow, beside.belowHigh) = (before, low, high);
                uint256 later = links >> (shift + bits);
                if (later != 0) {
                    (beside.above, beside.aboveLow, beside.aboveHigh) = (later << (shift + bits), low, high);
                }

                (low, high) = _part(low, high, width, part);
                uint256 link = (links >> shift) & ((1 << bits) - 1);
                if (link == 0) {
                    (found.parent, found.link) = (node, (serial - low + 1) << shift);
                    break;
                }
                node = low + link - 1;
            }
            _last(self, found, beside);
            _first(self, found, beside);
        }
    }

    /// @notice Gives [start, end) of the segment that was found at `start` the owner, state and trade of `next`; what
    /// is left of the segment on either side stays as it was. `end <= span.end`.
    function write(
        mapping(uint256 start => Segment) storage self,
        Span memory span,
        uint256 start,
        uint256 end,
        Segment next
    ) internal {
        if (start == span.start) {
            self[start] = span.segment.become(next);
        } else {
            self[start] = next;
            // A batch that nothing happened to yet has its root in the span alone.
            Segment parent = span.parent == span.start ? span.segment : self[span.parent];
            self[span.parent] = parent.withLink(span.link);
        }
        if (end < span.end) _insert(self, span, end, span.segment.alone());
    }

    function _insert(
        mapping(uint256 start => Segment) storage self,
        Span memory span,
        uint256 start,
        Segment segment
    ) private {
        self[start] = segment;
        // Bounds: as in `find`.
        unchecked {
            uint256 low = span.low;
            uint256 high = span.high;
            uint256 node = low;
            while (true) {
                Segment parent = self[node];
                (uint256 width, uint256 bits) = _split(high - low);
                uint256 part = (start - low) / width;
                (low, high) = _part(low, high, width, part);
                uint256 link = (parent.links() >> (part * bits)) & ((1 << bits) - 1);
                if (link == 0) {
                    self[node] = parent.withLink((start - low + 1) << (part * bits));
                    return;
                }
                node = low + link - 1;
            }
        }
    }

    /// @dev Width of the parts of an interval, and bits of a link into one.
    function _split(uint256 size) private pure returns (uint256 width, uint256 bits) {
        unchecked {
            return size > LARGEST_NARROW
                ? ((size + WIDE_PARTS - 1) / WIDE_PARTS, WIDE_BITS)
                : ((size + NARROW_PARTS - 1) / NARROW_PARTS, NARROW_BITS);
        }
    }

    /// @dev Bounds of a part of [low, high); the last one is cut off by `high`.
    function _part(uint256 low, uint256 high, uint256 width, uint256 part) private pure returns (uint256, uint256) {
        unchecked {
            low += part * width;
            return (low, low + width < high ? low + width : high);
        }
    }

    /// @dev Moves what was found to the last segment among the children below, if that begins later.
    function _last(mapping(uint256 start => Segment) storage self, Span memory found, Beside memory beside)
        private
        view
    {
        (uint256 links, uint256 low, uint256 high) = (beside.below, beside.belowLow, beside.belowHigh);
        // Bounds: as in `find`; a link that is not 0 ends the inner loop.
        unchecked {
            while (links != 0) {
                (uint256 width, uint256 bits) = _split(high - low);
                uint256 part = NARROW_PARTS - 1;
                while (links >> (part * bits) == 0) --part;
                (low, high) = _part(low, high, width, part);
                uint256 node = low + (links >> (part * bits)) - 1;
                Segment segment = self[node];
                if (node > found.start) (found.start, found.segment) = (node, segment);
                links = segment.links();
            }
        }
    }

    /// @dev Moves the end of what was found to the first segment among the children above, if that begins earlier.
    function _first(mapping(uint256 start => Segment) storage self, Span memory found, Beside memory beside)
        private
        view
    {
        (uint256 links, uint256 low, uint256 high) = (beside.above, beside.aboveLow, beside.aboveHigh);
        // Bounds: as in `find`; a link that is not 0 ends the inner loop.
        unchecked {
            while (links != 0) {
                (uint256 width, uint256 bits) = _split(high - low);
                uint256 part = 0;
                uint256 mask = (1 << bits) - 1;
                while ((links >> (part * bits)) & mask == 0) ++part;
                (low, high) = _part(low, high, width, part);
                uint256 node = low + ((links >> (part * bits)) & mask) - 1;
                if (node < found.end) found.end = node;
                links = self[node].links();
            }
        }
    }
}
