// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Governed} from "./Governed.sol";
import {ICertificates} from "./interfaces/ICertificates.sol";
import {Deal, DealStatus, IMarket, Listing, Settlement} from "./interfaces/IMarket.sol";
import {Account, AccountKind, IRegistry} from "./interfaces/IRegistry.sol";
import {Deals} from "./libraries/Deals.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {BatchId} from "./types/BatchId.sol";
import {Range} from "./types/Range.sol";
import {TradeWay} from "./types/Classes.sol";
import {Roles} from "./Roles.sol";

/// @notice Its manual is `IMarket`.
contract Market is IMarket, EIP712, Governed {
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
    /// @inheritdoc IMarket
    mapping(bytes32 deal => DealStatus) public statusOf;
    mapping(bytes32 key => bool) private _settled;

    constructor(address authority, address relay, IRegistry registry, ICertificates certificates)
        EIP712("gecchain Market", "1")
        Governed(authority, relay)
    {
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
        address seller = CERTIFICATES.list(batch, start, end, _msgSender());
        emit Listed(id, batch, start, end, seller, price, platforms);
    }

    /// @inheritdoc IMarket
    function withdraw(uint256 id) external {
        _withdraw(id, _msgSender());
    }

    /// @inheritdoc IMarket
    function withdrawAll(uint256[] calldata ids) external {
        address caller = _msgSender();
        for (uint256 i = 0; i < ids.length; ++i) {
            try this.withdrawOne(ids[i], caller) {}
            catch (bytes memory reason) {
                emit ItemRefused(i, reason);
            }
        }
    }

    /// @inheritdoc IMarket
    function withdrawOne(uint256 id, address caller) external {
        if (msg.sender != address(this)) revert OnlySelf();
        _withdraw(id, caller);
    }

    /* TRADING */

    /// @inheritdoc IMarket
    function take(uint256 id, uint32 quantity, address buyer, address platform)
        external
        returns (uint256 trade)
    {
        (trade,) = _take(id, quantity, buyer, platform);
    }

    /// @inheritdoc IMarket
    function takeAcross(uint256[] calldata ids, uint32 quantity, address buyer, address platform)
        external
        returns (uint256 firstTrade, uint256 lastTrade)
    {
        uint32 left = quantity;
        address seller = address(0);
        firstTrade = latest.trade + 1;
        for (uint256 i = 0; i < ids.length && left != 0; ++i) {
            Listing memory listing = _known(ids[i]);
            uint32 listed = listing.end - listing.start;
            uint32 part = listed < left ? listed : left;
            (, address other) = _take(ids[i], part, buyer, platform);
            if (i == 0) seller = other;
            else if (other != seller) revert SellersDiffer(seller, other);
            left -= part;
        }
        if (left != 0 || quantity == 0) revert QuantityNotMet(quantity, quantity - left);
        lastTrade = latest.trade;
    }

    /* BILATERAL ORDERS */

    /// @inheritdoc IMarket
    function fill(
        Deal calldata deal,
        Range[] calldata ranges,
        bytes calldata sellerSignature,
        bytes calldata buyerSignature
    ) external returns (uint256 firstTrade, uint256 lastTrade) {
        bytes32 digest = hashOf(deal);
        if (statusOf[digest] != DealStatus.Open) revert DealIs(digest, statusOf[digest]);
        if (block.timestamp >= deal.expires) revert DealExpired(deal.expires);
        Account memory platform = REGISTRY.account(deal.platform);
        address caller = _msgSender();
        bool handedIn = platform.platformBit != 0 && REGISTRY.mayAct(deal.platform, caller);
        if (!handedIn) revert MayNotAct(deal.platform, caller);
        if (deal.buyer == deal.seller) revert BuyerIsSeller(deal.buyer);
        _requireSigned(deal.seller, digest, sellerSignature);
        _requireSigned(deal.buyer, digest, buyerSignature);
        if (deal.quantity == 0) revert QuantityZero();
        uint256 outside = Deals.firstOutside(deal, ranges);
        if (outside < ranges.length) revert RangeOutside(outside);

        statusOf[digest] = DealStatus.Filled;
        (firstTrade, lastTrade) = _sell(
            ranges, deal.quantity, deal.seller, deal.buyer, deal.price, deal.platform, TradeWay.Bilateral
        );
        emit DealFilled(digest, firstTrade, lastTrade, deal.paidOnPlatform, deal.expires);
    }

    /// @inheritdoc IMarket
    function cancel(Deal calldata deal) external restricted {
        address caller = _msgSender();
        bool seller = REGISTRY.mayAct(deal.seller, caller);
        if (!seller && !REGISTRY.mayAct(deal.buyer, caller)) revert MayNotAct(deal.seller, caller);
        bytes32 digest = hashOf(deal);
        if (statusOf[digest] != DealStatus.Open) revert DealIs(digest, statusOf[digest]);

        statusOf[digest] = DealStatus.Cancelled;
        emit DealCancelled(digest, seller ? deal.seller : deal.buyer);
    }

    /* GREEN-POWER SETTLEMENT */

    /// @inheritdoc IMarket
    function settle(Settlement[] calldata settlements) external restricted {
        address caller = _msgSender();
        for (uint256 i = 0; i < settlements.length; ++i) {
            try this.settleOne(settlements[i], caller) {}
            catch (bytes memory reason) {
                emit ItemRefused(i, reason);
            }
        }
    }

    /// @inheritdoc IMarket
    function settleOne(Settlement calldata item, address exchange) external {
        if (msg.sender != address(this)) revert OnlySelf();
        if (item.contractId == 0) revert ContractZero();
        bytes32 key = keccak256(abi.encode(item.contractId, item.project, item.month));
        if (_settled[key]) revert SettledAlready(item.contractId, item.project, item.month);
        _requireActive(item.buyer);
        address seller = REGISTRY.project(item.project).owner;
        if (seller == item.buyer) revert BuyerIsSeller(seller);
        uint32 quantity = Deals.settled(item);
        if (quantity == 0) revert QuantityZero();
        uint256 outside = Deals.firstOutside(item);
        if (outside < item.ranges.length) revert RangeOutside(outside);

        _settled[key] = true;
        (uint256 firstTrade, uint256 lastTrade) = _sell(
            item.ranges, quantity, seller, item.buyer, item.attributePrice, address(0), TradeWay.GreenPower
        );
        emit Settled(
            item.contractId,
            item.project,
            item.month,
            firstTrade,
            lastTrade,
            item.contractWh,
            item.fedInWh,
            item.consumedWh,
            item.energyPrice,
            exchange
        );
    }

    /* VIEWS */

    /// @inheritdoc IMarket
    function hashOf(Deal calldata deal) public view returns (bytes32) {
        return _hashTypedDataV4(Deals.hash(deal));
    }

    /// @inheritdoc IMarket
    function listingOf(uint256 id) external view returns (Listing memory) {
        return _listings[id];
    }

    /* INTERNALS */

    function _take(uint256 id, uint32 quantity, address buyer, address platform)
        private
        returns (uint256 trade, address seller)
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
        seller = CERTIFICATES.trade(listing.batch, listing.start, end, buyer);
        if (seller == buyer) revert BuyerIsSeller(buyer);
        _requireActive(seller);
        emit Traded(
            trade, id, listing.batch, listing.start, end, seller, buyer, listing.price, platform, TradeWay.Listing
        );
    }

    /// @dev Sells ranges of what the seller holds, each by a trade of its own.
    function _sell(
        Range[] calldata ranges,
        uint256 quantity,
        address seller,
        address buyer,
        uint64 price,
        address platform,
        TradeWay way
    ) private returns (uint256 firstTrade, uint256 lastTrade) {
        uint256 given = 0;
        firstTrade = latest.trade + 1;
        lastTrade = latest.trade + ranges.length;
        latest.trade = uint128(lastTrade);
        for (uint256 i = 0; i < ranges.length; ++i) {
            Range calldata range = ranges[i];
            given += range.end > range.start ? range.end - range.start : 0;
            emit Traded(firstTrade + i, 0, range.batch, range.start, range.end, seller, buyer, price, platform, way);
            CERTIFICATES.sell(range.batch, range.start, range.end, seller, buyer);
        }
        if (given != quantity) revert QuantityNotMet(quantity, given);
    }

    function _withdraw(uint256 id, address caller) private {
        Listing memory listing = _known(id);
        _requireMayWithdraw(listing, caller);

        delete _listings[id];
        emit Withdrawn(id, listing.batch, listing.start, listing.end);
        CERTIFICATES.unlist(listing.batch, listing.start, listing.end);
    }

    /// @dev The key that acts for the account now, so that a frozen, closed or mandated account's own key signs nothing.
    function _requireSigned(address account, bytes32 digest, bytes calldata signature) private view {
        address actor = REGISTRY.actorOf(account);
        bool valid = actor != address(0) && Signatures.isValid(actor, digest, signature, gasleft());
        if (!valid) revert SignatureInvalid(account);
    }

    function _known(uint256 id) private view returns (Listing memory listing) {
        listing = _listings[id];
        if (listing.platforms == 0) revert ListingUnknown(id);
    }

    function _requireMayWithdraw(Listing memory listing, address caller) private view {
        if (block.timestamp >= listing.batch.month().expiresAt()) return;
        (,, address seller,,) = CERTIFICATES.segmentAt(listing.batch, listing.start);
        if (REGISTRY.mayAct(seller, caller) || !REGISTRY.mayReceive(seller)) return;
        (bool chosen, bool registered) = REGISTRY.ccerOf(listing.batch.project(), listing.batch.month());
        if (chosen || registered) return;
        (bool isAuthority,) = IAccessManager(authority()).hasRole(Roles.AUTHORITY, caller);
        if (!isAuthority) revert MayNotAct(seller, caller);
    }

    function _requirePlatform(uint256 id, Listing memory listing, address platform) private view {
        Account memory account = REGISTRY.account(platform);
        address caller = _msgSender();
        if (!REGISTRY.mayAct(platform, caller)) revert MayNotAct(platform, caller);
        bool named = account.platformBit != 0 && (listing.platforms >> (account.platformBit - 1)) & 1 == 1;
        if (!named) revert PlatformNotNamed(id, platform);
    }

    function _requireActive(address id) private view {
        Account memory account = REGISTRY.account(id);
        if (account.kind == AccountKind.None || account.closed) revert AccountUnknown(id);
        if (account.frozen) revert AccountFrozen(id);
    }
}
