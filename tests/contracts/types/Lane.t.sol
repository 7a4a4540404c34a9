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
            if (refusal != LeafRefusal.None) continue;
            _book(month, energy, count);
            lane = next;
            assertEq(metered, 1_000_000 * certificates + lane.carry(), "metered = issued + carry");
            assertTrue(lane.carry() < 1_000_000, "the carry is below one certificate");
            assertEq(Month.unwrap(lane.latest()), latest, "latest");
            _compareWindow(lane);
        }
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
    }
}
