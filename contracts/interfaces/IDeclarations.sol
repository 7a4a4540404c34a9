// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {DeclarationStage} from "../types/Classes.sol";
import {Month} from "../types/Month.sol";
import {ProjectId} from "../types/ProjectId.sol";

/// @title Declared readings
/// @notice Where nobody pushes data, the owner or its agent declares a reading with evidence; the information centre
/// checks first, the authority checks again (Q26, Q33). Only what passed both becomes a commitment that can be issued.
interface IDeclarations {
    /// @notice A reading was declared. `declaration` is keccak256(abi.encode(month, leaf, evidence)).
    event Declared(
        bytes32 indexed declaration,
        Month indexed month,
        address indexed owner,
        uint256 leaf,
        bytes32 evidence,
        address caller
    );
    /// @notice First check (初核): passed on, or sent back with a reason.
    event DeclarationChecked(bytes32 indexed declaration, bool passed, address checker, string reason);
    /// @notice Second check (复核): `commitment` holds the reading when it passed, as leaf `leaf`, else 0.
    event DeclarationRechecked(
        bytes32 indexed declaration, bool passed, address checker, string reason, uint24 commitment, uint24 leaf
    );

    error ProjectNotApproved(ProjectId project);
    error MayNotAct(address account, address caller);
    error EvidenceZero();
    error MonthNotEnded(Month month, uint64 endsAt);
    error StageIs(bytes32 declaration, DeclarationStage stage);
    error ReasonEmpty();
    error DeclarationsNone();
    error TooManyDeclarations(uint256 given);
    error LengthsDiffer(uint256 leaves, uint256 evidence);

    /// @notice Declares a reading (申报). Whoever acts for the project's owner; what was sent back may come again.
    /// @param leaf The reading, see `Leaf`.
    /// @param evidence Hash of settlement sheet and meter certificate.
    /// @dev Reverts, in this order: ProjectNotApproved, MayNotAct, EvidenceZero, MonthNotEnded, StageIs.
    function declare(Month month, uint256 leaf, bytes32 evidence) external returns (bytes32 declaration);

    /// @notice First check of many. Information centre only. Sending back needs a reason.
    /// @dev Reverts, in this order: DeclarationsNone, ReasonEmpty, StageIs.
    function check(bytes32[] calldata declarations, bool passed, string calldata reason) external;

    /// @notice Second check of many of one month; those that pass become one commitment, its leaves in this order.
    /// Authority only. Sending back needs a reason.
    /// @return commitment Number of the commitment, 0 if sent back.
    /// @dev Reverts, in this order: DeclarationsNone, TooManyDeclarations (256), LengthsDiffer, ReasonEmpty, StageIs.
    function recheck(
        Month month,
        uint256[] calldata leaves,
        bytes32[] calldata evidence,
        bool passed,
        string calldata reason
    ) external returns (uint24 commitment);

    function stageOf(bytes32 declaration) external view returns (DeclarationStage);
}
