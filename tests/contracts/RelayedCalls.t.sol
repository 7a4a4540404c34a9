// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {Guardian} from "../../contracts/Guardian.sol";
import {Market} from "../../contracts/Market.sol";
import {Recipient} from "../../contracts/Recipient.sol";
import {Registry} from "../../contracts/Registry.sol";
import {Roles} from "../../contracts/Roles.sol";
import {ICases, Serials} from "../../contracts/interfaces/ICases.sol";
import {Allotment, ICertificates} from "../../contracts/interfaces/ICertificates.sol";
import {IDeclarations} from "../../contracts/interfaces/IDeclarations.sol";
import {Deal, IMarket, Settlement} from "../../contracts/interfaces/IMarket.sol";
import {IReadings} from "../../contracts/interfaces/IReadings.sol";
import {Objection, Request} from "../../contracts/interfaces/IRelay.sol";
import {Filing, IRegistry, Opening} from "../../contracts/interfaces/IRegistry.sol";
import {BatchId} from "../../contracts/types/BatchId.sol";
import {MoveKind, Outcome, State} from "../../contracts/types/Classes.sol";
import {Range} from "../../contracts/types/Range.sol";
import {RelayWorld} from "./RelayWorld.sol";
import {Vm} from "./Vm.sol";
import {OwnedWallet} from "./Wallets.sol";

