// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Bounded} from "./Bounded.sol";

/// @notice Signatures of keys and, by ERC-1271, of contracts.
/// @dev OpenZeppelin's own checker needs opcodes that `paris` does not have.
library Signatures {
    /// @notice Whether the signer signed the digest. Malleable and malformed signatures are none (ERC-2098 is not taken).
    /// @param gasLimit What a contract may use for its answer.
    function isValid(address signer, bytes32 digest, bytes calldata signature, uint256 gasLimit)
        internal
        view
        returns (bool)
    {
        if (signer.code.length == 0) {
            (address recovered, ECDSA.RecoverError problem,) = ECDSA.tryRecover(digest, signature);
            return problem == ECDSA.RecoverError.NoError && recovered == signer;
        }
        bytes memory question = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        (bool answered, bytes32 answer) = Bounded.ask(signer, gasLimit, question);
        return answered && answer == bytes32(IERC1271.isValidSignature.selector);
    }
}
