// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice Generating technologies, in the order of the project code; `None` spells no project.
enum Technology {
    None,
    Wind,
    OffshoreWind,
    DeepSeaWind,
    SolarPv,
    SolarThermal,
    Hydro,
    PumpedStorage,
    Biomass,
    LandfillGas,
    Geothermal,
    Ocean,
    Storage
}

/// @notice What became of the electricity: 上网, 自发自用, 离网, 机制电量.
enum Electricity {
    OnGrid,
    SelfUse,
    OffGrid,
    Mechanism
}

/// @notice State of a segment of certificates. `None` is no certificate.
enum State {
    None,
    Held,
    Listed,
    Frozen,
    Retired,
    Deducted
}

/// @notice Why a certificate was retired (Q79; account closure after the 2026 rules).
enum RetirementReason {
    None,
    Expired,
    Consumed,
    Ccer,
    AccountClosed
}

/// @notice Why a leaf of a chunk was not issued.
enum LeafRefusal {
    None,
    ProjectNotApproved,
    MonthAlreadyIssued,
    BeforeGridConnection,
    TooOld,
    NotIssuable,
    NoProvincialAccount,
    TooMany
}

/// @notice How a certificate came to its one trade (Q41, Q43): 挂牌, 双边协商, 绿色电力交易.
enum TradeWay {
    None,
    Listing,
    Bilateral,
    GreenPower
}

/// @notice Why a certificate moves without a trade (划转, Q47, Q48, 2026 rules). `Succession` is ours: what a merger or
/// an inheritance leaves to another account.
enum MoveKind {
    None,
    HydroToUser,
    Distribution,
    SelfUseToUser,
    Succession
}

/// @notice Where a declared reading stands (Q26): 申报, 初核, 复核.
enum DeclarationStage {
    None,
    Declared,
    Checked,
    Accepted,
    SentBack
}

/// @notice Where a dispute stands (异议, Q95).
enum CaseStage {
    None,
    Opened,
    Proposed,
    Checked,
    Decided,
    Closed
}

/// @notice What a dispute came to: 驳回, 补发, 扣减, 撤回交易.
enum Outcome {
    None,
    Rejected,
    Added,
    Deducted,
    Undone
}
