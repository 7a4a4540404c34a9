// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRegistry} from "../interfaces/IRegistry.sol";
import {BatchId} from "../types/BatchId.sol";
import {Electricity, MoveKind, Technology} from "../types/Classes.sol";

/// @notice Which certificates the authority may move without a trade (Q47, 2026 rules).
library MoveRules {
    /// @param holder Who holds them now.
    /// @param first First holder of the batch.
    function allows(MoveKind kind, BatchId batch, address holder, address first, IRegistry registry)
        internal
        view
        returns (bool)
    {
        if (kind == MoveKind.Succession) return true;
        if (kind == MoveKind.SelfUseToUser) {
            return batch.electricityBits() == uint256(Electricity.SelfUse) && holder == first;
        }
        return kind == MoveKind.HydroToUser && batch.electricityBits() == uint256(Electricity.OnGrid)
            && batch.project().technology() == Technology.Hydro && !batch.tradable()
            && holder == registry.provincialAccount(batch.project().province());
    }
}
