// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Lookup} from "../../contracts/Lookup.sol";
import {BaseTest} from "./BaseTest.sol";

/// @notice Says what it is asked, or why not.
contract Oracle {
    error NotToday(uint256 number);

    function twice(uint256 number) external pure returns (uint256) {
        if (number == 13) revert NotToday(number);
        return 2 * number;
    }
}

contract LookupTest is BaseTest {
    Lookup private lookup;
    Oracle private oracle;

    function setUp() public {
        lookup = new Lookup();
        oracle = new Oracle();
    }

    function testFuzz_answersAreInTheOrderOfTheQuestions(uint64[] calldata numbers) public view {
        Lookup.Question[] memory questions = new Lookup.Question[](numbers.length);
        for (uint256 i = 0; i < numbers.length; ++i) {
            questions[i] = _twice(numbers[i] % 32);
        }
        Lookup.Answer[] memory found = lookup.answers(questions);
        assertEq(found.length, numbers.length, "answers");
        for (uint256 i = 0; i < numbers.length; ++i) {
            uint256 number = numbers[i] % 32;
            bytes memory wanted =
                number == 13 ? abi.encodeWithSelector(Oracle.NotToday.selector, number) : abi.encode(2 * number);
            assertEq(found[i].given, number != 13, "given");
            assertEq(keccak256(found[i].data), keccak256(wanted), "data");
        }
    }

    function test_aRefusalLeavesTheOthers() public view {
        Lookup.Question[] memory questions = new Lookup.Question[](3);
        (questions[0], questions[1], questions[2]) = (_twice(1), _twice(13), _twice(2));
        Lookup.Answer[] memory found = lookup.answers(questions);
        assertTrue(found[0].given && found[2].given && !found[1].given, "only the second is refused");
        assertEq(abi.decode(found[2].data, (uint256)), 4, "the third");
    }

    function test_whereNobodyIsNothingIsSaid() public view {
        Lookup.Question[] memory questions = new Lookup.Question[](1);
        questions[0] = Lookup.Question(address(0xdead), "");
        Lookup.Answer[] memory found = lookup.answers(questions);
        assertTrue(found[0].given, "given");
        assertEq(found[0].data.length, 0, "length");
    }

    function _twice(uint256 number) private view returns (Lookup.Question memory) {
        return Lookup.Question(address(oracle), abi.encodeCall(Oracle.twice, (number)));
    }
}
