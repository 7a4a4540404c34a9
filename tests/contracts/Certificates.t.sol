// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC2309} from "@openzeppelin/contracts/interfaces/IERC2309.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Batch, Claim, Facts, ICertificates} from "../../contracts/interfaces/ICertificates.sol";
import {Filing} from "../../contracts/interfaces/IRegistry.sol";
import {BatchId} from "../../contracts/types/BatchId.sol";
import {LeafRefusal, MoveKind, RetirementReason, State, Technology} from "../../contracts/types/Classes.sol";
import {Leaf} from "../../contracts/types/Leaf.sol";
import {Month} from "../../contracts/types/Month.sol";
import {ProjectId} from "../../contracts/types/ProjectId.sol";
import {Trees} from "./Trees.sol";
import {World} from "./World.sol";

/// @notice Each entry point: its reverts in the order of its checks, then the success with all that it touches.
contract CertificatesTest is World {
    /* ISSUE */

    function testFuzz_issue_revertsInOrder(address caller, uint256 seed) public {
        uint256[] memory leaves = _leaves(300, seed);
        uint24 commitment = commit(MONTH, leaves);
        uint256[] memory first = Trees.chunk(leaves, 0);
        bytes32[] memory proof = Trees.proof(leaves, 0);
        caller = outsider(uint160(caller));

        vm.expectRevert(unauthorized(caller));
        vm.prank(caller);
        certificates.issue(99, 9, first, proof);

        vm.startPrank(AUTHORITY);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.CommitmentUnknown.selector, 99));
        certificates.issue(99, 9, leaves, new bytes32[](0));
        vm.stopPrank();

        vm.prank(PROVIDER);
        uint24 next = readings.commit(MONTH, Trees.root(leaves), 300, 1, keccak256("e"), commitment);
        vm.startPrank(AUTHORITY);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.CommitmentReplaced.selector, commitment, next));
        certificates.issue(commitment, 9, leaves, new bytes32[](0));
        _requireApproval(next, leaves);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.ChunkOutOfRange.selector, next, 2));
        certificates.issue(next, 2, leaves, new bytes32[](0));
        vm.expectRevert(abi.encodeWithSelector(ICertificates.ChunkLength.selector, 256, 300));
        certificates.issue(next, 0, leaves, new bytes32[](0));
        vm.expectRevert(abi.encodeWithSelector(ICertificates.ChunkLength.selector, 44, 256));
        certificates.issue(next, 1, first, proof);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.ChunkNotInCommitment.selector, next, 0));
        certificates.issue(next, 0, first, new bytes32[](0));
        uint256 right = first[seed % 256];
        first[seed % 256] = right ^ (uint256(1) << (seed >> 8) % 256);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.ChunkNotInCommitment.selector, next, 0));
        certificates.issue(next, 0, first, proof);
        first[seed % 256] = right;
        vm.expectRevert(abi.encodeWithSelector(ICertificates.NothingToIssue.selector, next, 0));
        certificates.issue(next, 0, first, proof);
        vm.stopPrank();
    }

    /// @dev Within the order of refusals; the authority's prank goes on after it.
    function _requireApproval(uint24 commitment, uint256[] memory leaves) private {
        vm.stopPrank();
        readings.setQuorum(2);
        vm.prank(OFFICER);
        readings.approve(commitment, Trees.root(leaves));
        vm.expectRevert(abi.encodeWithSelector(ICertificates.ApprovalsMissing.selector, commitment, 1, 2));
        vm.prank(AUTHORITY);
        certificates.issue(commitment, 9, leaves, new bytes32[](0));
        vm.prank(OTHER_OFFICER);
        readings.approve(commitment, Trees.root(leaves));
        vm.startPrank(AUTHORITY);
    }

    /// @dev Two officers of those there are: one is not enough, whoever of them it is; two are, and again for what is
    /// left of the chunk, unless more are asked for meanwhile.
    function testFuzz_issue_whatOfficersApproved(bool other) public {
        uint256[] memory leaves = new uint256[](2);
        leaves[0] = leafOf(windOf(1), 0, 5 * CERTIFICATE);
        leaves[1] = leafOf(windOf(2), 0, 7 * CERTIFICATE);
        file(filingOf(windOf(1), OWNER, OWNER_KEY));
        uint24 commitment = commit(MONTH, leaves);
        readings.setQuorum(2);
        _expectMissing(commitment, leaves, 0, 2);
        _approve(other ? OTHER_OFFICER : OFFICER, commitment, leaves);
        _expectMissing(commitment, leaves, 1, 2);
        _approve(other ? OFFICER : OTHER_OFFICER, commitment, leaves);
        vm.prank(AUTHORITY);
        assertEq(certificates.issue(commitment, 0, leaves, new bytes32[](0)), 1, "the first leaf");

        file(filingOf(windOf(2), OWNER, OWNER_KEY));
        readings.setQuorum(3);
        _expectMissing(commitment, leaves, 2, 3);
        readings.setQuorum(0);
        vm.prank(AUTHORITY);
        assertEq(certificates.issue(commitment, 0, leaves, new bytes32[](0)), 2, "the other leaf");
        assertEq(certificates.balanceOf(OWNER), 12, "balance");
    }

    function _approve(address officer, uint24 commitment, uint256[] memory leaves) private {
        vm.prank(officer);
        readings.approve(commitment, Trees.root(leaves));
    }

    function _expectMissing(uint24 commitment, uint256[] memory leaves, uint8 approvals, uint8 quorum) private {
        vm.expectRevert(
            abi.encodeWithSelector(ICertificates.ApprovalsMissing.selector, commitment, approvals, quorum)
        );
        vm.prank(AUTHORITY);
        certificates.issue(commitment, 0, leaves, new bytes32[](0));
    }

    function testFuzz_issue(uint256 wattHours, uint256 carried) public {
        wattHours = bound(wattHours, CERTIFICATE, 999_999_998 * CERTIFICATE);
        carried = bound(carried, 0, CERTIFICATE - 1);
        ProjectId project = windOf(1);
        file(filingOf(project, OWNER, OWNER_KEY));
        issue(Month.wrap(1519), alone(leafOf(project, 0, carried)));
        uint256 count = (wattHours + carried) / CERTIFICATE;
        BatchId batch = batchOf(project);
        uint256[] memory leaves = alone(leafOf(project, 0, wattHours));
        uint24 commitment = commit(MONTH, leaves);

        vm.expectEmit(address(certificates));
        emit IERC2309.ConsecutiveTransfer(batch.tokenId(0), batch.tokenId(uint32(count - 1)), address(0), OWNER);
        vm.expectEmit(address(certificates));
        emit ICertificates.Issued(commitment, 0, 1, leaves);
        vm.prank(AUTHORITY);
        assertEq(certificates.issue(commitment, 0, leaves, new bytes32[](0)), 1, "issued leaves");

        Batch memory made = certificates.batchOf(batch);
        assertEq(made.holder, OWNER, "first holder");
        assertEq(made.count, count, "count");
        assertEq(made.commitment, commitment, "commitment");
        assertEq(made.leaf, 0, "leaf");
        assertEq(made.filing, 1, "filing");
        assertSegment(batch, count - 1, 0, count, OWNER, State.Held, false);
        assertEq(registry.laneOf(project, 0).carry(), (wattHours + carried) % CERTIFICATE, "carry");
        assertEq(Month.unwrap(registry.laneOf(project, 0).latest()), Month.unwrap(MONTH), "latest month");
        assertEq(registry.laneOf(project, 0).window(), 3, "window");
        assertEq(certificates.issuedTotal(), count, "total");
        assertEq(certificates.balanceOf(OWNER), count, "balance");
        assertEq(readings.drawn(commitment, 0), 1, "drawn");
    }

    /// @dev A leaf for each refusal stands beside a good one; all but the good one are told, none stops the chunk.
    function test_issue_refusesLeafByLeaf() public {
        file(filingOf(windOf(1), OWNER, OWNER_KEY));
        file(filingOf(windOf(2), OTHER_OWNER, OTHER_OWNER_KEY));
        ProjectId young = windOf(3);
        _fileFrom(young, Month.wrap(1521));
        ProjectId storage_ = projectOf(Technology.Storage, PROVINCE, 4);
        file(filingOf(storage_, OWNER, OWNER_KEY));

        uint256[] memory leaves = new uint256[](7);
        leaves[0] = leafOf(windOf(99), 0, CERTIFICATE);
        leaves[1] = leafOf(windOf(1), 0, 3 * CERTIFICATE);
        leaves[2] = leafOf(windOf(1), 0, 3 * CERTIFICATE + 1);
        leaves[3] = leafOf(young, 0, CERTIFICATE);
        leaves[4] = leafOf(storage_, 0, CERTIFICATE);
        leaves[5] = leafOf(windOf(1), 4, CERTIFICATE);
        leaves[6] = leafOf(windOf(1), 1, 1_000_000_000 * CERTIFICATE);
        uint24 commitment = commit(MONTH, leaves);
        _expectRefusal(commitment, 0, LeafRefusal.ProjectNotApproved);
        _expectRefusal(commitment, 2, LeafRefusal.MonthAlreadyIssued);
        _expectRefusal(commitment, 3, LeafRefusal.BeforeGridConnection);
        _expectRefusal(commitment, 4, LeafRefusal.NotIssuable);
        _expectRefusal(commitment, 5, LeafRefusal.NotIssuable);
        _expectRefusal(commitment, 6, LeafRefusal.TooMany);
        vm.prank(AUTHORITY);
        assertEq(certificates.issue(commitment, 0, leaves, new bytes32[](0)), 2, "issued leaves");
        assertEq(certificates.issuedTotal(), 3, "total");
    }

    function testFuzz_issue_refusesWhatIsTooOld(uint256 age) public {
        age = bound(age, 1, 60);
        ProjectId project = windOf(1);
        file(filingOf(project, OWNER, OWNER_KEY));
        issue(MONTH, alone(leafOf(project, 0, CERTIFICATE)));
        uint256[] memory leaves = alone(leafOf(project, 0, CERTIFICATE));
        uint24 commitment = commit(Month.wrap(uint16(1520 - age)), leaves);
        if (age >= 32) {
            _expectRefusal(commitment, 0, LeafRefusal.TooOld);
            vm.expectRevert(abi.encodeWithSelector(ICertificates.NothingToIssue.selector, commitment, 0));
        }
        vm.prank(AUTHORITY);
        certificates.issue(commitment, 0, leaves, new bytes32[](0));
        assertEq(certificates.issuedTotal(), age >= 32 ? 1 : 2, "total");
    }

    /// @dev Mechanism electricity and stock hydro begin with the province (Q47), or wait for its account.
    function test_issue_toTheProvince() public {
        ProjectId hydro = projectOf(Technology.Hydro, PROVINCE, 1);
        file(filingOf(hydro, OWNER, OWNER_KEY));
        uint256[] memory leaves = new uint256[](2);
        leaves[0] = leafOf(hydro, 0, 5 * CERTIFICATE);
        leaves[1] = leafOf(hydro, 3, 7 * CERTIFICATE);
        issue(MONTH, leaves);
        assertEq(certificates.balanceOf(PROVINCE_ACCOUNT), 12, "balance of the province");
        assertEq(certificates.balanceOf(OWNER), 0, "balance of the owner");
    }

    /* MOVE */

    function testFuzz_move_revertsInOrder(uint256 seed, uint256 count, uint256 start) public {
        count = bound(count, 10, 5_000_000);
        start = bound(start, 1, count - 6);
        BatchId batch = issueWind(1, count);
        BatchId none = batchOf(windOf(2));
        address nobody = outsider(seed);
        vm.expectRevert(unauthorized(nobody));
        vm.prank(nobody);
        certificates.move(none, 5, 5, nobody, MoveKind.Succession, BASIS);

        _expectMove(abi.encodeWithSelector(ICertificates.AccountUnknown.selector, nobody), none, 5, 5, nobody);
        _expectMove(abi.encodeWithSelector(ICertificates.BatchUnknown.selector, none), none, 5, 5, BUYER);
        _expectMove(abi.encodeWithSelector(ICertificates.RangeEmpty.selector, 5, 5), batch, 5, 5, BUYER);
        _expectMove(abi.encodeWithSelector(ICertificates.RangeEmpty.selector, 5, 4), batch, 5, 4, BUYER);
        _expectMove(
            abi.encodeWithSelector(ICertificates.RangeEmpty.selector, count, count + 1), batch, count, count + 1, BUYER
        );
        _expectMove(
            abi.encodeWithSelector(ICertificates.RangeNotUniform.selector, batch, 0, count + 1, count),
            batch, 0, count + 1, BUYER
        );
        _freeze(batch, start, start + 5);
        _expectMove(
            abi.encodeWithSelector(ICertificates.RangeNotUniform.selector, batch, 0, start + 1, start),
            batch, 0, start + 1, BUYER
        );
        _expectMove(
            abi.encodeWithSelector(ICertificates.StateIs.selector, batch, start + 1, State.Frozen),
            batch, start + 1, start + 5, BUYER
        );
        vm.warp(MONTH.expiresAt());
        _expectMove(
            abi.encodeWithSelector(ICertificates.Expired.selector, batch, MONTH.expiresAt()), batch, 0, start, BUYER
        );
    }

    function testFuzz_move(uint256 count, uint256 start, uint256 end) public {
        count = bound(count, 1, 5_000_000);
        start = bound(start, 0, count - 1);
        end = bound(end, start + 1, count);
        BatchId batch = issueWind(1, count);
        vm.expectEmit(address(certificates));
        emit ICertificates.Moved(batch, uint32(start), uint32(end), OWNER, BUYER, MoveKind.Succession, BASIS);
        vm.expectEmit(address(certificates));
        emit IERC2309.ConsecutiveTransfer(
            batch.tokenId(uint32(start)), batch.tokenId(uint32(end - 1)), OWNER, BUYER
        );
        move(batch, start, end, BUYER);
        _assertThreeParts(batch, count, start, end, BUYER, State.Held);
        assertEq(certificates.balanceOf(BUYER), end - start, "balance of the receiver");
        assertEq(certificates.balanceOf(OWNER), count - (end - start), "balance of the giver");
        assertEq(certificates.ownerOf(batch.tokenId(uint32(start))), BUYER, "owner of the first");
    }

    /* FREEZE */

    function testFuzz_freeze_revertsInOrder(uint256 seed, bool again) public {
        BatchId batch = issueWind(1, 100);
        BatchId none = batchOf(windOf(2));
        address nobody = outsider(seed);
        vm.startPrank(nobody);
        vm.expectRevert(unauthorized(nobody));
        certificates.freeze(none, 5, 5, BASIS);
        vm.expectRevert(unauthorized(nobody));
        certificates.unfreeze(none, 5, 5, BASIS);
        vm.stopPrank();
        vm.startPrank(AUTHORITY);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.BatchUnknown.selector, none));
        certificates.freeze(none, 5, 5, BASIS);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.RangeEmpty.selector, 5, 5));
        certificates.freeze(batch, 5, 5, BASIS);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.RangeNotUniform.selector, batch, 5, 101, 100));
        certificates.freeze(batch, 5, 101, BASIS);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.StateIs.selector, batch, 5, State.Held));
        certificates.unfreeze(batch, 5, 10, BASIS);
        certificates.freeze(batch, 5, 10, BASIS);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.StateIs.selector, batch, 6, State.Frozen));
        certificates.freeze(batch, 6, again ? 7 : 10, BASIS);
        vm.warp(MONTH.expiresAt());
        vm.expectRevert(abi.encodeWithSelector(ICertificates.Expired.selector, batch, MONTH.expiresAt()));
        certificates.freeze(batch, 0, 5, BASIS);
        certificates.unfreeze(batch, 5, 10, BASIS);
        vm.stopPrank();
    }

    function testFuzz_freezeAndUnfreeze(uint256 start, uint256 end) public {
        start = bound(start, 0, 999);
        end = bound(end, start + 1, 1000);
        BatchId batch = issueWind(1, 1000);
        vm.expectEmit(address(certificates));
        emit ICertificates.Frozen(batch, uint32(start), uint32(end), BASIS);
        _freeze(batch, start, end);
        _assertThreeParts(batch, 1000, start, end, OWNER, State.Frozen);
        assertEq(certificates.balanceOf(OWNER), 1000, "a frozen certificate has its holder");
        vm.expectEmit(address(certificates));
        emit ICertificates.Unfrozen(batch, uint32(start), uint32(end), BASIS);
        vm.prank(AUTHORITY);
        certificates.unfreeze(batch, uint32(start), uint32(end), BASIS);
        _assertThreeParts(batch, 1000, start, end, OWNER, State.Held);
    }

    /* RETIRE */

    function testFuzz_retire_revertsInOrder(uint256 seed, uint8 purpose) public {
        BatchId batch = issueWind(1, 100);
        BatchId none = batchOf(windOf(2));
        address nobody = outsider(seed);
        Claim memory claim = Claim("", purpose == 0 ? 0 : purpose | 8, MONTH, MONTH, string(new bytes(1025)));
        _expectRetire(nobody, abi.encodeWithSelector(ICertificates.PurposeUnknown.selector, claim.purpose), none, 5, 5, claim);
        claim.purpose = uint8(1 + seed % 7);
        _expectRetire(nobody, abi.encodeWithSelector(ICertificates.PeriodEmpty.selector, MONTH, MONTH), none, 5, 5, claim);
        claim.to = Month.wrap(1521);
        _expectRetire(nobody, abi.encodeWithSelector(ICertificates.BeneficiaryLength.selector, 0), none, 5, 5, claim);
        claim.beneficiary = string(new bytes(257));
        _expectRetire(nobody, abi.encodeWithSelector(ICertificates.BeneficiaryLength.selector, 257), none, 5, 5, claim);
        claim.beneficiary = string(new bytes(256));
        _expectRetire(nobody, abi.encodeWithSelector(ICertificates.StatementLength.selector, 1025), none, 5, 5, claim);
        claim.statement = string(new bytes(1024));
        _expectRetire(nobody, abi.encodeWithSelector(ICertificates.BatchUnknown.selector, none), none, 5, 5, claim);
        _expectRetire(nobody, abi.encodeWithSelector(ICertificates.RangeEmpty.selector, 5, 5), batch, 5, 5, claim);
        _freeze(batch, 10, 20);
        vm.warp(MONTH.expiresAt());
        _expectRetire(nobody, abi.encodeWithSelector(ICertificates.RangeNotUniform.selector, batch, 9, 11, 10), batch, 9, 11, claim);
        _expectRetire(nobody, abi.encodeWithSelector(ICertificates.MayNotAct.selector, OWNER, nobody), batch, 10, 20, claim);
        _setFrozen(OWNER, true);
        _expectRetire(OWNER_KEY, abi.encodeWithSelector(ICertificates.MayNotAct.selector, OWNER, OWNER_KEY), batch, 10, 20, claim);
        _setFrozen(OWNER, false);
        _expectRetire(OWNER_KEY, abi.encodeWithSelector(ICertificates.StateIs.selector, batch, 10, State.Frozen), batch, 10, 20, claim);
        _expectRetire(OWNER_KEY, abi.encodeWithSelector(ICertificates.Expired.selector, batch, MONTH.expiresAt()), batch, 0, 10, claim);
    }

    function testFuzz_retire(uint256 count, uint256 start, uint256 end, uint256 time) public {
        count = bound(count, 1, 5_000_000);
        start = bound(start, 0, count - 1);
        end = bound(end, start + 1, count);
        BatchId batch = issueWind(1, count);
        vm.warp(bound(time, NOW, MONTH.expiresAt() - 1));
        vm.expectEmit(address(certificates));
        emit ICertificates.Retired(
            batch, uint32(start), uint32(end), OWNER, RetirementReason.Consumed, claimOf()
        );
        vm.expectEmit(address(certificates));
        emit IERC2309.ConsecutiveTransfer(
            batch.tokenId(uint32(start)), batch.tokenId(uint32(end - 1)), OWNER, address(0)
        );
        vm.prank(OWNER_KEY);
        certificates.retire(batch, uint32(start), uint32(end), claimOf());
        _assertThreeParts(batch, count, start, end, OWNER, State.Retired);
        _assertGone(batch, uint32(start));
        assertEq(certificates.balanceOf(OWNER), count - (end - start), "balance");
        assertEq(certificates.issuedTotal(), count, "what was issued stays issued");
    }

    /* RETIRE WHAT IS DUE: by expiry; Sweep.t.sol has the other reasons */

    function testFuzz_retireDue_revertsInOrder(uint256 time) public {
        BatchId batch = issueWind(1, 100);
        BatchId none = batchOf(windOf(2));
        vm.expectRevert(abi.encodeWithSelector(ICertificates.BatchUnknown.selector, none));
        certificates.retireDue(none, 5, 5);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.RangeEmpty.selector, 5, 5));
        certificates.retireDue(batch, 5, 5);
        _freeze(batch, 10, 20);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.RangeNotUniform.selector, batch, 9, 11, 10));
        certificates.retireDue(batch, 9, 11);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.StateIs.selector, batch, 10, State.Frozen));
        certificates.retireDue(batch, 10, 20);
        vm.warp(bound(time, NOW, MONTH.expiresAt() - 1));
        vm.expectRevert(abi.encodeWithSelector(ICertificates.NotDue.selector, batch, 0));
        certificates.retireDue(batch, 0, 10);
    }

    function testFuzz_retireDue(uint256 time, uint256 caller) public {
        BatchId batch = issueWind(1, 100);
        vm.warp(bound(time, MONTH.expiresAt(), type(uint64).max));
        Claim memory empty;
        vm.expectEmit(address(certificates));
        emit ICertificates.Retired(batch, 0, 40, OWNER, RetirementReason.Expired, empty);
        vm.prank(outsider(caller));
        certificates.retireDue(batch, 0, 40);
        _assertThreeParts(batch, 100, 0, 40, OWNER, State.Retired);
        _assertGone(batch, 0);
        assertEq(certificates.balanceOf(OWNER), 60, "balance");
    }

    /* CONTRACTS ONLY */

    function testFuzz_marketOnly(address caller) public {
        BatchId batch = issueWind(1, 100);
        if (caller == address(market)) caller = AUTHORITY;
        vm.startPrank(caller);
        vm.expectRevert(unauthorized(caller));
        certificates.list(batch, 0, 1, OWNER_KEY);
        vm.expectRevert(unauthorized(caller));
        certificates.unlist(batch, 0, 1);
        vm.expectRevert(unauthorized(caller));
        certificates.trade(batch, 0, 1, BUYER);
        vm.expectRevert(unauthorized(caller));
        certificates.sell(batch, 0, 1, OWNER, BUYER);
        vm.stopPrank();
    }

    function testFuzz_casesOnly(address caller) public {
        BatchId batch = issueWind(1, 100);
        if (caller == address(cases)) caller = AUTHORITY;
        vm.startPrank(caller);
        vm.expectRevert(unauthorized(caller));
        certificates.doubt(batch, 0, 1, OWNER, 1);
        vm.expectRevert(unauthorized(caller));
        certificates.trust(batch, 0, 1, 1);
        vm.expectRevert(unauthorized(caller));
        certificates.add(batch, 1, 1, BASIS);
        vm.expectRevert(unauthorized(caller));
        certificates.deduct(batch, 0, 1, 1);
        vm.expectRevert(unauthorized(caller));
        certificates.undoTrade(batch, 0, 1, 1);
        vm.expectRevert(unauthorized(caller));
        certificates.undoRetirement(batch, 0, 1, 1);
        vm.stopPrank();
    }

    /* FACTS */

    function testFuzz_verifyByHash(uint256 count, uint256 serial, uint256 flip) public {
        count = bound(count, 1, 5_000_000);
        serial = bound(serial, 0, count - 1);
        BatchId batch = issueWind(1, count);
        Facts memory found = certificates.facts(batch.tokenId(uint32(serial)));
        assertEq(uint256(found.hash) >> 160, batch.tokenId(uint32(serial)), "the hash locates itself");
        assertEq(found.filingHash, keccak256(bytes('{"name":"A plant"}')), "filing");
        assertEq(found.expiresAt, MONTH.expiresAt(), "validity");
        (bool genuine, Facts memory again) = certificates.verify(found.hash);
        assertTrue(genuine, "genuine");
        assertEq(again.number, found.number, "number");
        (genuine,) = certificates.verify(found.hash ^ bytes32(uint256(1) << (flip % 256)));
        assertTrue(!genuine, "a changed hash is not genuine");
    }

    function testFuzz_erc721_movesByRulesOnly(address caller, uint256 token) public {
        vm.startPrank(caller);
        vm.expectRevert(ICertificates.MovesByRulesOnly.selector);
        certificates.transferFrom(OWNER, caller, token);
        vm.expectRevert(ICertificates.MovesByRulesOnly.selector);
        certificates.safeTransferFrom(OWNER, caller, token);
        vm.expectRevert(ICertificates.MovesByRulesOnly.selector);
        certificates.safeTransferFrom(OWNER, caller, token, "");
        vm.expectRevert(ICertificates.MovesByRulesOnly.selector);
        certificates.approve(caller, token);
        vm.expectRevert(ICertificates.MovesByRulesOnly.selector);
        certificates.setApprovalForAll(caller, true);
        vm.stopPrank();
    }

    function test_erc721_reads() public {
        BatchId batch = issueWind(1, 10);
        uint256 token = batch.tokenId(9);
        string memory number = certificates.facts(token).number;
        assertEq(certificates.tokenURI(token), string.concat(BASE_URI, number), "URI");
        assertTrue(certificates.locked(token), "locked");
        assertEq(certificates.getApproved(token), address(0), "approved");
        assertTrue(!certificates.isApprovedForAll(OWNER, BUYER), "approved for all");
        assertTrue(certificates.supportsInterface(0x80ac58cd), "ERC-721");
        assertTrue(certificates.supportsInterface(0xb45a3c0e), "ERC-5192");
        assertTrue(!certificates.supportsInterface(0xffffffff), "none");
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, token + 1));
        certificates.tokenURI(token + 1);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, token + 1));
        certificates.facts(token + 1);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721InvalidOwner.selector, address(0)));
        certificates.balanceOf(address(0));
    }

    /* INTERNALS */

    function _leaves(uint256 count, uint256 seed) private pure returns (uint256[] memory leaves) {
        leaves = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            leaves[i] = uint256(keccak256(abi.encode(seed, i)));
        }
    }

    function _fileFrom(ProjectId project, Month inOperation) private {
        Filing memory filing = filingOf(project, OWNER, OWNER_KEY);
        filing.inOperation = inOperation;
        file(filing);
    }

    function _expectRefusal(uint24 commitment, uint24 leaf, LeafRefusal reason) private {
        vm.expectEmit(address(certificates));
        emit ICertificates.LeafRefused(commitment, leaf, reason);
    }

    function _expectMove(bytes memory reason, BatchId batch, uint256 start, uint256 end, address to) private {
        vm.expectRevert(reason);
        move(batch, start, end, to);
    }

    function _expectRetire(
        address caller,
        bytes memory reason,
        BatchId batch,
        uint32 start,
        uint32 end,
        Claim memory claim
    ) private {
        vm.expectRevert(reason);
        vm.prank(caller);
        certificates.retire(batch, start, end, claim);
    }

    function _freeze(BatchId batch, uint256 start, uint256 end) private {
        vm.prank(AUTHORITY);
        certificates.freeze(batch, uint32(start), uint32(end), BASIS);
    }

    function _setFrozen(address account, bool frozen) private {
        vm.prank(AUTHORITY);
        registry.setFrozen(account, frozen, "");
    }

    /// @dev [start, end) has the owner and state; before and after it OWNER holds what it held.
    function _assertThreeParts(
        BatchId batch,
        uint256 count,
        uint256 start,
        uint256 end,
        address owner,
        State state
    ) private view {
        assertSegment(batch, start, start, end, owner, state, false);
        assertSegment(batch, end - 1, start, end, owner, state, false);
        if (start > 0) assertSegment(batch, start - 1, 0, start, OWNER, State.Held, false);
        if (end < count) assertSegment(batch, end, end, count, OWNER, State.Held, false);
    }

    /// @dev ERC-721 knows no owner of a retired certificate, its facts stay (I6).
    function _assertGone(BatchId batch, uint32 serial) private {
        uint256 token = batch.tokenId(serial);
        assertEq(uint256(certificates.facts(token).state), uint256(State.Retired), "state in the facts");
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, token));
        certificates.ownerOf(token);
    }
}
