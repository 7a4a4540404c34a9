// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {BatchId} from "../types/BatchId.sol";
import {CaseStage, Outcome} from "../types/Classes.sol";

/// @notice Serials [start, end) of the case's batch.
struct Serials {
    uint32 start;
    uint32 end;
}

/// @notice What a decided case does to a range.
enum Remedy {
    UndoRetirement,
    UndoTrade,
    Deduct
}

struct Step {
    Remedy remedy;
    uint32 start;
    uint32 end;
}

/// @notice A dispute over an issued quantity.
/// @param claimant Owner of the project.
/// @param owed Certificates that have yet to be deducted.
/// @param since When the case came to its stage, in unix time.
/// @param wattHours Proposed correction of the month's metered energy.
/// @param evidence Hash of the evidence of the latest proposal.
struct Case {
    BatchId batch;
    address claimant;
    CaseStage stage;
    Outcome outcome;
    uint32 owed;
    uint40 since;
    int64 wattHours;
    bytes32 evidence;
}

/// @title Disputes (异议处理, Q95)
/// @notice The project's owner disputes an issued quantity and what is in doubt is frozen; an exchange proposes a
/// correction, a regional office checks it, the authority decides. Certificates are then issued in addition or
/// deducted, the unsold first; a trade or retirement that stands in the way is undone before. Nothing skips a stage.
interface ICases {
    event CaseOpened(
        uint24 indexed caseId,
        BatchId indexed batch,
        address indexed claimant,
        Serials[] doubtful,
        bytes32 evidence,
        string reason
    );
    event CaseProposed(uint24 indexed caseId, address exchange, int64 wattHours, bytes32 evidence, string reason);
    /// @notice Confirmed, or sent back to the exchange.
    event CaseChecked(uint24 indexed caseId, address office, bool confirmed, bytes32 evidence, string reason);
    /// @notice Decided, or with outcome `None` sent back to the exchange. `certificates` to be added or deducted.
    event CaseDecided(
        uint24 indexed caseId,
        address authority,
        Outcome outcome,
        int32 certificates,
        bytes32 evidence,
        string reason
    );
    event CaseClosed(uint24 indexed caseId, address by);
    /// @notice Days that each stage may take, from `Opened` to `Decided`.
    event DeadlinesSet(uint16 proposal, uint16 check, uint16 decision, uint16 execution);

    error MayNotAct(address account, address caller);
    error EvidenceZero();
    error ReasonEmpty();
    error CaseStands(BatchId batch, uint24 caseId);
    error CaseUnknown(uint24 caseId);
    error CaseStageIs(uint24 caseId, CaseStage stage);
    /// @notice The outcome does not fit the proposed correction.
    error OutcomeNotProposed(Outcome outcome, int64 wattHours);
    error RemedyNotDecided(uint24 caseId, Remedy remedy);
    error OwedExceeded(uint24 caseId, uint32 owed, uint32 given);
    /// @notice Unsold certificates are deducted first; these are left.
    error UnsoldLeft(BatchId batch, uint32 start, uint32 end);
    /// @notice So many certificates have yet to be deducted, or were undone and not deducted by the steps that follow.
    error StillOwed(uint24 caseId, uint32 owed);

    /// @notice Opens a case. Whoever acts for the owner of the project; one case a batch at a time.
    /// @param doubtful What is in doubt and held by the claimant; it is frozen, and nothing else. May be empty.
    /// @dev Reverts, in this order: MayNotAct, EvidenceZero, ReasonEmpty, CaseStands, then those of
    /// `ICertificates.doubt`.
    function open(BatchId batch, Serials[] calldata doubtful, bytes32 evidence, string calldata reason)
        external
        returns (uint24 caseId);

    /// @notice Proposes what the month's metered energy should have been more (positive) or less. Exchanges only.
    /// @dev Reverts, in this order: CaseUnknown, CaseStageIs, EvidenceZero, ReasonEmpty.
    function propose(uint24 caseId, int64 wattHours, bytes32 evidence, string calldata reason) external;

    /// @notice Confirms the proposal's facts, or sends it back to the exchange. Regional offices only.
    /// @dev Reverts as `propose`.
    function check(uint24 caseId, bool confirmed, bytes32 evidence, string calldata reason) external;

    /// @notice Decides a checked case, or sends it back with `None`. Authority only. A rejection ends the case; an
    /// addition issues and ends it; the other outcomes are carried out by `execute`.
    /// @dev Reverts as `propose`, then: OutcomeNotProposed, and those of `IRegistry.correct` (also when the batch has
    /// fewer certificates left than there are to deduct), `ICertificates.add`.
    function decide(uint24 caseId, Outcome outcome, bytes32 evidence, string calldata reason) external;

    /// @notice Carries a decision out, step by step. Authority only. What is undone for a deduction must be deducted:
    /// the next steps, up to the deduction, are for the same range. The case ends when nothing is owed.
    /// @dev Reverts, in this order: CaseUnknown, CaseStageIs, then for each step: RemedyNotDecided, UnsoldLeft,
    /// `ICertificates.RangeEmpty`, OwedExceeded, StillOwed, `ICertificates.AlreadyTraded` (deducted before its trade is undone), and those of
    /// `ICertificates`.
    function execute(uint24 caseId, Step[] calldata steps) external;

    /// @notice Ends a case: the claimant before it is decided, the authority afterwards.
    /// @dev Reverts, in this order: CaseUnknown, CaseStageIs, MayNotAct, StillOwed.
    function close(uint24 caseId) external;

    /// @notice Sets the days that each stage may take. Authority only.
    function setDeadlines(uint16 proposal, uint16 check_, uint16 decision, uint16 execution) external;

    function caseOf(uint24 caseId) external view returns (Case memory);

    function doubtfulOf(uint24 caseId) external view returns (Serials[] memory);

    /// @notice When the present stage should be over, in unix time; 0 for a closed case.
    function dueAt(uint24 caseId) external view returns (uint64);

    /// @notice The open case of a batch, or 0.
    function openCase(BatchId batch) external view returns (uint24);

    /// @notice Number of cases; ids count from 1.
    function cases() external view returns (uint24);
}
