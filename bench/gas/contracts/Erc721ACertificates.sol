// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC721A} from "erc721a/contracts/ERC721A.sol";

/// @notice Certificates as ERC721A tokens: minted as a batch, moved and burnt one by one in a loop.
contract Erc721ACertificates is ERC721A, Ownable {
    constructor() ERC721A("Certificates", "GEC") Ownable(msg.sender) {}

    function mint(address to, uint256 count) external onlyOwner {
        _mint(to, count);
    }

    function move(address to, uint256 first, uint256 count) external {
        for (uint256 id = first; id < first + count; ++id) {
            transferFrom(msg.sender, to, id);
        }
    }

    function burn(uint256 first, uint256 count) external {
        for (uint256 id = first; id < first + count; ++id) {
            _burn(id, true);
        }
    }

    function _startTokenId() internal pure override returns (uint256) {
        return 1;
    }
}
