// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice Answers many questions in one call, all as of one block. It has neither state nor rights: whoever reads the
/// registry saves the node's and its own work for each question.
contract Lookup {
    struct Question {
        address to;
        bytes data;
    }

    struct Answer {
        bool given;
        bytes data;
    }

    /// @notice What each contract says to its question; `given` is false where it reverts, with its reason as `data`.
    function answers(Question[] calldata questions) external view returns (Answer[] memory found) {
        found = new Answer[](questions.length);
        for (uint256 i = 0; i < questions.length; ++i) {
            (found[i].given, found[i].data) = questions[i].to.staticcall(questions[i].data);
        }
    }
}
