// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {BatchId} from "../types/BatchId.sol";
import {LeafRefusal, MoveKind, RetirementReason, State} from "../types/Classes.sol";
import {Month} from "../types/Month.sol";
import {Range} from "../types/Range.sol";

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

/// @notice Certificates that a decided case added to a batch: serials [start, end).
/// @param basis Hash of the evidence that the case was decided on.
struct Addition {
    address holder;
    uint32 start;
    uint32 end;
    uint24 caseId;
    bytes32 basis;
}

/// @notice One receiver in a province's plan.
struct Allotment {
    BatchId batch;
    uint32 start;
    uint32 end;
    address to;
}

/// @notice Everything the chain knows of one certificate.
/// @param owner Holder; the last one when retired or deducted.
/// @param start,end Its segment.
/// @param expiresAt First second, unix time, at which it is no longer valid.
/// @param readingsRoot Root of the commitment behind it; for an addition the hash of the case's evidence.
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
    event Issued(uint24 indexed commitment, uint16 indexed chunk, uint256 issued, uint256[] leaves);
    event LeafRefused(uint24 indexed commitment, uint24 leaf, LeafRefusal reason);
    event Moved(
        BatchId indexed batch, uint32 start, uint32 end, address from, address to, MoveKind kind, bytes32 basis
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
    /// @notice A decided case added certificates: the batch's serials go on (Q95).
    event Added(
        BatchId indexed batch, uint32 start, uint32 end, address holder, uint24 indexed caseId, bytes32 basis
    );
    /// @notice A decided case ended these numbers without retirement (Q95).
    event Deducted(BatchId indexed batch, uint32 start, uint32 end, address holder, uint24 indexed caseId);
    /// @notice A decided case gave a range and its one trade back (Q53, Q95).
    event TradeUndone(
        BatchId indexed batch, uint32 start, uint32 end, address buyer, address seller, uint24 indexed caseId
    );
    /// @notice A decided case gave a retired range back to its last holder.
    event RetirementUndone(BatchId indexed batch, uint32 start, uint32 end, address holder, uint24 indexed caseId);
    /// @notice Certificates of this production month end within three months (Q96).
    event ExpiryNear(Month indexed month, uint64 expiresAt);
    /// @notice One item of a call with many was refused; the others were not touched by it. `reason` is its error.
    event ItemRefused(uint256 index, bytes reason);

    error CommitmentUnknown(uint24 commitment);
    error CommitmentReplaced(uint24 commitment, uint24 by);
    error ApprovalsMissing(uint24 commitment, uint8 approvals, uint8 quorum);
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
    /// @notice Neither expired, nor registered for CCER, nor of a closed account.
    error NotDue(BatchId batch, uint32 start);
    /// @notice Its project turned to CCER: what is not traded yet stands still.
    error ChosenForCcer(BatchId batch);
    error NotHolder(BatchId batch, uint32 start, address holder);
    error MoveNotAllowed(BatchId batch, MoveKind kind);
    error NotTraded(BatchId batch, uint32 start);
    error WarnedAlready(Month month);
    /// @notice Warnings for the month begin at `from`, in unix time, and end with its validity.
    error ExpiryNotNear(Month month, uint64 from);
    error OnlySelf();
    error PurposeUnknown(uint8 purpose);
    error PeriodEmpty(Month from, Month to);
    error BeneficiaryLength(uint256 length);
    error StatementLength(uint256 length);
    /// @notice Certificates move by trade, free move and retirement only.
    error MovesByRulesOnly();

    /// @notice Issues what one chunk of a commitment allows (核发). Authority only.
    /// @param chunk Number of the aligned chunk of 256 leaves.
    /// @param leaves All leaves of the chunk, in order, see `Leaf`.
    /// @param proof Siblings from the chunk's subtree root upwards.
    /// @return issued Bit set of the leaves issued now. Refused leaves are told by events and may be tried again.
    /// @dev Reverts, in this order: CommitmentUnknown, CommitmentReplaced, ApprovalsMissing, ChunkOutOfRange, ChunkLength,
    /// ChunkNotInCommitment, NothingToIssue.
    function issue(
        uint24 commitment,
        uint16 chunk,
        uint256[] calldata leaves,
        bytes32[] calldata proof
    ) external returns (uint256 issued);

    /// @notice Moves a range without a trade (划转). Authority only. Stock hydro goes from the province to who bought it
    /// (Q47), self-used electricity's certificates from the producer to the user; a succession takes what is held.
    /// @param basis Hash of the document that proves it.
    /// @dev Reverts, in this order: AccountUnknown (or closed), BatchUnknown, RangeEmpty, RangeNotUniform, StateIs,
    /// Expired, MoveNotAllowed.
    function move(BatchId batch, uint32 start, uint32 end, address to, MoveKind kind, bytes32 basis) external;

    /// @notice Distributes what a provincial account holds, after the province's plan (Q48). Whoever acts for it.
    /// Items that cannot be moved are told by events and the others go on.
    /// @param plan Hash of the plan.
    /// @dev An item is refused, in this order, for: AccountUnknown (or closed), BatchUnknown, RangeEmpty,
    /// RangeNotUniform, MayNotAct, MoveNotAllowed (holder is no province), StateIs, Expired.
    function distribute(Allotment[] calldata items, bytes32 plan) external;

    /// @notice One item of `distribute`, called by this contract alone. Reverts with OnlySelf for others.
    function distributeOne(Allotment calldata item, bytes32 plan, address caller) external;

    /// @notice Takes a held range out of circulation while it is in doubt (Q95). Authority only.
    /// @dev Reverts, in this order: BatchUnknown, RangeEmpty, RangeNotUniform, StateIs, Expired.
    function freeze(BatchId batch, uint32 start, uint32 end, bytes32 basis) external;

    /// @notice Ends a freeze. Authority only.
    function unfreeze(BatchId batch, uint32 start, uint32 end, bytes32 basis) external;

    /// @notice Retires a range for declared consumption (核销, Q79). The holder's operator only.
    /// @dev Reverts, in this order: PurposeUnknown, PeriodEmpty, BeneficiaryLength, StatementLength, BatchUnknown,
    /// RangeEmpty, RangeNotUniform, MayNotAct, StateIs, Expired, ChosenForCcer (if not traded).
    function retire(BatchId batch, uint32 start, uint32 end, Claim calldata claim) external;

    /// @notice Retires a range that has to be: registered for CCER and not traded, past its validity, or left in a
    /// closed account (Q79, Q80, 2026 rules), with the first of these as its reason. Anybody.
    /// @dev Reverts, in this order: BatchUnknown, RangeEmpty, RangeNotUniform, StateIs, NotDue.
    function retireDue(BatchId batch, uint32 start, uint32 end) external;

    /// @notice `retireDue` for many ranges; those that are refused are told by events and the others go on. Anybody.
    function sweep(Range[] calldata ranges) external;

    /// @notice Tells once that certificates of a production month end within three months (Q96). Anybody.
    /// @dev Reverts, in this order: ExpiryNotNear, WarnedAlready.
    function warn(Month month) external;

    /// @notice Puts a held range of `holder` in doubt for a case. `Cases` only.
    /// @dev Reverts, in this order: BatchUnknown, RangeEmpty, RangeNotUniform, NotHolder, StateIs.
    function doubt(BatchId batch, uint32 start, uint32 end, address holder, uint24 caseId) external;

    /// @notice Ends the doubt of a case: what is still frozen of the range is held again. `Cases` only.
    function trust(BatchId batch, uint32 start, uint32 end, uint24 caseId) external;

    /// @notice Adds certificates to a batch, for its first holder; the serials go on. `Cases` only.
    /// @dev Reverts, in this order: BatchUnknown, RangeEmpty (more than 999,999,999 in all).
    function add(BatchId batch, uint32 count, uint24 caseId, bytes32 basis) external;

    /// @notice Ends numbers for good without retirement. `Cases` only.
    /// @dev Reverts, in this order: BatchUnknown, RangeEmpty, RangeNotUniform, StateIs (neither held nor frozen).
    function deduct(BatchId batch, uint32 start, uint32 end, uint24 caseId) external;

    /// @notice Gives a traded range back to the batch's first holder, who can trade it again. `Cases` only.
    /// @dev Reverts, in this order: BatchUnknown, RangeEmpty, RangeNotUniform, StateIs, NotTraded.
    function undoTrade(BatchId batch, uint32 start, uint32 end, uint24 caseId) external;

    /// @notice Gives a retired range back to its last holder. `Cases` only.
    /// @dev Reverts, in this order: BatchUnknown, RangeEmpty, RangeNotUniform, StateIs.
    function undoRetirement(BatchId batch, uint32 start, uint32 end, uint24 caseId) external;

    /// @notice Puts a range on sale for its holder. `Market` only.
    /// @return seller The holder.
    /// @dev Reverts, in this order: BatchUnknown, RangeEmpty, RangeNotUniform, MayNotAct, StateIs, NotTradable,
    /// AlreadyTraded, Expired, ChosenForCcer.
    function list(BatchId batch, uint32 start, uint32 end, address caller)
        external
        returns (address seller);

    /// @notice Takes a listed range off sale. `Market` only.
    function unlist(BatchId batch, uint32 start, uint32 end) external;

    /// @notice The one trade of a listed range (Q51). `Market` only.
    /// @return seller Who held it.
    /// @dev Reverts, in this order: BatchUnknown, RangeEmpty, RangeNotUniform, StateIs, AlreadyTraded, Expired,
    /// ChosenForCcer.
    function trade(BatchId batch, uint32 start, uint32 end, address buyer)
        external
        returns (address seller);

    /// @notice The one trade of a range that its seller holds (Q43, Q46). `Market` only.
    /// @dev Reverts, in this order: BatchUnknown, RangeEmpty, RangeNotUniform, NotHolder, StateIs, NotTradable,
    /// AlreadyTraded, Expired, ChosenForCcer.
    function sell(BatchId batch, uint32 start, uint32 end, address seller, address buyer) external;

    /// @notice Issued batch, zero if there is none.
    function batchOf(BatchId batch) external view returns (Batch memory);

    /// @notice Segment that holds a serial. Reverts: BatchUnknown, RangeEmpty (serial not below count).
    function segmentAt(BatchId batch, uint32 serial)
        external
        view
        returns (uint32 start, uint32 end, address owner, State state, bool traded);

    /// @notice What decided cases added to a batch, in order.
    function additionsOf(BatchId batch) external view returns (Addition[] memory);

    /// @notice Certificates that were ever issued.
    function issuedTotal() external view returns (uint256);

    /// @notice Facts of a certificate. Reverts with ERC721NonexistentToken when it was never issued.
    function facts(uint256 tokenId) external view returns (Facts memory);

    /// @notice Whether the hash is that of an issued certificate (I10), and the facts it stands for.
    /// @return genuine True if and only if the chain's facts give this hash.
    /// @return found Facts of the certificate that the hash's first twelve bytes name; empty if there is none.
    function verify(bytes32 hash) external view returns (bool genuine, Facts memory found);
}
