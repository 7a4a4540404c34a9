// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice A calendar month, counted from January 1900. Months begin and end at 24:00 Beijing time (UTC+8).
type Month is uint16;

using MonthLibrary for Month global;

library MonthLibrary {
    uint256 internal constant BEIJING = 8 hours;
    uint256 internal constant VALIDITY_MONTHS = 24;
    uint256 internal constant WARNING_MONTHS = 3;
    /// @dev 2024-01 and the end of 2025: transition of early certificates (Q28).
    uint256 internal constant FIRST_WITH_VALIDITY = 124 * 12;
    uint256 internal constant TRANSITION_END = 126 * 12;
    uint256 internal constant EPOCH_MONTH = 70 * 12;

    /// @notice First second of the month, in unix time. Months before 1970-02 give 0.
    function beginsAt(Month month) internal pure returns (uint64) {
        return _secondsAt(Month.unwrap(month));
    }

    /// @notice First second after the month, in unix time.
    function endsAt(Month month) internal pure returns (uint64) {
        return _secondsAt(uint256(Month.unwrap(month)) + 1);
    }

    /// @notice First second at which a certificate of this production month is no longer valid (Q28, Q80).
    function expiresAt(Month month) internal pure returns (uint64) {
        return _secondsAt(_expiry(month));
    }

    /// @notice First second at which holders are warned of that, three months ahead (Q96).
    function warnsAt(Month month) internal pure returns (uint64) {
        return _secondsAt(_expiry(month) - WARNING_MONTHS);
    }

    function isBefore(Month month, Month other) internal pure returns (bool) {
        return Month.unwrap(month) < Month.unwrap(other);
    }

    function _expiry(Month month) private pure returns (uint256) {
        uint256 index = Month.unwrap(month);
        return index < FIRST_WITH_VALIDITY ? TRANSITION_END : index + VALIDITY_MONTHS + 1;
    }

    function _secondsAt(uint256 index) private pure returns (uint64) {
        if (index <= EPOCH_MONTH) return 0;
        uint256 year = 1900 + index / 12;
        uint256 month = index % 12 + 1;
        // Years counted from March put the leap day last, so that days are a linear function of the month.
        if (month <= 2) {
            year -= 1;
            month += 12;
        }
        uint256 day = 365 * year + year / 4 - year / 100 + year / 400 + (153 * (month - 3) + 2) / 5;
        return uint64((day - 719_468) * 1 days - BEIJING);
    }
}
