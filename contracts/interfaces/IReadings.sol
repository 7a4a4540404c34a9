// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Month} from "../types/Month.sol";

/// @notice One provider's metered data of one month.
/// @param root Merkle root over the leaves (see ChunkProof).
/// @param evidence Hash of the file or files that the readings came from.
/// @param provider Who signed it.
/// @param leaves Number of readings.
/// @param replacedBy Commitment that took its place, 0 for none.
/// @param declared Whether the information centre committed it for an owner or agent (Q26).
/// @param totalWh Sum of all leaves.
struct Commitment {
    bytes32 root;
    bytes32 evidence;
    address provider;
    Month month;
    uint24 leaves;
    uint24 replacedBy;
    bool declared;
    uint128 totalWh;
}

/// @title Commitments to metered data
/// @notice Without one nothing can be issued: the authority cannot mint what a provider did not sign (Q25).
interface IReadings {
    event ReadingsCommitted(
        uint24 indexed commitment,
        Month indexed month,
        address indexed provider,
        bool declared,
        bytes32 root,
        uint24 leaves,
        uint128 totalWh,
        bytes32 evidence,
        uint24 replaces
    );

    error RootZero();
    error LeavesZero();
    error EvidenceZero();
    /// @notice The month's data are complete only after its end, `endsAt` in unix time.
    error MonthNotEnded(Month month, uint64 endsAt);
    error CommitmentUnknown(uint24 commitment);
    error CommitmentNotOwn(uint24 commitment, address provider);
    error CommitmentOfOtherMonth(uint24 commitment, Month month);
    error CommitmentReplaced(uint24 commitment, uint24 by);

    /// @notice Commits a month's pushed readings; `replaces` names the commitment it revises, or 0. Providers only.
    /// @dev What was issued from a replaced commitment stays: the lane of each project remembers the month.
    /// Reverts, in this order: RootZero, LeavesZero, EvidenceZero, MonthNotEnded, CommitmentUnknown, CommitmentNotOwn,
    /// CommitmentOfOtherMonth, CommitmentReplaced.
    function commit(
        Month month,
        bytes32 root,
        uint24 leaves,
        uint128 totalWh,
        bytes32 evidence,
        uint24 replaces
    ) external returns (uint24 commitment);

    /// @notice The same for declared readings after the first check (初核, Q26). Information centre only.
    function commitDeclared(
        Month month,
        bytes32 root,
        uint24 leaves,
        uint128 totalWh,
        bytes32 evidence,
        uint24 replaces
    ) external returns (uint24 commitment);

    /// @notice Marks leaves of a chunk as issued, a bit each. `Certificates` only.
    function draw(uint24 commitment, uint16 chunk, uint256 leaves) external;

    function commitment(uint24 id) external view returns (Commitment memory);

    /// @notice Number of commitments; ids count from 1.
    function commitments() external view returns (uint24);

    /// @notice Bit set of the leaves of a chunk that were issued.
    function drawn(uint24 commitment, uint16 chunk) external view returns (uint256);
}
