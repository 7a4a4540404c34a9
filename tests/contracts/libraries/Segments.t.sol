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
    uint256 private count;

    /// @dev The model: starts in ascending order, and what each of them carries.
    uint256[] private starts;
    mapping(uint256 start => uint256) private owners;

    uint256 private constant FIRST_OWNER = 1;
    uint256 private constant SAMPLES = 24;

    /* RANDOM CUTS */

    function testFuzz_randomCuts(uint256 count_, uint256 seed) public {
        _begin(bound(count_, 1, 5_000_000));
        for (uint256 i = 0; i < 24; ++i) {
            seed = _next(seed);
            _cut(seed % count, _next(seed), _next(seed + 1), 2 + i);
        }
        _compare(seed);
    }

    function testFuzz_smallBatches(uint256 count_, uint256 seed) public {
        _begin(bound(count_, 1, 40));
        for (uint256 i = 0; i < 60; ++i) {
            seed = _next(seed);
            _cut(seed % count, _next(seed), _next(seed + 1), 2 + i % 5);
        }
        for (uint256 serial = 0; serial < count; ++serial) {
            _compareAt(serial);
        }
    }

    function testFuzz_largestBatch(uint256 seed) public {
        _begin(999_999_999);
        for (uint256 i = 0; i < 24; ++i) {
            seed = _next(seed);
            _cut(seed % count, _next(seed), _next(seed + 1), 2 + i);
        }
        _compare(seed);
    }

    /// @dev One certificate after the other from the front, the order that makes an unbalanced tree a list.
    function testFuzz_sequentialCuts(uint256 count_) public {
        _begin(bound(count_, 60, 5_000_000));
        for (uint256 i = 0; i < 50; ++i) {
            _write(i, i + 1, 2 + i);
        }
        for (uint256 i = 0; i < 55; ++i) {
            _compareAt(i);
        }
        _compareAt(count - 1);
    }

    /* DEPTH */

    /// @dev Boundaries close in on one place from both sides until every interval around it has a node.
    function testFuzz_readsAreBounded(uint256 middle) public {
        _begin(5_000_000);
        middle = bound(middle, 1, count - 1);
        uint256 left = middle;
        uint256 right = count - middle;
        while (left > 1 || right > 1) {
            left -= left / 6 + (left > 1 ? 1 : 0);
            right -= right / 6 + (right > 1 ? 1 : 0);
            if (left + right == 0) break;
            Span memory span = tree.find(count, middle - left);
            if (middle - left >= span.start && middle + right <= span.end) _write(middle - left, middle + right, 3);
        }
        vm.record();
        tree.find(count, middle);
        (bytes32[] memory reads,) = vm.accesses(address(this));
        // The count itself, and two chains of twelve nodes that share the root.
        assertLe(reads.length, 1 + 23, "slots that are read");
    }

    /* MODEL */

    function _begin(uint256 count_) private {
        count = count_;
        starts.push(0);
        owners[0] = FIRST_OWNER;
        _compareAt(0);
        _compareAt(count - 1);
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
        Span memory span = tree.find(count, from);
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
        end = count;
        for (uint256 i = starts.length; i > 0; --i) {
            if (starts[i - 1] <= serial) return (starts[i - 1], end);
            end = starts[i - 1];
        }
    }

    function _compare(uint256 seed) private view {
        for (uint256 i = 0; i < starts.length; ++i) {
            _compareAt(starts[i]);
            if (starts[i] > 0) _compareAt(starts[i] - 1);
        }
        for (uint256 i = 0; i < SAMPLES; ++i) {
            seed = _next(seed);
            _compareAt(seed % count);
        }
        _compareAt(count - 1);
    }

    function _compareAt(uint256 serial) private view {
        (uint256 start, uint256 end) = _modelled(serial);
        Span memory span = tree.find(count, serial);
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
