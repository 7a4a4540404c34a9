// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ProjectId} from "../../../contracts/types/ProjectId.sol";
import {BaseTest} from "../BaseTest.sol";

/// @notice Ids from their parts, each part tried at and beyond the ends of what a project code can spell.
contract ProjectIdTest is BaseTest {
    uint256 private constant TECHNOLOGIES = 12;

    function test_everyPartAtItsEnds() public pure {
        for (uint256 kind = 0; kind < 16; ++kind) {
            _check(kind, 1, 1380, 11, 1);
        }
        for (uint256 technology = 0; technology < 32; ++technology) {
            _check(1, technology, 1380, 11, 1);
        }
        for (uint256 province = 0; province < 128; ++province) {
            _check(3, 2, 0, province, 1);
        }
        for (uint256 sequence = 999_990; sequence < 1_000_010; ++sequence) {
            _check(2, 3, 4095, 82, sequence);
        }
    }

    function testFuzz_isCanonical(uint256 bits) public pure {
        bits = bound(bits, 0, type(uint48).max);
        _check(bits >> 44, bits >> 39 & 0x1f, bits >> 27 & 0xfff, bits >> 20 & 0x7f, bits & 0xfffff);
    }

    function _check(uint256 kind, uint256 technology, uint256 month, uint256 province, uint256 sequence) private pure {
        uint256 bits = kind << 44 | technology << 39 | month << 27 | province << 20 | sequence;
        ProjectId project = ProjectId.wrap(uint48(bits));
        bool known = kind >= 1 && kind <= 3 && technology >= 1 && technology <= TECHNOLOGIES;
        bool placed = province >= 11 && province <= 82 && sequence <= 999_999;
        assertEq(project.isCanonical(), known && placed, "canonical");
        assertEq(project.kind(), kind, "type");
        assertEq(project.province(), province, "province");
        assertEq(project.sequence(), sequence, "sequence");
        if (known) assertEq(uint256(project.technology()), technology, "technology");
    }
}
