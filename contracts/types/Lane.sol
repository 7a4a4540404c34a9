// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {LeafRefusal} from "./Classes.sol";
import {Month} from "./Month.sol";

/// @notice Energy account of one project and electricity: carry in Wh 20 bits, latest issued month 12, issued months 32.
/// @dev Bit i of the window says that month `latest - i` is issued. Makes I1 and I4 a part of one storage slot.
type Lane is uint64;

using LaneLibrary for Lane global;

library LaneLibrary {
    uint256 internal constant WATT_HOURS_PER_CERTIFICATE = 1_000_000;
    uint256 internal constant MAX_COUNT = 999_999_999;
    uint256 internal constant WINDOW = 32;

    function carry(Lane lane) internal pure returns (uint32) {
        return uint32(Lane.unwrap(lane) & 0xfffff);
    }

    function latest(Lane lane) internal pure returns (Month) {
        return Month.wrap(uint16((Lane.unwrap(lane) >> 20) & 0xfff));
    }

    function window(Lane lane) internal pure returns (uint32) {
        return uint32(Lane.unwrap(lane) >> 32);
    }

    /// @notice Whether a month was issued, as far as the window reaches.
    function isIssued(Lane lane, Month month) internal pure returns (bool) {
        uint256 last = Month.unwrap(latest(lane));
        uint256 index = Month.unwrap(month);
        return index <= last && last - index < WINDOW && (window(lane) >> (last - index)) & 1 == 1;
    }

    /// @notice Corrects what was metered by a decided case (Q95).
    /// @return next The lane after it.
    /// @return certificates To be added, or, negative, to be deducted; the carry takes the rest.
    function correct(Lane lane, int64 wattHours) internal pure returns (Lane next, int256 certificates) {
        int256 unit = int256(WATT_HOURS_PER_CERTIFICATE);
        int256 energy = int256(uint256(carry(lane))) + wattHours;
        certificates = energy / unit;
        if (energy % unit < 0) --certificates;
        next = Lane.wrap(
            uint64((Lane.unwrap(lane) & ~uint64(0xfffff)) | uint64(uint256(energy - certificates * unit)))
        );
    }

    /// @notice Adds the energy of a month: whole certificates come out, the rest is carried (Q24).
    /// @return next The lane after it, meaningless when refused.
    /// @return count Certificates of 1,000,000 Wh each.
    /// @return refusal `None`, or why the month cannot be issued.
    function issue(Lane lane, Month month, uint64 wattHours)
        internal
        pure
        returns (Lane next, uint32 count, LeafRefusal refusal)
    {
        // Bounds: energy is below 2^65, and of two months the earlier is subtracted.
        unchecked {
            uint256 energy = uint256(carry(lane)) + wattHours;
            uint256 certificates = energy / WATT_HOURS_PER_CERTIFICATE;
            if (certificates > MAX_COUNT) return (lane, 0, LeafRefusal.TooMany);

            uint256 last = Month.unwrap(latest(lane));
            uint256 now_ = Month.unwrap(month);
            uint256 months = window(lane);
            if (months == 0) {
                (months, last) = (1, now_);
            } else if (now_ > last) {
                // A shift by the window's width or more leaves nothing of it.
                (months, last) = (uint32(months << (now_ - last)) | 1, now_);
            } else {
                uint256 age = last - now_;
                if (age >= WINDOW) return (lane, 0, LeafRefusal.TooOld);
                if ((months >> age) & 1 == 1) return (lane, 0, LeafRefusal.MonthAlreadyIssued);
                months |= 1 << age;
            }
            next = Lane.wrap(
                uint64((energy - certificates * WATT_HOURS_PER_CERTIFICATE) | (last << 20) | (months << 32))
            );
            count = uint32(certificates);
        }
    }
}
