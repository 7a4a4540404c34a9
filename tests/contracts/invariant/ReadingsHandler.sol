// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Declarations} from "../../../contracts/Declarations.sol";
import {Readings} from "../../../contracts/Readings.sol";
import {ICertificates} from "../../../contracts/interfaces/ICertificates.sol";
import {BatchId, BatchIdLibrary} from "../../../contracts/types/BatchId.sol";
import {DeclarationStage, Technology} from "../../../contracts/types/Classes.sol";
import {Leaf} from "../../../contracts/types/Leaf.sol";
import {Month} from "../../../contracts/types/Month.sol";
import {ProjectId} from "../../../contracts/types/ProjectId.sol";
import {Trees} from "../Trees.sol";
import {FilingHandler} from "./FilingHandler.sol";

/// @notice Readings are pushed and revised, declared and checked twice, approved by officers, and issued.
abstract contract ReadingsHandler is FilingHandler {
    struct Stored {
        Month month;
        uint24 id;
        address provider;
        bool replaced;
        uint8 approvals;
        uint256 drawn;
    }

    struct Declaration {
        Month month;
        uint256 leaf;
        bytes32 evidence;
        DeclarationStage stage;
    }

    uint256 internal constant FIRST_MONTH = 1489;
    uint256 internal constant WINDOW = 32;

    Stored[] internal stored;
    uint8 private quorum;
    mapping(uint256 index => mapping(address officer => bool)) private approvedBy;
    bytes32[] private declared;
    mapping(bytes32 id => Declaration) private declarationOf;
    mapping(uint256 commitment => uint256[]) private leavesOf;

    /* PUSHED */

    function commitAndIssue(uint256 seed) internal {
        uint256[] memory leaves = new uint256[](1 + seed % 4);
        for (uint256 i = 0; i < leaves.length; ++i) {
            seed = _next(seed);
            leaves[i] = _leaf(seed);
        }
        if (_commit(_next(seed), leaves)) _approveAndIssue(_next(seed + 1));
    }

    function issueAgain(uint256 seed) internal {
        _issue(seed % stored.length, _next(seed));
    }

    function _commit(uint256 seed, uint256[] memory leaves) private returns (bool done) {
        Month month = _month(seed);
        address caller = _caller((seed >> 32) % 3 == 0 ? OTHER_PROVIDER : PROVIDER, seed >> 64);
        uint24 replaces = 0;
        bool fits = true;
        if ((seed >> 96) % 4 == 0 && stored.length != 0) {
            Stored storage old = stored[(seed >> 104) % stored.length];
            replaces = (seed >> 128) % 8 == 0 ? old.id + 10_000 : old.id;
            if ((seed >> 136) % 8 != 0) month = old.month;
            if ((seed >> 144) % 4 != 0) caller = old.provider;
            fits = replaces == old.id && old.provider == caller && !old.replaced
                && Month.unwrap(old.month) == Month.unwrap(month);
        }
        bool allowed =
            (caller == PROVIDER || caller == OTHER_PROVIDER) && fits && block.timestamp >= month.endsAt();
        bytes memory data = abi.encodeCall(
            Readings.commit, (month, Trees.root(leaves), uint24(leaves.length), 1, bytes32(uint256(1)), replaces)
        );
        done = _call(address(readings), caller, data, allowed, "commit");
        if (!done) return false;
        if (replaces != 0) stored[replaces - 1].replaced = true;
        _store(month, caller, leaves);
    }

    function _store(Month month, address provider, uint256[] memory leaves) private {
        uint24 id = readings.commitments();
        if (id != stored.length + 1) _blame("commitments are numbered otherwise", "");
        leavesOf[stored.length] = leaves;
        stored.push(Stored(month, id, provider, false, 0, 0));
    }

    /* DECLARED */

    function declare(uint256 seed) internal {
        Declaration memory made = Declaration(_month(seed), _leaf(seed >> 16), BASIS, DeclarationStage.Declared);
        if ((seed >> 128) % 4 == 0 && declared.length != 0) {
            made = declarationOf[declared[(seed >> 136) % declared.length]];
        } else if ((seed >> 128) % 12 == 1) {
            made.evidence = 0;
        }
        bytes32 id = keccak256(abi.encode(made.month, made.leaf, made.evidence));
        Plant storage plant = plants[Leaf.wrap(made.leaf).project()];
        address caller = _callerFor(plant.owner, seed >> 144);
        DeclarationStage stage = declarationOf[id].stage;
        bool allowed = plant.approved && _mayAct(plant.owner, caller) && made.evidence != 0
            && block.timestamp >= made.month.endsAt()
            && (stage == DeclarationStage.None || stage == DeclarationStage.SentBack);
        bytes memory data = abi.encodeCall(Declarations.declare, (made.month, made.leaf, made.evidence));
        if (!_call(address(declarations), caller, data, allowed, "declare")) return;
        if (stage == DeclarationStage.None) declared.push(id);
        made.stage = DeclarationStage.Declared;
        declarationOf[id] = made;
    }

    function checkDeclarations(uint256 seed) internal {
        if (declared.length == 0) return;
        bytes32[] memory ids = new bytes32[](seed % 8 == 0 ? 2 : 1);
        for (uint256 i = 0; i < ids.length; ++i) {
            ids[i] = _declaredAt(seed >> (16 + 16 * i), DeclarationStage.Declared);
        }
        (bool passed, string memory reason) = _finding(seed >> 64);
        address caller = _caller(INFO_CENTRE, seed >> 96);
        bool allowed = caller == INFO_CENTRE && (passed || bytes(reason).length != 0)
            && (ids.length == 1 || ids[0] != ids[1]);
        for (uint256 i = 0; i < ids.length; ++i) {
            allowed = allowed && declarationOf[ids[i]].stage == DeclarationStage.Declared;
        }
        bytes memory data = abi.encodeCall(Declarations.check, (ids, passed, reason));
        if (!_call(address(declarations), caller, data, allowed, "check declarations")) return;
        for (uint256 i = 0; i < ids.length; ++i) {
            declarationOf[ids[i]].stage = passed ? DeclarationStage.Checked : DeclarationStage.SentBack;
        }
    }

    function recheckDeclaration(uint256 seed) internal {
        if (declared.length == 0) return;
        bytes32 id = _declaredAt(seed, DeclarationStage.Checked);
        Declaration storage found = declarationOf[id];
        (bool passed, string memory reason) = _finding(seed >> 64);
        address caller = _caller(AUTHORITY, seed >> 96);
        bool allowed = caller == AUTHORITY && (passed || bytes(reason).length != 0)
            && found.stage == DeclarationStage.Checked;
        bytes32[] memory evidence = new bytes32[](1);
        evidence[0] = found.evidence;
        uint256[] memory leaves = alone(found.leaf);
        bytes memory data =
            abi.encodeCall(Declarations.recheck, (found.month, leaves, evidence, passed, reason));
        if (!_call(address(declarations), caller, data, allowed, "recheck declaration")) return;
        found.stage = passed ? DeclarationStage.Accepted : DeclarationStage.SentBack;
        if (!passed) return;
        _store(found.month, address(declarations), leaves);
        _approveAndIssue(_next(seed));
    }

    /* APPROVED */

    function approveReadings(uint256 seed) internal {
        _approve(stored.length - 1 - (seed % stored.length) % 8, _next(seed));
    }

    function setQuorum(uint256 seed) internal {
        address caller = _caller(address(this), seed);
        uint8 officers = uint8((seed >> 64) % 4);
        bytes memory data = abi.encodeCall(Readings.setQuorum, (officers));
        if (_call(address(readings), caller, data, caller == address(this), "set quorum")) quorum = officers;
    }

    /// @dev What was committed last, by as many officers as are asked for, or about.
    function _approveAndIssue(uint256 seed) private {
        for (uint256 i = 0; i < quorum; ++i) {
            _approve(stored.length - 1, _next(seed + i));
        }
        _issue(stored.length - 1, seed);
    }

    function _approve(uint256 index, uint256 seed) private {
        Stored storage commitment = stored[index];
        address caller = _caller(seed % 2 == 0 ? OFFICER : OTHER_OFFICER, seed >> 8);
        bool other = (seed >> 64) % 10 == 0;
        bool allowed = (caller == OFFICER || caller == OTHER_OFFICER) && !commitment.replaced && !other
            && !approvedBy[index][caller];
        bytes32 root = other ? BASIS : Trees.root(leavesOf[index]);
        bytes memory data = abi.encodeCall(Readings.approve, (commitment.id, root));
        if (!_call(address(readings), caller, data, allowed, "approve")) return;
        approvedBy[index][caller] = true;
        if (readings.commitment(commitment.id).approvals != ++commitment.approvals) _blame("approvals differ", "");
    }

    /* ISSUING */

    /// @dev A leaf can depend on one before it in the chunk, so the model takes each as it would be issued.
    function _issue(uint256 index, uint256 seed) private {
        Stored storage commitment = stored[index];
        uint256[] memory leaves = leavesOf[index];
        address caller = _caller(AUTHORITY, seed);
        bool forged = (seed >> 64) % 10 == 0;
        bool ready = caller == AUTHORITY && !commitment.replaced && !forged && !paused
            && commitment.approvals >= quorum;
        uint256 foreseen = 0;
        for (uint256 i = 0; i < leaves.length && ready; ++i) {
            if (commitment.drawn >> i & 1 == 1 || !_issuable(Leaf.wrap(leaves[i]), commitment.month)) continue;
            foreseen |= 1 << i;
            _book(Leaf.wrap(leaves[i]), commitment.month);
        }
        bytes32[] memory proof = Trees.proof(leaves, 0);
        if (forged) leaves[0] += CERTIFICATE << 136;
        bytes memory data = abi.encodeCall(ICertificates.issue, (commitment.id, 0, leaves, proof));
        if (!_call(address(certificates), caller, data, foreseen != 0, "issue")) return;
        commitment.drawn |= foreseen;
        if (readings.drawn(commitment.id, 0) != commitment.drawn) _blame("other leaves were issued", "");
    }

    function _issuable(Leaf leaf, Month month) private view returns (bool) {
        ProjectId project = leaf.project();
        Plant storage plant = plants[project];
        uint256 number = Month.unwrap(month);
        if (!plant.approved || leaf.electricityBits() > 3 || number < plant.inOperation) return false;
        if (project.technology() == Technology.PumpedStorage) return false;
        Meter storage meter = meters[project][leaf.electricityBits()];
        return !meter.months[number] && number + WINDOW > meter.latest;
    }

    function _book(Leaf leaf, Month month) private {
        ProjectId project = leaf.project();
        uint256 electricity = leaf.electricityBits();
        Meter storage meter = meters[project][electricity];
        int256 before = _whole(meter.energy);
        meter.energy += int256(uint256(leaf.wattHours()));
        meter.months[Month.unwrap(month)] = true;
        if (Month.unwrap(month) > meter.latest) meter.latest = Month.unwrap(month);
        uint256 count = uint256(_whole(meter.energy) - before);
        if (count == 0) return;

        (bool tradable, address holder) = _classOf(project, electricity);
        BatchId batch = BatchIdLibrary.make(project, month, electricity, tradable);
        if (ledger[batch].length != 0) _blame("a batch was issued twice", "");
        batches.push(batch);
        firstHolder[batch] = holder;
        _print(batch, holder, count);
    }

    /* CHOICES */

    /// @dev On-grid more than half of the time; electricity 4 is none.
    function _leaf(uint256 seed) private view returns (uint256) {
        uint256 electricity = seed % 3 != 0 ? 0 : (seed >> 8) % 5;
        return leafOf(projects[(seed >> 16) % projects.length], electricity, (seed >> 32) % 24_000_000);
    }

    /// @dev Mostly ended and valid.
    function _month(uint256 seed) private pure returns (Month) {
        return Month.wrap(uint16(bound(seed, seed % 4 == 0 ? FIRST_MONTH : 1500, seed % 12 == 0 ? 1524 : 1520)));
    }

    function _finding(uint256 seed) private pure returns (bool passed, string memory reason) {
        return (seed % 4 != 0, seed % 16 == 0 ? "" : "seen");
    }

    function _declaredAt(uint256 seed, DeclarationStage stage) private view returns (bytes32 id) {
        for (uint256 i = 0; i < declared.length; ++i) {
            id = declared[(seed + i) % declared.length];
            if (declarationOf[id].stage == stage) break;
        }
    }
}
