// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Credit} from "../types/Credit.sol";
import {Lane} from "../types/Lane.sol";
import {Month} from "../types/Month.sol";
import {ProjectId} from "../types/ProjectId.sol";

/// @notice Kinds of account; the kind is what it was opened as and gives no right by itself.
enum AccountKind {
    None,
    Owner,
    Buyer,
    Province,
    Agent,
    Platform,
    Provider
}

/// @notice A green certificate account (绿证账户), one per legal identity (Q84, Q86).
/// @param operator Key that acts for the account; it can be replaced, the account cannot.
/// @param platformBit For a platform: 1 + its position in a listing's set of platforms; else 0.
/// @param closed Closed for good: it neither acts nor receives, and what it still holds is retired (2026 rules).
/// @param mandated Whether a mandate was ever filed; `mandateOf` knows whether one lasts.
struct Account {
    address operator;
    AccountKind kind;
    uint8 province;
    bool frozen;
    uint8 platformBit;
    bool closed;
    bool mandated;
}

/// @notice An agent's mandate (授权委托, Q36, Q40), in force in [from, until) of unix time.
struct Mandate {
    address agent;
    uint40 from;
    uint40 until;
}

/// @notice Key facts of a filed project (建档立卡, Q90). `filing` 0 means that no filing was approved yet.
/// @param inOperation Month of first operation and grid connection.
/// @param filing Version that is in force.
/// @param submitted Latest version that was submitted.
struct Project {
    address owner;
    Month inOperation;
    uint8 filing;
    uint8 submitted;
    bool marketBased;
    uint32 capacityKw;
}

/// @notice Request to open an account. `account` is the last 20 bytes of the keyed hash of the legal identity.
/// @param name Registered name of an organisation; empty for a natural person.
struct Opening {
    address account;
    AccountKind kind;
    uint8 province;
    address operator;
    string name;
}

/// @notice A project's filing. The document is its public part as canonical JSON; its keccak256 is the filing hash.
struct Filing {
    ProjectId project;
    address owner;
    address operator;
    string ownerName;
    Month inOperation;
    uint32 capacityKw;
    bool marketBased;
    string document;
}

/// @title Registry of accounts and projects
/// @notice Who exists, who acts for whom, and which projects may have certificates.
interface IRegistry {
    /// @notice An account exists from here on. `province` is a GB/T 2260 code of two digits, or 0.
    event AccountOpened(
        address indexed account, AccountKind kind, uint8 province, address operator, string name
    );
    /// @notice A platform takes the position `index` in the sets of platforms that listings name.
    event PlatformAdmitted(address indexed account, uint8 index);
    event OperatorChanged(address indexed account, address operator);
    event AccountFrozen(address indexed account, bool frozen, string reason);
    /// @notice An agent acts for the principal from here on; `document` is the hash of the agreement.
    event MandateFiled(
        address indexed principal, address indexed agent, uint40 from, uint40 until, bytes32 document
    );
    event MandateRevoked(address indexed principal, address indexed agent);
    event AccountClosed(address indexed account, string reason);
    /// @notice The project turned to CCER, or back: its untraded certificates stand still meanwhile (Q12, Q66).
    event CcerChosen(ProjectId indexed project, bool chosen);
    /// @notice Emission reductions of the months [from, to) were registered under a number (Q79, Q80).
    event CcerRegistered(ProjectId indexed project, Month from, Month to, string number);
    /// @notice Projects can turn to CCER until `ends`, in unix time.
    event CcerLinkageSet(uint64 ends);
    /// @notice A decided case corrects a month's metered energy: so many certificates more or fewer.
    event EnergyCorrected(
        ProjectId indexed project,
        Month month,
        uint8 electricity,
        uint24 indexed caseId,
        int64 wattHours,
        int32 certificates
    );
    /// @notice A filing waits for its province's review.
    event FilingSubmitted(
        ProjectId indexed project,
        uint8 version,
        address owner,
        Month inOperation,
        uint32 capacityKw,
        bool marketBased,
        string document
    );
    event FilingReviewed(
        ProjectId indexed project, uint8 version, bool approved, address reviewer, string reason
    );

    error AccountExists(address account);
    error AccountUnknown(address account);
    error AccountZero();
    error KindNotAllowed(address account, AccountKind kind);
    error ProvinceUnknown(uint8 province);
    error ProvinceHasAccount(uint8 province, address account);
    error TooManyPlatforms();
    error ProjectNotCanonical(ProjectId project);
    error CapacityZero(ProjectId project);
    error DocumentLength(ProjectId project, uint256 length);
    error VersionsExhausted(ProjectId project);
    /// @notice The reviewed filing is not, to the letter, the one that waits.
    error FilingNotPending(ProjectId project);
    error NotOfProvince(address caller, uint8 province);
    error MayNotAct(address account, address caller);
    error AccountIsClosed(address account);
    error NotAnAgent(address account);
    error MandatePeriod(uint40 from, uint40 until);
    error MandateStands(address principal, uint40 until);
    error MandateUnknown(address principal);
    error EvidenceZero();
    error ProjectNotApproved(ProjectId project);
    /// @notice Only deep-sea wind and solar-thermal projects can choose (Q66).
    error NotForCcer(ProjectId project);
    error CcerLinkageEnded(uint64 ends);
    error CcerUnchanged(ProjectId project, bool chosen);
    error CcerNotChosen(ProjectId project);
    error CcerMonths(Month from, Month to);
    error CcerNumberEmpty();
    error CcerNumberUsed(string number);
    error CcerMonthRegistered(ProjectId project, Month month);
    /// @notice The month of the project was never issued, or the correction takes more than its batch has left.
    error CorrectionOutOfReach(ProjectId project, int64 wattHours);

