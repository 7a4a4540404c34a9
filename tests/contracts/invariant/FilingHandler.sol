// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Registry} from "../../../contracts/Registry.sol";
import {AccountKind, Filing} from "../../../contracts/interfaces/IRegistry.sol";
import {Technology} from "../../../contracts/types/Classes.sol";
import {Month} from "../../../contracts/types/Month.sol";
import {ProjectId} from "../../../contracts/types/ProjectId.sol";
import {AccountHandler} from "./AccountHandler.sol";

/// @notice Projects are filed, reviewed, filed anew by another owner, and turn to CCER and back.
abstract contract FilingHandler is AccountHandler {
    uint256 private numbers;
    uint64 private linkageEnds;
    mapping(ProjectId project => Filing) private pendingOf;
    mapping(bytes32 number => bool) private numberUsed;

    /* FILING */

    function _addProject(Technology technology, uint8 province, address owner, uint16 inOperation) internal {
        ProjectId project = projectOf(technology, province, projects.length + 1);
        projects.push(project);
        bool known = principals[owner].kind != AccountKind.None;
        Filing memory filing = filingOf(project, owner, known ? address(0) : _newKey());
        filing.inOperation = Month.wrap(inOperation);
        file(filing);
        ++plants[project].submitted;
        _approve(filing);
    }

    function submitFiling(uint256 seed) internal {
        ProjectId project = projects[seed % projects.length];
        address owner = _ownerToBe(seed >> 16);
        Filing memory filing = filingOf(project, owner, keys[(seed >> 32) % keys.length]);
        filing.inOperation = Month.wrap((seed >> 40) % 2 == 0 ? 1392 : 1500);
        filing.marketBased = (seed >> 48) % 4 != 0;
        uint256 fault = (seed >> 56) % 16;
        if (fault == 0) filing.project = ProjectId.wrap(0);
        else if (fault == 1) filing.owner = address(0);
        else if (fault == 2) filing.capacityKw = 0;
        else if (fault == 3) filing.document = "";
        address caller = _caller(REGISTRAR, seed >> 64);
        Filing[] memory filings = _one(filing);
        bool allowed = caller == REGISTRAR && fault > 3 && plants[project].submitted < 255;
        bytes memory data = abi.encodeCall(Registry.submit, (filings));
        if (!_call(address(registry), caller, data, allowed, "submit filing")) return;
        ++plants[project].submitted;
        plants[project].pending = keccak256(abi.encode(filing));
        pendingOf[project] = filing;
    }

    function reviewFiling(uint256 seed) internal {
        ProjectId project = projects[seed % projects.length];
        for (uint256 i = 0; i < projects.length && plants[project].pending == 0; ++i) {
            project = projects[(seed + i) % projects.length];
        }
        Filing memory filing = pendingOf[project];
        filing.project = project;
        if ((seed >> 32) % 8 == 0) filing.capacityKw ^= 1;
        bool approved = (seed >> 40) % 4 != 0;
        address account = provinces[project.province()];
        address caller = _callerFor(account, seed >> 64);
        bool inRole = caller == PROVINCE_KEY || caller == OTHER_PROVINCE_KEY;
        bool allowed = inRole && _mayAct(account, caller) && plants[project].pending == keccak256(abi.encode(filing));
        bytes memory data = abi.encodeCall(Registry.review, (_one(filing), approved, "seen"));
        if (!_call(address(registry), caller, data, allowed, "review filing")) return;
        plants[project].pending = 0;
        if (approved) _approve(filing);
    }

    function _approve(Filing memory filing) private {
        Plant storage plant = plants[filing.project];
        (plant.owner, plant.inOperation) = (filing.owner, Month.unwrap(filing.inOperation));
        (plant.marketBased, plant.approved) = (filing.marketBased, true);
        bool known = principals[filing.owner].kind != AccountKind.None;
        if (!known) _know(filing.owner, AccountKind.Owner, filing.operator);
    }

    /// @dev Mostly who owns the others too.
    function _ownerToBe(uint256 seed) private pure returns (address) {
        if (seed % 8 == 0) return BUYER;
        if (seed % 8 == 1) return AGENT;
        return seed % 2 == 0 ? OWNER : OTHER_OWNER;
    }

    /* CCER */

    function chooseCcer(uint256 seed) internal {
        ProjectId project = projects[seed % projects.length];
        if ((seed >> 16) % 8 != 0) project = projects[5 + (seed >> 24) % 2];
        Plant storage plant = plants[project];
        bool chosen = (seed >> 32) % 6 == 0 ? plant.ccer : !plant.ccer;
        address caller = _callerFor(plant.owner, seed >> 64);
        bool fits = project.technology() == Technology.DeepSeaWind || project.technology() == Technology.SolarThermal;
        bool late = chosen && linkageEnds != 0 && block.timestamp >= linkageEnds;
        bool allowed =
            plant.approved && _mayAct(plant.owner, caller) && fits && plant.ccer != chosen && !late;
        bytes memory data = abi.encodeCall(Registry.chooseCcer, (project, chosen));
        if (_call(address(registry), caller, data, allowed, "choose CCER")) plant.ccer = chosen;
    }

    function registerCcer(uint256 seed) internal {
        ProjectId project = projects[seed % 6 == 0 ? (seed >> 8) % projects.length : 5 + (seed >> 8) % 2];
        if ((seed >> 80) % 8 != 0) project = projects[plants[projects[5]].ccer ? 5 : 6];
        uint256 from = bound(seed >> 16, 1490, 1522);
        uint256 to = from + (seed >> 32) % 4;
        bytes memory number = (seed >> 48) % 12 == 0 ? bytes("") : abi.encode(numbers + (seed >> 56) % 5);
        address caller = _caller(CCER_REGISTRY, seed >> 64);
        bool allowed = caller == CCER_REGISTRY && plants[project].ccer && from < to && number.length != 0
            && !numberUsed[keccak256(number)];
        for (uint256 month = from; month < to; ++month) {
            if (registeredFor[project][month]) allowed = false;
        }
        bytes memory data = abi.encodeCall(
            Registry.registerCcer, (project, Month.wrap(uint16(from)), Month.wrap(uint16(to)), string(number))
        );
        if (!_call(address(registry), caller, data, allowed, "register CCER")) return;
        (numberUsed[keccak256(number)], numbers) = (true, numbers + 1);
        for (uint256 month = from; month < to; ++month) {
            registeredFor[project][month] = true;
        }
    }

    function setLinkage(uint256 seed) internal {
        uint64 ends = seed % 4 != 0 ? 0 : uint64(block.timestamp + (seed >> 8) % 8 days - 2 days);
        address caller = _caller(AUTHORITY, seed >> 64);
        bytes memory data = abi.encodeCall(Registry.setCcerLinkage, (ends));
        if (_call(address(registry), caller, data, caller == AUTHORITY, "set linkage")) linkageEnds = ends;
    }

    function _one(Filing memory filing) private pure returns (Filing[] memory filings) {
        filings = new Filing[](1);
        filings[0] = filing;
    }
}
