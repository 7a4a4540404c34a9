// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Governed} from "./Governed.sol";
import {IDeclarations} from "./interfaces/IDeclarations.sol";
import {IReadings} from "./interfaces/IReadings.sol";
import {IRegistry, Project} from "./interfaces/IRegistry.sol";
import {ChunkProof} from "./libraries/ChunkProof.sol";
import {DeclarationStage} from "./types/Classes.sol";
import {Leaf} from "./types/Leaf.sol";
import {Month} from "./types/Month.sol";

/// @notice Its manual is `IDeclarations`.
contract Declarations is IDeclarations, Governed {
    /* STORAGE */

    IRegistry public immutable REGISTRY;
    IReadings public immutable READINGS;

    /// @inheritdoc IDeclarations
    mapping(bytes32 declaration => DeclarationStage) public stageOf;

    constructor(address authority, address relay, IRegistry registry, IReadings readings)
        Governed(authority, relay)
    {
        REGISTRY = registry;
        READINGS = readings;
    }

    /* DECLARING */

    /// @inheritdoc IDeclarations
    function declare(Month month, uint256 leaf, bytes32 evidence) external restricted returns (bytes32 declaration) {
        Project memory project = REGISTRY.project(Leaf.wrap(leaf).project());
        if (project.filing == 0) revert ProjectNotApproved(Leaf.wrap(leaf).project());
        address caller = _msgSender();
        if (!REGISTRY.mayAct(project.owner, caller)) revert MayNotAct(project.owner, caller);
        if (evidence == 0) revert EvidenceZero();
        uint64 endsAt = month.endsAt();
        if (block.timestamp < endsAt) revert MonthNotEnded(month, endsAt);
        declaration = _id(month, leaf, evidence);
        DeclarationStage stage = stageOf[declaration];
        if (stage != DeclarationStage.None && stage != DeclarationStage.SentBack) revert StageIs(declaration, stage);

        stageOf[declaration] = DeclarationStage.Declared;
        emit Declared(declaration, month, project.owner, leaf, evidence, caller);
    }

    /* CHECKING */

    /// @inheritdoc IDeclarations
    function check(bytes32[] calldata declarations, bool passed, string calldata reason) external restricted {
        if (declarations.length == 0) revert DeclarationsNone();
        _requireReason(passed, reason);
        address caller = _msgSender();
        for (uint256 i = 0; i < declarations.length; ++i) {
            _pass(declarations[i], DeclarationStage.Declared, passed, DeclarationStage.Checked);
            emit DeclarationChecked(declarations[i], passed, caller, reason);
        }
    }

    /// @inheritdoc IDeclarations
    function recheck(
        Month month,
        uint256[] calldata leaves,
        bytes32[] calldata evidence,
        bool passed,
        string calldata reason
    ) external restricted returns (uint24 commitment) {
        uint256 length = leaves.length;
        if (length == 0) revert DeclarationsNone();
        if (length > ChunkProof.CHUNK) revert TooManyDeclarations(length);
        if (evidence.length != length) revert LengthsDiffer(length, evidence.length);
        _requireReason(passed, reason);

        bytes32[] memory ids = new bytes32[](length);
        uint128 totalWh = 0;
        for (uint256 i = 0; i < length; ++i) {
            ids[i] = _id(month, leaves[i], evidence[i]);
            _pass(ids[i], DeclarationStage.Checked, passed, DeclarationStage.Accepted);
            totalWh += Leaf.wrap(leaves[i]).wattHours();
        }
        if (passed) {
            bytes32 root = ChunkProof.subtreeOf(leaves, length);
            commitment = READINGS.commitDeclared(
                month, root, uint24(length), totalWh, keccak256(abi.encodePacked(ids)), 0
            );
        }
        address caller = _msgSender();
        for (uint256 i = 0; i < length; ++i) {
            uint24 leaf = passed ? uint24(i) : 0;
            emit DeclarationRechecked(ids[i], passed, caller, reason, commitment, leaf);
        }
    }

    /* INTERNALS */

    function _pass(bytes32 declaration, DeclarationStage expected, bool passed, DeclarationStage next) private {
        DeclarationStage stage = stageOf[declaration];
        if (stage != expected) revert StageIs(declaration, stage);
        stageOf[declaration] = passed ? next : DeclarationStage.SentBack;
    }

    function _requireReason(bool passed, string calldata reason) private pure {
        if (!passed && bytes(reason).length == 0) revert ReasonEmpty();
    }

    function _id(Month month, uint256 leaf, bytes32 evidence) private pure returns (bytes32) {
        return keccak256(abi.encode(month, leaf, evidence));
    }
}
