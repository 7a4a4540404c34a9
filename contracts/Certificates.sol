// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC2309} from "@openzeppelin/contracts/interfaces/IERC2309.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC721, IERC721Metadata} from "@openzeppelin/contracts/token/ERC721/extensions/IERC721Metadata.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Batch, Claim, Facts, ICertificates} from "./interfaces/ICertificates.sol";
import {IERC5192} from "./interfaces/IERC5192.sol";
import {Commitment, IReadings} from "./interfaces/IReadings.sol";
import {AccountKind, IRegistry} from "./interfaces/IRegistry.sol";
import {ChunkProof} from "./libraries/ChunkProof.sol";
import {Numbers} from "./libraries/Numbers.sol";
import {Segments, Span} from "./libraries/Segments.sol";
import {Tradability} from "./libraries/Tradability.sol";
import {BatchId, BatchIdLibrary} from "./types/BatchId.sol";
import {Electricity, LeafRefusal, RetirementReason, State, Technology} from "./types/Classes.sol";
import {Lane} from "./types/Lane.sol";
import {Leaf} from "./types/Leaf.sol";
import {Month} from "./types/Month.sol";
import {PackedBatch, PackedBatchLibrary} from "./types/PackedBatch.sol";
import {ProjectId} from "./types/ProjectId.sol";
import {Segment, SegmentLibrary} from "./types/Segment.sol";
import {Terms} from "./types/Terms.sol";

