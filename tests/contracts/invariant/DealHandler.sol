// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Market} from "../../../contracts/Market.sol";
import {Deal, DealStatus, Settlement} from "../../../contracts/interfaces/IMarket.sol";
import {BatchId} from "../../../contracts/types/BatchId.sol";
import {State} from "../../../contracts/types/Classes.sol";
import {Month} from "../../../contracts/types/Month.sol";
import {ProjectId} from "../../../contracts/types/ProjectId.sol";
import {Range} from "../../../contracts/types/Range.sol";
import {MarketHandler} from "./MarketHandler.sol";

/// @notice Bilateral orders are signed, handed in, replayed and cancelled; green-power contracts are settled.
abstract contract DealHandler is MarketHandler {
    /// @param sellerKey,buyerKey Whose signatures it carries.
    struct Order {
        Deal deal;
        Range[] ranges;
        address sellerKey;
        address buyerKey;
    }

    bytes[] private orders;
    mapping(bytes32 digest => DealStatus) private statusOf;
    mapping(bytes32 key => bool) private settledKeys;

    /* BILATERAL ORDERS */

    function fillDeal(uint256 seed) internal {
        Order memory order = _order(seed);
        bytes32 digest = market.hashOf(order.deal);
        address caller = _callerFor(order.deal.platform, seed >> 64);
        bytes memory data = abi.encodeCall(
            Market.fill, (order.deal, order.ranges, _sign(order.sellerKey, digest), _sign(order.buyerKey, digest))
        );
        bool allowed = statusOf[digest] == DealStatus.Open && _mayFill(order, caller);
        orders.push(abi.encode(order));
        if (!_call(address(market), caller, data, allowed, "fill")) return;
        statusOf[digest] = DealStatus.Filled;
        for (uint256 i = 0; i < order.ranges.length; ++i) {
            _sell(order.ranges[i].batch, order.ranges[i].start, order.ranges[i].end, order.deal.buyer);
        }
    }

    function cancelDeal(uint256 seed) internal {
        Order memory order = _order(seed);
        bytes32 digest = market.hashOf(order.deal);
        address party = (seed >> 64) % 2 == 0 ? order.deal.seller : order.deal.buyer;
        address caller = _callerFor(party, seed >> 72);
        bool allowed = (_mayAct(order.deal.seller, caller) || _mayAct(order.deal.buyer, caller))
            && statusOf[digest] == DealStatus.Open;
        orders.push(abi.encode(order));
        bytes memory data = abi.encodeCall(Market.cancel, (order.deal));
        if (_call(address(market), caller, data, allowed, "cancel")) statusOf[digest] = DealStatus.Cancelled;
    }

    function _mayFill(Order memory order, address caller) private view returns (bool) {
        Deal memory deal = order.deal;
        if (block.timestamp >= deal.expires || !_mayPlace(deal.platform, caller)) return false;
        if (deal.buyer == deal.seller || deal.quantity == 0) return false;
        if (secrets[order.sellerKey] == 0 || !_mayAct(deal.seller, order.sellerKey)) return false;
        if (secrets[order.buyerKey] == 0 || !_mayAct(deal.buyer, order.buyerKey)) return false;
        for (uint256 i = 0; i < order.ranges.length; ++i) {
            Range memory range = order.ranges[i];
            if (ProjectId.unwrap(range.batch.project()) != ProjectId.unwrap(deal.project)) return false;
            if (BatchId.unwrap(deal.batch) != 0 && BatchId.unwrap(range.batch) != BatchId.unwrap(deal.batch)) {
                return false;
            }
            if (deal.end != 0 && (range.start < deal.start || range.end > deal.end)) return false;
        }
        return _maySell(order.ranges, deal.quantity, deal.seller);
    }

    /// @dev Disjoint ranges of one segment each do not stand in each other's way, whatever is cut.
    function _maySell(Range[] memory ranges, uint256 quantity, address seller) private view returns (bool) {
        uint256 given = 0;
        for (uint256 i = 0; i < ranges.length; ++i) {
            (BatchId batch, uint32 start, uint32 end) = (ranges[i].batch, ranges[i].start, ranges[i].end);
            if (!_is(batch, start, end, State.Held) || ledger[batch][start].owner != seller) return false;
            if (!_hasTradeLeft(batch, start)) return false;
            for (uint256 j = 0; j < i; ++j) {
                if (_overlap(ranges[i], ranges[j])) return false;
            }
            given += end - start;
        }
        return given == quantity;
    }

    /// @dev A new one, mostly in order, or one that was there before.
    function _order(uint256 seed) private view returns (Order memory order) {
        if (seed % 5 == 0 && orders.length != 0) {
            return abi.decode(orders[(seed >> 8) % orders.length], (Order));
        }
        seed = _next(seed);
        order.ranges = _offer(seed);
        Range memory first = order.ranges[0];
        Deal memory deal = order.deal;
        (deal.seller, deal.buyer) = (_ownerAt(first.batch, first.start), _buyer(seed >> 8));
        (deal.project, deal.platform) = (first.batch.project(), _platform(seed >> 32));
        if ((seed >> 48) % 2 == 0) deal.batch = first.batch;
        if ((seed >> 56) % 4 == 0) (deal.start, deal.end) = (first.start, first.end);
        deal.quantity = _quantity(order.ranges, (seed >> 64) % 16);
        (deal.price, deal.paidOnPlatform, deal.nonce) = (310, seed >> 255 == 1, seed);
        deal.expires = uint64(block.timestamp + ((seed >> 80) % 12 == 0 ? 0 : 2 days));
        order.sellerKey = _signer(deal.seller, seed >> 96);
        order.buyerKey = _signer(deal.buyer, seed >> 128);
    }

    /// @dev Who acts for the account, its own key, or anybody's.
    function _signer(address account, uint256 seed) private view returns (address) {
        if (seed % 16 == 0) return keys[(seed >> 8) % keys.length];
        return seed % 8 == 1 ? principals[account].operator : _actor(account);
    }

    function _sign(address key, bytes32 digest) private view returns (bytes memory) {
        if (secrets[key] == 0) return "";
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(secrets[key], digest);
        return abi.encodePacked(r, s, v);
    }

    /* SETTLEMENT */

    function settle(uint256 seed) internal {
        Settlement[] memory items = new Settlement[](1 + seed % 2);
        for (uint256 i = 0; i < items.length; ++i) {
            seed = _next(seed);
            items[i] = _settlement(seed);
        }
        address caller = _caller(EXCHANGE, seed >> 64);
        for (uint256 i = 0; i < items.length && caller == EXCHANGE && !paused; ++i) {
            bool done = _maySettle(items[i]);
            _count("settle one", done);
            if (done) _settle(items[i]);
        }
        bytes memory data = abi.encodeCall(Market.settle, (items));
        _call(address(market), caller, data, caller == EXCHANGE, "settle");
        for (uint256 i = 0; i < items.length; ++i) {
            _compare(items[i].ranges[0].batch, items[i].ranges[0].start, "settle");
        }
    }

    function _maySettle(Settlement memory item) private view returns (bool) {
        address seller = plants[item.project].owner;
        if (item.contractId == 0 || settledKeys[_keyOf(item)] || !_mayBuy(item.buyer) || seller == item.buyer) {
            return false;
        }
        uint256 quantity = item.contractWh < item.fedInWh ? item.contractWh : item.fedInWh;
        quantity = (item.consumedWh < quantity ? item.consumedWh : quantity) / CERTIFICATE;
        for (uint256 i = 0; i < item.ranges.length; ++i) {
            BatchId batch = item.ranges[i].batch;
            bool named = ProjectId.unwrap(batch.project()) == ProjectId.unwrap(item.project)
                && _monthOf(batch) == Month.unwrap(item.month) && batch.electricityBits() == 0;
            if (!named) return false;
        }
        return quantity != 0 && _maySell(item.ranges, quantity, seller);
    }

    function _settle(Settlement memory item) private {
        settledKeys[_keyOf(item)] = true;
        for (uint256 i = 0; i < item.ranges.length; ++i) {
            _sell(item.ranges[i].batch, item.ranges[i].start, item.ranges[i].end, item.buyer);
        }
    }

    function _settlement(uint256 seed) private view returns (Settlement memory item) {
        item.ranges = _offer(seed);
        BatchId batch = item.ranges[0].batch;
        item.contractId = seed % 12 == 0 ? bytes32(0) : bytes32(1 + (seed >> 8) % 5);
        (item.project, item.month) = (batch.project(), batch.month());
        item.buyer = _buyer(seed >> 16);
        uint64 energy = uint64(_quantity(item.ranges, (seed >> 32) % 16) * CERTIFICATE + (seed >> 64) % CERTIFICATE);
        (item.contractWh, item.fedInWh, item.consumedWh) = (energy, energy + 5, energy + 3_000_000);
        if ((seed >> 96) % 2 == 0) (item.contractWh, item.consumedWh) = (item.consumedWh, item.contractWh);
        (item.attributePrice, item.energyPrice) = (320, 45_000);
    }

    function _keyOf(Settlement memory item) private pure returns (bytes32) {
        return keccak256(abi.encode(item.contractId, item.project, item.month));
    }

    /* CHOICES */

    /// @dev One range, or two: a second one anywhere in the same batch, or the first once more.
    function _offer(uint256 seed) private view returns (Range[] memory ranges) {
        ranges = new Range[]((seed >> 16) % 3 == 0 ? 2 : 1);
        (BatchId batch, uint32 start, uint32 end) = _range(seed, State.Held, Liking.Salable);
        ranges[0] = Range(batch, start, end);
        if (ranges.length == 1) return ranges;
        (start, end) = _rangeOf(batch, seed >> 24, State.Held, false);
        ranges[1] = (seed >> 232) % 4 == 0 ? ranges[0] : Range(batch, start, end);
    }

    function _quantity(Range[] memory ranges, uint256 luck) private pure returns (uint32 quantity) {
        for (uint256 i = 0; i < ranges.length; ++i) {
            quantity += ranges[i].end > ranges[i].start ? ranges[i].end - ranges[i].start : 0;
        }
        if (luck == 0) return quantity + 1;
        return luck == 1 ? 0 : quantity;
    }
}