    /// @notice Opens accounts of institutions: province, agent, platform, provider. Authority only.
    /// @dev Reverts, in this order: AccountZero, AccountExists, KindNotAllowed, ProvinceUnknown, ProvinceHasAccount,
    /// TooManyPlatforms.
    function openInstitutions(Opening[] calldata openings) external;

    /// @notice Opens buyers' accounts (Q84). Registrars: the authority's own office and the platforms.
    /// @dev Reverts, in this order: AccountZero, AccountExists, KindNotAllowed, ProvinceUnknown.
    function openBuyers(Opening[] calldata openings) external;

    /// @notice Gives an account another operator key. Authority only.
    function setOperator(address account, address operator) external;

    /// @notice Freezes or frees an account; a frozen account holds but does not act. Authority only.
    function setFrozen(address account, bool frozen, string calldata reason) external;

    /// @notice Closes an account for good (账户注销). Authority only.
    /// @dev Reverts, in this order: AccountUnknown, AccountIsClosed.
    function close(address account, string calldata reason) external;

    /// @notice Files an agent's mandate: while it lasts the agent's operator acts for the principal, and the
    /// principal's own does not (Q36, Q40). Whoever acts for the principal.
    /// @param document Hash of the agreement.
    /// @dev Reverts, in this order: MayNotAct, MandateStands, NotAnAgent, AccountIsClosed, MandatePeriod (`until` not
    /// after `from`, or over), EvidenceZero.
    function fileMandate(address principal, address agent, uint40 from, uint40 until, bytes32 document) external;

    /// @notice Ends a mandate before its day. The principal's own operator, the agent's, or the authority.
    /// @dev Reverts, in this order: MandateUnknown, MayNotAct.
    function revokeMandate(address principal) external;

    /// @notice Chooses CCER for a project, or certificates again (Q12, Q66). Whoever acts for its owner.
    /// @dev Reverts, in this order: ProjectNotApproved, MayNotAct, NotForCcer, CcerUnchanged, CcerLinkageEnded (when
    /// choosing CCER).
    function chooseCcer(ProjectId project, bool chosen) external;

    /// @notice Records that emission reductions for a project's months were registered (Q79, Q80): their untraded
    /// certificates are retired by `Certificates.retireDue`. CCER registry only.
    /// @param number Registration number of the CCER registry.
    /// @dev Reverts, in this order: CcerNotChosen, CcerMonths (none, or more than 120), CcerNumberEmpty,
    /// CcerNumberUsed, CcerMonthRegistered.
    function registerCcer(ProjectId project, Month from, Month to, string calldata number) external;

    /// @notice Sets when the choice between certificates and CCER ends, 0 for not at all. Authority only.
    function setCcerLinkage(uint64 ends) external;

    /// @notice Submits filings, new or changed (Q90, Q92); a filing that still waits is replaced. Registrars only.
    /// @dev Reverts, in this order: ProjectNotCanonical, AccountZero, CapacityZero, DocumentLength, VersionsExhausted.
    function submit(Filing[] calldata filings) external;

    /// @notice Approves filings or sends them back (Q91). The reviewer hands in what it saw; the owner's account is
    /// opened with the first approval (Q94). The province's own account only.
    /// @dev Reverts, in this order: NotOfProvince, FilingNotPending.
    function review(Filing[] calldata filings, bool approved, string calldata reason) external;

    /// @notice Adds a month's metered energy to the projects' accounts; whole certificates come out (Q24).
    /// `Certificates` only.
    /// @param leaves Readings of the month, see `Leaf`.
    /// @param skipped A bit for each leaf to leave alone.
    /// @return credits In the order of the leaves: who gets how many, or why not.
    function credit(Month month, uint256[] calldata leaves, uint256 skipped)
        external
        returns (Credit[] memory credits);

    /// @notice Corrects a project's metered energy after a decided case (Q95). `Cases` only.
    /// @param wattHours What is added to the month's metered energy, or taken from it.
    /// @return certificates To be issued in addition, or, negative, to be deducted; the carry takes the rest (I4).
    /// @dev Reverts: CorrectionOutOfReach.
    function correct(ProjectId project, Month month, uint8 electricity, int64 wattHours, uint24 caseId)
        external
        returns (int32 certificates);

    function account(address id) external view returns (Account memory);

    /// @notice Key that may act for the account now: its operator, the agent's while a mandate lasts, or 0 (I7).
    function actorOf(address id) external view returns (address);

    /// @notice Whether the account exists and can receive certificates: it is not closed.
    function mayReceive(address id) external view returns (bool);

    function mandateOf(address principal) external view returns (Mandate memory);

    /// @notice Whether the project turned to CCER, and whether reductions were registered for the month.
    function ccerOf(ProjectId project, Month month) external view returns (bool chosen, bool registered);

    /// @notice When the choice between certificates and CCER ends, in unix time; 0 for not at all.
    function ccerLinkageEnds() external view returns (uint64);

    /// @notice Whether `caller` may act for the account now (I7).
    function mayAct(address id, address caller) external view returns (bool);

    function project(ProjectId id) external view returns (Project memory);

    /// @notice Energy account of a project and electricity (0 to 3).
    function laneOf(ProjectId project, uint8 electricity) external view returns (Lane);

    /// @notice keccak256 of the public filing document of an approved version, else 0.
    function filingHash(ProjectId id, uint8 version) external view returns (bytes32);

    /// @notice keccak256 of the ABI encoding of the filing that waits for review, else 0.
    function pendingFiling(ProjectId id) external view returns (bytes32);

    /// @notice The provincial account (省级绿证专用账户, Q87), or 0.
    function provincialAccount(uint8 province) external view returns (address);

    /// @notice Bit set of the admitted platforms.
    function platforms() external view returns (uint64);
}
