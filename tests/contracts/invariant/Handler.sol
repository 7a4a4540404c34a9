// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {Market} from "../../../contracts/Market.sol";
import {Readings} from "../../../contracts/Readings.sol";
import {Registry} from "../../../contracts/Registry.sol";
import {Allotment, ICertificates} from "../../../contracts/interfaces/ICertificates.sol";
import {Settlement} from "../../../contracts/interfaces/IMarket.sol";
import {BatchId} from "../../../contracts/types/BatchId.sol";
import {State, Technology} from "../../../contracts/types/Classes.sol";
import {Month} from "../../../contracts/types/Month.sol";
import {World} from "../World.sol";
import {Checks} from "./Checks.sol";

/// @notice Makes any call as anybody, knows beforehand whether it must succeed, and keeps every certificate by itself.
/// @dev A call that ends otherwise than foreseen is a `violation`. What each room knows is in the contract of its name.
contract Handler is Checks {
    uint256 private constant STEPS = 4;

    constructor() {
        World.setUp();
        _meet();
        _addProject(Technology.Wind, PROVINCE, OWNER, 1392);
        _addProject(Technology.SolarPv, OTHER_PROVINCE, OTHER_OWNER, 1392);
        _addProject(Technology.Hydro, PROVINCE, OWNER, 1392);
        _addProject(Technology.PumpedStorage, PROVINCE, OWNER, 1392);
        _addProject(Technology.Hydro, OTHER_PROVINCE, OTHER_OWNER, 1500);
        _addProject(Technology.DeepSeaWind, PROVINCE, OTHER_OWNER, 1392);
        _addProject(Technology.SolarThermal, PROVINCE, OWNER, 1392);
        projects.push(projectOf(Technology.Wind, PROVINCE, 8));
        disputes.push();
        for (uint256 seed = 1; batches.length < 8; ++seed) {
            commitAndIssue(_next(seed));
        }
    }

    /// @dev The world is made once, by the constructor.
    function setUp() public pure override {}

    /// @notice Several calls of any kind, each in a transaction of its own.
    function walk(uint256 seed) external {
        for (uint256 i = 0; i < STEPS; ++i) {
            seed = _next(seed);
            this.act(seed);
        }
    }

    /// @notice One call of any kind, all of it decided by the seed.
    function act(uint256 seed) external {
        seed = _next(seed);
        uint256 room = seed % 16;
        uint256 kind = (seed >> 8) % 6;
        seed = _next(seed);
        if (paused && room % 3 == 0) goOn();
        if (room <= 1) _read(kind, seed);
        else if (room <= 4) _keep(kind, seed);
        else if (room <= 7) _trade(kind, seed);
        else if (room == 8) _deal(kind, seed);
        else if (room <= 12) _dispute(kind, seed);
        else if (room == 13) _register(kind, seed);
        else if (room == 14) _admit(kind, seed);
        else _around(kind, seed);
    }

    /* ROOMS */

    function _read(uint256 kind, uint256 seed) private {
        if (kind <= 1) commitAndIssue(seed);
        else if (kind == 2) seed % 2 == 0 ? issueAgain(_next(seed)) : approveReadings(_next(seed));
        else if (kind == 3) declare(seed);
        else if (kind == 4) checkDeclarations(seed);
        else recheckDeclaration(seed);
    }

    function _keep(uint256 kind, uint256 seed) private {
        if (kind == 0) moveRange(seed);
        else if (kind == 1) distribute(seed);
        else if (kind == 2) freezeRange(_next(seed), seed % 2 == 0);
        else if (kind == 3) retireRange(seed);
        else if (kind == 4) retireDue(seed);
        else if (seed % 2 == 0) sweep(_next(seed));
        else warn(_next(seed));
    }

    function _trade(uint256 kind, uint256 seed) private {
        if (kind <= 1) listRange(seed);
        else if (kind == 2) seed % 2 == 0 ? withdrawLot(_next(seed)) : takeLot(_next(seed));
        else if (kind == 3) takeLot(seed);
        else if (kind == 4) takeLots(seed);
        else if (seed % 3 == 0) withdrawLots(_next(seed));
        else takeLot(_next(seed));
    }

    function _deal(uint256 kind, uint256 seed) private {
        if (kind <= 2) fillDeal(seed);
        else if (kind == 3) cancelDeal(seed);
        else settle(seed);
    }

    function _dispute(uint256 kind, uint256 seed) private {
        if (kind == 0) openCase(seed);
        else if (kind == 1 && seed % 4 == 0) setDeadlines(_next(seed));
        else if (kind == 1 && seed % 4 == 1) setQuorum(_next(seed));
        else advanceCase(seed);
    }

    function _register(uint256 kind, uint256 seed) private {
        if (kind == 0) submitFiling(seed);
        else if (kind == 1) reviewFiling(seed);
        else if (kind <= 3) chooseCcer(seed);
        else if (kind == 4) registerCcer(seed);
        else seed % 2 == 0 ? registerCcer(_next(seed)) : setLinkage(_next(seed));
    }

    function _admit(uint256 kind, uint256 seed) private {
        if (kind == 0) fileMandate(seed);
        else if (kind == 1) revokeMandate(seed);
        else if (kind == 2) changeKey(seed);
        else if (kind == 3) freezeAccount(seed);
        else if (kind == 4) seed % 2 == 0 ? openBuyer(_next(seed)) : openInstitution(_next(seed));
        else closeAccount(seed);
    }

    function _around(uint256 kind, uint256 seed) private {
        if (kind <= 1) vm.warp(block.timestamp + seed % 4 days);
        else if (kind == 2) seed % 2 == 0 ? pause(_next(seed)) : freezeAccount(_next(seed));
        else if (kind == 3) fileMandate(seed);
        else callAround(seed);
    }

    /// @notice What only the contracts may call of each other, and what nobody may, as anybody else.
    function callAround(uint256 seed) internal {
        (BatchId batch, uint32 start, uint32 end) = _range(seed, State((seed >> 8) % 5 + 1), Liking.Any);
        address caller = callers[(seed >> 64) % callers.length];
        (address target, bytes memory data) = _forbidden((seed >> 96) % 18, batch, start, end);
        _call(target, caller, data, false, "around the rules");
    }

    function _forbidden(uint256 which, BatchId batch, uint32 start, uint32 end)
        private
        view
        returns (address target, bytes memory data)
    {
        target = address(certificates);
        if (which == 0) data = abi.encodeCall(ICertificates.list, (batch, start, end, principals[OWNER].operator));
        else if (which == 1) data = abi.encodeCall(ICertificates.unlist, (batch, start, end));
        else if (which == 2) data = abi.encodeCall(ICertificates.trade, (batch, start, end, BUYER));
        else if (which == 3) data = abi.encodeCall(ICertificates.sell, (batch, start, end, OWNER, BUYER));
        else if (which == 4) data = abi.encodeCall(ICertificates.doubt, (batch, start, end, OWNER, 1));
        else if (which == 5) data = abi.encodeCall(ICertificates.trust, (batch, start, end, 1));
        else if (which == 6) data = abi.encodeCall(ICertificates.add, (batch, 5, 1, BASIS));
        else if (which == 7) data = abi.encodeCall(ICertificates.deduct, (batch, start, end, 1));
        else if (which == 8) data = abi.encodeCall(ICertificates.undoTrade, (batch, start, end, 1));
        else if (which == 9) data = abi.encodeCall(ICertificates.undoRetirement, (batch, start, end, 1));
        else if (which == 10) data = abi.encodeCall(IERC721.transferFrom, (OWNER, BUYER, batch.tokenId(start)));
        else if (which == 11) data = _distributeOne(Allotment(batch, start, end, BUYER));
        else return _elsewhere(which, batch);
    }

    function _distributeOne(Allotment memory item) private pure returns (bytes memory) {
        return abi.encodeCall(ICertificates.distributeOne, (item, BASIS, PROVINCE_KEY));
    }

    function _elsewhere(uint256 which, BatchId batch) private view returns (address target, bytes memory data) {
        if (which == 12) return (address(readings), abi.encodeCall(Readings.draw, (1, 0, type(uint256).max)));
        if (which == 13) {
            data = abi.encodeCall(Readings.commitDeclared, (Month.wrap(1510), BASIS, 1, 1, BASIS, 0));
            return (address(readings), data);
        }
        if (which == 14) {
            uint256[] memory leaves = alone(leafOf(batch.project(), 0, 5 * CERTIFICATE));
            return (address(registry), abi.encodeCall(Registry.credit, (Month.wrap(1488), leaves, 0)));
        }
        if (which == 15) {
            data = abi.encodeCall(Registry.correct, (batch.project(), batch.month(), 0, 5_000_000, 1));
            return (address(registry), data);
        }
        if (which == 16) {
            Settlement memory item;
            return (address(market), abi.encodeCall(Market.settleOne, (item, EXCHANGE)));
        }
        uint256 lot = lots.length == 0 ? 1 : lots[lots.length - 1];
        return (address(market), abi.encodeCall(Market.withdrawOne, (lot, AUTHORITY)));
    }
}
