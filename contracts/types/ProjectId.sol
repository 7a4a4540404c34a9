// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Electricity, Technology} from "./Classes.sol";
import {Month} from "./Month.sol";

/// @notice Identity of a project (项目编码) for life: type 4 bits, technology 5, approval month 12, province 7, sequence 20.
type ProjectId is uint48;

using ProjectIdLibrary for ProjectId global;

library ProjectIdLibrary {
    uint256 internal constant TYPES = 3;
    uint256 internal constant FIRST_PROVINCE = 11;
    uint256 internal constant LAST_PROVINCE = 82;
    uint256 internal constant LAST_SEQUENCE = 999_999;

    function kind(ProjectId project) internal pure returns (uint8) {
        return uint8(ProjectId.unwrap(project) >> 44);
    }

    /// @dev Only for a project that `isCanonical`.
    function technology(ProjectId project) internal pure returns (Technology) {
        return Technology((ProjectId.unwrap(project) >> 39) & 0x1f);
    }

    function approved(ProjectId project) internal pure returns (Month) {
        return Month.wrap(uint16((ProjectId.unwrap(project) >> 27) & 0xfff));
    }

    function province(ProjectId project) internal pure returns (uint8) {
        return uint8((ProjectId.unwrap(project) >> 20) & 0x7f);
    }

    function sequence(ProjectId project) internal pure returns (uint32) {
        return uint32(ProjectId.unwrap(project) & 0xfffff);
    }

    /// @notice Whether the id is one that a project code can spell.
    function isCanonical(ProjectId project) internal pure returns (bool) {
        uint256 technology_ = (ProjectId.unwrap(project) >> 39) & 0x1f;
        return kind(project) != 0 && kind(project) <= TYPES && technology_ != 0
            && technology_ <= uint256(type(Technology).max) && province(project) >= FIRST_PROVINCE
            && province(project) <= LAST_PROVINCE && sequence(project) <= LAST_SEQUENCE;
    }
}
