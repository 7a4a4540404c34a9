// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {BatchId} from "./BatchId.sol";

/// @notice Certificates [start, end) of a batch.
struct Range {
    BatchId batch;
    uint32 start;
    uint32 end;
}