/// @notice Its manual is `ICertificates`.
contract Certificates is
    ICertificates,
    IERC721Metadata,
    IERC721Errors,
    IERC2309,
    IERC5192,
    AccessManaged
{
    using Segments for mapping(uint256 start => Segment);

    uint8 private constant FACTS_VERSION = 1;
    uint8 private constant PURPOSES = 7;
    uint256 private constant MAX_BENEFICIARY = 256;
    uint256 private constant MAX_STATEMENT = 1024;

    /// @notice Project word of the lanes: one lane of 64 bits for each electricity.
    uint256 private constant LANE_BITS = 64;

    /* STORAGE */

    IRegistry public immutable REGISTRY;
    IReadings public immutable READINGS;

    /// @inheritdoc ICertificates
    uint256 public issuedTotal;
    string private _baseUri;
    mapping(BatchId batch => PackedBatch) private _batches;
    mapping(BatchId batch => mapping(uint256 start => Segment)) private _segments;
    mapping(ProjectId project => uint256) private _lanes;
    mapping(address holder => uint256) private _balances;

    constructor(address authority, IRegistry registry, IReadings readings, string memory baseUri)
        AccessManaged(authority)
    {
        REGISTRY = registry;
        READINGS = readings;
        _baseUri = baseUri;
    }

    /* ISSUING */

    /// @inheritdoc ICertificates
    function issue(
        uint24 commitment,
        uint16 chunk,
        Leaf[] calldata leaves,
        bytes32[] calldata proof
    ) external restricted returns (uint256 issued) {
        Month month = _requireChunk(commitment, chunk, leaves, proof);
        uint256 drawn = READINGS.drawn(commitment, chunk);
        Terms[] memory terms = REGISTRY.termsOf(_projectsOf(leaves));

        uint256 total = 0;
        uint256 first = uint256(chunk) * ChunkProof.CHUNK;
        // Bounds: at most 256 leaves, each of less than 2^30 certificates, in a commitment of less than 2^24.
        unchecked {
            for (uint256 i = 0; i < leaves.length; ++i) {
                if ((drawn >> i) & 1 == 1) continue;
                uint24 leaf = uint24(first + i);
                (uint256 count, LeafRefusal refusal) = _issue(leaves[i], terms[i], month, commitment, leaf);
                if (refusal == LeafRefusal.None) issued |= 1 << i;
                else emit LeafRefused(commitment, leaf, refusal);
                total += count;
            }
        }
        if (issued == 0) revert NothingToIssue(commitment, chunk);

        issuedTotal += total;
        emit Issued(commitment, chunk, issued, leaves);
        READINGS.draw(commitment, chunk, issued);
    }

    /* MOVING */

    /// @inheritdoc ICertificates
    function move(BatchId batch, uint32 start, uint32 end, address to, bytes32 basis) external restricted {
        if (REGISTRY.account(to).kind == AccountKind.None) revert AccountUnknown(to);
        Span memory found = _find(batch, start, end);
        Segment segment = found.segment;
        _requireState(batch, start, segment, State.Held);

        address owner = segment.owner();
        _write(batch, start, end, found, SegmentLibrary.make(to, State.Held, segment.traded()));
        emit Moved(batch, start, end, owner, to, basis);
        _transfer(batch, start, end, owner, to);
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

    /* FREEZING */

    /// @inheritdoc ICertificates
    function freeze(BatchId batch, uint32 start, uint32 end, bytes32 basis) external restricted {
        _change(batch, start, end, State.Held, State.Frozen);
        emit Frozen(batch, start, end, basis);
    }

    /// @inheritdoc ICertificates
    function unfreeze(BatchId batch, uint32 start, uint32 end, bytes32 basis) external restricted {
        _change(batch, start, end, State.Frozen, State.Held);
        emit Unfrozen(batch, start, end, basis);
    }

    /* RETIRING */

    /// @inheritdoc ICertificates
    function retire(BatchId batch, uint32 start, uint32 end, Claim calldata claim) external {
        _requireClaim(claim);
        Span memory found = _find(batch, start, end);
        address holder = found.segment.owner();
        if (!REGISTRY.mayAct(holder, msg.sender)) revert MayNotAct(holder, msg.sender);
        _requireState(batch, start, found.segment, State.Held);
        _requireValid(batch);

        _changeState(batch, start, end, found, State.Retired);
        emit Retired(batch, start, end, holder, RetirementReason.Consumed, claim);
        _transfer(batch, start, end, holder, address(0));
    }

    /// @inheritdoc ICertificates
    function expire(BatchId batch, uint32 start, uint32 end) external {
        Span memory found = _find(batch, start, end);
        _requireState(batch, start, found.segment, State.Held);
        uint64 expiresAt = batch.month().expiresAt();
        if (block.timestamp < expiresAt) revert NotExpired(batch, expiresAt);

        address holder = found.segment.owner();
        _changeState(batch, start, end, found, State.Retired);
        Claim memory none;
        emit Retired(batch, start, end, holder, RetirementReason.Expired, none);
        _transfer(batch, start, end, holder, address(0));
    }

    /* FACTS */

    /// @inheritdoc ICertificates
    function batchOf(BatchId batch) public view returns (Batch memory) {
        PackedBatch known = _batches[batch];
        return Batch(known.holder(), known.count(), known.commitment(), known.leaf(), known.filing());
    }

    /// @inheritdoc ICertificates
    function segmentAt(BatchId batch, uint32 serial)
        public
        view
        returns (uint32 start, uint32 end, address owner, State state, bool traded)
    {
        PackedBatch known = _known(batch);
        if (serial >= known.count()) revert RangeEmpty(serial, known.count());
        Span memory span = _spanAt(batch, known, serial);
        Segment segment = span.segment;
        return (uint32(span.start), uint32(span.end), segment.owner(), segment.state(), segment.traded());
    }

    /// @inheritdoc ICertificates
    function laneOf(ProjectId project, uint8 electricity) external view returns (Lane) {
        return _lane(_lanes[project], electricity);
    }

    /// @inheritdoc ICertificates
    function facts(uint256 tokenId) public view returns (Facts memory found) {
        if (!_exists(tokenId)) revert ERC721NonexistentToken(tokenId);
        (BatchId batch, uint32 serial) = BatchIdLibrary.split(tokenId);
        found.tokenId = tokenId;
        found.number = Numbers.spell(tokenId);
        found.batch = batchOf(batch);
        (found.start, found.end, found.owner, found.state, found.traded) = segmentAt(batch, serial);
        found.expiresAt = batch.month().expiresAt();
        found.readingsRoot = READINGS.commitment(found.batch.commitment).root;
        found.filingHash = REGISTRY.filingHash(batch.project(), found.batch.filing);
        found.hash = _hash(found);
    }

    /// @inheritdoc ICertificates
    function verify(bytes32 hash) external view returns (bool genuine, Facts memory found) {
        uint256 tokenId = uint256(hash) >> 160;
        if (!_exists(tokenId)) return (false, found);
        found = facts(tokenId);
        genuine = found.hash == hash;
    }

    /* ERC-721, READING */

    /// @inheritdoc IERC721Metadata
    function name() external pure returns (string memory) {
        return "Green Electricity Certificate";
    }

    /// @inheritdoc IERC721Metadata
    function symbol() external pure returns (string memory) {
        return "GEC";
    }

    /// @inheritdoc IERC721Metadata
    function tokenURI(uint256 tokenId) external view returns (string memory) {
        if (!_exists(tokenId)) revert ERC721NonexistentToken(tokenId);
        return string.concat(_baseUri, Numbers.spell(tokenId));
    }

    /// @inheritdoc IERC721
    function balanceOf(address holder) external view returns (uint256) {
        if (holder == address(0)) revert ERC721InvalidOwner(holder);
        return _balances[holder];
    }

    /// @inheritdoc IERC721
    /// @dev A retired or deducted certificate has no owner (I6).
    function ownerOf(uint256 tokenId) public view returns (address) {
        if (!_exists(tokenId)) revert ERC721NonexistentToken(tokenId);
        (BatchId batch, uint32 serial) = BatchIdLibrary.split(tokenId);
        (,, address owner, State state,) = segmentAt(batch, serial);
        if (state >= State.Retired) revert ERC721NonexistentToken(tokenId);
        return owner;
    }

    /// @inheritdoc IERC5192
    function locked(uint256 tokenId) external view returns (bool) {
        ownerOf(tokenId);
        return true;
    }

    /// @inheritdoc IERC721
    function getApproved(uint256 tokenId) external view returns (address) {
        ownerOf(tokenId);
        return address(0);
    }

    /// @inheritdoc IERC721
    function isApprovedForAll(address, address) external pure returns (bool) {
        return false;
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == type(IERC165).interfaceId || id == type(IERC721).interfaceId
            || id == type(IERC721Metadata).interfaceId || id == type(IERC5192).interfaceId;
    }

    /* ERC-721, REFUSED */

    /// @inheritdoc IERC721
    function approve(address, uint256) external pure {
        revert MovesByRulesOnly();
    }

    /// @inheritdoc IERC721
    function setApprovalForAll(address, bool) external pure {
        revert MovesByRulesOnly();
    }

    /// @inheritdoc IERC721
    function transferFrom(address, address, uint256) external pure {
        revert MovesByRulesOnly();
    }

    /// @inheritdoc IERC721
    function safeTransferFrom(address, address, uint256) external pure {
        revert MovesByRulesOnly();
    }

    /// @inheritdoc IERC721
    function safeTransferFrom(address, address, uint256, bytes calldata) external pure {
        revert MovesByRulesOnly();
    }

    /* INTERNALS: ISSUING */

    function _requireChunk(
        uint24 commitment,
        uint16 chunk,
        Leaf[] calldata leaves,
        bytes32[] calldata proof
    ) private view returns (Month) {
        Commitment memory made = READINGS.commitment(commitment);
        if (made.root == 0) revert CommitmentUnknown(commitment);
        if (made.replacedBy != 0) revert CommitmentReplaced(commitment, made.replacedBy);
        uint256 first = uint256(chunk) * ChunkProof.CHUNK;
        if (first >= made.leaves) revert ChunkOutOfRange(commitment, chunk);
        uint256 expected = made.leaves - first;
        if (expected > ChunkProof.CHUNK) expected = ChunkProof.CHUNK;
        if (leaves.length != expected) revert ChunkLength(expected, leaves.length);
        bool proven = proof.length == ChunkProof.depthOf(made.leaves)
            && ChunkProof.rootOf(leaves, chunk, made.leaves, proof) == made.root;
        if (!proven) revert ChunkNotInCommitment(commitment, chunk);
        return made.month;
    }

    function _projectsOf(Leaf[] calldata leaves) private pure returns (ProjectId[] memory projects) {
        projects = new ProjectId[](leaves.length);
        // Bounds: a calldata array is shorter than 2^64.
        unchecked {
            for (uint256 i = 0; i < leaves.length; ++i) {
                projects[i] = leaves[i].project();
            }
        }
    }

    function _issue(Leaf leaf, Terms terms, Month month, uint24 commitment, uint24 index)
        private
        returns (uint32 count, LeafRefusal refusal)
    {
        if (terms.filing() == 0) return (0, LeafRefusal.ProjectNotApproved);
        if (terms.frozen()) return (0, LeafRefusal.OwnerFrozen);
        ProjectId project = leaf.project();
        Technology technology = project.technology();
        uint256 bits = leaf.electricityBits();
        if (bits > uint256(type(Electricity).max) || !Tradability.isIssuable(technology)) {
            return (0, LeafRefusal.NotIssuable);
        }
        if (month.isBefore(terms.inOperation())) return (0, LeafRefusal.BeforeGridConnection);

        Electricity electricity = Electricity(bits);
        bool tradable =
            Tradability.isTradable(technology, electricity, terms.inOperation(), terms.marketBased());
        address holder = terms.owner();
        if (Tradability.goesToProvince(technology, electricity, tradable)) {
            holder = REGISTRY.provincialAccount(project.province());
            if (holder == address(0)) return (0, LeafRefusal.NoProvincialAccount);
        }

        uint256 word = _lanes[project];
        Lane lane;
        (lane, count, refusal) = _lane(word, bits).issue(month, leaf.wattHours());
        if (refusal != LeafRefusal.None) return (0, refusal);
        // Bounds: there are four lanes.
        unchecked {
            uint256 shift = bits * LANE_BITS;
            _lanes[project] =
                word & ~(uint256(type(uint64).max) << shift) | (uint256(Lane.unwrap(lane)) << shift);
        }
        if (count == 0) return (0, refusal);

        BatchId batch = BatchIdLibrary.make(project, month, electricity, tradable);
        _batches[batch] = PackedBatchLibrary.make(holder, count, commitment, index, terms.filing());
        _transfer(batch, 0, count, address(0), holder);
    }

    function _lane(uint256 word, uint256 electricity) private pure returns (Lane) {
        // Bounds: an electricity is one byte at the most.
        unchecked {
            return Lane.wrap(uint64(word >> (electricity * LANE_BITS)));
        }
    }

    /* INTERNALS: RANGES */

    function _known(BatchId batch) private view returns (PackedBatch found) {
        found = _batches[batch];
        if (found.count() == 0) revert BatchUnknown(batch);
    }

    /// @dev The segment that holds the whole range.
    function _find(BatchId batch, uint32 start, uint32 end) private view returns (Span memory found) {
        PackedBatch known = _known(batch);
        if (start >= end || start >= known.count()) revert RangeEmpty(start, end);
        found = _spanAt(batch, known, start);
        if (end > found.end) revert RangeNotUniform(batch, start, end, uint32(found.end));
    }

    /// @dev A batch that nothing happened to has no segment of its own.
    function _spanAt(BatchId batch, PackedBatch known, uint32 serial) private view returns (Span memory span) {
        span = _segments[batch].find(known.count(), serial);
        if (span.segment.isNone()) span.segment = SegmentLibrary.make(known.holder(), State.Held, false);
    }

    /// @dev Gives the range [start, end) of the found segment the owner, state and trade of `next`.
    function _write(BatchId batch, uint32 start, uint32 end, Span memory found, Segment next) private {
        _segments[batch].write(found, start, end, next);
    }

    function _changeState(BatchId batch, uint32 start, uint32 end, Span memory found, State next) private {
        Segment segment = found.segment;
        _write(batch, start, end, found, SegmentLibrary.make(segment.owner(), next, segment.traded()));
    }

    function _change(BatchId batch, uint32 start, uint32 end, State expected, State next) private {
        Span memory found = _find(batch, start, end);
        _requireState(batch, start, found.segment, expected);
        _changeState(batch, start, end, found, next);
    }

    function _transfer(BatchId batch, uint32 start, uint32 end, address from, address to) private {
        // Bounds: start < end, the giver holds the range, and 2^96 tokens are all there can be.
        unchecked {
            uint256 count = end - start;
            if (from != address(0)) _balances[from] -= count;
            if (to != address(0)) _balances[to] += count;
            emit ConsecutiveTransfer(batch.tokenId(start), batch.tokenId(end - 1), from, to);
        }
    }

    /* INTERNALS: CHECKS */

    function _requireState(BatchId batch, uint32 start, Segment segment, State expected) private pure {
        State state = segment.state();
        if (state != expected) revert StateIs(batch, start, state);
    }

    function _requireTradeLeft(BatchId batch, uint32 start, uint32 end, Segment segment) private view {
        if (segment.traded()) revert AlreadyTraded(batch, start, end);
        _requireValid(batch);
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

    /* INTERNALS: FACTS */

    function _exists(uint256 tokenId) private view returns (bool) {
        (BatchId batch, uint32 serial) = BatchIdLibrary.split(tokenId);
        return serial < _batches[batch].count();
    }

    function _hash(Facts memory found) private view returns (bytes32) {
        bytes32 digest = keccak256(
            abi.encode(
                FACTS_VERSION,
                block.chainid,
                address(this),
                uint96(found.tokenId),
                found.readingsRoot,
                found.batch.leaf,
                found.filingHash
            )
        );
        return bytes32((found.tokenId << 160) | uint160(uint256(digest)));
    }
}
