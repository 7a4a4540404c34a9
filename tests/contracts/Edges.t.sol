// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ICertificates} from "../../contracts/interfaces/ICertificates.sol";
import {IReadings} from "../../contracts/interfaces/IReadings.sol";
import {Tradability} from "../../contracts/libraries/Tradability.sol";
import {Roles} from "../../contracts/Roles.sol";
import {BatchId, BatchIdLibrary} from "../../contracts/types/BatchId.sol";
import {Electricity, LeafRefusal, Technology} from "../../contracts/types/Classes.sol";
import {LaneLibrary} from "../../contracts/types/Lane.sol";
import {Month} from "../../contracts/types/Month.sol";
import {ProjectId} from "../../contracts/types/ProjectId.sol";
import {Trees} from "./Trees.sol";
import {World} from "./World.sol";

/// @notice Outcomes of conditions that only an odd question or a caller with a contract's role can bring about.
contract EdgesTest is World {
    function test_ledgerKnowsNoSerialBeyondABatch(uint256 beyond) public {
        BatchId batch = issueWind(1, 10);
        uint32 serial = uint32(bound(beyond, 10, type(uint32).max));
        vm.expectRevert(abi.encodeWithSelector(ICertificates.RangeEmpty.selector, serial, 10));
        certificates.segmentAt(batch, serial);
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, batch.tokenId(serial)));
        certificates.ownerOf(batch.tokenId(serial));
    }

    function test_ledgerSaysWhatItIs() public view {
        assertEq(certificates.name(), "Green Electricity Certificate", "name");
        assertEq(certificates.symbol(), "GEC", "symbol");
        assertTrue(certificates.supportsInterface(0x01ffc9a7), "ERC-165");
        assertTrue(certificates.supportsInterface(0x5b5e139f), "ERC-721 metadata");
    }

    function test_addRefusesNothingAndTooMany(uint256 more) public {
        BatchId batch = issueWind(1, 10);
        uint32 tooMany = uint32(bound(more, LaneLibrary.MAX_COUNT - 9, type(uint32).max - 10));
        vm.startPrank(address(cases));
        vm.expectRevert(abi.encodeWithSelector(ICertificates.RangeEmpty.selector, 10, 10));
        certificates.add(batch, 0, 1, BASIS);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.RangeEmpty.selector, 10, 10 + tooMany));
        certificates.add(batch, tooMany, 1, BASIS);
        uint32 most = uint32(LaneLibrary.MAX_COUNT) - 10;
        vm.expectRevert(abi.encodeWithSelector(ICertificates.RangeEmpty.selector, 10, 10 + most + 1));
        certificates.add(batch, most + 1, 1, BASIS);
        certificates.add(batch, most, 1, BASIS);
        vm.stopPrank();
        assertEq(certificates.batchOf(batch).count, LaneLibrary.MAX_COUNT, "as many as a batch can have");
    }

    /// @dev A commitment of full chunks has none after the last of them.
    function test_noChunkAfterTheLastFullOne() public {
        uint256[] memory leaves = new uint256[](256);
        uint24 commitment = commit(MONTH, leaves);
        vm.expectRevert(abi.encodeWithSelector(ICertificates.ChunkOutOfRange.selector, commitment, 1));
        vm.prank(AUTHORITY);
        certificates.issue(commitment, 1, new uint256[](0), new bytes32[](0));
    }

    /// @dev A provider that tells more readings than its tree has cannot have a chunk of it issued twice.
    function test_proofIsAsLongAsTheTreeIsDeep() public {
        uint256[] memory leaves = new uint256[](256);
        leaves[0] = leafOf(windOf(1), 0, CERTIFICATE);
        bytes32 root = Trees.root(leaves);
        vm.prank(PROVIDER);
        uint24 commitment = readings.commit(MONTH, root, 512, uint128(CERTIFICATE), BASIS, 0);
        vm.startPrank(AUTHORITY);
        for (uint16 chunk = 0; chunk < 2; ++chunk) {
            vm.expectRevert(
                abi.encodeWithSelector(ICertificates.ChunkNotInCommitment.selector, commitment, uint256(chunk))
            );
            certificates.issue(commitment, chunk, leaves, new bytes32[](0));
        }
        vm.stopPrank();
    }

    /// @dev A provider that is also what declared readings are committed through could pass one off for the other.
    function test_readingsAreNotReplacedAcrossTheWayTheyCame() public {
        uint256[] memory leaves = alone(leafOf(windOf(1), 0, CERTIFICATE));
        uint24 metered = commit(MONTH, leaves);
        manager.grantRole(Roles.DECLARATIONS, PROVIDER, 0);
        vm.startPrank(PROVIDER);
        vm.expectRevert(abi.encodeWithSelector(IReadings.CommitmentNotOwn.selector, metered, PROVIDER));
        readings.commitDeclared(MONTH, Trees.root(leaves), 1, uint128(CERTIFICATE), BASIS, metered);
        vm.stopPrank();
    }

    /// @dev No call makes such a state: a project is approved by its province's account, which stays. Were it lost, the
    /// certificates would be nobody's.
    function test_stockHydroIsNotIssuedToNobody() public {
        ProjectId project = projectOf(Technology.Hydro, PROVINCE, 2);
        file(filingOf(windOf(1), OWNER, OWNER_KEY));
        file(filingOf(project, OWNER, OWNER_KEY));
        _forgetProvince();
        uint256[] memory leaves = new uint256[](2);
        leaves[0] = leafOf(windOf(1), 0, CERTIFICATE);
        leaves[1] = leafOf(project, 3, CERTIFICATE);
        uint24 commitment = commit(MONTH, leaves);
        vm.expectEmit(address(certificates));
        emit ICertificates.LeafRefused(commitment, 1, LeafRefusal.NoProvincialAccount);
        vm.prank(AUTHORITY);
        certificates.issue(commitment, 0, Trees.chunk(leaves, 0), Trees.proof(leaves, 0));
    }

    function _forgetProvince() private {
        vm.record();
        registry.provincialAccount(PROVINCE);
        (bytes32[] memory reads,) = vm.accesses(address(registry));
        vm.store(address(registry), reads[0], 0);
        assertEq(registry.provincialAccount(PROVINCE), address(0), "forgotten");
    }

    function test_tradability() public pure {
        Month before = Month.wrap(uint16(Tradability.NEW_HYDRO - 1));
        Month since = Month.wrap(uint16(Tradability.NEW_HYDRO));
        assertTrue(!Tradability.isIssuable(Technology.None), "nothing");
        assertTrue(!Tradability.isTradable(Technology.Hydro, Electricity.OnGrid, since, false), "not of the market");
        assertTrue(!Tradability.isTradable(Technology.Hydro, Electricity.OnGrid, before, true), "stock");
        assertTrue(Tradability.isTradable(Technology.Hydro, Electricity.OnGrid, since, true), "new");
        assertTrue(!Tradability.isTradable(Technology.Wind, Electricity.SelfUse, since, true), "self-used");
    }
}
