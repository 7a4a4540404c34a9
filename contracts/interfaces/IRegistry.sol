// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Month} from "../types/Month.sol";
import {ProjectId} from "../types/ProjectId.sol";
import {Terms} from "../types/Terms.sol";

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
struct Account {
    address operator;
    AccountKind kind;
    uint8 province;
    bool frozen;
    uint8 platformBit;
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

    /// @notice Submits filings, new or changed (Q90, Q92); a filing that still waits is replaced. Registrars only.
    /// @dev Reverts, in this order: ProjectNotCanonical, AccountZero, CapacityZero, DocumentLength, VersionsExhausted.
    function submit(Filing[] calldata filings) external;

    /// @notice Approves filings or sends them back (Q91). The reviewer hands in what it saw; the owner's account is
    /// opened with the first approval (Q94). The province's own account only.
    /// @dev Reverts, in this order: NotOfProvince, FilingNotPending.
    function review(Filing[] calldata filings, bool approved, string calldata reason) external;

    function account(address id) external view returns (Account memory);

    /// @notice Whether `caller` may act for the account now (I7).
    function mayAct(address id, address caller) external view returns (bool);

    function project(ProjectId id) external view returns (Project memory);

    /// @notice keccak256 of the public filing document of an approved version, else 0.
    function filingHash(ProjectId id, uint8 version) external view returns (bytes32);

    /// @notice keccak256 of the ABI encoding of the filing that waits for review, else 0.
    function pendingFiling(ProjectId id) external view returns (bytes32);

    /// @notice The provincial account (省级绿证专用账户, Q87), or 0.
    function provincialAccount(uint8 province) external view returns (address);

    /// @notice Bit set of the admitted platforms.
    function platforms() external view returns (uint64);

    /// @notice Issuing terms of many projects at once, in their order.
    function termsOf(ProjectId[] calldata projects) external view returns (Terms[] memory);
}
