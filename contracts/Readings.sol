// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Governed} from "./Governed.sol";
import {Commitment, IReadings} from "./interfaces/IReadings.sol";
import {Month} from "./types/Month.sol";

/// @notice Its manual is `IReadings`.
contract Readings is IReadings, Governed {
    /* STORAGE */

    /// @inheritdoc IReadings
    uint24 public commitments;
    /// @inheritdoc IReadings
    uint8 public quorum;
    mapping(uint24 id => Commitment) private _commitments;
    /// @inheritdoc IReadings
    mapping(uint24 id => mapping(uint16 chunk => uint256)) public drawn;
    /// @inheritdoc IReadings
    mapping(uint24 id => mapping(address officer => bool)) public approved;

    constructor(address authority, address relay) Governed(authority, relay) {}

    /* COMMITTING */

    /// @inheritdoc IReadings
    function commit(
        Month month,
        bytes32 root,
        uint24 leaves,
        uint128 totalWh,
        bytes32 evidence,
        uint24 replaces
    ) external restricted returns (uint24) {
        return _commit(
            Commitment(root, evidence, _msgSender(), month, leaves, 0, false, 0, totalWh), replaces
        );
    }

    /// @inheritdoc IReadings
    function commitDeclared(
        Month month,
        bytes32 root,
        uint24 leaves,
        uint128 totalWh,
        bytes32 evidence,
        uint24 replaces
    ) external restricted returns (uint24) {
        return _commit(
            Commitment(root, evidence, _msgSender(), month, leaves, 0, true, 0, totalWh), replaces
        );
    }

    /* APPROVING */

    /// @inheritdoc IReadings
    function approve(uint24 id, bytes32 root) external restricted {
        Commitment storage made = _inForce(id);
        if (made.root != root) revert CommitmentRootIs(id, made.root);
        address officer = _msgSender();
        if (approved[id][officer]) revert ApprovedAlready(id, officer);

        approved[id][officer] = true;
        uint8 approvals = ++made.approvals;
        emit CommitmentApproved(id, officer, approvals);
    }

    /// @inheritdoc IReadings
    function setQuorum(uint8 officers) external restricted {
        quorum = officers;
        emit QuorumSet(officers);
    }

    /* DRAWING */

    /// @inheritdoc IReadings
    function draw(uint24 id, uint16 chunk, uint256 leaves) external restricted {
        drawn[id][chunk] |= leaves;
    }

    /* VIEWS */

    /// @inheritdoc IReadings
    function commitment(uint24 id) external view returns (Commitment memory) {
        return _commitments[id];
    }

    /// @inheritdoc IReadings
    function issuable(uint24 id, uint16 chunk)
        external
        view
        returns (Month month, uint24 leaves, bytes32 root, uint256 issued)
    {
        Commitment storage made = _inForce(id);
        (uint8 approvals, uint8 needed) = (made.approvals, quorum);
        if (approvals < needed) revert ApprovalsMissing(id, approvals, needed);
        return (made.month, made.leaves, made.root, drawn[id][chunk]);
    }

    /* INTERNALS */

    function _commit(Commitment memory made, uint24 replaces) private returns (uint24 id) {
        if (made.root == 0) revert RootZero();
        if (made.leaves == 0) revert LeavesZero();
        if (made.evidence == 0) revert EvidenceZero();
        uint64 endsAt = made.month.endsAt();
        if (block.timestamp < endsAt) revert MonthNotEnded(made.month, endsAt);
        if (replaces != 0) _requireReplaceable(replaces, made);

        id = ++commitments;
        _commitments[id] = made;
        if (replaces != 0) _commitments[replaces].replacedBy = id;
        emit ReadingsCommitted(
            id,
            made.month,
            made.provider,
            made.declared,
            made.root,
            made.leaves,
            made.totalWh,
            made.evidence,
            replaces
        );
    }

    function _inForce(uint24 id) private view returns (Commitment storage made) {
        made = _commitments[id];
        if (made.root == 0) revert CommitmentUnknown(id);
        uint24 by = made.replacedBy;
        if (by != 0) revert CommitmentReplaced(id, by);
    }

    function _requireReplaceable(uint24 id, Commitment memory by) private view {
        Commitment storage old = _commitments[id];
        if (old.root == 0) revert CommitmentUnknown(id);
        if (old.provider != by.provider || old.declared != by.declared) {
            revert CommitmentNotOwn(id, old.provider);
        }
        if (Month.unwrap(old.month) != Month.unwrap(by.month)) {
            revert CommitmentOfOtherMonth(id, old.month);
        }
        if (old.replacedBy != 0) revert CommitmentReplaced(id, old.replacedBy);
    }
}
