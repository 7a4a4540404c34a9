// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice Role numbers in the AccessManager. Which functions each may call is set at deployment.
library Roles {
    uint64 internal constant AUTHORITY = 1;
    uint64 internal constant INFO_CENTRE = 2;
    uint64 internal constant PROVINCE = 3;
    uint64 internal constant PROVIDER = 4;
    uint64 internal constant REGISTRAR = 5;
    uint64 internal constant EXCHANGE = 6;
    uint64 internal constant REGIONAL_OFFICE = 7;
    uint64 internal constant CCER_REGISTRY = 8;
    uint64 internal constant GUARDIAN = 9;
    uint64 internal constant MARKET = 10;
    uint64 internal constant CERTIFICATES = 11;
    uint64 internal constant DECLARATIONS = 12;
    uint64 internal constant CASES = 13;
    uint64 internal constant OFFICER = 14;
}
