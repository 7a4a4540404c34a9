// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Segments, Span} from "../../../contracts/libraries/Segments.sol";
import {State} from "../../../contracts/types/Classes.sol";
import {Segment, SegmentLibrary} from "../../../contracts/types/Segment.sol";
import {BaseTest} from "../BaseTest.sol";

/// @notice The tree against a plain list of starts, through the same cuts (I2).
contract SegmentsTest is BaseTest {
    using Segments for mapping(uint256 start => Segment);

    mapping(uint256 start => Segment) private tree;
    /// @dev Where each tree begins, in ascending order, and where the last one ends.
    uint256[] private lows;
    uint256 private top;

    /// @dev The model: starts in ascending order, and what each of them carries.
    uint256[] private starts;
    mapping(uint256 start => uint256) private owners;

    uint256 private constant FIRST_OWNER = 1;
    uint256 private constant SAMPLES = 24;
    uint256 private constant LARGEST = 999_999_999;

    /* RANDOM CUTS */

    function testFuzz_randomCuts(uint256 low, uint256 count, uint256 seed) public {
        low = bound(low, 0, LARGEST - 5_000_000);
        _begin(low, bound(count, 1, 5_000_000));
        _cutAtRandom(seed);
    }

    function testFuzz_manyTreesSideBySide(uint256 seed) public {
        uint256 low = 0;
        for (uint256 i = 0; i < 5; ++i) {
            seed = _next(seed);
            // Small and large ones, so that wide and narrow trees touch.
            uint256 count = seed % 3 == 0 ? 1 + (seed >> 8) % 5 : 1 + (seed >> 8) % 200_000;
            _begin(low, count);
            low += count;
        }
        _cutAtRandom(seed);
    }

    function testFuzz_smallBatches(uint256 low, uint256 count, uint256 seed) public {
        low = bound(low, 0, LARGEST - 40);
        _begin(low, bound(count, 1, 40));
        for (uint256 i = 0; i < 60; ++i) {
            seed = _next(seed);
            _cut(_serial(seed), _next(seed), _next(seed + 1), 2 + i % 5);
        }
        for (uint256 serial = low; serial < top; ++serial) {
            _compareAt(serial);
        }
    }

    function testFuzz_largestBatch(uint256 seed) public {
        _begin(0, LARGEST);
        _cutAtRandom(seed);
    }

    /// @dev One certificate after the other from the front, the order that makes an unbalanced tree a list.
    function testFuzz_sequentialCuts(uint256 low, uint256 count) public {
        low = bound(low, 0, LARGEST - 5_000_000);
        _begin(low, bound(count, 60, 5_000_000));
        for (uint256 i = 0; i < 50; ++i) {
            _write(low + i, low + i + 1, 2 + i);
        }
        for (uint256 i = 0; i < 55; ++i) {
            _compareAt(low + i);
        }
        _compareAt(top - 1);
    }

    /// @dev Where links are as long as their bits allow: the largest narrow tree, its neighbours, and cuts at the last
    /// serial of each part, whatever its width is rounded to.
    function testFuzz_edgeOfNarrowTrees(uint256 low, uint256 beyond) public {
        low = bound(low, 0, LARGEST - 60_000);
        uint256 width = (1 << 13) - 1;
        _begin(low, 7 * width - 1 + bound(beyond, 0, 2));
        for (uint256 part = 1; part < 7; ++part) {
            // From above: the first of them is what the root links to.
            for (uint256 serial = low + part * (width + 1) - 1; serial >= low + part * width - 1; --serial) {
                _write(serial, serial + 1, 2 + serial % 3);
            }
        }
        for (uint256 part = 1; part < 7; ++part) {
            for (uint256 serial = low + part * width - 2; serial < low + part * (width + 1) + 1; ++serial) {
                _compareAt(serial);
            }
        }
    }

    /* DEPTH */

    /// @dev Boundaries close in on one place from both sides until every interval around it has a node.
    function testFuzz_readsAreBounded(uint256 low, uint256 middle) public {
        low = bound(low, 0, LARGEST - 5_000_000);
        _begin(low, 5_000_000);
        uint256 high = top;
        middle = bound(middle, low + 1, high - 1);
        uint256 left = middle - low;
        uint256 right = high - middle;
        while (left > 1 || right > 1) {
            left -= left / 6 + (left > 1 ? 1 : 0);
            right -= right / 6 + (right > 1 ? 1 : 0);
            if (left + right == 0) break;
            Span memory span = tree.find(low, high, middle - left);
            if (middle - left >= span.start && middle + right <= span.end) _write(middle - left, middle + right, 3);
        }
        vm.record();
        tree.find(low, high, middle);
        (bytes32[] memory reads,) = vm.accesses(address(this));
        // Two chains of twelve nodes that share the root.
        assertLe(reads.length, 23, "slots that are read");
    }

    /* MODEL */

    /// @dev A tree more, over [low, low + count), which is not below the others.
    function _begin(uint256 low, uint256 count) private {
        lows.push(low);
        top = low + count;
        starts.push(low);
        owners[low] = FIRST_OWNER;
        _compareAt(low);
        _compareAt(top - 1);
    }

    function _cutAtRandom(uint256 seed) private {
        for (uint256 i = 0; i < 24; ++i) {
            seed = _next(seed);
            _cut(_serial(seed), _next(seed), _next(seed + 1), 2 + i);
        }
        _compare(seed);
    }

    function _serial(uint256 seed) private view returns (uint256) {
        return lows[0] + seed % (top - lows[0]);
    }

    /// @dev Bounds of the tree that holds a serial.
    function _treeOf(uint256 serial) private view returns (uint256 low, uint256 high) {
        high = top;
        for (uint256 i = lows.length; i > 0; --i) {
            if (lows[i - 1] <= serial) return (lows[i - 1], high);
            high = lows[i - 1];
        }
    }

    function _find(uint256 serial) private view returns (Span memory) {
        (uint256 low, uint256 high) = _treeOf(serial);
        return tree.find(low, high, serial);
    }

    /// @dev Cuts a random part out of the segment that holds a serial.
    function _cut(uint256 serial, uint256 first, uint256 second, uint256 owner) private {
        (uint256 start, uint256 end) = _modelled(serial);
        uint256 from = first % 3 == 0 ? start : bound(first, start, end - 1);
        uint256 to = second % 3 == 0 ? end : bound(second, from + 1, end);
        _write(from, to, owner);
    }

    function _write(uint256 from, uint256 to, uint256 owner) private {
        (uint256 start, uint256 end) = _modelled(from);
        Span memory span = _find(from);
        if (span.segment.isNone()) span.segment = _segment(FIRST_OWNER);
        tree.write(span, from, to, _segment(owner));
        if (to < end) _addStart(to, owners[start]);
        if (from > start) _addStart(from, owner);
        else owners[from] = owner;
    }

    function _addStart(uint256 start, uint256 owner) private {
        starts.push(start);
        for (uint256 i = starts.length - 1; starts[i - 1] > start; --i) {
            (starts[i - 1], starts[i]) = (starts[i], starts[i - 1]);
        }
        owners[start] = owner;
    }

    function _modelled(uint256 serial) private view returns (uint256 start, uint256 end) {
        end = top;
        for (uint256 i = starts.length; i > 0; --i) {
            if (starts[i - 1] <= serial) return (starts[i - 1], end);
            end = starts[i - 1];
        }
    }

    function _compare(uint256 seed) private view {
        for (uint256 i = 0; i < starts.length; ++i) {
            _compareAt(starts[i]);
            if (starts[i] > lows[0]) _compareAt(starts[i] - 1);
        }
        for (uint256 i = 0; i < SAMPLES; ++i) {
            seed = _next(seed);
            _compareAt(_serial(seed));
        }
        _compareAt(top - 1);
    }

    function _compareAt(uint256 serial) private view {
        (uint256 start, uint256 end) = _modelled(serial);
        Span memory span = _find(serial);
        assertEq(span.start, start, "start");
        assertEq(span.end, end, "end");
        Segment expected = span.segment.isNone() ? _segment(FIRST_OWNER) : span.segment;
        assertEq(uint160(expected.owner()), owners[start], "owner");
        assertEq(uint256(expected.state()), uint256(_stateOf(owners[start])), "state");
        assertEq(expected.traded(), owners[start] % 2 == 0, "traded");
    }

    function _segment(uint256 owner) private pure returns (Segment) {
        return SegmentLibrary.make(address(uint160(owner)), _stateOf(owner), owner % 2 == 0);
    }

    function _stateOf(uint256 owner) private pure returns (State) {
        return State(1 + owner % 5);
    }

    function _next(uint256 seed) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed)));
    }
}
