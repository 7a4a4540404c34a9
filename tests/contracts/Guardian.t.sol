// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {Cases} from "../../contracts/Cases.sol";
import {Certificates} from "../../contracts/Certificates.sol";
import {Declarations} from "../../contracts/Declarations.sol";
import {Governed} from "../../contracts/Governed.sol";
import {Guardian} from "../../contracts/Guardian.sol";
import {Market} from "../../contracts/Market.sol";
import {Readings} from "../../contracts/Readings.sol";
import {Registry} from "../../contracts/Registry.sol";
import {Serials, Step} from "../../contracts/interfaces/ICases.sol";
import {Allotment, ICertificates} from "../../contracts/interfaces/ICertificates.sol";
import {Deal, DealStatus, IMarket, Settlement} from "../../contracts/interfaces/IMarket.sol";
import {Filing, Opening} from "../../contracts/interfaces/IRegistry.sol";
import {BatchId} from "../../contracts/types/BatchId.sol";
import {MoveKind, Outcome, State} from "../../contracts/types/Classes.sol";
import {ProjectId} from "../../contracts/types/ProjectId.sol";
import {Range} from "../../contracts/types/Range.sol";
import {World} from "./World.sol";

/// @notice The guardian closes everything at once and can do nothing else; governance opens again.
contract GuardianTest is World {
    struct Entry {
        address target;
        address caller;
        bytes data;
        /// @dev Who is refused: the caller, or the market on its behalf.
        address refused;
    }

    uint256 private constant SELLER_SECRET = 0x5e11;
    uint256 private constant BUYER_SECRET = 0xb111;

    Entry[] private entries;
    BatchId private batch;
    uint256 private listing;

    function setUp() public override {
        super.setUp();
        batch = issueWind(1, 100);
        listing = list(batch, 50, 100);
        file(filingOf(windOf(2), OTHER_OWNER, vm.addr(SELLER_SECRET)));
        vm.prank(AUTHORITY);
        registry.setOperator(OTHER_BUYER, vm.addr(BUYER_SECRET));
    }

    /* CLOSING */

    /// @dev Before, none of these is refused for the brake; afterwards all of them are, whoever calls.
    function test_pause_closesEveryEntryPoint() public {
        _collect();
        for (uint256 i = 0; i < entries.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            (, bytes memory answer) = _call(entries[i]);
            bool refused = _isRefusal(answer, entries[i].refused);
            vm.revertToState(snapshot);
            assertTrue(!refused, _named("open", i));
        }
        _pause();
        for (uint256 i = 0; i < entries.length; ++i) {
            (bool done, bytes memory answer) = _call(entries[i]);
            assertTrue(!done && _isRefusal(answer, entries[i].refused), _named("closed", i));
        }
    }

    /// @dev Calls of many items refuse each item.
    function test_pause_refusesEveryItem() public {
        _pause();
        uint256[] memory ids = new uint256[](1);
        ids[0] = listing;
        vm.expectEmit(address(market));
        emit IMarket.ItemRefused(0, unauthorized(address(market)));
        vm.prank(OWNER_KEY);
        market.withdrawAll(ids);
        assertSegment(batch, 50, 50, 100, OWNER, State.Listed, false);
        assertEq(market.listingOf(listing).end, 100, "still on sale");
    }

    /// @dev Everybody still reads and verifies.
    function testFuzz_pause_leavesReadingOpen(uint256 serial) public {
        uint256 token = batch.tokenId(uint32(serial % 100));
        bytes32 hash = certificates.facts(token).hash;
        _pause();
        (bool genuine,) = certificates.verify(hash);
        assertTrue(genuine, "verifies");
        assertEq(certificates.ownerOf(token), OWNER, "owner");
        assertEq(registry.actorOf(OWNER), OWNER_KEY, "who acts");
    }

    function testFuzz_pause(string calldata reason) public {
        vm.expectEmit(address(guardian));
        emit Guardian.Paused(GUARD, reason);
        vm.prank(GUARD);
        guardian.pause(reason);
        address[6] memory targets = _contracts();
        for (uint256 i = 0; i < targets.length; ++i) {
            assertTrue(manager.isTargetClosed(targets[i]), "closed");
        }
        // Once more changes nothing.
        vm.prank(GUARD);
        guardian.pause(reason);
    }

    /* WHO */

    function testFuzz_onlyGuardiansClose(uint256 seed) public {
        address[8] memory callers = [
            outsider(seed), AUTHORITY, INFO_CENTRE, PROVIDER, REGISTRAR, EXCHANGE, OWNER_KEY, address(this)
        ];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(Guardian.NotAGuardian.selector, callers[i]));
            vm.prank(callers[i]);
            guardian.pause("why");
        }
        assertTrue(!manager.isTargetClosed(address(market)), "open");
    }

    /// @dev The guardian's key has no right in the manager: it opens nothing and closes nothing by itself.
    function testFuzz_guardianCannotOpen(bool closed) public {
        _pause();
        address[6] memory targets = _contracts();
        for (uint256 i = 0; i < targets.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IAccessManager.AccessManagerUnauthorizedAccount.selector, GUARD, manager.ADMIN_ROLE()
                )
            );
            vm.prank(GUARD);
            manager.setTargetClosed(targets[i], closed);
        }
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessManager.AccessManagerUnauthorizedAccount.selector, GUARD, manager.ADMIN_ROLE()
            )
        );
        vm.prank(GUARD);
        manager.grantRole(1, GUARD, 0);
    }

    /// @dev Another guardian may be named, and the last one loses the right.
    function testFuzz_guardiansChange(uint256 seed) public {
        address next = outsider(seed);
        manager.grantRole(9, next, 0);
        manager.revokeRole(9, GUARD);
        vm.expectRevert(abi.encodeWithSelector(Guardian.NotAGuardian.selector, GUARD));
        vm.prank(GUARD);
        guardian.pause("why");
        vm.prank(next);
        guardian.pause("why");
        assertTrue(manager.isTargetClosed(address(registry)), "closed");
    }

    /// @dev This contract is governance.
    function testFuzz_governanceOpens(uint256 quantity) public {
        uint32 part = uint32(bound(quantity, 1, 50));
        _pause();
        address[6] memory targets = _contracts();
        for (uint256 i = 0; i < targets.length; ++i) {
            manager.setTargetClosed(targets[i], false);
        }
        take(listing, part, BUYER);
        assertEq(certificates.balanceOf(BUYER), part, "trade goes on");
        vm.prank(BUYER_KEY);
        certificates.retire(batch, 50, 50 + part, claimOf());
    }

    /// @dev Nobody can put the contracts under another manager, not even the manager.
    function testFuzz_authorityIsFixed(uint256 seed) public {
        address[6] memory targets = _contracts();
        address[3] memory callers = [outsider(seed), address(this), address(manager)];
        for (uint256 i = 0; i < targets.length; ++i) {
            assertEq(Governed(targets[i]).authority(), address(manager), "manager");
            vm.expectRevert(abi.encodeWithSelector(Governed.AuthorityFixed.selector));
            vm.prank(callers[i % 3]);
            Governed(targets[i]).setAuthority(callers[i % 3]);
        }
    }

    /* THE CALLS */

    function _collect() private {
        address to = address(registry);
        _add(to, AUTHORITY, abi.encodeCall(Registry.openInstitutions, (new Opening[](0))));
        _add(to, REGISTRAR, abi.encodeCall(Registry.openBuyers, (new Opening[](0))));
        _add(to, AUTHORITY, abi.encodeCall(Registry.setOperator, (BUYER, STRANGER)));
        _add(to, AUTHORITY, abi.encodeCall(Registry.setFrozen, (BUYER, true, "")));
        _add(to, AUTHORITY, abi.encodeCall(Registry.close, (BUYER, "")));
        _add(to, OWNER_KEY, abi.encodeCall(Registry.fileMandate, (OWNER, AGENT, 0, type(uint40).max, BASIS)));
        _add(to, OWNER_KEY, abi.encodeCall(Registry.revokeMandate, (OWNER)));
        _add(to, REGISTRAR, abi.encodeCall(Registry.submit, (new Filing[](0))));
        _add(to, PROVINCE_KEY, abi.encodeCall(Registry.review, (new Filing[](0), true, "")));
        _add(to, OWNER_KEY, abi.encodeCall(Registry.chooseCcer, (windOf(1), true)));
        _add(to, CCER_REGISTRY, abi.encodeCall(Registry.registerCcer, (windOf(1), MONTH, MONTH, "")));
        _add(to, AUTHORITY, abi.encodeCall(Registry.setCcerLinkage, (1)));
        _add(to, address(certificates), abi.encodeCall(Registry.credit, (MONTH, new uint256[](0), 0)));
        _add(to, address(cases), abi.encodeCall(Registry.correct, (windOf(1), MONTH, 0, 1, 1)));

        to = address(readings);
        _add(to, PROVIDER, abi.encodeCall(Readings.commit, (MONTH, BASIS, 1, 1, BASIS, 0)));
        _add(to, address(declarations), abi.encodeCall(Readings.commitDeclared, (MONTH, BASIS, 1, 1, BASIS, 0)));
        _add(to, address(certificates), abi.encodeCall(Readings.draw, (1, 0, 1)));
        _add(to, OFFICER, abi.encodeCall(Readings.approve, (1, BASIS)));
        _add(to, address(this), abi.encodeCall(Readings.setQuorum, (1)));

        to = address(declarations);
        _add(to, OWNER_KEY, abi.encodeCall(Declarations.declare, (MONTH, leafOf(windOf(1), 1, 1), BASIS)));
        _add(to, INFO_CENTRE, abi.encodeCall(Declarations.check, (new bytes32[](0), true, "")));
        _add(to, AUTHORITY, abi.encodeCall(Declarations.recheck, (MONTH, new uint256[](0), new bytes32[](0), true, "")));

        to = address(cases);
        _add(to, OWNER_KEY, abi.encodeCall(Cases.open, (batch, new Serials[](0), BASIS, "why")));
        _add(to, EXCHANGE, abi.encodeCall(Cases.propose, (1, 1, BASIS, "why")));
        _add(to, OFFICE, abi.encodeCall(Cases.check, (1, true, BASIS, "why")));
        _add(to, AUTHORITY, abi.encodeCall(Cases.decide, (1, Outcome.Added, BASIS, "why")));
        _add(to, AUTHORITY, abi.encodeCall(Cases.execute, (1, new Step[](0))));
        _add(to, OWNER_KEY, abi.encodeCall(Cases.close, (1)));
        _add(to, AUTHORITY, abi.encodeCall(Cases.setDeadlines, (1, 1, 1, 1)));

        _collectOfCertificates();
        _collectOfMarket();
    }

    function _collectOfCertificates() private {
        address to = address(certificates);
        address sale = address(market);
        address court = address(cases);
        _add(to, AUTHORITY, abi.encodeCall(Certificates.issue, (1, 0, new uint256[](0), new bytes32[](0))));
        _add(to, AUTHORITY, abi.encodeCall(Certificates.move, (batch, 0, 1, BUYER, MoveKind.Succession, BASIS)));
        _add(to, PROVINCE_KEY, abi.encodeCall(Certificates.distribute, (new Allotment[](1), BASIS)));
        _add(to, sale, abi.encodeCall(Certificates.list, (batch, 0, 1, OWNER_KEY)));
        _add(to, sale, abi.encodeCall(Certificates.unlist, (batch, 50, 51)));
        _add(to, sale, abi.encodeCall(Certificates.trade, (batch, 50, 51, BUYER)));
        _add(to, sale, abi.encodeCall(Certificates.sell, (batch, 0, 1, OWNER, BUYER)));
        _add(to, AUTHORITY, abi.encodeCall(Certificates.freeze, (batch, 0, 1, BASIS)));
        _add(to, AUTHORITY, abi.encodeCall(Certificates.unfreeze, (batch, 0, 1, BASIS)));
        _add(to, court, abi.encodeCall(Certificates.doubt, (batch, 0, 1, OWNER, 1)));
        _add(to, court, abi.encodeCall(Certificates.trust, (batch, 0, 1, 1)));
        _add(to, court, abi.encodeCall(Certificates.add, (batch, 1, 1, BASIS)));
        _add(to, court, abi.encodeCall(Certificates.deduct, (batch, 0, 1, 1)));
        _add(to, court, abi.encodeCall(Certificates.undoTrade, (batch, 0, 1, 1)));
        _add(to, court, abi.encodeCall(Certificates.undoRetirement, (batch, 0, 1, 1)));
        _add(to, OWNER_KEY, abi.encodeCall(Certificates.retire, (batch, 0, 1, claimOf())));
        _add(to, STRANGER, abi.encodeCall(Certificates.retireDue, (batch, 0, 1)));
        _add(to, STRANGER, abi.encodeCall(Certificates.sweep, (new Range[](1))));
        _add(to, STRANGER, abi.encodeCall(Certificates.warn, (MONTH)));
    }

    /// @dev What the market does to certificates is refused to it by them.
    function _collectOfMarket() private {
        address to = address(market);
        uint256[] memory ids = new uint256[](1);
        ids[0] = listing;
        _add(to, EXCHANGE, abi.encodeCall(Market.settle, (new Settlement[](1))));
        _add(to, OWNER_KEY, abi.encodeCall(Market.cancel, (_deal())));
        _addThrough(OWNER_KEY, abi.encodeCall(Market.list, (batch, 0, 50, 350, 1)));
        _addThrough(OWNER_KEY, abi.encodeCall(Market.withdraw, (listing)));
        _addThrough(PLATFORM_KEY, abi.encodeCall(Market.take, (listing, 1, BUYER, PLATFORM_ACCOUNT)));
        _addThrough(PLATFORM_KEY, abi.encodeCall(Market.takeAcross, (ids, 1, BUYER, PLATFORM_ACCOUNT)));
        Range[] memory ranges = new Range[](1);
        ranges[0] = Range(batch, 0, 10);
        Deal memory deal = _deal();
        bytes32 digest = market.hashOf(deal);
        bytes memory fill =
            abi.encodeCall(Market.fill, (deal, ranges, _sign(SELLER_SECRET, digest), _sign(BUYER_SECRET, digest)));
        _addThrough(PLATFORM_KEY, fill);
    }

    function _deal() private view returns (Deal memory) {
        return Deal({
            seller: OTHER_OWNER,
            buyer: OTHER_BUYER,
            project: windOf(1),
            batch: batch,
            start: 0,
            end: 0,
            quantity: 10,
            price: 350,
            platform: PLATFORM_ACCOUNT,
            paidOnPlatform: true,
            expires: uint64(NOW + 1 days),
            nonce: 1
        });
    }

    /* INTERNALS */

    function _add(address target, address caller, bytes memory data) private {
        entries.push(Entry(target, caller, data, caller));
    }

    function _addThrough(address caller, bytes memory data) private {
        entries.push(Entry(address(market), caller, data, address(market)));
    }

    function _call(Entry storage entry) private returns (bool, bytes memory) {
        vm.prank(entry.caller);
        return entry.target.call(entry.data);
    }

    /// @dev A failure says which call it was.
    function _named(string memory what, uint256 i) private view returns (string memory) {
        return string.concat(what, ": call ", vm.toString(i));
    }

    function _isRefusal(bytes memory answer, address refused) private pure returns (bool) {
        return keccak256(answer) == keccak256(unauthorized(refused));
    }

    function _pause() private {
        vm.prank(GUARD);
        guardian.pause("why");
    }

    function _sign(uint256 secret, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(secret, digest);
        return abi.encodePacked(r, s, v);
    }

    function _contracts() private view returns (address[6] memory) {
        return [
            address(registry),
            address(readings),
            address(certificates),
            address(market),
            address(declarations),
            address(cases)
        ];
    }
}
