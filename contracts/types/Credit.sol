// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {LeafRefusal} from "./Classes.sol";

/// @notice What a metered month gives a project, in one word: first holder 160 bits, count 32, refusal 8, tradable 8,
/// 32 unused, filing 8. Zero is a reading that was skipped.
type Credit is uint256;

using CreditLibrary for Credit global;

library CreditLibrary {
    function make(address holder_, uint32 count_, bool tradable_, uint8 filing_) internal pure returns (Credit) {
        return Credit.wrap(
            uint256(uint160(holder_)) | (uint256(count_) << 160) | (tradable_ ? uint256(1) << 200 : 0)
                | (uint256(filing_) << 240)
        );
    }

    function refused(LeafRefusal reason) internal pure returns (Credit) {
        return Credit.wrap(uint256(reason) << 192);
    }

    function holder(Credit credit) internal pure returns (address) {
        return address(uint160(Credit.unwrap(credit)));
    }

    function count(Credit credit) internal pure returns (uint32) {
        return uint32(Credit.unwrap(credit) >> 160);
    }

    function refusal(Credit credit) internal pure returns (LeafRefusal) {
        return LeafRefusal(uint8(Credit.unwrap(credit) >> 192));
    }

    function isRefused(Credit credit) internal pure returns (bool) {
        return uint8(Credit.unwrap(credit) >> 192) != 0;
    }

    function tradable(Credit credit) internal pure returns (bool) {
        return uint8(Credit.unwrap(credit) >> 200) != 0;
    }
}
