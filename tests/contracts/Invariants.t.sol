// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {console} from "hardhat/console.sol";
import {BaseTest} from "./BaseTest.sol";
import {Handler} from "./Handler.t.sol";

/// @notice I1 to I8 under random calls by random callers, authorised or not, with time passing over the end of validity.
contract InvariantsTest is BaseTest {
    Handler private handler;

    function setUp() public {
        handler = new Handler();
        targetContract(address(handler));
    }

    function invariant_segmentsCoverEveryBatch_I2() public view {
        handler.checkSegments();
    }

    function invariant_issuedIsHeldAndRetired_I3() public view {
        handler.checkBalances();
    }

    function invariant_meteredIsIssuedAndCarry_I4() public view {
        handler.checkEnergy();
    }

    /// @dev The handler foresees every outcome: issued once (I1), traded once (I5), retired for good (I6), nobody
    /// outside a role or frozen (I7), nothing frozen, expired or non-tradable on sale (I8).
    function invariant_nothingUnforeseen_I1_I5_I6_I7_I8() public view {
        assertEq(handler.violation(), "", "a call ended otherwise than foreseen");
    }

    /// @dev Long runs, after which every kind of call must have succeeded and been refused often enough: without this
    /// the invariants could hold because nothing ever happens.
    /// hardhat-config: fuzz.runs = 2
    function testFuzz_longRunsAreNotVacuous(uint256 seed) public {
        for (uint256 i = 0; i < 700; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            handler.act(seed);
            assertEq(handler.violation(), "", "a call ended otherwise than foreseen");
        }
        handler.checkSegments();
        handler.checkBalances();
        handler.checkEnergy();
        _count("commit", 30, 2);
        _count("issue", 20, 10);
        _count("move", 8, 2);
        _count("list", 10, 10);
        _count("withdraw", 4, 1);
        _count("take", 2, 10);
        _count("freeze", 8, 1);
        _count("unfreeze", 2, 1);
        _count("retire", 3, 5);
        _count("expire", 3, 5);
        _count("freeze account", 10, 2);
        _count("around the rules", 0, 10);
    }

    function _count(string memory kind, uint256 successes, uint256 refusals) private view {
        console.log(kind, handler.successes(kind), handler.refusals(kind));
        assertLe(successes, handler.successes(kind), string.concat("too few calls succeeded: ", kind));
        assertLe(refusals, handler.refusals(kind), string.concat("too few calls were refused: ", kind));
    }
}
