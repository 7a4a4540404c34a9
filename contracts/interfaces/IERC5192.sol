// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice ERC-5192, minimal soulbound tokens: tells wallets that a token cannot be sent.
/// @dev The status of a certificate never changes, so its events are never due.
interface IERC5192 {
    event Locked(uint256 tokenId);
    event Unlocked(uint256 tokenId);

    function locked(uint256 tokenId) external view returns (bool);
}
