// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICertificates} from "../../contracts/interfaces/ICertificates.sol";
import {IMarket, Listing} from "../../contracts/interfaces/IMarket.sol";
import {BatchId} from "../../contracts/types/BatchId.sol";
import {State, TradeWay} from "../../contracts/types/Classes.sol";
import {TradeWorld} from "./TradeWorld.sol";

/// @notice Each entry point: its reverts in the order of its checks, then the success with all that it touches.
contract MarketTest is TradeWorld {
    /* LIST */

    function testFuzz_list_revertsInOrder(uint256 seed, uint64 platforms) public {
        address nobody = outsider(seed);
        BatchId none = batchOf(windOf(99));
        BatchId batch = issueWind(1, 100);
        BatchId selfUsed = issueSelfUsed(2, 10);
        platforms = uint64(bound(platforms, 4, type(uint64).max)) & ~uint64(3);
        _expectList(nobody, abi.encodeWithSelector(IMarket.PlatformsNone.selector), none, 5, 5, 0);
        _expectList(
            nobody, abi.encodeWithSelector(IMarket.PlatformNotAdmitted.selector, platforms), none, 5, 5, platforms | 1
        );
        _expectList(nobody, abi.encodeWithSelector(ICertificates.BatchUnknown.selector, none), none, 5, 5, 1);
        _expectList(nobody, abi.encodeWithSelector(ICertificates.RangeEmpty.selector, 5, 5), batch, 5, 5, 1);
        _expectList(
            nobody, abi.encodeWithSelector(ICertificates.RangeNotUniform.selector, batch, 5, 101, 100), batch, 5, 101, 1
        );
        freezeRange(selfUsed, 0, 5);
        vm.warp(MONTH.expiresAt());
        _expectList(
            nobody, abi.encodeWithSelector(ICertificates.MayNotAct.selector, OWNER, nobody), selfUsed, 0, 5, 1
        );
        _expectList(
            OWNER_KEY, abi.encodeWithSelector(ICertificates.StateIs.selector, selfUsed, 0, State.Frozen), selfUsed, 0, 5, 1
        );
        _expectList(OWNER_KEY, abi.encodeWithSelector(ICertificates.NotTradable.selector, selfUsed), selfUsed, 5, 9, 1);
        vm.warp(NOW);
        take(list(batch, 0, 10), 10, BUYER);
        vm.warp(MONTH.expiresAt());
        _expectList(
            BUYER_KEY, abi.encodeWithSelector(ICertificates.AlreadyTraded.selector, batch, 0, 10), batch, 0, 10, 1
        );
        _expectList(
            OWNER_KEY,
            abi.encodeWithSelector(ICertificates.Expired.selector, batch, MONTH.expiresAt()),
            batch, 10, 20, 1
        );
    }

    function testFuzz_list(uint256 start, uint256 end, uint64 price, uint64 platforms) public {
        start = bound(start, 0, 999);
        end = bound(end, start + 1, 1000);
        platforms = uint64(bound(platforms, 1, 3));
        BatchId batch = issueWind(1, 1000);
        vm.expectEmit(address(market));
        emit IMarket.Listed(1, batch, uint32(start), uint32(end), OWNER, price, platforms);
        vm.prank(OWNER_KEY);
        assertEq(market.list(batch, uint32(start), uint32(end), price, platforms), 1, "number of the listing");
        assertSegment(batch, start, start, end, OWNER, State.Listed, false);
        _assertListing(1, start, end);
        assertEq(market.listingOf(1).price, price, "price");
        assertEq(market.listingOf(1).platforms, platforms, "platforms");
        assertEq(certificates.balanceOf(OWNER), 1000, "who lists still holds");
        (uint128 listing, uint128 trade) = market.latest();
        assertEq(listing, 1, "latest listing");
        assertEq(trade, 0, "latest trade");
    }

    /* WITHDRAW */

    function testFuzz_withdraw_revertsInOrder(uint256 seed, uint256 unknown) public {
        address nobody = outsider(seed);
        uint256 id = list(issueWind(1, 100), 0, 100);
        unknown = bound(unknown, id + 1, type(uint256).max);
        vm.startPrank(nobody);
        vm.expectRevert(abi.encodeWithSelector(IMarket.ListingUnknown.selector, unknown));
        market.withdraw(unknown);
        vm.expectRevert(abi.encodeWithSelector(IMarket.MayNotAct.selector, OWNER, nobody));
        market.withdraw(id);
        vm.stopPrank();
        freezeAccount(OWNER, true);
        vm.expectRevert(abi.encodeWithSelector(IMarket.MayNotAct.selector, OWNER, OWNER_KEY));
        vm.prank(OWNER_KEY);
        market.withdraw(id);
    }

    /// @dev The holder, the authority, and anybody after the end of validity.
    function testFuzz_withdraw(uint256 seed, uint256 quantity) public {
        BatchId batch = issueWind(1, 100);
        uint256 id = list(batch, 0, 100);
        quantity = bound(quantity, 1, 99);
        take(id, quantity, BUYER);
        address caller = seed % 3 == 0 ? OWNER_KEY : seed % 3 == 1 ? AUTHORITY : outsider(seed);
        if (seed % 3 == 2) vm.warp(MONTH.expiresAt());
        vm.expectEmit(address(market));
        emit IMarket.Withdrawn(id, batch, uint32(quantity), 100);
        vm.prank(caller);
        market.withdraw(id);
        assertSegment(batch, 99, quantity, 100, OWNER, State.Held, false);
        assertEq(market.listingOf(id).platforms, 0, "the listing is gone");
        vm.expectRevert(abi.encodeWithSelector(IMarket.ListingUnknown.selector, id));
        vm.prank(caller);
        market.withdraw(id);
    }

    /* TAKE */

    function testFuzz_take_revertsInOrder(uint256 seed) public {
        address nobody = outsider(seed);
        BatchId batch = issueWind(1, 100);
        uint256 id = list(batch, 0, 100);
        bytes memory reason = abi.encodeWithSelector(IMarket.ListingUnknown.selector, id + 1);
        _expectTake(PLATFORM_KEY, reason, id + 1, 0, nobody, OTHER_PLATFORM_ACCOUNT);
        reason = abi.encodeWithSelector(IMarket.QuantityZero.selector);
        _expectTake(PLATFORM_KEY, reason, id, 0, nobody, OTHER_PLATFORM_ACCOUNT);
        reason = abi.encodeWithSelector(IMarket.QuantityAboveListed.selector, id, 101, 100);
        _expectTake(PLATFORM_KEY, reason, id, 101, nobody, OTHER_PLATFORM_ACCOUNT);
        reason = abi.encodeWithSelector(IMarket.MayNotAct.selector, OTHER_PLATFORM_ACCOUNT, PLATFORM_KEY);
        _expectTake(PLATFORM_KEY, reason, id, 10, nobody, OTHER_PLATFORM_ACCOUNT);
        reason = abi.encodeWithSelector(IMarket.PlatformNotNamed.selector, id, OTHER_PLATFORM_ACCOUNT);
        _expectTake(OTHER_PLATFORM_KEY, reason, id, 10, nobody, OTHER_PLATFORM_ACCOUNT);
        reason = abi.encodeWithSelector(IMarket.AccountUnknown.selector, nobody);
        _expectTake(PLATFORM_KEY, reason, id, 10, nobody, PLATFORM_ACCOUNT);
        freezeAccount(BUYER, true);
        vm.warp(MONTH.expiresAt());
        reason = abi.encodeWithSelector(IMarket.AccountFrozen.selector, BUYER);
        _expectTake(PLATFORM_KEY, reason, id, 10, BUYER, PLATFORM_ACCOUNT);
        reason = abi.encodeWithSelector(ICertificates.Expired.selector, batch, MONTH.expiresAt());
        _expectTake(PLATFORM_KEY, reason, id, 10, OWNER, PLATFORM_ACCOUNT);
        vm.warp(NOW);
        reason = abi.encodeWithSelector(IMarket.BuyerIsSeller.selector, OWNER);
        _expectTake(PLATFORM_KEY, reason, id, 10, OWNER, PLATFORM_ACCOUNT);
        freezeAccount(OWNER, true);
        reason = abi.encodeWithSelector(IMarket.AccountFrozen.selector, OWNER);
        _expectTake(PLATFORM_KEY, reason, id, 10, OTHER_BUYER, PLATFORM_ACCOUNT);
        freezeAccount(PLATFORM_ACCOUNT, true);
        reason = abi.encodeWithSelector(IMarket.MayNotAct.selector, PLATFORM_ACCOUNT, PLATFORM_KEY);
        _expectTake(PLATFORM_KEY, reason, id, 10, OTHER_BUYER, PLATFORM_ACCOUNT);
    }

    function testFuzz_take(uint256 count, uint256 start, uint256 first, uint64 price) public {
        count = bound(count, 3, 5_000_000);
        start = bound(start, 0, count - 2);
        first = bound(first, 1, count - start - 1);
        BatchId batch = issueWind(1, count);
        vm.prank(OWNER_KEY);
        uint256 id = market.list(batch, uint32(start), uint32(count), price, 1);
        uint256 middle = start + first;

        vm.expectEmit(address(market));
        emit IMarket.Traded(1, id, batch, uint32(start), uint32(middle), OWNER, BUYER, price, PLATFORM_ACCOUNT, TradeWay.Listing);
        assertEq(take(id, first, BUYER), 1, "number of the trade");
        assertSegment(batch, start, start, middle, BUYER, State.Held, true);
        assertSegment(batch, middle, middle, count, OWNER, State.Listed, false);
        _assertListing(id, middle, count);
        assertEq(certificates.balanceOf(BUYER), first, "balance of the buyer");
        assertEq(certificates.balanceOf(OWNER), count - first, "balance of the seller");

        assertEq(take(id, count - middle, OTHER_BUYER), 2, "number of the second trade");
        assertSegment(batch, count - 1, middle, count, OTHER_BUYER, State.Held, true);
        assertEq(market.listingOf(id).platforms, 0, "the listing is gone");
        assertEq(certificates.balanceOf(OWNER), start, "what is left to the seller");
    }

    /// @dev A seller whose account was closed sells no more; a platform without a key, or closed, sells nothing.
    function test_take_whoDoesNotAct() public {
        BatchId batch = issueWind(1, 100);
        uint256 id = list(batch, 0, 100);
        vm.prank(AUTHORITY);
        registry.setOperator(PLATFORM_ACCOUNT, address(0));
        bytes memory reason = abi.encodeWithSelector(IMarket.MayNotAct.selector, PLATFORM_ACCOUNT, address(0));
        _expectTake(address(0), reason, id, 10, BUYER, PLATFORM_ACCOUNT);
        reason = abi.encodeWithSelector(IMarket.MayNotAct.selector, PLATFORM_ACCOUNT, PLATFORM_KEY);
        _expectTake(PLATFORM_KEY, reason, id, 10, BUYER, PLATFORM_ACCOUNT);
        vm.prank(AUTHORITY);
        registry.setOperator(PLATFORM_ACCOUNT, PLATFORM_KEY);
        closeAccount(OTHER_BUYER);
        reason = abi.encodeWithSelector(IMarket.AccountUnknown.selector, OTHER_BUYER);
        _expectTake(PLATFORM_KEY, reason, id, 10, OTHER_BUYER, PLATFORM_ACCOUNT);
        closeAccount(OWNER);
        reason = abi.encodeWithSelector(IMarket.AccountUnknown.selector, OWNER);
        _expectTake(PLATFORM_KEY, reason, id, 10, BUYER, PLATFORM_ACCOUNT);
        closeAccount(PLATFORM_ACCOUNT);
        reason = abi.encodeWithSelector(IMarket.MayNotAct.selector, PLATFORM_ACCOUNT, PLATFORM_KEY);
        _expectTake(PLATFORM_KEY, reason, id, 10, BUYER, PLATFORM_ACCOUNT);
        assertTrades(0);
        assertSegment(batch, 0, 0, 100, OWNER, State.Listed, false);
    }

    /// @dev No other kind of account is a platform, whoever acts for it.
    function test_take_noPlatform() public {
        uint256 id = list(issueWind(1, 100), 0, 100);
        bytes memory reason = abi.encodeWithSelector(IMarket.PlatformNotNamed.selector, id, BUYER);
        _expectTake(BUYER_KEY, reason, id, 10, BUYER, BUYER);
        reason = abi.encodeWithSelector(IMarket.PlatformNotNamed.selector, id, PROVINCE_ACCOUNT);
        _expectTake(PROVINCE_KEY, reason, id, 10, BUYER, PROVINCE_ACCOUNT);
    }

    /// @dev While a mandate lasts the agent lists and withdraws, and the principal does not (Q36, Q40).
    function test_list_mandated() public {
        BatchId batch = issueWind(1, 100);
        mandate(OWNER, OWNER_KEY);
        _expectList(
            OWNER_KEY, abi.encodeWithSelector(ICertificates.MayNotAct.selector, OWNER, OWNER_KEY), batch, 0, 10, 1
        );
        vm.prank(AGENT_KEY);
        uint256 id = market.list(batch, 0, 10, 350, 1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.MayNotAct.selector, OWNER, OWNER_KEY));
        vm.prank(OWNER_KEY);
        market.withdraw(id);
        vm.prank(AGENT_KEY);
        market.withdraw(id);
        assertSegment(batch, 0, 0, 10, OWNER, State.Held, false);
    }

    /* TAKE ACROSS */

    /// @dev Two lots of different prices and batches: the first as a whole, the second from its front.
    function testFuzz_takeAcross(uint256 first, uint256 second, uint256 quantity) public {
        (BatchId batch, BatchId other) = (issueWind(1, 100), issueWind(2, 100));
        first = bound(first, 1, 100);
        second = bound(second, 1, 100);
        quantity = bound(quantity, 1, first + second);
        uint256[] memory ids = new uint256[](2);
        ids[0] = list(batch, 0, first);
        vm.prank(OWNER_KEY);
        ids[1] = market.list(other, 0, uint32(second), 400, 1);
        uint256 fromFirst = quantity < first ? quantity : first;
        uint256 fromSecond = quantity - fromFirst;

        _expectTraded(1, ids[0], batch, fromFirst, 350);
        if (fromSecond != 0) _expectTraded(2, ids[1], other, fromSecond, 400);
        vm.prank(PLATFORM_KEY);
        (uint256 firstTrade, uint256 lastTrade) = market.takeAcross(ids, uint32(quantity), BUYER, PLATFORM_ACCOUNT);
        assertEq(firstTrade, 1, "first trade");
        assertEq(lastTrade, fromSecond == 0 ? 1 : 2, "last trade");
        assertTrades(lastTrade);
        assertSegment(batch, 0, 0, fromFirst, BUYER, State.Held, true);
        if (fromSecond != 0) assertSegment(other, 0, 0, fromSecond, BUYER, State.Held, true);
        assertEq(certificates.balanceOf(BUYER), quantity, "balance of the buyer");
        if (fromFirst == first) assertEq(market.listingOf(ids[0]).platforms, 0, "the first lot is gone");
        else _assertListing(ids[0], fromFirst, first);
        if (fromSecond == second) assertEq(market.listingOf(ids[1]).platforms, 0, "the second lot is gone");
        else _assertListing(ids[1], fromSecond, second);
    }

    /// @dev As a whole or not at all; nothing is left of what was taken before the error.
    function testFuzz_takeAcross_refused(uint256 seed, uint256 quantity) public {
        BatchId batch = issueWind(1, 100);
        uint256[] memory ids = new uint256[](2);
        ids[0] = list(batch, 0, 10);
        ids[1] = list(batch, 10, 20);
        quantity = bound(quantity, 21, type(uint32).max);
        _expectAcross(abi.encodeWithSelector(IMarket.QuantityNotMet.selector, quantity, 20), ids, quantity, BUYER);
        _expectAcross(abi.encodeWithSelector(IMarket.QuantityNotMet.selector, 0, 0), ids, 0, BUYER);
        _expectAcross(abi.encodeWithSelector(IMarket.QuantityNotMet.selector, 5, 0), new uint256[](0), 5, BUYER);
        _expectAcross(abi.encodeWithSelector(IMarket.BuyerIsSeller.selector, OWNER), ids, 20, OWNER);
        address nobody = outsider(seed);
        _expectAcross(abi.encodeWithSelector(IMarket.AccountUnknown.selector, nobody), ids, 20, nobody);
        (uint256 known, uint256 gone) = (ids[1], bound(seed, 3, type(uint256).max));
        ids[1] = gone;
        _expectAcross(abi.encodeWithSelector(IMarket.ListingUnknown.selector, gone), ids, 11, BUYER);
        ids[1] = ids[0];
        _expectAcross(abi.encodeWithSelector(IMarket.ListingUnknown.selector, ids[0]), ids, 11, BUYER);
        vm.prank(OWNER_KEY);
        ids[1] = market.list(batch, 20, 30, 350, 2);
        _expectAcross(
            abi.encodeWithSelector(IMarket.PlatformNotNamed.selector, ids[1], PLATFORM_ACCOUNT), ids, 11, BUYER
        );
        ids[1] = known;
        assertTrades(0);
        _assertListing(ids[0], 0, 10);
        vm.prank(PLATFORM_KEY);
        market.takeAcross(ids, 20, BUYER, PLATFORM_ACCOUNT);
        assertTrades(2);
    }

    function testFuzz_takeAcross_sellersDiffer(uint256 quantity) public {
        BatchId batch = issueWind(1, 100);
        move(batch, 50, 100, OTHER_BUYER);
        uint256[] memory ids = new uint256[](3);
        ids[0] = list(batch, 0, 10);
        ids[1] = list(batch, 10, 20);
        vm.prank(OTHER_BUYER_KEY);
        ids[2] = market.list(batch, 50, 60, 350, 1);
        quantity = bound(quantity, 21, 30);
        _expectAcross(
            abi.encodeWithSelector(IMarket.SellersDiffer.selector, OWNER, OTHER_BUYER), ids, quantity, BUYER
        );
        vm.prank(PLATFORM_KEY);
        market.takeAcross(ids, 20, BUYER, PLATFORM_ACCOUNT);
        _assertListing(ids[2], 50, 60);
    }

    /* WITHDRAW ALL */

    /// @dev Own, another's, unknown and twice in one call.
    function testFuzz_withdrawAll(uint256 seed) public {
        BatchId batch = issueWind(1, 100);
        move(batch, 50, 100, OTHER_BUYER);
        uint256[] memory ids = new uint256[](5);
        ids[0] = list(batch, 0, 10);
        vm.prank(OTHER_BUYER_KEY);
        ids[1] = market.list(batch, 50, 60, 350, 1);
        ids[2] = bound(seed, 4, type(uint256).max);
        ids[3] = ids[0];
        ids[4] = list(batch, 10, 20);

        vm.recordLogs();
        _expectWithdrawn(ids[0], batch, 0, 10);
        _expectRefused(1, abi.encodeWithSelector(IMarket.MayNotAct.selector, OTHER_BUYER, OWNER_KEY));
        _expectRefused(2, abi.encodeWithSelector(IMarket.ListingUnknown.selector, ids[2]));
        _expectRefused(3, abi.encodeWithSelector(IMarket.ListingUnknown.selector, ids[0]));
        _expectWithdrawn(ids[4], batch, 10, 20);
        vm.prank(OWNER_KEY);
        market.withdrawAll(ids);
        assertEq(refusedSinceRecording(), 3, "refused");
        (,, address owner, State state,) = certificates.segmentAt(batch, 15);
        assertEq(owner, OWNER, "owner");
        assertEq(uint256(state), uint256(State.Held), "state");
        _assertListing(ids[1], 50, 60);
        vm.prank(OWNER_KEY);
        assertEq(market.list(batch, 5, 10, 1, 1), 4, "listed again under another number");
    }

    /// @dev By anybody once it expired, its project turned to CCER, or its holder's account was closed; not before.
    function testFuzz_withdrawAll_byAnybody(uint256 seed, uint256 reason) public {
        BatchId batch = issueDeepSea(1, 100);
        uint256[] memory ids = new uint256[](2);
        ids[0] = list(batch, 0, 50);
        ids[1] = list(batch, 50, 100);
        address nobody = outsider(seed);
        freezeAccount(OWNER, true);
        vm.warp(EXPIRY - 1);
        _expectRefused(0, abi.encodeWithSelector(IMarket.MayNotAct.selector, OWNER, nobody));
        _expectRefused(1, abi.encodeWithSelector(IMarket.MayNotAct.selector, OWNER, nobody));
        vm.prank(nobody);
        market.withdrawAll(ids);

        freezeAccount(OWNER, false);
        if (reason % 3 == 0) vm.warp(EXPIRY);
        if (reason % 3 == 1) chooseCcer(batch, true);
        if (reason % 3 == 2) closeAccount(OWNER);
        _expectWithdrawn(ids[0], batch, 0, 50);
        _expectWithdrawn(ids[1], batch, 50, 100);
        vm.prank(nobody);
        market.withdrawAll(ids);
        assertEq(market.listingOf(ids[1]).platforms, 0, "the listing is gone");
    }

    function testFuzz_withdrawOne_onlySelf(address caller) public {
        uint256 id = list(issueWind(1, 100), 0, 100);
        if (caller == address(market)) caller = OWNER_KEY;
        vm.expectRevert(abi.encodeWithSelector(IMarket.OnlySelf.selector));
        vm.prank(caller);
        market.withdrawOne(id, OWNER_KEY);
    }

    /* INTERNALS */

    function _expectList(
        address caller,
        bytes memory reason,
        BatchId batch,
        uint32 start,
        uint32 end,
        uint64 platforms
    ) private {
        vm.expectRevert(reason);
        vm.prank(caller);
        market.list(batch, start, end, 100, platforms);
    }

    function _expectTake(
        address caller,
        bytes memory reason,
        uint256 id,
        uint32 quantity,
        address buyer,
        address platform
    ) private {
        vm.expectRevert(reason);
        vm.prank(caller);
        market.take(id, quantity, buyer, platform);
    }

    function _assertListing(uint256 id, uint256 start, uint256 end) private view {
        Listing memory listing = market.listingOf(id);
        assertEq(listing.start, start, "start of the listing");
        assertEq(listing.end, end, "end of the listing");
    }

    function _expectAcross(bytes memory reason, uint256[] memory ids, uint256 quantity, address buyer) private {
        vm.expectRevert(reason);
        vm.prank(PLATFORM_KEY);
        market.takeAcross(ids, uint32(quantity), buyer, PLATFORM_ACCOUNT);
    }

    function _expectTraded(uint256 trade, uint256 id, BatchId batch, uint256 end, uint64 price) private {
        vm.expectEmit(address(market));
        emit IMarket.Traded(
            trade, id, batch, 0, uint32(end), OWNER, BUYER, price, PLATFORM_ACCOUNT, TradeWay.Listing
        );
    }

    function _expectWithdrawn(uint256 id, BatchId batch, uint32 start, uint32 end) private {
        vm.expectEmit(address(market));
        emit IMarket.Withdrawn(id, batch, start, end);
    }

    function _expectRefused(uint256 index, bytes memory reason) private {
        vm.expectEmit(address(market));
        emit IMarket.ItemRefused(index, reason);
    }
}
