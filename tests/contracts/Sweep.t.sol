// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC2309} from "@openzeppelin/contracts/interfaces/IERC2309.sol";
import {Claim, ICertificates} from "../../contracts/interfaces/ICertificates.sol";
import {IMarket} from "../../contracts/interfaces/IMarket.sol";
import {BatchId, BatchIdLibrary} from "../../contracts/types/BatchId.sol";
import {RetirementReason, State} from "../../contracts/types/Classes.sol";
import {Month} from "../../contracts/types/Month.sol";
import {Range} from "../../contracts/types/Range.sol";
import {TradeWorld} from "./TradeWorld.sol";

/// @notice Retiring what has to be retired: why, in which order of reasons, and what stays; warnings before it.
contract SweepTest is TradeWorld {
    /// @dev First second of 2028-07 in Beijing, three months before EXPIRY.
    uint64 private constant WARNING = 1_845_993_600;
    /// @dev First second of 2026-01 in Beijing, which early certificates lived to (Q28), and three months before.
    uint64 private constant TRANSITION = 1_767_196_800;
    uint64 private constant TRANSITION_WARNING = 1_759_248_000;

    /* RETIRE DUE */

    /// @dev A traded one is no matter of CCER; else CCER comes before expiry, and that before the closed account.
    function testFuzz_retireDue_reasons(bool traded, bool registered, bool expired, bool closed, uint256 end)
        public
    {
        end = bound(end, 1, 99);
        BatchId batch = issueDeepSea(1, 100);
        address holder = OWNER;
        if (traded) {
            holder = BUYER;
            take(list(batch, 0, 100), 100, BUYER);
        }
        if (registered) {
            chooseCcer(batch, true);
            registerCcer(batch, 1520, 1521, "CCER-1");
        }
        if (closed) closeAccount(holder);
        vm.warp(expired ? EXPIRY : EXPIRY - 1);

        RetirementReason reason = RetirementReason.None;
        if (registered && !traded) reason = RetirementReason.Ccer;
        else if (expired) reason = RetirementReason.Expired;
        else if (closed) reason = RetirementReason.AccountClosed;
        if (reason == RetirementReason.None) {
            vm.expectRevert(abi.encodeWithSelector(ICertificates.NotDue.selector, batch, 0));
            certificates.retireDue(batch, 0, uint32(end));
            return;
        }
        _expectRetired(batch, 0, end, holder, reason);
        certificates.retireDue(batch, 0, uint32(end));
        assertSegment(batch, 0, 0, end, holder, State.Retired, traded);
        assertSegment(batch, 99, end, 100, holder, State.Held, traded);
        assertEq(certificates.balanceOf(holder), 100 - end, "balance");
        assertEq(certificates.issuedTotal(), 100, "what was issued stays issued");
    }

    /// @dev To choose CCER retires nothing yet, and a frozen account is not a closed one.
    function test_retireDue_notYet() public {
        BatchId batch = issueDeepSea(1, 100);
        chooseCcer(batch, true);
        registerCcer(batch, 1519, 1520, "the month before");
        registerCcer(batch, 1521, 1522, "the month after");
        freezeAccount(OWNER, true);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.NotDue.selector, batch, 0));
        certificates.retireDue(batch, 0, 100);
    }

    /// @dev In doubt, on sale or gone: due or not, they wait.
    function testFuzz_retireDue_heldOnly(uint256 seed) public {
        BatchId batch = issueWind(1, 100);
        list(batch, 0, 10);
        freezeRange(batch, 10, 20);
        retire(OWNER_KEY, batch, 20, 30);
        vm.warp(bound(seed, NOW, 2 * uint256(EXPIRY)));
        _expectStateIs(batch, 0, 10, State.Listed);
        _expectStateIs(batch, 10, 20, State.Frozen);
        _expectStateIs(batch, 20, 30, State.Retired);
    }

    /* SWEEP */

    function testFuzz_sweep_goodAndBadMixed(uint256 caller) public {
        BatchId old = _issueOlder(1, 100);
        BatchId young = issueWind(2, 100);
        BatchId none = batchOf(windOf(9));
        freezeRange(old, 10, 20);
        list(old, 20, 30);
        vm.warp(EXPIRY - 1);

        Range[] memory ranges = new Range[](9);
        ranges[0] = rangeOf(old, 0, 10);
        ranges[1] = rangeOf(none, 5, 5);
        ranges[2] = rangeOf(old, 5, 5);
        ranges[3] = rangeOf(old, 9, 11);
        ranges[4] = rangeOf(old, 10, 20);
        ranges[5] = rangeOf(old, 20, 30);
        ranges[6] = rangeOf(old, 0, 10);
        ranges[7] = rangeOf(young, 0, 100);
        ranges[8] = rangeOf(old, 30, 100);

        vm.recordLogs();
        _expectRetired(old, 0, 10, OWNER, RetirementReason.Expired);
        _expectRefused(1, abi.encodeWithSelector(ICertificates.BatchUnknown.selector, none));
        _expectRefused(2, abi.encodeWithSelector(ICertificates.RangeEmpty.selector, 5, 5));
        _expectRefused(3, abi.encodeWithSelector(ICertificates.RangeNotUniform.selector, old, 9, 11, 10));
        _expectRefused(4, abi.encodeWithSelector(ICertificates.StateIs.selector, old, 10, State.Frozen));
        _expectRefused(5, abi.encodeWithSelector(ICertificates.StateIs.selector, old, 20, State.Listed));
        _expectRefused(6, abi.encodeWithSelector(ICertificates.StateIs.selector, old, 0, State.Retired));
        _expectRefused(7, abi.encodeWithSelector(ICertificates.NotDue.selector, young, 0));
        _expectRetired(old, 30, 100, OWNER, RetirementReason.Expired);
        vm.prank(outsider(caller));
        certificates.sweep(ranges);

        assertEq(refusedSinceRecording(), 7, "refused");
        assertEq(certificates.balanceOf(OWNER), 120, "frozen, listed and young ones stay");
        assertSegment(old, 15, 10, 20, OWNER, State.Frozen, false);
        assertSegment(old, 25, 20, 30, OWNER, State.Listed, false);
        assertSegment(young, 0, 0, 100, OWNER, State.Held, false);
    }

    /// @dev What stands on sale is withdrawn first; both by anybody, once it is due for whichever reason.
    function testFuzz_sweep_listedAfterWithdrawal(uint256 caller, uint256 reason, uint256 first) public {
        BatchId batch = issueDeepSea(1, 100);
        first = bound(first, 1, 99);
        uint256[] memory ids = new uint256[](2);
        ids[0] = list(batch, 0, first);
        ids[1] = list(batch, first, 100);
        vm.startPrank(outsider(caller));
        vm.expectRevert(abi.encodeWithSelector(IMarket.MayNotAct.selector, OWNER, outsider(caller)));
        market.withdraw(ids[0]);
        vm.stopPrank();
        _makeDue(batch, reason % 3);

        vm.startPrank(outsider(caller));
        market.withdrawAll(ids);
        certificates.sweep(rangesOf(batch, 0, first));
        certificates.sweep(rangesOf(batch, first, 100));
        vm.stopPrank();
        assertEq(certificates.balanceOf(OWNER), 0, "balance");
        assertEq(market.listingOf(ids[0]).platforms, 0, "first listing");
        assertEq(market.listingOf(ids[1]).platforms, 0, "second listing");
        (,,, State state,) = certificates.segmentAt(batch, uint32(first));
        assertEq(uint256(state), uint256(State.Retired), "state");
    }

    function test_sweep_nothing() public {
        vm.recordLogs();
        certificates.sweep(new Range[](0));
        assertEq(vm.getRecordedLogs().length, 0, "events");
    }

    /// @dev Many ranges of one batch, in any order, end what there is of it.
    function testFuzz_sweep_piecesInAnyOrder(uint256 seed) public {
        BatchId batch = issueWind(1, 64);
        vm.warp(EXPIRY);
        Range[] memory ranges = new Range[](16);
        for (uint256 i = 0; i < 16; ++i) {
            uint256 piece = (i * 5 + seed % 16) % 16;
            ranges[i] = rangeOf(batch, 4 * piece, 4 * piece + 4);
        }
        vm.recordLogs();
        certificates.sweep(ranges);
        assertEq(refusedSinceRecording(), 0, "refused");
        assertEq(certificates.balanceOf(OWNER), 0, "balance");
    }

    /* WARN */

    function testFuzz_warn(uint256 caller, uint256 time) public {
        vm.warp(bound(time, WARNING, EXPIRY - 1));
        vm.expectEmit(address(certificates));
        emit ICertificates.ExpiryNear(MONTH, EXPIRY);
        vm.prank(outsider(caller));
        certificates.warn(MONTH);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.WarnedAlready.selector, MONTH));
        certificates.warn(MONTH);
    }

    /// @dev Before and after the three months, warned of or not.
    function testFuzz_warn_outsideTheMonths(uint256 before, uint256 later, bool warned) public {
        if (warned) {
            vm.warp(WARNING);
            certificates.warn(MONTH);
        }
        bytes memory reason = abi.encodeWithSelector(ICertificates.ExpiryNotNear.selector, MONTH, WARNING);
        vm.warp(bound(before, 1, WARNING - 1));
        vm.expectRevert(reason);
        certificates.warn(MONTH);
        vm.warp(bound(later, EXPIRY, type(uint64).max));
        vm.expectRevert(reason);
        certificates.warn(MONTH);
    }

    function test_warn_monthByMonth() public {
        vm.warp(WARNING);
        certificates.warn(Month.wrap(1518));
        certificates.warn(Month.wrap(1519));
        certificates.warn(MONTH);
        vm.expectRevert();
        certificates.warn(Month.wrap(1521));
    }

    /// @dev Certificates of before 2024 ended together (Q28); each of their months is warned of by itself.
    function testFuzz_warn_earlyMonths(uint256 month) public {
        Month early = Month.wrap(uint16(bound(month, 0, 1486)));
        vm.warp(TRANSITION_WARNING);
        vm.expectEmit(address(certificates));
        emit ICertificates.ExpiryNear(early, TRANSITION);
        certificates.warn(early);
        certificates.warn(Month.wrap(1487));
        vm.expectRevert(abi.encodeWithSelector(ICertificates.WarnedAlready.selector, early));
        certificates.warn(early);
        vm.warp(TRANSITION);
        vm.expectRevert(
            abi.encodeWithSelector(ICertificates.ExpiryNotNear.selector, early, TRANSITION_WARNING)
        );
        certificates.warn(early);
    }

    /* INTERNALS */

    /// @dev Of the month before MONTH, so that it expires a month earlier.
    function _issueOlder(uint256 sequence, uint256 count) private returns (BatchId) {
        file(filingOf(windOf(sequence), OWNER, OWNER_KEY));
        issue(Month.wrap(1519), alone(leafOf(windOf(sequence), 0, count * CERTIFICATE)));
        return BatchIdLibrary.make(windOf(sequence), Month.wrap(1519), 0, true);
    }

    function _makeDue(BatchId batch, uint256 reason) private {
        if (reason == 0) vm.warp(EXPIRY);
        if (reason == 1) closeAccount(OWNER);
        if (reason == 2) {
            chooseCcer(batch, true);
            registerCcer(batch, 1520, 1521, "CCER-1");
        }
    }

    function _expectStateIs(BatchId batch, uint256 start, uint256 end, State state) private {
        vm.expectRevert(abi.encodeWithSelector(ICertificates.StateIs.selector, batch, start, state));
        certificates.retireDue(batch, uint32(start), uint32(end));
    }

    function _expectRetired(BatchId batch, uint256 start, uint256 end, address holder, RetirementReason reason)
        private
    {
        Claim memory none;
        vm.expectEmit(address(certificates));
        emit ICertificates.Retired(batch, uint32(start), uint32(end), holder, reason, none);
        vm.expectEmit(address(certificates));
        emit IERC2309.ConsecutiveTransfer(
            batch.tokenId(uint32(start)), batch.tokenId(uint32(end - 1)), holder, address(0)
        );
    }

    function _expectRefused(uint256 index, bytes memory reason) private {
        vm.expectEmit(address(certificates));
        emit ICertificates.ItemRefused(index, reason);
    }
}
