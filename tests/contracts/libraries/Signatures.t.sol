// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {Signatures} from "../../../contracts/libraries/Signatures.sol";
import {BaseTest} from "../BaseTest.sol";

/// @notice A wallet that answers what it was told to, in as many bytes as it was told to.
contract Wallet {
    bytes private answer;
    bool private fails;

    function set(bytes calldata answer_, bool fails_) external {
        (answer, fails) = (answer_, fails_);
    }

    fallback(bytes calldata) external returns (bytes memory) {
        require(!fails, "no");
        return answer;
    }
}

/// @notice Nothing but the signer's own signature of this digest is valid, and nothing odd reverts.
contract SignaturesTest is BaseTest {
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    function testFuzz_key(uint256 key, uint256 other, bytes32 digest) public view {
        (key, other) = (bound(key, 1, ORDER - 1), bound(other, 1, ORDER - 1));
        address signer = vm.addr(key);
        assertTrue(this.isValid(signer, digest, _sign(key, digest)), "its own");
        assertEq(this.isValid(signer, digest, _sign(other, digest)), key == other, "another key's");
        assertTrue(!this.isValid(signer, keccak256(abi.encode(digest)), _sign(key, digest)), "of another digest");
        assertTrue(!this.isValid(address(0), digest, _sign(key, digest)), "nobody signs nothing");
    }

    function testFuzz_oneBitOff(uint256 key, bytes32 digest, uint256 bit) public view {
        key = bound(key, 1, ORDER - 1);
        bytes memory signature = _sign(key, digest);
        bit = bit % 520;
        signature[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        assertTrue(!this.isValid(vm.addr(key), digest, signature), "one bit off");
    }

    /// @dev The other root of the curve, ERC-2098's short form, one byte more, nothing.
    function testFuzz_malleable(uint256 key, bytes32 digest) public view {
        key = bound(key, 1, ORDER - 1);
        address signer = vm.addr(key);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        bytes memory mirrored = abi.encodePacked(r, bytes32(ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27));
        assertTrue(!this.isValid(signer, digest, mirrored), "mirrored");
        bytes memory short = abi.encodePacked(r, bytes32(uint256(s) | (v == 28 ? uint256(1) << 255 : 0)));
        assertTrue(!this.isValid(signer, digest, short), "short");
        assertTrue(!this.isValid(signer, digest, abi.encodePacked(r, s, v, uint8(0))), "long");
        assertTrue(!this.isValid(signer, digest, ""), "none");
        assertTrue(!this.isValid(address(0), digest, mirrored), "what recovers nobody is not signed by nobody");
        assertTrue(!this.isValid(address(0), digest, new bytes(65)), "zeros");
        assertTrue(!this.isValid(address(0), digest, ""), "nothing");
    }

    function testFuzz_wallet(bytes32 digest, bytes calldata signature, bytes32 other) public {
        Wallet wallet = new Wallet();
        bytes32 magic = bytes32(IERC1271.isValidSignature.selector);
        if (other == magic) other = 0;
        wallet.set(abi.encode(magic), false);
        assertTrue(this.isValid(address(wallet), digest, signature), "the wallet says yes");
        wallet.set(abi.encode(magic), true);
        assertTrue(!this.isValid(address(wallet), digest, signature), "the wallet reverts");
        wallet.set(abi.encode(other), false);
        assertTrue(!this.isValid(address(wallet), digest, signature), "the wallet says something else");
        wallet.set(abi.encode(magic | bytes32(uint256(1))), false);
        assertTrue(!this.isValid(address(wallet), digest, signature), "the wallet says too much");
        wallet.set(abi.encodePacked(bytes4(magic)), false);
        assertTrue(!this.isValid(address(wallet), digest, signature), "the wallet says too little");
        wallet.set("", false);
        assertTrue(!this.isValid(address(wallet), digest, signature), "the wallet says nothing");
    }

    /// @dev A contract that never heard of ERC-1271, and a key's signature for it.
    function testFuzz_contractThatIsNoWallet(uint256 key, bytes32 digest) public view {
        key = bound(key, 1, ORDER - 1);
        assertTrue(!this.isValid(address(this), digest, _sign(key, digest)), "no wallet");
    }

    function isValid(address signer, bytes32 digest, bytes calldata signature) external view returns (bool) {
        return Signatures.isValid(signer, digest, signature, gasleft());
    }

    function _sign(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }
}
