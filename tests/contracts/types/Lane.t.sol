// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {LeafRefusal} from "../../../contracts/types/Classes.sol";
import {Lane} from "../../../contracts/types/Lane.sol";
import {Month} from "../../../contracts/types/Month.sol";
import {BaseTest} from "../BaseTest.sol";

/// @notice The lane's word against a set of months and a sum of energy (I1, I4).
contract LaneTest is BaseTest {
    mapping(uint256 month => bool) private issued;
    uint256 private metered;
    uint256 private certificates;
    uint256 private latest;

    function testFuzz_anyOrderOfMonths(uint256 seed) public {
        Lane lane;
        for (uint256 i = 0; i < 60; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 month = 1480 + seed % 64 + i;
            uint64 energy = uint64((seed >> 16) % 3 == 0 ? seed >> 192 : (seed >> 128) % 5e12);
            (Lane next, uint32 count, LeafRefusal refusal) = lane.issue(Month.wrap(uint16(month)), energy);
            LeafRefusal expected = _expected(month, energy);
            assertEq(uint256(refusal), uint256(expected), "refusal");
            if (refusal != LeafRefusal.None) {
                assertEq(count, 0, "a refusal gives no certificates");
                assertEq(Lane.unwrap(next), Lane.unwrap(lane), "a refusal changes nothing");
                continue;
            }
            _book(month, energy, count);
            lane = next;
            assertEq(metered, 1_000_000 * certificates + lane.carry(), "metered = issued + carry");
            assertTrue(lane.carry() < 1_000_000, "the carry is below one certificate");
            assertEq(Month.unwrap(lane.latest()), latest, "latest");
            _compareWindow(lane);
        }
    }

    /// @dev Energy in whole certificates and a carry, by plain arithmetic: what comes out is what went in.
    function testFuzz_correct(uint256 carried, int64 wattHours, uint16 month) public pure {
        carried = bound(carried, 0, 999_999);
        (Lane lane,,) = Lane.wrap(0).issue(Month.wrap(month & 0xfff), uint64(carried));
        _compareCorrection(lane, wattHours);
    }

    function test_correct_atTheBounds() public pure {
        (Lane empty,,) = Lane.wrap(0).issue(Month.wrap(4095), 0);
        (Lane full,,) = Lane.wrap(0).issue(Month.wrap(0), 999_999);
        int64[6] memory bounds = [type(int64).min, -1_000_000, -1, int64(1), 1_000_000, type(int64).max];
        for (uint256 i = 0; i < bounds.length; ++i) {
            _compareCorrection(empty, bounds[i]);
            _compareCorrection(full, bounds[i]);
        }
        (Lane next, int256 certificates_) = empty.correct(type(int64).min);
        assertTrue(certificates_ == -9_223_372_036_855, "certificates of the least correction");
        assertEq(next.carry(), 224_192, "its carry");
        (next, certificates_) = full.correct(type(int64).max);
        assertTrue(certificates_ == 9_223_372_036_855, "certificates of the largest correction");
        assertEq(next.carry(), 775_806, "its carry");
    }

    function testFuzz_isIssued_notWithoutAWindow(uint32 word, uint16 month) public pure {
        assertTrue(!Lane.wrap(word).isIssued(Month.wrap(month)), "nothing was issued");
    }

    function _compareCorrection(Lane lane, int64 wattHours) private pure {
        (Lane next, int256 change) = lane.correct(wattHours);
        int256 before = int256(uint256(lane.carry())) + wattHours;
        assertTrue(before == change * 1_000_000 + int256(uint256(next.carry())), "energy is kept");
        assertTrue(next.carry() < 1_000_000, "the carry is below one certificate");
        assertEq(Month.unwrap(next.latest()), Month.unwrap(lane.latest()), "latest month");
        assertEq(next.window(), lane.window(), "issued months");
    }

    function _expected(uint256 month, uint256 energy) private view returns (LeafRefusal) {
        if ((metered + energy) / 1_000_000 - certificates > 999_999_999) return LeafRefusal.TooMany;
        if (latest >= 32 && month <= latest - 32) return LeafRefusal.TooOld;
        return issued[month] ? LeafRefusal.MonthAlreadyIssued : LeafRefusal.None;
    }

    function _book(uint256 month, uint256 energy, uint256 count) private {
        issued[month] = true;
        metered += energy;
        certificates += count;
        if (month > latest) latest = month;
    }

    function _compareWindow(Lane lane) private view {
        for (uint256 age = 0; age < 32; ++age) {
            assertEq((lane.window() >> age) & 1 == 1, issued[latest - age], "window");
        }
        for (uint256 month = latest - 40; month < latest + 40; ++month) {
            bool reached = month <= latest && latest - month < 32;
            assertEq(lane.isIssued(Month.wrap(uint16(month))), reached && issued[month], "issued, within reach");
        }
    }
}
