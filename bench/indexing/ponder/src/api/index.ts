import { Hono } from "hono";
import { db } from "ponder:api";
import schema from "ponder:schema";

const app = new Hono();

app.get("/held", async (call) => {
  const rows = await db.select().from(schema.held);
  return call.json(rows.map(({ batch, ranges }) => [batch.toString(), ranges]));
});

export default app;
