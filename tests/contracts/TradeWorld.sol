// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Range} from "../../contracts/types/Range.sol";
import {BatchId, BatchIdLibrary} from "../../contracts/types/BatchId.sol";
import {Electricity, State, Technology} from "../../contracts/types/Classes.sol";
import {Month} from "../../contracts/types/Month.sol";
import {ProjectId} from "../../contracts/types/ProjectId.sol";
import {Vm} from "./Vm.sol";
import {World} from "./World.sol";

/// @notice The world with batches of every class, and what happens to certificates after they are issued.
abstract contract TradeWorld is World {
    /// @dev First second of 2028-10 in Beijing: certificates of 2026-09 are void from then on.
    uint64 internal constant EXPIRY = 1_853_942_400;
    bytes32 private constant REFUSED = keccak256("ItemRefused(uint256,bytes)");

    /* MATERIAL */

    /// @dev A batch of OWNER's project in the first province; who holds it first follows from its class.
    function issueOf(Technology technology, Electricity electricity, uint256 sequence, uint256 count)
        internal
        returns (BatchId)
    {
        ProjectId project = projectOf(technology, PROVINCE, sequence);
        if (registry.project(project).filing == 0) file(filingOf(project, OWNER, OWNER_KEY));
        issue(MONTH, alone(leafOf(project, uint256(electricity), count * CERTIFICATE)));
        bool tradable = electricity == Electricity.OnGrid && technology != Technology.Hydro;
        return BatchIdLibrary.make(project, MONTH, uint256(electricity), tradable);
    }

    /// @dev Held by PROVINCE_ACCOUNT.
    function issueStockHydro(uint256 sequence, uint256 count) internal returns (BatchId) {
        return issueOf(Technology.Hydro, Electricity.OnGrid, sequence, count);
    }

    function issueSelfUsed(uint256 sequence, uint256 count) internal returns (BatchId) {
        return issueOf(Technology.Wind, Electricity.SelfUse, sequence, count);
    }

    /// @dev Of a project that can choose CCER.
    function issueDeepSea(uint256 sequence, uint256 count) internal returns (BatchId) {
        return issueOf(Technology.DeepSeaWind, Electricity.OnGrid, sequence, count);
    }

    function rangeOf(BatchId batch, uint256 start, uint256 end) internal pure returns (Range memory) {
        return Range(batch, uint32(start), uint32(end));
    }

    function rangesOf(BatchId batch, uint256 start, uint256 end) internal pure returns (Range[] memory ranges) {
        ranges = new Range[](1);
        ranges[0] = rangeOf(batch, start, end);
    }

    /* DEEDS */

    function freezeRange(BatchId batch, uint256 start, uint256 end) internal {
        vm.prank(AUTHORITY);
        certificates.freeze(batch, uint32(start), uint32(end), BASIS);
    }

    function freezeAccount(address account, bool frozen) internal {
        vm.prank(AUTHORITY);
        registry.setFrozen(account, frozen, "");
    }

    function closeAccount(address account) internal {
        vm.prank(AUTHORITY);
        registry.close(account, "wound up");
    }

    /// @dev AGENT acts for the principal for a year.
    function mandate(address principal, address key) internal {
        vm.prank(key);
        registry.fileMandate(principal, AGENT, uint40(NOW), uint40(NOW + 365 days), BASIS);
    }

    function chooseCcer(BatchId batch, bool chosen) internal {
        vm.prank(OWNER_KEY);
        registry.chooseCcer(batch.project(), chosen);
    }

    function registerCcer(BatchId batch, uint256 from, uint256 to, string memory number) internal {
        vm.prank(CCER_REGISTRY);
        registry.registerCcer(batch.project(), Month.wrap(uint16(from)), Month.wrap(uint16(to)), number);
    }

    function retire(address key, BatchId batch, uint256 start, uint256 end) internal {
        vm.prank(key);
        certificates.retire(batch, uint32(start), uint32(end), claimOf());
    }

    /* COMPARISONS */

    /// @dev How many items were refused since `vm.recordLogs`.
    function refusedSinceRecording() internal returns (uint256 count) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter != address(this) && logs[i].topics[0] == REFUSED) ++count;
        }
    }

    /// @dev [start, end) has the owner, state and trade; before and after it `holder` holds what was never traded.
    function assertPart(
        BatchId batch,
        uint256 start,
        uint256 end,
        address owner,
        State state,
        bool traded,
        address holder
    ) internal view {
        uint256 count = certificates.batchOf(batch).count;
        assertSegment(batch, start, start, end, owner, state, traded);
        assertSegment(batch, end - 1, start, end, owner, state, traded);
        if (start > 0) assertSegment(batch, start - 1, 0, start, holder, State.Held, false);
        if (end < count) assertSegment(batch, end, end, count, holder, State.Held, false);
    }

    function assertTrades(uint256 latest) internal view {
        (, uint128 trade) = market.latest();
        assertEq(trade, latest, "number of the latest trade");
    }
}
