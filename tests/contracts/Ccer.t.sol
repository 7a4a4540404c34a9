// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Claim, ICertificates} from "../../contracts/interfaces/ICertificates.sol";
import {IMarket, Settlement} from "../../contracts/interfaces/IMarket.sol";
import {BatchId, BatchIdLibrary} from "../../contracts/types/BatchId.sol";
import {Electricity, RetirementReason, State, Technology} from "../../contracts/types/Classes.sol";
import {Month} from "../../contracts/types/Month.sol";
import {TradeWorld} from "./TradeWorld.sol";

/// @notice A project that turns to CCER (Q12, Q66, Q79): its untraded certificates stand still, its traded ones go on.
contract CcerTest is TradeWorld {
    /* CHOOSING */

    /// @dev Each way that an untraded certificate could go, and its way when the choice is withdrawn.
    function testFuzz_choosingFreezesTheUntraded(bool thermal, uint256 end, uint256 price) public {
        BatchId batch =
            issueOf(thermal ? Technology.SolarThermal : Technology.DeepSeaWind, Electricity.OnGrid, 1, 100);
        end = bound(end, 11, 100);
        uint256 id = list(batch, 0, 10);
        chooseCcer(batch, true);
        _expectStandstill(batch, id, end);
        assertSegment(batch, 0, 0, 10, OWNER, State.Listed, false);
        assertSegment(batch, 99, 10, 100, OWNER, State.Held, false);
        assertTrades(0);

        chooseCcer(batch, false);
        take(id, 5, BUYER);
        _settle(batch, end - 10, uint64(price));
        assertSegment(batch, end - 1, 10, end, BUYER, State.Held, true);
        assertTrades(2);
    }

    function test_withdrawingTheChoiceLetsRetireAndList() public {
        BatchId batch = issueDeepSea(1, 100);
        chooseCcer(batch, true);
        chooseCcer(batch, false);
        retire(OWNER_KEY, batch, 0, 50);
        list(batch, 50, 100);
        assertSegment(batch, 0, 0, 50, OWNER, State.Retired, false);
        assertSegment(batch, 50, 50, 100, OWNER, State.Listed, false);
    }

    /// @dev Traded ones are retired as if nothing had happened, and their project's later month stands still.
    function testFuzz_tradedGoOn(uint256 first, bool registered) public {
        BatchId batch = issueDeepSea(1, 100);
        first = bound(first, 1, 99);
        take(list(batch, 0, first), first, BUYER);
        chooseCcer(batch, true);
        if (registered) registerCcer(batch, 1520, 1521, "CCER-1");

        vm.expectRevert(abi.encodeWithSelector(ICertificates.NotDue.selector, batch, 0));
        certificates.retireDue(batch, 0, uint32(first));
        retire(BUYER_KEY, batch, 0, first);
        assertSegment(batch, 0, 0, first, BUYER, State.Retired, true);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.ChosenForCcer.selector, batch));
        retire(OWNER_KEY, batch, first, 100);
    }

    /// @dev ChosenForCcer is the last of the checks.
    function test_choiceIsAskedLast() public {
        BatchId batch = issueDeepSea(1, 100);
        uint256 id = list(batch, 0, 10);
        chooseCcer(batch, true);
        vm.warp(EXPIRY);
        bytes memory expired = abi.encodeWithSelector(ICertificates.Expired.selector, batch, EXPIRY);
        vm.expectRevert(expired);
        list(batch, 10, 20);
        vm.expectRevert(expired);
        take(id, 1, BUYER);
        vm.expectRevert(expired);
        retire(OWNER_KEY, batch, 10, 20);
        _expectRefused(expired);
        _settle(batch, 10, 0);
    }

    /// @dev An heir takes what stands still as it is.
    function test_successionWhileItStandsStill() public {
        BatchId batch = issueDeepSea(1, 100);
        chooseCcer(batch, true);
        move(batch, 0, 100, BUYER);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.ChosenForCcer.selector, batch));
        retire(BUYER_KEY, batch, 0, 100);
    }

    /// @dev The choice is the project's: every month, every class and no other project.
    function test_choiceHoldsForTheProject() public {
        BatchId batch = issueDeepSea(1, 100);
        BatchId selfUsed = issueOf(Technology.DeepSeaWind, Electricity.SelfUse, 1, 100);
        BatchId other = issueDeepSea(2, 100);
        chooseCcer(batch, true);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.ChosenForCcer.selector, selfUsed));
        retire(OWNER_KEY, selfUsed, 0, 100);
        retire(OWNER_KEY, other, 0, 100);
        BatchId next = _issueIn(batch, 1521);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.ChosenForCcer.selector, next));
        list(next, 0, 100);
    }

    /* REGISTERING */

    /// @dev Registered months, issued before or after, are retired; the others stand still.
    function testFuzz_registrationRetiresMonthsIssuedLater(uint256 from, uint256 to, uint256 month) public {
        from = bound(from, 1490, 1519);
        to = bound(to, from + 1, 1522);
        BatchId batch = issueDeepSea(1, 100);
        chooseCcer(batch, true);
        registerCcer(batch, from, to, "CCER-1");
        month = bound(month, 1500, 1522);
        BatchId later = month == 1520 ? batch : _issueIn(batch, month);

        if (month >= from && month < to) {
            Claim memory none;
            vm.expectEmit(address(certificates));
            emit ICertificates.Retired(later, 0, 100, OWNER, RetirementReason.Ccer, none);
            certificates.sweep(rangesOf(later, 0, 100));
            assertSegment(later, 0, 0, 100, OWNER, State.Retired, false);
        } else {
            vm.expectRevert(abi.encodeWithSelector(ICertificates.NotDue.selector, later, 0));
            certificates.retireDue(later, 0, 100);
            vm.expectRevert(abi.encodeWithSelector(ICertificates.ChosenForCcer.selector, later));
            list(later, 0, 100);
        }
    }

    /// @dev Withdrawing the choice frees what is not registered; a registered month is never sold again.
    function test_registeredMonthsStandStillForGood() public {
        BatchId batch = issueDeepSea(1, 100);
        BatchId next = _issueIn(batch, 1521);
        uint256 id = list(batch, 0, 10);
        chooseCcer(batch, true);
        registerCcer(batch, 1520, 1521, "CCER-1");
        chooseCcer(batch, false);
        _expectStandstill(batch, id, 100);
        list(next, 0, 100);

        vm.prank(STRANGER);
        market.withdraw(id);
        certificates.sweep(rangesOf(batch, 0, 10));
        certificates.sweep(rangesOf(batch, 10, 100));
        assertEq(certificates.balanceOf(OWNER), 100, "the next month's are left");
        assertSegment(batch, 0, 0, 10, OWNER, State.Retired, false);
    }

    /* INTERNALS */

    /// @dev 100 certificates of another month of the batch's project.
    function _issueIn(BatchId batch, uint256 month) private returns (BatchId) {
        Month other = Month.wrap(uint16(month));
        vm.warp(other.endsAt() > NOW ? other.endsAt() : NOW);
        issue(other, alone(leafOf(batch.project(), 0, 100 * CERTIFICATE)));
        return BatchIdLibrary.make(batch.project(), other, 0, true);
    }

    /// @dev [0, 10) is on sale by the listing, [10, 100) is held by OWNER.
    function _expectStandstill(BatchId batch, uint256 id, uint256 end) private {
        bytes memory reason = abi.encodeWithSelector(ICertificates.ChosenForCcer.selector, batch);
        vm.expectRevert(reason);
        list(batch, 10, end);
        vm.expectRevert(reason);
        take(id, 1, BUYER);
        vm.expectRevert(reason);
        retire(OWNER_KEY, batch, 10, end);
        _expectRefused(reason);
        _settle(batch, end - 10, 1);
    }

    /// @dev Settles the certificates [10, 10 + quantity) to BUYER.
    function _settle(BatchId batch, uint256 quantity, uint64 price) private {
        uint64 energy = uint64(quantity * CERTIFICATE);
        Settlement[] memory settlements = new Settlement[](1);
        settlements[0] = Settlement(
            keccak256("contract"), batch.project(), batch.month(), BUYER, energy, energy, energy, price, 1,
            rangesOf(batch, 10, 10 + quantity)
        );
        vm.prank(EXCHANGE);
        market.settle(settlements);
    }

    function _expectRefused(bytes memory reason) private {
        vm.expectEmit(address(market));
        emit IMarket.ItemRefused(0, reason);
    }
}
