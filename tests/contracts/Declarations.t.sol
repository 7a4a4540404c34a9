// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IDeclarations} from "../../contracts/interfaces/IDeclarations.sol";
import {Commitment, IReadings} from "../../contracts/interfaces/IReadings.sol";
import {BatchId, BatchIdLibrary} from "../../contracts/types/BatchId.sol";
import {DeclarationStage, State} from "../../contracts/types/Classes.sol";
import {Leaf} from "../../contracts/types/Leaf.sol";
import {Month} from "../../contracts/types/Month.sol";
import {ProjectId} from "../../contracts/types/ProjectId.sol";
import {Trees} from "./Trees.sol";
import {World} from "./World.sol";

/// @notice Two checks before anything can be issued, and no way around them (Q26, Q33).
contract DeclarationsTest is World {
    bytes32 private constant EVIDENCE = keccak256("settlement sheet and meter certificate");
    uint256 private constant SELF_USE = 1;

    function setUp() public override {
        super.setUp();
        file(filingOf(windOf(1), OWNER, OWNER_KEY));
    }

    /* DECLARING */

    function testFuzz_declare_revertsInOrder(uint256 seed, uint256 ahead) public {
        address nobody = outsider(seed);
        Month running = Month.wrap(uint16(bound(ahead, 1521, 4000)));
        uint256 leaf = leafOf(windOf(2), SELF_USE, seed % 1e15);
        bytes memory reason = abi.encodeWithSelector(IDeclarations.ProjectNotApproved.selector, windOf(2));
        _expectDeclaration(nobody, reason, running, leaf, 0);
        leaf = leafOf(windOf(1), SELF_USE, seed % 1e15);
        reason = abi.encodeWithSelector(IDeclarations.MayNotAct.selector, OWNER, nobody);
        _expectDeclaration(nobody, reason, running, leaf, 0);
        reason = abi.encodeWithSelector(IDeclarations.MayNotAct.selector, OWNER, INFO_CENTRE);
        _expectDeclaration(INFO_CENTRE, reason, running, leaf, 0);
        reason = abi.encodeWithSelector(IDeclarations.EvidenceZero.selector);
        _expectDeclaration(OWNER_KEY, reason, running, leaf, 0);
        reason = abi.encodeWithSelector(IDeclarations.MonthNotEnded.selector, running, running.endsAt());
        _expectDeclaration(OWNER_KEY, reason, running, leaf, EVIDENCE);
        bytes32 id = _declare(MONTH, leaf);
        _expectDeclaration(OWNER_KEY, _stageIs(id, DeclarationStage.Declared), MONTH, leaf, EVIDENCE);
        _check(id, true);
        _expectDeclaration(OWNER_KEY, _stageIs(id, DeclarationStage.Checked), MONTH, leaf, EVIDENCE);
        _recheck(MONTH, alone(leaf), true);
        _expectDeclaration(OWNER_KEY, _stageIs(id, DeclarationStage.Accepted), MONTH, leaf, EVIDENCE);
    }

    function testFuzz_declare(uint256 low, uint16 month, bytes32 evidence) public {
        if (evidence == 0) evidence = EVIDENCE;
        Month of_ = Month.wrap(uint16(bound(month, 0, 1520)));
        uint256 leaf = (uint256(ProjectId.unwrap(windOf(1))) << 208) | uint208(low);
        bytes32 id = keccak256(abi.encode(of_, leaf, evidence));
        assertEq(uint256(declarations.stageOf(id)), 0, "nothing yet");
        vm.expectEmit(address(declarations));
        emit IDeclarations.Declared(id, of_, OWNER, leaf, evidence, OWNER_KEY);
        vm.prank(OWNER_KEY);
        assertEq(declarations.declare(of_, leaf, evidence), id, "declaration");
        _assertStage(id, DeclarationStage.Declared);
        assertEq(readings.commitments(), 0, "nothing is committed");
    }

    function test_declare_atTheEndOfTheMonth() public {
        Month running = Month.wrap(1521);
        uint256 leaf = leafOf(windOf(1), SELF_USE, 1);
        vm.warp(running.endsAt() - 1);
        bytes memory reason = abi.encodeWithSelector(IDeclarations.MonthNotEnded.selector, running, running.endsAt());
        _expectDeclaration(OWNER_KEY, reason, running, leaf, EVIDENCE);
        vm.warp(running.endsAt());
        _assertStage(_declare(running, leaf), DeclarationStage.Declared);
    }

    /* FIRST CHECK */

    function testFuzz_check_revertsInOrder(uint256 seed, bytes32 unknown) public {
        bytes32[] memory ids = new bytes32[](0);
        address nobody = outsider(seed);
        _expectCheck(nobody, unauthorized(nobody), ids, false, "");
        _expectCheck(AUTHORITY, unauthorized(AUTHORITY), ids, false, "");
        _expectCheck(INFO_CENTRE, abi.encodeWithSelector(IDeclarations.DeclarationsNone.selector), ids, false, "");
        ids = new bytes32[](2);
        ids[0] = _declare(MONTH, leafOf(windOf(1), SELF_USE, 1));
        ids[1] = unknown;
        _expectCheck(INFO_CENTRE, abi.encodeWithSelector(IDeclarations.ReasonEmpty.selector), ids, false, "");
        _expectCheck(INFO_CENTRE, _stageIs(unknown, DeclarationStage.None), ids, false, "why");
        ids[1] = ids[0];
        _expectCheck(INFO_CENTRE, _stageIs(ids[0], DeclarationStage.Checked), ids, true, "");
        _expectCheck(INFO_CENTRE, _stageIs(ids[0], DeclarationStage.SentBack), ids, false, "why");
        _assertStage(ids[0], DeclarationStage.Declared);
    }

    function testFuzz_check(uint256 number, bool passed, string calldata reason) public {
        vm.assume(bytes(reason).length != 0);
        bytes32[] memory ids = new bytes32[](bound(number, 1, 20));
        for (uint256 i = 0; i < ids.length; ++i) {
            ids[i] = _declare(MONTH, leafOf(windOf(1), SELF_USE, i));
        }
        for (uint256 i = 0; i < ids.length; ++i) {
            vm.expectEmit(address(declarations));
            emit IDeclarations.DeclarationChecked(ids[i], passed, INFO_CENTRE, reason);
        }
        vm.prank(INFO_CENTRE);
        declarations.check(ids, passed, reason);
        for (uint256 i = 0; i < ids.length; ++i) {
            _assertStage(ids[i], passed ? DeclarationStage.Checked : DeclarationStage.SentBack);
        }
        bytes memory error =
            _stageIs(ids[0], passed ? DeclarationStage.Checked : DeclarationStage.SentBack);
        _expectCheck(INFO_CENTRE, error, ids, true, "");
    }

    /* SECOND CHECK */

    function testFuzz_recheck_revertsInOrder(uint256 seed, uint256 number) public {
        address nobody = outsider(seed);
        uint256[] memory leaves = new uint256[](0);
        bytes32[] memory evidence = new bytes32[](1);
        _expectRecheck(nobody, unauthorized(nobody), leaves, evidence, false, "");
        _expectRecheck(INFO_CENTRE, unauthorized(INFO_CENTRE), leaves, evidence, false, "");
        bytes memory error = abi.encodeWithSelector(IDeclarations.DeclarationsNone.selector);
        _expectRecheck(AUTHORITY, error, leaves, evidence, false, "");
        number = bound(number, 257, 400);
        error = abi.encodeWithSelector(IDeclarations.TooManyDeclarations.selector, number);
        _expectRecheck(AUTHORITY, error, new uint256[](number), evidence, false, "");
        leaves = new uint256[](256);
        error = abi.encodeWithSelector(IDeclarations.LengthsDiffer.selector, 256, 1);
        _expectRecheck(AUTHORITY, error, leaves, evidence, false, "");
        leaves = alone(leafOf(windOf(1), SELF_USE, 1));
        error = abi.encodeWithSelector(IDeclarations.ReasonEmpty.selector);
        _expectRecheck(AUTHORITY, error, leaves, evidence, false, "");
        evidence[0] = EVIDENCE;
        bytes32 id = _id(MONTH, leaves[0]);
        _expectRecheck(AUTHORITY, _stageIs(id, DeclarationStage.None), leaves, evidence, true, "");
        _declare(MONTH, leaves[0]);
        _expectRecheck(AUTHORITY, _stageIs(id, DeclarationStage.Declared), leaves, evidence, true, "");
        _check(id, false);
        _expectRecheck(AUTHORITY, _stageIs(id, DeclarationStage.SentBack), leaves, evidence, true, "");
        assertEq(readings.commitments(), 0, "nothing is committed");
    }

    /// @dev Twice in one call, once more afterwards, and for another month: each reading is committed once.
    function testFuzz_recheck_onceEach(uint256 wattHours, bool passed) public {
        uint256 leaf = leafOf(windOf(1), SELF_USE, bound(wattHours, 0, 1e15));
        bytes32 id = _declare(MONTH, leaf);
        _check(id, true);
        (uint256[] memory leaves, bytes32[] memory evidence) = (new uint256[](2), new bytes32[](2));
        (leaves[0], leaves[1], evidence[0], evidence[1]) = (leaf, leaf, EVIDENCE, EVIDENCE);
        DeclarationStage then = passed ? DeclarationStage.Accepted : DeclarationStage.SentBack;
        _expectRecheck(AUTHORITY, _stageIs(id, then), leaves, evidence, passed, "why");
        vm.prank(AUTHORITY);
        vm.expectRevert(_stageIs(_id(Month.wrap(1519), leaf), DeclarationStage.None));
        declarations.recheck(Month.wrap(1519), alone(leaf), _evidence(1), passed, "why");
        _recheck(MONTH, alone(leaf), passed);
        _expectRecheck(AUTHORITY, _stageIs(id, then), alone(leaf), _evidence(1), passed, "why");
    }

    /// @dev Many of a month become one commitment, and its leaves are issued as pushed ones are.
    function testFuzz_recheck(uint256 number, uint256 seed) public {
        _compareRecheck(bound(number, 1, 24), seed);
    }

    function test_recheck_asManyAsThereCanBe() public {
        _compareRecheck(256, 1);
    }

    function _compareRecheck(uint256 number, uint256 seed) private {
        (uint256[] memory leaves, bytes32[] memory ids, uint128 total) = _declared(number, seed);
        vm.prank(INFO_CENTRE);
        declarations.check(ids, true, "");
        bytes32 evidence = keccak256(abi.encodePacked(ids));
        vm.expectEmit(address(readings));
        emit IReadings.ReadingsCommitted(
            1, MONTH, address(declarations), true, Trees.root(leaves), uint24(number), total, evidence, 0
        );
        for (uint256 i = 0; i < number; ++i) {
            vm.expectEmit(address(declarations));
            emit IDeclarations.DeclarationRechecked(ids[i], true, AUTHORITY, "in order", 1, uint24(i));
        }
        vm.prank(AUTHORITY);
        assertEq(declarations.recheck(MONTH, leaves, _evidence(number), true, "in order"), 1, "commitment");
        Commitment memory made = readings.commitment(1);
        assertEq(made.root, Trees.root(leaves), "root");
        assertEq(made.leaves, number, "leaves");
        assertEq(made.totalWh, total, "total");
        assertEq(made.evidence, evidence, "evidence");
        assertTrue(made.declared, "declared");
        assertEq(made.provider, address(declarations), "provider");
        _assertStage(ids[number - 1], DeclarationStage.Accepted);
        vm.prank(AUTHORITY);
        uint256 issued = certificates.issue(1, 0, leaves, new bytes32[](0));
        assertEq(issued, number == 256 ? type(uint256).max : (1 << number) - 1, "all are issued");
        _assertIssued(leaves);
    }

    function _assertIssued(uint256[] memory leaves) private view {
        uint256 total = 0;
        for (uint256 i = 0; i < leaves.length; ++i) {
            Leaf leaf = Leaf.wrap(leaves[i]);
            uint32 count = uint32(leaf.wattHours() / CERTIFICATE);
            total += count;
            BatchId batch = BatchIdLibrary.make(leaf.project(), MONTH, SELF_USE, false);
            assertEq(certificates.batchOf(batch).count, count, "count");
            if (count == 0) continue;
            assertSegment(batch, 0, 0, count, OWNER, State.Held, false);
            assertEq(certificates.facts(batch.tokenId(0)).readingsRoot, Trees.root(leaves), "root of the facts");
        }
        assertEq(certificates.issuedTotal(), total, "issued in all");
    }

    /* SENT BACK */

    /// @dev Sent back at either check with a reason, declared again, and accepted in the end.
    function testFuzz_sentBackAndDeclaredAgain(uint256 wattHours, string calldata reason) public {
        vm.assume(bytes(reason).length != 0);
        uint256 leaf = leafOf(windOf(1), SELF_USE, bound(wattHours, 0, 1e15));
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = _declare(MONTH, leaf);
        vm.expectEmit(address(declarations));
        emit IDeclarations.DeclarationChecked(ids[0], false, INFO_CENTRE, reason);
        vm.prank(INFO_CENTRE);
        declarations.check(ids, false, reason);
        _assertStage(ids[0], DeclarationStage.SentBack);
        assertEq(_declare(MONTH, leaf), ids[0], "the same declaration");
        _assertStage(ids[0], DeclarationStage.Declared);
        _check(ids[0], true);
        vm.expectEmit(address(declarations));
        emit IDeclarations.DeclarationRechecked(ids[0], false, AUTHORITY, reason, 0, 0);
        vm.prank(AUTHORITY);
        assertEq(declarations.recheck(MONTH, alone(leaf), _evidence(1), false, reason), 0, "no commitment");
        _assertStage(ids[0], DeclarationStage.SentBack);
        assertEq(readings.commitments(), 0, "nothing is committed");
        _declare(MONTH, leaf);
        _check(ids[0], true);
        assertEq(_recheck(MONTH, alone(leaf), true), 1, "commitment");
        _assertStage(ids[0], DeclarationStage.Accepted);
    }

    function testFuzz_recheck_sentBackTellsNoLeaf(uint256 number, uint256 seed) public {
        number = bound(number, 2, 20);
        (uint256[] memory leaves, bytes32[] memory ids,) = _declared(number, seed);
        vm.prank(INFO_CENTRE);
        declarations.check(ids, true, "");
        for (uint256 i = 0; i < number; ++i) {
            vm.expectEmit(address(declarations));
            emit IDeclarations.DeclarationRechecked(ids[i], false, AUTHORITY, "why", 0, 0);
        }
        assertEq(_recheck(MONTH, leaves, false), 0, "no commitment");
        for (uint256 i = 0; i < number; ++i) {
            _assertStage(ids[i], DeclarationStage.SentBack);
        }
    }

    /* NO WAY AROUND */

    /// @dev A declared reading is committed by `Declarations` alone, and `Declarations` commits no pushed one.
    function testFuzz_commitDeclaredOnlyAfterTheChecks(uint256 seed) public {
        address[7] memory callers =
            [outsider(seed), AUTHORITY, INFO_CENTRE, PROVIDER, OWNER_KEY, address(certificates), address(this)];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(unauthorized(callers[i]));
            vm.prank(callers[i]);
            readings.commitDeclared(MONTH, EVIDENCE, 1, 1, EVIDENCE, 0);
        }
        vm.expectRevert(unauthorized(address(declarations)));
        vm.prank(address(declarations));
        readings.commit(MONTH, EVIDENCE, 1, 1, EVIDENCE, 0);
    }

    /// @dev The same month declared twice with other evidence, or pushed as well, gives nothing more (I1).
    function testFuzz_declaredTwice(uint256 wattHours) public {
        uint256 leaf = leafOf(windOf(1), SELF_USE, bound(wattHours, CERTIFICATE, 1e15 - 1));
        _check(_declare(MONTH, leaf), true);
        uint24 first = _recheck(MONTH, alone(leaf), true);
        vm.prank(AUTHORITY);
        certificates.issue(first, 0, alone(leaf), new bytes32[](0));
        uint256 total = certificates.issuedTotal();
        bytes32[] memory other = new bytes32[](1);
        other[0] = keccak256("another sheet");
        vm.prank(OWNER_KEY);
        _check(declarations.declare(MONTH, leaf, other[0]), true);
        vm.startPrank(AUTHORITY);
        uint24 second = declarations.recheck(MONTH, alone(leaf), other, true, "");
        vm.expectRevert();
        certificates.issue(second, 0, alone(leaf), new bytes32[](0));
        vm.stopPrank();
        assertEq(certificates.issuedTotal(), total, "issued once");
    }

    /* INTERNALS */

    function _declare(Month month, uint256 leaf) private returns (bytes32) {
        vm.prank(OWNER_KEY);
        return declarations.declare(month, leaf, EVIDENCE);
    }

    function _check(bytes32 id, bool passed) private {
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = id;
        vm.prank(INFO_CENTRE);
        declarations.check(ids, passed, "why");
    }

    function _recheck(Month month, uint256[] memory leaves, bool passed) private returns (uint24) {
        vm.prank(AUTHORITY);
        return declarations.recheck(month, leaves, _evidence(leaves.length), passed, "why");
    }

    /// @dev Readings of self-used electricity, each of a project of its own.
    function _declared(uint256 number, uint256 seed)
        private
        returns (uint256[] memory leaves, bytes32[] memory ids, uint128 total)
    {
        (leaves, ids) = (new uint256[](number), new bytes32[](number));
        for (uint256 i = 0; i < number; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            if (i > 0) file(filingOf(windOf(i + 1), OWNER, OWNER_KEY));
            leaves[i] = leafOf(windOf(i + 1), SELF_USE, seed % 1e12);
            ids[i] = _declare(MONTH, leaves[i]);
            total += uint128(seed % 1e12);
        }
    }

    function _evidence(uint256 number) private pure returns (bytes32[] memory evidence) {
        evidence = new bytes32[](number);
        for (uint256 i = 0; i < number; ++i) {
            evidence[i] = EVIDENCE;
        }
    }

    function _id(Month month, uint256 leaf) private pure returns (bytes32) {
        return keccak256(abi.encode(month, leaf, EVIDENCE));
    }

    function _stageIs(bytes32 id, DeclarationStage stage) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IDeclarations.StageIs.selector, id, stage);
    }

    function _assertStage(bytes32 id, DeclarationStage stage) private view {
        assertEq(uint256(declarations.stageOf(id)), uint256(stage), "stage");
    }

    /* REFUSALS */

    function _expectDeclaration(address caller, bytes memory error, Month month, uint256 leaf, bytes32 evidence)
        private
    {
        vm.expectRevert(error);
        vm.prank(caller);
        declarations.declare(month, leaf, evidence);
    }

    function _expectCheck(
        address caller,
        bytes memory error,
        bytes32[] memory ids,
        bool passed,
        string memory reason
    ) private {
        vm.expectRevert(error);
        vm.prank(caller);
        declarations.check(ids, passed, reason);
    }

    function _expectRecheck(
        address caller,
        bytes memory error,
        uint256[] memory leaves,
        bytes32[] memory evidence,
        bool passed,
        string memory reason
    ) private {
        vm.expectRevert(error);
        vm.prank(caller);
        declarations.recheck(MONTH, leaves, evidence, passed, reason);
    }
}
