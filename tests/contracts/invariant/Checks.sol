// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Case} from "../../../contracts/interfaces/ICases.sol";
import {Addition} from "../../../contracts/interfaces/ICertificates.sol";
import {Listing} from "../../../contracts/interfaces/IMarket.sol";
import {BatchId} from "../../../contracts/types/BatchId.sol";
import {Outcome, State} from "../../../contracts/types/Classes.sol";
import {ProjectId} from "../../../contracts/types/ProjectId.sol";
import {CaseHandler} from "./CaseHandler.sol";

/// @notice What must hold, asked of the contracts and laid beside the model.
abstract contract Checks is CaseHandler {
    /// @notice I1: a batch is what was issued at once, and what decided cases added to it, in order.
    function checkIssues() external view {
        uint256 total = 0;
        for (uint256 b = 0; b < batches.length; ++b) {
            BatchId batch = batches[b];
            Addition[] memory added = certificates.additionsOf(batch);
            uint32 count = certificates.batchOf(batch).count;
            assertEq(count, ledger[batch].length, "count");
            assertEq(added.length, additions[batch].length, "additions");
            assertEq(keccak256(abi.encode(added)), keccak256(abi.encode(additions[batch])), "each addition");
            for (uint256 i = 0; i < added.length; ++i) {
                Case memory found = cases.caseOf(added[i].caseId);
                assertEq(BatchId.unwrap(found.batch), BatchId.unwrap(batch), "batch of the case");
                assertEq(uint256(found.outcome), uint256(Outcome.Added), "a decided case");
                assertEq(added[i].end, i + 1 < added.length ? added[i + 1].start : count, "serials go on");
            }
            total += count;
        }
        assertEq(certificates.issuedTotal(), total, "issued in total");
    }

    /// @notice I2: segments cover each batch without overlap, and every certificate is as foreseen.
    function checkSegments() external view {
        for (uint256 b = 0; b < batches.length; ++b) {
            Certificate[] storage expected = ledger[batches[b]];
            uint32 at = 0;
            while (at < expected.length) at = _checkSegment(batches[b], at);
            assertEq(at, expected.length, "segments end with the batch");
        }
    }

    function _checkSegment(BatchId batch, uint32 at) private view returns (uint32 end) {
        uint32 start;
        address owner;
        State state;
        bool traded;
        (start, end, owner, state, traded) = certificates.segmentAt(batch, at);
        assertEq(start, at, "segments are disjoint and without gaps");
        assertTrue(end > start, "a segment has certificates");
        for (uint256 i = start; i < end; ++i) {
            Certificate memory certificate = ledger[batch][i];
            assertEq(certificate.owner, owner, "owner");
            assertEq(uint256(certificate.state), uint256(state), "state");
            assertEq(certificate.traded, traded, "traded");
            assertEq(certificate.begins, i == start, "a cut begins a segment");
        }
        (uint32 start_,,,,) = certificates.segmentAt(batch, end - 1);
        assertEq(start_, start, "the last certificate of a segment is in it");
    }

    /// @notice I3: issued = held + retired + deducted, counted from the chain's segments, for each account and in all.
    function checkBalances() external view {
        uint256[] memory standing = new uint256[](accounts.length);
        uint256 ended = 0;
        for (uint256 b = 0; b < batches.length; ++b) {
            uint32 count = certificates.batchOf(batches[b]).count;
            for (uint32 at = 0; at < count;) {
                (uint32 start, uint32 end, address owner, State state,) = certificates.segmentAt(batches[b], at);
                if (state < State.Retired) standing[_indexOf(owner)] += end - start;
                else ended += end - start;
                at = end;
            }
        }
        uint256 total = ended;
        for (uint256 i = 0; i < accounts.length; ++i) {
            assertEq(certificates.balanceOf(accounts[i]), standing[i], "balance and segments");
            assertEq(held[accounts[i]], standing[i], "held as foreseen");
            total += standing[i];
        }
        assertEq(ended, retired + deducted, "retired and deducted");
        assertEq(total, certificates.issuedTotal(), "held, retired and deducted");
    }

    /// @notice I4: metered with corrections = 1,000,000 Wh a certificate that was not deducted, + carry, for each lane.
    /// What a decided case has yet to deduct counts as deducted.
    function checkEnergy() external view {
        int256[4][] memory standing = new int256[4][](projects.length);
        for (uint256 b = 0; b < batches.length; ++b) {
            BatchId batch = batches[b];
            uint256 place = (ProjectId.unwrap(batch.project()) & 0xfffff) - 1;
            for (uint256 i = 0; i < ledger[batch].length; ++i) {
                if (ledger[batch][i].state != State.Deducted) ++standing[place][batch.electricityBits()];
            }
        }
        for (uint256 p = 0; p < projects.length; ++p) {
            for (uint8 electricity = 0; electricity < 4; ++electricity) {
                Meter storage meter = meters[projects[p]][electricity];
                uint256 carry = registry.laneOf(projects[p], electricity).carry();
                assertTrue(carry < CERTIFICATE, "the carry is less than a certificate");
                int256 certificates_ = standing[p][electricity] - int256(meter.owed);
                bool equal = meter.energy == int256(CERTIFICATE) * certificates_ + int256(carry);
                assertTrue(equal, "metered energy");
            }
        }
    }

    /// @notice I5: between two undos at most one trade, and the chain knows whether it is left.
    function checkTrades() external view {
        for (uint256 b = 0; b < batches.length; ++b) {
            for (uint256 i = 0; i < ledger[batches[b]].length; ++i) {
                Certificate memory certificate = ledger[batches[b]][i];
                uint256 standing = uint256(certificate.trades) - certificate.undone;
                assertLe(standing, 1, "trades between two undos");
                if (!certificate.begins) continue;
                (,,,, bool traded) = certificates.segmentAt(batches[b], uint32(i));
                assertEq(standing, traded ? 1 : 0, "the one trade");
                assertTrue(batches[b].tradable() || !traded, "only what is tradable was traded");
            }
        }
        (, uint128 trade) = market.latest();
        assertEq(trade, trades, "number of trades");
    }

    /// @notice I6: retired and deducted certificates have no owner.
    function checkEnds() external view {
        for (uint256 b = 0; b < batches.length; ++b) {
            for (uint256 i = 0; i < ledger[batches[b]].length; ++i) {
                if (!ledger[batches[b]][i].begins) continue;
                bool ended = ledger[batches[b]][i].state >= State.Retired;
                try certificates.ownerOf(batches[b].tokenId(uint32(i))) returns (address owner) {
                    assertTrue(!ended, "what is ended has no owner");
                    assertEq(owner, ledger[batches[b]][i].owner, "owner");
                } catch {
                    assertTrue(ended, "what stands has an owner");
                }
            }
        }
    }

    /// @notice I7: one key at the most acts for an account, none for a frozen, closed or wrongly mandated one.
    function checkActors() external view {
        for (uint256 i = 0; i < accounts.length; ++i) {
            address account = accounts[i];
            assertEq(registry.actorOf(account), _actor(account), "who acts");
            assertEq(registry.mayReceive(account), _mayReceive(account), "who receives");
            bool still = principals[account].frozen || principals[account].closed;
            assertTrue(!still || registry.actorOf(account) == address(0), "nobody acts for a frozen or closed account");
        }
        assertEq(registry.actorOf(STRANGER), address(0), "nobody acts for nobody");
    }

    /// @notice I8: what is on sale is in one lot, tradable, not traded and not in doubt.
    function checkSale() external view {
        uint256 onSale = 0;
        for (uint256 i = 0; i < lots.length; ++i) {
            Lot memory lot = lotOf[lots[i]];
            Listing memory listing = market.listingOf(lots[i]);
            assertEq(listing.end, lot.end, "end of the lot");
            assertEq(listing.start, lot.start, "start of the lot");
            if (listing.end == 0) continue;
            onSale += listing.end - listing.start;
            (uint32 start, uint32 end,, State state, bool traded) =
                certificates.segmentAt(listing.batch, listing.start);
            assertEq(start, listing.start, "a lot begins a segment");
            assertEq(end, listing.end, "a lot ends it");
            assertEq(uint256(state), uint256(State.Listed), "a lot is on sale");
            assertTrue(!traded && listing.batch.tradable(), "a lot has its trade left");
        }
        uint256 listed = 0;
        for (uint256 b = 0; b < batches.length; ++b) {
            for (uint256 i = 0; i < ledger[batches[b]].length; ++i) {
                if (ledger[batches[b]][i].state == State.Listed) ++listed;
            }
        }
        assertEq(onSale, listed, "each lot has its own certificates");
    }

    function _indexOf(address account) private view returns (uint256 i) {
        while (accounts[i] != account) ++i;
    }
}
