import { onchainTable } from "ponder";

// A row for each batch, with its owners' ranges [start, end, owner]: ponder is fast where a row is found by its key.
export const held = onchainTable("held", (t) => ({ batch: t.bigint().primaryKey(), ranges: t.json().notNull() }));
