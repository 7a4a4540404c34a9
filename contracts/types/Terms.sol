// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Lane} from "./Lane.sol";
import {Month} from "./Month.sol";

/// @notice A project as it is issued for, in one word: owner 160 bits, first operation 16, filing 8, market-based 1,
/// turned to CCER 1, 6 unused, energy account of the on-grid electricity 64.
/// @dev Without an approved filing it is zero. On-grid readings need no other slot of the project.
type Terms is uint256;

using TermsLibrary for Terms global;

library TermsLibrary {
    uint256 private constant CCER = uint256(1) << 185;
    uint256 private constant LANE = 192;

    /// @notice The terms after an approved filing; energy account and choice of CCER stay as they were.
    function refiled(Terms terms, address owner_, Month inOperation_, uint8 filing_, bool marketBased_)
        internal
        pure
        returns (Terms)
    {
        return Terms.wrap(
            uint256(uint160(owner_)) | (uint256(Month.unwrap(inOperation_)) << 160) | (uint256(filing_) << 176)
                | (marketBased_ ? uint256(1) << 184 : 0) | (Terms.unwrap(terms) & CCER)
                | (uint256(Lane.unwrap(terms.onGrid())) << LANE)
        );
    }

    function owner(Terms terms) internal pure returns (address) {
        return address(uint160(Terms.unwrap(terms)));
    }

    function inOperation(Terms terms) internal pure returns (Month) {
        return Month.wrap(uint16(Terms.unwrap(terms) >> 160));
    }

    /// @notice Version that is in force, 0 for none.
    function filing(Terms terms) internal pure returns (uint8) {
        return uint8(Terms.unwrap(terms) >> 176);
    }

    function marketBased(Terms terms) internal pure returns (bool) {
        return Terms.unwrap(terms) >> 184 & 1 == 1;
    }

    function ccer(Terms terms) internal pure returns (bool) {
        return Terms.unwrap(terms) & CCER != 0;
    }

    function withCcer(Terms terms, bool chosen) internal pure returns (Terms) {
        return Terms.wrap(chosen ? Terms.unwrap(terms) | CCER : Terms.unwrap(terms) & ~CCER);
    }

    function onGrid(Terms terms) internal pure returns (Lane) {
        return Lane.wrap(uint64(Terms.unwrap(terms) >> LANE));
    }

    function withOnGrid(Terms terms, Lane lane) internal pure returns (Terms) {
        return Terms.wrap((Terms.unwrap(terms) & ((1 << LANE) - 1)) | (uint256(Lane.unwrap(lane)) << LANE));
    }
}
