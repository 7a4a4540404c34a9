// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC2309} from "@openzeppelin/contracts/interfaces/IERC2309.sol";
import {Allotment, ICertificates} from "../../contracts/interfaces/ICertificates.sol";
import {Filing} from "../../contracts/interfaces/IRegistry.sol";
import {BatchId} from "../../contracts/types/BatchId.sol";
import {Electricity, MoveKind, State, Technology} from "../../contracts/types/Classes.sol";
import {Month} from "../../contracts/types/Month.sol";
import {ProjectId} from "../../contracts/types/ProjectId.sol";
import {TradeWorld} from "./TradeWorld.sol";

/// @notice Moves without a trade (划转): which kind fits what, who may distribute, and that none uses the one trade.
contract MovesTest is TradeWorld {
    bytes32 private constant PLAN = keccak256("the province's plan");

    /* MOVE */

    function testFuzz_move_hydroToUser(uint256 count, uint256 start, uint256 end) public {
        (count, start, end) = _within(count, start, end);
        BatchId batch = issueStockHydro(1, count);
        _expectMoved(batch, start, end, PROVINCE_ACCOUNT, BUYER, MoveKind.HydroToUser, BASIS);
        _moveAs(MoveKind.HydroToUser, batch, start, end, BUYER);
        assertPart(batch, start, end, BUYER, State.Held, false, PROVINCE_ACCOUNT);
        assertEq(certificates.balanceOf(BUYER), end - start, "balance of the user");
        assertEq(certificates.balanceOf(PROVINCE_ACCOUNT), count - (end - start), "balance of the province");
        assertEq(certificates.issuedTotal(), count, "nothing is issued by it");
        _expectKindRefused(MoveKind.HydroToUser, batch, start, end);
    }

    /// @dev Everything that is not on-grid stock hydro in the account of its own province.
    function test_move_hydroToUserRefused() public {
        _expectKindRefused(MoveKind.HydroToUser, issueWind(1, 10), 0, 10);
        _expectKindRefused(MoveKind.HydroToUser, _issueNewHydro(2), 0, 10);
        _expectKindRefused(MoveKind.HydroToUser, issueOf(Technology.Hydro, Electricity.SelfUse, 3, 10), 0, 10);
        BatchId mechanism = issueOf(Technology.Hydro, Electricity.Mechanism, 4, 10);
        assertSegment(mechanism, 0, 0, 10, PROVINCE_ACCOUNT, State.Held, false);
        _expectKindRefused(MoveKind.HydroToUser, mechanism, 0, 10);
        BatchId stock = issueStockHydro(5, 10);
        move(stock, 0, 5, OTHER_PROVINCE_ACCOUNT);
        _expectKindRefused(MoveKind.HydroToUser, stock, 0, 5);
        move(stock, 5, 10, OWNER);
        _expectKindRefused(MoveKind.HydroToUser, stock, 5, 10);
    }

    function testFuzz_move_selfUseToUser(uint256 count, uint256 start, uint256 end) public {
        (count, start, end) = _within(count, start, end);
        BatchId batch = issueSelfUsed(1, count);
        _expectMoved(batch, start, end, OWNER, BUYER, MoveKind.SelfUseToUser, BASIS);
        _moveAs(MoveKind.SelfUseToUser, batch, start, end, BUYER);
        assertPart(batch, start, end, BUYER, State.Held, false, OWNER);
        assertEq(certificates.balanceOf(BUYER), end - start, "balance of the user");
        assertEq(certificates.balanceOf(OWNER), count - (end - start), "balance of the producer");
        _expectKindRefused(MoveKind.SelfUseToUser, batch, start, end);
    }

    function test_move_selfUseToUserRefused() public {
        _expectKindRefused(MoveKind.SelfUseToUser, issueWind(1, 10), 0, 10);
        _expectKindRefused(MoveKind.SelfUseToUser, issueOf(Technology.Wind, Electricity.OffGrid, 2, 10), 0, 10);
        _expectKindRefused(MoveKind.SelfUseToUser, issueOf(Technology.Wind, Electricity.Mechanism, 3, 10), 0, 10);
        _expectKindRefused(MoveKind.SelfUseToUser, issueStockHydro(4, 10), 0, 10);
        BatchId inherited = issueSelfUsed(5, 10);
        move(inherited, 0, 10, OTHER_BUYER);
        _expectKindRefused(MoveKind.SelfUseToUser, inherited, 0, 10);
    }

    /// @dev Whatever is held; what was traded stays traded, what was not can still be.
    function testFuzz_move_succession(uint256 first, bool again) public {
        BatchId batch = issueWind(1, 100);
        first = bound(first, 1, 99);
        take(list(batch, 0, first), first, BUYER);
        _expectMoved(batch, 0, first, BUYER, OTHER_BUYER, MoveKind.Succession, BASIS);
        _moveAs(MoveKind.Succession, batch, 0, first, OTHER_BUYER);
        assertSegment(batch, 0, 0, first, OTHER_BUYER, State.Held, true);
        _moveAs(MoveKind.Succession, batch, first, 100, OTHER_BUYER);
        assertSegment(batch, 99, first, 100, OTHER_BUYER, State.Held, false);
        if (again) _moveAs(MoveKind.Succession, batch, 0, first, OWNER);

        vm.expectRevert(abi.encodeWithSelector(ICertificates.AlreadyTraded.selector, batch, 0, first));
        vm.prank(again ? OWNER_KEY : OTHER_BUYER_KEY);
        market.list(batch, 0, uint32(first), 350, 1);
        vm.prank(OTHER_BUYER_KEY);
        uint256 id = market.list(batch, uint32(first), 100, 350, 1);
        take(id, 100 - first, BUYER);
        assertSegment(batch, 99, first, 100, BUYER, State.Held, true);
    }

    /// @dev `None` is no kind, and a distribution is the province's.
    function testFuzz_move_kindsOfNobody(uint256 which, bool distribution) public {
        MoveKind kind = distribution ? MoveKind.Distribution : MoveKind.None;
        which = which % 3;
        BatchId batch = which == 0 ? issueWind(1, 10) : which == 1 ? issueStockHydro(1, 10) : issueSelfUsed(1, 10);
        _expectKindRefused(kind, batch, 0, 10);
    }

    /// @dev The kind is asked for last; a closed account receives nothing.
    function test_move_kindComesLast() public {
        BatchId batch = issueWind(1, 10);
        freezeRange(batch, 0, 5);
        vm.warp(EXPIRY);
        closeAccount(OTHER_BUYER);
        _expectMove(
            abi.encodeWithSelector(ICertificates.AccountUnknown.selector, OTHER_BUYER),
            MoveKind.None, batchOf(windOf(9)), 0, 5, OTHER_BUYER
        );
        _expectMove(
            abi.encodeWithSelector(ICertificates.StateIs.selector, batch, 0, State.Frozen),
            MoveKind.None, batch, 0, 5, BUYER
        );
        _expectMove(
            abi.encodeWithSelector(ICertificates.Expired.selector, batch, EXPIRY), MoveKind.None, batch, 5, 10, BUYER
        );
        vm.warp(EXPIRY - 1);
        _expectKindRefused(MoveKind.None, batch, 5, 10);
    }

    /* WHAT THE RECEIVER MAY DO */

    function testFuzz_receiverRetiresAndNeverSells(bool hydro, uint256 end) public {
        end = bound(end, 1, 100);
        BatchId batch = hydro ? issueStockHydro(1, 100) : issueSelfUsed(1, 100);
        _moveAs(hydro ? MoveKind.HydroToUser : MoveKind.SelfUseToUser, batch, 0, 100, BUYER);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.NotTradable.selector, batch));
        vm.prank(BUYER_KEY);
        market.list(batch, 0, uint32(end), 350, 1);
        retire(BUYER_KEY, batch, 0, end);
        assertSegment(batch, 0, 0, end, BUYER, State.Retired, false);
    }

    /// @dev What a province distributes of tradable certificates still has its trade.
    function test_distributedAndThenTraded() public {
        BatchId batch = issueWind(1, 100);
        move(batch, 0, 100, PROVINCE_ACCOUNT);
        _distribute(PROVINCE_KEY, _one(batch, 0, 60, BUYER));
        assertSegment(batch, 0, 0, 60, BUYER, State.Held, false);
        vm.prank(BUYER_KEY);
        uint256 id = market.list(batch, 0, 60, 350, 1);
        take(id, 60, OTHER_BUYER);
        assertSegment(batch, 0, 0, 60, OTHER_BUYER, State.Held, true);
    }

    /* DISTRIBUTE */

    function testFuzz_distribute(uint256 count, uint256 start, uint256 end) public {
        (count, start, end) = _within(count, start, end);
        BatchId batch = issueStockHydro(1, count);
        _expectMoved(batch, start, end, PROVINCE_ACCOUNT, OTHER_BUYER, MoveKind.Distribution, PLAN);
        vm.recordLogs();
        _distribute(PROVINCE_KEY, _one(batch, start, end, OTHER_BUYER));
        assertEq(refusedSinceRecording(), 0, "refused");
        assertPart(batch, start, end, OTHER_BUYER, State.Held, false, PROVINCE_ACCOUNT);
        assertEq(certificates.balanceOf(OTHER_BUYER), end - start, "balance of the receiver");
        assertEq(certificates.balanceOf(PROVINCE_ACCOUNT), count - (end - start), "balance of the province");
    }

    /// @dev Each bad item breaks every later check too, so that its reason shows the order of the checks.
    function testFuzz_distribute_goodAndBadMixed(uint256 seed) public {
        BatchId batch = issueStockHydro(1, 100);
        BatchId wind = issueWind(2, 100);
        BatchId none = batchOf(windOf(9));
        address nobody = outsider(seed);
        freezeRange(batch, 10, 20);
        closeAccount(OTHER_BUYER);
        move(batch, 90, 100, OTHER_PROVINCE_ACCOUNT);

        Allotment[] memory items = new Allotment[](11);
        items[0] = Allotment(batch, 0, 10, BUYER);
        items[1] = Allotment(none, 5, 5, nobody);
        items[2] = Allotment(none, 5, 5, OTHER_BUYER);
        items[3] = Allotment(none, 5, 5, BUYER);
        items[4] = Allotment(batch, 15, 15, BUYER);
        items[5] = Allotment(batch, 19, 21, BUYER);
        items[6] = Allotment(wind, 0, 10, BUYER);
        items[7] = Allotment(batch, 90, 100, BUYER);
        items[8] = Allotment(batch, 10, 20, BUYER);
        items[9] = Allotment(batch, 0, 10, BUYER);
        items[10] = Allotment(batch, 20, 90, BUYER);

        vm.recordLogs();
        _expectMoved(batch, 0, 10, PROVINCE_ACCOUNT, BUYER, MoveKind.Distribution, PLAN);
        _expectRefused(1, abi.encodeWithSelector(ICertificates.AccountUnknown.selector, nobody));
        _expectRefused(2, abi.encodeWithSelector(ICertificates.AccountUnknown.selector, OTHER_BUYER));
        _expectRefused(3, abi.encodeWithSelector(ICertificates.BatchUnknown.selector, none));
        _expectRefused(4, abi.encodeWithSelector(ICertificates.RangeEmpty.selector, 15, 15));
        _expectRefused(5, abi.encodeWithSelector(ICertificates.RangeNotUniform.selector, batch, 19, 21, 20));
        _expectRefused(6, abi.encodeWithSelector(ICertificates.MayNotAct.selector, OWNER, PROVINCE_KEY));
        _expectRefused(
            7, abi.encodeWithSelector(ICertificates.MayNotAct.selector, OTHER_PROVINCE_ACCOUNT, PROVINCE_KEY)
        );
        _expectRefused(8, abi.encodeWithSelector(ICertificates.StateIs.selector, batch, 10, State.Frozen));
        _expectRefused(9, abi.encodeWithSelector(ICertificates.MayNotAct.selector, BUYER, PROVINCE_KEY));
        _expectMoved(batch, 20, 90, PROVINCE_ACCOUNT, BUYER, MoveKind.Distribution, PLAN);
        _distribute(PROVINCE_KEY, items);

        assertEq(refusedSinceRecording(), 9, "refused");
        assertEq(certificates.balanceOf(BUYER), 80, "balance of the receiver");
        assertSegment(batch, 15, 10, 20, PROVINCE_ACCOUNT, State.Frozen, false);
        assertSegment(batch, 95, 90, 100, OTHER_PROVINCE_ACCOUNT, State.Held, false);
        assertSegment(wind, 0, 0, 100, OWNER, State.Held, false);
    }

    function test_distribute_expired() public {
        BatchId batch = issueStockHydro(1, 100);
        freezeRange(batch, 0, 10);
        vm.warp(EXPIRY);
        Allotment[] memory items = new Allotment[](2);
        items[0] = Allotment(batch, 0, 10, BUYER);
        items[1] = Allotment(batch, 10, 20, BUYER);
        _expectRefused(0, abi.encodeWithSelector(ICertificates.StateIs.selector, batch, 0, State.Frozen));
        _expectRefused(1, abi.encodeWithSelector(ICertificates.Expired.selector, batch, EXPIRY));
        _distribute(PROVINCE_KEY, items);
        vm.warp(EXPIRY - 1);
        _distribute(PROVINCE_KEY, _one(batch, 10, 20, BUYER));
        assertEq(certificates.balanceOf(BUYER), 10, "in the last second");
    }

    /// @dev Only provinces distribute: an owner gives nothing away, not even its own, frozen or not.
    function test_distribute_holderIsNoProvince() public {
        BatchId batch = issueWind(1, 100);
        freezeRange(batch, 0, 100);
        _expectRefused(
            0, abi.encodeWithSelector(ICertificates.MoveNotAllowed.selector, batch, MoveKind.Distribution)
        );
        _distribute(OWNER_KEY, _one(batch, 0, 100, BUYER));
        assertEq(certificates.balanceOf(BUYER), 0, "balance");
    }

    function testFuzz_distribute_byOthers(uint256 seed) public {
        BatchId batch = issueStockHydro(1, 100);
        address[6] memory callers =
            [AUTHORITY, OTHER_PROVINCE_KEY, OWNER_KEY, BUYER_KEY, address(certificates), outsider(seed)];
        for (uint256 i = 0; i < callers.length; ++i) {
            _expectRefused(
                0, abi.encodeWithSelector(ICertificates.MayNotAct.selector, PROVINCE_ACCOUNT, callers[i])
            );
            _distribute(callers[i], _one(batch, 0, 100, BUYER));
        }
        freezeAccount(PROVINCE_ACCOUNT, true);
        _expectRefused(
            0, abi.encodeWithSelector(ICertificates.MayNotAct.selector, PROVINCE_ACCOUNT, PROVINCE_KEY)
        );
        _distribute(PROVINCE_KEY, _one(batch, 0, 100, BUYER));
        assertSegment(batch, 0, 0, 100, PROVINCE_ACCOUNT, State.Held, false);
    }

    function test_distribute_byAnAgent() public {
        BatchId batch = issueStockHydro(1, 100);
        mandate(PROVINCE_ACCOUNT, PROVINCE_KEY);
        _expectRefused(
            0, abi.encodeWithSelector(ICertificates.MayNotAct.selector, PROVINCE_ACCOUNT, PROVINCE_KEY)
        );
        _distribute(PROVINCE_KEY, _one(batch, 0, 50, BUYER));
        _distribute(AGENT_KEY, _one(batch, 50, 100, BUYER));
        assertPart(batch, 50, 100, BUYER, State.Held, false, PROVINCE_ACCOUNT);
    }

    function testFuzz_distributeOne_onlySelf(address caller) public {
        BatchId batch = issueStockHydro(1, 100);
        if (caller == address(certificates)) caller = PROVINCE_KEY;
        vm.expectRevert(abi.encodeWithSelector(ICertificates.OnlySelf.selector));
        vm.prank(caller);
        certificates.distributeOne(Allotment(batch, 0, 100, BUYER), PLAN, PROVINCE_KEY);
    }

    /* INTERNALS */

    function _within(uint256 count, uint256 start, uint256 end)
        private
        pure
        returns (uint256, uint256, uint256)
    {
        count = bound(count, 1, 5_000_000);
        start = bound(start, 0, count - 1);
        return (count, start, bound(end, start + 1, count));
    }

    /// @dev Conventional hydro of 2023, fully market-based: tradable (Q23).
    function _issueNewHydro(uint256 sequence) private returns (BatchId) {
        ProjectId project = projectOf(Technology.Hydro, PROVINCE, sequence);
        Filing memory filing = filingOf(project, OWNER, OWNER_KEY);
        filing.inOperation = Month.wrap(1476);
        file(filing);
        issue(MONTH, alone(leafOf(project, 0, 10 * CERTIFICATE)));
        return batchOf(project);
    }

    function _one(BatchId batch, uint256 start, uint256 end, address to)
        private
        pure
        returns (Allotment[] memory items)
    {
        items = new Allotment[](1);
        items[0] = Allotment(batch, uint32(start), uint32(end), to);
    }

    function _distribute(address caller, Allotment[] memory items) private {
        vm.prank(caller);
        certificates.distribute(items, PLAN);
    }

    function _moveAs(MoveKind kind, BatchId batch, uint256 start, uint256 end, address to) private {
        vm.prank(AUTHORITY);
        certificates.move(batch, uint32(start), uint32(end), to, kind, BASIS);
    }

    function _expectMove(
        bytes memory reason,
        MoveKind kind,
        BatchId batch,
        uint256 start,
        uint256 end,
        address to
    ) private {
        vm.expectRevert(reason);
        _moveAs(kind, batch, start, end, to);
    }

    function _expectKindRefused(MoveKind kind, BatchId batch, uint256 start, uint256 end) private {
        _expectMove(
            abi.encodeWithSelector(ICertificates.MoveNotAllowed.selector, batch, kind), kind, batch, start, end, BUYER
        );
    }

    function _expectMoved(
        BatchId batch,
        uint256 start,
        uint256 end,
        address from,
        address to,
        MoveKind kind,
        bytes32 basis
    ) private {
        vm.expectEmit(address(certificates));
        emit ICertificates.Moved(batch, uint32(start), uint32(end), from, to, kind, basis);
        vm.expectEmit(address(certificates));
        emit IERC2309.ConsecutiveTransfer(batch.tokenId(uint32(start)), batch.tokenId(uint32(end - 1)), from, to);
    }

    function _expectRefused(uint256 index, bytes memory reason) private {
        vm.expectEmit(address(certificates));
        emit ICertificates.ItemRefused(index, reason);
    }
}
