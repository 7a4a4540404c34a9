// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {Governed} from "./Governed.sol";
import {
    Account,
    AccountKind,
    Filing,
    IRegistry,
    Mandate,
    Opening,
    Project
} from "./interfaces/IRegistry.sol";
import {Tradability} from "./libraries/Tradability.sol";
import {Electricity, LeafRefusal, Technology} from "./types/Classes.sol";
import {Credit, CreditLibrary} from "./types/Credit.sol";
import {Lane} from "./types/Lane.sol";
import {Leaf} from "./types/Leaf.sol";
import {Month} from "./types/Month.sol";
import {Particulars} from "./types/Particulars.sol";
import {ProjectId, ProjectIdLibrary} from "./types/ProjectId.sol";
import {Terms} from "./types/Terms.sol";
import {Roles} from "./Roles.sol";

/// @notice Its manual is `IRegistry`.
contract Registry is IRegistry, Governed {
    uint256 private constant MAX_PLATFORMS = 64;
    uint256 private constant MAX_DOCUMENT = 4096;
    uint256 private constant MAX_CCER_MONTHS = 120;

    /* STORAGE */

    mapping(address id => Account) private _accounts;
    mapping(ProjectId id => Terms) private _terms;
    mapping(ProjectId id => Particulars) private _particulars;
    /// @inheritdoc IRegistry
    mapping(ProjectId id => bytes32) public pendingFiling;
    mapping(ProjectId id => mapping(uint8 version => bytes32)) private _filingHashes;
    mapping(uint8 province => address) private _provinces;
    mapping(address principal => Mandate) private _mandates;
    mapping(ProjectId id => mapping(uint256 word => uint256)) private _ccerMonths;
    mapping(bytes32 number => bool) private _ccerNumbers;
    uint8 private _platformCount;
    /// @inheritdoc IRegistry
    uint64 public ccerLinkageEnds;

    constructor(address authority, address relay) Governed(authority, relay) {}

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
        emit AccountFrozen(id, frozen, reason);
    }

    /// @inheritdoc IRegistry
    function close(address id, string calldata reason) external restricted {
        _requireKnown(id);
        _requireOpen(id);
        _accounts[id].closed = true;
        emit AccountClosed(id, reason);
    }

    /* AGENTS */

    /// @inheritdoc IRegistry
    function fileMandate(address principal, address agent, uint40 from, uint40 until, bytes32 document)
        external
        restricted
    {
        _requireMayAct(principal);
        uint40 standing = _mandates[principal].until;
        if (block.timestamp < standing) revert MandateStands(principal, standing);
        if (_accounts[agent].kind != AccountKind.Agent) revert NotAnAgent(agent);
        _requireOpen(agent);
        if (from >= until || until <= block.timestamp) revert MandatePeriod(from, until);
        if (document == 0) revert EvidenceZero();

        _accounts[principal].mandated = true;
        _mandates[principal] = Mandate(agent, from, until);
        emit MandateFiled(principal, agent, from, until, document);
    }

    /// @inheritdoc IRegistry
    function revokeMandate(address principal) external restricted {
        Mandate memory mandate = _mandates[principal];
        if (block.timestamp >= mandate.until) revert MandateUnknown(principal);
        address caller = _msgSender();
        bool allowed = caller == _accounts[principal].operator || caller == _accounts[mandate.agent].operator
            || _isAuthority(caller);
        if (!allowed) revert MayNotAct(principal, caller);

        delete _mandates[principal];
        emit MandateRevoked(principal, mandate.agent);
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
            Particulars particulars = _particulars[id];
            uint8 version = particulars.submitted();
            if (version == type(uint8).max) revert VersionsExhausted(id);

            _particulars[id] = particulars.withSubmitted(++version);
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
        address caller = _msgSender();
        for (uint256 i = 0; i < filings.length; ++i) {
            Filing calldata filing = filings[i];
            ProjectId id = filing.project;
            uint8 province = id.province();
            if (!mayAct(_provinces[province], caller)) revert NotOfProvince(caller, province);
            if (pendingFiling[id] != keccak256(abi.encode(filing))) revert FilingNotPending(id);

            delete pendingFiling[id];
            uint8 version = _particulars[id].submitted();
            if (approved) _approve(filing, version);
            emit FilingReviewed(id, version, approved, caller, reason);
        }
    }

    /* CCER */

    /// @inheritdoc IRegistry
    function chooseCcer(ProjectId id, bool chosen) external restricted {
        Terms terms = _terms[id];
        if (terms.filing() == 0) revert ProjectNotApproved(id);
        _requireMayAct(terms.owner());
        if (!Tradability.canChooseCcer(id.technology())) revert NotForCcer(id);
        if (terms.ccer() == chosen) revert CcerUnchanged(id, chosen);
        if (chosen && ccerLinkageEnds != 0 && block.timestamp >= ccerLinkageEnds) {
            revert CcerLinkageEnded(ccerLinkageEnds);
        }

        _terms[id] = terms.withCcer(chosen);
        emit CcerChosen(id, chosen);
    }

    /// @inheritdoc IRegistry
    function registerCcer(ProjectId id, Month from, Month to, string calldata number) external restricted {
        if (!_terms[id].ccer()) revert CcerNotChosen(id);
        uint256 end = Month.unwrap(to);
        if (!from.isBefore(to) || end - Month.unwrap(from) > MAX_CCER_MONTHS) revert CcerMonths(from, to);
        if (bytes(number).length == 0) revert CcerNumberEmpty();
        bytes32 key = keccak256(bytes(number));
        if (_ccerNumbers[key]) revert CcerNumberUsed(number);

        _ccerNumbers[key] = true;
        for (uint256 month = Month.unwrap(from); month < end; ++month) {
            uint256 bit = 1 << (month & 0xff);
            uint256 word = _ccerMonths[id][month >> 8];
            if (word & bit != 0) revert CcerMonthRegistered(id, Month.wrap(uint16(month)));
            _ccerMonths[id][month >> 8] = word | bit;
        }
        emit CcerRegistered(id, from, to, number);
    }

    /// @inheritdoc IRegistry
    function setCcerLinkage(uint64 ends) external restricted {
        ccerLinkageEnds = ends;
        emit CcerLinkageSet(ends);
    }

    /* ENERGY */

    /// @inheritdoc IRegistry
    function credit(Month month, uint256[] calldata leaves, uint256 skipped)
        external
        restricted
        returns (Credit[] memory credits)
    {
        credits = new Credit[](leaves.length);
        // Bounds: a calldata array is shorter than 2^64.
        unchecked {
            for (uint256 i = 0; i < leaves.length; ++i) {
                if ((skipped >> i) & 1 == 0) credits[i] = _credit(month, Leaf.wrap(leaves[i]));
            }
        }
    }

    /// @inheritdoc IRegistry
    function correct(ProjectId id, Month month, uint8 electricity, int64 wattHours, uint24 caseId)
        external
        restricted
        returns (int32 certificates)
    {
        Lane lane = laneOf(id, electricity);
        if (!lane.isIssued(month)) revert CorrectionOutOfReach(id, wattHours);
        (Lane next, int256 change) = lane.correct(wattHours);
        if (change > int256(type(int32).max) || change < int256(type(int32).min)) {
            revert CorrectionOutOfReach(id, wattHours);
        }

        certificates = int32(change);
        if (electricity == 0) _terms[id] = _terms[id].withOnGrid(next);
        else _particulars[id] = _particulars[id].withLane(electricity, next);
        emit EnergyCorrected(id, month, electricity, caseId, wattHours, certificates);
    }

    /* VIEWS */

    /// @inheritdoc IRegistry
    function account(address id) external view returns (Account memory) {
        return _accounts[id];
    }

    /// @inheritdoc IRegistry
    function mayAct(address id, address caller) public view returns (bool) {
        return caller != address(0) && actorOf(id) == caller;
    }

    /// @inheritdoc IRegistry
    function actorOf(address id) public view returns (address) {
        Account storage found = _accounts[id];
        if (found.frozen || found.closed) return address(0);
        if (!found.mandated) return found.operator;
        Mandate memory mandate = _mandates[id];
        if (block.timestamp < mandate.from || block.timestamp >= mandate.until) return found.operator;
        Account storage agent = _accounts[mandate.agent];
        return agent.frozen || agent.closed ? address(0) : agent.operator;
    }

    /// @inheritdoc IRegistry
    function mayReceive(address id) external view returns (bool) {
        Account storage found = _accounts[id];
        return found.kind != AccountKind.None && !found.closed;
    }

    /// @inheritdoc IRegistry
    function mandateOf(address principal) external view returns (Mandate memory) {
        return _mandates[principal];
    }

    /// @inheritdoc IRegistry
    function ccerOf(ProjectId id, Month month) external view returns (bool chosen, bool registered) {
        uint256 index = Month.unwrap(month);
        return (_terms[id].ccer(), (_ccerMonths[id][index >> 8] >> (index & 0xff)) & 1 == 1);
    }

    /// @inheritdoc IRegistry
    function project(ProjectId id) external view returns (Project memory) {
        Terms terms = _terms[id];
        Particulars particulars = _particulars[id];
        return Project({
            owner: terms.owner(),
            inOperation: terms.inOperation(),
            filing: terms.filing(),
            submitted: particulars.submitted(),
            marketBased: terms.marketBased(),
            capacityKw: particulars.capacityKw()
        });
    }

    /// @inheritdoc IRegistry
    function laneOf(ProjectId id, uint8 electricity) public view returns (Lane) {
        if (electricity > uint256(type(Electricity).max)) return Lane.wrap(0);
        return electricity == 0 ? _terms[id].onGrid() : _particulars[id].lane(electricity);
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

    /* INTERNALS */

    function _approve(Filing calldata filing, uint8 version) private {
        ProjectId id = filing.project;
        _terms[id] = _terms[id].refiled(filing.owner, filing.inOperation, version, filing.marketBased);
        _particulars[id] = _particulars[id].withCapacityKw(filing.capacityKw);
        _filingHashes[id][version] = keccak256(bytes(filing.document));
        if (_accounts[filing.owner].kind == AccountKind.None) {
            _open(filing.owner, AccountKind.Owner, id.province(), filing.operator, filing.ownerName);
        }
    }

    function _open(address id, AccountKind kind, uint8 province, address operator, string calldata name) private {
        _accounts[id] = Account({
            operator: operator,
            kind: kind,
            province: province,
            frozen: false,
            platformBit: 0,
            closed: false,
            mandated: false
        });
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

    function _credit(Month month, Leaf leaf) private returns (Credit) {
        ProjectId id = leaf.project();
        Terms terms = _terms[id];
        if (terms.filing() == 0) return CreditLibrary.refused(LeafRefusal.ProjectNotApproved);
        Technology technology = id.technology();
        uint256 bits = leaf.electricityBits();
        if (bits > uint256(type(Electricity).max) || !Tradability.isIssuable(technology)) {
            return CreditLibrary.refused(LeafRefusal.NotIssuable);
        }
        if (month.isBefore(terms.inOperation())) return CreditLibrary.refused(LeafRefusal.BeforeGridConnection);

        Electricity electricity = Electricity(bits);
        bool tradable =
            Tradability.isTradable(technology, electricity, terms.inOperation(), terms.marketBased());
        address holder = terms.owner();
        if (Tradability.goesToProvince(technology, electricity, tradable)) {
            holder = _provinces[id.province()];
            if (holder == address(0)) return CreditLibrary.refused(LeafRefusal.NoProvincialAccount);
        }
        (uint32 count, LeafRefusal refusal) = _add(id, terms, bits, month, leaf.wattHours());
        if (refusal != LeafRefusal.None) return CreditLibrary.refused(refusal);
        return CreditLibrary.make(holder, count, tradable, terms.filing());
    }

    /// @dev Adds a month's energy to a project's account.
    function _add(ProjectId id, Terms terms, uint256 electricity, Month month, uint64 wattHours)
        private
        returns (uint32 count, LeafRefusal refusal)
    {
        Lane lane;
        if (electricity == 0) {
            (lane, count, refusal) = terms.onGrid().issue(month, wattHours);
            if (refusal == LeafRefusal.None) _terms[id] = terms.withOnGrid(lane);
        } else {
            Particulars word = _particulars[id];
            (lane, count, refusal) = word.lane(electricity).issue(month, wattHours);
            if (refusal == LeafRefusal.None) _particulars[id] = word.withLane(electricity, lane);
        }
    }

    function _requireNew(address id) private view {
        if (id == address(0)) revert AccountZero();
        if (_accounts[id].kind != AccountKind.None) revert AccountExists(id);
    }

    function _requireKnown(address id) private view {
        if (_accounts[id].kind == AccountKind.None) revert AccountUnknown(id);
    }

    function _requireOpen(address id) private view {
        if (_accounts[id].closed) revert AccountIsClosed(id);
    }

    function _requireMayAct(address id) private view {
        address caller = _msgSender();
        if (!mayAct(id, caller)) revert MayNotAct(id, caller);
    }

    function _isAuthority(address caller) private view returns (bool isMember) {
        (isMember,) = IAccessManager(authority()).hasRole(Roles.AUTHORITY, caller);
    }

    function _requireProvinceOrNone(uint8 province) private pure {
        if (province == 0) return;
        if (province < ProjectIdLibrary.FIRST_PROVINCE || province > ProjectIdLibrary.LAST_PROVINCE) {
            revert ProvinceUnknown(province);
        }
    }
}
