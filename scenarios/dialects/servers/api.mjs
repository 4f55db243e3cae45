// An HTTP chat with two ways to listen: a list that is polled with a cursor, and server-sent events.
import { fastify } from "fastify";

const app = fastify();
const messages = [];
const streams = new Set();
app.post("/join", (_request, reply) => reply.code(201).send({ session: { id: "s1" } }));
app.get("/messages", ({ query }, reply) => {
  const since = Number(query.since);
  if (since >= messages.length) return reply.code(204).send();
  return reply.send({ next: messages.length, items: messages.slice(since) });
});
app.post("/messages", ({ body }, reply) => {
  messages.push({ text: body.text });
  for (const stream of streams) stream.write(`event: chat\ndata: ${JSON.stringify({ text: body.text })}\n\n`);
  return reply.code(202).send({ accepted: true });
});
app.get("/stream", ({ raw }, reply) => {
  reply.raw.writeHead(200, { "content-type": "text/event-stream" });
  reply.raw.write(": welcome\n\n");
  streams.add(reply.raw);
  raw.on("close", () => streams.delete(reply.raw));
});
await app.listen({ port: Number(process.argv[2]), host: "127.0.0.1" });
