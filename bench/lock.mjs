// `node bench/lock.mjs` pins the peers of bench/package.json in bench/package-lock.json: version and hash, no addresses.
// Their own dependencies are left out: the bench compiles two libraries without any and reads ABI and bytecode from the
// third, whose 340 packages (web clients, a chain of its own) would be fetched for nothing.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
const file = new URL("package-lock.json", import.meta.url);
const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
execFileSync("npm", ["install", "--package-lock-only", "--omit-lockfile-registry-resolved", ...quiet], { cwd: folder });

const lock = JSON.parse(readFileSync(file, "utf8"));
const root = lock.packages[""];
lock.packages = { "": root };
const all = JSON.parse(readFileSync(file, "utf8")).packages;
for (const name of Object.keys(root.dependencies)) {
  const { version, integrity, license } = all[`node_modules/${name}`];
  lock.packages[`node_modules/${name}`] = { version, integrity, license };
}
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
