// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {BatchId} from "../types/BatchId.sol";

/// @notice A lot on sale, in one slot. What was taken is gone from its front.
/// @param price Fen per certificate.
/// @param platforms Bit set of the platforms that may sell it (Q99).
struct Listing {
    BatchId batch;
    uint32 start;
    uint32 end;
    uint64 price;
    uint64 platforms;
}

/// @title The market
/// @notice Listing and taking (挂牌、摘牌, Q43): the only way to a certificate's one trade.
interface IMarket {
    event Listed(
        uint256 indexed listing,
        BatchId indexed batch,
        uint32 start,
        uint32 end,
        address seller,
        uint64 price,
        uint64 platforms
    );
    event Withdrawn(uint256 indexed listing, BatchId indexed batch, uint32 start, uint32 end);
    event Traded(
        uint256 indexed trade,
        uint256 indexed listing,
        BatchId batch,
        uint32 start,
        uint32 end,
        address seller,
        address indexed buyer,
        uint64 price,
        address platform
    );

    error PlatformsNone();
    error PlatformNotAdmitted(uint64 platforms);
    error ListingUnknown(uint256 listing);
    error QuantityZero();
    error QuantityAboveListed(uint256 listing, uint32 wanted, uint32 listed);
    error PlatformNotNamed(uint256 listing, address platform);
    error MayNotAct(address account, address caller);
    error AccountFrozen(address account);
    error AccountUnknown(address account);
    error BuyerIsSeller(address account);

    /// @notice Puts a range on sale at a price per certificate, on one or several platforms (Q98, Q99). The holder only.
    /// @dev Reverts, in this order: PlatformsNone, PlatformNotAdmitted, then those of `ICertificates.list`.
    function list(BatchId batch, uint32 start, uint32 end, uint64 price, uint64 platforms)
        external
        returns (uint256 listing);

    /// @notice Takes what is left of a lot off sale (Q98). The holder; the authority; anybody once it has expired.
    /// @dev Reverts, in this order: ListingUnknown, MayNotAct.
    function withdraw(uint256 listing) external;

    /// @notice Sells the first `quantity` certificates of a lot to a buyer. Platforms only, each for its own lots.
    /// @dev Reverts, in this order: ListingUnknown, QuantityZero, QuantityAboveListed, MayNotAct (platform),
    /// PlatformNotNamed, AccountUnknown (buyer), AccountFrozen (buyer), then those of `ICertificates.trade`,
    /// BuyerIsSeller, AccountFrozen (seller).
    function take(uint256 listing, uint32 quantity, address buyer, address platform)
        external
        returns (uint256 trade);

    function listingOf(uint256 listing) external view returns (Listing memory);

    /// @notice Numbers of the latest listing and trade; both count from 1.
    function latest() external view returns (uint128 listing, uint128 trade);
}
