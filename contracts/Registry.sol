// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {
    Account,
    AccountKind,
    Filing,
    IRegistry,
    Opening,
    Project
} from "./interfaces/IRegistry.sol";
import {ProjectId, ProjectIdLibrary} from "./types/ProjectId.sol";
import {Terms, TermsLibrary} from "./types/Terms.sol";

/// @notice Its manual is `IRegistry`.
contract Registry is IRegistry, AccessManaged {
    uint256 private constant MAX_PLATFORMS = 64;
    uint256 private constant MAX_DOCUMENT = 4096;

    /* STORAGE */

    mapping(address id => Account) private _accounts;
    mapping(ProjectId id => Terms) private _projects;
    /// @inheritdoc IRegistry
    mapping(ProjectId id => bytes32) public pendingFiling;
    mapping(ProjectId id => mapping(uint8 version => bytes32)) private _filingHashes;
    mapping(uint8 province => address) private _provinces;
    uint8 private _platformCount;
    /// @dev A bit for the last byte of every account that was ever frozen: issuing need not read the others.
    uint256 private _suspects;

    constructor(address authority) AccessManaged(authority) {}

    /* ACCOUNTS */

    /// @inheritdoc IRegistry
    function openInstitutions(Opening[] calldata openings) external restricted {
        for (uint256 i = 0; i < openings.length; ++i) {
            Opening calldata opening = openings[i];
            _requireNew(opening.account);
            if (opening.kind <= AccountKind.Buyer) revert KindNotAllowed(opening.account, opening.kind);
            if (opening.kind == AccountKind.Province) _assignProvince(opening);
            else _requireProvinceOrNone(opening.province);
            _open(opening.account, opening.kind, opening.province, opening.operator, opening.name);
            if (opening.kind == AccountKind.Platform) _admitPlatform(opening.account);
        }
    }

    /// @inheritdoc IRegistry
    function openBuyers(Opening[] calldata openings) external restricted {
        for (uint256 i = 0; i < openings.length; ++i) {
            Opening calldata opening = openings[i];
            _requireNew(opening.account);
            if (opening.kind != AccountKind.Buyer) revert KindNotAllowed(opening.account, opening.kind);
            _requireProvinceOrNone(opening.province);
            _open(opening.account, opening.kind, opening.province, opening.operator, opening.name);
        }
    }

    /// @inheritdoc IRegistry
    function setOperator(address id, address operator) external restricted {
        _requireKnown(id);
        _accounts[id].operator = operator;
        emit OperatorChanged(id, operator);
    }

    /// @inheritdoc IRegistry
    function setFrozen(address id, bool frozen, string calldata reason) external restricted {
        _requireKnown(id);
        _accounts[id].frozen = frozen;
        if (frozen) _suspects |= _suspicion(id);
        emit AccountFrozen(id, frozen, reason);
    }

    /* PROJECTS */

    /// @inheritdoc IRegistry
    function submit(Filing[] calldata filings) external restricted {
        for (uint256 i = 0; i < filings.length; ++i) {
            Filing calldata filing = filings[i];
            ProjectId id = filing.project;
            if (!id.isCanonical()) revert ProjectNotCanonical(id);
            if (filing.owner == address(0)) revert AccountZero();
            if (filing.capacityKw == 0) revert CapacityZero(id);
            uint256 length = bytes(filing.document).length;
            if (length == 0 || length > MAX_DOCUMENT) revert DocumentLength(id, length);
            uint8 version = _projects[id].submitted();
            if (version == type(uint8).max) revert VersionsExhausted(id);

            _projects[id] = _projects[id].withSubmitted(++version);
            pendingFiling[id] = keccak256(abi.encode(filing));
            emit FilingSubmitted(
                id,
                version,
                filing.owner,
                filing.inOperation,
                filing.capacityKw,
                filing.marketBased,
                filing.document
            );
        }
    }

    /// @inheritdoc IRegistry
    function review(Filing[] calldata filings, bool approved, string calldata reason) external restricted {
        for (uint256 i = 0; i < filings.length; ++i) {
            Filing calldata filing = filings[i];
            ProjectId id = filing.project;
            uint8 province = id.province();
            if (!mayAct(_provinces[province], msg.sender)) revert NotOfProvince(msg.sender, province);
            if (pendingFiling[id] != keccak256(abi.encode(filing))) revert FilingNotPending(id);

            delete pendingFiling[id];
            uint8 version = _projects[id].submitted();
            if (approved) _approve(filing, version);
            emit FilingReviewed(id, version, approved, msg.sender, reason);
        }
    }

    /* VIEWS */

    /// @inheritdoc IRegistry
    function account(address id) external view returns (Account memory) {
        return _accounts[id];
    }

    /// @inheritdoc IRegistry
    function mayAct(address id, address caller) public view returns (bool) {
        Account storage found = _accounts[id];
        return found.operator == caller && found.kind != AccountKind.None && !found.frozen;
    }

    /// @inheritdoc IRegistry
    function project(ProjectId id) external view returns (Project memory) {
        Terms terms = _projects[id];
        return Project({
            owner: terms.owner(),
            inOperation: terms.inOperation(),
            filing: terms.filing(),
            submitted: terms.submitted(),
            marketBased: terms.marketBased(),
            capacityKw: terms.capacityKw()
        });
    }

    /// @inheritdoc IRegistry
    function filingHash(ProjectId id, uint8 version) external view returns (bytes32) {
        return _filingHashes[id][version];
    }

    /// @inheritdoc IRegistry
    function provincialAccount(uint8 province) external view returns (address) {
        return _provinces[province];
    }

    /// @inheritdoc IRegistry
    function platforms() external view returns (uint64) {
        return uint64((uint256(1) << _platformCount) - 1);
    }

    /// @inheritdoc IRegistry
    function termsOf(ProjectId[] calldata projects) external view returns (Terms[] memory terms) {
        terms = new Terms[](projects.length);
        uint256 suspects = _suspects;
        // Bounds: a calldata array is shorter than 2^64.
        unchecked {
            for (uint256 i = 0; i < projects.length; ++i) {
                Terms found = _projects[projects[i]];
                if (found.filing() == 0) continue;
                address owner = found.owner();
                bool frozen = suspects & _suspicion(owner) != 0 && _accounts[owner].frozen;
                terms[i] = frozen ? found.withFrozen() : found;
            }
        }
    }

    /* INTERNALS */

    function _approve(Filing calldata filing, uint8 version) private {
        ProjectId id = filing.project;
        _projects[id] = TermsLibrary.make(
            filing.owner, filing.inOperation, version, filing.marketBased, filing.capacityKw
        );
        _filingHashes[id][version] = keccak256(bytes(filing.document));
        if (_accounts[filing.owner].kind == AccountKind.None) {
            _open(filing.owner, AccountKind.Owner, id.province(), filing.operator, filing.ownerName);
        }
    }

    function _open(address id, AccountKind kind, uint8 province, address operator, string calldata name) private {
        _accounts[id] =
            Account({operator: operator, kind: kind, province: province, frozen: false, platformBit: 0});
        emit AccountOpened(id, kind, province, operator, name);
    }

    function _assignProvince(Opening calldata opening) private {
        uint8 province = opening.province;
        if (province == 0) revert ProvinceUnknown(province);
        _requireProvinceOrNone(province);
        if (_provinces[province] != address(0)) revert ProvinceHasAccount(province, _provinces[province]);
        _provinces[province] = opening.account;
    }

    function _admitPlatform(address id) private {
        if (_platformCount == MAX_PLATFORMS) revert TooManyPlatforms();
        uint8 index = _platformCount++;
        _accounts[id].platformBit = index + 1;
        emit PlatformAdmitted(id, index);
    }

    function _suspicion(address id) private pure returns (uint256) {
        return uint256(1) << (uint160(id) & 0xff);
    }

    function _requireNew(address id) private view {
        if (id == address(0)) revert AccountZero();
        if (_accounts[id].kind != AccountKind.None) revert AccountExists(id);
    }

    function _requireKnown(address id) private view {
        if (_accounts[id].kind == AccountKind.None) revert AccountUnknown(id);
    }

    function _requireProvinceOrNone(uint8 province) private pure {
        if (province == 0) return;
        if (province < ProjectIdLibrary.FIRST_PROVINCE || province > ProjectIdLibrary.LAST_PROVINCE) {
            revert ProvinceUnknown(province);
        }
    }
}
