// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

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
