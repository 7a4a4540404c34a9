// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {BatchId} from "../types/BatchId.sol";
import {LeafRefusal, RetirementReason, State} from "../types/Classes.sol";
import {Lane} from "../types/Lane.sol";
import {Leaf} from "../types/Leaf.sol";
import {Month} from "../types/Month.sol";
import {ProjectId} from "../types/ProjectId.sol";

/// @notice What a retirement is declared for (Q54). All of it is public and final (Q12).
/// @param beneficiary Name of who claims the consumption.
/// @param purpose 1 production, 2 meeting, 3 event, 4 office, 5 culture and sport, 6 image, 7 other.
/// @param from,to Months of consumption, `to` excluded.
/// @param statement Free text.
struct Claim {
    string beneficiary;
    uint8 purpose;
    Month from;
    Month to;
    string statement;
}

/// @notice A batch as issued. It needs no segment until something happens to a part of it.
/// @param holder First holder.
/// @param commitment,leaf The reading behind it.
/// @param filing Version of the filing that was in force.
struct Batch {
    address holder;
    uint32 count;
    uint24 commitment;
    uint24 leaf;
    uint8 filing;
}

/// @notice Everything the chain knows of one certificate.
/// @param owner Holder; the last one when retired or deducted.
/// @param start,end Its segment.
/// @param expiresAt First second, unix time, at which it is no longer valid.
/// @param hash The certificate hash: token id, then the last 20 bytes of the facts' keccak256.
struct Facts {
    uint256 tokenId;
    string number;
    Batch batch;
    address owner;
    uint32 start;
    uint32 end;
    State state;
    bool traded;
    uint64 expiresAt;
    bytes32 readingsRoot;
    bytes32 filingHash;
    bytes32 hash;
}

/// @title Green electricity certificates (绿证)
/// @notice Unique tokens of 1000 kWh, kept as ranges: what happens to a million of them costs what it costs for one.
///
/// What always holds, and is tested by these names:
/// I1 a project's month and electricity are issued once; I2 the segments of a batch are disjoint and cover it;
/// I3 issued = held + retired + deducted, per batch, per account and in total; I4 metered Wh = 1,000,000 x issued +
/// carry; I5 a certificate is traded at most once; I6 retired is final; I7 nobody acts outside their role, a frozen
/// account does not act; I8 what is frozen, expired or not tradable is never listed or traded; I10 a hash verifies if
/// and only if these facts give it. (I9, that SQL equals the events and these answers, is `gec fsck`.)
/// @dev Reads like ERC-721; moves only by the rules, so ERC-721's own transfers and approvals revert, and moves of
/// ranges are told by ERC-2309 events also after construction. That departs from the letter of both.
interface ICertificates {
    /// @notice A chunk of readings was turned into certificates and carry. `issued` has a bit for each leaf that was;
    /// the batches follow from the leaves, the projects' filings and the carry before.
    event Issued(uint24 indexed commitment, uint16 indexed chunk, uint256 issued, Leaf[] leaves);
    event LeafRefused(uint24 indexed commitment, uint24 leaf, LeafRefusal reason);
    event Moved(
        BatchId indexed batch, uint32 start, uint32 end, address from, address to, bytes32 basis
    );
    event Frozen(BatchId indexed batch, uint32 start, uint32 end, bytes32 basis);
    event Unfrozen(BatchId indexed batch, uint32 start, uint32 end, bytes32 basis);
    event Retired(
        BatchId indexed batch,
        uint32 start,
        uint32 end,
        address indexed holder,
        RetirementReason reason,
        Claim claim
    );

    error CommitmentUnknown(uint24 commitment);
    error CommitmentReplaced(uint24 commitment, uint24 by);
    error ChunkOutOfRange(uint24 commitment, uint16 chunk);
    error ChunkLength(uint256 expected, uint256 given);
    error ChunkNotInCommitment(uint24 commitment, uint16 chunk);
    /// @notice Every leaf of the chunk is issued already or refused.
    error NothingToIssue(uint24 commitment, uint16 chunk);

    error BatchUnknown(BatchId batch);
    error RangeEmpty(uint32 start, uint32 end);
    /// @notice The range must lie in one segment; the one that holds `start` ends at `segmentEnd`.
    error RangeNotUniform(BatchId batch, uint32 start, uint32 end, uint32 segmentEnd);
    error StateIs(BatchId batch, uint32 start, State state);
    error MayNotAct(address account, address caller);
    error AccountUnknown(address account);
    error NotTradable(BatchId batch);
    error AlreadyTraded(BatchId batch, uint32 start, uint32 end);
    error Expired(BatchId batch, uint64 expiresAt);
    error NotExpired(BatchId batch, uint64 expiresAt);
    error PurposeUnknown(uint8 purpose);
    error PeriodEmpty(Month from, Month to);
    error BeneficiaryLength(uint256 length);
    error StatementLength(uint256 length);
    /// @notice Certificates move by trade, free move and retirement only.
    error MovesByRulesOnly();

