import type { Connect, Serve } from "../../scenarios/contract.ts";
import type { Transport } from "../../scenarios/transports/transport.ts";

/** No transport at all: what is sent arrives at once, in the same process. What is left is what the harness itself costs. */
const connect: Connect = (_address, handler) =>
  Promise.resolve({
    send(payload, text) {
      const kept = Buffer.from(payload); // it is the sender's again when this returns
      queueMicrotask(() => handler.receive(kept, text));
    },
    close: () => handler.closed(),
  });

/** There is nothing to connect to. */
const serve: Serve = () => Promise.resolve({ addresses: [], traffic: () => undefined, close: () => Promise.resolve() });

export default {
  title: "no transport: the harness alone",
  clientLibrary: "none",
  socketsPerClient: 0,
  server: () => Promise.resolve({ default: serve }),
  client: () => Promise.resolve({ default: connect }),
  encodings: { text: "as it is", binary: "as it is" },
  options: {},
  guarantees: {},
} satisfies Transport;
