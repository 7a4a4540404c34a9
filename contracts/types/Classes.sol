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
    TooMany,
    OwnerFrozen
}
