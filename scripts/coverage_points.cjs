// Marks what a Solidity source can do: every statement, and each outcome of every atomic condition.
//
// An atomic condition is what decides an `if`, a loop or a `?:`, or an operand of `&&` and `||`, taken apart at `&&`,
// `||` and `!`. Both outcomes of each imply both branches of every decision, so this asks for more than branch coverage.
// Of assembly each `if` counts; telling of it is a call, which would change what a call returned, so it waits for the end.
// Marks are calls of the library that Hardhat brings for `--coverage`; they are put in without a line break, so lines
// stay where they are. Positions are the compiler's own, in bytes.
"use strict";

const { createHash } = require("node:crypto");

const BRANCHES = "__Branches.sol";
const TOLD = "0xc0bEc0BEc0BeC0bEC0beC0bEC0bEC0beC0beC0BE"; // COVERAGE_ADDRESS of Hardhat's library.

function parse(solc, name, text) {
  const input = {
    language: "Solidity",
    sources: { [name]: { content: text } },
    settings: { stopAfter: "parsing", outputSelection: { "*": { "": ["ast"] } } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const broken = (output.errors ?? []).filter((error) => error.severity === "error");
  if (broken.length) throw new Error(broken.map((error) => error.formattedMessage).join("\n"));
  return output.sources[name].ast;
}

function children(node) {
  return Object.values(node).flat().filter((child) => child !== null && typeof child === "object");
}

/** Calls `visit` for every node below, with the function or modifier that it stands in. */
function walk(node, visit, place) {
  if (node.nodeType === "ContractDefinition") place = { contract: node.name };
  if (node.nodeType === "FunctionDefinition" || node.nodeType === "ModifierDefinition") {
    place = { contract: place?.contract, name: node.name || node.kind };
  }
  if (node.nodeType && place?.name) visit(node, [place.contract, place.name].filter(Boolean).join("."));
  if (node.nodeType === "InlineAssembly") return;
  for (const child of children(node)) walk(child, visit, place);
}

/** The atomic conditions that a boolean expression is made of. */
function atoms(node) {
  if (node.nodeType === "BinaryOperation" && ["&&", "||"].includes(node.operator)) {
    return [...atoms(node.leftExpression), ...atoms(node.rightExpression)];
  }
  if (node.nodeType === "UnaryOperation" && node.operator === "!") return atoms(node.subExpression);
  if (node.nodeType === "TupleExpression" && node.components.length === 1) return atoms(node.components[0]);
  return node.nodeType === "Literal" ? [] : [node];
}

function conditionsOf(node) {
  if (["IfStatement", "WhileStatement", "DoWhileStatement", "ForStatement", "Conditional"].includes(node.nodeType)) {
    return node.condition ? atoms(node.condition) : [];
  }
  return node.nodeType === "BinaryOperation" && ["&&", "||"].includes(node.operator) ? atoms(node) : [];
}

function bodiesOf(node) {
  return [node.trueBody, node.falseBody, node.body].filter((body) => body?.nodeType && body.nodeType !== "Block");
}

/** The `if`s of assembly, which may stand at its top only; what else decides there is not known how to mark. */
function decisionsOf(assembly) {
  const found = assembly.AST.statements.filter((node) => node.nodeType === "YulIf");
  const known = new Set(found);
  const refuse = (node) => {
    const decides = ["YulIf", "YulSwitch", "YulForLoop"].includes(node.nodeType);
    if (decides && !known.has(node)) throw new Error(`${node.nodeType} at ${node.src} cannot be marked`);
    children(node).forEach(refuse);
  };
  refuse(assembly.AST);
  return found;
}

function place(node) {
  const [start, length] = node.src.split(":").map(Number);
  return { start, end: start + length };
}

/** `{kind, function, line, text, tags}` of everything to be marked; `tags` are one for a statement, [yes, no] else. */
function pointsOf(ast, name, bytes) {
  const found = new Map();
  const add = (kind, node, where, assembly) => {
    const { start, end } = place(node);
    const key = `${kind}:${start}:${end}`;
    if (found.has(key)) return;
    const outcomes = kind === "statement" ? [""] : ["yes", "no"];
    const tags = outcomes.map((outcome) => createHash("sha256").update(`${name}:${key}:${outcome}`).digest("hex"));
    const line = bytes.subarray(0, start).toString().split("\n").length;
    const text = bytes.subarray(start, end).toString();
    found.set(key, { kind, function: where, line, text, start, end, tags, assembly });
  };
  walk(ast, (node, where) => {
    if (["Block", "UncheckedBlock"].includes(node.nodeType)) {
      for (const statement of node.statements) if (!statement.nodeType.endsWith("Block")) add("statement", statement, where);
    }
    for (const body of bodiesOf(node)) add("body", body, where);
    for (const condition of conditionsOf(node)) add("condition", condition, where);
    if (node.nodeType !== "InlineAssembly") return;
    for (const decision of decisionsOf(node)) {
      add("condition", decision.condition, where, { decides: place(decision).start, last: place(node.AST).end - 1 });
    }
  });
  return [...found.values()].map((point) =>
    point.kind === "body" ? { ...point, kind: "statement", alone: true, tags: point.tags.slice(0, 1) } : point,
  );
}

/** A condition of assembly is evaluated before it decides, and once more when it does: it must have no effects. */
function inAssembly(text, [yes, no], { decides, last }) {
  const tell = (name) =>
    `mstore(mload(64), add(mul(${name}, 0x${yes}), mul(iszero(${name}), 0x${no}))) ` +
    `pop(staticcall(gas(), ${TOLD}, mload(64), 32, 0, 0)) `;
  const name = `outcome_${decides}`;
  return [
    { at: decides, text: `let ${name} := iszero(iszero(${text})) `, order: 1 },
    { at: last, text: ` ${tell(name)}`, order: 1 },
  ];
}

/** What to put in where; at one place what ends comes before what begins, and the wider begins first. */
function insertions(points, bytes, library) {
  const hit = (tag) => `${library}.sendHit(0x${tag});`;
  return points.flatMap(({ kind, alone, text, start, end, tags, assembly }) => {
    if (assembly) return inAssembly(text, tags, assembly);
    if (kind === "condition") {
      return [
        { at: start, text: "__branch((", order: 2 + 1 / (end - start + 1) },
        { at: end, text: `), 0x${tags[0]}, 0x${tags[1]})`, order: (end - start) / 1e9 },
      ];
    }
    const close = bytes[end] === 0x3b ? end + 1 : end;
    const opened = { at: start, text: (alone ? "{" : "") + hit(tags[0]), order: 1 };
    return alone ? [opened, { at: close, text: "}", order: 0.5 }] : [opened];
  });
}

/** The source with its marks, and what they stand for. `solc` is the compiler, `library` the contract that is told. */
function instrument({ solc, library, libraryFile, name, text }) {
  const bytes = Buffer.from(text);
  const points = pointsOf(parse(solc, name, text), name, bytes);
  const marks = insertions(points, bytes, library).sort((a, b) => a.at - b.at || a.order - b.order);
  let at = 0;
  let source = "";
  for (const mark of marks) {
    source += bytes.subarray(at, mark.at).toString() + mark.text;
    at = mark.at;
  }
  source += bytes.subarray(at).toString();
  if (points.length) source += `\nimport {__branch} from "${BRANCHES}";\nimport "${libraryFile}";\n`;
  return { source, points };
}

/** The source file that the marks of conditions come from. */
function branchesFile(library, libraryFile) {
  return `// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.8.0;
import {${library}} from "${libraryFile}";
function __branch(bool outcome, uint256 yes, uint256 no) pure returns (bool) {
  ${library}.sendHit(outcome ? yes : no);
  return outcome;
}
`;
}

module.exports = { BRANCHES, branchesFile, instrument };
