// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Electricity, Technology} from "../types/Classes.sol";
import {Month} from "../types/Month.sol";

/// @notice Which electricity gets certificates, and which of them can be traded (Q22, Q23, Q31 to Q33, 2026 rules).
library Tradability {
    /// @dev 2023-01: conventional hydro in operation from then on can be tradable (Q23).
    uint256 internal constant NEW_HYDRO = 123 * 12;

    /// @notice Storage gives back what was generated elsewhere, so it is never issued for.
    function isIssuable(Technology technology) internal pure returns (bool) {
        return technology != Technology.None && technology != Technology.PumpedStorage
            && technology != Technology.Storage;
    }

    function isTradable(Technology technology, Electricity electricity, Month inOperation, bool marketBased)
        internal
        pure
        returns (bool)
    {
        if (electricity != Electricity.OnGrid) return false;
        if (technology != Technology.Hydro) return true;
        return marketBased && Month.unwrap(inOperation) >= NEW_HYDRO;
    }

    /// @notice Whether projects of this technology can choose CCER instead (Q66): 深远海海上风电、光热发电.
    function canChooseCcer(Technology technology) internal pure returns (bool) {
        return technology == Technology.DeepSeaWind || technology == Technology.SolarThermal;
    }

    /// @notice Whether the province's account is the first holder: mechanism electricity, and stock hydro until it is
    /// settled who bought it (Q47).
    function goesToProvince(Technology technology, Electricity electricity, bool tradable)
        internal
        pure
        returns (bool)
    {
        return electricity == Electricity.Mechanism
            || (technology == Technology.Hydro && electricity == Electricity.OnGrid && !tradable);
    }
}
