// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {ICertificates} from "./interfaces/ICertificates.sol";
import {IMarket, Listing} from "./interfaces/IMarket.sol";
import {Account, AccountKind, IRegistry} from "./interfaces/IRegistry.sol";
import {BatchId} from "./types/BatchId.sol";
import {Roles} from "./Roles.sol";

/// @notice Its manual is `IMarket`.
contract Market is IMarket, AccessManaged {
    struct Counters {
        uint128 listing;
        uint128 trade;
    }

    /* STORAGE */

    IRegistry public immutable REGISTRY;
    ICertificates public immutable CERTIFICATES;

    /// @inheritdoc IMarket
    Counters public latest;
    mapping(uint256 id => Listing) private _listings;

    constructor(address authority, IRegistry registry, ICertificates certificates) AccessManaged(authority) {
        REGISTRY = registry;
        CERTIFICATES = certificates;
    }

    /* LISTING */

    /// @inheritdoc IMarket
    function list(BatchId batch, uint32 start, uint32 end, uint64 price, uint64 platforms)
        external
        returns (uint256 id)
    {
        if (platforms == 0) revert PlatformsNone();
        uint64 unknown = platforms & ~REGISTRY.platforms();
        if (unknown != 0) revert PlatformNotAdmitted(unknown);

        id = ++latest.listing;
        _listings[id] = Listing(batch, start, end, price, platforms);
        address seller = CERTIFICATES.list(batch, start, end, msg.sender);
        emit Listed(id, batch, start, end, seller, price, platforms);
    }

    /// @inheritdoc IMarket
    function withdraw(uint256 id) external {
        Listing memory listing = _known(id);
        _requireMayWithdraw(listing);

        delete _listings[id];
        emit Withdrawn(id, listing.batch, listing.start, listing.end);
        CERTIFICATES.unlist(listing.batch, listing.start, listing.end);
    }

    /* TRADING */

    /// @inheritdoc IMarket
    function take(uint256 id, uint32 quantity, address buyer, address platform)
        external
        restricted
        returns (uint256 trade)
    {
        Listing memory listing = _known(id);
        if (quantity == 0) revert QuantityZero();
        uint32 listed = listing.end - listing.start;
        if (quantity > listed) revert QuantityAboveListed(id, quantity, listed);
        _requirePlatform(id, listing, platform);
        _requireActive(buyer);

        trade = ++latest.trade;
        uint32 end = listing.start + quantity;
        if (quantity == listed) delete _listings[id];
        else _listings[id].start = end;
        address seller = CERTIFICATES.trade(listing.batch, listing.start, end, buyer);
        if (seller == buyer) revert BuyerIsSeller(buyer);
        _requireActive(seller);
        emit Traded(
            trade, id, listing.batch, listing.start, end, seller, buyer, listing.price, platform
        );
    }

    /* VIEWS */

    /// @inheritdoc IMarket
    function listingOf(uint256 id) external view returns (Listing memory) {
        return _listings[id];
    }

    /* INTERNALS */

    function _known(uint256 id) private view returns (Listing memory listing) {
        listing = _listings[id];
        if (listing.platforms == 0) revert ListingUnknown(id);
    }

    function _requireMayWithdraw(Listing memory listing) private view {
        if (block.timestamp >= listing.batch.month().expiresAt()) return;
        (,, address seller,,) = CERTIFICATES.segmentAt(listing.batch, listing.start);
        if (REGISTRY.mayAct(seller, msg.sender)) return;
        (bool isAuthority,) = IAccessManager(authority()).hasRole(Roles.AUTHORITY, msg.sender);
        if (!isAuthority) revert MayNotAct(seller, msg.sender);
    }

    function _requirePlatform(uint256 id, Listing memory listing, address platform) private view {
        Account memory account = REGISTRY.account(platform);
        if (account.operator != msg.sender || account.frozen) revert MayNotAct(platform, msg.sender);
        bool named = account.platformBit != 0 && (listing.platforms >> (account.platformBit - 1)) & 1 == 1;
        if (!named) revert PlatformNotNamed(id, platform);
    }

    function _requireActive(address id) private view {
        Account memory account = REGISTRY.account(id);
        if (account.kind == AccountKind.None) revert AccountUnknown(id);
        if (account.frozen) revert AccountFrozen(id);
    }
}
