import type { Connect, Serve } from "../../scenarios/contract.ts";
import type { Transport } from "../../scenarios/transports/transport.ts";

/** No transport: a message arrives in the same tick, in the same process. What remains is the cost of the harness. */
const connect: Connect = (_address, handler) =>
  Promise.resolve({
    send(payload, text) {
      const copy = Buffer.from(payload); // the sender reuses `payload` after this call
      queueMicrotask(() => handler.receive(copy, text));
    },
    close: () => handler.closed(),
  });

/** A server without addresses. */
const serve: Serve = () => Promise.resolve({ addresses: [], traffic: () => undefined, close: () => Promise.resolve() });

export default {
  title: "No transport: the harness alone",
  clientLibrary: "none",
  socketsPerClient: 0,
  server: () => Promise.resolve({ default: serve }),
  client: () => Promise.resolve({ default: connect }),
  encodings: { text: "unchanged", binary: "unchanged" },
  options: {},
  guarantees: {},
} satisfies Transport;
