// `npm install` leaves out of the lock what its registry does not carry, such as the binaries of platforms that nobody
// asked it for; `npm ci` then calls the lock incomplete. This names them, by version and platform, so that `npm ci` skips
// them where they do not belong.
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
const architectures = { amd64: "x64", x64: "x64", arm64: "arm64" };

function platform(name) {
  const [, os, architecture] = /-(darwin|linux|win32)-(amd64|x64|arm64)(-|$)/.exec(name);
  return { cpu: [architectures[architecture]], os: [os], ...(name.endsWith("-musl") && { libc: ["musl"] }) };
}

for (const entry of Object.values({ ...lock.packages })) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (name.startsWith("@") && /-(darwin|linux|win32)-/.test(name)) {
      lock.packages[`node_modules/${name}`] ??= { version, ...platform(name), dev: true, optional: true };
    }
  }
}
const sorted = Object.entries(lock.packages).sort(([left], [right]) => (left < right ? -1 : 1));
writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
