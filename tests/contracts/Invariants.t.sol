// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {console} from "hardhat/console.sol";
import {BaseTest} from "./BaseTest.sol";
import {Handler} from "./invariant/Handler.sol";

/// @notice I1 to I8 under random calls by random callers, authorised or not, with time passing over the end of
/// validity.
/// @dev Run alone, `hardhat test solidity` needs the handler's file beside this one, to know what to call.
contract InvariantsTest is BaseTest {
    Handler private handler;

    function setUp() public {
        handler = new Handler();
        targetContract(address(handler));
    }

    /// hardhat-config: invariant.runs = 4
    function invariant_issuedOnceAndAddedByCases_I1() public view {
        handler.checkIssues();
    }

    /// hardhat-config: invariant.runs = 4
    function invariant_segmentsCoverEveryBatch_I2() public view {
        handler.checkSegments();
    }

    /// hardhat-config: invariant.runs = 4
    function invariant_issuedIsHeldRetiredAndDeducted_I3() public view {
        handler.checkBalances();
    }

    /// hardhat-config: invariant.runs = 4
    function invariant_meteredIsIssuedAndCarry_I4() public view {
        handler.checkEnergy();
    }

    /// hardhat-config: invariant.runs = 4
    function invariant_oneTradeBetweenTwoUndos_I5() public view {
        handler.checkTrades();
    }

    /// hardhat-config: invariant.runs = 4
    function invariant_whatIsEndedHasNoOwner_I6() public view {
        handler.checkEnds();
    }

    /// hardhat-config: invariant.runs = 4
    function invariant_oneKeyActs_I7() public view {
        handler.checkActors();
    }

    /// hardhat-config: invariant.runs = 4
    function invariant_onlySalableIsOnSale_I8() public view {
        handler.checkSale();
    }

    /// @dev The handler foresees every outcome: issued once (I1), traded once (I5), retired for good (I6), nobody
    /// outside a role or frozen (I7), nothing frozen, disputed, expired, chosen for CCER or non-tradable on sale (I8).
    /// hardhat-config: invariant.runs = 8
    function invariant_nothingUnforeseen_I1_I5_I6_I7_I8() public view {
        _requireForeseen();
    }

    /// @dev Long runs, after which every kind of call must have succeeded and been refused often enough: without this
    /// the invariants could hold because nothing ever happens. What is rare gets twice as many calls again to show.
    /// hardhat-config: fuzz.runs = 1
    function testFuzz_longRunsAreNotVacuous(uint256 seed) public {
        for (uint256 i = 0; i < 4_000 || (i < 12_000 && (i % 500 != 0 || bytes(_lacking()).length != 0)); ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            handler.act(seed);
            _requireForeseen();
            if (i % 10 == 0) handler.checkActors();
        }
        handler.checkIssues();
        handler.checkSegments();
        handler.checkBalances();
        handler.checkEnergy();
        handler.checkTrades();
        handler.checkEnds();
        handler.checkActors();
        handler.checkSale();
        _showAll();
        assertEq(_lacking(), "", "too few calls of this kind succeeded, or were refused");
    }

    /// @dev The first kind of call that has not succeeded, or not been refused, often enough; empty if there is none.
    function _lacking() private view returns (string memory) {
        string[43] memory kinds = _kinds();
        string[8] memory results = _results();
        for (uint256 i = 0; i < kinds.length; ++i) {
            if (handler.successes(kinds[i]) < 1 || handler.refusals(kinds[i]) < 1) return kinds[i];
        }
        for (uint256 i = 0; i < results.length; ++i) {
            if (handler.successes(results[i]) < 1) return results[i];
        }
        return handler.refusals("around the rules") < 30 ? "around the rules" : "";
    }

    function _kinds() private pure returns (string[43] memory) {
        return [
            "commit", "issue", "declare", "check declarations", "recheck declaration", "move", "distribute one",
            "freeze", "unfreeze", "retire", "retire due", "sweep one", "warn", "list", "withdraw", "withdraw one",
            "take", "take across", "fill", "cancel", "settle", "settle one", "open case", "propose", "check case",
            "decide", "execute", "close case", "set deadlines", "submit filing", "review filing", "choose CCER",
            "register CCER", "set linkage", "open buyer", "open institution", "close account", "freeze account",
            "change key", "file mandate", "revoke mandate", "approve", "set quorum"
        ];
    }

    function _results() private pure returns (string[8] memory) {
        return ["added", "deducted", "undone", "rejected", "undo trade", "undo retirement", "deduct", "pause"];
    }

    function _showAll() private view {
        string[43] memory kinds = _kinds();
        string[8] memory results = _results();
        for (uint256 i = 0; i < kinds.length; ++i) {
            _show(kinds[i]);
        }
        for (uint256 i = 0; i < results.length; ++i) {
            _show(results[i]);
        }
    }

    function _requireForeseen() private view {
        string memory violation = handler.violation();
        if (bytes(violation).length == 0) return;
        console.log(violation);
        console.logBytes(handler.answer());
        assertEq(violation, "", "a call ended otherwise than foreseen");
    }

    function _show(string memory kind) private view {
        console.log(kind, handler.successes(kind), handler.refusals(kind));
    }
}
