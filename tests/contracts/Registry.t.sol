// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Account, AccountKind, Filing, IRegistry, Opening, Project} from "../../contracts/interfaces/IRegistry.sol";
import {Month} from "../../contracts/types/Month.sol";
import {ProjectId} from "../../contracts/types/ProjectId.sol";
import {Terms} from "../../contracts/types/Terms.sol";
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
        _assertTerms(made);

        vm.prank(REGISTRAR);
        registry.submit(_one(filing));
        made = registry.project(windOf(1));
        assertEq(made.filing, 2, "the approved version stays in force");
        assertEq(made.submitted, 3, "a new one waits");
        _assertTerms(made);
    }

    /// @dev Frozen accounts are told among the terms, others that share their last byte are not.
    function testFuzz_termsOf_tellsFrozenOwners(uint96 high) public {
        address twin = address((uint160(high) << 64) | (1 << 63) | (uint160(OWNER) & 0xff));
        file(filingOf(windOf(1), OWNER, OWNER_KEY));
        file(filingOf(windOf(2), twin, OWNER_KEY));
        assertTrue(!_terms(windOf(1)).frozen(), "none is frozen");
        vm.prank(AUTHORITY);
        registry.setFrozen(OWNER, true, "");
        assertTrue(_terms(windOf(1)).frozen(), "frozen");
        assertTrue(!_terms(windOf(2)).frozen(), "the twin is not");
        vm.prank(AUTHORITY);
        registry.setFrozen(OWNER, false, "");
        assertTrue(!_terms(windOf(1)).frozen(), "freed");
    }

    /* INTERNALS */

    function _terms(ProjectId project) private view returns (Terms) {
        ProjectId[] memory projects = new ProjectId[](1);
        projects[0] = project;
        return registry.termsOf(projects)[0];
    }

    function _assertTerms(Project memory made) private view {
        Terms terms = _terms(windOf(1));
        assertEq(terms.owner(), made.owner, "owner in the terms");
        assertEq(terms.filing(), made.filing, "filing in the terms");
        assertEq(terms.marketBased(), made.marketBased, "market-based in the terms");
        assertEq(Month.unwrap(terms.inOperation()), Month.unwrap(made.inOperation), "first operation in the terms");
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
