// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IMarket} from "../../contracts/interfaces/IMarket.sol";
import {BatchId} from "../../contracts/types/BatchId.sol";

/// @notice Operators that are contracts (ERC-1271): an honest one, and one for each way to answer badly.
/// @dev Its owner's key signs for it.
contract OwnedWallet is IERC1271 {
    address private immutable OWNER;

    constructor(address owner) {
        OWNER = owner;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        (address signer,,) = ECDSA.tryRecover(hash, signature);
        return signer == OWNER ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}

contract WrongMagicWallet {
    bytes4 private immutable ANSWER;

    constructor(bytes4 answer) {
        ANSWER = answer;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        return ANSWER;
    }
}

contract RevertingWallet {
    error Refused();

    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        revert Refused();
    }
}

contract BurningWallet {
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        while (true) {}
        return IERC1271.isValidSignature.selector;
    }
}

/// @dev Answers with fewer than 32 bytes.
contract ShortWallet {
    fallback() external {
        bytes4 answer = IERC1271.isValidSignature.selector;
        assembly ("memory-safe") {
            mstore(0, answer)
            return(0, 4)
        }
    }
}

/// @dev The right four bytes with something behind them, which no bytes4 has.
contract DirtyWallet {
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes32) {
        return bytes32(IERC1271.isValidSignature.selector) | bytes32(uint256(1));
    }
}

/// @dev Knows nothing of ERC-1271.
contract MuteWallet {}

/// @dev Lists what it is about to sell while its signature is asked for, if it can.
contract ReentrantWallet {
    IMarket private immutable MARKET;
    BatchId private immutable BATCH;

    constructor(IMarket market, BatchId batch) {
        MARKET = market;
        BATCH = batch;
    }

    function isValidSignature(bytes32, bytes calldata) external returns (bytes4) {
        try MARKET.list{gas: 500_000}(BATCH, 50, 60, 1, 1) {
            return 0xffffffff;
        } catch {
            return IERC1271.isValidSignature.selector;
        }
    }
}
