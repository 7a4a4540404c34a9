// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {BatchId} from "../types/BatchId.sol";
import {TradeWay} from "../types/Classes.sol";
import {Month} from "../types/Month.sol";
import {ProjectId} from "../types/ProjectId.sol";
import {Range} from "../types/Range.sol";

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

/// @notice A bilateral order (双边协商, Q43) as seller and buyer sign it, EIP-712 type `Deal`.
/// @param project,batch,start,end What is sold: the serials [start, end) if `end` is not 0, else any of the batch if that
/// is not 0, else any of the project.
/// @param quantity Certificates, all or nothing.
/// @param price Fen per certificate.
/// @param platform Account of the platform that hands it in.
/// @param paidOnPlatform Whether it is paid there or outside.
/// @param expires First second, unix time, at which it is void.
/// @param nonce Tells orders apart that are otherwise the same.
struct Deal {
    address seller;
    address buyer;
    ProjectId project;
    BatchId batch;
    uint32 start;
    uint32 end;
    uint32 quantity;
    uint64 price;
    address platform;
    bool paidOnPlatform;
    uint64 expires;
    uint256 nonce;
}

enum DealStatus {
    Open,
    Filled,
    Cancelled
}

/// @notice A month's settlement of a green-power contract (绿色电力交易结算, Q29, Q46).
/// @param contractId Hash that stands for the contract between seller and buyer.
/// @param contractWh,fedInWh,consumedWh The month's energy in Wh; the smallest moves, in whole certificates.
/// @param attributePrice Fen per certificate.
/// @param energyPrice Fen per 1000 kWh, apart from it.
/// @param ranges The seller's certificates of that month, as many as result.
struct Settlement {
    bytes32 contractId;
    ProjectId project;
    Month month;
    address buyer;
    uint64 contractWh;
    uint64 fedInWh;
    uint64 consumedWh;
    uint64 attributePrice;
    uint64 energyPrice;
    Range[] ranges;
}

/// @title The market
/// @notice The only way to a certificate's one trade: listing and taking (挂牌、摘牌), bilateral orders (双边协商), and the
/// settlement of green-power contracts (Q41, Q43, Q46).
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
        address platform,
        TradeWay way
    );
    /// @notice A bilateral order was carried out by the trades [firstTrade, lastTrade].
    event DealFilled(
        bytes32 indexed deal, uint256 firstTrade, uint256 lastTrade, bool paidOnPlatform, uint64 expires
    );
    event DealCancelled(bytes32 indexed deal, address indexed by);
    /// @notice A contract's month was settled by the trades [firstTrade, lastTrade].
    event Settled(
        bytes32 indexed contractId,
        ProjectId indexed project,
        Month month,
        uint256 firstTrade,
        uint256 lastTrade,
        uint64 contractWh,
        uint64 fedInWh,
        uint64 consumedWh,
        uint64 energyPrice,
        address exchange
    );
    /// @notice One item of a call with many was refused; the others were not touched by it. `reason` is its error.
    event ItemRefused(uint256 index, bytes reason);

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
    error SellersDiffer(address seller, address other);
    error QuantityNotMet(uint256 wanted, uint256 given);
    error DealIs(bytes32 deal, DealStatus status);
    error DealExpired(uint64 expires);
    /// @notice The signature is not of the key that acts for the account now.
    error SignatureInvalid(address account);
    error RangeOutside(uint256 index);
    error ContractZero();
    error SettledAlready(bytes32 contractId, ProjectId project, Month month);
    error OnlySelf();

    /// @notice Puts a range on sale at a price per certificate, on one or several platforms (Q98, Q99). The holder only.
    /// @dev Reverts, in this order: PlatformsNone, PlatformNotAdmitted, then those of `ICertificates.list`.
    function list(BatchId batch, uint32 start, uint32 end, uint64 price, uint64 platforms)
        external
        returns (uint256 listing);

    /// @notice Takes what is left of a lot off sale (Q98). The holder; the authority; anybody once it has expired, its
    /// project turned to CCER, or its holder's account was closed.
    /// @dev Reverts, in this order: ListingUnknown, MayNotAct.
    function withdraw(uint256 listing) external;

    /// @notice `withdraw` for many lots; those that are refused are told by events and the others go on.
    function withdrawAll(uint256[] calldata listings) external;

    /// @notice One item of `withdrawAll`, called by this contract alone. Reverts with OnlySelf for others.
    function withdrawOne(uint256 listing, address caller) external;

    /// @notice Sells the first `quantity` certificates of a lot to a buyer. Platforms only, each for its own lots.
    /// @dev Reverts, in this order: ListingUnknown, QuantityZero, QuantityAboveListed, MayNotAct (platform),
    /// PlatformNotNamed, AccountUnknown (buyer), AccountFrozen (buyer), then those of `ICertificates.trade`,
    /// BuyerIsSeller, AccountUnknown (seller, when closed), AccountFrozen (seller).
    function take(uint256 listing, uint32 quantity, address buyer, address platform)
        external
        returns (uint256 trade);

    /// @notice Takes a quantity across several lots of one seller, in their order, each at its price.
    /// @dev Reverts as `take` for each lot, and: QuantityNotMet, SellersDiffer.
    function takeAcross(uint256[] calldata listings, uint32 quantity, address buyer, address platform)
        external
        returns (uint256 firstTrade, uint256 lastTrade);

    /// @notice Carries out a bilateral order that both sides signed, as a whole. Its platform only.
    /// @param ranges What is sold, within what the order names, `quantity` certificates in all.
    /// @param sellerSignature,buyerSignature Of the keys that act for the accounts now; contracts by ERC-1271.
    /// @dev Reverts, in this order: DealIs, DealExpired, MayNotAct (platform), BuyerIsSeller, SignatureInvalid (seller,
    /// then buyer), QuantityZero, RangeOutside, those of `ICertificates.sell`, QuantityNotMet.
    function fill(
        Deal calldata deal,
        Range[] calldata ranges,
        bytes calldata sellerSignature,
        bytes calldata buyerSignature
    ) external returns (uint256 firstTrade, uint256 lastTrade);

    /// @notice Cancels an order that is not filled. Whoever acts for its seller or buyer.
    /// @dev Reverts, in this order: MayNotAct, DealIs.
    function cancel(Deal calldata deal) external;

    /// @notice Settles many contracts' months: the smallest of contract, fed in and consumed energy moves as whole
    /// certificates from the project's owner to the buyer (Q46). Exchanges only. Items that are refused are told by
    /// events and the others go on. A frozen seller's certificates move as well: the electricity was delivered.
    /// @dev An item is refused, in this order, for: ContractZero, SettledAlready, AccountUnknown (buyer), AccountFrozen
    /// (buyer), BuyerIsSeller, QuantityZero, RangeOutside, those of `ICertificates.sell`, QuantityNotMet.
    function settle(Settlement[] calldata settlements) external;

    /// @notice One item of `settle`, called by this contract alone. Reverts with OnlySelf for others.
    function settleOne(Settlement calldata settlement, address exchange) external;

    /// @notice EIP-712 digest that both sides of an order sign.
    function hashOf(Deal calldata deal) external view returns (bytes32);

    function statusOf(bytes32 deal) external view returns (DealStatus);

    function listingOf(uint256 listing) external view returns (Listing memory);

    /// @notice Numbers of the latest listing and trade; both count from 1.
    function latest() external view returns (uint128 listing, uint128 trade);
}
