// Every event of every contract is decoded, as in the other indexers; transfers change who owns which range.
import { ponder } from "ponder:registry";
import { held } from "ponder:schema";
import { abiOf, addresses } from "../contracts";

type Held = [start: number, end: number, owner: string];

const NOBODY = "0x0000000000000000000000000000000000000000";
const MOVED = "Certificates:ConsecutiveTransfer";
const on = ponder.on.bind(ponder) as (name: string, handler: (given: any) => Promise<void>) => void;

for (const name of Object.keys(addresses)) {
  for (const { type, name: event } of abiOf(name)) {
    if (type === "event" && `${name}:${event}` !== MOVED) on(`${name}:${event}`, async () => {});
  }
}

on(MOVED, async ({ event, context }) => {
  const { fromTokenId, toTokenId, fromAddress, toAddress } = event.args;
  const batch = fromTokenId >> 32n;
  const [start, end] = [Number(fromTokenId & 0xffffffffn), Number(toTokenId & 0xffffffffn) + 1];
  const row = await context.db.find(held, { batch });
  let ranges = (row?.ranges ?? []) as Held[];
  if (fromAddress !== NOBODY) ranges = ranges.flatMap((one) => without(one, start, end));
  if (toAddress !== NOBODY) ranges = [...ranges, [start, end, toAddress.toLowerCase()]];
  if (row) await context.db.update(held, { batch }).set({ ranges });
  else await context.db.insert(held).values({ batch, ranges });
});

function without([first, last, owner]: Held, start: number, end: number): Held[] {
  if (start < first || last < end) return [[first, last, owner]];
  const left: Held[] = [[first, start, owner], [end, last, owner]];
  return left.filter(([from, to]) => from < to);
}
