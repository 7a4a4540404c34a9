// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Account, AccountKind, Filing, IRegistry, Opening, Project} from "../../contracts/interfaces/IRegistry.sol";
import {LeafRefusal, Technology} from "../../contracts/types/Classes.sol";
import {Credit} from "../../contracts/types/Credit.sol";
import {Lane} from "../../contracts/types/Lane.sol";
import {Month} from "../../contracts/types/Month.sol";
import {ProjectId} from "../../contracts/types/ProjectId.sol";
import {World} from "./World.sol";

/// @notice Each entry point: its reverts in the order of its checks, then the success with all that it touches.
contract RegistryTest is World {
    /* ACCOUNTS */

    function testFuzz_openInstitutions_revertsInOrder(uint256 seed, uint8 province) public {
        address nobody = outsider(seed);
        if (province >= 11 && province <= 82) province = 83;
        if (province == 0) province = 10;
        Opening memory opening = Opening(address(0), AccountKind.Buyer, province, nobody, "n");
        vm.expectRevert(unauthorized(nobody));
        vm.prank(nobody);
        registry.openInstitutions(_one(opening));
        _expectInstitution(abi.encodeWithSelector(IRegistry.AccountZero.selector), opening);
        opening.account = BUYER;
        _expectInstitution(abi.encodeWithSelector(IRegistry.AccountExists.selector, BUYER), opening);
        opening.account = nobody;
        _expectInstitution(
            abi.encodeWithSelector(IRegistry.KindNotAllowed.selector, nobody, AccountKind.Buyer), opening
        );
        opening.kind = AccountKind.Agent;
        _expectInstitution(abi.encodeWithSelector(IRegistry.ProvinceUnknown.selector, province), opening);
        opening.kind = AccountKind.Province;
        _expectInstitution(abi.encodeWithSelector(IRegistry.ProvinceUnknown.selector, province), opening);
        opening.province = 0;
        _expectInstitution(abi.encodeWithSelector(IRegistry.ProvinceUnknown.selector, 0), opening);
        opening.province = PROVINCE;
        _expectInstitution(
            abi.encodeWithSelector(IRegistry.ProvinceHasAccount.selector, PROVINCE, PROVINCE_ACCOUNT), opening
        );
    }

    function test_openInstitutions_manyPlatforms() public {
        for (uint256 i = 2; i < 64; ++i) {
            address account = address(uint160(0x1000 + i));
            vm.expectEmit(address(registry));
            emit IRegistry.PlatformAdmitted(account, uint8(i));
            vm.prank(AUTHORITY);
            registry.openInstitutions(_one(Opening(account, AccountKind.Platform, 0, account, "p")));
            assertEq(registry.account(account).platformBit, i + 1, "bit");
        }
        assertEq(registry.platforms(), type(uint64).max, "platforms");
        _expectInstitution(
            abi.encodeWithSelector(IRegistry.TooManyPlatforms.selector),
            Opening(address(0x2000), AccountKind.Platform, 0, AUTHORITY, "p")
        );
    }

    function testFuzz_openBuyers(uint256 seed, uint8 province, address operator) public {
        address nobody = outsider(seed);
        Opening memory opening = Opening(address(0), AccountKind.Agent, 9, operator, "n");
        vm.expectRevert(unauthorized(nobody));
        vm.prank(nobody);
        registry.openBuyers(_one(opening));
        _expectBuyer(abi.encodeWithSelector(IRegistry.AccountZero.selector), opening);
        opening.account = OTHER_BUYER;
        _expectBuyer(abi.encodeWithSelector(IRegistry.AccountExists.selector, OTHER_BUYER), opening);
        opening.account = nobody;
        _expectBuyer(abi.encodeWithSelector(IRegistry.KindNotAllowed.selector, nobody, AccountKind.Agent), opening);
        opening.kind = AccountKind.Buyer;
        _expectBuyer(abi.encodeWithSelector(IRegistry.ProvinceUnknown.selector, 9), opening);
        opening.province = uint8(bound(province, 11, 82));
        vm.expectEmit(address(registry));
        emit IRegistry.AccountOpened(nobody, AccountKind.Buyer, opening.province, operator, "n");
        vm.prank(REGISTRAR);
        registry.openBuyers(_one(opening));
        Account memory made = registry.account(nobody);
        assertEq(made.operator, operator, "operator");
        assertEq(uint256(made.kind), uint256(AccountKind.Buyer), "kind");
        assertEq(made.province, opening.province, "province");
        assertTrue(!made.frozen, "not frozen");
        assertTrue(registry.mayAct(nobody, operator), "the operator acts");
    }

    function testFuzz_setOperatorAndFrozen(uint256 seed, bool frozen) public {
        address nobody = outsider(seed);
        vm.startPrank(nobody);
        vm.expectRevert(unauthorized(nobody));
        registry.setOperator(nobody, nobody);
        vm.expectRevert(unauthorized(nobody));
        registry.setFrozen(nobody, true, "");
        vm.stopPrank();
        vm.startPrank(AUTHORITY);
        vm.expectRevert(abi.encodeWithSelector(IRegistry.AccountUnknown.selector, nobody));
        registry.setOperator(nobody, nobody);
        vm.expectRevert(abi.encodeWithSelector(IRegistry.AccountUnknown.selector, nobody));
        registry.setFrozen(nobody, true, "");
        vm.expectEmit(address(registry));
        emit IRegistry.OperatorChanged(BUYER, nobody);
        registry.setOperator(BUYER, nobody);
        vm.expectEmit(address(registry));
        emit IRegistry.AccountFrozen(BUYER, frozen, "why");
        registry.setFrozen(BUYER, frozen, "why");
        vm.stopPrank();
        assertEq(registry.mayAct(BUYER, nobody), !frozen, "the new operator acts while not frozen");
        assertTrue(!registry.mayAct(BUYER, BUYER_KEY), "the old one does not");
    }

    function testFuzz_close_revertsInOrder(uint256 seed) public {
        address nobody = outsider(seed);
        _expectClosing(nobody, unauthorized(nobody), nobody);
        _expectClosing(BUYER_KEY, unauthorized(BUYER_KEY), BUYER);
        _expectClosing(AUTHORITY, abi.encodeWithSelector(IRegistry.AccountUnknown.selector, nobody), nobody);
        vm.prank(AUTHORITY);
        registry.close(BUYER, "merged");
        _expectClosing(AUTHORITY, abi.encodeWithSelector(IRegistry.AccountIsClosed.selector, BUYER), BUYER);
    }

    /// @dev For good: nothing that the authority or a registrar does opens it again.
    function testFuzz_close(uint256 which, bool frozen, string calldata reason) public {
        address[5] memory accounts = [BUYER, OTHER_BUYER, AGENT, PLATFORM_ACCOUNT, PROVINCE_ACCOUNT];
        address id = accounts[which % 5];
        address key = registry.account(id).operator;
        vm.startPrank(AUTHORITY);
        registry.setFrozen(id, frozen, "");
        Account memory before = registry.account(id);
        assertTrue(registry.mayReceive(id), "receives, frozen or not");
        vm.expectEmit(address(registry));
        emit IRegistry.AccountClosed(id, reason);
        registry.close(id, reason);
        before.closed = true;
        bytes32 expected = keccak256(abi.encode(before));
        assertEq(keccak256(abi.encode(registry.account(id))), expected, "nothing but closed");
        registry.setFrozen(id, false, "");
        registry.setOperator(id, key);
        vm.stopPrank();
        assertTrue(!registry.mayReceive(id), "does not receive");
        assertEq(registry.actorOf(id), address(0), "nobody acts");
        assertTrue(!registry.mayAct(id, key), "its key does not act");
        _expectBuyer(
            abi.encodeWithSelector(IRegistry.AccountExists.selector, id),
            Opening(id, AccountKind.Buyer, 31, key, "again")
        );
    }

    function testFuzz_mayReceive(uint256 seed) public {
        address nobody = outsider(seed);
        assertTrue(!registry.mayReceive(nobody), "unknown");
        assertTrue(!registry.mayReceive(address(0)), "nobody");
        vm.prank(REGISTRAR);
        registry.openBuyers(_one(Opening(nobody, AccountKind.Buyer, 0, address(0), "")));
        assertTrue(registry.mayReceive(nobody), "known, though without a key");
        assertTrue(!registry.mayAct(nobody, address(0)), "nobody acts for it");
    }

    /* PROJECTS */

    function testFuzz_submit_revertsInOrder(uint256 seed, uint48 id) public {
        address nobody = outsider(seed);
        ProjectId wrong = ProjectId.wrap(id);
        if (wrong.isCanonical()) wrong = ProjectId.wrap(id | 0xfffff);
        Filing memory filing = Filing(wrong, address(0), nobody, "", MONTH, 0, true, "");
        vm.expectRevert(unauthorized(nobody));
        vm.prank(nobody);
        registry.submit(_one(filing));
        _expectFiling(abi.encodeWithSelector(IRegistry.ProjectNotCanonical.selector, wrong), filing);
        ProjectId project = windOf(1);
        filing.project = project;
        _expectFiling(abi.encodeWithSelector(IRegistry.AccountZero.selector), filing);
        filing.owner = OWNER;
        _expectFiling(abi.encodeWithSelector(IRegistry.CapacityZero.selector, project), filing);
        filing.capacityKw = 1;
        _expectFiling(abi.encodeWithSelector(IRegistry.DocumentLength.selector, project, 0), filing);
        filing.document = string(new bytes(4097));
        _expectFiling(abi.encodeWithSelector(IRegistry.DocumentLength.selector, project, 4097), filing);
        filing.document = "{}";
        for (uint256 i = 0; i < 255; ++i) {
            vm.prank(REGISTRAR);
            registry.submit(_one(filing));
        }
        _expectFiling(abi.encodeWithSelector(IRegistry.VersionsExhausted.selector, project), filing);
    }

    function testFuzz_review_revertsInOrder(uint256 seed, uint8 field) public {
        Filing memory filing = filingOf(windOf(1), OWNER, OWNER_KEY);
        vm.prank(REGISTRAR);
        registry.submit(_one(filing));
        address nobody = outsider(seed);
        _expectReview(nobody, unauthorized(nobody), filing);
        _expectReview(
            OTHER_PROVINCE_KEY,
            abi.encodeWithSelector(IRegistry.NotOfProvince.selector, OTHER_PROVINCE_KEY, PROVINCE),
            filing
        );
        vm.prank(AUTHORITY);
        registry.setFrozen(PROVINCE_ACCOUNT, true, "");
        bytes memory reason = abi.encodeWithSelector(IRegistry.NotOfProvince.selector, PROVINCE_KEY, PROVINCE);
        _expectReview(PROVINCE_KEY, reason, filing);
        vm.prank(AUTHORITY);
        registry.setFrozen(PROVINCE_ACCOUNT, false, "");
        _expectReview(PROVINCE_KEY, abi.encodeWithSelector(IRegistry.FilingNotPending.selector, windOf(1)), _altered(filing, field));
    }

    function testFuzz_submitAndReview(uint32 capacityKw, uint16 inOperation, bool marketBased, string memory text) public {
        Filing memory filing = filingOf(windOf(1), OWNER, OWNER_KEY);
        (filing.capacityKw, filing.inOperation, filing.marketBased) =
            (capacityKw | 1, Month.wrap(inOperation), marketBased);
        filing.document = string.concat("{", bytes(text).length < 1000 ? text : "", "}");
        vm.expectEmit(address(registry));
        emit IRegistry.FilingSubmitted(
            windOf(1), 1, OWNER, filing.inOperation, filing.capacityKw, marketBased, filing.document
        );
        vm.prank(REGISTRAR);
        registry.submit(_one(filing));
        assertEq(registry.pendingFiling(windOf(1)), keccak256(abi.encode(filing)), "waits");
        _review(filing, false);
        assertEq(registry.project(windOf(1)).filing, 0, "sent back: none is in force");
        assertEq(uint256(registry.account(OWNER).kind), 0, "sent back: no account");

        vm.prank(REGISTRAR);
        registry.submit(_one(filing));
        vm.expectEmit(address(registry));
        emit IRegistry.AccountOpened(OWNER, AccountKind.Owner, PROVINCE, OWNER_KEY, "Owner");
        vm.expectEmit(address(registry));
        emit IRegistry.FilingReviewed(windOf(1), 2, true, PROVINCE_KEY, "why");
        _review(filing, true);
        Project memory made = registry.project(windOf(1));
        assertEq(made.owner, OWNER, "owner");
        assertEq(made.filing, 2, "version in force");
        assertEq(made.submitted, 2, "latest version");
        assertEq(made.capacityKw, filing.capacityKw, "capacity");
        assertEq(Month.unwrap(made.inOperation), inOperation, "first operation");
        assertEq(made.marketBased, marketBased, "market-based");
        assertEq(registry.filingHash(windOf(1), 2), keccak256(bytes(filing.document)), "filing hash");
        assertEq(registry.filingHash(windOf(1), 1), 0, "a version that was sent back has none");

        vm.prank(REGISTRAR);
        registry.submit(_one(filing));
        made = registry.project(windOf(1));
        assertEq(made.filing, 2, "the approved version stays in force");
        assertEq(made.submitted, 3, "a new one waits");
    }

    /// @dev A later filing changes the terms; energy account and choice of CCER stay as they were.
    function testFuzz_refiling(uint256 wattHours, uint16 inOperation, bool marketBased, bool chosen, uint256 bits) public {
        ProjectId project = projectOf(Technology.SolarThermal, PROVINCE, 7);
        file(filingOf(project, OWNER, OWNER_KEY));
        uint8 electricity = uint8(bits % 4);
        issue(MONTH, alone(leafOf(project, electricity, bound(wattHours, 0, 1e15 - 1))));
        if (chosen) {
            vm.prank(OWNER_KEY);
            registry.chooseCcer(project, true);
        }
        Lane[4] memory lanes;
        for (uint8 i = 0; i < 4; ++i) {
            lanes[i] = registry.laneOf(project, i);
        }
        assertEq(lanes[electricity].carry(), bound(wattHours, 0, 1e15 - 1) % CERTIFICATE, "carry");
        Filing memory filing = filingOf(project, OTHER_OWNER, OTHER_OWNER_KEY);
        (filing.inOperation, filing.marketBased, filing.capacityKw) = (Month.wrap(inOperation), marketBased, 7);
        file(filing);
        for (uint8 i = 0; i < 4; ++i) {
            assertEq(Lane.unwrap(registry.laneOf(project, i)), Lane.unwrap(lanes[i]), "energy account");
        }
        (bool still,) = registry.ccerOf(project, MONTH);
        assertEq(still, chosen, "choice of CCER");
        Project memory made = registry.project(project);
        assertEq(made.owner, OTHER_OWNER, "owner");
        assertEq(Month.unwrap(made.inOperation), inOperation, "first operation");
        assertEq(made.marketBased, marketBased, "market-based");
        assertEq(made.filing, 2, "filing");
        assertEq(made.capacityKw, 7, "capacity");
    }

    /* CCER */

    function testFuzz_chooseCcer_revertsInOrder(uint256 seed, uint64 ends, uint256 technology) public {
        address nobody = outsider(seed);
        ProjectId project = projectOf(Technology.DeepSeaWind, PROVINCE, 1);
        technology = bound(technology, 1, 12);
        bool allowed = technology == 3 || technology == 5;
        ProjectId other = projectOf(Technology(allowed ? 1 : technology), PROVINCE, 2);
        _expectChoice(OWNER_KEY, abi.encodeWithSelector(IRegistry.ProjectNotApproved.selector, project), project, false);
        file(filingOf(project, OWNER, OWNER_KEY));
        file(filingOf(other, OWNER, OWNER_KEY));
        bytes memory reason = abi.encodeWithSelector(IRegistry.MayNotAct.selector, OWNER, nobody);
        _expectChoice(nobody, reason, other, false);
        reason = abi.encodeWithSelector(IRegistry.MayNotAct.selector, OWNER, AUTHORITY);
        _expectChoice(AUTHORITY, reason, project, true);
        _expectChoice(OWNER_KEY, abi.encodeWithSelector(IRegistry.NotForCcer.selector, other), other, false);
        _expectChoice(OWNER_KEY, abi.encodeWithSelector(IRegistry.CcerUnchanged.selector, project, false), project, false);
        ends = uint64(bound(ends, 1, NOW));
        vm.prank(OWNER_KEY);
        registry.chooseCcer(project, true);
        vm.prank(AUTHORITY);
        registry.setCcerLinkage(ends);
        _expectChoice(OWNER_KEY, abi.encodeWithSelector(IRegistry.CcerUnchanged.selector, project, true), project, true);
        vm.prank(OWNER_KEY);
        registry.chooseCcer(project, false);
        _expectChoice(OWNER_KEY, abi.encodeWithSelector(IRegistry.CcerLinkageEnded.selector, ends), project, true);
    }

    function testFuzz_chooseCcer(bool thermal, uint16 month, uint256 ahead) public {
        ProjectId project =
            projectOf(thermal ? Technology.SolarThermal : Technology.DeepSeaWind, PROVINCE, 1);
        file(filingOf(project, OWNER, OWNER_KEY));
        vm.prank(AUTHORITY);
        registry.setCcerLinkage(ahead == 0 ? 0 : uint64(NOW + 1 + ahead % 1000 days));
        for (uint256 i = 0; i < 4; ++i) {
            vm.expectEmit(address(registry));
            emit IRegistry.CcerChosen(project, i % 2 == 0);
            vm.prank(OWNER_KEY);
            registry.chooseCcer(project, i % 2 == 0);
            (bool chosen, bool registered) = registry.ccerOf(project, Month.wrap(month));
            assertEq(chosen, i % 2 == 0, "chosen");
            assertTrue(!registered, "nothing is registered");
            assertEq(registry.project(project).owner, OWNER, "owner");
            assertEq(registry.project(project).filing, 1, "filing");
        }
    }

    function testFuzz_setCcerLinkage(uint256 seed, uint64 ends) public {
        address nobody = outsider(seed);
        vm.expectRevert(unauthorized(nobody));
        vm.prank(nobody);
        registry.setCcerLinkage(ends);
        assertEq(registry.ccerLinkageEnds(), 0, "no end");
        vm.expectEmit(address(registry));
        emit IRegistry.CcerLinkageSet(ends);
        vm.prank(AUTHORITY);
        registry.setCcerLinkage(ends);
        assertEq(registry.ccerLinkageEnds(), ends, "end");
    }

    function testFuzz_registerCcer_revertsInOrder(uint256 seed, uint16 from, uint256 length) public {
        ProjectId project = _chosen();
        ProjectId other = projectOf(Technology.DeepSeaWind, PROVINCE, 2);
        address nobody = outsider(seed);
        from = uint16(bound(from, 121, type(uint16).max - 200));
        uint16 end = uint16(from + bound(length, 1, 120));
        _expectCcer(nobody, unauthorized(nobody), project, from, end, "1");
        _expectCcer(OWNER_KEY, unauthorized(OWNER_KEY), project, from, end, "1");
        bytes memory reason = abi.encodeWithSelector(IRegistry.CcerNotChosen.selector, other);
        _expectCcer(CCER_REGISTRY, reason, other, from, from, "");
        file(filingOf(other, OWNER, OWNER_KEY));
        _expectCcer(CCER_REGISTRY, reason, other, from, from, "");
        reason = abi.encodeWithSelector(IRegistry.CcerMonths.selector, from, from);
        _expectCcer(CCER_REGISTRY, reason, project, from, from, "");
        reason = abi.encodeWithSelector(IRegistry.CcerMonths.selector, from, from - 1);
        _expectCcer(CCER_REGISTRY, reason, project, from, from - 1, "");
        reason = abi.encodeWithSelector(IRegistry.CcerMonths.selector, from, from + 121);
        _expectCcer(CCER_REGISTRY, reason, project, from, from + 121, "");
        _expectCcer(CCER_REGISTRY, abi.encodeWithSelector(IRegistry.CcerNumberEmpty.selector), project, from, end, "");
        _register(project, from, end, "1");
        reason = abi.encodeWithSelector(IRegistry.CcerNumberUsed.selector, "1");
        _expectCcer(CCER_REGISTRY, reason, project, from, end, "1");
        uint16 again = uint16(bound(seed, from, end - 1));
        reason = abi.encodeWithSelector(IRegistry.CcerMonthRegistered.selector, project, again);
        _expectCcer(CCER_REGISTRY, reason, project, again, end, "2");
        reason = abi.encodeWithSelector(IRegistry.CcerMonthRegistered.selector, project, from);
        _expectCcer(CCER_REGISTRY, reason, project, from - 1, from + 1, "2");
        (, bool registered) = registry.ccerOf(project, Month.wrap(from - 1));
        assertTrue(!registered, "a refused registration leaves nothing");
    }

    /// @dev The months [from, to) and no others, also across words, of this project alone; a choice undone keeps them.
    function testFuzz_registerCcer(uint16 from, uint256 length, string calldata number) public {
        vm.assume(bytes(number).length != 0);
        ProjectId project = _chosen();
        from = uint16(bound(from, 1, type(uint16).max - 121));
        uint16 end = uint16(from + bound(length, 1, 120));
        vm.expectEmit(address(registry));
        emit IRegistry.CcerRegistered(project, Month.wrap(from), Month.wrap(end), number);
        _register(project, from, end, number);
        vm.prank(OWNER_KEY);
        registry.chooseCcer(project, false);
        ProjectId other = projectOf(Technology.DeepSeaWind, PROVINCE, 2);
        for (uint16 month = from - 1; month <= end; ++month) {
            (bool chosen, bool registered) = registry.ccerOf(project, Month.wrap(month));
            assertTrue(!chosen, "not chosen any more");
            assertEq(registered, month >= from && month < end, "registered");
            (, registered) = registry.ccerOf(other, Month.wrap(month));
            assertTrue(!registered, "of this project alone");
        }
    }

    /* ENERGY */

    function testFuzz_energy_byTheContractsOnly(uint256 seed, int64 wattHours) public {
        address[7] memory callers =
            [outsider(seed), AUTHORITY, PROVIDER, OWNER_KEY, address(market), address(readings), address(this)];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.startPrank(callers[i]);
            vm.expectRevert(unauthorized(callers[i]));
            registry.credit(MONTH, new uint256[](1), 0);
            vm.expectRevert(unauthorized(callers[i]));
            registry.correct(windOf(1), MONTH, 0, wattHours, 1);
            vm.stopPrank();
        }
        vm.expectRevert(unauthorized(address(cases)));
        vm.prank(address(cases));
        registry.credit(MONTH, new uint256[](1), 0);
        vm.expectRevert(unauthorized(address(certificates)));
        vm.prank(address(certificates));
        registry.correct(windOf(1), MONTH, 0, wattHours, 1);
    }

    function testFuzz_credit(uint256 first, uint256 second, uint256 skipped) public {
        (first, second) = (bound(first, 0, 1e14), bound(second, 0, 1e14));
        file(filingOf(windOf(1), OWNER, OWNER_KEY));
        uint256[] memory leaves = new uint256[](3);
        leaves[0] = leafOf(windOf(1), 0, first);
        leaves[1] = leafOf(windOf(1), 2, second);
        leaves[2] = leafOf(windOf(2), 0, first);
        vm.prank(address(certificates));
        Credit[] memory credits = registry.credit(MONTH, leaves, skipped);
        assertEq(credits.length, 3, "one for each leaf");
        uint256[2] memory energies = [first, second];
        for (uint256 i = 0; i < 2; ++i) {
            bool left = (skipped >> i) & 1 == 1;
            assertEq(credits[i].count(), left ? 0 : energies[i] / CERTIFICATE, "count");
            assertEq(credits[i].holder(), left ? address(0) : OWNER, "holder");
            assertEq(credits[i].tradable(), !left && i == 0, "tradable");
            Lane lane = registry.laneOf(windOf(1), i == 0 ? 0 : 2);
            assertEq(lane.carry(), left ? 0 : energies[i] % CERTIFICATE, "carry");
            assertEq(lane.isIssued(MONTH), !left, "issued");
        }
        bool third = (skipped >> 2) & 1 == 0;
        LeafRefusal expected = third ? LeafRefusal.ProjectNotApproved : LeafRefusal.None;
        assertEq(uint256(credits[2].refusal()), uint256(expected), "refusal");
    }

    function testFuzz_correct(uint256 wattHours, int64 change, uint256 bits, uint24 caseId) public {
        wattHours = bound(wattHours, 0, 1e14);
        change = int64(int256(bound(uint64(change), 0, 2e15)) - 1e15);
        uint8 electricity = uint8(bits % 4);
        file(filingOf(windOf(1), OWNER, OWNER_KEY));
        issue(MONTH, alone(leafOf(windOf(1), electricity, wattHours)));
        int256 energy = int256(wattHours % CERTIFICATE) + change;
        int256 certificates_ = (energy + 1e16) / 1e6 - 1e10;
        vm.expectEmit(address(registry));
        emit IRegistry.EnergyCorrected(windOf(1), MONTH, electricity, caseId, change, int32(certificates_));
        vm.prank(address(cases));
        int32 made = registry.correct(windOf(1), MONTH, electricity, change, caseId);
        assertTrue(made == certificates_, "certificates");
        for (uint8 i = 0; i < 4; ++i) {
            Lane lane = registry.laneOf(windOf(1), i);
            assertEq(lane.carry(), i == electricity ? uint256(energy - certificates_ * 1e6) : 0, "carry");
            assertEq(lane.isIssued(MONTH), i == electricity, "issued");
        }
        assertEq(registry.project(windOf(1)).owner, OWNER, "owner");
        assertEq(registry.project(windOf(1)).capacityKw, 49_500, "capacity");
    }

    /// @dev Another month, electricity or project, and more certificates than a number can say.
    function testFuzz_correct_outOfReach(uint16 month, uint8 electricity, int64 wattHours) public {
        file(filingOf(windOf(1), OWNER, OWNER_KEY));
        issue(MONTH, alone(leafOf(windOf(1), 0, 999_999)));
        if (month == 1520) month = 1519;
        if (electricity == 0) electricity = 1;
        _expectCorrection(windOf(1), Month.wrap(month), 0, wattHours);
        _expectCorrection(windOf(1), MONTH, electricity, wattHours);
        _expectCorrection(windOf(2), MONTH, 0, wattHours);
        int64 most = (int64(1) << 31) * 1e6;
        int64 more = int64(int256(bound(uint64(wattHours), uint64(most), uint64(type(int64).max))));
        _expectCorrection(windOf(1), MONTH, 0, more);
        int256 less = -int256(bound(uint64(wattHours), uint64(most) + CERTIFICATE, uint256(1) << 63));
        _expectCorrection(windOf(1), MONTH, 0, int64(less));
        _expectCorrection(windOf(1), MONTH, 0, type(int64).min);
        vm.startPrank(address(cases));
        assertTrue(registry.correct(windOf(1), MONTH, 0, most - 1_000_000, 1) == type(int32).max, "the most");
        assertTrue(registry.correct(windOf(1), MONTH, 0, -most, 1) == type(int32).min, "the least");
        vm.stopPrank();
    }

    /// @dev Beyond the kinds of electricity there is no energy account, whatever a project has.
    function testFuzz_laneOf(uint256 wattHours, uint8 electricity) public {
        file(filingOf(windOf(1), OWNER, OWNER_KEY));
        uint256[] memory leaves = new uint256[](4);
        for (uint256 i = 0; i < 4; ++i) {
            leaves[i] = leafOf(windOf(1), i, bound(wattHours, 0, 1e15 - 4) + i);
        }
        issue(MONTH, leaves);
        for (uint8 i = 0; i < 4; ++i) {
            assertEq(registry.laneOf(windOf(1), i).carry(), (bound(wattHours, 0, 1e15 - 4) + i) % CERTIFICATE, "carry");
            assertTrue(registry.laneOf(windOf(1), i).isIssued(MONTH), "issued");
        }
        electricity = uint8(bound(electricity, 4, 255));
        assertEq(Lane.unwrap(registry.laneOf(windOf(1), electricity)), 0, "no such electricity");
        assertEq(Lane.unwrap(registry.laneOf(windOf(2), electricity % 4)), 0, "no such project");
    }

    /* INTERNALS */

    function _chosen() private returns (ProjectId project) {
        project = projectOf(Technology.DeepSeaWind, PROVINCE, 1);
        file(filingOf(project, OWNER, OWNER_KEY));
        vm.prank(OWNER_KEY);
        registry.chooseCcer(project, true);
    }

    function _register(ProjectId project, uint16 from, uint16 to, string memory number) private {
        vm.prank(CCER_REGISTRY);
        registry.registerCcer(project, Month.wrap(from), Month.wrap(to), number);
    }

    function _expectClosing(address caller, bytes memory reason, address id) private {
        vm.expectRevert(reason);
        vm.prank(caller);
        registry.close(id, "");
    }

    function _expectChoice(address caller, bytes memory reason, ProjectId project, bool chosen) private {
        vm.expectRevert(reason);
        vm.prank(caller);
        registry.chooseCcer(project, chosen);
    }

    function _expectCcer(
        address caller,
        bytes memory reason,
        ProjectId project,
        uint256 from,
        uint256 to,
        string memory number
    ) private {
        vm.expectRevert(reason);
        vm.prank(caller);
        registry.registerCcer(project, Month.wrap(uint16(from)), Month.wrap(uint16(to)), number);
    }

    function _expectCorrection(ProjectId project, Month month, uint8 electricity, int64 wattHours) private {
        vm.expectRevert(abi.encodeWithSelector(IRegistry.CorrectionOutOfReach.selector, project, wattHours));
        vm.prank(address(cases));
        registry.correct(project, month, electricity, wattHours, 1);
    }

    function _review(Filing memory filing, bool approved) private {
        vm.prank(PROVINCE_KEY);
        registry.review(_one(filing), approved, "why");
    }

    /// @dev The same filing but for one field.
    function _altered(Filing memory filing, uint8 field) private pure returns (Filing memory) {
        if (field % 6 == 0) filing.owner = OTHER_OWNER;
        else if (field % 6 == 1) filing.operator = OTHER_OWNER_KEY;
        else if (field % 6 == 2) filing.ownerName = "owner";
        else if (field % 6 == 3) filing.inOperation = Month.wrap(1393);
        else if (field % 6 == 4) filing.capacityKw += 1;
        else filing.document = '{"name":"a plant"}';
        return filing;
    }

    function _one(Opening memory opening) private pure returns (Opening[] memory openings) {
        openings = new Opening[](1);
        openings[0] = opening;
    }

    function _one(Filing memory filing) private pure returns (Filing[] memory filings) {
        filings = new Filing[](1);
        filings[0] = filing;
    }

    function _expectInstitution(bytes memory reason, Opening memory opening) private {
        vm.expectRevert(reason);
        vm.prank(AUTHORITY);
        registry.openInstitutions(_one(opening));
    }

    function _expectBuyer(bytes memory reason, Opening memory opening) private {
        vm.expectRevert(reason);
        vm.prank(REGISTRAR);
        registry.openBuyers(_one(opening));
    }

    function _expectFiling(bytes memory reason, Filing memory filing) private {
        vm.expectRevert(reason);
        vm.prank(REGISTRAR);
        registry.submit(_one(filing));
    }

    function _expectReview(address caller, bytes memory reason, Filing memory filing) private {
        vm.expectRevert(reason);
        vm.prank(caller);
        registry.review(_one(filing), true, "");
    }
}
