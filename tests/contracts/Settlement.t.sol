// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC2309} from "@openzeppelin/contracts/interfaces/IERC2309.sol";
import {ICertificates} from "../../contracts/interfaces/ICertificates.sol";
import {IMarket, Settlement} from "../../contracts/interfaces/IMarket.sol";
import {BatchId, BatchIdLibrary} from "../../contracts/types/BatchId.sol";
import {Electricity, State, Technology, TradeWay} from "../../contracts/types/Classes.sol";
import {Month} from "../../contracts/types/Month.sol";
import {ProjectId} from "../../contracts/types/ProjectId.sol";
import {Range} from "../../contracts/types/Range.sol";
import {TradeWorld} from "./TradeWorld.sol";

/// @notice Settlement of green-power contracts (Q29, Q46): how many certificates, whose, which, and only once.
contract SettlementTest is TradeWorld {
    bytes32 private constant CONTRACT = keccak256("a green-power contract");
    uint64 private constant ENERGY_PRICE = 39_500;

    /* QUANTITY */

    /// @dev tests/vectors/settlement.json.
    function test_settle_vectors() public {
        _expectSettled(1, 5_000_000_000, 4_999_999_999, 6_000_000_000, 4999);
        _expectSettled(2, 1_000_000, 1_000_000, 1_000_000, 1);
        _expectSettled(3, 999_999, 5_000_000, 5_000_000, 0);
        _expectSettled(4, 7_400_000, 9_000_000, 8_100_000, 7);
        _expectSettled(5, 0, 1_000_000, 1_000_000, 0);
        _expectSettled(6, 12_345_678_901, 12_345_678_901, 12_345_678_900, 12_345);
    }

    /// @dev The smallest of the three, whole certificates of it, and one more or less is refused.
    function testFuzz_settle_smallestOfThree(uint256 first, uint256 second, uint256 third) public {
        BatchId batch = issueWind(1, 1_000_002);
        Settlement memory item = _itemOf(batch, 0, 0);
        item.contractWh = uint64(bound(first, 0, 1e12));
        item.fedInWh = uint64(bound(second, 0, 1e12));
        item.consumedWh = uint64(bound(third, 0, 1e12));
        uint256 smallest = item.contractWh;
        if (item.fedInWh < smallest) smallest = item.fedInWh;
        if (item.consumedWh < smallest) smallest = item.consumedWh;
        uint256 count = smallest / 1_000_000;

        item.ranges = rangesOf(batch, 0, count + 1);
        bytes memory reason = count == 0
            ? abi.encodeWithSelector(IMarket.QuantityZero.selector)
            : abi.encodeWithSelector(IMarket.QuantityNotMet.selector, count, count + 1);
        _expectRefused(0, reason);
        _settle(_one(item));
        if (count > 1) {
            item.ranges = rangesOf(batch, 0, count - 1);
            _expectRefused(0, abi.encodeWithSelector(IMarket.QuantityNotMet.selector, count, count - 1));
            _settle(_one(item));
        }
        assertTrades(0);
        if (count == 0) return;
        item.ranges = rangesOf(batch, 0, count);
        _settle(_one(item));
        assertSegment(batch, 0, 0, count, BUYER, State.Held, true);
    }

    /// @dev More certificates than a batch can have are as wrong as none; nothing overflows on the way.
    function testFuzz_settle_beyondABatch(uint256 energy) public {
        BatchId batch = issueWind(1, 100);
        uint64 wattHours = uint64(bound(energy, 1e15, type(uint64).max));
        Settlement memory item = _itemOf(batch, 0, 100);
        item.contractWh = item.fedInWh = item.consumedWh = wattHours;
        _expectRefused(0, abi.encodeWithSelector(IMarket.QuantityZero.selector));
        _settle(_one(item));
        item.contractWh = 1e15 - 1;
        _expectRefused(0, abi.encodeWithSelector(IMarket.QuantityNotMet.selector, 999_999_999, 100));
        _settle(_one(item));
        assertTrades(0);
    }

    /* SETTLE */

    function testFuzz_settle_exchangesOnly(uint256 seed) public {
        BatchId batch = issueWind(1, 100);
        address[5] memory callers = [AUTHORITY, PLATFORM_KEY, OWNER_KEY, address(market), outsider(seed)];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(unauthorized(callers[i]));
            vm.prank(callers[i]);
            market.settle(_one(_itemOf(batch, 0, 100)));
        }
    }

    /// @dev Each item breaks every later check too.
    function testFuzz_settle_refusesInOrder(uint256 seed) public {
        BatchId batch = issueWind(1, 100);
        BatchId other = issueWind(2, 100);
        _settle(_one(_itemOf(other, 0, 10)));
        Settlement memory item = _itemOf(other, 5, 5);
        address nobody = outsider(seed);
        item.buyer = nobody;
        item.contractId = 0;
        _expectItem(abi.encodeWithSelector(IMarket.ContractZero.selector), item);
        item.contractId = CONTRACT;
        _expectItem(abi.encodeWithSelector(IMarket.SettledAlready.selector, CONTRACT, other.project(), MONTH), item);
        item.project = batch.project();
        _expectItem(abi.encodeWithSelector(IMarket.AccountUnknown.selector, nobody), item);
        item.buyer = OTHER_BUYER;
        freezeAccount(OTHER_BUYER, true);
        _expectItem(abi.encodeWithSelector(IMarket.AccountFrozen.selector, OTHER_BUYER), item);
        closeAccount(OTHER_BUYER);
        _expectItem(abi.encodeWithSelector(IMarket.AccountUnknown.selector, OTHER_BUYER), item);
        item.buyer = OWNER;
        _expectItem(abi.encodeWithSelector(IMarket.BuyerIsSeller.selector, OWNER), item);
        item.buyer = BUYER;
        _expectItem(abi.encodeWithSelector(IMarket.QuantityZero.selector), item);
        item.contractWh = item.fedInWh = item.consumedWh = uint64(10 * CERTIFICATE);
        _expectItem(abi.encodeWithSelector(IMarket.RangeOutside.selector, 0), item);
        item.ranges = rangesOf(batch, 5, 5);
        _expectItem(abi.encodeWithSelector(ICertificates.RangeEmpty.selector, 5, 5), item);
        item.ranges = rangesOf(batch, 0, 9);
        _expectItem(abi.encodeWithSelector(IMarket.QuantityNotMet.selector, 10, 9), item);
        item.ranges = new Range[](0);
        _expectItem(abi.encodeWithSelector(IMarket.QuantityNotMet.selector, 10, 0), item);
        assertTrades(1);
        item.ranges = rangesOf(batch, 0, 10);
        _settle(_one(item));
        assertTrades(2);
    }

    /// @dev The reasons of `ICertificates.sell`, in their order.
    function test_settle_sellRefusesInOrder() public {
        BatchId batch = issueWind(1, 100);
        take(list(batch, 0, 10), 10, OTHER_BUYER);
        move(batch, 0, 10, OWNER);
        move(batch, 10, 20, OTHER_BUYER);
        freezeRange(batch, 20, 30);
        list(batch, 30, 40);
        BatchId hydro = issueStockHydro(7, 100);
        BatchId unsold = issueStockHydro(8, 100);
        move(unsold, 0, 100, OWNER);
        BatchId none = batchOf(windOf(9));
        vm.warp(EXPIRY);
        _expectItem(abi.encodeWithSelector(ICertificates.BatchUnknown.selector, none), _itemOf(none, 0, 10));
        _expectItem(abi.encodeWithSelector(ICertificates.RangeEmpty.selector, 100, 110), _itemOf(batch, 100, 110));
        _expectItem(abi.encodeWithSelector(ICertificates.RangeNotUniform.selector, batch, 15, 25, 20), _itemOf(batch, 15, 25));
        _expectItem(abi.encodeWithSelector(ICertificates.NotHolder.selector, batch, 10, OTHER_BUYER), _itemOf(batch, 10, 20));
        _expectItem(abi.encodeWithSelector(ICertificates.NotHolder.selector, hydro, 0, PROVINCE_ACCOUNT), _itemOf(hydro, 0, 10));
        _expectItem(abi.encodeWithSelector(ICertificates.StateIs.selector, batch, 20, State.Frozen), _itemOf(batch, 20, 30));
        _expectItem(abi.encodeWithSelector(ICertificates.StateIs.selector, batch, 30, State.Listed), _itemOf(batch, 30, 40));
        _expectItem(abi.encodeWithSelector(ICertificates.NotTradable.selector, unsold), _itemOf(unsold, 0, 10));
        _expectItem(abi.encodeWithSelector(ICertificates.AlreadyTraded.selector, batch, 0, 10), _itemOf(batch, 0, 10));
        _expectItem(abi.encodeWithSelector(ICertificates.Expired.selector, batch, EXPIRY), _itemOf(batch, 40, 50));
        assertTrades(1);
    }

    function testFuzz_settle(uint256 start, uint256 end, uint64 attributePrice, uint64 energyPrice, bytes32 id)
        public
    {
        BatchId batch = issueWind(1, 5_000_000);
        start = bound(start, 0, 4_999_999);
        end = bound(end, start + 1, 5_000_000);
        Settlement memory item = _itemOf(batch, start, end);
        (item.attributePrice, item.energyPrice) = (attributePrice, energyPrice);
        item.contractId = id == 0 ? CONTRACT : id;
        item.fedInWh += 999_999;
        item.consumedWh += 1;

        vm.expectEmit(address(market));
        emit IMarket.Traded(
            1, 0, batch, uint32(start), uint32(end), OWNER, BUYER, attributePrice, address(0), TradeWay.GreenPower
        );
        vm.expectEmit(address(certificates));
        emit IERC2309.ConsecutiveTransfer(batch.tokenId(uint32(start)), batch.tokenId(uint32(end - 1)), OWNER, BUYER);
        vm.expectEmit(address(market));
        emit IMarket.Settled(
            item.contractId, item.project, MONTH, 1, 1, item.contractWh, item.fedInWh, item.consumedWh, energyPrice,
            EXCHANGE
        );
        vm.recordLogs();
        _settle(_one(item));
        assertEq(refusedSinceRecording(), 0, "refused");
        assertPart(batch, start, end, BUYER, State.Held, true, OWNER);
        assertEq(certificates.balanceOf(BUYER), end - start, "balance of the buyer");
        assertEq(certificates.balanceOf(OWNER), 5_000_000 - (end - start), "balance of the seller");
        assertTrades(1);
    }

    /* MANY */

    /// @dev One bad item of many: its neighbours are done, and the numbers of the trades have no gap where it was.
    function testFuzz_settle_oneBadOfMany(uint256 bad, uint256 how) public {
        BatchId batch = issueWind(1, 100);
        bad = bound(bad, 0, 9);
        Settlement[] memory items = new Settlement[](10);
        for (uint256 i = 0; i < 10; ++i) {
            items[i] = _itemOf(batch, 10 * i, 10 * i + 10);
            items[i].contractId = keccak256(abi.encode(i));
            items[i].ranges = new Range[](2);
            items[i].ranges[0] = rangeOf(batch, 10 * i, 10 * i + 4);
            items[i].ranges[1] = rangeOf(batch, 10 * i + 4, 10 * i + 10);
        }
        how = how % 3;
        if (how == 0) items[bad].ranges[1].start = items[bad].ranges[1].end;
        if (how == 1) --items[bad].ranges[1].end;
        if (how == 2) items[bad].ranges[1].batch = batchOf(windOf(2));

        uint256 trade = 0;
        for (uint256 i = 0; i < 10; ++i) {
            if (i == bad) continue;
            for (uint256 j = 0; j < 2; ++j) {
                Range memory range = items[i].ranges[j];
                vm.expectEmit(address(market));
                emit IMarket.Traded(
                    ++trade, 0, batch, range.start, range.end, OWNER, BUYER, 500, address(0), TradeWay.GreenPower
                );
            }
            _expectSettledEvent(items[i], trade - 1, trade);
        }
        vm.recordLogs();
        _settle(items);
        assertEq(refusedSinceRecording(), 1, "refused");
        assertTrades(18);
        assertEq(certificates.balanceOf(BUYER), 90, "balance");
        assertSegment(batch, 10 * bad, 10 * bad, 10 * bad + 10, OWNER, State.Held, false);

        items[bad].ranges = rangesOf(batch, 10 * bad, 10 * bad + 10);
        _expectSettledEvent(items[bad], 19, 19);
        _settle(_one(items[bad]));
        assertEq(certificates.balanceOf(BUYER), 100, "the bad one, put right");
    }

    /* ONCE */

    /// @dev The same contract, project and month once, in one call or two; another of either is another.
    function test_settle_onceAMonth() public {
        BatchId batch = issueWind(1, 100);
        BatchId second = issueWind(2, 100);
        BatchId older = _issueOlder(1);
        bytes memory reason =
            abi.encodeWithSelector(IMarket.SettledAlready.selector, CONTRACT, batch.project(), MONTH);
        Settlement[] memory items = new Settlement[](4);
        items[0] = _itemOf(batch, 0, 10);
        items[1] = _itemOf(batch, 10, 20);
        items[1].buyer = OTHER_BUYER;
        items[2] = _itemOf(second, 0, 10);
        items[3] = _itemOf(older, 0, 10);
        vm.recordLogs();
        _expectRefused(1, reason);
        _settle(items);
        assertEq(refusedSinceRecording(), 1, "refused");
        _expectRefused(0, reason);
        _settle(_one(items[1]));
        items[1].contractId = keccak256("another contract");
        _settle(_one(items[1]));
        assertTrades(4);
    }

    /// @dev A refused month is not settled: it can be put right.
    function test_settle_againAfterARefusal() public {
        BatchId batch = issueWind(1, 100);
        freezeRange(batch, 0, 10);
        Settlement memory item = _itemOf(batch, 0, 10);
        _expectItem(abi.encodeWithSelector(ICertificates.StateIs.selector, batch, 0, State.Frozen), item);
        vm.prank(AUTHORITY);
        certificates.unfreeze(batch, 0, 10, BASIS);
        _settle(_one(item));
        assertTrades(1);
    }

    /* WHICH */

    /// @dev Only on-grid certificates of the settled project's month; the index says which range was not.
    function testFuzz_settle_rangesOutside(uint256 at, uint256 what) public {
        BatchId batch = issueWind(1, 100);
        BatchId[4] memory others = [
            issueWind(2, 100),
            _issueOlder(1),
            issueOf(Technology.Wind, Electricity.SelfUse, 1, 100),
            issueOf(Technology.Wind, Electricity.Mechanism, 1, 100)
        ];
        at = bound(at, 0, 3);
        Settlement memory item = _itemOf(batch, 0, 40);
        item.ranges = new Range[](4);
        for (uint256 i = 0; i < 4; ++i) {
            item.ranges[i] = rangeOf(i == at ? others[what % 4] : batch, 10 * i, 10 * i + 10);
        }
        _expectItem(abi.encodeWithSelector(IMarket.RangeOutside.selector, at), item);
        assertSegment(batch, 0, 0, 100, OWNER, State.Held, false);
    }

    /// @dev After the settlement the certificates are the buyer's, whose one trade is used, whatever the way.
    function testFuzz_settle_neverTradedAgain(uint256 start, uint256 end) public {
        BatchId batch = issueWind(1, 100);
        _settle(_one(_itemOf(batch, 0, 100)));
        start = bound(start, 0, 99);
        end = bound(end, start + 1, 100);
        bytes memory reason = abi.encodeWithSelector(ICertificates.AlreadyTraded.selector, batch, start, end);
        vm.expectRevert(reason);
        vm.prank(BUYER_KEY);
        market.list(batch, uint32(start), uint32(end), 1, 1);
        move(batch, 0, 100, OWNER);
        vm.expectRevert(reason);
        list(batch, start, end);
        Settlement memory item = _itemOf(batch, start, end);
        item.contractId = keccak256("another contract");
        _expectItem(reason, item);
        retire(OWNER_KEY, batch, start, end);
    }

    function testFuzz_settleOne_onlySelf(address caller) public {
        BatchId batch = issueWind(1, 100);
        if (caller == address(market)) caller = EXCHANGE;
        vm.expectRevert(abi.encodeWithSelector(IMarket.OnlySelf.selector));
        vm.prank(caller);
        market.settleOne(_itemOf(batch, 0, 100), EXCHANGE);
    }

    /* INTERNALS */

    /// @dev A settlement of these certificates to BUYER.
    function _itemOf(BatchId batch, uint256 start, uint256 end) private pure returns (Settlement memory) {
        uint64 energy = uint64((end - start) * CERTIFICATE);
        return Settlement({
            contractId: CONTRACT,
            project: batch.project(),
            month: batch.month(),
            buyer: BUYER,
            contractWh: energy,
            fedInWh: energy,
            consumedWh: energy,
            attributePrice: 500,
            energyPrice: ENERGY_PRICE,
            ranges: rangesOf(batch, start, end)
        });
    }

    function _one(Settlement memory item) private pure returns (Settlement[] memory items) {
        items = new Settlement[](1);
        items[0] = item;
    }

    function _settle(Settlement[] memory items) private {
        vm.prank(EXCHANGE);
        market.settle(items);
    }

    function _issueOlder(uint256 sequence) private returns (BatchId) {
        issue(Month.wrap(1519), alone(leafOf(windOf(sequence), 0, 100 * CERTIFICATE)));
        return BatchIdLibrary.make(windOf(sequence), Month.wrap(1519), 0, true);
    }

    /// @dev Over a project of its own, so that the contract is another's month.
    function _expectSettled(uint256 sequence, uint64 contractWh, uint64 fedInWh, uint64 consumedWh, uint256 count)
        private
    {
        ProjectId project = windOf(sequence);
        file(filingOf(project, OWNER, OWNER_KEY));
        issue(MONTH, alone(leafOf(project, 0, (count + 1) * CERTIFICATE)));
        BatchId batch = batchOf(project);
        Settlement memory item = _itemOf(batch, 0, count);
        (item.contractWh, item.fedInWh, item.consumedWh) = (contractWh, fedInWh, consumedWh);
        if (count == 0) {
            _expectItem(abi.encodeWithSelector(IMarket.QuantityZero.selector), item);
        } else {
            _settle(_one(item));
            assertSegment(batch, 0, 0, count, BUYER, State.Held, true);
        }
    }

    function _expectItem(bytes memory reason, Settlement memory item) private {
        _expectRefused(0, reason);
        _settle(_one(item));
    }

    function _expectRefused(uint256 index, bytes memory reason) private {
        vm.expectEmit(address(market));
        emit IMarket.ItemRefused(index, reason);
    }

    function _expectSettledEvent(Settlement memory item, uint256 first, uint256 last) private {
        vm.expectEmit(address(market));
        emit IMarket.Settled(
            item.contractId, item.project, item.month, first, last, item.contractWh, item.fedInWh, item.consumedWh,
            item.energyPrice, EXCHANGE
        );
    }
}
