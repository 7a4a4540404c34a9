// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICertificates} from "../../contracts/interfaces/ICertificates.sol";
import {IMarket} from "../../contracts/interfaces/IMarket.sol";
import {IReadings} from "../../contracts/interfaces/IReadings.sol";
import {BatchId} from "../../contracts/types/BatchId.sol";
import {MoveKind, State} from "../../contracts/types/Classes.sol";
import {Leaf} from "../../contracts/types/Leaf.sol";
import {ProjectId} from "../../contracts/types/ProjectId.sol";
import {World} from "./World.sol";

/// @notice Defects that other registries had, each as a test of its own.
contract AttacksTest is World {
    /// @dev The same device and month was issued twice: here not by another call, another commitment or a revision.
    function testFuzz_issueTheSameMonthTwice(uint256 first, uint256 second) public {
        ProjectId project = windOf(1);
        file(filingOf(project, OWNER, OWNER_KEY));
        uint256[] memory leaves = alone(leafOf(project, 0, bound(first, 0, 1e15 - 1)));
        uint24 commitment = issue(MONTH, leaves);
        uint256 total = certificates.issuedTotal();
        _expectNothing(commitment, leaves);

        uint256[] memory others = alone(leafOf(project, 0, bound(second, 0, 1e15 - 1)));
        _expectNothing(commit(MONTH, others), others);
        vm.prank(PROVIDER);
        uint24 revision = readings.commit(MONTH, _rootOf(others), 1, 1, keccak256("e"), commitment);
        _expectNothing(revision, others);
        assertEq(certificates.issuedTotal(), total, "total");
    }

    /// @dev The same reading twice in one chunk.
    function testFuzz_issueOneReadingTwiceInAChunk(uint256 wattHours) public {
        ProjectId project = windOf(1);
        file(filingOf(project, OWNER, OWNER_KEY));
        uint256[] memory leaves = new uint256[](2);
        wattHours = bound(wattHours, CERTIFICATE, 1e14);
        leaves[0] = leaves[1] = leafOf(project, 0, wattHours);
        issue(MONTH, leaves);
        assertEq(certificates.issuedTotal(), wattHours / CERTIFICATE, "total");
    }

    /// @dev A revoked certificate still moved: here a retired one does nothing any more, and a frozen one waits.
    function testFuzz_moveWhatIsRetiredOrFrozen(uint256 serial) public {
        BatchId batch = issueWind(1, 100);
        _retire(OWNER_KEY, batch, 0, 50);
        vm.prank(AUTHORITY);
        certificates.freeze(batch, 50, 100, BASIS);
        uint32 at = uint32(bound(serial, 0, 99));
        bytes memory reason = abi.encodeWithSelector(
            ICertificates.StateIs.selector, batch, at, at < 50 ? State.Retired : State.Frozen
        );
        vm.expectRevert(reason);
        move(batch, at, at + 1, BUYER);
        vm.expectRevert(reason);
        _retire(OWNER_KEY, batch, at, at + 1);
        vm.expectRevert(reason);
        list(batch, at, at + 1);
        vm.warp(MONTH.expiresAt());
        vm.expectRevert(reason);
        certificates.retireDue(batch, at, at + 1);
    }

    /// @dev A split of 1 to 100 into 25 and 75 gave 26 and 74.
    function testFuzz_splitIsOffByOne(uint256 count, uint256 first) public {
        count = bound(count, 2, 100_000);
        first = bound(first, 1, count - 1);
        BatchId batch = issueWind(1, count);
        move(batch, 0, first, BUYER);
        assertEq(certificates.balanceOf(BUYER), first, "first part");
        assertEq(certificates.balanceOf(OWNER), count - first, "second part");
        assertEq(certificates.ownerOf(batch.tokenId(uint32(first - 1))), BUYER, "last of the first part");
        assertEq(certificates.ownerOf(batch.tokenId(uint32(first))), OWNER, "first of the second part");
    }

    /// @dev Another's bundle could be moved: here by no key but the holder's own, nor around the rules.
    function testFuzz_takeAnothersRange(uint256 seed) public {
        BatchId batch = issueWind(1, 100);
        address[5] memory thieves = [BUYER_KEY, OTHER_OWNER_KEY, PLATFORM_KEY, REGISTRAR, outsider(seed)];
        for (uint256 i = 0; i < thieves.length; ++i) {
            vm.expectRevert(unauthorized(thieves[i]));
            vm.prank(thieves[i]);
            certificates.move(batch, 0, 1, BUYER, MoveKind.Succession, BASIS);
            vm.expectRevert(abi.encodeWithSelector(ICertificates.MayNotAct.selector, OWNER, thieves[i]));
            _retire(thieves[i], batch, 0, 1);
            vm.expectRevert(abi.encodeWithSelector(ICertificates.MayNotAct.selector, OWNER, thieves[i]));
            vm.prank(thieves[i]);
            market.list(batch, 0, 1, 0, 1);
        }
    }

    /// @dev Cancel, claim, lock, reserve and cancel again retired the same bundle twice.
    function testFuzz_withdrawThenRetireTwice(uint256 seed) public {
        BatchId batch = issueWind(1, 100);
        uint32 end = uint32(bound(seed, 1, 100));
        uint256 id = list(batch, 0, end);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.StateIs.selector, batch, 0, State.Listed));
        _retire(OWNER_KEY, batch, 0, end);
        vm.prank(OWNER_KEY);
        market.withdraw(id);
        _retire(OWNER_KEY, batch, 0, end);
        vm.expectRevert(abi.encodeWithSelector(IMarket.ListingUnknown.selector, id));
        vm.prank(OWNER_KEY);
        market.withdraw(id);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.StateIs.selector, batch, 0, State.Retired));
        _retire(OWNER_KEY, batch, 0, end);
        vm.expectRevert(abi.encodeWithSelector(IMarket.ListingUnknown.selector, id));
        take(id, end, BUYER);
        assertEq(certificates.balanceOf(OWNER), 100 - end, "balance");
    }

    /// @dev Serials came back after a withdrawal: here a number that was retired is never issued or listed again.
    function test_serialsComeBack() public {
        BatchId batch = issueWind(1, 100);
        _retire(OWNER_KEY, batch, 0, 100);
        uint256[] memory leaves = alone(leafOf(windOf(1), 0, 50 * CERTIFICATE));
        _expectNothing(commit(MONTH, leaves), leaves);
        assertEq(certificates.batchOf(batch).count, 100, "count");
    }

    /// @dev A split checked the sum of the ranges and not the ranges: two listings over the same certificates.
    function testFuzz_listOverlappingRanges(uint256 start, uint256 end) public {
        BatchId batch = issueWind(1, 100);
        list(batch, 25, 75);
        start = bound(start, 0, 74);
        end = bound(end, (start < 25 ? 25 : start) + 1, 100);
        vm.expectRevert();
        list(batch, start, end);
        assertEq(market.listingOf(2).platforms, 0, "no second listing");
        assertSegment(batch, 25, 25, 75, OWNER, State.Listed, false);
    }

    /// @dev One lot on two platforms is sold once (Q99).
    function test_sellOneLotOnTwoPlatforms() public {
        BatchId batch = issueWind(1, 100);
        vm.prank(OWNER_KEY);
        uint256 id = market.list(batch, 0, 100, 350, 3);
        take(id, 100, BUYER);
        vm.expectRevert(abi.encodeWithSelector(IMarket.ListingUnknown.selector, id));
        vm.prank(OTHER_PLATFORM_KEY);
        market.take(id, 100, OTHER_BUYER, OTHER_PLATFORM_ACCOUNT);
    }

    /// @dev Traded certificates were sold on: one trade each, whatever the way back (Q51).
    function test_tradeAgainAfterAMove() public {
        BatchId batch = issueWind(1, 100);
        take(list(batch, 0, 100), 60, BUYER);
        move(batch, 0, 60, OWNER);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.AlreadyTraded.selector, batch, 10, 20));
        list(batch, 10, 20);
    }

    /// @dev One bad item failed a whole batch.
    function testFuzz_oneBadItemFailsTheBatch(uint256 bad) public {
        uint256[] memory leaves = new uint256[](64);
        bad = bound(bad, 0, 63);
        for (uint256 i = 0; i < 64; ++i) {
            ProjectId project = windOf(i + 1);
            if (i != bad) file(filingOf(project, OWNER, OWNER_KEY));
            leaves[i] = leafOf(project, 0, 2 * CERTIFICATE);
        }
        issue(MONTH, leaves);
        assertEq(certificates.issuedTotal(), 63 * 2, "all but the bad one");
    }

    /// @dev Moving the last of 5,000 cost 11 million gas.
    function testFuzz_moveTheLastOfMany(uint256 count) public {
        count = bound(count, 2, 5_000_000);
        BatchId batch = issueWind(1, count);
        uint256 before = gasleft();
        move(batch, count - 1, count, BUYER);
        assertLe(before - gasleft(), 200_000, "gas");
    }

    /// @dev A provider revised another's data, or data of another month.
    function testFuzz_replaceAnothersReadings(uint256 seed) public {
        uint256[] memory leaves = alone(leafOf(windOf(1), 0, CERTIFICATE));
        uint24 commitment = commit(MONTH, leaves);
        address other = outsider(seed);
        manager.grantRole(4, other, 0);
        vm.expectRevert(abi.encodeWithSelector(IReadings.CommitmentNotOwn.selector, commitment, PROVIDER));
        vm.prank(other);
        readings.commit(MONTH, _rootOf(leaves), 1, 1, keccak256("e"), commitment);
    }

    /* INTERNALS */

    function _expectNothing(uint24 commitment, uint256[] memory leaves) private {
        vm.expectRevert(abi.encodeWithSelector(ICertificates.NothingToIssue.selector, commitment, 0));
        vm.prank(AUTHORITY);
        certificates.issue(commitment, 0, leaves, new bytes32[](0));
    }

    function _retire(address caller, BatchId batch, uint32 start, uint32 end) private {
        vm.prank(caller);
        certificates.retire(batch, start, end, claimOf());
    }

    function _rootOf(uint256[] memory leaves) private pure returns (bytes32) {
        return keccak256(abi.encode(leaves[0]));
    }
}
