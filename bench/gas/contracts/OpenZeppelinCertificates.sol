// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// @notice Certificates as plain OpenZeppelin ERC-721 tokens; the loops spare the peer a transaction for each of them.
contract OpenZeppelinCertificates is ERC721, Ownable {
    uint256 private _next = 1;

    constructor() ERC721("Certificates", "GEC") Ownable(msg.sender) {}

    function mint(address to, uint256 count) external onlyOwner {
        uint256 first = _next;
        for (uint256 id = first; id < first + count; ++id) {
            _mint(to, id);
        }
        _next = first + count;
    }

    function move(address to, uint256 first, uint256 count) external {
        for (uint256 id = first; id < first + count; ++id) {
            transferFrom(msg.sender, to, id);
        }
    }

    function burn(uint256 first, uint256 count) external {
        for (uint256 id = first; id < first + count; ++id) {
            _update(address(0), id, msg.sender);
        }
    }
}
