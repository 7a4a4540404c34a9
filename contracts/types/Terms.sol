// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Month} from "./Month.sol";

/// @notice What issuing needs to know of a project, in one word: owner 160 bits, first operation 16, filing 8, market-based 1.
/// @dev Zero for a project without an approved filing.
type Terms is uint256;

using TermsLibrary for Terms global;

library TermsLibrary {
    function make(address owner_, Month inOperation_, uint8 filing_, bool marketBased_) internal pure returns (Terms) {
        return Terms.wrap(
            uint256(uint160(owner_)) | (uint256(Month.unwrap(inOperation_)) << 160) | (uint256(filing_) << 176)
                | (marketBased_ ? uint256(1) << 184 : 0)
        );
    }

    function owner(Terms terms) internal pure returns (address) {
        return address(uint160(Terms.unwrap(terms)));
    }

    function inOperation(Terms terms) internal pure returns (Month) {
        return Month.wrap(uint16(Terms.unwrap(terms) >> 160));
    }

    function filing(Terms terms) internal pure returns (uint8) {
        return uint8(Terms.unwrap(terms) >> 176);
    }

    function marketBased(Terms terms) internal pure returns (bool) {
        return Terms.unwrap(terms) >> 184 & 1 == 1;
    }
}
