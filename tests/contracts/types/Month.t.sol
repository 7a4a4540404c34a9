// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Month} from "../../../contracts/types/Month.sol";
import {BaseTest} from "../BaseTest.sol";

/// @notice Beginnings against a calendar that is counted month by month; the official ends are in the vectors.
contract MonthTest is BaseTest {
    uint256 private constant LAST = 4095;

    function test_everyMonthUntil2241() public pure {
        // 1970-01-31, 24:00 in Beijing.
        uint256 time = 31 days - 8 hours;
        for (uint256 month = 841; month <= LAST; ++month) {
            assertEq(Month.wrap(uint16(month)).beginsAt(), time, "beginning");
            time += _days(1900 + month / 12, month % 12 + 1) * 1 days;
            assertEq(Month.wrap(uint16(month)).endsAt(), time, "end");
        }
    }

    function test_noMonthBeginsBeforeTheEpoch() public pure {
        for (uint256 month = 0; month <= 840; ++month) {
            assertEq(Month.wrap(uint16(month)).beginsAt(), 0, "beginning");
        }
    }

    function testFuzz_expiresAt(uint16 month) public pure {
        month = uint16(bound(month, 0, LAST - 25));
        uint64 expected = Month.wrap(month < 1488 ? 1512 : month + 25).beginsAt();
        assertEq(Month.wrap(month).expiresAt(), expected, "end of validity");
    }

    function testFuzz_warnsAt(uint16 month) public pure {
        month = uint16(bound(month, 0, LAST - 25));
        Month found = Month.wrap(month);
        assertEq(found.warnsAt(), Month.wrap(month < 1488 ? 1509 : month + 22).beginsAt(), "beginning of warnings");
        assertTrue(found.warnsAt() < found.expiresAt(), "before the end of validity");
        assertLe(found.expiresAt() - found.warnsAt(), 92 days, "three months, not more");
        if (month >= 1488) assertTrue(found.warnsAt() > found.endsAt(), "never before there is anything to warn of");
    }

    function testFuzz_isBefore(uint16 left, uint16 right) public pure {
        assertEq(Month.wrap(left).isBefore(Month.wrap(right)), left < right, "order");
    }

    function _days(uint256 year, uint256 month) private pure returns (uint256) {
        if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
        return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
    }
}
