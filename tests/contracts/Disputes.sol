// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Remedy, Serials, Step} from "../../contracts/interfaces/ICases.sol";
import {BatchId} from "../../contracts/types/BatchId.sol";
import {Outcome} from "../../contracts/types/Classes.sol";
import {ProjectId} from "../../contracts/types/ProjectId.sol";
import {World} from "./World.sol";

/// @notice The deeds of a dispute, each by who may do it.
abstract contract Disputes is World {
    bytes32 internal constant DISPUTED = keccak256("evidence of the owner");
    bytes32 internal constant PROPOSED = keccak256("evidence of the exchange");
    bytes32 internal constant CHECKED = keccak256("evidence of the office");
    bytes32 internal constant DECIDED = keccak256("evidence of the authority");

    /// @dev A batch of `count` in MONTH, held by OWNER, whose project carries `carried` Wh.
    function issueWind(uint256 sequence, uint256 count, uint256 carried) internal returns (BatchId) {
        ProjectId project = windOf(sequence);
        file(filingOf(project, OWNER, OWNER_KEY));
        issue(MONTH, alone(leafOf(project, 0, count * CERTIFICATE + carried)));
        return batchOf(project);
    }

    function noSerials() internal pure returns (Serials[] memory) {
        return new Serials[](0);
    }

    function oneRange(uint256 start, uint256 end) internal pure returns (Serials[] memory serials) {
        serials = new Serials[](1);
        serials[0] = Serials(uint32(start), uint32(end));
    }

    function open(BatchId batch, Serials[] memory doubtful) internal returns (uint24) {
        vm.prank(OWNER_KEY);
        return cases.open(batch, doubtful, DISPUTED, "disputed");
    }

    function propose(uint24 caseId, int64 wattHours) internal {
        vm.prank(EXCHANGE);
        cases.propose(caseId, wattHours, PROPOSED, "proposed");
    }

    function check(uint24 caseId, bool confirmed) internal {
        vm.prank(OFFICE);
        cases.check(caseId, confirmed, CHECKED, "checked");
    }

    function decide(uint24 caseId, Outcome outcome) internal {
        vm.prank(AUTHORITY);
        cases.decide(caseId, outcome, DECIDED, "decided");
    }

    /// @dev A case that waits for the authority's decision.
    function checkedCase(BatchId batch, int64 wattHours) internal returns (uint24 caseId) {
        caseId = open(batch, noSerials());
        propose(caseId, wattHours);
        check(caseId, true);
    }

    function decidedCase(BatchId batch, int64 wattHours, Outcome outcome) internal returns (uint24 caseId) {
        caseId = checkedCase(batch, wattHours);
        decide(caseId, outcome);
    }

    function stepOf(Remedy remedy, uint256 start, uint256 end) internal pure returns (Step[] memory steps) {
        steps = new Step[](1);
        steps[0] = Step(remedy, uint32(start), uint32(end));
    }

    /// @dev The remedies in this order, all for one range.
    function stepsOf(Remedy first, Remedy second, uint256 start, uint256 end)
        internal
        pure
        returns (Step[] memory steps)
    {
        steps = new Step[](2);
        steps[0] = Step(first, uint32(start), uint32(end));
        steps[1] = Step(second, uint32(start), uint32(end));
    }

    function stepsOf(Remedy first, Remedy second, Remedy third, uint256 start, uint256 end)
        internal
        pure
        returns (Step[] memory steps)
    {
        steps = new Step[](3);
        steps[0] = Step(first, uint32(start), uint32(end));
        steps[1] = Step(second, uint32(start), uint32(end));
        steps[2] = Step(third, uint32(start), uint32(end));
    }

    function execute(uint24 caseId, Step[] memory steps) internal {
        vm.prank(AUTHORITY);
        cases.execute(caseId, steps);
    }

    function expectExecution(bytes memory reason, uint24 caseId, Step[] memory steps) internal {
        vm.expectRevert(reason);
        execute(caseId, steps);
    }

    function sold(BatchId batch, uint256 start, uint256 end, address buyer) internal {
        take(list(batch, start, end), end - start, buyer);
    }

    function retire(BatchId batch, uint256 start, uint256 end, address key) internal {
        vm.prank(key);
        certificates.retire(batch, uint32(start), uint32(end), claimOf());
    }
}
