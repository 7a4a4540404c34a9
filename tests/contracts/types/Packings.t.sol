// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {BatchId, BatchIdLibrary} from "../../../contracts/types/BatchId.sol";
import {LeafRefusal, State} from "../../../contracts/types/Classes.sol";
import {Credit, CreditLibrary} from "../../../contracts/types/Credit.sol";
import {Lane} from "../../../contracts/types/Lane.sol";
import {Leaf} from "../../../contracts/types/Leaf.sol";
import {Month} from "../../../contracts/types/Month.sol";
import {PackedBatch, PackedBatchLibrary} from "../../../contracts/types/PackedBatch.sol";
import {Particulars} from "../../../contracts/types/Particulars.sol";
import {ProjectId} from "../../../contracts/types/ProjectId.sol";
import {Segment, SegmentLibrary} from "../../../contracts/types/Segment.sol";
import {Terms} from "../../../contracts/types/Terms.sol";
import {BaseTest} from "../BaseTest.sol";

/// @notice What is packed comes out again, and no part runs into another.
contract PackingsTest is BaseTest {
    function testFuzz_batchId(uint48 project, uint16 month, uint8 electricity, bool tradable, uint32 serial) public pure {
        month = month & 0xfff;
        BatchId batch = BatchIdLibrary.make(ProjectId.wrap(project), Month.wrap(month), electricity % 4, tradable);
        assertEq(ProjectId.unwrap(batch.project()), project, "project");
        assertEq(Month.unwrap(batch.month()), month, "month");
        assertEq(batch.electricityBits(), electricity % 4, "electricity");
        assertEq(batch.tradable(), tradable, "tradable");
        (BatchId again, uint32 serial_) = BatchIdLibrary.split(batch.tokenId(serial));
        assertEq(BatchId.unwrap(again), BatchId.unwrap(batch), "batch of the token");
        assertEq(serial_, serial, "serial of the token");
    }

    function testFuzz_tokenAbove96BitsHasNoBatch(uint256 token) public pure {
        (BatchId batch, uint32 serial) = BatchIdLibrary.split(bound(token, 1 << 96, type(uint256).max));
        assertEq(BatchId.unwrap(batch), 0, "batch");
        assertEq(serial, 0, "serial");
    }

    function testFuzz_projectId(uint256 kind, uint256 technology, uint256 month, uint256 province, uint256 sequence)
        public
        pure
    {
        (kind, technology, month) = (kind % 16, technology % 32, month % 4096);
        (province, sequence) = (province % 128, sequence % (1 << 20));
        ProjectId project = ProjectId.wrap(
            uint48((kind << 44) | (technology << 39) | (month << 27) | (province << 20) | sequence)
        );
        assertEq(project.kind(), kind, "kind");
        assertEq(Month.unwrap(project.approved()), month, "month of approval");
        assertEq(project.province(), province, "province");
        assertEq(project.sequence(), sequence, "sequence");
        bool canonical = kind >= 1 && kind <= 3 && technology >= 1 && technology <= 12 && province >= 11
            && province <= 82 && sequence <= 999_999;
        assertEq(project.isCanonical(), canonical, "canonical");
        if (canonical) assertEq(uint256(project.technology()), technology, "technology");
    }

    function testFuzz_leaf(uint48 project, uint8 electricity, uint64 wattHours, uint136 digest) public pure {
        uint256 word =
            (uint256(project) << 208) | (uint256(electricity) << 200) | (uint256(wattHours) << 136) | digest;
        assertEq(ProjectId.unwrap(Leaf.wrap(word).project()), project, "project");
        assertEq(Leaf.wrap(word).electricityBits(), electricity, "electricity");
        assertEq(Leaf.wrap(word).wattHours(), wattHours, "energy");
    }

    function testFuzz_packedBatch(address holder, uint32 count, uint24 commitment, uint24 leaf, uint8 filing)
        public
        pure
    {
        PackedBatch batch = PackedBatchLibrary.make(CreditLibrary.make(holder, count, true, filing), commitment, leaf);
        assertEq(batch.holder(), holder, "holder");
        assertEq(batch.count(), count, "count");
        assertEq(batch.commitment(), commitment, "commitment");
        assertEq(batch.leaf(), leaf, "leaf");
        assertEq(batch.filing(), filing, "filing");
        assertTrue(!batch.isExtended(), "as issued");
    }

    function testFuzz_packedBatch_extended(address holder, uint256 seed, uint24 commitment, uint24 leaf, uint8 filing)
        public
        pure
    {
        uint256 count = bound(seed, 1, 999_999_997);
        uint256 more = bound(seed >> 64, 1, 999_999_998 - count);
        uint256 again = bound(seed >> 128, 1, 999_999_999 - count - more);
        Credit credit = CreditLibrary.make(holder, uint32(count), seed % 2 == 0, filing);
        PackedBatch batch = PackedBatchLibrary.make(credit, commitment, leaf).extended(uint32(more));
        assertTrue(batch.isExtended(), "extended");
        assertEq(batch.count(), count + more, "count");
        batch = batch.extended(uint32(again));
        assertTrue(batch.isExtended(), "extended again");
        assertEq(batch.count(), count + more + again, "count of all");
        assertEq(batch.holder(), holder, "holder");
        assertEq(batch.commitment(), commitment, "commitment");
        assertEq(batch.leaf(), leaf, "leaf");
        assertEq(batch.filing(), filing, "filing");
    }

    function testFuzz_credit(address holder, uint32 count, bool tradable, uint8 filing, uint8 reason) public pure {
        Credit credit = CreditLibrary.make(holder, count, tradable, filing);
        assertEq(credit.holder(), holder, "holder");
        assertEq(credit.count(), count, "count");
        assertEq(credit.tradable(), tradable, "tradable");
        assertTrue(!credit.isRefused(), "not refused");
        LeafRefusal refusal = LeafRefusal(reason % 8);
        credit = CreditLibrary.refused(refusal);
        assertEq(credit.isRefused(), reason % 8 != 0, "refused");
        assertEq(uint256(credit.refusal()), uint256(refusal), "reason");
        assertEq(credit.count(), 0, "nothing for what is refused");
    }

    function testFuzz_terms(uint256 word, address owner, uint16 month, uint8 filing, bool marketBased, uint64 next)
        public
        pure
    {
        Terms terms = Terms.wrap(word);
        (uint64 lane, bool ccer) = (Lane.unwrap(terms.onGrid()), terms.ccer());
        assertEq(ccer, (word >> 185) & 1 == 1, "turned to CCER");
        terms = terms.refiled(owner, Month.wrap(month), filing, marketBased);
        assertEq(Lane.unwrap(terms.onGrid()), lane, "energy account outlives the filing");
        assertEq(terms.ccer(), ccer, "CCER outlives the filing");
        terms = terms.withOnGrid(Lane.wrap(next)).withCcer(!ccer);
        assertEq(terms.ccer(), !ccer, "turned round");
        assertEq(Lane.unwrap(terms.onGrid()), next, "next energy account");
        assertEq(Terms.unwrap(terms.withCcer(!ccer)), Terms.unwrap(terms), "twice is once");
        assertEq(terms.owner(), owner, "owner");
        assertEq(Month.unwrap(terms.inOperation()), month, "first operation");
        assertEq(terms.filing(), filing, "filing");
        assertEq(terms.marketBased(), marketBased, "market-based");
    }

    function testFuzz_particulars(uint256 word, uint32 capacity, uint8 version, uint64 lane, uint256 electricity)
        public
        pure
    {
        electricity = bound(electricity, 1, 3);
        Particulars before = Particulars.wrap(word);
        Particulars next =
            before.withCapacityKw(capacity).withSubmitted(version).withLane(electricity, Lane.wrap(lane));
        assertEq(next.capacityKw(), capacity, "capacity");
        assertEq(next.submitted(), version, "submitted version");
        for (uint256 i = 1; i < 4; ++i) {
            uint64 expected = i == electricity ? lane : Lane.unwrap(before.lane(i));
            assertEq(Lane.unwrap(next.lane(i)), expected, "energy account");
        }
    }

    function testFuzz_segment(address owner, address next, uint8 state, bool traded, uint256 link) public pure {
        link = link % (1 << 92);
        Segment segment = SegmentLibrary.make(owner, State(state % 6), traded).withLink(link);
        assertEq(segment.owner(), owner, "owner");
        assertEq(uint256(segment.state()), state % 6, "state");
        assertEq(segment.traded(), traded, "traded");
        assertEq(segment.links(), link, "links");
        Segment other = segment.become(SegmentLibrary.make(next, State.Retired, !traded).withLink(7));
        assertEq(other.owner(), next, "owner of what it became");
        assertEq(uint256(other.state()), uint256(State.Retired), "state of what it became");
        assertEq(other.traded(), !traded, "trade of what it became");
        assertEq(other.links(), link, "its own links");
        assertEq(segment.alone().links(), 0, "no links alone");
        assertEq(segment.alone().owner(), owner, "owner alone");
    }
}
