// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Allotment} from "../../../contracts/interfaces/ICertificates.sol";
import {Deal, Settlement} from "../../../contracts/interfaces/IMarket.sol";
import {Filing} from "../../../contracts/interfaces/IRegistry.sol";
import {Request} from "../../../contracts/interfaces/IRelay.sol";
import {BatchId, BatchIdLibrary} from "../../../contracts/types/BatchId.sol";
import {Leaf} from "../../../contracts/types/Leaf.sol";
import {Month} from "../../../contracts/types/Month.sol";
import {ProjectId} from "../../../contracts/types/ProjectId.sol";
import {Range} from "../../../contracts/types/Range.sol";
import {TradeWorld} from "../TradeWorld.sol";
import {Trees} from "../Trees.sol";

/// @notice What the calls cost as transactions, base fee and calldata included; run with `--test-profile gas`.
/// @dev Each figure is written to snapshots/ and held against the goal of design.md, section 7.
contract GasTest is TradeWorld {
    uint256 private constant ISSUE_GOAL = 40_000;
    uint256 private constant KNOWN_GOAL = 90_000;
    uint256 private constant SMALL_SPLIT_GOAL = 130_000;
    uint256 private constant SPLIT_GOAL = 200_000;
    uint256 private constant DEAL_GOAL = 150_000;
    uint256 private constant SETTLED_GOAL = 90_000;
    uint256 private constant DISTRIBUTED_GOAL = 45_000;
    uint256 private constant SWEPT_GOAL = 45_000;
    uint256 private constant RELAYED_GOAL = 100_000;
    uint256 private constant BATCHES = 200;
    uint256 private constant LARGE = 5_000_000;

    /* ISSUING */

    function test_issue_manyOwnersLaterMonth() public {
        uint256 used = _issueSecondMonth("issue 200 batches of 200 owners", 200, 0);
        vm.snapshotValue("issue", "per batch, 200 owners", used / BATCHES);
        assertLe(used / BATCHES, ISSUE_GOAL, "gas per batch");
    }

    function test_issue_oneOwnerLaterMonth() public {
        uint256 used = _issueSecondMonth("issue 200 batches of one owner", 1, 0);
        vm.snapshotValue("issue", "per batch, one owner", used / BATCHES);
        assertLe(used / BATCHES, ISSUE_GOAL, "gas per batch");
    }

    /// @dev Two officers of a quorum of two; what issuing costs more than without is what their reading costs: nothing.
    function test_issue_approvedLaterMonth() public {
        uint256 used = _issueSecondMonth("issue 200 batches that two officers approved", 200, 2);
        vm.snapshotValue("issue", "per batch, approved", used / BATCHES);
        assertLe(used / BATCHES, ISSUE_GOAL, "gas per batch");
    }

    function _approve(uint24 commitment, uint256[] memory leaves, uint8 quorum) private {
        bytes32 root = Trees.root(leaves);
        readings.setQuorum(quorum);
        vm.prank(OFFICER);
        readings.approve(commitment, root);
        vm.prank(OTHER_OFFICER);
        readings.approve(commitment, root);
        vm.snapshotGasLastCall("issue", "approve a commitment, the second officer");
    }

    function _issueSecondMonth(string memory name, uint256 owners, uint8 quorum) private returns (uint256) {
        uint256[] memory leaves = new uint256[](BATCHES);
        for (uint256 i = 0; i < BATCHES; ++i) {
            ProjectId project = windOf(1000 + 7 * i);
            address owner = address(uint160(uint256(keccak256(abi.encode("owner", i % owners)))));
            file(filingOf(project, owner, OWNER_KEY));
            leaves[i] = leafOf(project, 0, 236_400_000 + 12_345 * i);
        }
        issue(Month.wrap(1519), leaves);
        uint24 commitment = commit(MONTH, leaves);
        if (quorum != 0) _approve(commitment, leaves, quorum);
        bytes32[] memory proof = Trees.proof(leaves, 0);
        vm.prank(AUTHORITY);
        certificates.issue(commitment, 0, leaves, proof);
        return vm.snapshotGasLastCall("issue", name);
    }

    /* WHOLE BATCHES AND KNOWN PATHS: from the second time on, to a receiver who holds something */

    function test_retire_wholeBatch() public {
        BatchId batch = issueWind(1, 236);
        _retire(batch, 0, 236, OWNER_KEY);
        _record("known-path", "retire a whole batch of 236", KNOWN_GOAL);
    }

    function test_retire_wholeLargeBatch() public {
        BatchId batch = issueWind(1, LARGE);
        _retire(batch, 0, LARGE, OWNER_KEY);
        _record("known-path", "retire a whole batch of 5,000,000", KNOWN_GOAL);
    }

    function test_move_wholeBatch() public {
        BatchId batch = issueWind(1, 236);
        move(issueWind(2, 10), 0, 10, BUYER);
        move(batch, 0, 236, BUYER);
        _record("known-path", "move a whole batch of 236", KNOWN_GOAL);
    }

    function test_move_pieceAgain() public {
        BatchId batch = issueWind(1, LARGE);
        move(batch, 1_234_567, 2_345_678, BUYER);
        move(issueWind(2, 10), 0, 10, OTHER_BUYER);
        move(batch, 1_234_567, 2_345_678, OTHER_BUYER);
        _record("known-path", "move a piece of 5,000,000 on", KNOWN_GOAL);
    }

    function test_list_wholeBatch() public {
        list(issueWind(1, 10), 0, 10);
        BatchId batch = issueWind(2, 236);
        vm.prank(OWNER_KEY);
        market.list(batch, 0, 236, 350, 3);
        _record("market", "list a whole batch of 236", SMALL_SPLIT_GOAL);
    }

    function test_take_wholeListing() public {
        take(list(issueWind(1, 10), 0, 10), 10, BUYER);
        uint256 listing = list(issueWind(2, 236), 0, 236);
        take(listing, 236, BUYER);
        _record("known-path", "take a whole listing", KNOWN_GOAL);
    }

    /* ORDERS, SETTLEMENTS AND CALLS WITH MANY ITEMS: whole batches, receivers who hold something */

    function test_fill_wholeBatch() public {
        BatchId batch = issueWind(1, 236);
        take(list(issueWind(2, 10), 0, 10), 10, BUYER);
        _setOperator(OWNER, vm.addr(1));
        _setOperator(BUYER, vm.addr(2));
        Deal memory deal = Deal(
            OWNER, BUYER, batch.project(), batch, 0, 0, 236, 350, PLATFORM_ACCOUNT, false, type(uint64).max, 0
        );
        (bytes memory seller, bytes memory buyer) = (_signedBy(1, deal), _signedBy(2, deal));
        Range[] memory ranges = rangesOf(batch, 0, 236);
        vm.prank(PLATFORM_KEY);
        market.fill(deal, ranges, seller, buyer);
        _record("market", "sell a whole batch of 236 by a bilateral order", DEAL_GOAL);
    }

    function test_settle_fifty() public {
        BatchId[] memory batches = _issueMany(50, 0);
        Settlement[] memory settlements = new Settlement[](50);
        for (uint256 i = 0; i < 50; ++i) {
            settlements[i] = Settlement({
                contractId: keccak256(abi.encode("contract", i)),
                project: batches[i].project(),
                month: MONTH,
                buyer: i % 2 == 0 ? BUYER : OTHER_BUYER,
                contractWh: 236_000_000,
                fedInWh: 236_400_000,
                consumedWh: 240_000_000,
                attributePrice: 500,
                energyPrice: 39_500,
                ranges: rangesOf(batches[i], 0, 236)
            });
        }
        vm.prank(EXCHANGE);
        market.settle(settlements);
        _recordOne("market", "settle 50 contracts", 50, SETTLED_GOAL);
        assertTrades(50);
    }

    function test_distribute_fifty() public {
        BatchId[] memory batches = _issueMany(50, 3);
        Allotment[] memory items = new Allotment[](50);
        for (uint256 i = 0; i < 50; ++i) {
            items[i] = Allotment(batches[i], 0, 236, i % 2 == 0 ? BUYER : OTHER_BUYER);
        }
        vm.prank(PROVINCE_KEY);
        certificates.distribute(items, BASIS);
        _recordOne("certificates", "distribute 50 batches", 50, DISTRIBUTED_GOAL);
        assertEq(certificates.balanceOf(PROVINCE_ACCOUNT), 0, "left to the province");
    }

    function test_sweep_hundred() public {
        BatchId[] memory batches = _issueMany(100, 0);
        Range[] memory ranges = new Range[](100);
        for (uint256 i = 0; i < 100; ++i) {
            ranges[i] = rangeOf(batches[i], 0, 236);
        }
        vm.warp(EXPIRY);
        vm.prank(STRANGER);
        certificates.sweep(ranges);
        _recordOne("certificates", "sweep 100 expired batches", 100, SWEPT_GOAL);
        assertEq(certificates.balanceOf(OWNER), 0, "left to the owner");
    }

    /// @dev Batches of 236, each of a project of its own.
    /// @dev A signature, a slot and an event more than each call by itself, and no transaction of its own.
    function test_relay_fifty() public {
        BatchId[] memory batches = _issueMany(50, 0);
        _setOperator(OWNER, vm.addr(1));
        Request[] memory requests = new Request[](50);
        bytes[] memory signatures = new bytes[](50);
        for (uint256 i = 0; i < 50; ++i) {
            bytes memory data = abi.encodeCall(certificates.retire, (batches[i], 0, 236, claimOf()));
            requests[i] = Request(vm.addr(1), address(certificates), 200_000, i, uint64(block.timestamp), data);
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(1, relay.hashOf(requests[i]));
            signatures[i] = abi.encodePacked(r, s, v);
        }
        vm.prank(STRANGER);
        relay.relay(requests, signatures);
        _recordOne("relay", "retire 50 whole batches by requests", 50, RELAYED_GOAL);
        assertEq(certificates.balanceOf(OWNER), 0, "left to the owner");
    }

    function _issueMany(uint256 count, uint256 electricity) private returns (BatchId[] memory batches) {
        uint256[] memory leaves = new uint256[](count);
        batches = new BatchId[](count);
        for (uint256 i = 0; i < count; ++i) {
            ProjectId project = windOf(1000 + 7 * i);
            file(filingOf(project, OWNER, OWNER_KEY));
            leaves[i] = leafOf(project, electricity, 236 * CERTIFICATE);
            batches[i] = BatchIdLibrary.make(project, MONTH, electricity, electricity == 0);
        }
        issue(MONTH, leaves);
        move(issueWind(1, 20), 0, 10, BUYER);
        move(batchOf(windOf(1)), 10, 20, OTHER_BUYER);
    }

    function _setOperator(address account, address operator) private {
        vm.prank(AUTHORITY);
        registry.setOperator(account, operator);
    }

    function _signedBy(uint256 secret, Deal memory deal) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(secret, market.hashOf(deal));
        return abi.encodePacked(r, s, v);
    }

    /* FIRST SPLITS */

    function test_retire_middleOfSmallBatch() public {
        BatchId batch = issueWind(1, 256);
        _retire(batch, 100, 150, OWNER_KEY);
        _record("first-split", "retire the middle of 256", SMALL_SPLIT_GOAL);
    }

    function test_move_middleOfSmallBatch() public {
        BatchId batch = issueWind(1, 256);
        move(issueWind(2, 10), 0, 10, BUYER);
        move(batch, 100, 150, BUYER);
        _record("first-split", "move the middle of 256", SMALL_SPLIT_GOAL);
    }

    function test_take_frontOfSmallListing() public {
        take(list(issueWind(1, 10), 0, 10), 10, BUYER);
        uint256 listing = list(issueWind(2, 256), 0, 256);
        take(listing, 100, BUYER);
        _record("first-split", "take the front of a listing of 256", SMALL_SPLIT_GOAL);
    }

    function test_move_farBoundariesOfLargeBatch() public {
        BatchId batch = issueWind(1, LARGE);
        move(batch, 1, LARGE - 1, BUYER);
        _record("first-split", "move 1 to 4,999,999 of 5,000,000 to a first-time receiver", SPLIT_GOAL);
    }

    function test_move_lastOfLargeBatch() public {
        BatchId batch = issueWind(1, LARGE);
        move(batch, LARGE - 1, LARGE, BUYER);
        _record("first-split", "move the last of 5,000,000 to a first-time receiver", SPLIT_GOAL);
    }

    /* MANY SEGMENTS */

    function test_move_inBatchCutAtRandom() public {
        BatchId batch = issueWind(1, LARGE);
        for (uint256 i = 0; i < 500; ++i) {
            (uint256 from, uint256 end) = _segmentOf(batch, uint256(keccak256(abi.encode(i))) % LARGE);
            if (end - from > 2) move(batch, from + (end - from) / 3, end - (end - from) / 3, OWNER);
        }
        uint256 most = 0;
        for (uint256 i = 0; i < 40; ++i) {
            (uint256 from, uint256 end) = _segmentOf(batch, uint256(keccak256(abi.encode("read", i))) % LARGE);
            if (end - from <= 2) continue;
            move(batch, from + 1, end - 1, address(uint160(_receiver(i))));
            uint256 used = vm.snapshotGasLastCall("many-segments", "latest of 40");
            if (used > most) most = used;
        }
        vm.snapshotValue("many-segments", "dearest of 40 splits after 1,000 random cuts", most);
        assertLe(most, SPLIT_GOAL, "split in a batch of many segments");
        (uint256 last,) = _segmentOf(batch, LARGE - 1);
        move(batch, last, LARGE, BUYER);
        _record("many-segments", "move the last segment after 1,000 random cuts", SPLIT_GOAL);
    }

    /// @dev Chains of boundaries close in on `middle` from both sides, so that the search tree is as deep as it gets
    /// left and right of the gap around it.
    function test_move_inBatchCutAdversarially() public {
        uint256 most = 0;
        for (uint256 parts = 2; parts <= 3; ++parts) {
            BatchId batch = issueWind(parts, LARGE);
            uint256 middle = LARGE / parts;
            _closeIn(batch, middle);
            (uint256 from, uint256 end) = _segmentOf(batch, middle);
            assertLe(end - from, 16, "a small gap is left");
            vm.cool(address(certificates));
            move(batch, from + 1, end - 1, address(uint160(_receiver(parts))));
            uint256 used = vm.snapshotGasLastCall("many-segments", "latest adversarial split");
            if (used > most) most = used;
        }
        vm.snapshotValue("many-segments", "dearest split between two deepest chains", most);
        assertLe(most, SPLIT_GOAL, "split between two deepest chains");
    }

    function _closeIn(BatchId batch, uint256 middle) private {
        uint256 left = middle;
        uint256 right = LARGE - middle;
        while (left > 2 || right > 2) {
            if (left > 2) {
                left -= left / 6 + 1;
                move(batch, middle - left, middle + right, OWNER);
            }
            if (right > 2) {
                right -= right / 6 + 1;
                move(batch, middle - left, middle + right, OWNER);
            }
        }
    }

    /* INTERNALS */

    function _retire(BatchId batch, uint256 start, uint256 end, address key) private {
        vm.prank(key);
        certificates.retire(batch, uint32(start), uint32(end), claimOf());
    }

    function _receiver(uint256 seed) private returns (uint256 account) {
        account = uint160(uint256(keccak256(abi.encode("receiver", seed))));
        Filing memory filing = filingOf(windOf(900_000 + seed), address(uint160(account)), BUYER_KEY);
        file(filing);
    }

    function _segmentOf(BatchId batch, uint256 serial) private view returns (uint256 start, uint256 end) {
        (start, end,,,) = certificates.segmentAt(batch, uint32(serial));
    }

    function _record(string memory group, string memory name, uint256 goal) private {
        assertLe(vm.snapshotGasLastCall(group, name), goal, name);
    }

    /// @dev The latest call with many items, and what one of them comes to.
    function _recordOne(string memory group, string memory name, uint256 items, uint256 goal) private {
        uint256 each = vm.snapshotGasLastCall(group, name) / items;
        vm.snapshotValue(group, string.concat(name, ", each"), each);
        assertLe(each, goal, name);
    }
}
