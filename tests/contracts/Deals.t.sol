// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC2309} from "@openzeppelin/contracts/interfaces/IERC2309.sol";
import {ICertificates} from "../../contracts/interfaces/ICertificates.sol";
import {Deal, DealStatus, IMarket} from "../../contracts/interfaces/IMarket.sol";
import {Market} from "../../contracts/Market.sol";
import {BatchId, BatchIdLibrary} from "../../contracts/types/BatchId.sol";
import {State, TradeWay} from "../../contracts/types/Classes.sol";
import {Month} from "../../contracts/types/Month.sol";
import {ProjectId} from "../../contracts/types/ProjectId.sol";
import {Range} from "../../contracts/types/Range.sol";
import {TradeWorld} from "./TradeWorld.sol";
import {
    BurningWallet,
    DirtyWallet,
    MuteWallet,
    OwnedWallet,
    ReentrantWallet,
    RevertingWallet,
    ShortWallet,
    WrongMagicWallet
} from "./Wallets.sol";

/// @notice Bilateral orders (双边协商): who signs what, which ranges fit, and that each is carried out once or not at all.
contract DealsTest is TradeWorld {
    uint256 private constant SELLER_SECRET = 0x5e11e7;
    uint256 private constant BUYER_SECRET = 0xb0ce7;
    uint256 private constant AGENT_SECRET = 0xa6e27;
    /// @dev Order of secp256k1.
    uint256 private constant CURVE = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    /// @dev Stored, for the optimizer would read the chain's id anew wherever it is used.
    uint256 private chain;

    function setUp() public override {
        super.setUp();
        chain = block.chainid;
        _setOperator(BUYER, vm.addr(BUYER_SECRET));
        _setOperator(AGENT, vm.addr(AGENT_SECRET));
    }

    /* HASH */

    /// @dev EIP-712 word by word, apart from the contracts' own encoding.
    function testFuzz_hashOf(
        address[3] calldata parties,
        uint48 project,
        uint64 batch,
        uint32[3] calldata numbers,
        uint64[2] calldata values,
        bool paid,
        uint256 nonce
    ) public view {
        Deal memory deal = Deal(
            parties[0], parties[1], ProjectId.wrap(project), BatchId.wrap(batch), numbers[0], numbers[1], numbers[2],
            values[0], parties[2], paid, values[1], nonce
        );
        bytes memory words = bytes.concat(
            keccak256(
                bytes.concat(
                    "Deal(address seller,address buyer,uint48 project,uint64 batch,uint32 start,uint32 end,",
                    "uint32 quantity,uint64 price,address platform,bool paidOnPlatform,uint64 expires,uint256 nonce)"
                )
            ),
            bytes32(uint256(uint160(parties[0]))),
            bytes32(uint256(uint160(parties[1]))),
            bytes32(uint256(project)),
            bytes32(uint256(batch)),
            bytes32(uint256(numbers[0])),
            bytes32(uint256(numbers[1])),
            bytes32(uint256(numbers[2])),
            bytes32(uint256(values[0]))
        );
        words = bytes.concat(
            words,
            bytes32(uint256(uint160(parties[2]))),
            bytes32(uint256(paid ? 1 : 0)),
            bytes32(uint256(values[1])),
            bytes32(nonce)
        );
        bytes32 expected = keccak256(bytes.concat(hex"1901", _domain(chain, address(market)), keccak256(words)));
        assertEq(market.hashOf(deal), expected, "digest");
    }

    function test_hashOf_feelsEveryField() public {
        Deal memory deal = _dealOf(issueWind(1, 100), 10);
        bytes32[13] memory digests;
        digests[0] = market.hashOf(deal);
        deal.seller = OTHER_OWNER;
        digests[1] = market.hashOf(deal);
        deal.buyer = OTHER_BUYER;
        digests[2] = market.hashOf(deal);
        deal.project = windOf(9);
        digests[3] = market.hashOf(deal);
        deal.batch = batchOf(windOf(9));
        digests[4] = market.hashOf(deal);
        ++deal.start;
        digests[5] = market.hashOf(deal);
        ++deal.end;
        digests[6] = market.hashOf(deal);
        ++deal.quantity;
        digests[7] = market.hashOf(deal);
        ++deal.price;
        digests[8] = market.hashOf(deal);
        deal.platform = OTHER_PLATFORM_ACCOUNT;
        digests[9] = market.hashOf(deal);
        deal.paidOnPlatform = !deal.paidOnPlatform;
        digests[10] = market.hashOf(deal);
        ++deal.expires;
        digests[11] = market.hashOf(deal);
        ++deal.nonce;
        digests[12] = market.hashOf(deal);
        for (uint256 i = 1; i < 13; ++i) {
            assertTrue(digests[i] != digests[i - 1], vm.toString(i));
        }
    }

    /* FILL */

    function testFuzz_fill_revertsInOrder(uint256 seed) public {
        BatchId batch = _issue(1, 100);
        BatchId elsewhere = _issue(2, 100);
        Deal memory deal = _dealOf(batch, 0);
        deal.buyer = OWNER;
        deal.expires = uint64(NOW);
        Range[] memory ranges = rangesOf(elsewhere, 5, 5);
        address nobody = outsider(seed);

        _expectFill(nobody, abi.encodeWithSelector(IMarket.DealExpired.selector, NOW), deal, ranges);
        deal.expires = uint64(bound(seed, NOW + 1, type(uint64).max));
        _expectFill(nobody, abi.encodeWithSelector(IMarket.MayNotAct.selector, PLATFORM_ACCOUNT, nobody), deal, ranges);
        deal.platform = BUYER;
        address key = vm.addr(BUYER_SECRET);
        _expectFill(key, abi.encodeWithSelector(IMarket.MayNotAct.selector, BUYER, key), deal, ranges);
        deal.platform = PLATFORM_ACCOUNT;
        _expectFill(PLATFORM_KEY, abi.encodeWithSelector(IMarket.BuyerIsSeller.selector, OWNER), deal, ranges);
        deal.buyer = BUYER;
        _expectUnsigned(OWNER, deal, ranges, new bytes(65), new bytes(65));
        _expectUnsigned(BUYER, deal, ranges, _signedBy(SELLER_SECRET, deal), new bytes(65));
        _expectFill(PLATFORM_KEY, abi.encodeWithSelector(IMarket.QuantityZero.selector), deal, ranges);
        deal.quantity = 10;
        _expectFill(PLATFORM_KEY, abi.encodeWithSelector(IMarket.RangeOutside.selector, 0), deal, ranges);
        ranges[0].batch = batch;
        _expectFill(PLATFORM_KEY, abi.encodeWithSelector(ICertificates.RangeEmpty.selector, 5, 5), deal, ranges);
        ranges[0].end = 16;
        _expectFill(PLATFORM_KEY, abi.encodeWithSelector(IMarket.QuantityNotMet.selector, 10, 11), deal, ranges);
        ranges[0].end = 14;
        _expectFill(PLATFORM_KEY, abi.encodeWithSelector(IMarket.QuantityNotMet.selector, 10, 9), deal, ranges);
        _expectFill(
            PLATFORM_KEY, abi.encodeWithSelector(IMarket.QuantityNotMet.selector, 10, 0), deal, new Range[](0)
        );
        assertTrades(0);
        ranges[0].end = 15;
        _fill(PLATFORM_KEY, deal, ranges);
        vm.warp(deal.expires);
        bytes memory reason = abi.encodeWithSelector(IMarket.DealIs.selector, market.hashOf(deal), DealStatus.Filled);
        _expectFill(nobody, reason, deal, ranges);
    }

    /// @dev The reasons of `ICertificates.sell`, in their order, reach the platform as they are.
    function test_fill_sellRevertsInOrder() public {
        BatchId batch = _issue(1, 100);
        BatchId selfUsed = issueSelfUsed(1, 100);
        BatchId none = BatchIdLibrary.make(windOf(1), Month.wrap(1519), 0, true);
        take(_list(batch, 0, 10), 10, OTHER_BUYER);
        move(batch, 0, 10, OWNER);
        move(batch, 10, 20, OTHER_BUYER);
        freezeRange(batch, 20, 30);
        freezeRange(selfUsed, 0, 10);
        _list(batch, 30, 40);
        Deal memory deal = _dealOf(batch, 10);
        deal.batch = BatchId.wrap(0);
        deal.expires = type(uint64).max;

        vm.warp(EXPIRY);
        _expectSale(abi.encodeWithSelector(ICertificates.BatchUnknown.selector, none), deal, none, 5, 5);
        _expectSale(abi.encodeWithSelector(ICertificates.RangeEmpty.selector, 100, 110), deal, batch, 100, 110);
        _expectSale(
            abi.encodeWithSelector(ICertificates.RangeNotUniform.selector, batch, 15, 25, 20), deal, batch, 15, 25
        );
        _expectSale(abi.encodeWithSelector(ICertificates.NotHolder.selector, batch, 10, OTHER_BUYER), deal, batch, 10, 20);
        _expectSale(abi.encodeWithSelector(ICertificates.StateIs.selector, selfUsed, 0, State.Frozen), deal, selfUsed, 0, 10);
        _expectSale(abi.encodeWithSelector(ICertificates.StateIs.selector, batch, 30, State.Listed), deal, batch, 30, 40);
        _expectSale(abi.encodeWithSelector(ICertificates.NotTradable.selector, selfUsed), deal, selfUsed, 10, 20);
        _expectSale(abi.encodeWithSelector(ICertificates.AlreadyTraded.selector, batch, 0, 10), deal, batch, 0, 10);
        _expectSale(abi.encodeWithSelector(ICertificates.Expired.selector, batch, EXPIRY), deal, batch, 40, 50);
        vm.warp(EXPIRY - 1);
        _fill(PLATFORM_KEY, deal, rangesOf(batch, 40, 50));
        assertSegment(batch, 45, 40, 50, BUYER, State.Held, true);
    }

    function testFuzz_fill(uint256 start, uint256 end, uint64 price, bool paid, uint64 expires, uint256 nonce)
        public
    {
        BatchId batch = _issue(1, 5_000_000);
        start = bound(start, 0, 4_999_999);
        end = bound(end, start + 1, 5_000_000);
        Deal memory deal = _dealOf(batch, end - start);
        (deal.price, deal.paidOnPlatform, deal.nonce) = (price, paid, nonce);
        deal.expires = uint64(bound(expires, NOW + 1, type(uint64).max));

        bytes32 digest = market.hashOf(deal);
        vm.expectEmit(address(market));
        emit IMarket.Traded(
            1, 0, batch, uint32(start), uint32(end), OWNER, BUYER, price, PLATFORM_ACCOUNT, TradeWay.Bilateral
        );
        vm.expectEmit(address(certificates));
        emit IERC2309.ConsecutiveTransfer(batch.tokenId(uint32(start)), batch.tokenId(uint32(end - 1)), OWNER, BUYER);
        vm.expectEmit(address(market));
        emit IMarket.DealFilled(digest, 1, 1, paid, deal.expires);
        (uint256 first, uint256 last) = _fill(PLATFORM_KEY, deal, rangesOf(batch, start, end));

        assertEq(first, 1, "first trade");
        assertEq(last, 1, "last trade");
        assertTrades(1);
        assertPart(batch, start, end, BUYER, State.Held, true, OWNER);
        assertEq(certificates.balanceOf(BUYER), end - start, "balance of the buyer");
        assertEq(certificates.balanceOf(OWNER), 5_000_000 - (end - start), "balance of the seller");
        assertEq(uint256(market.statusOf(digest)), uint256(DealStatus.Filled), "status");
        vm.expectRevert(abi.encodeWithSelector(ICertificates.AlreadyTraded.selector, batch, start, end));
        vm.prank(vm.addr(BUYER_SECRET));
        market.list(batch, uint32(start), uint32(end), 1, 1);
    }

    /// @dev Several ranges of several months, each a trade with a number of its own, after those before.
    function testFuzz_fill_manyRanges(uint256 cut) public {
        BatchId batch = _issue(1, 100);
        issue(Month.wrap(1519), alone(leafOf(windOf(1), 0, 100 * CERTIFICATE)));
        BatchId older = BatchIdLibrary.make(windOf(1), Month.wrap(1519), 0, true);
        take(_list(batch, 0, 10), 10, OTHER_BUYER);
        cut = bound(cut, 11, 99);
        Range[] memory ranges = new Range[](3);
        ranges[0] = rangeOf(batch, cut, 100);
        ranges[1] = rangeOf(older, 0, 100);
        ranges[2] = rangeOf(batch, 10, cut);
        Deal memory deal = _dealOf(batch, 190);
        deal.batch = BatchId.wrap(0);
        bytes32 digest = market.hashOf(deal);

        for (uint256 i = 0; i < 3; ++i) {
            vm.expectEmit(address(market));
            emit IMarket.Traded(
                2 + i, 0, ranges[i].batch, ranges[i].start, ranges[i].end, OWNER, BUYER, 350, PLATFORM_ACCOUNT,
                TradeWay.Bilateral
            );
        }
        vm.expectEmit(address(market));
        emit IMarket.DealFilled(digest, 2, 4, false, deal.expires);
        (uint256 first, uint256 last) = _fill(PLATFORM_KEY, deal, ranges);
        assertEq(first, 2, "first trade");
        assertEq(last, 4, "last trade");
        assertTrades(4);
        assertEq(certificates.balanceOf(BUYER), 190, "balance");
        assertEq(take(_listOther(), 1, BUYER), 5, "the next trade");
    }

    /// @dev All or nothing: a bad last range undoes the good ones, numbers of trades included.
    function test_fill_allOrNothing() public {
        BatchId batch = _issue(1, 100);
        Range[] memory ranges = new Range[](2);
        ranges[0] = rangeOf(batch, 0, 10);
        ranges[1] = rangeOf(batch, 5, 15);
        Deal memory deal = _dealOf(batch, 20);
        bytes memory reason = abi.encodeWithSelector(ICertificates.RangeNotUniform.selector, batch, 5, 15, 10);
        _expectFill(PLATFORM_KEY, reason, deal, ranges);
        ranges[1] = ranges[0];
        reason = abi.encodeWithSelector(ICertificates.NotHolder.selector, batch, 0, BUYER);
        _expectFill(PLATFORM_KEY, reason, deal, ranges);
        assertTrades(0);
        assertSegment(batch, 0, 0, 100, OWNER, State.Held, false);
        ranges[1] = rangeOf(batch, 10, 20);
        _fill(PLATFORM_KEY, deal, ranges);
        assertTrades(2);
    }

    /* WHAT THE ORDER NAMES */

    function testFuzz_fill_rangeOfOrder(uint256 from, uint256 to, uint256 start, uint256 end) public {
        from = bound(from, 0, 98);
        to = bound(to, from + 1, 99);
        start = bound(start, 0, 99);
        end = bound(end, start + 1, 100);
        BatchId batch = _issue(1, 100);
        Deal memory deal = _dealOf(batch, end - start);
        (deal.start, deal.end) = (uint32(from), uint32(to));
        if (start < from || end > to) {
            bytes memory reason = abi.encodeWithSelector(IMarket.RangeOutside.selector, 0);
            _expectFill(PLATFORM_KEY, reason, deal, rangesOf(batch, start, end));
        } else {
            _fill(PLATFORM_KEY, deal, rangesOf(batch, start, end));
            assertSegment(batch, start, start, end, BUYER, State.Held, true);
        }
    }

    /// @dev The index of the first range outside, whatever the others are.
    function testFuzz_fill_namesTheRangeOutside(uint256 at, uint256 scope) public {
        BatchId batch = _issue(1, 100);
        BatchId other = _issue(2, 100);
        at = bound(at, 0, 4);
        Range[] memory ranges = new Range[](5);
        for (uint256 i = 0; i < 5; ++i) {
            ranges[i] = rangeOf(i < at ? batch : other, 10 * i, 10 * i + 10);
        }
        Deal memory deal = _dealOf(batch, 50);
        if (scope % 3 == 0) deal.batch = BatchId.wrap(0);
        if (scope % 3 == 1) deal.end = 100;
        _expectFill(PLATFORM_KEY, abi.encodeWithSelector(IMarket.RangeOutside.selector, at), deal, ranges);
    }

    function test_fill_anyBatchOfTheProject() public {
        BatchId batch = _issue(1, 100);
        BatchId selfUsed = issueSelfUsed(1, 100);
        Deal memory deal = _dealOf(batch, 20);
        bytes memory outside = abi.encodeWithSelector(IMarket.RangeOutside.selector, 0);
        _expectFill(PLATFORM_KEY, outside, deal, rangesOf(selfUsed, 0, 20));
        deal.batch = BatchId.wrap(0);
        bytes memory reason = abi.encodeWithSelector(ICertificates.NotTradable.selector, selfUsed);
        _expectFill(PLATFORM_KEY, reason, deal, rangesOf(selfUsed, 0, 20));
        _fill(PLATFORM_KEY, deal, rangesOf(batch, 0, 20));
    }

    /* SIGNATURES */

    /// @dev One field other than what was signed, and it is not signed.
    function testFuzz_fill_changedAfterSigning(uint256 field) public {
        BatchId batch = _issue(1, 100);
        Deal memory deal = _dealOf(batch, 10);
        bytes memory seller = _signedBy(SELLER_SECRET, deal);
        bytes memory buyer = _signedBy(BUYER_SECRET, deal);
        field = field % 6;
        if (field == 0) --deal.price;
        if (field == 1) deal.batch = BatchId.wrap(0);
        if (field == 2) ++deal.quantity;
        if (field == 3) deal.paidOnPlatform = !deal.paidOnPlatform;
        if (field == 4) ++deal.expires;
        if (field == 5) ++deal.nonce;
        _expectUnsigned(OWNER, deal, rangesOf(batch, 0, deal.quantity), seller, buyer);
    }

    function testFuzz_fill_wrongSigner(uint256 secret) public {
        BatchId batch = _issue(1, 100);
        Deal memory deal = _dealOf(batch, 10);
        secret = bound(secret, 1, CURVE - 1);
        Range[] memory ranges = rangesOf(batch, 0, 10);
        bytes memory seller = _signedBy(SELLER_SECRET, deal);
        bytes memory buyer = _signedBy(BUYER_SECRET, deal);
        if (secret == SELLER_SECRET || secret == BUYER_SECRET) ++secret;
        _expectUnsigned(OWNER, deal, ranges, _signedBy(secret, deal), buyer);
        _expectUnsigned(BUYER, deal, ranges, seller, _signedBy(secret, deal));
        _expectUnsigned(OWNER, deal, ranges, buyer, seller);
        _expectUnsigned(BUYER, deal, ranges, seller, seller);
    }

    /// @dev The mirrored s, another length, a short form, a v from elsewhere: none of them is a signature.
    function testFuzz_fill_malformed(uint256 which, uint256 length, uint8 v) public {
        BatchId batch = _issue(1, 100);
        Deal memory deal = _dealOf(batch, 10);
        bytes memory seller = _signedBy(SELLER_SECRET, deal);
        (uint8 v_, bytes32 r, bytes32 s) = vm.sign(BUYER_SECRET, market.hashOf(deal));
        bytes memory buyer;
        which = which % 4;
        if (which == 0) buyer = abi.encodePacked(r, CURVE - uint256(s), v_ == 27 ? uint8(28) : uint8(27));
        if (which == 1) buyer = abi.encodePacked(r, uint256(s) | (uint256(v_ - 27) << 255));
        if (which == 2) buyer = abi.encodePacked(r, s, v == v_ ? v ^ 1 : v);
        if (which == 3) buyer = new bytes(bound(length, 0, 200));
        _expectUnsigned(BUYER, deal, rangesOf(batch, 0, 10), seller, buyer);
    }

    function testFuzz_fill_otherChainOrContract(uint64 other) public {
        BatchId batch = _issue(1, 100);
        Deal memory deal = _dealOf(batch, 10);
        Range[] memory ranges = rangesOf(batch, 0, 10);
        bytes memory seller = _signedBy(SELLER_SECRET, deal);
        bytes memory buyer = _signedBy(BUYER_SECRET, deal);
        Market twin = Market(deploy("Market", abi.encode(manager, relay, registry, certificates)));
        vm.expectRevert(abi.encodeWithSelector(IMarket.SignatureInvalid.selector, OWNER));
        vm.prank(PLATFORM_KEY);
        twin.fill(deal, ranges, seller, buyer);

        other = uint64(bound(other, 1, type(uint64).max - 1));
        vm.chainId(other == chain ? other + 1 : other);
        _expectUnsigned(OWNER, deal, ranges, seller, buyer);
        vm.chainId(chain);
        vm.prank(PLATFORM_KEY);
        market.fill(deal, ranges, seller, buyer);
        assertTrades(1);
    }

    /// @dev Signed once, filled once; the same terms again need a nonce of their own.
    function testFuzz_fill_replay(uint256 nonce) public {
        BatchId batch = _issue(1, 100);
        Deal memory deal = _dealOf(batch, 10);
        _fill(PLATFORM_KEY, deal, rangesOf(batch, 0, 10));
        bytes memory reason = abi.encodeWithSelector(IMarket.DealIs.selector, market.hashOf(deal), DealStatus.Filled);
        _expectFill(PLATFORM_KEY, reason, deal, rangesOf(batch, 10, 20));
        deal.nonce = bound(nonce, 1, type(uint256).max);
        _fill(PLATFORM_KEY, deal, rangesOf(batch, 10, 20));
        assertTrades(2);
    }

    /// @dev Both keys are those that act now: not a frozen, closed or unknown account's, not one that was replaced.
    function testFuzz_fill_accountDoesNotAct(bool ofSeller, uint256 how) public {
        BatchId batch = _issue(1, 100);
        Deal memory deal = _dealOf(batch, 10);
        bytes memory seller = _signedBy(SELLER_SECRET, deal);
        bytes memory buyer = _signedBy(BUYER_SECRET, deal);
        address account = ofSeller ? OWNER : BUYER;
        how = how % 4;
        if (how == 0) freezeAccount(account, true);
        if (how == 1) closeAccount(account);
        if (how == 2) _setOperator(account, STRANGER);
        if (how == 3) _setOperator(account, address(0));
        _expectUnsigned(account, deal, rangesOf(batch, 0, 10), seller, buyer);
        deal.buyer = outsider(how);
        if (!ofSeller) _expectUnsigned(deal.buyer, deal, rangesOf(batch, 0, 10), _signedBy(SELLER_SECRET, deal), buyer);
    }

    /// @dev While a mandate lasts the agent's key signs, and the principal's does not; then it is the other way.
    function test_fill_mandated() public {
        BatchId batch = _issue(1, 100);
        mandate(OWNER, vm.addr(SELLER_SECRET));
        Deal memory deal = _dealOf(batch, 10);
        bytes memory own = _signedBy(SELLER_SECRET, deal);
        bytes memory agents = _signedBy(AGENT_SECRET, deal);
        bytes memory buyer = _signedBy(BUYER_SECRET, deal);
        Range[] memory ranges = rangesOf(batch, 0, 10);
        _expectUnsigned(OWNER, deal, ranges, own, buyer);
        freezeAccount(AGENT, true);
        _expectUnsigned(OWNER, deal, ranges, agents, buyer);
        freezeAccount(AGENT, false);
        vm.prank(PLATFORM_KEY);
        market.fill(deal, ranges, agents, buyer);
        assertSegment(batch, 0, 0, 10, BUYER, State.Held, true);

        vm.warp(NOW + 365 days);
        deal.nonce = 1;
        deal.expires = uint64(NOW + 366 days);
        ranges = rangesOf(batch, 10, 20);
        _expectUnsigned(OWNER, deal, ranges, _signedBy(AGENT_SECRET, deal), _signedBy(BUYER_SECRET, deal));
        _fill(PLATFORM_KEY, deal, ranges);
    }

    /* SIGNERS THAT ARE CONTRACTS */

    function testFuzz_fill_byWallets(bool valid) public {
        BatchId batch = _issue(1, 100);
        _setOperator(OWNER, address(new OwnedWallet(vm.addr(SELLER_SECRET))));
        _setOperator(BUYER, address(new OwnedWallet(vm.addr(BUYER_SECRET))));
        Deal memory deal = _dealOf(batch, 10);
        if (valid) {
            _fill(PLATFORM_KEY, deal, rangesOf(batch, 0, 10));
            assertSegment(batch, 0, 0, 10, BUYER, State.Held, true);
        } else {
            _expectUnsigned(
                BUYER, deal, rangesOf(batch, 0, 10), _signedBy(SELLER_SECRET, deal), _signedBy(SELLER_SECRET, deal)
            );
        }
    }

    /// @dev However a wallet fails, the order is not signed; nothing else happens.
    function test_fill_wallets_thatFail() public {
        BatchId batch = _issue(1, 100);
        address[7] memory wallets = [
            address(new WrongMagicWallet(0xffffffff)),
            address(new WrongMagicWallet(0)),
            address(new RevertingWallet()),
            address(new ShortWallet()),
            address(new DirtyWallet()),
            address(new MuteWallet()),
            address(certificates)
        ];
        Deal memory deal = _dealOf(batch, 10);
        for (uint256 i = 0; i < wallets.length; ++i) {
            _setOperator(OWNER, wallets[i]);
            _expectUnsigned(
                OWNER, deal, rangesOf(batch, 0, 10), _signedBy(SELLER_SECRET, deal), _signedBy(BUYER_SECRET, deal)
            );
        }
    }

    /// @dev A wallet burns what the platform gave it, and leaves enough to say so.
    function test_fill_walletThatBurns() public {
        BatchId batch = _issue(1, 100);
        _setOperator(OWNER, address(new BurningWallet()));
        Deal memory deal = _dealOf(batch, 10);
        (bytes memory seller, bytes memory buyer) = (_signedBy(SELLER_SECRET, deal), _signedBy(BUYER_SECRET, deal));
        vm.expectRevert(abi.encodeWithSelector(IMarket.SignatureInvalid.selector, OWNER));
        vm.prank(PLATFORM_KEY);
        market.fill{gas: 3_000_000}(deal, rangesOf(batch, 0, 10), seller, buyer);
    }

    /// @dev A signature is asked for without leave to change anything.
    function test_fill_walletThatReenters() public {
        BatchId batch = _issue(1, 100);
        ReentrantWallet wallet = new ReentrantWallet(market, batch);
        _setOperator(OWNER, address(wallet));
        Deal memory deal = _dealOf(batch, 10);
        _fill(PLATFORM_KEY, deal, rangesOf(batch, 0, 10));
        assertSegment(batch, 50, 10, 100, OWNER, State.Held, false);
        assertEq(market.listingOf(1).platforms, 0, "no listing");
        wallet.isValidSignature(0, "");
        assertSegment(batch, 50, 50, 60, OWNER, State.Listed, false);
    }

    /* CANCEL */

    function testFuzz_cancel(bool bySeller, uint256 seed) public {
        BatchId batch = _issue(1, 100);
        Deal memory deal = _dealOf(batch, 10);
        bytes32 digest = market.hashOf(deal);
        address nobody = outsider(seed);
        address[4] memory others = [nobody, PLATFORM_KEY, AUTHORITY, address(0)];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IMarket.MayNotAct.selector, OWNER, others[i]));
            vm.prank(others[i]);
            market.cancel(deal);
        }
        vm.expectEmit(address(market));
        emit IMarket.DealCancelled(digest, bySeller ? OWNER : BUYER);
        vm.prank(vm.addr(bySeller ? SELLER_SECRET : BUYER_SECRET));
        market.cancel(deal);
        assertEq(uint256(market.statusOf(digest)), uint256(DealStatus.Cancelled), "status");

        bytes memory reason = abi.encodeWithSelector(IMarket.DealIs.selector, digest, DealStatus.Cancelled);
        _expectFill(PLATFORM_KEY, reason, deal, rangesOf(batch, 0, 10));
        vm.expectRevert(abi.encodeWithSelector(IMarket.MayNotAct.selector, OWNER, nobody));
        vm.prank(nobody);
        market.cancel(deal);
        vm.expectRevert(reason);
        vm.prank(vm.addr(BUYER_SECRET));
        market.cancel(deal);
        deal.nonce = 1;
        _fill(PLATFORM_KEY, deal, rangesOf(batch, 0, 10));
        reason = abi.encodeWithSelector(IMarket.DealIs.selector, market.hashOf(deal), DealStatus.Filled);
        vm.expectRevert(reason);
        vm.prank(vm.addr(SELLER_SECRET));
        market.cancel(deal);
    }

    /// @dev The agent cancels for its principal; frozen accounts do not.
    function test_cancel_whoActs() public {
        BatchId batch = _issue(1, 100);
        Deal memory deal = _dealOf(batch, 10);
        mandate(OWNER, vm.addr(SELLER_SECRET));
        freezeAccount(BUYER, true);
        address[2] memory keys = [vm.addr(SELLER_SECRET), vm.addr(BUYER_SECRET)];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IMarket.MayNotAct.selector, OWNER, keys[i]));
            vm.prank(keys[i]);
            market.cancel(deal);
        }
        bytes32 digest = market.hashOf(deal);
        vm.expectEmit(address(market));
        emit IMarket.DealCancelled(digest, OWNER);
        vm.prank(vm.addr(AGENT_SECRET));
        market.cancel(deal);
    }

    /* INTERNALS */

    /// @dev A tradable batch of OWNER, whose key can sign.
    function _issue(uint256 sequence, uint256 count) private returns (BatchId batch) {
        batch = issueWind(sequence, count);
        _setOperator(OWNER, vm.addr(SELLER_SECRET));
    }

    function _setOperator(address account, address operator) private {
        vm.prank(AUTHORITY);
        registry.setOperator(account, operator);
    }

    function _list(BatchId batch, uint256 start, uint256 end) private returns (uint256) {
        vm.prank(vm.addr(SELLER_SECRET));
        return market.list(batch, uint32(start), uint32(end), 350, 1);
    }

    function _listOther() private returns (uint256) {
        return _list(_issue(3, 10), 0, 10);
    }

    function _dealOf(BatchId batch, uint256 quantity) private pure returns (Deal memory) {
        return Deal({
            seller: OWNER,
            buyer: BUYER,
            project: batch.project(),
            batch: batch,
            start: 0,
            end: 0,
            quantity: uint32(quantity),
            price: 350,
            platform: PLATFORM_ACCOUNT,
            paidOnPlatform: false,
            expires: uint64(NOW + 30 days),
            nonce: 0
        });
    }

    function _domain(uint256 id, address verifier) private pure returns (bytes32) {
        return keccak256(
            bytes.concat(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("gecchain Market"),
                keccak256("1"),
                bytes32(id),
                bytes32(uint256(uint160(verifier)))
            )
        );
    }

    function _signedBy(uint256 secret, Deal memory deal) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(secret, market.hashOf(deal));
        return abi.encodePacked(r, s, v);
    }

    function _fill(address caller, Deal memory deal, Range[] memory ranges) private returns (uint256, uint256) {
        bytes memory seller = _signedBy(SELLER_SECRET, deal);
        bytes memory buyer = _signedBy(BUYER_SECRET, deal);
        vm.prank(caller);
        return market.fill(deal, ranges, seller, buyer);
    }

    function _expectFill(address caller, bytes memory reason, Deal memory deal, Range[] memory ranges) private {
        bytes memory seller = _signedBy(SELLER_SECRET, deal);
        bytes memory buyer = _signedBy(BUYER_SECRET, deal);
        vm.expectRevert(reason);
        vm.prank(caller);
        market.fill(deal, ranges, seller, buyer);
    }

    function _expectUnsigned(
        address account,
        Deal memory deal,
        Range[] memory ranges,
        bytes memory seller,
        bytes memory buyer
    ) private {
        vm.expectRevert(abi.encodeWithSelector(IMarket.SignatureInvalid.selector, account));
        vm.prank(PLATFORM_KEY);
        market.fill(deal, ranges, seller, buyer);
    }

    function _expectSale(bytes memory reason, Deal memory deal, BatchId batch, uint256 start, uint256 end) private {
        _expectFill(PLATFORM_KEY, reason, deal, rangesOf(batch, start, end));
    }
}
