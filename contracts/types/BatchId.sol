// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Month} from "./Month.sol";
import {ProjectId} from "./ProjectId.sol";

/// @notice A batch: one project, production month and class. Project 48 bits, month 12, electricity 3, tradable 1.
type BatchId is uint64;

using BatchIdLibrary for BatchId global;

library BatchIdLibrary {
    function make(ProjectId project_, Month month_, uint256 electricity_, bool tradable_)
        internal
        pure
        returns (BatchId)
    {
        return BatchId.wrap(
            (uint64(ProjectId.unwrap(project_)) << 16) | (uint64(Month.unwrap(month_)) << 4)
                | (uint64(electricity_) << 1) | (tradable_ ? 1 : 0)
        );
    }

    function project(BatchId batch) internal pure returns (ProjectId) {
        return ProjectId.wrap(uint48(BatchId.unwrap(batch) >> 16));
    }

    function month(BatchId batch) internal pure returns (Month) {
        return Month.wrap(uint16((BatchId.unwrap(batch) >> 4) & 0xfff));
    }

    function tradable(BatchId batch) internal pure returns (bool) {
        return BatchId.unwrap(batch) & 1 == 1;
    }

    function electricityBits(BatchId batch) internal pure returns (uint256) {
        return (BatchId.unwrap(batch) >> 1) & 0x7;
    }

    function tokenId(BatchId batch, uint32 serial) internal pure returns (uint256) {
        return (uint256(BatchId.unwrap(batch)) << 32) | serial;
    }

    /// @notice Batch and serial of a token id; an id above 96 bits belongs to no batch.
    function split(uint256 token) internal pure returns (BatchId batch, uint32 serial) {
        if (token >> 96 != 0) return (BatchId.wrap(0), 0);
        return (BatchId.wrap(uint64(token >> 32)), uint32(token));
    }
}
