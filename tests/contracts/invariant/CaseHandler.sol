// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Cases} from "../../../contracts/Cases.sol";
import {Remedy, Serials, Step} from "../../../contracts/interfaces/ICases.sol";
import {Addition} from "../../../contracts/interfaces/ICertificates.sol";
import {BatchId} from "../../../contracts/types/BatchId.sol";
import {CaseStage, Outcome, State} from "../../../contracts/types/Classes.sol";
import {DealHandler} from "./DealHandler.sol";

/// @notice Quantities are disputed, and what was decided is carried out step by step.
abstract contract CaseHandler is DealHandler {
    struct Dispute {
        BatchId batch;
        address claimant;
        CaseStage stage;
        Outcome outcome;
        uint256 owed;
        int64 wattHours;
        Serials[] doubtful;
    }

    /// @dev By number; the first one is nobody's.
    Dispute[] internal disputes;
    mapping(BatchId batch => uint24) internal openCaseOf;

    /* STAGES */

    function openCase(uint256 seed) internal {
        (BatchId batch, uint32 start, uint32 end) = _disputed(seed);
        address claimant = plants[batch.project()].owner;
        Serials[] memory doubtful = new Serials[](seed % 3);
        bool allowed = openCaseOf[batch] == 0;
        for (uint256 i = 0; i < doubtful.length; ++i) {
            doubtful[i] = Serials(start, end);
            allowed = allowed && _is(batch, start, end, State.Held) && ledger[batch][start].owner == claimant;
            if (i == 1) allowed = allowed && !(doubtful[0].start < end && start < doubtful[0].end);
            (start, end) = _rangeOf(batch, seed >> 32, State.Held, false);
        }
        (bytes32 evidence, string memory reason) = _grounds(seed >> 64);
        address caller = _callerFor(claimant, seed >> 96);
        allowed = allowed && _mayAct(claimant, caller) && evidence != 0 && bytes(reason).length != 0;
        bytes memory data = abi.encodeCall(Cases.open, (batch, doubtful, evidence, reason));
        if (!_call(address(cases), caller, data, allowed, "open case")) return;
        openCaseOf[batch] = uint24(disputes.length);
        Dispute storage made = disputes.push();
        (made.batch, made.claimant, made.stage) = (batch, claimant, CaseStage.Opened);
        for (uint256 i = 0; i < doubtful.length; ++i) {
            made.doubtful.push(doubtful[i]);
            _setState(batch, doubtful[i].start, doubtful[i].end, State.Frozen);
        }
    }

    /// @notice The next step of a case, as a rule.
    function advanceCase(uint256 seed) internal {
        if (disputes.length == 1) return;
        uint256 id = _caseAt(seed);
        CaseStage stage = disputes[id].stage;
        uint256 choice = (seed >> 16) % 24;
        seed = _next(seed);
        if (choice == 0) _close(id, seed);
        else if (choice == 1 || stage == CaseStage.Opened) _propose(id, seed);
        else if (choice == 2 || stage == CaseStage.Proposed) _check(id, seed);
        else if (choice == 3 || stage == CaseStage.Checked) _decide(id, seed);
        else if (choice == 4 || stage == CaseStage.Decided) _execute(id, seed);
        else _close(id, seed);
    }

    function _propose(uint256 id, uint256 seed) private {
        int64 wattHours = int64(int256((seed >> 16) % 9_000_000)) - 5_000_000;
        if (seed % 3 == 0) wattHours = 0;
        (bytes32 evidence, string memory reason) = _grounds(seed >> 64);
        address caller = _caller(EXCHANGE, seed >> 96);
        bool allowed = caller == EXCHANGE && _stands(id, CaseStage.Opened, evidence, reason);
        bytes memory data = abi.encodeCall(Cases.propose, (uint24(id), wattHours, evidence, reason));
        if (!_call(address(cases), caller, data, allowed, "propose")) return;
        (disputes[id].wattHours, disputes[id].stage) = (wattHours, CaseStage.Proposed);
    }

    function _check(uint256 id, uint256 seed) private {
        (bytes32 evidence, string memory reason) = _grounds(seed >> 64);
        address caller = _caller(OFFICE, seed >> 96);
        bool confirmed = seed % 5 != 0;
        bool allowed = caller == OFFICE && _stands(id, CaseStage.Proposed, evidence, reason);
        bytes memory data = abi.encodeCall(Cases.check, (uint24(id), confirmed, evidence, reason));
        if (!_call(address(cases), caller, data, allowed, "check case")) return;
        disputes[id].stage = confirmed ? CaseStage.Checked : CaseStage.Opened;
    }

    function _decide(uint256 id, uint256 seed) private {
        Dispute storage found = disputes[id];
        int64 wattHours = found.wattHours;
        Outcome outcome = wattHours > 0 ? Outcome.Added : wattHours < 0 ? Outcome.Deducted : Outcome.Undone;
        if (seed % 8 == 0) outcome = Outcome((seed >> 8) % 5);
        else if ((seed >> 16) % 4 == 0) outcome = Outcome.Rejected;
        (bytes32 evidence, string memory reason) = _grounds(seed >> 64);
        address caller = _caller(AUTHORITY, seed >> 96);
        bool fits = outcome <= Outcome.Rejected || (outcome == Outcome.Added && wattHours > 0)
            || (outcome == Outcome.Deducted && wattHours < 0) || (outcome == Outcome.Undone && wattHours == 0);
        bool corrects = outcome == Outcome.Added || outcome == Outcome.Deducted;
        bool allowed = caller == AUTHORITY && _stands(id, CaseStage.Checked, evidence, reason) && fits
            && (!corrects || _correctable(found.batch, wattHours));
        bytes memory data = abi.encodeCall(Cases.decide, (uint24(id), outcome, evidence, reason));
        if (!_call(address(cases), caller, data, allowed, "decide")) return;
        _count(["sent back", "rejected", "added", "deducted", "undone"][uint256(outcome)], true);
        found.outcome = outcome;
        found.stage = outcome == Outcome.None ? CaseStage.Opened : CaseStage.Decided;
        if (corrects) _correct(uint24(id), found);
        bool over = outcome == Outcome.Rejected || outcome == Outcome.Added
            || (outcome == Outcome.Deducted && found.owed == 0);
        if (over) _end(found);
    }

    function _correct(uint24 id, Dispute storage found) private {
        BatchId batch = found.batch;
        Meter storage meter = meters[batch.project()][batch.electricityBits()];
        int256 change = -_whole(meter.energy);
        meter.energy += found.wattHours;
        change += _whole(meter.energy);
        if (change < 0) {
            found.owed = uint256(-change);
            meter.owed += found.owed;
        }
        if (change <= 0) return;
        uint32 start = uint32(ledger[batch].length);
        uint32 end = start + uint32(uint256(change));
        additions[batch].push(Addition(firstHolder[batch], start, end, id, cases.caseOf(id).evidence));
        _print(batch, firstHolder[batch], end - start);
    }

    /* CARRYING OUT */

    /// @dev A chain of remedies on one range: undone, given back, deducted, or a part of that.
    function _execute(uint256 id, uint256 seed) private {
        Dispute storage found = disputes[id];
        (uint32 start, uint32 end, uint256 from, uint256 to) = _remedies(found, seed);
        Step[] memory steps = new Step[](to - from);
        for (uint256 i = 0; i < steps.length; ++i) {
            steps[i] = Step(Remedy(from + i), start, end);
        }
        address caller = _caller(AUTHORITY, seed >> 96);
        bool allowed = caller == AUTHORITY && found.stage == CaseStage.Decided && _executable(found, steps);
        bytes memory data = abi.encodeCall(Cases.execute, (uint24(id), steps));
        if (!_call(address(cases), caller, data, allowed, "execute")) return;
        for (uint256 i = 0; i < steps.length; ++i) {
            _carryOut(found, steps[i]);
        }
        if (found.outcome == Outcome.Deducted && found.owed == 0) _end(found);
    }

    /// @dev Remedies [from, to) for a range that they fit, as a rule: the unsold first, then traded, then retired.
    function _remedies(Dispute storage found, uint256 seed)
        private
        view
        returns (uint32 start, uint32 end, uint256 from, uint256 to)
    {
        bool deducts = found.outcome == Outcome.Deducted;
        (State state, bool traded) = deducts && _unsoldOutside(found.batch, 0, 0)
            ? (seed % 3 == 0 ? State.Frozen : State.Held, false)
            : (seed % 3 == 0 ? State.Retired : State.Held, true);
        if (seed % (deducts ? 9 : 4) == 1) (state, traded) = (State.Retired, false);
        (start, end) = _rangeOf(found.batch, seed >> 8, state, traded);
        if (deducts && end > start && end - start > found.owed && (seed >> 40) % 6 != 0) {
            end = start + uint32(found.owed);
        }
        Certificate storage at = ledger[found.batch][start];
        from = at.state == State.Retired ? 0 : at.traded ? 1 : 2;
        to = deducts ? 3 : at.traded ? 2 : 1;
        if ((seed >> 48) % 5 == 0) from = (seed >> 56) % 3;
        if ((seed >> 64) % 5 == 0) to = from + 1;
        if (to <= from) to = from + 1;
    }

    /// @dev Follows the range from step to step without touching the model, for one wrong step undoes all.
    function _executable(Dispute storage found, Step[] memory steps) private view returns (bool) {
        (BatchId batch, uint32 start, uint32 end) = (found.batch, steps[0].start, steps[0].end);
        if (!_isUniform(batch, start, end)) return false;
        State state = ledger[batch][start].state;
        bool traded = ledger[batch][start].traded;
        bool deducts = found.outcome == Outcome.Deducted;
        for (uint256 i = 0; i < steps.length; ++i) {
            bool undoes = steps[i].remedy != Remedy.Deduct;
            bool sold = traded && state < State.Retired;
            bool unsold = _unsoldOutside(batch, start, end) || (!traded && state < State.Retired);
            if (deducts) {
                if (end - start > found.owed || (unsold && (undoes || sold))) return false;
                if (undoes ? i + 1 == steps.length : sold) return false;
            }
            if (!undoes) {
                bool standing = state == State.Held || state == State.Frozen;
                if (!deducts || !standing) return false;
                state = State.Deducted;
            } else if (steps[i].remedy == Remedy.UndoTrade) {
                if (state != State.Held || !traded) return false;
                traded = false;
            } else {
                if (state != State.Retired) return false;
                state = State.Held;
            }
        }
        return true;
    }

    function _carryOut(Dispute storage found, Step memory step) private {
        (BatchId batch, uint32 start, uint32 end) = (found.batch, step.start, step.end);
        if (step.remedy == Remedy.UndoTrade) {
            _giveBack(batch, start, end);
            _count("undo trade", true);
        } else if (step.remedy == Remedy.UndoRetirement) {
            _setState(batch, start, end, State.Held);
            _count("undo retirement", true);
        } else {
            _setState(batch, start, end, State.Deducted);
            found.owed -= end - start;
            meters[batch.project()][batch.electricityBits()].owed -= end - start;
            _count("deduct", true);
        }
    }

    /* ENDING */

    function _close(uint256 id, uint256 seed) private {
        Dispute storage found = disputes[id];
        bool decided = found.stage == CaseStage.Decided;
        address caller = decided ? _caller(AUTHORITY, seed) : _callerFor(found.claimant, seed);
        bool allowed = decided
            ? caller == AUTHORITY && found.owed == 0
            : found.stage != CaseStage.Closed && _mayAct(found.claimant, caller);
        bytes memory data = abi.encodeCall(Cases.close, (uint24(id)));
        if (_call(address(cases), caller, data, allowed, "close case")) _end(found);
    }

    function setDeadlines(uint256 seed) internal {
        address caller = _caller(AUTHORITY, seed);
        bytes memory data = abi.encodeCall(Cases.setDeadlines, (uint16(seed >> 16), 5, 5, 9));
        _call(address(cases), caller, data, caller == AUTHORITY, "set deadlines");
    }

    /// @dev What was in doubt and still is frozen, is free.
    function _end(Dispute storage found) private {
        found.stage = CaseStage.Closed;
        delete openCaseOf[found.batch];
        for (uint256 i = 0; i < found.doubtful.length; ++i) {
            for (uint32 at = found.doubtful[i].start; at < found.doubtful[i].end; ++at) {
                Certificate storage certificate = ledger[found.batch][at];
                if (certificate.state == State.Frozen) certificate.state = State.Held;
            }
        }
    }

    /* FACTS AND CHOICES */

    function _stands(uint256 id, CaseStage stage, bytes32 evidence, string memory reason)
        private
        view
        returns (bool)
    {
        return disputes[id].stage == stage && evidence != 0 && bytes(reason).length != 0;
    }

    /// @dev The project's account of energy remembers the month, and the batch has what there is to deduct.
    function _correctable(BatchId batch, int64 wattHours) private view returns (bool) {
        Meter storage meter = meters[batch.project()][batch.electricityBits()];
        int256 left = _whole(meter.energy + wattHours) - _whole(meter.energy);
        for (uint256 i = 0; i < ledger[batch].length; ++i) {
            if (ledger[batch][i].state != State.Deducted) ++left;
        }
        return left >= 0 && _monthOf(batch) + WINDOW > meter.latest;
    }

    function _unsoldOutside(BatchId batch, uint32 start, uint32 end) internal view returns (bool) {
        for (uint256 i = 0; i < ledger[batch].length; ++i) {
            if (i >= start && i < end) continue;
            if (!ledger[batch][i].traded && ledger[batch][i].state < State.Retired) return true;
        }
        return false;
    }

    /// @dev Every second time in a batch of which something was traded, retired or not, so that there is more to undo.
    function _disputed(uint256 seed) private view returns (BatchId batch, uint32 start, uint32 end) {
        if ((seed >> 200) % 2 == 0) return _range(seed, State.Held, Liking.Any);
        (batch,,) = _range(seed, (seed >> 208) % 2 == 0 ? State.Held : State.Retired, Liking.Traded);
        (start, end) = _rangeOf(batch, seed >> 16, State.Held, false);
    }

    function _grounds(uint256 seed) private pure returns (bytes32 evidence, string memory reason) {
        return (seed % 16 == 0 ? bytes32(0) : BASIS, seed % 16 == 1 ? "" : "miscounted");
    }

    /// @dev One that is not closed, as a rule.
    function _caseAt(uint256 seed) private view returns (uint256 id) {
        uint256 count = disputes.length - 1;
        for (uint256 i = 0; i < count; ++i) {
            id = 1 + (seed + i) % count;
            if (disputes[id].stage != CaseStage.Closed || seed % 12 == 0) break;
        }
    }
}
