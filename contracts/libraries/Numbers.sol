// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {BatchId, BatchIdLibrary} from "../types/BatchId.sol";
import {Month} from "../types/Month.sol";
import {ProjectId} from "../types/ProjectId.sol";

/// @notice Spells a token id as the certificate's number (绿证编码), 32 characters. The layout is ours, version 1.
library Numbers {
    bytes3 private constant TYPE_LETTERS = "CDH";
    bytes12 private constant ENERGY_LETTERS = "WWWSSHEBBGOE";
    bytes4 private constant ELECTRICITY_LETTERS = "GSFM";

    /// @dev `tokenId` must belong to an issued batch, so that every part is within its bounds.
    function spell(uint256 tokenId) internal pure returns (string memory) {
        (BatchId batch, uint32 serial) = BatchIdLibrary.split(tokenId);
        ProjectId project = batch.project();
        bytes memory number = new bytes(32);
        number[0] = TYPE_LETTERS[project.kind() - 1];
        uint256 technology = uint256(project.technology());
        number[1] = ENERGY_LETTERS[technology - 1];
        _decimal(number, 2, 2, technology);
        _month(number, 4, project.approved());
        _decimal(number, 8, 2, project.province());
        _decimal(number, 10, 6, project.sequence());
        number[16] = _check(number);
        _month(number, 17, batch.month());
        _decimal(number, 21, 9, serial);
        number[30] = ELECTRICITY_LETTERS[batch.electricityBits()];
        number[31] = batch.tradable() ? bytes1("T") : bytes1("N");
        return string(number);
    }

    function _decimal(bytes memory number, uint256 at, uint256 width, uint256 value) private pure {
        for (uint256 i = at + width; i > at; --i) {
            number[i - 1] = _character(value % 10);
            value /= 10;
        }
    }

    /// @dev Decade since 1900 as one base-36 digit, year, two digits of the month.
    function _month(bytes memory number, uint256 at, Month month) private pure {
        uint256 index = Month.unwrap(month);
        number[at] = _character(index / 120);
        number[at + 1] = _character(index / 12 % 10);
        _decimal(number, at + 2, 2, index % 12 + 1);
    }

    /// @dev ISO 7064 MOD 37,36 over the first sixteen characters.
    function _check(bytes memory number) private pure returns (bytes1) {
        uint256 remainder = 36;
        for (uint256 i = 0; i < 16; ++i) {
            uint256 sum = (remainder + _value(number[i])) % 36;
            remainder = 2 * (sum == 0 ? 36 : sum) % 37;
        }
        return _character((37 - remainder) % 36);
    }

    /// @dev Digit of base 36.
    function _character(uint256 value) private pure returns (bytes1) {
        return bytes1(uint8(value < 10 ? value + 48 : value + 55));
    }

    function _value(bytes1 character) private pure returns (uint256) {
        uint256 code = uint8(character);
        return code < 58 ? code - 48 : code - 55;
    }
}
