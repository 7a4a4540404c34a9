// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC2309} from "@openzeppelin/contracts/interfaces/IERC2309.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Case, ICases, Remedy, Step} from "../../contracts/interfaces/ICases.sol";
import {Addition, Batch, Facts, ICertificates} from "../../contracts/interfaces/ICertificates.sol";
import {IRegistry} from "../../contracts/interfaces/IRegistry.sol";
import {BatchId} from "../../contracts/types/BatchId.sol";
import {CaseStage, Outcome, State} from "../../contracts/types/Classes.sol";
import {Disputes} from "./Disputes.sol";

/// @notice What a decision does: certificates in addition, fewer of them, or a trade given back (Q53, Q95).
contract CorrectionsTest is Disputes {
    BatchId private batch;
    uint256 private count;
    uint256 private metered;
    uint256 private deducted;

    /* IN ADDITION */

    function testFuzz_added(uint256 count_, uint256 carried, uint256 more) public {
        _begin(count_, carried, 1e6);
        more = bound(more, CERTIFICATE, 1e12);
        bytes32 oldHash = certificates.facts(batch.tokenId(0)).hash;
        uint24 caseId = checkedCase(batch, int64(int256(more)));
        uint32 end = uint32((metered + more) / CERTIFICATE);
        vm.expectEmit(address(registry));
        emit IRegistry.EnergyCorrected(
            windOf(1), MONTH, 0, caseId, int64(int256(more)), int32(uint32(end - count))
        );
        vm.expectEmit(address(cases));
        emit ICases.CaseDecided(
            caseId, AUTHORITY, Outcome.Added, int32(uint32(end - count)), DECIDED, "decided"
        );
        vm.expectEmit(address(certificates));
        emit ICertificates.Added(batch, uint32(count), end, OWNER, caseId, PROPOSED);
        vm.expectEmit(address(certificates));
        emit IERC2309.ConsecutiveTransfer(batch.tokenId(uint32(count)), batch.tokenId(end - 1), address(0), OWNER);
        vm.expectEmit(address(cases));
        emit ICases.CaseClosed(caseId, AUTHORITY);
        decide(caseId, Outcome.Added);
        metered += more;
        _assertEnded(caseId, Outcome.Added);
        assertEq(certificates.balanceOf(OWNER), end, "the first holder has them");
        _assertAdditions(1, caseId, count, end);
        assertSegment(batch, count - 1, 0, count, OWNER, State.Held, false);
        assertSegment(batch, count, count, end, OWNER, State.Held, false);
        _assertAdded(uint32(bound(more, count, end - 1)), caseId);
        (bool genuine,) = certificates.verify(oldHash);
        assertTrue(genuine, "what was issued before keeps its hash");
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, batch.tokenId(end)));
        certificates.facts(batch.tokenId(end));
    }

    /// @dev Less than one certificate: the carry takes it, and the case is over.
    function testFuzz_carryAlone(uint256 count_, uint256 carried, int64 wattHours) public {
        _begin(count_, carried, 1e6);
        int256 carry = int256(metered - count * CERTIFICATE);
        wattHours = int64(int256(bound(uint64(wattHours), 0, CERTIFICATE - 1)) - carry);
        vm.assume(wattHours != 0);
        Outcome outcome = wattHours > 0 ? Outcome.Added : Outcome.Deducted;
        uint24 caseId = checkedCase(batch, wattHours);
        vm.expectEmit(address(cases));
        emit ICases.CaseDecided(caseId, AUTHORITY, outcome, 0, DECIDED, "decided");
        vm.expectEmit(address(cases));
        emit ICases.CaseClosed(caseId, AUTHORITY);
        decide(caseId, outcome);
        metered = uint256(int256(metered) + wattHours);
        _assertEnded(caseId, outcome);
        assertEq(certificates.additionsOf(batch).length, 0, "no addition");
    }

    /// @dev Three batches of serials, each with a tree of its own: cuts in one do not show in the others.
    function testFuzz_addedTwice(uint256 first, uint256 second, uint256 seed) public {
        _begin(50, 0, 0);
        first = bound(first, 1, 60_000);
        second = bound(second, 1, 60_000);
        _cut(0, 50, seed);
        uint24 one = decidedCase(batch, int64(int256(first * CERTIFICATE)), Outcome.Added);
        _cut(50, 50 + first, seed >> 32);
        uint24 two = decidedCase(batch, int64(int256(second * CERTIFICATE)), Outcome.Added);
        _cut(50 + first, 50 + first + second, seed >> 64);
        _assertAdditions(1, one, 50, 50 + first);
        _assertAdditions(2, two, 50 + first, 50 + first + second);
        _assertCut(0, 50, seed);
        _assertCut(50, 50 + first, seed >> 32);
        _assertCut(50 + first, 50 + first + second, seed >> 64);
        _assertAdded(50, one);
        _assertAdded(uint32(50 + first - 1), one);
        _assertAdded(uint32(50 + first), two);
        _assertAdded(uint32(50 + first + second - 1), two);
        assertEq(certificates.facts(batch.tokenId(49)).batch.leaf, 0, "as issued");
        uint256 total = certificates.balanceOf(OWNER) + certificates.balanceOf(BUYER);
        assertEq(total, 50 + first + second, "all are held");
        vm.expectRevert(
            abi.encodeWithSelector(ICertificates.RangeNotUniform.selector, batch, 50 + first - 1, 50 + first + 1, 50 + first)
        );
        move(batch, 50 + first - 1, 50 + first + 1, BUYER);
    }

    /// @dev Additions are traded, retired and deducted like any other.
    function testFuzz_additionsLiveOn(uint256 seed) public {
        _begin(10, 0, 0);
        decidedCase(batch, 90_000_000, Outcome.Added);
        uint256 middle = bound(seed, 11, 98);
        sold(batch, 10, middle, BUYER);
        retire(batch, 10, middle, BUYER_KEY);
        list(batch, middle, 99);
        assertSegment(batch, 10, 10, middle, BUYER, State.Retired, true);
        assertSegment(batch, middle, middle, 99, OWNER, State.Listed, false);
        uint24 caseId = decidedCase(batch, -1_000_000, Outcome.Deducted);
        execute(caseId, stepOf(Remedy.Deduct, 99, 100));
        assertSegment(batch, 99, 99, 100, OWNER, State.Deducted, false);
        assertSegment(batch, 0, 0, 10, OWNER, State.Held, false);
    }

    function testFuzz_addedUpToTheLargestBatch(uint256 left, uint256 more) public {
        left = bound(left, 0, 1000);
        _begin(999_999_999 - left, 0, 0);
        assertEq(count, 999_999_999 - left, "count");
        more = bound(more, left + 1, 2_147_483_647);
        uint24 caseId = checkedCase(batch, int64(int256(more * CERTIFICATE)));
        vm.expectRevert(abi.encodeWithSelector(ICertificates.RangeEmpty.selector, count, count + more));
        decide(caseId, Outcome.Added);
        decide(caseId, Outcome.None);
        if (left == 0) return;
        propose(caseId, int64(int256(left * CERTIFICATE)));
        check(caseId, true);
        decide(caseId, Outcome.Added);
        assertEq(certificates.batchOf(batch).count, 999_999_999, "full");
        assertSegment(batch, 999_999_998, count, 999_999_999, OWNER, State.Held, false);
        _assertAdded(999_999_998, caseId);
    }

    /* FEWER */

    /// @dev The unsold ones first, in any order and in parts, also those in doubt.
    function testFuzz_deductedUnsold(uint256 count_, uint256 carried, uint256 less, uint256 cut) public {
        _begin(count_, carried, 1000);
        less = bound(less, 1, metered);
        uint24 caseId = open(batch, oneRange(0, (count + 1) / 2));
        propose(caseId, -int64(int256(less)));
        check(caseId, true);
        uint256 left = (metered - less) / CERTIFICATE;
        int32 change = -int32(uint32(count - left));
        vm.expectEmit(address(registry));
        emit IRegistry.EnergyCorrected(windOf(1), MONTH, 0, caseId, -int64(int256(less)), change);
        vm.expectEmit(address(cases));
        emit ICases.CaseDecided(caseId, AUTHORITY, Outcome.Deducted, change, DECIDED, "decided");
        decide(caseId, Outcome.Deducted);
        metered -= less;
        assertEq(cases.caseOf(caseId).owed, left == count ? 0 : count - left, "owed");
        _deduct(caseId, left, bound(cut, 0, count - left));
        _assertEnded(caseId, Outcome.Deducted);
        for (uint32 serial = 0; serial < count; ++serial) {
            (,, address owner, State state,) = certificates.segmentAt(batch, serial);
            assertEq(owner, OWNER, "owner");
            assertEq(uint256(state), uint256(serial < left ? State.Held : State.Deducted), "state");
        }
        assertEq(certificates.balanceOf(OWNER), left, "balance");
    }

    /// @dev A range that was sold and retired goes the whole way back, and nobody has it in between.
    function testFuzz_deductedSoldAndRetired(uint256 cut, bool retired) public {
        _begin(100, 0, 0);
        uint32 start = uint32(bound(cut, 1, 99));
        sold(batch, start, 100, BUYER);
        if (retired) retire(batch, start, 100, BUYER_KEY);
        uint24 caseId = decidedCase(batch, -100_000_000, Outcome.Deducted);
        metered = 0;
        Step[] memory steps = retired
            ? stepsOf(Remedy.UndoRetirement, Remedy.UndoTrade, Remedy.Deduct, start, 100)
            : stepsOf(Remedy.UndoTrade, Remedy.Deduct, start, 100);
        expectExecution(abi.encodeWithSelector(ICases.UnsoldLeft.selector, batch, 0, start), caseId, steps);
        execute(caseId, stepOf(Remedy.Deduct, 0, start));
        if (retired) {
            vm.expectEmit(address(certificates));
            emit ICertificates.RetirementUndone(batch, start, 100, BUYER, caseId);
            _expectTransfer(start, 100, address(0), BUYER);
        }
        vm.expectEmit(address(certificates));
        emit ICertificates.TradeUndone(batch, start, 100, BUYER, OWNER, caseId);
        _expectTransfer(start, 100, BUYER, OWNER);
        vm.expectEmit(address(certificates));
        emit ICertificates.Deducted(batch, start, 100, OWNER, caseId);
        _expectTransfer(start, 100, OWNER, address(0));
        vm.expectEmit(address(cases));
        emit ICases.CaseClosed(caseId, AUTHORITY);
        execute(caseId, steps);
        assertSegment(batch, start, start, 100, OWNER, State.Deducted, false);
        assertEq(certificates.balanceOf(BUYER), 0, "the buyer has none");
        assertEq(certificates.balanceOf(OWNER), 0, "the owner has none");
        deducted = 100;
        _assertEnded(caseId, Outcome.Deducted);
    }

    function testFuzz_execute_revertsInOrder(uint256 seed, uint24 unknown) public {
        _begin(10, 0, 0);
        sold(batch, 0, 5, BUYER);
        uint24 caseId = decidedCase(batch, -7_000_000, Outcome.Deducted);
        vm.prank(outsider(seed));
        vm.expectRevert(unauthorized(outsider(seed)));
        cases.execute(caseId, stepOf(Remedy.Deduct, 5, 10));
        unknown = uint24(bound(unknown, 2, type(uint24).max));
        expectExecution(abi.encodeWithSelector(ICases.CaseUnknown.selector, unknown), unknown, new Step[](0));
        bytes memory unsold = abi.encodeWithSelector(ICases.UnsoldLeft.selector, batch, 5, 10);
        expectExecution(unsold, caseId, stepOf(Remedy.UndoTrade, 0, 9));
        expectExecution(unsold, caseId, stepOf(Remedy.UndoRetirement, 0, 9));
        // The buyer's are not taken while the owner has some.
        expectExecution(unsold, caseId, stepOf(Remedy.Deduct, 0, 2));
        expectExecution(
            abi.encodeWithSelector(ICases.OwedExceeded.selector, caseId, 7, 8), caseId, stepOf(Remedy.Deduct, 5, 13)
        );
        execute(caseId, stepOf(Remedy.Deduct, 5, 10));
        expectExecution(
            abi.encodeWithSelector(ICases.OwedExceeded.selector, caseId, 2, 3), caseId, stepOf(Remedy.UndoTrade, 0, 3)
        );
        expectExecution(
            abi.encodeWithSelector(ICertificates.AlreadyTraded.selector, batch, 0, 2), caseId, stepOf(Remedy.Deduct, 0, 2)
        );
        expectExecution(
            abi.encodeWithSelector(ICertificates.RangeEmpty.selector, 5, 5), caseId, stepOf(Remedy.Deduct, 5, 5)
        );
        expectExecution(
            abi.encodeWithSelector(ICertificates.RangeEmpty.selector, 9, 3), caseId, stepOf(Remedy.Deduct, 9, 3)
        );
        expectExecution(
            abi.encodeWithSelector(ICertificates.StateIs.selector, batch, 5, State.Deducted),
            caseId,
            stepOf(Remedy.Deduct, 5, 7)
        );
        execute(caseId, stepsOf(Remedy.UndoTrade, Remedy.Deduct, 0, 2));
        expectExecution(
            abi.encodeWithSelector(ICases.CaseStageIs.selector, caseId, CaseStage.Closed), caseId, new Step[](0)
        );
    }

    /// @dev What is undone for a deduction is deducted by the steps that follow: nothing else comes of it.
    function testFuzz_execute_undoneIsDeducted(uint256 start, bool retired) public {
        _begin(10, 0, 0);
        sold(batch, 0, 10, BUYER);
        if (retired) retire(batch, 0, 10, BUYER_KEY);
        uint24 caseId = decidedCase(batch, -4_000_000, Outcome.Deducted);
        start = bound(start, 0, 6);
        Remedy undo = retired ? Remedy.UndoRetirement : Remedy.UndoTrade;
        bytes memory owed = abi.encodeWithSelector(ICases.StillOwed.selector, caseId, 4);
        expectExecution(owed, caseId, stepOf(undo, start, start + 4));
        Step[] memory steps = stepsOf(undo, Remedy.Deduct, start, start + 4);
        --steps[1].end;
        expectExecution(owed, caseId, steps);
        (steps[1].start, steps[1].end) = (steps[0].start + 1, steps[0].end);
        expectExecution(owed, caseId, steps);
        bytes memory traded =
            abi.encodeWithSelector(ICertificates.AlreadyTraded.selector, batch, start, start + 4);
        if (retired) {
            expectExecution(owed, caseId, stepsOf(undo, undo, start, start + 4));
            expectExecution(owed, caseId, stepsOf(undo, Remedy.UndoTrade, start, start + 4));
            expectExecution(traded, caseId, stepsOf(undo, Remedy.Deduct, start, start + 4));
        } else {
            bytes memory unsold = abi.encodeWithSelector(ICases.UnsoldLeft.selector, batch, start, start + 4);
            expectExecution(unsold, caseId, stepsOf(undo, undo, start, start + 4));
        }
        bytes memory stands = abi.encodeWithSelector(ICertificates.StateIs.selector, batch, start, State.Retired);
        expectExecution(retired ? stands : traded, caseId, stepOf(Remedy.Deduct, start, start + 4));
        assertEq(cases.caseOf(caseId).owed, 4, "nothing happened");
        assertSegment(batch, 0, 0, 10, BUYER, retired ? State.Retired : State.Held, true);
        steps = retired
            ? stepsOf(undo, Remedy.UndoTrade, Remedy.Deduct, start, start + 4)
            : stepsOf(undo, Remedy.Deduct, start, start + 4);
        execute(caseId, steps);
        assertSegment(batch, start, start, start + 4, OWNER, State.Deducted, false);
        assertEq(uint256(cases.caseOf(caseId).stage), uint256(CaseStage.Closed), "over");
    }

    /// @dev A lot on sale stands in the way until the authority withdraws it.
    function test_deduct_notWhatIsListed() public {
        _begin(10, 0, 0);
        uint256 listing = list(batch, 0, 10);
        uint24 caseId = decidedCase(batch, -3_000_000, Outcome.Deducted);
        expectExecution(
            abi.encodeWithSelector(ICertificates.StateIs.selector, batch, 0, State.Listed),
            caseId,
            stepOf(Remedy.Deduct, 0, 3)
        );
        vm.prank(AUTHORITY);
        market.withdraw(listing);
        execute(caseId, stepOf(Remedy.Deduct, 0, 3));
        assertSegment(batch, 0, 0, 3, OWNER, State.Deducted, false);
    }

    /// @dev Past its validity a certificate can still be deducted, retired ones too.
    function test_deduct_afterValidity() public {
        _begin(10, 0, 0);
        uint24 caseId = decidedCase(batch, -8_000_000, Outcome.Deducted);
        vm.warp(MONTH.expiresAt());
        certificates.retireDue(batch, 0, 5);
        execute(caseId, stepOf(Remedy.Deduct, 5, 10));
        execute(caseId, stepsOf(Remedy.UndoRetirement, Remedy.Deduct, 0, 3));
        assertSegment(batch, 0, 0, 3, OWNER, State.Deducted, false);
        assertSegment(batch, 3, 3, 5, OWNER, State.Retired, false);
    }

    /* UNDONE */

    function testFuzz_undoneTradeIsSoldAgain(uint256 cut, bool retired) public {
        _begin(100, 0, 0);
        uint32 middle = uint32(bound(cut, 1, 99));
        sold(batch, 0, 100, BUYER);
        if (retired) retire(batch, 0, 100, BUYER_KEY);
        uint24 caseId = decidedCase(batch, 0, Outcome.Undone);
        bytes memory reason = abi.encodeWithSelector(ICases.RemedyNotDecided.selector, caseId, Remedy.Deduct);
        expectExecution(reason, caseId, stepOf(Remedy.Deduct, 0, 100));
        if (retired) {
            vm.expectEmit(address(certificates));
            emit ICertificates.RetirementUndone(batch, 0, middle, BUYER, caseId);
            execute(caseId, stepOf(Remedy.UndoRetirement, 0, middle));
            assertSegment(batch, 0, 0, middle, BUYER, State.Held, true);
            assertEq(certificates.balanceOf(BUYER), middle, "the buyer has them again");
        }
        vm.expectEmit(address(certificates));
        emit ICertificates.TradeUndone(batch, 0, middle, BUYER, OWNER, caseId);
        execute(caseId, stepOf(Remedy.UndoTrade, 0, middle));
        assertSegment(batch, 0, 0, middle, OWNER, State.Held, false);
        assertSegment(batch, middle, middle, 100, BUYER, retired ? State.Retired : State.Held, true);
        vm.prank(AUTHORITY);
        cases.close(caseId);
        _assertEnded(caseId, Outcome.Undone);

        sold(batch, 0, middle, OTHER_BUYER);
        assertSegment(batch, 0, 0, middle, OTHER_BUYER, State.Held, true);
        assertEq(certificates.balanceOf(OTHER_BUYER), middle, "sold again");
        vm.expectRevert(
            abi.encodeWithSelector(ICertificates.AlreadyTraded.selector, batch, 0, middle)
        );
        vm.prank(OTHER_BUYER_KEY);
        market.list(batch, 0, middle, 350, 1);
    }

    function testFuzz_undo_whatIsNot(uint256 cut) public {
        _begin(100, 0, 0);
        uint32 middle = uint32(bound(cut, 1, 99));
        sold(batch, 0, middle, BUYER);
        uint24 caseId = decidedCase(batch, 0, Outcome.Undone);
        expectExecution(
            abi.encodeWithSelector(ICertificates.NotTraded.selector, batch, middle),
            caseId,
            stepOf(Remedy.UndoTrade, middle, 100)
        );
        expectExecution(
            abi.encodeWithSelector(ICertificates.StateIs.selector, batch, 0, State.Held),
            caseId,
            stepOf(Remedy.UndoRetirement, 0, middle)
        );
        retire(batch, 0, middle, BUYER_KEY);
        expectExecution(
            abi.encodeWithSelector(ICertificates.StateIs.selector, batch, 0, State.Retired),
            caseId,
            stepOf(Remedy.UndoTrade, 0, middle)
        );
        expectExecution(
            abi.encodeWithSelector(ICertificates.RangeNotUniform.selector, batch, 0, 100, middle),
            caseId,
            stepOf(Remedy.UndoTrade, 0, 100)
        );
    }

    /* INTERNALS */

    /// @dev A batch of at most `largest` certificates, or of exactly `count_` if that is 0.
    function _begin(uint256 count_, uint256 carried, uint256 largest) private {
        count = largest == 0 ? count_ : bound(count_, 1, largest);
        carried = bound(carried, 0, CERTIFICATE - 1);
        batch = issueWind(1, count, carried);
        metered = count * CERTIFICATE + carried;
    }

    /// @dev Moves a random piece of [start, end) to BUYER.
    function _cut(uint256 start, uint256 end, uint256 seed) private {
        (uint256 from, uint256 to) = _piece(start, end, seed);
        move(batch, from, to, BUYER);
    }

    function _piece(uint256 start, uint256 end, uint256 seed) private pure returns (uint256 from, uint256 to) {
        from = start + uint32(seed) % (end - start);
        to = from + 1 + uint256(keccak256(abi.encode(seed))) % (end - from);
    }

    function _assertCut(uint256 start, uint256 end, uint256 seed) private view {
        (uint256 from, uint256 to) = _piece(start, end, seed);
        assertSegment(batch, from, from, to, BUYER, State.Held, false);
        assertSegment(batch, to - 1, from, to, BUYER, State.Held, false);
        if (from > start) assertSegment(batch, start, start, from, OWNER, State.Held, false);
        if (to < end) assertSegment(batch, end - 1, to, end, OWNER, State.Held, false);
    }

    /// @dev Deducts [left, count) in two parts, the later one first, and in as few steps as its segments allow.
    function _deduct(uint24 caseId, uint256 left, uint256 cut) private {
        uint256 half = (count + 1) / 2;
        uint256 at = count;
        while (at > left) {
            uint256 from = at > half && left < half ? half : left;
            if (at > left + cut && left + cut > from) from = left + cut;
            vm.expectEmit(address(certificates));
            emit ICertificates.Deducted(batch, uint32(from), uint32(at), OWNER, caseId);
            execute(caseId, stepOf(Remedy.Deduct, from, at));
            deducted += at - from;
            at = from;
            if (at > left) assertEq(cases.caseOf(caseId).owed, at - left, "still owed");
        }
    }

    function _expectTransfer(uint32 start, uint32 end, address from, address to) private {
        vm.expectEmit(address(certificates));
        emit IERC2309.ConsecutiveTransfer(batch.tokenId(start), batch.tokenId(end - 1), from, to);
    }

    /* COMPARISONS */

    /// @dev The case is over, and what was metered is what there is (I3, I4).
    function _assertEnded(uint24 caseId, Outcome outcome) private view {
        Case memory found = cases.caseOf(caseId);
        assertEq(uint256(found.stage), uint256(CaseStage.Closed), "stage");
        assertEq(uint256(found.outcome), uint256(outcome), "outcome");
        assertEq(found.owed, 0, "owed");
        assertEq(cases.openCase(batch), 0, "no open case");
        uint256 issued = certificates.batchOf(batch).count;
        assertEq(certificates.issuedTotal(), issued, "issued in all");
        uint256 carry = registry.laneOf(windOf(1), 0).carry();
        assertEq((issued - deducted) * CERTIFICATE + carry, metered, "metered = issued - deducted + carry");
    }

    function _assertAdditions(uint256 number, uint24 caseId, uint256 start, uint256 end) private view {
        Addition[] memory found = certificates.additionsOf(batch);
        assertTrue(found.length >= number, "so many additions");
        Addition memory last = found[number - 1];
        assertEq(last.holder, OWNER, "holder");
        assertEq(last.start, start, "start");
        assertEq(last.end, end, "end");
        assertEq(last.caseId, caseId, "case");
        assertEq(last.basis, PROPOSED, "basis");
    }

    /// @dev The facts of an added certificate name the case and its evidence, and its hash verifies (I10).
    function _assertAdded(uint32 serial, uint24 caseId) private view {
        Batch memory known = certificates.batchOf(batch);
        uint256 token = batch.tokenId(serial);
        Facts memory facts = certificates.facts(token);
        assertEq(facts.batch.leaf, caseId, "case");
        assertEq(facts.readingsRoot, PROPOSED, "evidence");
        assertEq(facts.batch.commitment, known.commitment, "commitment");
        assertEq(facts.filingHash, registry.filingHash(windOf(1), 1), "filing");
        bytes32 digest = keccak256(
            abi.encode(
                uint8(1), block.chainid, address(certificates), uint96(token), PROPOSED, caseId, facts.filingHash
            )
        );
        bytes32 hash = bytes32((token << 160) | uint160(uint256(digest)));
        assertEq(facts.hash, hash, "hash");
        (bool genuine, Facts memory found) = certificates.verify(hash);
        assertTrue(genuine, "genuine");
        assertEq(found.tokenId, token, "certificate");
        (genuine,) = certificates.verify(bytes32(uint256(hash) ^ 1));
        assertTrue(!genuine, "another hash is not");
    }
}
