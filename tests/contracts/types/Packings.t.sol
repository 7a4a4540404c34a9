// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {BatchId, BatchIdLibrary} from "../../../contracts/types/BatchId.sol";
import {Electricity, State} from "../../../contracts/types/Classes.sol";
import {Leaf} from "../../../contracts/types/Leaf.sol";
import {Month} from "../../../contracts/types/Month.sol";
import {PackedBatch, PackedBatchLibrary} from "../../../contracts/types/PackedBatch.sol";
import {ProjectId} from "../../../contracts/types/ProjectId.sol";
import {Segment, SegmentLibrary} from "../../../contracts/types/Segment.sol";
import {Terms, TermsLibrary} from "../../../contracts/types/Terms.sol";
import {BaseTest} from "../BaseTest.sol";

/// @notice What is packed comes out again, and no part runs into another.
contract PackingsTest is BaseTest {
    function testFuzz_batchId(uint48 project, uint16 month, uint8 electricity, bool tradable, uint32 serial) public pure {
        month = month & 0xfff;
        Electricity electricity_ = Electricity(electricity % 4);
        BatchId batch = BatchIdLibrary.make(ProjectId.wrap(project), Month.wrap(month), electricity_, tradable);
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
        PackedBatch batch = PackedBatchLibrary.make(holder, count, commitment, leaf, filing);
        assertEq(batch.holder(), holder, "holder");
        assertEq(batch.count(), count, "count");
        assertEq(batch.commitment(), commitment, "commitment");
        assertEq(batch.leaf(), leaf, "leaf");
        assertEq(batch.filing(), filing, "filing");
    }

    function testFuzz_terms(address owner, uint16 month, uint8 filing, bool marketBased, uint32 capacity, uint8 next)
        public
        pure
    {
        Terms terms = TermsLibrary.make(owner, Month.wrap(month), filing, marketBased, capacity);
        assertTrue(!terms.frozen(), "not frozen");
        assertEq(terms.submitted(), filing, "submitted");
        terms = terms.withFrozen().withSubmitted(next);
        assertTrue(terms.frozen(), "frozen");
        assertEq(terms.submitted(), next, "submitted next");
        assertEq(terms.owner(), owner, "owner");
        assertEq(Month.unwrap(terms.inOperation()), month, "first operation");
        assertEq(terms.filing(), filing, "filing");
        assertEq(terms.marketBased(), marketBased, "market-based");
        assertEq(terms.capacityKw(), capacity, "capacity");
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
