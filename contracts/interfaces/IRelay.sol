// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice A call that its signer wants made, EIP-712 type `Request`, domain "gecchain Relay", version "1".
/// @param from Who calls: a key, or a contract that signs by ERC-1271.
/// @param to One of the registry's contracts.
/// @param gas What the call may use. A contract's check of its signature may use as much before.
/// @param nonce Tells requests apart that are otherwise the same. Any number, in any order.
/// @param deadline Last second, unix time, at which it counts.
/// @param data The call as it would be sent.
struct Request {
    address from;
    address to;
    uint256 gas;
    uint256 nonce;
    uint64 deadline;
    bytes data;
}

/// @notice Why a request is passed over.
enum Objection {
    None,
    Expired,
    RelayedAlready,
    /// @dev The contract does not take senders from this relay.
    NotOurs,
    NotSigned
}

/// @title The relay
/// @notice Makes calls for whoever signed them, each once, at whoever's expense (ERC-2771). The contracts take the signer
/// for their caller. It has no role and no owner, and a request that it does not relay can be sent directly as well.
interface IRelay {
    /// @notice A request was used up: its call succeeded, or was refused with these bytes (the first 1,024 of them; none
    /// when it ran out of its gas). Follows the call's own events.
    event Relayed(bytes32 indexed request, address indexed from, address indexed to, bool done, bytes reason);

    error LengthsDiffer(uint256 expected, uint256 found);
    /// @notice The transaction has too little gas left for what the request was signed for.
    error GasShort(uint256 wanted, uint256 left);

    /// @notice Makes the calls of the requests, in their order. Anybody.
    /// @dev A request that `objectionTo` objects to is passed over: it changes nothing, no event tells of it, and the
    /// others go on. A call that is refused uses its request up and undoes nothing but itself. Reverts, in this order:
    /// LengthsDiffer, GasShort.
    function relay(Request[] calldata requests, bytes[] calldata signatures) external;

    /// @notice EIP-712 digest that is signed, and the request's name.
    function hashOf(Request calldata request) external view returns (bytes32);

    /// @notice Whether the request was used up.
    function isRelayed(bytes32 request) external view returns (bool);

    /// @notice The first objection to a request now, in the order of `Objection`.
    function objectionTo(Request calldata request, bytes calldata signature) external view returns (Objection);
}
