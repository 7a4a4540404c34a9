// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICertificates} from "../../contracts/interfaces/ICertificates.sol";
import {IMarket, Listing} from "../../contracts/interfaces/IMarket.sol";
import {BatchId, BatchIdLibrary} from "../../contracts/types/BatchId.sol";
import {Electricity, State} from "../../contracts/types/Classes.sol";
import {ProjectId} from "../../contracts/types/ProjectId.sol";
import {World} from "./World.sol";

/// @notice Each entry point: its reverts in the order of its checks, then the success with all that it touches.
contract MarketTest is World {
    /* LIST */

    function testFuzz_list_revertsInOrder(uint256 seed, uint64 platforms) public {
        address nobody = outsider(seed);
        BatchId none = batchOf(windOf(99));
        BatchId batch = issueWind(1, 100);
        BatchId selfUsed = _issueSelfUsed();
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
        _freeze(selfUsed, 0, 5);
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
        _setFrozen(OWNER, true);
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
        _expectTake(nobody, unauthorized(nobody), id + 1, 0, nobody, OTHER_PLATFORM_ACCOUNT);
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
        _setFrozen(BUYER, true);
        vm.warp(MONTH.expiresAt());
        reason = abi.encodeWithSelector(IMarket.AccountFrozen.selector, BUYER);
        _expectTake(PLATFORM_KEY, reason, id, 10, BUYER, PLATFORM_ACCOUNT);
        reason = abi.encodeWithSelector(ICertificates.Expired.selector, batch, MONTH.expiresAt());
        _expectTake(PLATFORM_KEY, reason, id, 10, OWNER, PLATFORM_ACCOUNT);
        vm.warp(NOW);
        reason = abi.encodeWithSelector(IMarket.BuyerIsSeller.selector, OWNER);
        _expectTake(PLATFORM_KEY, reason, id, 10, OWNER, PLATFORM_ACCOUNT);
        _setFrozen(OWNER, true);
        reason = abi.encodeWithSelector(IMarket.AccountFrozen.selector, OWNER);
        _expectTake(PLATFORM_KEY, reason, id, 10, OTHER_BUYER, PLATFORM_ACCOUNT);
        _setFrozen(PLATFORM_ACCOUNT, true);
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
        emit IMarket.Traded(1, id, batch, uint32(start), uint32(middle), OWNER, BUYER, price, PLATFORM_ACCOUNT);
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

    /* INTERNALS */

    function _issueSelfUsed() private returns (BatchId) {
        ProjectId project = windOf(2);
        file(filingOf(project, OWNER, OWNER_KEY));
        issue(MONTH, alone(leafOf(project, 1, 10 * CERTIFICATE)));
        return BatchIdLibrary.make(project, MONTH, Electricity.SelfUse, false);
    }

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

    function _freeze(BatchId batch, uint32 start, uint32 end) private {
        vm.prank(AUTHORITY);
        certificates.freeze(batch, start, end, BASIS);
    }

    function _setFrozen(address account, bool frozen) private {
        vm.prank(AUTHORITY);
        registry.setFrozen(account, frozen, "");
    }
}
