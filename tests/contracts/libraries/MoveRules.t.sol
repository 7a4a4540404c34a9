// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {MoveRules} from "../../../contracts/libraries/MoveRules.sol";
import {BatchId, BatchIdLibrary} from "../../../contracts/types/BatchId.sol";
import {MoveKind, Technology} from "../../../contracts/types/Classes.sol";
import {World} from "../World.sol";

/// @notice Every kind of free move with every technology, electricity and holder.
contract MoveRulesTest is World {
    function test_allows() public view {
        for (uint256 technology = 1; technology <= uint256(type(Technology).max); ++technology) {
            for (uint256 class = 0; class < 8; ++class) {
                BatchId batch =
                    BatchIdLibrary.make(projectOf(Technology(technology), PROVINCE, 1), MONTH, class >> 1, class % 2 == 1);
                _compare(batch, technology == uint256(Technology.Hydro) && class == 0, class >> 1 == 1);
            }
        }
    }

    /// @param hydro Whether it is on-grid hydro that cannot be traded.
    /// @param selfUsed Whether it was used by who made it.
    function _compare(BatchId batch, bool hydro, bool selfUsed) private view {
        address[4] memory holders = [OWNER, BUYER, PROVINCE_ACCOUNT, OTHER_PROVINCE_ACCOUNT];
        for (uint256 i = 0; i < holders.length; ++i) {
            assertTrue(!_allows(MoveKind.None, batch, holders[i]), "no kind, no move");
            assertTrue(!_allows(MoveKind.Distribution, batch, holders[i]), "the province's own, by its plan alone");
            assertTrue(_allows(MoveKind.Succession, batch, holders[i]), "a succession takes all");
            assertEq(_allows(MoveKind.HydroToUser, batch, holders[i]), hydro && i == 2, "hydro, from its province");
            assertEq(_allows(MoveKind.SelfUseToUser, batch, holders[i]), selfUsed && i == 0, "from the producer");
        }
    }

    /// @dev The first holder is OWNER.
    function _allows(MoveKind kind, BatchId batch, address holder) private view returns (bool) {
        return MoveRules.allows(kind, batch, holder, OWNER, registry);
    }
}
