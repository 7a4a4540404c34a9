// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Case, ICases, Remedy, Serials, Step} from "../../contracts/interfaces/ICases.sol";
import {ICertificates} from "../../contracts/interfaces/ICertificates.sol";
import {IRegistry} from "../../contracts/interfaces/IRegistry.sol";
import {BatchId} from "../../contracts/types/BatchId.sol";
import {CaseStage, Outcome, State} from "../../contracts/types/Classes.sol";
import {Lane} from "../../contracts/types/Lane.sol";
import {Month} from "../../contracts/types/Month.sol";
import {ProjectId} from "../../contracts/types/ProjectId.sol";
import {Disputes} from "./Disputes.sol";

/// @notice The stages of a dispute, none of them skipped (Q95); what a decision does is in `Corrections.t.sol`.
contract CasesTest is Disputes {
    BatchId private batch;

    function setUp() public override {
        super.setUp();
        batch = issueWind(1, 100, 700_000);
    }

    /* OPENING */

    function testFuzz_open_revertsInOrder(uint256 seed, uint32 start) public {
        address nobody = outsider(seed);
        ProjectId project = windOf(9);
        BatchId none = batchOf(project);
        bytes memory reason = abi.encodeWithSelector(ICases.MayNotAct.selector, address(0), OWNER_KEY);
        _expectOpening(OWNER_KEY, reason, none, noSerials(), 0, "");
        reason = abi.encodeWithSelector(ICases.MayNotAct.selector, OWNER, nobody);
        _expectOpening(nobody, reason, batch, oneRange(9, 9), 0, "");
        _expectOpening(
            AUTHORITY, abi.encodeWithSelector(ICases.MayNotAct.selector, OWNER, AUTHORITY), batch, noSerials(), 0, ""
        );
        bytes memory evidence = abi.encodeWithSelector(ICases.EvidenceZero.selector);
        _expectOpening(OWNER_KEY, evidence, batch, oneRange(9, 9), 0, "");
        _expectOpening(
            OWNER_KEY, abi.encodeWithSelector(ICases.ReasonEmpty.selector), batch, oneRange(9, 9), DISPUTED, ""
        );
        uint24 caseId = open(batch, noSerials());
        reason = abi.encodeWithSelector(ICases.CaseStands.selector, batch, caseId);
        _expectOpening(OWNER_KEY, reason, batch, oneRange(9, 9), DISPUTED, "why");
        vm.prank(OWNER_KEY);
        cases.close(caseId);

        file(filingOf(project, OWNER, OWNER_KEY));
        reason = abi.encodeWithSelector(ICertificates.BatchUnknown.selector, none);
        _expectOpening(OWNER_KEY, reason, none, noSerials(), DISPUTED, "why");
        _expectOpening(OWNER_KEY, reason, none, oneRange(9, 9), DISPUTED, "why");
        start = uint32(bound(start, 50, 98));
        reason = abi.encodeWithSelector(ICertificates.RangeEmpty.selector, start, start);
        _expectOpening(OWNER_KEY, reason, batch, oneRange(start, start), DISPUTED, "why");
        reason = abi.encodeWithSelector(ICertificates.RangeNotUniform.selector, batch, start, 101, 100);
        _expectOpening(OWNER_KEY, reason, batch, oneRange(start, 101), DISPUTED, "why");
        sold(batch, 50, 100, BUYER);
        reason = abi.encodeWithSelector(ICertificates.NotHolder.selector, batch, start, BUYER);
        _expectOpening(OWNER_KEY, reason, batch, oneRange(start, 99), DISPUTED, "why");
        list(batch, 0, 50);
        reason = abi.encodeWithSelector(ICertificates.StateIs.selector, batch, start - 50, State.Listed);
        _expectOpening(OWNER_KEY, reason, batch, oneRange(start - 50, 50), DISPUTED, "why");
    }

    /// @dev What is in doubt is frozen, and nothing else; no range twice.
    function testFuzz_open(uint256 cut, bytes32 evidence, string calldata reason) public {
        vm.assume(evidence != 0 && bytes(reason).length != 0);
        Serials[] memory doubtful = new Serials[](2);
        uint256 start = bound(cut, 1, 40);
        uint256 end = bound(cut >> 64, 60, 90);
        doubtful[0] = Serials(uint32(end), 99);
        doubtful[1] = Serials(uint32(start), uint32(start + 5));
        vm.expectEmit(address(cases));
        emit ICases.CaseOpened(1, batch, OWNER, doubtful, evidence, reason);
        vm.expectEmit(address(certificates));
        emit ICertificates.Frozen(batch, uint32(end), 99, bytes32(uint256(1)));
        vm.expectEmit(address(certificates));
        emit ICertificates.Frozen(batch, uint32(start), uint32(start + 5), bytes32(uint256(1)));
        vm.prank(OWNER_KEY);
        assertEq(cases.open(batch, doubtful, evidence, reason), 1, "case");

        assertSegment(batch, start, start, start + 5, OWNER, State.Frozen, false);
        assertSegment(batch, end, end, 99, OWNER, State.Frozen, false);
        assertSegment(batch, 0, 0, start, OWNER, State.Held, false);
        assertSegment(batch, start + 5, start + 5, end, OWNER, State.Held, false);
        assertSegment(batch, 99, 99, 100, OWNER, State.Held, false);
        assertEq(certificates.balanceOf(OWNER), 100, "the owner holds them");
        _assertCase(1, CaseStage.Opened, Outcome.None, 0, 0, 0);
        Serials[] memory found = cases.doubtfulOf(1);
        assertEq(keccak256(abi.encode(found)), keccak256(abi.encode(doubtful)), "in doubt");
        assertEq(cases.openCase(batch), 1, "open case");
        assertEq(cases.cases(), 1, "number of cases");
    }

    function test_open_sameRangeTwice() public {
        Serials[] memory doubtful = new Serials[](2);
        (doubtful[0], doubtful[1]) = (Serials(0, 10), Serials(5, 8));
        bytes memory reason = abi.encodeWithSelector(ICertificates.StateIs.selector, batch, 5, State.Frozen);
        _expectOpening(OWNER_KEY, reason, batch, doubtful, DISPUTED, "why");
        assertEq(cases.cases(), 0, "no case");
        assertSegment(batch, 0, 0, 100, OWNER, State.Held, false);
    }

    /// @dev Several cases of several batches, one a batch.
    function testFuzz_oneCaseABatch(bool ended) public {
        BatchId other = issueWind(2, 5, 0);
        uint24 first = open(batch, noSerials());
        uint24 second = open(other, noSerials());
        assertEq(second, 2, "second case");
        vm.prank(OWNER_KEY);
        if (ended) cases.close(first);
        else cases.close(second);
        assertEq(cases.openCase(batch), ended ? 0 : first, "case of the batch");
        assertEq(cases.openCase(other), ended ? second : 0, "case of the other batch");
        assertEq(open(ended ? batch : other, noSerials()), 3, "third case");
    }

    /* PROPOSING, CHECKING, DECIDING */

    function testFuzz_stages_revertInOrder(uint256 seed, uint24 unknown, int64 wattHours) public {
        address nobody = outsider(seed);
        uint24 caseId = open(batch, noSerials());
        unknown = uint24(bound(unknown, 2, type(uint24).max));
        _expectStages(nobody, nobody, nobody, unauthorized(nobody), caseId, 0, "");
        _expectStages(OFFICE, EXCHANGE, OWNER_KEY, "", caseId, 0, "");
        bytes memory reason = abi.encodeWithSelector(ICases.CaseUnknown.selector, unknown);
        _expectStages(EXCHANGE, OFFICE, AUTHORITY, reason, unknown, 0, "");
        _expectOthers(caseId, CaseStage.Opened);
        _expectArguments(caseId, 0);
        propose(caseId, wattHours);
        _expectOthers(caseId, CaseStage.Proposed);
        _expectArguments(caseId, 1);
        check(caseId, true);
        _expectOthers(caseId, CaseStage.Checked);
        _expectArguments(caseId, 2);
        decide(caseId, Outcome.Rejected);
        _expectOthers(caseId, CaseStage.Closed);
    }

    function testFuzz_propose(int64 wattHours, bytes32 evidence, string calldata reason, uint256 later) public {
        vm.assume(evidence != 0 && bytes(reason).length != 0);
        uint24 caseId = open(batch, noSerials());
        vm.warp(NOW + later % 3650 days);
        vm.expectEmit(address(cases));
        emit ICases.CaseProposed(caseId, EXCHANGE, wattHours, evidence, reason);
        vm.prank(EXCHANGE);
        cases.propose(caseId, wattHours, evidence, reason);
        _assertCase(caseId, CaseStage.Proposed, Outcome.None, wattHours, 0, evidence);
    }

    /// @dev The office sends a proposal back; the exchange proposes anew, and the last proposal counts.
    function testFuzz_check(int64 first, int64 second, uint256 later) public {
        uint24 caseId = open(batch, noSerials());
        propose(caseId, first);
        vm.warp(NOW + later % 3650 days);
        vm.expectEmit(address(cases));
        emit ICases.CaseChecked(caseId, OFFICE, false, CHECKED, "checked");
        check(caseId, false);
        _assertCase(caseId, CaseStage.Opened, Outcome.None, first, 0, PROPOSED);
        propose(caseId, second);
        vm.expectEmit(address(cases));
        emit ICases.CaseChecked(caseId, OFFICE, true, CHECKED, "checked");
        check(caseId, true);
        _assertCase(caseId, CaseStage.Checked, Outcome.None, second, 0, PROPOSED);
    }

    /// @dev Added takes more energy, deducted less, undone none; a case can always be rejected or sent back.
    function testFuzz_decide_outcomeFitsTheProposal(int64 wattHours, uint8 kind) public {
        if (kind % 4 == 0) wattHours = 0;
        uint24 caseId = checkedCase(batch, wattHours);
        if (wattHours <= 0) _expectOutcome(caseId, Outcome.Added, wattHours);
        if (wattHours >= 0) _expectOutcome(caseId, Outcome.Deducted, wattHours);
        if (wattHours != 0) _expectOutcome(caseId, Outcome.Undone, wattHours);
        _assertCase(caseId, CaseStage.Checked, Outcome.None, wattHours, 0, PROPOSED);
        decide(caseId, kind % 2 == 0 ? Outcome.None : Outcome.Rejected);
    }

    function testFuzz_decide_sentBack(int64 wattHours, uint256 later) public {
        uint24 caseId = open(batch, oneRange(10, 20));
        propose(caseId, wattHours);
        check(caseId, true);
        vm.warp(NOW + later % 600 days);
        vm.expectEmit(address(cases));
        emit ICases.CaseDecided(caseId, AUTHORITY, Outcome.None, 0, DECIDED, "decided");
        decide(caseId, Outcome.None);
        _assertCase(caseId, CaseStage.Opened, Outcome.None, wattHours, 0, PROPOSED);
        assertEq(cases.openCase(batch), caseId, "still open");
        assertSegment(batch, 10, 10, 20, OWNER, State.Frozen, false);
        assertEq(registry.laneOf(windOf(1), 0).carry(), 700_000, "nothing is corrected");
        propose(caseId, 1);
        check(caseId, true);
        decide(caseId, Outcome.Added);
        _assertCase(caseId, CaseStage.Closed, Outcome.Added, 1, 0, PROPOSED);
    }

    function testFuzz_decide_rejected(int64 wattHours, uint256 cut) public {
        uint256 start = bound(cut, 0, 98);
        uint24 caseId = open(batch, oneRange(start, 99));
        propose(caseId, wattHours);
        check(caseId, true);
        vm.expectEmit(address(cases));
        emit ICases.CaseDecided(caseId, AUTHORITY, Outcome.Rejected, 0, DECIDED, "decided");
        vm.expectEmit(address(certificates));
        emit ICertificates.Unfrozen(batch, uint32(start), 99, bytes32(uint256(caseId)));
        vm.expectEmit(address(cases));
        emit ICases.CaseClosed(caseId, AUTHORITY);
        decide(caseId, Outcome.Rejected);
        _assertCase(caseId, CaseStage.Closed, Outcome.Rejected, wattHours, 0, PROPOSED);
        assertEq(cases.openCase(batch), 0, "no open case");
        assertSegment(batch, start, start, 99, OWNER, State.Held, false);
        assertEq(registry.laneOf(windOf(1), 0).carry(), 700_000, "nothing is corrected");
        assertEq(certificates.issuedTotal(), 100, "nothing is issued");
    }

    /// @dev What the month cannot bear is refused, and the case can still be sent back and rejected.
    function testFuzz_decide_outOfReach(int64 wattHours, bool rejected) public {
        wattHours = int64(-int256(bound(uint64(wattHours), 100_700_001, uint256(1) << 63)));
        uint24 caseId = checkedCase(batch, wattHours);
        _expectOutOfReach(caseId, wattHours);
        decide(caseId, rejected ? Outcome.Rejected : Outcome.None);
        if (rejected) return;
        propose(caseId, -100_700_000);
        check(caseId, true);
        decide(caseId, Outcome.Deducted);
        _assertCase(caseId, CaseStage.Decided, Outcome.Deducted, -100_700_000, 100, PROPOSED);
        execute(caseId, stepOf(Remedy.Deduct, 0, 100));
        _assertCase(caseId, CaseStage.Closed, Outcome.Deducted, -100_700_000, 0, PROPOSED);
    }

    /// @dev What earlier cases deducted cannot be deducted again.
    function testFuzz_decide_outOfReachOfWhatIsLeft(uint256 first, uint256 second) public {
        first = bound(first, 1, 100);
        uint24 caseId = decidedCase(batch, -int64(int256(first * CERTIFICATE)), Outcome.Deducted);
        execute(caseId, stepOf(Remedy.Deduct, 100 - first, 100));
        second = bound(second, 1, 200);
        int64 wattHours = -int64(int256(second * CERTIFICATE));
        caseId = checkedCase(batch, wattHours);
        if (first + second > 100) _expectOutOfReach(caseId, wattHours);
        else decide(caseId, Outcome.Deducted);
        uint256 owed = first + second > 100 ? 0 : second;
        assertEq(cases.caseOf(caseId).owed, owed, "owed");
    }

    function test_decide_monthForgotten() public {
        uint24 caseId = checkedCase(batch, 5_000_000);
        Month later = Month.wrap(1552);
        vm.warp(later.endsAt());
        issue(later, alone(leafOf(windOf(1), 0, 1)));
        vm.expectRevert(abi.encodeWithSelector(IRegistry.CorrectionOutOfReach.selector, windOf(1), int64(5_000_000)));
        decide(caseId, Outcome.Added);
        decide(caseId, Outcome.Rejected);
        assertEq(cases.openCase(batch), 0, "no open case");
    }

    /* CLOSING */

    function testFuzz_close_revertsInOrder(uint256 seed, uint24 unknown) public {
        address nobody = outsider(seed);
        unknown = uint24(bound(unknown, 2, type(uint24).max));
        uint24 caseId = open(batch, noSerials());
        _expectClosing(nobody, abi.encodeWithSelector(ICases.CaseUnknown.selector, unknown), unknown);
        _expectClosing(nobody, abi.encodeWithSelector(ICases.MayNotAct.selector, OWNER, nobody), caseId);
        _expectClosing(AUTHORITY, abi.encodeWithSelector(ICases.MayNotAct.selector, OWNER, AUTHORITY), caseId);
        propose(caseId, -5_000_000);
        check(caseId, true);
        _expectClosing(AUTHORITY, abi.encodeWithSelector(ICases.MayNotAct.selector, OWNER, AUTHORITY), caseId);
        decide(caseId, Outcome.Deducted);
        _expectClosing(OWNER_KEY, abi.encodeWithSelector(ICases.MayNotAct.selector, OWNER, OWNER_KEY), caseId);
        _expectClosing(AUTHORITY, abi.encodeWithSelector(ICases.StillOwed.selector, caseId, 5), caseId);
        execute(caseId, stepOf(Remedy.Deduct, 0, 2));
        _expectClosing(AUTHORITY, abi.encodeWithSelector(ICases.StillOwed.selector, caseId, 3), caseId);
        execute(caseId, stepOf(Remedy.Deduct, 2, 5));
        bytes memory reason = abi.encodeWithSelector(ICases.CaseStageIs.selector, caseId, CaseStage.Closed);
        _expectClosing(nobody, reason, caseId);
        _expectClosing(AUTHORITY, reason, caseId);
    }

    /// @dev The claimant withdraws at any stage before the decision; what is in doubt is freed, exactly.
    function testFuzz_close_byTheClaimant(uint256 stage, uint256 cut) public {
        uint256 start = bound(cut, 1, 50);
        vm.prank(AUTHORITY);
        certificates.freeze(batch, 80, 90, BASIS);
        uint24 caseId = open(batch, oneRange(start, 60));
        vm.prank(AUTHORITY);
        certificates.unfreeze(batch, uint32(start), uint32(start + 1), BASIS);
        if (stage % 3 > 0) propose(caseId, 1);
        if (stage % 3 > 1) check(caseId, true);
        vm.expectEmit(address(certificates));
        emit ICertificates.Unfrozen(batch, uint32(start + 1), 60, bytes32(uint256(caseId)));
        vm.expectEmit(address(cases));
        emit ICases.CaseClosed(caseId, OWNER_KEY);
        vm.prank(OWNER_KEY);
        cases.close(caseId);
        assertEq(uint256(cases.caseOf(caseId).stage), uint256(CaseStage.Closed), "stage");
        assertEq(uint256(cases.caseOf(caseId).outcome), uint256(Outcome.None), "no outcome");
        assertEq(cases.openCase(batch), 0, "no open case");
        assertEq(cases.dueAt(caseId), 0, "nothing is due");
        for (uint32 serial = 0; serial < 100; ++serial) {
            (,, address owner, State state,) = certificates.segmentAt(batch, serial);
            assertEq(owner, OWNER, "owner");
            bool frozen = serial >= 80 && serial < 90;
            assertEq(uint256(state), uint256(frozen ? State.Frozen : State.Held), "only the other freeze lasts");
        }
    }

    function test_close_byTheAuthority() public {
        uint24 caseId = open(batch, oneRange(10, 20));
        propose(caseId, 0);
        check(caseId, true);
        decide(caseId, Outcome.Undone);
        _assertCase(caseId, CaseStage.Decided, Outcome.Undone, 0, 0, PROPOSED);
        _expectClosing(OWNER_KEY, abi.encodeWithSelector(ICases.MayNotAct.selector, OWNER, OWNER_KEY), caseId);
        vm.expectEmit(address(certificates));
        emit ICertificates.Unfrozen(batch, 10, 20, bytes32(uint256(caseId)));
        vm.expectEmit(address(cases));
        emit ICases.CaseClosed(caseId, AUTHORITY);
        vm.prank(AUTHORITY);
        cases.close(caseId);
        _assertCase(caseId, CaseStage.Closed, Outcome.Undone, 0, 0, PROPOSED);
    }

    /// @dev A claimant that cannot act any more: the others still bring the case to its end.
    function testFuzz_claimantIsFrozenOrClosed(bool closed) public {
        uint24 caseId = open(batch, oneRange(0, 100));
        vm.startPrank(AUTHORITY);
        if (closed) registry.close(OWNER, "");
        else registry.setFrozen(OWNER, true, "");
        vm.stopPrank();
        _expectClosing(OWNER_KEY, abi.encodeWithSelector(ICases.MayNotAct.selector, OWNER, OWNER_KEY), caseId);
        propose(caseId, 1);
        check(caseId, true);
        decide(caseId, Outcome.Rejected);
        assertEq(cases.openCase(batch), 0, "no open case");
        assertSegment(batch, 0, 0, 100, OWNER, State.Held, false);
    }

    /* DEADLINES */

    function testFuzz_dueAt(uint16[4] calldata limits, uint256 step) public {
        step = step % 1000 days;
        vm.expectEmit(address(cases));
        emit ICases.DeadlinesSet(limits[0], limits[1], limits[2], limits[3]);
        vm.prank(AUTHORITY);
        cases.setDeadlines(limits[0], limits[1], limits[2], limits[3]);
        uint24 caseId = open(batch, noSerials());
        _assertDue(caseId, limits[0]);
        vm.warp(block.timestamp + step);
        propose(caseId, 0);
        _assertDue(caseId, limits[1]);
        vm.warp(block.timestamp + step);
        check(caseId, false);
        _assertDue(caseId, limits[0]);
        propose(caseId, 0);
        check(caseId, true);
        _assertDue(caseId, limits[2]);
        vm.warp(block.timestamp + step);
        decide(caseId, Outcome.Undone);
        _assertDue(caseId, limits[3]);
        vm.prank(AUTHORITY);
        cases.close(caseId);
        assertEq(cases.dueAt(caseId), 0, "a closed case");
    }

    function testFuzz_deadlines_fromTheBeginning(uint256 seed, uint24 unknown) public {
        address nobody = outsider(seed);
        vm.expectRevert(unauthorized(nobody));
        vm.prank(nobody);
        cases.setDeadlines(1, 1, 1, 1);
        uint24 caseId = open(batch, noSerials());
        _assertDue(caseId, 10);
        propose(caseId, 0);
        _assertDue(caseId, 10);
        check(caseId, true);
        _assertDue(caseId, 10);
        decide(caseId, Outcome.Undone);
        _assertDue(caseId, 20);
        assertEq(cases.dueAt(unknown == caseId ? 2 : unknown), 0, "no case");
    }

    /* COMPARISONS */

    function _assertDue(uint24 caseId, uint256 days_) private view {
        assertEq(cases.caseOf(caseId).since, block.timestamp, "since");
        assertEq(cases.dueAt(caseId), block.timestamp + days_ * 1 days, "due");
    }

    function _assertCase(
        uint24 caseId,
        CaseStage stage,
        Outcome outcome,
        int64 wattHours,
        uint256 owed,
        bytes32 evidence
    ) private view {
        Case memory found = cases.caseOf(caseId);
        assertEq(BatchId.unwrap(found.batch), BatchId.unwrap(batch), "batch");
        assertEq(found.claimant, OWNER, "claimant");
        assertEq(uint256(found.stage), uint256(stage), "stage");
        assertEq(uint256(found.outcome), uint256(outcome), "outcome");
        assertTrue(found.wattHours == wattHours, "energy");
        assertEq(found.owed, owed, "owed");
        assertEq(found.evidence, evidence, "evidence");
        assertEq(found.since, block.timestamp, "since");
    }

    /* REFUSALS */

    function _expectOpening(
        address caller,
        bytes memory error,
        BatchId of_,
        Serials[] memory doubtful,
        bytes32 evidence,
        string memory reason
    ) private {
        vm.expectRevert(error);
        vm.prank(caller);
        cases.open(of_, doubtful, evidence, reason);
    }

    /// @dev An empty `error` says that each caller lacks the role.
    function _expectStages(
        address proposer,
        address checker,
        address decider,
        bytes memory error,
        uint24 caseId,
        bytes32 evidence,
        string memory reason
    ) private {
        bool unfit = error.length == 0;
        vm.expectRevert(unfit ? unauthorized(proposer) : error);
        vm.prank(proposer);
        cases.propose(caseId, 1, evidence, reason);
        vm.expectRevert(unfit ? unauthorized(checker) : error);
        vm.prank(checker);
        cases.check(caseId, true, evidence, reason);
        vm.expectRevert(unfit ? unauthorized(decider) : error);
        vm.prank(decider);
        cases.decide(caseId, Outcome.Added, evidence, reason);
        vm.expectRevert(unfit ? unauthorized(decider) : error);
        vm.prank(decider);
        cases.execute(caseId, new Step[](1));
    }

    /// @dev At a stage every other step is refused, whatever its arguments.
    function _expectOthers(uint24 caseId, CaseStage stage) private {
        bytes memory error = abi.encodeWithSelector(ICases.CaseStageIs.selector, caseId, stage);
        if (stage != CaseStage.Opened) {
            vm.expectRevert(error);
            vm.prank(EXCHANGE);
            cases.propose(caseId, 1, 0, "");
        }
        if (stage != CaseStage.Proposed) {
            vm.expectRevert(error);
            vm.prank(OFFICE);
            cases.check(caseId, true, 0, "");
        }
        if (stage != CaseStage.Checked) {
            vm.expectRevert(error);
            vm.prank(AUTHORITY);
            cases.decide(caseId, Outcome.Added, 0, "");
        }
        expectExecution(error, caseId, stepOf(Remedy.Deduct, 9, 9));
    }

    function _expectArguments(uint24 caseId, uint256 stage) private {
        for (uint256 i = 0; i < 2; ++i) {
            bytes32 evidence = i == 0 ? bytes32(0) : DISPUTED;
            vm.expectRevert(
                abi.encodeWithSelector(i == 0 ? ICases.EvidenceZero.selector : ICases.ReasonEmpty.selector)
            );
            vm.prank(stage == 0 ? EXCHANGE : stage == 1 ? OFFICE : AUTHORITY);
            if (stage == 0) cases.propose(caseId, 1, evidence, "");
            else if (stage == 1) cases.check(caseId, true, evidence, "");
            else cases.decide(caseId, Outcome.Added, evidence, "");
        }
    }

    function _expectOutcome(uint24 caseId, Outcome outcome, int64 wattHours) private {
        vm.expectRevert(abi.encodeWithSelector(ICases.OutcomeNotProposed.selector, outcome, wattHours));
        decide(caseId, outcome);
    }

    function _expectOutOfReach(uint24 caseId, int64 wattHours) private {
        vm.expectRevert(abi.encodeWithSelector(IRegistry.CorrectionOutOfReach.selector, windOf(1), wattHours));
        decide(caseId, Outcome.Deducted);
        Lane lane = registry.laneOf(windOf(1), 0);
        assertEq(lane.carry(), 700_000, "nothing is corrected");
        assertEq(uint256(cases.caseOf(caseId).stage), uint256(CaseStage.Checked), "not decided");
    }

    function _expectClosing(address caller, bytes memory error, uint24 caseId) private {
        vm.expectRevert(error);
        vm.prank(caller);
        cases.close(caseId);
    }
}
