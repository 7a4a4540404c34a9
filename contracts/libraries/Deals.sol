// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Deal, Settlement} from "../interfaces/IMarket.sol";
import {BatchId} from "../types/BatchId.sol";
import {Electricity} from "../types/Classes.sol";
import {LaneLibrary} from "../types/Lane.sol";
import {Month} from "../types/Month.sol";
import {ProjectId} from "../types/ProjectId.sol";
import {Range} from "../types/Range.sol";

/// @notice What a bilateral order and a settlement name, and what their signers sign.
library Deals {
    bytes32 internal constant DEAL_TYPE = keccak256(
        "Deal(address seller,address buyer,uint48 project,uint64 batch,uint32 start,uint32 end,uint32 quantity,uint64 price,address platform,bool paidOnPlatform,uint64 expires,uint256 nonce)"
    );

    /// @notice EIP-712 struct hash.
    function hash(Deal calldata deal) internal pure returns (bytes32) {
        return keccak256(abi.encode(DEAL_TYPE, deal));
    }

    /// @notice First range that the order does not name; the number of ranges if it names all.
    function firstOutside(Deal calldata deal, Range[] calldata ranges) internal pure returns (uint256 at) {
        for (; at < ranges.length; ++at) {
            Range calldata range = ranges[at];
            bool named = ProjectId.unwrap(range.batch.project()) == ProjectId.unwrap(deal.project);
            if (BatchId.unwrap(deal.batch) != 0) named = BatchId.unwrap(range.batch) == BatchId.unwrap(deal.batch);
            if (deal.end != 0) named = named && range.start >= deal.start && range.end <= deal.end;
            if (!named) return at;
        }
    }

    /// @notice First range that is not of the settled project's month, on-grid; the number of ranges if all are.
    function firstOutside(Settlement calldata item) internal pure returns (uint256 at) {
        for (; at < item.ranges.length; ++at) {
            BatchId batch = item.ranges[at].batch;
            bool named = ProjectId.unwrap(batch.project()) == ProjectId.unwrap(item.project)
                && Month.unwrap(batch.month()) == Month.unwrap(item.month)
                && batch.electricityBits() == uint256(Electricity.OnGrid);
            if (!named) return at;
        }
    }

    /// @notice Whole certificates of the smallest of the three (Q46).
    function settled(Settlement calldata item) internal pure returns (uint32) {
        uint256 smallest = item.contractWh < item.fedInWh ? item.contractWh : item.fedInWh;
        if (item.consumedWh < smallest) smallest = item.consumedWh;
        uint256 count = smallest / LaneLibrary.WATT_HOURS_PER_CERTIFICATE;
        return count > LaneLibrary.MAX_COUNT ? 0 : uint32(count);
    }
}