    /// @notice Issues what one chunk of a commitment allows (核发). Authority only.
    /// @param chunk Number of the aligned chunk of 256 leaves.
    /// @param leaves All leaves of the chunk, in order.
    /// @param proof Siblings from the chunk's subtree root upwards.
    /// @return issued Bit set of the leaves issued now. Refused leaves are told by events and may be tried again.
    /// @dev Reverts, in this order: CommitmentUnknown, CommitmentReplaced, ChunkOutOfRange, ChunkLength,
    /// ChunkNotInCommitment, NothingToIssue.
    function issue(
        uint24 commitment,
        uint16 chunk,
        Leaf[] calldata leaves,
        bytes32[] calldata proof
    ) external returns (uint256 issued);

    /// @notice Moves a range without a trade (划转): by settlement, distribution or inheritance. Authority only.
    /// @param basis Hash of the document that orders it.
    /// @dev Reverts, in this order: AccountUnknown, BatchUnknown, RangeEmpty, RangeNotUniform, StateIs.
    function move(BatchId batch, uint32 start, uint32 end, address to, bytes32 basis) external;

    /// @notice Takes a held range out of circulation while it is in doubt (Q95). Authority only.
    /// @dev Reverts, in this order: BatchUnknown, RangeEmpty, RangeNotUniform, StateIs.
    function freeze(BatchId batch, uint32 start, uint32 end, bytes32 basis) external;

    /// @notice Ends a freeze. Authority only.
    function unfreeze(BatchId batch, uint32 start, uint32 end, bytes32 basis) external;

    /// @notice Retires a range for declared consumption (核销, Q79). The holder's operator only.
    /// @dev Reverts, in this order: PurposeUnknown, PeriodEmpty, BeneficiaryLength, StatementLength, BatchUnknown,
    /// RangeEmpty, RangeNotUniform, MayNotAct, StateIs, Expired.
    function retire(BatchId batch, uint32 start, uint32 end, Claim calldata claim) external;

    /// @notice Retires a range whose validity has ended (Q80). Anybody.
    /// @dev Reverts, in this order: BatchUnknown, RangeEmpty, RangeNotUniform, StateIs, NotExpired.
    function expire(BatchId batch, uint32 start, uint32 end) external;

    /// @notice Puts a range on sale for its holder. `Market` only.
    /// @return seller The holder.
    /// @dev Reverts, in this order: BatchUnknown, RangeEmpty, RangeNotUniform, MayNotAct, StateIs, NotTradable,
    /// AlreadyTraded, Expired.
    function list(BatchId batch, uint32 start, uint32 end, address caller)
        external
        returns (address seller);

    /// @notice Takes a listed range off sale. `Market` only.
    function unlist(BatchId batch, uint32 start, uint32 end) external;

    /// @notice The one trade of a listed range (Q51). `Market` only.
    /// @return seller Who held it.
    /// @dev Reverts, in this order: BatchUnknown, RangeEmpty, RangeNotUniform, StateIs, AlreadyTraded, Expired.
    function trade(BatchId batch, uint32 start, uint32 end, address buyer)
        external
        returns (address seller);

    /// @notice Issued batch, zero if there is none.
    function batchOf(BatchId batch) external view returns (Batch memory);

    /// @notice Segment that holds a serial. Reverts: BatchUnknown, RangeEmpty (serial not below count).
    function segmentAt(BatchId batch, uint32 serial)
        external
        view
        returns (uint32 start, uint32 end, address owner, State state, bool traded);

    /// @notice Energy account of a project and electricity (0 to 3).
    function laneOf(ProjectId project, uint8 electricity) external view returns (Lane);

    /// @notice Certificates that were ever issued.
    function issuedTotal() external view returns (uint256);

    /// @notice Facts of a certificate. Reverts with ERC721NonexistentToken when it was never issued.
    function facts(uint256 tokenId) external view returns (Facts memory);

    /// @notice Whether the hash is that of an issued certificate (I10), and the facts it stands for.
    /// @return genuine True if and only if the chain's facts give this hash.
    /// @return found Facts of the certificate that the hash's first twelve bytes name; empty if there is none.
    function verify(bytes32 hash) external view returns (bool genuine, Facts memory found);
}
