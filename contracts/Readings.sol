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
    mapping(uint24 id => Commitment) private _commitments;
    /// @inheritdoc IReadings
    mapping(uint24 id => mapping(uint16 chunk => uint256)) public drawn;

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
            Commitment(root, evidence, _msgSender(), month, leaves, 0, false, totalWh), replaces
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
            Commitment(root, evidence, _msgSender(), month, leaves, 0, true, totalWh), replaces
        );
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
