import type { ConnectionHandler } from "../contract.ts";
import { resolveSettings } from "../definitions/settings.ts";
import type { Dialer, DialTarget } from "../load/dialer.ts";
import { PersistentClients } from "../load/persistent-clients.ts";
import type { WorkerAssignment } from "../load/virtual-clients.ts";
import { scenarios } from "../scenarios.ts";
import { defaultOptions } from "../transports/load-transport.ts";
import type { GoneClient } from "../workload/gone-client.ts";

/** A connection of a client, whose server is the test. */
export interface Dialled {
  handler: ConnectionHandler;
  target: DialTarget;
  sent: string[];
  closes: number;
}

/** A window of two messages. */
export const small = { ratePerS: 100, warmupMs: 0, durationMs: 20 };
/** Settings of a chat among so many clients. */
export const chat = (clients: number, changes = {}) =>
  resolveSettings("chat-100", { ...scenarios["chat-100"], ...changes }, { ...small, clients });

/** Clients of one worker. A connection is ready when `accept` has settled, and has ended when it was closed. */
export function openClients(
  assignment: Partial<WorkerAssignment>,
  accept: (client: Dialled) => unknown = () => undefined,
) {
  const dialled: Dialled[] = [];
  const gone: GoneClient[] = [];
  const dialer: Dialer = {
    async connect(handler, target) {
      const client: Dialled = { handler, target, sent: [], closes: 0 };
      dialled.push(client);
      await accept(client);
      return {
        send: (payload) => void client.sent.push(payload.toString()),
        close: () => void (client.closes++ === 0 && queueMicrotask(() => handler.closed())),
      };
    },
    deliveryBoundMs: 0,
    responseTimeoutMs: 10_000,
    retryMs: Infinity,
  };
  const addresses = [[{ host: "127.0.0.1", port: 1 }]];
  const defaults = { transport: "made-up", settings: chat(3), options: defaultOptions, addresses, worker: 0 };
  const whole = { ...defaults, inFlight: 10, ...assignment };
  const clients = new PersistentClients(whole, dialer, (each) => gone.push(each));
  return { clients, dialled, gone };
}

/** Lets a client not in. */
export const refuseDial = (client: Dialled): Promise<never> =>
  Promise.reject(new Error(`${client.target.client} is not let in`));

/** An answer of the server to the first message of a client. */
export const answer = ({ handler, sent }: Dialled, text = sent[0]!): void => handler.receive(Buffer.from(text), true);
