import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gecchain.errors import BadInput
from gecchain.proofs import Chunk, Leaf, Tree, chunk_root, keccak256, leaf_hash, verify_chunk, verify_leaf
from gecchain.rules import Electricity

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "tree.json").read_text())
WORDS = [int(word, 16) for word in VECTORS["leaves"]]

leaves = st.builds(
    Leaf,
    st.integers(0, (1 << 48) - 1),
    st.sampled_from(Electricity),
    st.integers(0, (1 << 64) - 1),
    st.binary(min_size=17, max_size=17),
)
sizes = st.one_of(st.integers(1, 20), st.integers(250, 262), st.integers(505, 520), st.integers(1, 1100))


def raw(texts):
    return tuple(bytes.fromhex(text[2:]) for text in texts)


def words_of(size, seed=0):
    return [number << 208 | (seed * 7 + number) << 136 | seed for number in range(size)]


def plain_root(words):
    """The definition, word for word: hash the leaves, pad with zeros to a power of two, hash in pairs."""
    row = [keccak256(word.to_bytes(32, "big")) for word in words]
    width = 1
    while width < len(row):
        width *= 2
    row += [bytes(32)] * (width - len(row))
    while len(row) > 1:
        row = [keccak256(row[at] + row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


@pytest.mark.parametrize("case", VECTORS["packed"], ids=lambda case: case["word"])
def test_leaves_of_the_vectors(case):
    digest = keccak256(case["record"].encode())[:17]
    leaf = Leaf(int(case["project_id"]), Electricity(case["electricity"]), int(case["wh"]), digest)
    word = int(case["word"], 16)
    assert leaf.pack() == word
    assert Leaf.unpack(word) == leaf
    assert (leaf.digest, leaf_hash(word)) == raw((case["digest"], case["hash"]))


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: f"{case['count']} leaves")
def test_trees_of_the_vectors(case):
    tree = Tree.of(WORDS[: case["count"]])
    assert (tree.count, tree.chunks) == (case["count"], len(case["chunks"]))
    assert tree.root == raw([case["root"]])[0]
    for expected in case["chunks"]:
        chunk = tree.chunk(expected["index"])
        assert chunk == (tuple(WORDS[expected["first"] : expected["last"]]), raw(expected["proof"]))
        assert chunk_root(chunk.leaves, tree.count) == raw([expected["root"]])[0]
    for expected in case["proofs"]:
        assert tree.prove(expected["leaf"]) == raw(expected["proof"])


@given(leaves)
def test_a_leaf_packs_into_256_bits_and_back(leaf):
    assert 0 <= leaf.pack() < 1 << 256
    assert Leaf.unpack(leaf.pack()) == leaf


@given(sizes, st.integers(0, 1000))
@settings(max_examples=30)
def test_the_root_is_the_one_of_the_definition(size, seed):
    words = words_of(size, seed)
    assert Tree.of(iter(words)).root == plain_root(words)


@given(sizes, st.data())
@settings(max_examples=30)
def test_every_leaf_and_chunk_is_proved_where_it_is_and_nowhere_else(size, data):
    tree = Tree.of(words_of(size))
    at = data.draw(st.integers(0, size - 1))
    chunk, proof = tree.chunk(at // 256), tree.prove(at)
    assert verify_chunk(tree.root, size, at // 256, chunk)
    assert verify_leaf(tree.root, size, at, tree.word(at), proof)
    assert not verify_leaf(tree.root, size, at, tree.word(at) ^ 1 << data.draw(st.integers(0, 255)), proof)
    elsewhere = data.draw(st.integers(0, size))
    assert elsewhere == at or not verify_leaf(tree.root, size, elsewhere, tree.word(at), proof)


@given(sizes, st.data())
@settings(max_examples=20)
def test_an_altered_chunk_is_noticed(size, data):
    tree = Tree.of(words_of(size))
    index = data.draw(st.integers(0, tree.chunks - 1))
    words, proof = tree.chunk(index)
    at = data.draw(st.integers(0, len(words) - 1))
    altered = (*words[:at], words[at] ^ 1 << data.draw(st.integers(0, 255)), *words[at + 1 :])
    for wrong in (
        Chunk(altered, proof),
        Chunk(words[:-1], proof),
        Chunk((*words, 0), proof),
        Chunk(words, (*proof, proof)),
    ):
        assert not verify_chunk(tree.root, size, index, wrong)
    assert not verify_chunk(tree.root, size, index + 1, Chunk(words, proof))
    assert not verify_chunk(tree.root, size, -1, Chunk(words, proof))
    if proof:
        assert not verify_chunk(tree.root, size, index, Chunk(words, (bytes(32), *proof[1:])))


def test_a_chunk_before_the_first_is_not_taken():
    tree = Tree.of(words_of(256))
    assert verify_chunk(tree.root, 256, 0, tree.chunk(0))
    assert not verify_chunk(tree.root, 256, -1, tree.chunk(0))


def test_a_node_is_not_taken_for_a_leaf():
    tree = Tree.of(WORDS[:4])
    left = leaf_hash(WORDS[0]) + leaf_hash(WORDS[1])
    right = keccak256(leaf_hash(WORDS[2]) + leaf_hash(WORDS[3]))
    assert keccak256(keccak256(left) + right) == tree.root
    for word in (int.from_bytes(left[:32], "big"), int.from_bytes(keccak256(left), "big")):
        assert not verify_leaf(tree.root, 2, 0, word, (right,))


@pytest.mark.parametrize("words", [[], [WORDS[1], WORDS[0]], [WORDS[0], WORDS[0]], [WORDS[0], WORDS[0] + 1]], ids=len)
def test_empty_unsorted_and_doubled_leaves_are_refused(words):
    with pytest.raises(BadInput) as refused:
        Tree.of(words)
    assert refused.value.field == "leaves"


@pytest.mark.parametrize("word", [1 << 256, 4 << 200, 0xFF << 200])
def test_words_that_are_no_reading_are_refused(word):
    with pytest.raises(BadInput):
        Leaf.unpack(word)


@pytest.mark.parametrize(
    ("project", "wh", "digest"),
    [(1 << 48, 0, bytes(17)), (-1, 0, bytes(17)), (0, 1 << 64, bytes(17)), (0, -1, bytes(17)), (0, 0, bytes(32))],
)
def test_parts_that_do_not_fit_a_leaf_are_refused(project, wh, digest):
    with pytest.raises(BadInput):
        Leaf(project, Electricity.ON_GRID, wh, digest)


def test_places_outside_the_tree_are_refused():
    tree = Tree.of(WORDS[:300])
    for ask, index in ((tree.chunk, 2), (tree.chunk, -1), (tree.prove, 300), (tree.word, 300), (tree.word, -1)):
        with pytest.raises(BadInput):
            ask(index)


@pytest.mark.parametrize("word", [-1, 1 << 256])
def test_words_of_another_size_have_no_hash(word):
    with pytest.raises(BadInput):
        leaf_hash(word)
