// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RangeLedger} from "./RangeLedger.sol";
import {Addition, Allotment, Claim, ICertificates} from "./interfaces/ICertificates.sol";
import {IReadings} from "./interfaces/IReadings.sol";
import {AccountKind, IRegistry} from "./interfaces/IRegistry.sol";
import {ChunkProof} from "./libraries/ChunkProof.sol";
import {MoveRules} from "./libraries/MoveRules.sol";
import {Span} from "./libraries/Segments.sol";
import {Tradability} from "./libraries/Tradability.sol";
import {BatchId, BatchIdLibrary} from "./types/BatchId.sol";
import {MoveKind, RetirementReason, State} from "./types/Classes.sol";
import {Credit} from "./types/Credit.sol";
import {LaneLibrary} from "./types/Lane.sol";
import {Leaf} from "./types/Leaf.sol";
import {Month} from "./types/Month.sol";
import {PackedBatch, PackedBatchLibrary} from "./types/PackedBatch.sol";
import {Range} from "./types/Range.sol";
import {Segment, SegmentLibrary} from "./types/Segment.sol";

/// @notice Its manual is `ICertificates`.
contract Certificates is RangeLedger {
    uint8 private constant PURPOSES = 7;
    uint256 private constant MAX_BENEFICIARY = 256;
    uint256 private constant MAX_STATEMENT = 1024;

    /* STORAGE */

    mapping(Month month => bool) private _warned;

    constructor(address authority, address relay, IRegistry registry, IReadings readings, string memory baseUri)
        RangeLedger(authority, relay, registry, readings, baseUri)
    {}

    /* ISSUING */

    /// @inheritdoc ICertificates
    function issue(
        uint24 commitment,
        uint16 chunk,
        uint256[] calldata leaves,
        bytes32[] calldata proof
    ) external restricted returns (uint256 issued) {
        (Month month, uint256 drawn) = _requireChunk(commitment, chunk, leaves, proof);
        Credit[] memory credits = REGISTRY.credit(month, leaves, drawn);

        uint256 total = 0;
        uint256 first = uint256(chunk) * ChunkProof.CHUNK;
        // Bounds: at most 256 leaves, each of less than 2^30 certificates, in a commitment of less than 2^24.
        unchecked {
            for (uint256 i = 0; i < leaves.length; ++i) {
                if ((drawn >> i) & 1 == 1) continue;
                Credit credit = credits[i];
                uint24 leaf = uint24(first + i);
                if (credit.isRefused()) {
                    emit LeafRefused(commitment, leaf, credit.refusal());
                    continue;
                }
                issued |= 1 << i;
                if (credit.count() == 0) continue;
                _open(Leaf.wrap(leaves[i]), month, credit, commitment, leaf);
                total += credit.count();
            }
        }
        if (issued == 0) revert NothingToIssue(commitment, chunk);

        issuedTotal += total;
        emit Issued(commitment, chunk, issued, leaves);
        READINGS.draw(commitment, chunk, issued);
    }

    /* MOVING */

    /// @inheritdoc ICertificates
    function move(BatchId batch, uint32 start, uint32 end, address to, MoveKind kind, bytes32 basis)
        external
        restricted
    {
        if (!REGISTRY.mayReceive(to)) revert AccountUnknown(to);
        Span memory found = _find(batch, start, end);
        _requireState(batch, start, found.segment, State.Held);
        _requireValid(batch);
        if (!MoveRules.allows(kind, batch, found.segment.owner(), _batches[batch].holder(), REGISTRY)) {
            revert MoveNotAllowed(batch, kind);
        }
        _move(batch, start, end, found, to, kind, basis);
    }

    /// @inheritdoc ICertificates
    function distribute(Allotment[] calldata items, bytes32 plan) external restricted {
        address caller = _msgSender();
        for (uint256 i = 0; i < items.length; ++i) {
            try this.distributeOne(items[i], plan, caller) {}
            catch (bytes memory reason) {
                emit ItemRefused(i, reason);
            }
        }
    }

    /// @inheritdoc ICertificates
    function distributeOne(Allotment calldata item, bytes32 plan, address caller) external {
        if (msg.sender != address(this)) revert OnlySelf();
        (BatchId batch, uint32 start, uint32 end) = (item.batch, item.start, item.end);
        if (!REGISTRY.mayReceive(item.to)) revert AccountUnknown(item.to);
        Span memory found = _find(batch, start, end);
        address holder = found.segment.owner();
        if (!REGISTRY.mayAct(holder, caller)) revert MayNotAct(holder, caller);
        if (REGISTRY.account(holder).kind != AccountKind.Province) revert MoveNotAllowed(batch, MoveKind.Distribution);
        _requireState(batch, start, found.segment, State.Held);
        _requireValid(batch);
        _move(batch, start, end, found, item.to, MoveKind.Distribution, plan);
    }

    /// @inheritdoc ICertificates
    function list(BatchId batch, uint32 start, uint32 end, address caller)
        external
        restricted
        returns (address seller)
    {
        Span memory found = _find(batch, start, end);
        Segment segment = found.segment;
        seller = segment.owner();
        if (!REGISTRY.mayAct(seller, caller)) revert MayNotAct(seller, caller);
        _requireState(batch, start, segment, State.Held);
        if (!batch.tradable()) revert NotTradable(batch);
        _requireTradeLeft(batch, start, end, segment);

        _write(batch, start, end, found, SegmentLibrary.make(seller, State.Listed, false));
    }

    /// @inheritdoc ICertificates
    function unlist(BatchId batch, uint32 start, uint32 end) external restricted {
        _change(batch, start, end, State.Listed, State.Held);
    }

    /// @inheritdoc ICertificates
    function trade(BatchId batch, uint32 start, uint32 end, address buyer)
        external
        restricted
        returns (address seller)
    {
        Span memory found = _find(batch, start, end);
        Segment segment = found.segment;
        _requireState(batch, start, segment, State.Listed);
        _requireTradeLeft(batch, start, end, segment);

        seller = segment.owner();
        _write(batch, start, end, found, SegmentLibrary.make(buyer, State.Held, true));
        _transfer(batch, start, end, seller, buyer);
    }

    /// @inheritdoc ICertificates
    function sell(BatchId batch, uint32 start, uint32 end, address seller, address buyer) external restricted {
        Span memory found = _find(batch, start, end);
        Segment segment = found.segment;
        if (segment.owner() != seller) revert NotHolder(batch, start, segment.owner());
        _requireState(batch, start, segment, State.Held);
        if (!batch.tradable()) revert NotTradable(batch);
        _requireTradeLeft(batch, start, end, segment);

        _write(batch, start, end, found, SegmentLibrary.make(buyer, State.Held, true));
        _transfer(batch, start, end, seller, buyer);
    }

    /* FREEZING */

    /// @inheritdoc ICertificates
    function freeze(BatchId batch, uint32 start, uint32 end, bytes32 basis) external restricted {
        Span memory found = _find(batch, start, end);
        _requireState(batch, start, found.segment, State.Held);
        _requireValid(batch);
        _changeState(batch, start, end, found, State.Frozen);
        emit Frozen(batch, start, end, basis);
    }

    /// @inheritdoc ICertificates
    function doubt(BatchId batch, uint32 start, uint32 end, address holder, uint24 caseId) external restricted {
        Span memory found = _find(batch, start, end);
        address owner = found.segment.owner();
        if (owner != holder) revert NotHolder(batch, start, owner);
        _requireState(batch, start, found.segment, State.Held);
        _changeState(batch, start, end, found, State.Frozen);
        emit Frozen(batch, start, end, bytes32(uint256(caseId)));
    }

    /// @inheritdoc ICertificates
    function trust(BatchId batch, uint32 start, uint32 end, uint24 caseId) external restricted {
        PackedBatch known = _known(batch);
        while (start < end) {
            Span memory found = _spanAt(batch, known, start);
            uint32 until = found.end < end ? uint32(found.end) : end;
            if (found.segment.state() == State.Frozen) {
                _changeState(batch, start, until, found, State.Held);
                emit Unfrozen(batch, start, until, bytes32(uint256(caseId)));
            }
            start = until;
        }
    }

    /// @inheritdoc ICertificates
    function unfreeze(BatchId batch, uint32 start, uint32 end, bytes32 basis) external restricted {
        _change(batch, start, end, State.Frozen, State.Held);
        emit Unfrozen(batch, start, end, basis);
    }

    /* RETIRING */

    /// @inheritdoc ICertificates
    function retire(BatchId batch, uint32 start, uint32 end, Claim calldata claim) external restricted {
        _requireClaim(claim);
        Span memory found = _find(batch, start, end);
        address holder = found.segment.owner();
        address caller = _msgSender();
        if (!REGISTRY.mayAct(holder, caller)) revert MayNotAct(holder, caller);
        _requireState(batch, start, found.segment, State.Held);
        _requireValid(batch);
        _requireNotForCcer(batch, found.segment);
        _retire(batch, start, end, found, RetirementReason.Consumed, claim);
    }

    /// @inheritdoc ICertificates
    function retireDue(BatchId batch, uint32 start, uint32 end) external restricted {
        Span memory found = _find(batch, start, end);
        _requireState(batch, start, found.segment, State.Held);
        RetirementReason reason = _dueReason(batch, found.segment);
        if (reason == RetirementReason.None) revert NotDue(batch, start);
        Claim memory none;
        _retire(batch, start, end, found, reason, none);
    }

    /// @inheritdoc ICertificates
    function sweep(Range[] calldata ranges) external restricted {
        for (uint256 i = 0; i < ranges.length; ++i) {
            try this.retireDue(ranges[i].batch, ranges[i].start, ranges[i].end) {}
            catch (bytes memory reason) {
                emit ItemRefused(i, reason);
            }
        }
    }

    /// @inheritdoc ICertificates
    function warn(Month month) external restricted {
        (uint64 from, uint64 expiresAt) = (month.warnsAt(), month.expiresAt());
        if (block.timestamp < from || block.timestamp >= expiresAt) revert ExpiryNotNear(month, from);
        if (_warned[month]) revert WarnedAlready(month);

        _warned[month] = true;
        emit ExpiryNear(month, expiresAt);
    }

    /* CORRECTING */

    /// @inheritdoc ICertificates
    function add(BatchId batch, uint32 count, uint24 caseId, bytes32 basis) external restricted {
        PackedBatch known = _known(batch);
        uint32 start = known.count();
        if (count == 0 || count > LaneLibrary.MAX_COUNT - start) revert RangeEmpty(start, start + count);

        address holder = known.holder();
        _batches[batch] = known.extended(count);
        _additions[batch].push(Addition(holder, start, start + count, caseId, basis));
        issuedTotal += count;
        emit Added(batch, start, start + count, holder, caseId, basis);
        _transfer(batch, start, start + count, address(0), holder);
    }

    /// @inheritdoc ICertificates
    function deduct(BatchId batch, uint32 start, uint32 end, uint24 caseId) external restricted {
        Span memory found = _find(batch, start, end);
        State state = found.segment.state();
        if (state != State.Held && state != State.Frozen) revert StateIs(batch, start, state);

        address holder = found.segment.owner();
        _changeState(batch, start, end, found, State.Deducted);
        emit Deducted(batch, start, end, holder, caseId);
        _transfer(batch, start, end, holder, address(0));
    }

    /// @inheritdoc ICertificates
    function undoTrade(BatchId batch, uint32 start, uint32 end, uint24 caseId) external restricted {
        Span memory found = _find(batch, start, end);
        _requireState(batch, start, found.segment, State.Held);
        if (!found.segment.traded()) revert NotTraded(batch, start);

        (address buyer, address seller) = (found.segment.owner(), _batches[batch].holder());
        _write(batch, start, end, found, SegmentLibrary.make(seller, State.Held, false));
        emit TradeUndone(batch, start, end, buyer, seller, caseId);
        _transfer(batch, start, end, buyer, seller);
    }

    /// @inheritdoc ICertificates
    function undoRetirement(BatchId batch, uint32 start, uint32 end, uint24 caseId) external restricted {
        Span memory found = _find(batch, start, end);
        _requireState(batch, start, found.segment, State.Retired);

        address holder = found.segment.owner();
        _changeState(batch, start, end, found, State.Held);
        emit RetirementUndone(batch, start, end, holder, caseId);
        _transfer(batch, start, end, address(0), holder);
    }

    /* INTERNALS: ISSUING */

    function _requireChunk(
        uint24 commitment,
        uint16 chunk,
        uint256[] calldata leaves,
        bytes32[] calldata proof
    ) private view returns (Month month, uint256 drawn) {
        uint256 size;
        bytes32 root;
        (month, size, root, drawn) = READINGS.issuable(commitment, chunk);
        uint256 first = uint256(chunk) * ChunkProof.CHUNK;
        if (first >= size) revert ChunkOutOfRange(commitment, chunk);
        uint256 expected = size - first;
        if (expected > ChunkProof.CHUNK) expected = ChunkProof.CHUNK;
        if (leaves.length != expected) revert ChunkLength(expected, leaves.length);
        bool proven = proof.length == ChunkProof.depthOf(size)
            && ChunkProof.rootOf(leaves, chunk, size, proof) == root;
        if (!proven) revert ChunkNotInCommitment(commitment, chunk);
    }

    function _open(Leaf leaf, Month month, Credit credit, uint24 commitment, uint24 index) private {
        BatchId batch = BatchIdLibrary.make(leaf.project(), month, leaf.electricityBits(), credit.tradable());
        _batches[batch] = PackedBatchLibrary.make(credit, commitment, index);
        _transfer(batch, 0, credit.count(), address(0), credit.holder());
    }

    /* INTERNALS: CHANGING A RANGE */

    function _move(
        BatchId batch,
        uint32 start,
        uint32 end,
        Span memory found,
        address to,
        MoveKind kind,
        bytes32 basis
    ) private {
        address owner = found.segment.owner();
        _write(batch, start, end, found, SegmentLibrary.make(to, State.Held, found.segment.traded()));
        emit Moved(batch, start, end, owner, to, kind, basis);
        _transfer(batch, start, end, owner, to);
    }

    function _retire(
        BatchId batch,
        uint32 start,
        uint32 end,
        Span memory found,
        RetirementReason reason,
        Claim memory claim
    ) private {
        address holder = found.segment.owner();
        _changeState(batch, start, end, found, State.Retired);
        emit Retired(batch, start, end, holder, reason, claim);
        _transfer(batch, start, end, holder, address(0));
    }

    function _change(BatchId batch, uint32 start, uint32 end, State expected, State next) private {
        Span memory found = _find(batch, start, end);
        _requireState(batch, start, found.segment, expected);
        _changeState(batch, start, end, found, next);
    }

    /* INTERNALS: CHECKS */

    function _requireState(BatchId batch, uint32 start, Segment segment, State expected) private pure {
        State state = segment.state();
        if (state != expected) revert StateIs(batch, start, state);
    }

    function _requireTradeLeft(BatchId batch, uint32 start, uint32 end, Segment segment) private view {
        if (segment.traded()) revert AlreadyTraded(batch, start, end);
        _requireValid(batch);
        _requireNotForCcer(batch, segment);
    }

    /// @dev Only projects that can choose CCER are asked whether they did.
    function _requireNotForCcer(BatchId batch, Segment segment) private view {
        if (segment.traded() || !Tradability.canChooseCcer(batch.project().technology())) return;
        (bool chosen, bool registered) = REGISTRY.ccerOf(batch.project(), batch.month());
        if (chosen || registered) revert ChosenForCcer(batch);
    }

    function _dueReason(BatchId batch, Segment segment) private view returns (RetirementReason) {
        if (!segment.traded() && Tradability.canChooseCcer(batch.project().technology())) {
            (, bool registered) = REGISTRY.ccerOf(batch.project(), batch.month());
            if (registered) return RetirementReason.Ccer;
        }
        if (block.timestamp >= batch.month().expiresAt()) return RetirementReason.Expired;
        return REGISTRY.mayReceive(segment.owner()) ? RetirementReason.None : RetirementReason.AccountClosed;
    }

    function _requireValid(BatchId batch) private view {
        uint64 expiresAt = batch.month().expiresAt();
        if (block.timestamp >= expiresAt) revert Expired(batch, expiresAt);
    }

    function _requireClaim(Claim calldata claim) private pure {
        if (claim.purpose == 0 || claim.purpose > PURPOSES) revert PurposeUnknown(claim.purpose);
        if (!claim.from.isBefore(claim.to)) revert PeriodEmpty(claim.from, claim.to);
        uint256 length = bytes(claim.beneficiary).length;
        if (length == 0 || length > MAX_BENEFICIARY) revert BeneficiaryLength(length);
        length = bytes(claim.statement).length;
        if (length > MAX_STATEMENT) revert StatementLength(length);
    }
}
