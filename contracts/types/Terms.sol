// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Month} from "./Month.sol";

/// @notice A project as it is stored and issued for, in one word: owner 160 bits, first operation 16, filing 8,
/// market-based 1, owner frozen 1, 6 unused, capacity in kW 32, latest submitted version 8.
/// @dev Without an approved filing only the submitted version is set. Whether the owner is frozen is never stored.
type Terms is uint256;

using TermsLibrary for Terms global;

library TermsLibrary {
    uint256 private constant FROZEN = uint256(1) << 185;
    uint256 private constant SUBMITTED = uint256(0xff) << 224;

    /// @notice Terms of an approved filing, which is the latest submitted one.
    function make(address owner_, Month inOperation_, uint8 filing_, bool marketBased_, uint32 capacityKw_)
        internal
        pure
        returns (Terms)
    {
        return Terms.wrap(
            uint256(uint160(owner_)) | (uint256(Month.unwrap(inOperation_)) << 160) | (uint256(filing_) << 176)
                | (marketBased_ ? uint256(1) << 184 : 0) | (uint256(capacityKw_) << 192) | (uint256(filing_) << 224)
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

    /// @notice Whether the owner's account is frozen now: nothing is issued to it meanwhile (I7).
    function frozen(Terms terms) internal pure returns (bool) {
        return Terms.unwrap(terms) & FROZEN != 0;
    }

    function capacityKw(Terms terms) internal pure returns (uint32) {
        return uint32(Terms.unwrap(terms) >> 192);
    }

    function submitted(Terms terms) internal pure returns (uint8) {
        return uint8(Terms.unwrap(terms) >> 224);
    }

    function withFrozen(Terms terms) internal pure returns (Terms) {
        return Terms.wrap(Terms.unwrap(terms) | FROZEN);
    }

    function withSubmitted(Terms terms, uint8 version) internal pure returns (Terms) {
        return Terms.wrap((Terms.unwrap(terms) & ~SUBMITTED) | (uint256(version) << 224));
    }
}
