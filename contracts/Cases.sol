// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {Governed} from "./Governed.sol";
import {Roles} from "./Roles.sol";
import {Case, ICases, Remedy, Serials, Step} from "./interfaces/ICases.sol";
import {Batch, ICertificates} from "./interfaces/ICertificates.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";
import {BatchId} from "./types/BatchId.sol";
import {CaseStage, Outcome, State} from "./types/Classes.sol";

/// @notice Its manual is `ICases`.
contract Cases is ICases, Governed {
    /// @dev What each stage may take unless the authority sets it otherwise: ours, no source gives any.
    uint16 private constant DEFAULT_DAYS = 10;
    uint16 private constant DEFAULT_EXECUTION_DAYS = 20;

    /* STORAGE */

    IRegistry public immutable REGISTRY;
    ICertificates public immutable CERTIFICATES;

    /// @inheritdoc ICases
    uint24 public cases;
    /// @inheritdoc ICases
    mapping(BatchId batch => uint24) public openCase;
    mapping(uint24 caseId => Case) private _cases;
    mapping(uint24 caseId => Serials[]) private _doubtful;
    mapping(CaseStage stage => uint16) private _days;
    mapping(BatchId batch => uint32) private _deducted;

    constructor(address authority, address relay, IRegistry registry, ICertificates certificates)
        Governed(authority, relay)
    {
        REGISTRY = registry;
        CERTIFICATES = certificates;
        _setDeadlines(DEFAULT_DAYS, DEFAULT_DAYS, DEFAULT_DAYS, DEFAULT_EXECUTION_DAYS);
    }

    /* STAGES */

    /// @inheritdoc ICases
    function open(BatchId batch, Serials[] calldata doubtful, bytes32 evidence, string calldata reason)
        external
        restricted
        returns (uint24 caseId)
    {
        address claimant = REGISTRY.project(batch.project()).owner;
        _requireMayAct(claimant);
        _requireArguments(evidence, reason);
        if (openCase[batch] != 0) revert CaseStands(batch, openCase[batch]);
        if (CERTIFICATES.batchOf(batch).count == 0) revert ICertificates.BatchUnknown(batch);

        caseId = ++cases;
        openCase[batch] = caseId;
        Case storage made = _cases[caseId];
        (made.batch, made.claimant) = (batch, claimant);
        _enter(made, CaseStage.Opened);
        emit CaseOpened(caseId, batch, claimant, doubtful, evidence, reason);
        for (uint256 i = 0; i < doubtful.length; ++i) {
            _doubtful[caseId].push(doubtful[i]);
        }
        for (uint256 i = 0; i < doubtful.length; ++i) {
            CERTIFICATES.doubt(batch, doubtful[i].start, doubtful[i].end, claimant, caseId);
        }
    }

    /// @inheritdoc ICases
    function propose(uint24 caseId, int64 wattHours, bytes32 evidence, string calldata reason) external restricted {
        Case storage found = _at(caseId, CaseStage.Opened);
        _requireArguments(evidence, reason);

        (found.wattHours, found.evidence) = (wattHours, evidence);
        _enter(found, CaseStage.Proposed);
        emit CaseProposed(caseId, _msgSender(), wattHours, evidence, reason);
    }

    /// @inheritdoc ICases
    function check(uint24 caseId, bool confirmed, bytes32 evidence, string calldata reason) external restricted {
        Case storage found = _at(caseId, CaseStage.Proposed);
        _requireArguments(evidence, reason);

        _enter(found, confirmed ? CaseStage.Checked : CaseStage.Opened);
        emit CaseChecked(caseId, _msgSender(), confirmed, evidence, reason);
    }

    /// @inheritdoc ICases
    function decide(uint24 caseId, Outcome outcome, bytes32 evidence, string calldata reason) external restricted {
        Case storage found = _at(caseId, CaseStage.Checked);
        _requireArguments(evidence, reason);
        int64 wattHours = found.wattHours;
        bool proposed = outcome == Outcome.None || outcome == Outcome.Rejected
            || (outcome == Outcome.Added && wattHours > 0) || (outcome == Outcome.Deducted && wattHours < 0)
            || (outcome == Outcome.Undone && wattHours == 0);
        if (!proposed) revert OutcomeNotProposed(outcome, wattHours);

        _enter(found, outcome == Outcome.None ? CaseStage.Opened : CaseStage.Decided);
        found.outcome = outcome;
        int32 certificates = outcome >= Outcome.Added && wattHours != 0 ? _correct(caseId, found) : int32(0);
        emit CaseDecided(caseId, _msgSender(), outcome, certificates, evidence, reason);
        if (certificates > 0) CERTIFICATES.add(found.batch, uint32(certificates), caseId, found.evidence);
        if (certificates < 0) found.owed = uint32(-certificates);
        bool over = outcome == Outcome.Rejected || outcome == Outcome.Added
            || (outcome == Outcome.Deducted && certificates == 0);
        if (over) _close(caseId, found);
    }

    /// @inheritdoc ICases
    function execute(uint24 caseId, Step[] calldata steps) external restricted {
        Case storage found = _at(caseId, CaseStage.Decided);
        bool deducting = found.outcome == Outcome.Deducted;
        for (uint256 i = 0; i < steps.length; ++i) {
            if (deducting) _requireInOrder(caseId, found, steps, i);
            _carryOut(caseId, found, steps[i], deducting);
        }
        if (deducting && found.owed == 0) _close(caseId, found);
    }

    /// @inheritdoc ICases
    function close(uint24 caseId) external restricted {
        Case storage found = _cases[caseId];
        if (found.stage == CaseStage.None) revert CaseUnknown(caseId);
        if (found.stage == CaseStage.Closed) revert CaseStageIs(caseId, found.stage);
        if (found.stage == CaseStage.Decided) {
            (bool isAuthority,) = IAccessManager(authority()).hasRole(Roles.AUTHORITY, _msgSender());
            if (!isAuthority) revert MayNotAct(found.claimant, _msgSender());
            if (found.owed != 0) revert StillOwed(caseId, found.owed);
        } else {
            _requireMayAct(found.claimant);
        }
        _close(caseId, found);
    }

    /// @inheritdoc ICases
    function setDeadlines(uint16 proposal, uint16 check_, uint16 decision, uint16 execution) external restricted {
        _setDeadlines(proposal, check_, decision, execution);
    }

    /* VIEWS */

    /// @inheritdoc ICases
    function caseOf(uint24 caseId) external view returns (Case memory) {
        return _cases[caseId];
    }

    /// @inheritdoc ICases
    function doubtfulOf(uint24 caseId) external view returns (Serials[] memory) {
        return _doubtful[caseId];
    }

    /// @inheritdoc ICases
    function dueAt(uint24 caseId) external view returns (uint64) {
        Case storage found = _cases[caseId];
        if (found.stage == CaseStage.None || found.stage == CaseStage.Closed) return 0;
        return uint64(found.since) + uint64(_days[found.stage]) * 1 days;
    }

    /* INTERNALS */

    function _enter(Case storage found, CaseStage stage) private {
        (found.stage, found.since) = (stage, uint40(block.timestamp));
    }

    /// @dev A case that owed more than its batch has left could never end.
    function _correct(uint24 caseId, Case storage found) private returns (int32 certificates) {
        BatchId batch = found.batch;
        certificates = REGISTRY.correct(
            batch.project(), batch.month(), uint8(batch.electricityBits()), found.wattHours, caseId
        );
        uint256 left = CERTIFICATES.batchOf(batch).count - _deducted[batch];
        if (certificates < -int256(left)) {
            revert IRegistry.CorrectionOutOfReach(batch.project(), found.wattHours);
        }
    }

    function _carryOut(uint24 caseId, Case storage found, Step calldata step, bool deducting) private {
        BatchId batch = found.batch;
        if (step.remedy == Remedy.UndoTrade) {
            CERTIFICATES.undoTrade(batch, step.start, step.end, caseId);
        } else if (step.remedy == Remedy.UndoRetirement) {
            CERTIFICATES.undoRetirement(batch, step.start, step.end, caseId);
        } else {
            if (!deducting) revert RemedyNotDecided(caseId, step.remedy);
            uint32 count = _countOf(step);
            found.owed -= count;
            _deducted[batch] += count;
            CERTIFICATES.deduct(batch, step.start, step.end, caseId);
        }
    }

    /// @dev A deduction takes the unsold first; what it undoes it deducts, and nothing that is sold before it is undone.
    function _requireInOrder(uint24 caseId, Case storage found, Step[] calldata steps, uint256 at) private view {
        (BatchId batch, Step calldata step) = (found.batch, steps[at]);
        bool undoes = step.remedy != Remedy.Deduct;
        (,,, State state, bool traded) = CERTIFICATES.segmentAt(batch, step.start);
        bool sold = traded && state < State.Retired;
        if (undoes || sold) _requireNothingUnsold(batch);
        uint32 count = _countOf(step);
        if (count > found.owed) revert OwedExceeded(caseId, found.owed, count);
        if (undoes && !_goesOn(steps, at)) revert StillOwed(caseId, count);
        if (!undoes && sold) revert ICertificates.AlreadyTraded(batch, step.start, step.end);
    }

    /// @dev Whether the next step is for the same range.
    function _goesOn(Step[] calldata steps, uint256 at) private pure returns (bool) {
        if (at + 1 == steps.length) return false;
        return steps[at].start == steps[at + 1].start && steps[at].end == steps[at + 1].end;
    }

    function _countOf(Step calldata step) private pure returns (uint32) {
        return step.end > step.start ? step.end - step.start : 0;
    }

    /// @dev What is not traded and not retired is deducted before anybody's trade is undone. Costs a look-up a segment.
    function _requireNothingUnsold(BatchId batch) private view {
        Batch memory known = CERTIFICATES.batchOf(batch);
        for (uint32 at = 0; at < known.count;) {
            (uint32 start, uint32 end,, State state, bool traded) = CERTIFICATES.segmentAt(batch, at);
            if (!traded && state < State.Retired) revert UnsoldLeft(batch, start, end);
            at = end;
        }
    }

    function _close(uint24 caseId, Case storage found) private {
        _enter(found, CaseStage.Closed);
        BatchId batch = found.batch;
        delete openCase[batch];
        Serials[] storage doubtful = _doubtful[caseId];
        for (uint256 i = 0; i < doubtful.length; ++i) {
            CERTIFICATES.trust(batch, doubtful[i].start, doubtful[i].end, caseId);
        }
        emit CaseClosed(caseId, _msgSender());
    }

    function _at(uint24 caseId, CaseStage stage) private view returns (Case storage found) {
        found = _cases[caseId];
        if (found.stage == CaseStage.None) revert CaseUnknown(caseId);
        if (found.stage != stage) revert CaseStageIs(caseId, found.stage);
    }

    function _setDeadlines(uint16 proposal, uint16 check_, uint16 decision, uint16 execution) private {
        _days[CaseStage.Opened] = proposal;
        _days[CaseStage.Proposed] = check_;
        _days[CaseStage.Checked] = decision;
        _days[CaseStage.Decided] = execution;
        emit DeadlinesSet(proposal, check_, decision, execution);
    }

    function _requireMayAct(address claimant) private view {
        address caller = _msgSender();
        if (!REGISTRY.mayAct(claimant, caller)) revert MayNotAct(claimant, caller);
    }

    function _requireArguments(bytes32 evidence, string calldata reason) private pure {
        if (evidence == 0) revert EvidenceZero();
        if (bytes(reason).length == 0) revert ReasonEmpty();
    }
}
