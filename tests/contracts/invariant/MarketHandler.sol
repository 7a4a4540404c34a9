// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Market} from "../../../contracts/Market.sol";
import {BatchId} from "../../../contracts/types/BatchId.sol";
import {State} from "../../../contracts/types/Classes.sol";
import {CertificatesHandler} from "./CertificatesHandler.sol";

/// @notice Lots are put on sale, withdrawn, and taken, one or several at a time.
abstract contract MarketHandler is CertificatesHandler {
    /* LISTING */

    function listRange(uint256 seed) internal {
        (BatchId batch, uint32 start, uint32 end) = _range(seed, State.Held, Liking.Salable);
        address owner = _ownerAt(batch, start);
        address caller = _callerFor(owner, seed >> 64);
        uint64 known = uint64((1 << platformCount) - 1);
        uint64 platforms = uint64((seed >> 96) % 8 == 0 ? 2 * known + 2 : 1 + (seed >> 96) % 3);
        if ((seed >> 96) % 16 == 1) platforms = 0;
        bool allowed = platforms != 0 && platforms & ~known == 0 && _is(batch, start, end, State.Held)
            && _mayAct(owner, caller) && _hasTradeLeft(batch, start);
        bytes memory data = abi.encodeCall(Market.list, (batch, start, end, 300, platforms));
        if (!_call(address(market), caller, data, allowed, "list")) return;
        (uint128 id,) = market.latest();
        lots.push(id);
        lotOf[id] = Lot(batch, start, end, platforms);
        _setState(batch, start, end, State.Listed);
    }

    function withdrawLot(uint256 seed) internal {
        if (lots.length == 0) return;
        uint256 at = _lotAt(seed);
        address seller = _sellerOf(lots[at]);
        address caller = (seed >> 32) % 6 == 0 ? AUTHORITY : _callerFor(seller, seed >> 64);
        bytes memory data = abi.encodeCall(Market.withdraw, (lots[at]));
        if (_call(address(market), caller, data, _mayWithdraw(lots[at], caller), "withdraw")) _withdraw(at);
    }

    /// @dev Not restricted by a role, so that it goes through while the brake is on, with nothing done.
    function withdrawLots(uint256 seed) internal {
        if (lots.length == 0) return;
        uint256[] memory ids = new uint256[](1 + seed % 3);
        uint256 first = _lotAt(seed);
        Lot[] memory before = new Lot[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            ids[i] = lots[(first + i) % lots.length];
            before[i] = lotOf[ids[i]];
        }
        address caller = _callerFor(_sellerOf(ids[0]), seed >> 64);
        for (uint256 i = 0; i < ids.length && !paused; ++i) {
            bool done = _mayWithdraw(ids[i], caller);
            _count("withdraw one", done);
            if (done) _withdraw(_placeOf(ids[i]));
        }
        bytes memory data = abi.encodeCall(Market.withdrawAll, (ids));
        _callAnyhow(address(market), caller, data, true, "withdraw all");
        for (uint256 i = 0; i < ids.length; ++i) {
            if (before[i].end != 0) _compare(before[i].batch, before[i].start, "withdraw all");
        }
    }

    function _mayWithdraw(uint256 id, address caller) private view returns (bool) {
        Lot storage lot = lotOf[id];
        if (lot.end == 0) return false;
        address seller = _sellerOf(id);
        return caller == AUTHORITY || _mayAct(seller, caller) || _expired(lot.batch) || principals[seller].closed
            || _forCcer(lot.batch, lot.start);
    }

    function _withdraw(uint256 at) private {
        Lot memory lot = lotOf[lots[at]];
        _setState(lot.batch, lot.start, lot.end, State.Held);
        _dropLot(at);
    }

    /* TAKING */

    function takeLot(uint256 seed) internal {
        if (lots.length == 0) return;
        uint256 at = _lotAt(seed);
        uint256 id = lots[at];
        Lot memory lot = lotOf[id];
        address platform = _platformOf(lot, seed >> 16);
        address caller = _callerFor(platform, seed >> 64);
        address buyer = _buyer(seed >> 96);
        uint32 quantity = uint32((seed >> 128) % (uint256(lot.end) - lot.start + 2));
        bool allowed = quantity != 0 && _mayTake(lot, quantity, buyer, platform, caller);
        bytes memory data = abi.encodeCall(Market.take, (id, quantity, buyer, platform));
        if (_call(address(market), caller, data, allowed, "take")) _take(id, quantity, buyer);
    }

    /// @dev A quantity from two lots, now and then the same one twice.
    function takeLots(uint256 seed) internal {
        if (lots.length == 0) return;
        uint256[] memory ids = new uint256[](2);
        ids[0] = lots[_lotAt(seed)];
        ids[1] = _partnerOf(ids[0], seed >> 16);
        (Lot memory first, Lot memory second) = (lotOf[ids[0]], lotOf[ids[1]]);
        address platform = _platformOf(first, seed >> 32);
        address caller = _callerFor(platform, seed >> 64);
        address buyer = _buyer(seed >> 96);
        uint32 whole = first.end - first.start;
        uint32 all = whole + second.end - second.start;
        uint32 quantity = uint32((seed >> 128) % (uint256(all) + 2));
        uint32 rest = quantity > whole ? quantity - whole : 0;
        bool allowed = quantity != 0 && _mayTake(first, quantity - rest, buyer, platform, caller);
        if (rest != 0) {
            allowed = allowed && ids[0] != ids[1] && _mayTake(second, rest, buyer, platform, caller)
                && _sellerOf(ids[0]) == _sellerOf(ids[1]);
        }
        bytes memory data = abi.encodeCall(Market.takeAcross, (ids, quantity, buyer, platform));
        if (!_call(address(market), caller, data, allowed, "take across")) return;
        _take(ids[0], quantity - rest, buyer);
        if (rest != 0) _take(ids[1], rest, buyer);
    }

    function _mayTake(Lot memory lot, uint32 quantity, address buyer, address platform, address caller)
        private
        view
        returns (bool)
    {
        if (lot.end == 0 || quantity > lot.end - lot.start || !_mayPlace(platform, caller)) return false;
        if (lot.platforms >> (principals[platform].platform - 1) & 1 == 0 || !_mayBuy(buyer)) return false;
        address seller = _ownerAt(lot.batch, lot.start);
        return _hasTradeLeft(lot.batch, lot.start) && seller != buyer && _mayBuy(seller);
    }

    function _take(uint256 id, uint32 quantity, address buyer) private {
        Lot storage lot = lotOf[id];
        _sell(lot.batch, lot.start, lot.start + quantity, buyer);
        lot.start += quantity;
        if (lot.start == lot.end) _dropLot(_placeOf(id));
    }

    /* CHOICES */

    /// @dev One that is there, as a rule.
    function _lotAt(uint256 seed) private view returns (uint256 at) {
        for (uint256 tries = 0; tries < 8; ++tries) {
            at = (seed >> (8 * tries)) % lots.length;
            if (lotOf[lots[at]].end != 0) break;
        }
    }

    /// @dev Another lot of the same seller, if there is one soon.
    function _partnerOf(uint256 id, uint256 seed) private view returns (uint256 partner) {
        for (uint256 i = 0; i < lots.length; ++i) {
            partner = lots[(seed + i) % lots.length];
            if (partner != id && _sellerOf(partner) == _sellerOf(id)) break;
        }
    }

    function _placeOf(uint256 id) private view returns (uint256 at) {
        while (lots[at] != id) ++at;
    }

    function _sellerOf(uint256 id) private view returns (address) {
        return lotOf[id].end == 0 ? OWNER : _ownerAt(lotOf[id].batch, lotOf[id].start);
    }

    function _platformOf(Lot memory lot, uint256 seed) private view returns (address) {
        if (seed % 8 == 0) return _platform(seed >> 8);
        if (lot.platforms == 1) return PLATFORM_ACCOUNT;
        return lot.platforms == 2 || seed % 2 == 0 ? OTHER_PLATFORM_ACCOUNT : PLATFORM_ACCOUNT;
    }
}