/// @notice The registry's contracts take the signer of a relayed call for its caller, and nobody else ever.
contract RelayedCallsTest is RelayWorld {
    uint32 private constant WAIT = 3 days;

    BatchId private batch;

    function setUp() public override {
        super.setUp();
        batch = issueWind(1, 100);
    }

    /* THE SAME AS DIRECTLY */

    /// @dev Events and state are those of the direct call, and one event more.
    function testFuzz_retire(uint256 start, uint256 end, bool mayAct) public {
        (start, end) = (bound(start, 0, 100), bound(end, 0, 101));
        Request memory request = retireOf(batch, start, end);
        request.from = mayAct ? signer : vm.addr(OTHER_SECRET);
        bytes memory signature = sign(mayAct ? SECRET : OTHER_SECRET, relay.hashOf(request));

        uint256 snapshot = vm.snapshotState();
        vm.recordLogs();
        vm.prank(request.from);
        (bool done, bytes memory answer) = request.to.call(request.data);
        Vm.Log[] memory direct = vm.getRecordedLogs();
        uint256 held = certificates.balanceOf(OWNER);
        vm.revertToState(snapshot);

        vm.recordLogs();
        relayAlone(request, signature);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, direct.length + 1, "events");
        for (uint256 i = 0; i < direct.length; ++i) {
            assertEq(keccak256(abi.encode(logs[i])), keccak256(abi.encode(direct[i])), "event");
        }
        assertTold(logs[direct.length], request, done, done ? bytes("") : answer);
        assertEq(certificates.balanceOf(OWNER), held, "balance");
    }

    /// @dev Calls with many items hand the signer on to each.
    function test_itemsAreTheSigners() public {
        uint256[] memory ids = new uint256[](2);
        relayAlone(requestOf(address(market), abi.encodeCall(Market.list, (batch, 0, 10, 350, 1))));
        ids[0] = 1;
        ids[1] = 2;
        vm.expectEmit(address(market));
        emit IMarket.Withdrawn(1, batch, 0, 10);
        vm.expectEmit(address(market));
        emit IMarket.ItemRefused(1, abi.encodeWithSelector(IMarket.ListingUnknown.selector, 2));
        relayAlone(requestOf(address(market), abi.encodeCall(Market.withdrawAll, (ids))));

        Allotment[] memory items = new Allotment[](1);
        items[0] = Allotment(batch, 0, 1, BUYER);
        vm.expectEmit(address(certificates));
        emit ICertificates.ItemRefused(
            0, abi.encodeWithSelector(ICertificates.MoveNotAllowed.selector, batch, MoveKind.Distribution)
        );
        relayAlone(requestOf(address(certificates), abi.encodeCall(ICertificates.distribute, (items, BASIS))));
    }

    function testFuzz_operatorThatIsAContract(uint256 nonce) public {
        address wallet = address(new OwnedWallet(signer));
        vm.prank(AUTHORITY);
        registry.setOperator(OWNER, wallet);
        Request memory request = retireOf(batch, 0, 100);
        assertRefused(request, abi.encodeWithSelector(ICertificates.MayNotAct.selector, OWNER, signer));
        (request.from, request.nonce) = (wallet, nonce);
        relayAlone(request);
        assertSegment(batch, 0, 0, 100, OWNER, State.Retired, false);
    }

    /* ROLES */

    function testFuzz_role(uint32 end) public {
        end = uint32(bound(end, 1, 100));
        bytes memory data = abi.encodeCall(ICertificates.freeze, (batch, 0, end, BASIS));
        assertRefused(requestOf(address(certificates), data), unauthorized(signer));
        manager.grantRole(Roles.AUTHORITY, signer, 0);
        relayAlone(requestOf(address(certificates), data));
        assertSegment(batch, 0, 0, end, OWNER, State.Frozen, false);
        manager.revokeRole(Roles.AUTHORITY, signer);
        assertRefused(requestOf(address(certificates), data), unauthorized(signer));
    }

    /// @dev A role with a delay is refused until the call was scheduled and its time has come, and then is used up.
    function testFuzz_delayedRole(uint256 wait) public {
        manager.grantRole(Roles.AUTHORITY, signer, WAIT);
        bytes memory data = abi.encodeCall(ICertificates.freeze, (batch, 0, 100, BASIS));
        bytes32 id = manager.hashOperation(signer, address(certificates), data);
        bytes memory unscheduled = abi.encodeWithSelector(IAccessManager.AccessManagerNotScheduled.selector, id);
        assertRefused(requestOf(address(certificates), data), unscheduled);
        vm.prank(signer);
        manager.schedule(address(certificates), data, 0);
        vm.warp(block.timestamp + bound(wait, 0, WAIT - 1));
        assertRefused(
            requestOf(address(certificates), data),
            abi.encodeWithSelector(IAccessManager.AccessManagerNotReady.selector, id)
        );
        assertSegment(batch, 0, 0, 100, OWNER, State.Held, false);
        vm.warp(NOW + WAIT);
        relayAlone(requestOf(address(certificates), data));
        assertSegment(batch, 0, 0, 100, OWNER, State.Frozen, false);
        assertRefused(requestOf(address(certificates), data), unscheduled);
    }

    function test_closed() public {
        vm.prank(GUARD);
        guardian.pause("");
        assertRefused(retireOf(batch, 0, 100), unauthorized(signer));
        assertSegment(batch, 0, 0, 100, OWNER, State.Held, false);
    }

    function testFuzz_guardian(string calldata why) public {
        bytes memory data = abi.encodeCall(Guardian.pause, (why));
        assertRefused(
            requestOf(address(guardian), data), abi.encodeWithSelector(Guardian.NotAGuardian.selector, signer)
        );
        manager.grantRole(Roles.GUARDIAN, signer, 0);
        Request memory request = requestOf(address(guardian), data);
        request.gas = 2 * GAS;
        vm.expectEmit(address(guardian));
        emit Guardian.Paused(signer, why);
        relayAlone(request);
        assertTrue(manager.isTargetClosed(address(market)), "closed");
    }

    /* SPOOFING */

    /// @dev An address behind the calldata counts for nothing unless the relay put it there.
    function testFuzz_appendedByACaller(uint256 seed) public {
        address caller = outsider(seed);
        vm.assume(caller != signer);
        vm.prank(caller);
        (bool done, bytes memory answer) =
            address(certificates).call(abi.encodePacked(retireOf(batch, 0, 100).data, signer));
        assertTrue(!done, "refused");
        bytes memory expected = abi.encodeWithSelector(ICertificates.MayNotAct.selector, OWNER, caller);
        assertEq(keccak256(answer), keccak256(expected), "the caller alone counts");

        vm.prank(caller);
        (done, answer) = address(certificates).call(
            abi.encodePacked(abi.encodeCall(ICertificates.freeze, (batch, 0, 1, BASIS)), AUTHORITY)
        );
        assertEq(keccak256(answer), keccak256(unauthorized(caller)), "whose role");
        assertTrue(!done, "refused by role");
    }

    function testFuzz_appendedByASigner(uint256 secret) public {
        secret = bound(secret, 1, CURVE - 1);
        address caller = vm.addr(secret);
        vm.assume(caller != signer);
        Request memory request = retireOf(batch, 0, 100);
        (request.from, request.data) = (caller, abi.encodePacked(request.data, signer));
        relayAlone(request, sign(secret, relay.hashOf(request)));
        assertTrue(relay.isRelayed(relay.hashOf(request)), "used up");
        assertSegment(batch, 0, 0, 100, OWNER, State.Held, false);
    }

    /// @dev What only the contracts may do for each other nobody has them do through the relay.
    function test_contractsSignNothing() public {
        Recipient[7] memory all = recipients();
        for (uint256 i = 0; i < 7; ++i) {
            Request memory request = requestOf(
                address(certificates), abi.encodeCall(ICertificates.sell, (batch, 0, 100, OWNER, BUYER))
            );
            request.from = address(all[i]);
            assertPassedOver(request, signed(request), Objection.NotSigned, vm.toString(i));
        }
    }

    /// @dev Calls that a contract makes to itself are no signer's, nor the relay's.
    function test_onlySelf() public {
        bytes memory refused = abi.encodeWithSelector(IMarket.OnlySelf.selector);
        Settlement memory settlement;
        assertRefused(requestOf(address(market), abi.encodeCall(Market.withdrawOne, (1, signer))), refused);
        assertRefused(requestOf(address(market), abi.encodeCall(Market.settleOne, (settlement, signer))), refused);
        bytes memory data =
            abi.encodeCall(ICertificates.distributeOne, (Allotment(batch, 0, 1, BUYER), BASIS, PROVINCE_KEY));
        assertRefused(requestOf(address(certificates), data), refused);
    }

    function testFuzz_oneRelayIsTrusted(uint256 seed) public view {
        address other = outsider(seed);
        Recipient[7] memory all = recipients();
        for (uint256 i = 0; i < 7; ++i) {
            assertTrue(all[i].isTrustedForwarder(address(relay)), "its relay");
            assertTrue(!all[i].isTrustedForwarder(other), "no other");
            assertTrue(!all[i].isTrustedForwarder(address(manager)), "nor the manager");
        }
    }

    /* WHO IS TOLD */

    /// @dev Every entry point that asks or tells who calls asks and tells of the signer.
    function test_everyEntryPointMeansTheSigner() public {
        bytes memory mayNot = abi.encodeWithSelector(IRegistry.MayNotAct.selector, BUYER, signer);
        address to = address(registry);
        assertRefused(requestOf(to, abi.encodeCall(Registry.openInstitutions, (new Opening[](0)))), unauthorized(signer));
        assertRefused(requestOf(to, abi.encodeCall(Registry.fileMandate, (BUYER, AGENT, 0, 1, BASIS))), mayNot);
        vm.prank(BUYER_KEY);
        registry.fileMandate(BUYER, AGENT, 0, type(uint40).max, BASIS);
        assertRefused(requestOf(to, abi.encodeCall(Registry.revokeMandate, (BUYER))), mayNot);
        file(filingOf(windOf(3), OTHER_OWNER, OTHER_OWNER_KEY));
        bytes memory mayNotOther = abi.encodeWithSelector(IRegistry.MayNotAct.selector, OTHER_OWNER, signer);
        assertRefused(requestOf(to, abi.encodeCall(Registry.chooseCcer, (windOf(3), true))), mayNotOther);
        uint256 leaf = leafOf(windOf(3), 0, 1);
        assertRefused(
            requestOf(address(declarations), abi.encodeCall(IDeclarations.declare, (MONTH, leaf, BASIS))), mayNotOther
        );

        to = address(market);
        list(2);
        bytes memory platform = abi.encodeWithSelector(IMarket.MayNotAct.selector, PLATFORM_ACCOUNT, signer);
        assertRefused(requestOf(to, abi.encodeCall(Market.take, (1, 1, BUYER, PLATFORM_ACCOUNT))), platform);
        Deal memory deal;
        (deal.platform, deal.seller, deal.expires) = (PLATFORM_ACCOUNT, BUYER, type(uint64).max);
        assertRefused(requestOf(to, abi.encodeCall(Market.fill, (deal, new Range[](0), "", ""))), platform);
        assertRefused(requestOf(to, abi.encodeCall(Market.cancel, (deal))), mayNot);
        assertRefused(requestOf(to, abi.encodeCall(Market.settle, (new Settlement[](0)))), unauthorized(signer));
    }

    function list(uint32 end) private {
        Request memory request = requestOf(address(market), abi.encodeCall(Market.list, (batch, 0, end, 350, 1)));
        relayAlone(request);
        assertSegment(batch, 0, 0, end, OWNER, State.Listed, false);
    }

    /// @dev What the contracts keep or tell of their caller is the signer.
    function test_theSignerIsKeptAndTold() public {
        manager.grantRole(Roles.PROVIDER, signer, 0);
        manager.grantRole(Roles.PROVINCE, signer, 0);
        manager.grantRole(Roles.INFO_CENTRE, signer, 0);
        manager.grantRole(Roles.AUTHORITY, signer, 0);
        relayAlone(requestOf(address(readings), abi.encodeCall(IReadings.commit, (MONTH, BASIS, 1, 1, BASIS, 0))));
        assertEq(readings.commitment(readings.commitments()).provider, signer, "provider");

        vm.prank(AUTHORITY);
        registry.setOperator(PROVINCE_ACCOUNT, signer);
        Filing[] memory filings = new Filing[](1);
        filings[0] = filingOf(windOf(7), OWNER, OWNER_KEY);
        vm.prank(REGISTRAR);
        registry.submit(filings);
        vm.expectEmit(address(registry));
        emit IRegistry.FilingReviewed(windOf(7), 1, true, signer, "");
        relayAlone(requestOf(address(registry), abi.encodeCall(IRegistry.review, (filings, true, ""))));
        _declareAndCheck(leafOf(windOf(7), 0, 1));
    }

    /// @dev An officer signs, anybody sends: it counts as the officer's, once, and only for the root that was signed.
    function test_officersSign() public {
        vm.prank(PROVIDER);
        uint24 id = readings.commit(MONTH, BASIS, 1, 1, BASIS, 0);
        address to = address(readings);
        assertRefused(requestOf(to, abi.encodeCall(IReadings.approve, (id, BASIS))), unauthorized(signer));
        manager.grantRole(Roles.OFFICER, signer, 0);
        bytes memory reason = abi.encodeWithSelector(IReadings.CommitmentRootIs.selector, id, BASIS);
        assertRefused(requestOf(to, abi.encodeCall(IReadings.approve, (id, keccak256("other")))), reason);
        vm.expectEmit(to);
        emit IReadings.CommitmentApproved(id, signer, 1);
        relayAlone(requestOf(to, abi.encodeCall(IReadings.approve, (id, BASIS))));
        reason = abi.encodeWithSelector(IReadings.ApprovedAlready.selector, id, signer);
        assertRefused(requestOf(to, abi.encodeCall(IReadings.approve, (id, BASIS))), reason);
        assertTrue(readings.approved(id, signer), "approved");
        assertEq(readings.commitment(id).approvals, 1, "approvals");
        assertRefused(requestOf(to, abi.encodeCall(IReadings.setQuorum, (0))), unauthorized(signer));
    }

    function _declareAndCheck(uint256 leaf) private {
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = keccak256(abi.encode(MONTH, leaf, BASIS));
        address to = address(declarations);
        vm.expectEmit(to);
        emit IDeclarations.Declared(ids[0], MONTH, OWNER, leaf, BASIS, signer);
        relayAlone(requestOf(to, abi.encodeCall(IDeclarations.declare, (MONTH, leaf, BASIS))));
        vm.expectEmit(to);
        emit IDeclarations.DeclarationChecked(ids[0], true, signer, "");
        relayAlone(requestOf(to, abi.encodeCall(IDeclarations.check, (ids, true, ""))));
        bytes32[] memory evidence = new bytes32[](1);
        evidence[0] = BASIS;
        uint24 next = readings.commitments() + 1;
        vm.expectEmit(to);
        emit IDeclarations.DeclarationRechecked(ids[0], true, signer, "", next, 0);
        relayAlone(
            requestOf(to, abi.encodeCall(IDeclarations.recheck, (MONTH, alone(leaf), evidence, true, "")))
        );
        // Between contracts the contract calls, not the signer.
        assertEq(readings.commitment(next).provider, to, "provider of what was declared");
    }

    function test_theSignerIsToldOfCases() public {
        manager.grantRole(Roles.EXCHANGE, signer, 0);
        manager.grantRole(Roles.REGIONAL_OFFICE, signer, 0);
        manager.grantRole(Roles.AUTHORITY, signer, 0);
        address to = address(cases);
        relayAlone(requestOf(to, abi.encodeCall(ICases.open, (batch, new Serials[](0), BASIS, "why"))));
        vm.expectEmit(to);
        emit ICases.CaseProposed(1, signer, 0, BASIS, "why");
        relayAlone(requestOf(to, abi.encodeCall(ICases.propose, (1, 0, BASIS, "why"))));
        vm.expectEmit(to);
        emit ICases.CaseChecked(1, signer, true, BASIS, "why");
        relayAlone(requestOf(to, abi.encodeCall(ICases.check, (1, true, BASIS, "why"))));
        vm.expectEmit(to);
        emit ICases.CaseDecided(1, signer, Outcome.Undone, 0, BASIS, "why");
        relayAlone(requestOf(to, abi.encodeCall(ICases.decide, (1, Outcome.Undone, BASIS, "why"))));
        manager.revokeRole(Roles.AUTHORITY, signer);
        assertRefused(
            requestOf(to, abi.encodeCall(ICases.close, (1))),
            abi.encodeWithSelector(ICases.MayNotAct.selector, OWNER, signer)
        );
        manager.grantRole(Roles.AUTHORITY, signer, 0);
        vm.expectEmit(to);
        emit ICases.CaseClosed(1, signer);
        relayAlone(requestOf(to, abi.encodeCall(ICases.close, (1))));
    }
}
