// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {Roles} from "../../contracts/Roles.sol";
import {Commitment, IReadings} from "../../contracts/interfaces/IReadings.sol";
import {Month} from "../../contracts/types/Month.sol";
import {World} from "./World.sol";

/// @notice Each entry point: its reverts in the order of its checks, then the success with all that it touches.
contract ReadingsTest is World {
    bytes32 private constant EVIDENCE = keccak256("file");

    function testFuzz_commit_revertsInOrder(uint256 seed, uint24 unknown, uint256 ahead) public {
        address nobody = outsider(seed);
        Month running = Month.wrap(uint16(bound(ahead, 1521, 4000)));
        unknown = uint24(bound(unknown, 1, type(uint24).max));
        _expect(nobody, unauthorized(nobody), running, 0, 0, 0, unknown);
        _expect(PROVIDER, abi.encodeWithSelector(IReadings.RootZero.selector), running, 0, 0, 0, unknown);
        _expect(PROVIDER, abi.encodeWithSelector(IReadings.LeavesZero.selector), running, EVIDENCE, 0, 0, unknown);
        _expect(PROVIDER, abi.encodeWithSelector(IReadings.EvidenceZero.selector), running, EVIDENCE, 1, 0, unknown);
        bytes memory reason = abi.encodeWithSelector(IReadings.MonthNotEnded.selector, running, running.endsAt());
        _expect(PROVIDER, reason, running, EVIDENCE, 1, EVIDENCE, unknown);
        reason = abi.encodeWithSelector(IReadings.CommitmentUnknown.selector, unknown);
        _expect(PROVIDER, reason, MONTH, EVIDENCE, 1, EVIDENCE, unknown);
    }

    function testFuzz_replace_revertsInOrder(uint256 seed, uint256 month) public {
        Month other = Month.wrap(uint16(bound(month, 1400, 1519)));
        address second = outsider(seed);
        manager.grantRole(4, second, 0);
        uint24 old = _commit(PROVIDER, MONTH, 0);
        uint24 next = _commit(PROVIDER, MONTH, old);
        bytes memory reason = abi.encodeWithSelector(IReadings.CommitmentNotOwn.selector, old, PROVIDER);
        _expect(second, reason, other, EVIDENCE, 1, EVIDENCE, old);
        vm.expectRevert(reason);
        vm.prank(address(declarations));
        readings.commitDeclared(other, EVIDENCE, 1, 1, EVIDENCE, old);
        reason = abi.encodeWithSelector(IReadings.CommitmentOfOtherMonth.selector, old, MONTH);
        _expect(PROVIDER, reason, other, EVIDENCE, 1, EVIDENCE, old);
        reason = abi.encodeWithSelector(IReadings.CommitmentReplaced.selector, old, next);
        _expect(PROVIDER, reason, MONTH, EVIDENCE, 1, EVIDENCE, old);
    }

    function testFuzz_commit(bytes32 root, uint24 leaves, uint128 totalWh, bytes32 evidence, bool declared) public {
        if (root == 0 || evidence == 0) (root, evidence) = (EVIDENCE, EVIDENCE);
        leaves = uint24(bound(leaves, 1, type(uint24).max));
        address caller = declared ? address(declarations) : PROVIDER;
        for (uint24 id = 1; id <= 2; ++id) {
            vm.expectEmit(address(readings));
            emit IReadings.ReadingsCommitted(
                id, MONTH, caller, declared, root, leaves, totalWh, evidence, id - 1
            );
            vm.prank(caller);
            uint24 made = declared
                ? readings.commitDeclared(MONTH, root, leaves, totalWh, evidence, id - 1)
                : readings.commit(MONTH, root, leaves, totalWh, evidence, id - 1);
            assertEq(made, id, "id");
        }
        Commitment memory found = readings.commitment(1);
        assertEq(found.root, root, "root");
        assertEq(found.evidence, evidence, "evidence");
        assertEq(found.provider, caller, "provider");
        assertEq(Month.unwrap(found.month), Month.unwrap(MONTH), "month");
        assertEq(found.leaves, leaves, "leaves");
        assertEq(found.totalWh, totalWh, "total");
        assertEq(found.declared, declared, "declared");
        assertEq(found.replacedBy, 2, "the first is replaced");
        assertEq(readings.commitment(2).replacedBy, 0, "the second is in force");
        assertEq(readings.commitments(), 2, "number of commitments");
    }

    /// @dev The end of the month to the second, at 24:00 Beijing time.
    function test_commit_atTheEndOfTheMonth() public {
        Month running = Month.wrap(1521);
        vm.warp(running.endsAt() - 1);
        bytes memory reason = abi.encodeWithSelector(IReadings.MonthNotEnded.selector, running, running.endsAt());
        _expect(PROVIDER, reason, running, EVIDENCE, 1, EVIDENCE, 0);
        vm.warp(running.endsAt());
        assertEq(_commit(PROVIDER, running, 0), 1, "id");
    }

    /* APPROVING */

    function testFuzz_approve_revertsInOrder(uint256 seed, uint24 unknown, bytes32 other) public {
        uint24 old = _commit(PROVIDER, MONTH, 0);
        uint24 next = _commit(PROVIDER, MONTH, old);
        unknown = uint24(bound(unknown, next + 1, type(uint24).max));
        if (other == EVIDENCE) other = 0;
        address nobody = outsider(seed);
        _expectApproval(nobody, unauthorized(nobody), unknown, other);
        _expectApproval(OFFICER, abi.encodeWithSelector(IReadings.CommitmentUnknown.selector, unknown), unknown, 0);
        _expectApproval(OFFICER, abi.encodeWithSelector(IReadings.CommitmentUnknown.selector, 0), 0, 0);
        bytes memory reason = abi.encodeWithSelector(IReadings.CommitmentReplaced.selector, old, next);
        _expectApproval(OFFICER, reason, old, other);
        _approve(OFFICER, next);
        reason = abi.encodeWithSelector(IReadings.CommitmentRootIs.selector, next, EVIDENCE);
        _expectApproval(OFFICER, reason, next, other);
        reason = abi.encodeWithSelector(IReadings.ApprovedAlready.selector, next, OFFICER);
        _expectApproval(OFFICER, reason, next, EVIDENCE);
    }

    /// @dev Pushed or declared, whether or not anything asks for it; nothing else of the commitment changes.
    function testFuzz_approve(bytes32 root, uint24 leaves, uint128 totalWh, bool declared, uint8 quorum) public {
        if (root == 0) root = EVIDENCE;
        leaves = uint24(bound(leaves, 1, type(uint24).max));
        vm.startPrank(declared ? address(declarations) : PROVIDER);
        for (uint256 i = 0; i < 2; ++i) {
            if (declared) readings.commitDeclared(MONTH, root, leaves, totalWh, EVIDENCE, 0);
            else readings.commit(MONTH, root, leaves, totalWh, EVIDENCE, 0);
        }
        vm.stopPrank();
        readings.setQuorum(quorum);
        Commitment memory made = readings.commitment(2);
        assertEq(made.approvals, 0, "none before");
        address[2] memory officers = [OFFICER, OTHER_OFFICER];
        for (uint8 i = 0; i < 2; ++i) {
            assertTrue(!readings.approved(2, officers[i]), "not yet");
            vm.expectEmit(address(readings));
            emit IReadings.CommitmentApproved(2, officers[i], i + 1);
            vm.prank(officers[i]);
            readings.approve(2, root);
            assertTrue(readings.approved(2, officers[i]), "approved");
            assertTrue(!readings.approved(1, officers[i]), "of the other nothing");
            made.approvals = i + 1;
            assertEq(keccak256(abi.encode(readings.commitment(2))), keccak256(abi.encode(made)), "commitment");
        }
        assertEq(readings.commitment(1).approvals, 0, "the other has none");
        assertEq(readings.commitments(), 2, "number of commitments");
        assertEq(readings.quorum(), quorum, "quorum");
    }

    /// @dev Who approved was an officer then: it stays, and whoever is an officer again has still approved once.
    function test_approve_staysWhenTheRoleIsTaken() public {
        uint24 id = _commit(PROVIDER, MONTH, 0);
        _approve(OFFICER, id);
        manager.revokeRole(Roles.OFFICER, OFFICER);
        _expectApproval(OFFICER, unauthorized(OFFICER), id, EVIDENCE);
        assertTrue(readings.approved(id, OFFICER), "stays");
        manager.grantRole(Roles.OFFICER, OFFICER, 0);
        _expectApproval(OFFICER, abi.encodeWithSelector(IReadings.ApprovedAlready.selector, id, OFFICER), id, EVIDENCE);
        assertEq(readings.commitment(id).approvals, 1, "once");
    }

    /// @dev A commitment that takes another's place begins without approvals, even with the same root.
    function test_approve_doesNotGoOverToARevision() public {
        uint24 old = _commit(PROVIDER, MONTH, 0);
        _approve(OFFICER, old);
        uint24 next = _commit(PROVIDER, MONTH, old);
        assertEq(readings.commitment(next).approvals, 0, "approvals");
        assertTrue(!readings.approved(next, OFFICER), "approved");
        _approve(OFFICER, next);
        assertEq(readings.commitment(old).approvals, 1, "of the old");
    }

    function testFuzz_setQuorum(uint256 seed, uint8 first, uint8 second) public {
        address[5] memory callers = [outsider(seed), OFFICER, AUTHORITY, PROVIDER, GUARD];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(unauthorized(callers[i]));
            vm.prank(callers[i]);
            readings.setQuorum(0);
        }
        assertEq(readings.quorum(), 0, "at first");
        uint24 id = _commit(PROVIDER, MONTH, 0);
        vm.expectEmit(address(readings));
        emit IReadings.QuorumSet(first);
        readings.setQuorum(first);
        assertEq(readings.quorum(), first, "first");
        vm.expectEmit(address(readings));
        emit IReadings.QuorumSet(second);
        readings.setQuorum(second);
        assertEq(readings.quorum(), second, "second");
        assertEq(readings.commitments(), id, "number of commitments beside it");
    }

    /// @dev Where governance has a delay nobody is surprised by another quorum.
    function test_setQuorum_waitsWithGovernance() public {
        readings.setQuorum(2);
        bytes memory data = abi.encodeCall(readings.setQuorum, (0));
        manager.grantRole(manager.ADMIN_ROLE(), address(this), 7 days);
        (, uint32 delay) = manager.hasRole(manager.ADMIN_ROLE(), address(this));
        assertEq(delay, 7 days, "delay");
        bytes32 operation = manager.hashOperation(address(this), address(readings), data);
        vm.expectRevert(abi.encodeWithSelector(IAccessManager.AccessManagerNotScheduled.selector, operation));
        readings.setQuorum(0);
        manager.schedule(address(readings), data, 0);
        vm.expectRevert(abi.encodeWithSelector(IAccessManager.AccessManagerNotReady.selector, operation));
        readings.setQuorum(0);
        vm.warp(NOW + 7 days);
        readings.setQuorum(0);
        assertEq(readings.quorum(), 0, "quorum");
    }

    /* ISSUABLE */

    function testFuzz_issuable_revertsInOrder(uint8 quorum, uint24 unknown) public {
        quorum = uint8(bound(quorum, 2, type(uint8).max));
        uint24 old = _commit(PROVIDER, MONTH, 0);
        uint24 next = _commit(PROVIDER, MONTH, old);
        unknown = uint24(bound(unknown, next + 1, type(uint24).max));
        readings.setQuorum(quorum);
        vm.expectRevert(abi.encodeWithSelector(IReadings.CommitmentUnknown.selector, unknown));
        readings.issuable(unknown, 0);
        vm.expectRevert(abi.encodeWithSelector(IReadings.CommitmentReplaced.selector, old, next));
        readings.issuable(old, 0);
        vm.expectRevert(abi.encodeWithSelector(IReadings.ApprovalsMissing.selector, next, 0, quorum));
        readings.issuable(next, 0);
        _approve(OFFICER, next);
        vm.expectRevert(abi.encodeWithSelector(IReadings.ApprovalsMissing.selector, next, 1, quorum));
        readings.issuable(next, 0);
    }

    /// @dev As many as the quorum in force suffice, and more too; what it is raised to holds for what was made before.
    function testFuzz_issuable(bytes32 root, uint24 leaves, uint256 drawn, uint16 chunk) public {
        if (root == 0) root = EVIDENCE;
        leaves = uint24(bound(leaves, 1, type(uint24).max));
        vm.prank(PROVIDER);
        readings.commit(MONTH, root, leaves, 1, EVIDENCE, 0);
        vm.prank(address(certificates));
        readings.draw(1, chunk, drawn);
        _assertIssuable(root, leaves, drawn, chunk);
        readings.setQuorum(1);
        vm.expectRevert(abi.encodeWithSelector(IReadings.ApprovalsMissing.selector, 1, 0, 1));
        readings.issuable(1, chunk);
        address[2] memory officers = [OFFICER, OTHER_OFFICER];
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(officers[i]);
            readings.approve(1, root);
            _assertIssuable(root, leaves, drawn, chunk);
        }
        readings.setQuorum(3);
        vm.expectRevert(abi.encodeWithSelector(IReadings.ApprovalsMissing.selector, 1, 2, 3));
        readings.issuable(1, chunk);
        readings.setQuorum(2);
        _assertIssuable(root, leaves, drawn, chunk);
    }

    function _assertIssuable(bytes32 root, uint24 leaves, uint256 drawn, uint16 chunk) private view {
        (Month month, uint24 size, bytes32 found, uint256 issued) = readings.issuable(1, chunk);
        assertEq(Month.unwrap(month), Month.unwrap(MONTH), "month");
        assertEq(size, leaves, "leaves");
        assertEq(found, root, "root");
        assertEq(issued, drawn, "issued");
    }

    /* DRAWING */

    function testFuzz_draw_byCertificatesOnly(address caller, uint256 leaves) public {
        if (caller == address(certificates)) caller = AUTHORITY;
        vm.expectRevert(unauthorized(caller));
        vm.prank(caller);
        readings.draw(1, 0, leaves);
        vm.startPrank(address(certificates));
        readings.draw(1, 3, leaves);
        readings.draw(1, 3, 5);
        assertEq(readings.drawn(1, 3), leaves | 5, "drawn");
        assertEq(readings.drawn(1, 2), 0, "another chunk");
        vm.stopPrank();
    }

    function _approve(address officer, uint24 id) private {
        vm.prank(officer);
        readings.approve(id, EVIDENCE);
    }

    function _expectApproval(address caller, bytes memory reason, uint24 id, bytes32 root) private {
        vm.expectRevert(reason);
        vm.prank(caller);
        readings.approve(id, root);
    }

    function _commit(address caller, Month month, uint24 replaces) private returns (uint24) {
        vm.prank(caller);
        return readings.commit(month, EVIDENCE, 1, 1, EVIDENCE, replaces);
    }

    function _expect(
        address caller,
        bytes memory reason,
        Month month,
        bytes32 root,
        uint24 leaves,
        bytes32 evidence,
        uint24 replaces
    ) private {
        vm.expectRevert(reason);
        vm.prank(caller);
        readings.commit(month, root, leaves, 1, evidence, replaces);
    }
}
