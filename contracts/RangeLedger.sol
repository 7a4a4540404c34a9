// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC2309} from "@openzeppelin/contracts/interfaces/IERC2309.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC721, IERC721Metadata} from "@openzeppelin/contracts/token/ERC721/extensions/IERC721Metadata.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Governed} from "./Governed.sol";
import {Addition, Batch, Facts, ICertificates} from "./interfaces/ICertificates.sol";
import {IERC5192} from "./interfaces/IERC5192.sol";
import {IReadings} from "./interfaces/IReadings.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";
import {Numbers} from "./libraries/Numbers.sol";
import {Segments, Span} from "./libraries/Segments.sol";
import {BatchId, BatchIdLibrary} from "./types/BatchId.sol";
import {State} from "./types/Classes.sol";
import {PackedBatch} from "./types/PackedBatch.sol";
import {Segment, SegmentLibrary} from "./types/Segment.sol";

/// @notice The range ledger of `Certificates`: what it stores, how a range is found and written, and what can be read
/// of it, as facts and in the words of ERC-721. The rules by which anything happens to it are in `Certificates`.
abstract contract RangeLedger is ICertificates, IERC721Metadata, IERC721Errors, IERC2309, IERC5192, Governed {
    using Segments for mapping(uint256 start => Segment);

    uint8 private constant FACTS_VERSION = 1;

    /* STORAGE */

    IRegistry public immutable REGISTRY;
    IReadings public immutable READINGS;

    /// @inheritdoc ICertificates
    uint256 public issuedTotal;
    string private _baseUri;
    mapping(BatchId batch => PackedBatch) internal _batches;
    mapping(BatchId batch => mapping(uint256 start => Segment)) private _segments;
    mapping(address holder => uint256) private _balances;
    mapping(BatchId batch => Addition[]) internal _additions;

    constructor(address authority, address relay, IRegistry registry, IReadings readings, string memory baseUri)
        Governed(authority, relay)
    {
        REGISTRY = registry;
        READINGS = readings;
        _baseUri = baseUri;
    }

    /* FACTS */

    /// @inheritdoc ICertificates
    function batchOf(BatchId batch) public view returns (Batch memory) {
        PackedBatch known = _batches[batch];
        return Batch(known.holder(), known.count(), known.commitment(), known.leaf(), known.filing());
    }

    /// @inheritdoc ICertificates
    function additionsOf(BatchId batch) external view returns (Addition[] memory) {
        return _additions[batch];
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
    function facts(uint256 tokenId) public view returns (Facts memory found) {
        if (!_exists(tokenId)) revert ERC721NonexistentToken(tokenId);
        (BatchId batch, uint32 serial) = BatchIdLibrary.split(tokenId);
        found.tokenId = tokenId;
        found.number = Numbers.spell(tokenId);
        found.batch = batchOf(batch);
        (found.start, found.end, found.owner, found.state, found.traded) = segmentAt(batch, serial);
        found.expiresAt = batch.month().expiresAt();
        (found.readingsRoot, found.batch.leaf) = _origin(batch, serial);
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

    /* INTERNALS: RANGES */

    function _known(BatchId batch) internal view returns (PackedBatch found) {
        found = _batches[batch];
        if (found.count() == 0) revert BatchUnknown(batch);
    }

    /// @dev The segment that holds the whole range.
    function _find(BatchId batch, uint32 start, uint32 end) internal view returns (Span memory found) {
        PackedBatch known = _known(batch);
        if (start >= end || start >= known.count()) revert RangeEmpty(start, end);
        found = _spanAt(batch, known, start);
        if (end > found.end) revert RangeNotUniform(batch, start, end, uint32(found.end));
    }

    /// @dev A batch that nothing happened to has no segment of its own.
    function _spanAt(BatchId batch, PackedBatch known, uint32 serial) internal view returns (Span memory span) {
        (uint256 low, uint256 high) = (0, known.count());
        if (known.isExtended()) {
            (uint256 index, uint256 first) = _additionAt(batch, serial);
            if (index == 0) high = first;
            else (low, high) = (_additions[batch][index - 1].start, _additions[batch][index - 1].end);
        }
        span = _segments[batch].find(low, high, serial);
        if (span.segment.isNone()) span.segment = SegmentLibrary.make(known.holder(), State.Held, false);
    }

    /// @return index Number of the addition that the serial came with, counted from 1, or 0 for none.
    /// @return first Start of the first addition.
    function _additionAt(BatchId batch, uint32 serial) private view returns (uint256 index, uint256 first) {
        Addition[] storage additions = _additions[batch];
        index = additions.length;
        while (index != 0 && serial < additions[index - 1].start) --index;
        first = additions[0].start;
    }

    /// @dev Gives the range [start, end) of the found segment the owner, state and trade of `next`.
    function _write(BatchId batch, uint32 start, uint32 end, Span memory found, Segment next) internal {
        _segments[batch].write(found, start, end, next);
    }

    function _changeState(BatchId batch, uint32 start, uint32 end, Span memory found, State next) internal {
        Segment segment = found.segment;
        _write(batch, start, end, found, SegmentLibrary.make(segment.owner(), next, segment.traded()));
    }

    function _transfer(BatchId batch, uint32 start, uint32 end, address from, address to) internal {
        // Bounds: start < end, the giver holds the range, and 2^96 tokens are all there can be.
        unchecked {
            uint256 count = end - start;
            if (from != address(0)) _balances[from] -= count;
            if (to != address(0)) _balances[to] += count;
            emit ConsecutiveTransfer(batch.tokenId(start), batch.tokenId(end - 1), from, to);
        }
    }

    /* INTERNALS: FACTS */

    function _exists(uint256 tokenId) private view returns (bool) {
        (BatchId batch, uint32 serial) = BatchIdLibrary.split(tokenId);
        return serial < _batches[batch].count();
    }

    /// @return root Root of the commitment that the certificate was issued from, or the evidence of the case that added it.
    /// @return leaf Its reading there, or the case.
    function _origin(BatchId batch, uint32 serial) private view returns (bytes32 root, uint24 leaf) {
        PackedBatch known = _batches[batch];
        if (known.isExtended()) {
            (uint256 index,) = _additionAt(batch, serial);
            if (index != 0) return (_additions[batch][index - 1].basis, _additions[batch][index - 1].caseId);
        }
        return (READINGS.commitment(known.commitment()).root, known.leaf());
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
