// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {Cases} from "../../contracts/Cases.sol";
import {Certificates} from "../../contracts/Certificates.sol";
import {Declarations} from "../../contracts/Declarations.sol";
import {Guardian} from "../../contracts/Guardian.sol";
import {Market} from "../../contracts/Market.sol";
import {Readings} from "../../contracts/Readings.sol";
import {Registry} from "../../contracts/Registry.sol";
import {Relay} from "../../contracts/Relay.sol";
import {Roles} from "../../contracts/Roles.sol";
import {Claim} from "../../contracts/interfaces/ICertificates.sol";
import {AccountKind, Filing, Opening} from "../../contracts/interfaces/IRegistry.sol";
import {BatchId, BatchIdLibrary} from "../../contracts/types/BatchId.sol";
import {Electricity, MoveKind, State, Technology} from "../../contracts/types/Classes.sol";
import {Leaf} from "../../contracts/types/Leaf.sol";
import {Month} from "../../contracts/types/Month.sol";
import {ProjectId} from "../../contracts/types/ProjectId.sol";
import {BaseTest} from "./BaseTest.sol";
import {Trees} from "./Trees.sol";

/// @notice The contracts with the roles of docs/architecture.md, section 2, and somebody in each of them.
/// @dev An account is the identity that holds; the key of the same name is the operator that calls for it.
abstract contract World is BaseTest {
    AccessManager internal manager;
    Relay internal relay;
    Registry internal registry;
    Readings internal readings;
    Certificates internal certificates;
    Market internal market;
    Declarations internal declarations;
    Cases internal cases;
    Guardian internal guardian;

    /// @dev 2026-09; the tests begin on 2026-10-15.
    Month internal constant MONTH = Month.wrap(1520);
    uint256 internal constant NOW = 1_792_022_400;
    uint256 internal constant CERTIFICATE = 1_000_000;
    string internal constant BASE_URI = "https://registry.example/certificates/";
    bytes32 internal constant BASIS = keccak256("the order that moves or freezes");
    uint8 internal constant PROVINCE = 15;
    uint8 internal constant OTHER_PROVINCE = 63;

    address internal constant AUTHORITY = address(0xA001);
    address internal constant INFO_CENTRE = address(0xA002);
    address internal constant PROVIDER = address(0xA004);
    address internal constant REGISTRAR = address(0xA006);
    address internal constant EXCHANGE = address(0xA007);
    address internal constant OFFICE = address(0xA008);
    address internal constant CCER_REGISTRY = address(0xA009);
    address internal constant GUARD = address(0xA00A);
    address internal constant OFFICER = address(0xA00B);
    address internal constant OTHER_OFFICER = address(0xA00C);
    address internal constant STRANGER = address(0xBAD);

    address internal constant PROVINCE_ACCOUNT = address(0xAC15);
    address internal constant PROVINCE_KEY = address(0xCE15);
    address internal constant OTHER_PROVINCE_ACCOUNT = address(0xAC63);
    address internal constant OTHER_PROVINCE_KEY = address(0xCE63);
    address internal constant PLATFORM_ACCOUNT = address(0xAC50);
    address internal constant PLATFORM_KEY = address(0xCE50);
    address internal constant OTHER_PLATFORM_ACCOUNT = address(0xAC51);
    address internal constant OTHER_PLATFORM_KEY = address(0xCE51);
    address internal constant OWNER = address(0xAC10);
    address internal constant OWNER_KEY = address(0xCE10);
    address internal constant OTHER_OWNER = address(0xAC11);
    address internal constant OTHER_OWNER_KEY = address(0xCE11);
    address internal constant BUYER = address(0xAC20);
    address internal constant BUYER_KEY = address(0xCE20);
    address internal constant OTHER_BUYER = address(0xAC21);
    address internal constant OTHER_BUYER_KEY = address(0xCE21);
    address internal constant AGENT = address(0xAC40);
    address internal constant AGENT_KEY = address(0xCE40);

    function setUp() public virtual {
        vm.warp(NOW);
        manager = AccessManager(deploy("AccessManager", abi.encode(this)));
        relay = Relay(deploy("Relay", ""));
        registry = Registry(deploy("Registry", abi.encode(manager, relay)));
        readings = Readings(deploy("Readings", abi.encode(manager, relay)));
        certificates = Certificates(deploy("Certificates", abi.encode(manager, relay, registry, readings, BASE_URI)));
        market = Market(deploy("Market", abi.encode(manager, relay, registry, certificates)));
        declarations = Declarations(deploy("Declarations", abi.encode(manager, relay, registry, readings)));
        cases = Cases(deploy("Cases", abi.encode(manager, relay, registry, certificates)));
        guardian = Guardian(deploy("Guardian", abi.encode(manager, relay, _targets())));
        _assignFunctions();
        _grantRoles();
        _openAccounts();
    }

    /* SET-UP */

    /// @dev Creates from the built artifact: `new` would make the compiler optimise every contract anew for each test.
    function deploy(string memory name, bytes memory arguments) internal returns (address created) {
        bytes memory creation = abi.encodePacked(vm.getCode(string.concat(name, ".sol:", name)), arguments);
        assembly ("memory-safe") {
            created := create(0, add(creation, 32), mload(creation))
        }
        require(created != address(0), name);
    }

    function _targets() private view returns (address[] memory targets) {
        targets = new address[](6);
        targets[0] = address(registry);
        targets[1] = address(readings);
        targets[2] = address(certificates);
        targets[3] = address(market);
        targets[4] = address(declarations);
        targets[5] = address(cases);
    }

    function _assignFunctions() private {
        uint64 everybody = manager.PUBLIC_ROLE();
        _allow(address(registry), Roles.AUTHORITY, Registry.openInstitutions.selector);
        _allow(address(registry), Roles.AUTHORITY, Registry.setOperator.selector);
        _allow(address(registry), Roles.AUTHORITY, Registry.setFrozen.selector);
        _allow(address(registry), Roles.AUTHORITY, Registry.close.selector);
        _allow(address(registry), Roles.AUTHORITY, Registry.setCcerLinkage.selector);
        _allow(address(registry), Roles.REGISTRAR, Registry.openBuyers.selector);
        _allow(address(registry), Roles.REGISTRAR, Registry.submit.selector);
        _allow(address(registry), Roles.PROVINCE, Registry.review.selector);
        _allow(address(registry), Roles.CCER_REGISTRY, Registry.registerCcer.selector);
        _allow(address(registry), Roles.CERTIFICATES, Registry.credit.selector);
        _allow(address(registry), Roles.CASES, Registry.correct.selector);
        _allow(address(registry), everybody, Registry.fileMandate.selector);
        _allow(address(registry), everybody, Registry.revokeMandate.selector);
        _allow(address(registry), everybody, Registry.chooseCcer.selector);
        _allow(address(readings), Roles.PROVIDER, Readings.commit.selector);
        _allow(address(readings), Roles.OFFICER, Readings.approve.selector);
        _allow(address(readings), Roles.DECLARATIONS, Readings.commitDeclared.selector);
        _allow(address(readings), Roles.CERTIFICATES, Readings.draw.selector);
        _allow(address(declarations), everybody, Declarations.declare.selector);
        _allow(address(declarations), Roles.INFO_CENTRE, Declarations.check.selector);
        _allow(address(declarations), Roles.AUTHORITY, Declarations.recheck.selector);
        _allow(address(certificates), Roles.AUTHORITY, Certificates.issue.selector);
        _allow(address(certificates), Roles.AUTHORITY, Certificates.move.selector);
        _allow(address(certificates), Roles.AUTHORITY, Certificates.freeze.selector);
        _allow(address(certificates), Roles.AUTHORITY, Certificates.unfreeze.selector);
        _allow(address(certificates), everybody, Certificates.distribute.selector);
        _allow(address(certificates), everybody, Certificates.retire.selector);
        _allow(address(certificates), everybody, Certificates.retireDue.selector);
        _allow(address(certificates), everybody, Certificates.sweep.selector);
        _allow(address(certificates), everybody, Certificates.warn.selector);
        _allow(address(certificates), Roles.MARKET, Certificates.list.selector);
        _allow(address(certificates), Roles.MARKET, Certificates.unlist.selector);
        _allow(address(certificates), Roles.MARKET, Certificates.trade.selector);
        _allow(address(certificates), Roles.MARKET, Certificates.sell.selector);
        _allow(address(certificates), Roles.CASES, Certificates.doubt.selector);
        _allow(address(certificates), Roles.CASES, Certificates.trust.selector);
        _allow(address(certificates), Roles.CASES, Certificates.add.selector);
        _allow(address(certificates), Roles.CASES, Certificates.deduct.selector);
        _allow(address(certificates), Roles.CASES, Certificates.undoTrade.selector);
        _allow(address(certificates), Roles.CASES, Certificates.undoRetirement.selector);
        _allow(address(market), everybody, Market.cancel.selector);
        _allow(address(market), Roles.EXCHANGE, Market.settle.selector);
        _allow(address(cases), everybody, Cases.open.selector);
        _allow(address(cases), everybody, Cases.close.selector);
        _allow(address(cases), Roles.EXCHANGE, Cases.propose.selector);
        _allow(address(cases), Roles.REGIONAL_OFFICE, Cases.check.selector);
        _allow(address(cases), Roles.AUTHORITY, Cases.decide.selector);
        _allow(address(cases), Roles.AUTHORITY, Cases.execute.selector);
        _allow(address(cases), Roles.AUTHORITY, Cases.setDeadlines.selector);
    }

    function _allow(address target, uint64 role, bytes4 selector) private {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        manager.setTargetFunctionRole(target, selectors, role);
    }

    function _grantRoles() private {
        manager.grantRole(Roles.AUTHORITY, AUTHORITY, 0);
        manager.grantRole(Roles.INFO_CENTRE, INFO_CENTRE, 0);
        manager.grantRole(Roles.PROVINCE, PROVINCE_KEY, 0);
        manager.grantRole(Roles.PROVINCE, OTHER_PROVINCE_KEY, 0);
        manager.grantRole(Roles.PROVIDER, PROVIDER, 0);
        manager.grantRole(Roles.REGISTRAR, REGISTRAR, 0);
        manager.grantRole(Roles.EXCHANGE, EXCHANGE, 0);
        manager.grantRole(Roles.REGIONAL_OFFICE, OFFICE, 0);
        manager.grantRole(Roles.CCER_REGISTRY, CCER_REGISTRY, 0);
        manager.grantRole(Roles.GUARDIAN, GUARD, 0);
        manager.grantRole(Roles.OFFICER, OFFICER, 0);
        manager.grantRole(Roles.OFFICER, OTHER_OFFICER, 0);
        manager.grantRole(Roles.MARKET, address(market), 0);
        manager.grantRole(Roles.CERTIFICATES, address(certificates), 0);
        manager.grantRole(Roles.DECLARATIONS, address(declarations), 0);
        manager.grantRole(Roles.CASES, address(cases), 0);
        manager.grantRole(manager.ADMIN_ROLE(), address(guardian), 0);
    }

    function _openAccounts() private {
        Opening[] memory institutions = new Opening[](5);
        institutions[0] = Opening(PROVINCE_ACCOUNT, AccountKind.Province, PROVINCE, PROVINCE_KEY, "Province 15");
        institutions[1] =
            Opening(OTHER_PROVINCE_ACCOUNT, AccountKind.Province, OTHER_PROVINCE, OTHER_PROVINCE_KEY, "Province 63");
        institutions[2] = Opening(PLATFORM_ACCOUNT, AccountKind.Platform, 0, PLATFORM_KEY, "First exchange");
        institutions[3] =
            Opening(OTHER_PLATFORM_ACCOUNT, AccountKind.Platform, 0, OTHER_PLATFORM_KEY, "Second exchange");
        institutions[4] = Opening(AGENT, AccountKind.Agent, 0, AGENT_KEY, "Agent");
        vm.prank(AUTHORITY);
        registry.openInstitutions(institutions);

        Opening[] memory buyers = new Opening[](2);
        buyers[0] = Opening(BUYER, AccountKind.Buyer, 31, BUYER_KEY, "Buyer");
        buyers[1] = Opening(OTHER_BUYER, AccountKind.Buyer, 0, OTHER_BUYER_KEY, "");
        vm.prank(REGISTRAR);
        registry.openBuyers(buyers);
    }

    /* MATERIAL */

    function projectOf(Technology technology, uint8 province, uint256 sequence) internal pure returns (ProjectId) {
        return ProjectId.wrap(
            uint48((1 << 44) | (uint256(technology) << 39) | (1380 << 27) | (uint256(province) << 20) | sequence)
        );
    }

    function windOf(uint256 sequence) internal pure returns (ProjectId) {
        return projectOf(Technology.Wind, PROVINCE, sequence);
    }

    function batchOf(ProjectId project) internal pure returns (BatchId) {
        return BatchIdLibrary.make(project, MONTH, uint256(Electricity.OnGrid), true);
    }

    function leafOf(ProjectId project, uint256 electricity, uint256 wattHours) internal pure returns (uint256) {
        uint256 digest = uint136(uint256(keccak256(abi.encode(project, electricity, wattHours))));
        return (
            (uint256(ProjectId.unwrap(project)) << 208) | (electricity << 200) | (wattHours << 136) | digest
        );
    }

    function alone(uint256 leaf) internal pure returns (uint256[] memory leaves) {
        leaves = new uint256[](1);
        leaves[0] = leaf;
    }

    function filingOf(ProjectId project, address owner, address operator) internal pure returns (Filing memory) {
        return Filing({
            project: project,
            owner: owner,
            operator: operator,
            ownerName: "Owner",
            inOperation: Month.wrap(1392),
            capacityKw: 49_500,
            marketBased: true,
            document: '{"name":"A plant"}'
        });
    }

    function claimOf() internal pure returns (Claim memory) {
        return Claim("A consumer", 1, MONTH, Month.wrap(1521), "made with wind");
    }

    function unauthorized(address caller) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, caller);
    }

    /// @dev A caller that is none of the actors and no contract of the world.
    function outsider(uint256 seed) internal pure returns (address) {
        return address(uint160(bound(seed, 1 << 100, type(uint160).max)));
    }

    /* DEEDS */

    function file(Filing memory filing) internal {
        Filing[] memory filings = new Filing[](1);
        filings[0] = filing;
        vm.prank(REGISTRAR);
        registry.submit(filings);
        vm.prank(filing.project.province() == PROVINCE ? PROVINCE_KEY : OTHER_PROVINCE_KEY);
        registry.review(filings, true, "");
    }

    function commit(Month month, uint256[] memory leaves) internal returns (uint24) {
        uint256 total = 0;
        for (uint256 i = 0; i < leaves.length; ++i) {
            total += Leaf.wrap(leaves[i]).wattHours();
        }
        vm.prank(PROVIDER);
        return readings.commit(
            month, Trees.root(leaves), uint24(leaves.length), uint128(total), keccak256("the month's file"), 0
        );
    }

    /// @dev Commits and issues the first chunk.
    function issue(Month month, uint256[] memory leaves) internal returns (uint24 commitment) {
        commitment = commit(month, leaves);
        vm.prank(AUTHORITY);
        certificates.issue(commitment, 0, Trees.chunk(leaves, 0), Trees.proof(leaves, 0));
    }

    /// @dev A tradable batch of wind in MONTH, held by OWNER.
    function issueWind(uint256 sequence, uint256 count) internal returns (BatchId) {
        ProjectId project = windOf(sequence);
        file(filingOf(project, OWNER, OWNER_KEY));
        issue(MONTH, alone(leafOf(project, 0, count * CERTIFICATE)));
        return batchOf(project);
    }

    function move(BatchId batch, uint256 start, uint256 end, address to) internal {
        vm.prank(AUTHORITY);
        certificates.move(batch, uint32(start), uint32(end), to, MoveKind.Succession, BASIS);
    }

    function list(BatchId batch, uint256 start, uint256 end) internal returns (uint256) {
        vm.prank(OWNER_KEY);
        return market.list(batch, uint32(start), uint32(end), 350, 1);
    }

    function take(uint256 listing, uint256 quantity, address buyer) internal returns (uint256) {
        vm.prank(PLATFORM_KEY);
        return market.take(listing, uint32(quantity), buyer, PLATFORM_ACCOUNT);
    }

    /* COMPARISONS */

    function assertSegment(
        BatchId batch,
        uint256 serial,
        uint256 start,
        uint256 end,
        address owner,
        State state,
        bool traded
    ) internal view {
        (uint32 start_, uint32 end_, address owner_, State state_, bool traded_) =
            certificates.segmentAt(batch, uint32(serial));
        assertEq(start_, start, "start of segment");
        assertEq(end_, end, "end of segment");
        assertEq(owner_, owner, "owner of segment");
        assertEq(uint256(state_), uint256(state), "state of segment");
        assertEq(traded_, traded, "whether traded");
    }
}
