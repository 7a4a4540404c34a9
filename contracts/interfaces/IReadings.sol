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
/// @param approvals Officers who approved it.
/// @param totalWh Sum of all leaves.
struct Commitment {
    bytes32 root;
    bytes32 evidence;
    address provider;
    Month month;
    uint24 leaves;
    uint24 replacedBy;
    bool declared;
    uint8 approvals;
    uint128 totalWh;
}

/// @title Commitments to metered data
/// @notice Without one nothing can be issued: the authority cannot mint what a provider did not sign (Q25). Nor, where
/// governance asks for it, what too few officers approved.
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
    /// @notice An officer approved a commitment; `approvals` counts this one.
    event CommitmentApproved(uint24 indexed commitment, address indexed officer, uint8 approvals);
    /// @notice So many officers must approve a commitment from now on before anything is issued from it; 0 for none.
    event QuorumSet(uint8 quorum);

    error RootZero();
    error LeavesZero();
    error EvidenceZero();
    /// @notice The month's data are complete only after its end, `endsAt` in unix time.
    error MonthNotEnded(Month month, uint64 endsAt);
    error CommitmentUnknown(uint24 commitment);
    error CommitmentNotOwn(uint24 commitment, address provider);
    error CommitmentOfOtherMonth(uint24 commitment, Month month);
    error CommitmentReplaced(uint24 commitment, uint24 by);
    /// @notice The commitment has another root than was named: it is not what the officer looked at.
    error CommitmentRootIs(uint24 commitment, bytes32 root);
    error ApprovedAlready(uint24 commitment, address officer);
    error ApprovalsMissing(uint24 commitment, uint8 approvals, uint8 quorum);

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

    /// @notice An officer stands for a commitment, pushed or declared, before it is issued. Officers only, each once a
    /// commitment.
    /// @dev The root is named so that an approval cannot land on another commitment, should the chain be reorganised. It
    /// stays when its officer's role is taken away afterwards: who approved was an officer then. It does not go over
    /// to a commitment that replaces this one.
    /// Reverts, in this order: CommitmentUnknown, CommitmentReplaced, CommitmentRootIs, ApprovedAlready.
    function approve(uint24 commitment, bytes32 root) external;

    /// @notice Sets how many officers must approve a commitment before it is issued from, 0 for none. Governance only, so
    /// it waits as long as whatever governance does.
    /// @dev It holds from now on for every commitment, also for those made before; what was issued stays. More than
    /// there are officers keeps everything from being issued.
    function setQuorum(uint8 officers) external;

    /// @notice Marks leaves of a chunk as issued, a bit each. `Certificates` only.
    function draw(uint24 commitment, uint16 chunk, uint256 leaves) external;

    function commitment(uint24 id) external view returns (Commitment memory);

    /// @notice What issuing a chunk needs to know of its commitment, if it may be issued from now.
    /// Reverts, in this order: CommitmentUnknown, CommitmentReplaced, ApprovalsMissing.
    /// @return month Production month.
    /// @return leaves Number of readings in the commitment.
    /// @return root Its Merkle root.
    /// @return issued Bit set of the leaves of the chunk that were issued.
    function issuable(uint24 id, uint16 chunk)
        external
        view
        returns (Month month, uint24 leaves, bytes32 root, uint256 issued);

    /// @notice Officers who must have approved a commitment before it is issued from; 0 for none.
    function quorum() external view returns (uint8);

    /// @notice Whether an officer approved a commitment.
    function approved(uint24 commitment, address officer) external view returns (bool);

    /// @notice Number of commitments; ids count from 1.
    function commitments() external view returns (uint24);

    /// @notice Bit set of the leaves of a chunk that were issued.
    function drawn(uint24 commitment, uint16 chunk) external view returns (uint256);
}
