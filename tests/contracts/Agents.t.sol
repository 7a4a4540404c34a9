// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Serials} from "../../contracts/interfaces/ICases.sol";
import {ICertificates} from "../../contracts/interfaces/ICertificates.sol";
import {Deal} from "../../contracts/interfaces/IMarket.sol";
import {AccountKind, IRegistry, Mandate, Opening} from "../../contracts/interfaces/IRegistry.sol";
import {BatchId} from "../../contracts/types/BatchId.sol";
import {State, Technology} from "../../contracts/types/Classes.sol";
import {ProjectId} from "../../contracts/types/ProjectId.sol";
import {World} from "./World.sol";

/// @notice An agent acts for its principal while a mandate lasts, and the principal does not (Q36, Q40).
contract AgentsTest is World {
    bytes32 private constant AGREEMENT = keccak256("agreement");
    address private constant SECOND_AGENT = address(0xAC41);
    address private constant SECOND_AGENT_KEY = address(0xCE41);

    BatchId private batch;
    BatchId private others;

    function setUp() public override {
        super.setUp();
        Opening[] memory openings = new Opening[](1);
        openings[0] = Opening(SECOND_AGENT, AccountKind.Agent, 0, SECOND_AGENT_KEY, "Second agent");
        vm.prank(AUTHORITY);
        registry.openInstitutions(openings);
        batch = issueWind(1, 100);
        ProjectId project = windOf(2);
        file(filingOf(project, OTHER_OWNER, OTHER_OWNER_KEY));
        issue(MONTH, alone(leafOf(project, 0, 100 * CERTIFICATE)));
        others = batchOf(project);
    }

    /* FILING */

    function testFuzz_fileMandate_revertsInOrder(uint256 seed, uint40 from, uint40 until) public {
        address nobody = outsider(seed);
        until = uint40(bound(until, 0, type(uint40).max - 1));
        uint40 after_ = uint40(bound(from, until, type(uint40).max));
        _expectFiling(nobody, abi.encodeWithSelector(IRegistry.MayNotAct.selector, OWNER, nobody), BUYER, after_, until, 0);
        _expectFiling(AUTHORITY, abi.encodeWithSelector(IRegistry.MayNotAct.selector, OWNER, AUTHORITY), BUYER, after_, until, 0);
        _file(uint40(NOW + 1 days), uint40(NOW + 2 days));
        bytes memory reason =
            abi.encodeWithSelector(IRegistry.MandateStands.selector, OWNER, uint40(NOW + 2 days));
        _expectFiling(OWNER_KEY, reason, BUYER, after_, until, 0);
        vm.prank(OWNER_KEY);
        registry.revokeMandate(OWNER);
        _expectFiling(OWNER_KEY, abi.encodeWithSelector(IRegistry.NotAnAgent.selector, BUYER), BUYER, after_, until, 0);
        _expectFiling(OWNER_KEY, abi.encodeWithSelector(IRegistry.NotAnAgent.selector, nobody), nobody, after_, until, 0);
        vm.prank(AUTHORITY);
        registry.close(SECOND_AGENT, "gone");
        reason = abi.encodeWithSelector(IRegistry.AccountIsClosed.selector, SECOND_AGENT);
        _expectFiling(OWNER_KEY, reason, SECOND_AGENT, after_, until, 0);
        reason = abi.encodeWithSelector(IRegistry.MandatePeriod.selector, after_, until);
        _expectFiling(OWNER_KEY, reason, AGENT, after_, until, 0);
        uint40 over = uint40(bound(until, 1, NOW));
        reason = abi.encodeWithSelector(IRegistry.MandatePeriod.selector, over - 1, over);
        _expectFiling(OWNER_KEY, reason, AGENT, over - 1, over, 0);
        reason = abi.encodeWithSelector(IRegistry.EvidenceZero.selector);
        _expectFiling(OWNER_KEY, reason, AGENT, uint40(NOW), uint40(NOW + 1), 0);
    }

    function testFuzz_fileMandate(uint40 from, uint40 until, bytes32 document) public {
        until = uint40(bound(until, NOW + 2, type(uint40).max));
        from = uint40(bound(from, 0, until - 1));
        if (document == 0) document = AGREEMENT;
        vm.expectEmit(address(registry));
        emit IRegistry.MandateFiled(OWNER, AGENT, from, until, document);
        vm.prank(OWNER_KEY);
        registry.fileMandate(OWNER, AGENT, from, until, document);
        Mandate memory made = registry.mandateOf(OWNER);
        assertEq(made.agent, AGENT, "agent");
        assertEq(made.from, from, "from");
        assertEq(made.until, until, "until");
        assertTrue(registry.account(OWNER).mandated, "mandated");
        if (from > NOW) _assertActor(OWNER_KEY, AGENT_KEY);
        if (from > NOW) vm.warp(from - 1);
        if (from > NOW) _assertActor(OWNER_KEY, AGENT_KEY);
        if (from > NOW) vm.warp(from);
        _assertActor(AGENT_KEY, OWNER_KEY);
        vm.warp(until - 1);
        _assertActor(AGENT_KEY, OWNER_KEY);
        vm.warp(until);
        _assertActor(OWNER_KEY, AGENT_KEY);
        assertEq(registry.actorOf(AGENT), AGENT_KEY, "the agent acts for itself");
    }

    /// @dev The next mandate may be filed when the last one is over, not before, by the principal again.
    function testFuzz_nextMandate(uint256 length) public {
        uint40 until = uint40(NOW + bound(length, 1, 3650 days));
        _file(0, until);
        vm.warp(until - 1);
        bytes memory reason = abi.encodeWithSelector(IRegistry.MandateStands.selector, OWNER, until);
        _expectFiling(AGENT_KEY, reason, AGENT, until, until + 1, AGREEMENT);
        vm.warp(until);
        _expectFiling(
            AGENT_KEY,
            abi.encodeWithSelector(IRegistry.MayNotAct.selector, OWNER, AGENT_KEY),
            AGENT,
            until,
            until + 1,
            AGREEMENT
        );
        vm.prank(OWNER_KEY);
        registry.fileMandate(OWNER, SECOND_AGENT, until, until + 1, AGREEMENT);
        _assertActor(SECOND_AGENT_KEY, AGENT_KEY);
        _assertActor(SECOND_AGENT_KEY, OWNER_KEY);
    }

    /* REVOKING */

    function testFuzz_revokeMandate_revertsInOrder(uint256 seed, uint256 later) public {
        address nobody = outsider(seed);
        bytes memory unknown = abi.encodeWithSelector(IRegistry.MandateUnknown.selector, OWNER);
        _expectRevocation(nobody, unknown);
        _expectRevocation(AUTHORITY, unknown);
        _file(0, uint40(NOW + 1 days));
        _expectRevocation(nobody, abi.encodeWithSelector(IRegistry.MayNotAct.selector, OWNER, nobody));
        address[4] memory wrong = [BUYER_KEY, OTHER_OWNER_KEY, SECOND_AGENT_KEY, GUARD];
        for (uint256 i = 0; i < wrong.length; ++i) {
            _expectRevocation(wrong[i], abi.encodeWithSelector(IRegistry.MayNotAct.selector, OWNER, wrong[i]));
        }
        vm.warp(NOW + 1 days + later % 3650 days);
        _expectRevocation(OWNER_KEY, unknown);
    }

    /// @dev Before it begins or while it lasts, whether the principal or the agent is frozen or not.
    function testFuzz_revokeMandate(uint256 by, uint40 from, bool frozen) public {
        address caller = by % 3 == 0 ? OWNER_KEY : by % 3 == 1 ? AGENT_KEY : AUTHORITY;
        _file(uint40(bound(from, 0, NOW + 1 days)), uint40(NOW + 2 days));
        vm.startPrank(AUTHORITY);
        registry.setFrozen(OWNER, frozen, "");
        registry.setFrozen(AGENT, frozen, "");
        vm.stopPrank();
        vm.expectEmit(address(registry));
        emit IRegistry.MandateRevoked(OWNER, AGENT);
        vm.prank(caller);
        registry.revokeMandate(OWNER);
        Mandate memory found = registry.mandateOf(OWNER);
        assertEq(found.agent, address(0), "no agent");
        assertEq(found.until, 0, "no end");
        if (frozen) assertEq(registry.actorOf(OWNER), address(0), "still frozen by the authority");
        vm.startPrank(AUTHORITY);
        registry.setFrozen(OWNER, false, "");
        registry.setFrozen(AGENT, false, "");
        vm.stopPrank();
        _assertActor(OWNER_KEY, AGENT_KEY);
        _expectRevocation(caller, abi.encodeWithSelector(IRegistry.MandateUnknown.selector, OWNER));
        _file(uint40(NOW), uint40(NOW + 1));
        _assertActor(AGENT_KEY, OWNER_KEY);
    }

    /* ACTING */

    /// @dev Everything that an owner does, done by the agent; refused to the owner just before.
    function testFuzz_agentActsOnThePrincipalsAccount(uint256 cut) public {
        uint32 middle = uint32(bound(cut, 1, 99));
        _file(0, uint40(NOW + 1 days));
        _expectNoCall(OWNER_KEY, batch, OWNER);
        vm.startPrank(AGENT_KEY);
        uint256 listing = market.list(batch, 0, middle, 350, 1);
        market.withdraw(listing);
        certificates.retire(batch, 0, middle, claimOf());
        bytes32 declaration = declarations.declare(MONTH, leafOf(windOf(1), 1, 1), AGREEMENT);
        market.cancel(_deal(OWNER));
        Serials[] memory doubtful = new Serials[](1);
        doubtful[0] = Serials(middle, 100);
        uint24 caseId = cases.open(batch, doubtful, AGREEMENT, "why");
        cases.close(caseId);
        vm.stopPrank();
        assertSegment(batch, 0, 0, middle, OWNER, State.Retired, false);
        assertSegment(batch, middle, middle, 100, OWNER, State.Held, false);
        assertEq(uint256(declarations.stageOf(declaration)), 1, "declared");
        assertEq(certificates.balanceOf(OWNER), 100 - middle, "the principal holds");
        assertEq(certificates.balanceOf(AGENT), 0, "the agent holds nothing");
        assertEq(cases.caseOf(caseId).claimant, OWNER, "the principal claims");
    }

    function test_agentChoosesCcerForThePrincipal() public {
        ProjectId project = projectOf(Technology.SolarThermal, PROVINCE, 3);
        file(filingOf(project, OWNER, OWNER_KEY));
        _file(0, uint40(NOW + 1 days));
        vm.expectRevert(abi.encodeWithSelector(IRegistry.MayNotAct.selector, OWNER, OWNER_KEY));
        vm.prank(OWNER_KEY);
        registry.chooseCcer(project, true);
        vm.prank(AGENT_KEY);
        registry.chooseCcer(project, true);
        (bool chosen,) = registry.ccerOf(project, MONTH);
        assertTrue(chosen, "chosen");
    }

    /// @dev A mandate reaches no other account, and a second agent has no part in it.
    function testFuzz_agentActsNowhereElse(uint256 seed) public {
        _file(0, uint40(NOW + 1 days));
        _expectNoCall(AGENT_KEY, others, OTHER_OWNER);
        _expectNoCall(SECOND_AGENT_KEY, batch, OWNER);
        _expectNoCall(outsider(seed), batch, OWNER);
        address[4] memory accounts = [BUYER, OTHER_OWNER, PROVINCE_ACCOUNT, SECOND_AGENT];
        for (uint256 i = 0; i < accounts.length; ++i) {
            assertTrue(!registry.mayAct(accounts[i], AGENT_KEY), "not for others");
        }
    }

    /// @dev An agent that is a principal itself: mandates are not handed on, and one for oneself changes nothing.
    function test_mandatesAreNotTransitive() public {
        _file(0, uint40(NOW + 2 days));
        vm.prank(AGENT_KEY);
        registry.fileMandate(AGENT, SECOND_AGENT, 0, uint40(NOW + 1 days), AGREEMENT);
        assertEq(registry.actorOf(AGENT), SECOND_AGENT_KEY, "the second agent acts for the agent");
        assertEq(registry.actorOf(OWNER), AGENT_KEY, "the agent acts for its principal");
        vm.warp(NOW + 1 days);
        assertEq(registry.actorOf(AGENT), AGENT_KEY, "the agent acts for itself again");
        vm.prank(AGENT_KEY);
        registry.fileMandate(AGENT, AGENT, 0, uint40(NOW + 3 days), AGREEMENT);
        assertEq(registry.actorOf(AGENT), AGENT_KEY, "its own agent");
    }

    /* FROZEN AND CLOSED */

    function testFuzz_agentFrozenOrClosed(bool closed) public {
        _file(0, uint40(NOW + 1 days));
        vm.startPrank(AUTHORITY);
        if (closed) registry.close(AGENT, "");
        else registry.setFrozen(AGENT, true, "");
        assertEq(registry.actorOf(OWNER), address(0), "nobody acts");
        vm.stopPrank();
        _expectNoCall(AGENT_KEY, batch, OWNER);
        _expectNoCall(OWNER_KEY, batch, OWNER);
        vm.prank(AUTHORITY);
        registry.setFrozen(AGENT, false, "");
        assertEq(registry.actorOf(OWNER), closed ? address(0) : AGENT_KEY, "freed, unless closed");
        vm.prank(OWNER_KEY);
        registry.revokeMandate(OWNER);
        _assertActor(OWNER_KEY, AGENT_KEY);
    }

    function testFuzz_principalFrozenOrClosed(bool closed) public {
        _file(0, uint40(NOW + 1 days));
        vm.startPrank(AUTHORITY);
        if (closed) registry.close(OWNER, "");
        else registry.setFrozen(OWNER, true, "");
        vm.stopPrank();
        assertEq(registry.actorOf(OWNER), address(0), "nobody acts");
        _expectNoCall(AGENT_KEY, batch, OWNER);
        _expectNoCall(OWNER_KEY, batch, OWNER);
        vm.warp(NOW + 1 days);
        _expectNoCall(OWNER_KEY, batch, OWNER);
        bytes memory reason = abi.encodeWithSelector(IRegistry.MayNotAct.selector, OWNER, OWNER_KEY);
        _expectFiling(OWNER_KEY, reason, AGENT, 0, uint40(NOW + 2 days), AGREEMENT);
    }

    /// @dev New keys act at once, for what the account could do.
    function testFuzz_operatorsChange(uint256 seed) public {
        address next = outsider(seed);
        _file(0, uint40(NOW + 1 days));
        vm.startPrank(AUTHORITY);
        registry.setOperator(AGENT, next);
        _assertActor(next, AGENT_KEY);
        registry.setOperator(OWNER, STRANGER);
        _assertActor(next, STRANGER);
        registry.setOperator(AGENT, address(0));
        vm.stopPrank();
        assertEq(registry.actorOf(OWNER), address(0), "an agent without a key");
        assertTrue(!registry.mayAct(OWNER, address(0)), "nobody is no caller");
        vm.warp(NOW + 1 days);
        _assertActor(STRANGER, OWNER_KEY);
    }

    /* INTERNALS */

    function _file(uint40 from, uint40 until) private {
        vm.prank(OWNER_KEY);
        registry.fileMandate(OWNER, AGENT, from, until, AGREEMENT);
    }

    function _assertActor(address actor, address other) private view {
        assertEq(registry.actorOf(OWNER), actor, "who acts for the principal");
        assertTrue(registry.mayAct(OWNER, actor), "may act");
        assertTrue(!registry.mayAct(OWNER, other), "may not act");
    }

    function _deal(address seller) private pure returns (Deal memory deal) {
        (deal.seller, deal.buyer, deal.quantity) = (seller, BUYER, 1);
    }

    function _expectFiling(
        address caller,
        bytes memory reason,
        address agent,
        uint40 from,
        uint40 until,
        bytes32 document
    ) private {
        vm.expectRevert(reason);
        vm.prank(caller);
        registry.fileMandate(OWNER, agent, from, until, document);
    }

    function _expectRevocation(address caller, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(caller);
        registry.revokeMandate(OWNER);
    }

    /// @dev The caller does none of what an owner does with its project's batch.
    function _expectNoCall(address caller, BatchId of_, address account) private {
        // All interfaces spell this error alike.
        bytes memory reason = abi.encodeWithSelector(ICertificates.MayNotAct.selector, account, caller);
        uint256 leaf = leafOf(of_.project(), 1, 1);
        vm.startPrank(caller);
        vm.expectRevert(reason);
        market.list(of_, 0, 1, 350, 1);
        vm.expectRevert(reason);
        certificates.retire(of_, 0, 1, claimOf());
        vm.expectRevert(reason);
        declarations.declare(MONTH, leaf, AGREEMENT);
        vm.expectRevert(reason);
        cases.open(of_, new Serials[](0), AGREEMENT, "why");
        vm.expectRevert(reason);
        market.cancel(_deal(account));
        vm.expectRevert(reason);
        registry.fileMandate(account, AGENT, 0, type(uint40).max, AGREEMENT);
        vm.stopPrank();
    }
}
