import type { App, Options, Traffic } from "../../../scenarios/contract.ts";
import type { Carrier } from "./carrier.ts";
import { HostedRoom, Member, type MemberContext } from "./members.ts";
import { batchPerTick, sendImmediately, type Recipients } from "./tick-batching.ts";

/**
 * The server half's view of a client in the application. Its functions do not use `this`, so they can be passed on as
 * listeners.
 */
export interface ServerConnection {
  /** Passes a message of the client to the application. */
  receive(payload: Buffer, text: boolean): void;
  /** To be called whenever the connection has ended. The application is told once, however often it is called. */
  leave(): void;
}

/** Payload counters of a server, updated as messages pass. */
export type PayloadCounts = Omit<Traffic, "wire">;

/** A hosted application: what every server half shares between its sockets and the application. */
export interface ApplicationHost<Client> {
  counts: PayloadCounts;
  /** Adds a client whose handshake is complete. */
  join(client: Client): ServerConnection;
  /** Pushes at once what was sent in this tick. To be called before a half answers a close of the client. */
  flush(): void;
  /** Closes the connection of every client. */
  closeAll(): void;
}

/**
 * Hosts `app` on a carrier. It counts payloads, reports each join and leave to the application once, and drops a client
 * when more than `queueBytes` wait for it or it does not complete a close within `handshakeMs`.
 */
export function hostApplication<Client, Encoded>(
  app: App,
  carrier: Carrier<Client, Encoded>,
  { queueBytes, handshakeMs }: Options,
): ApplicationHost<Client> {
  const counts: PayloadCounts = {
    payloadsIn: 0,
    payloadBytesIn: 0,
    payloadsOut: 0,
    payloadBytesOut: 0,
    pollsAnswered: 0,
    emptyPollBytes: 0,
  };
  const members = new Set<Member<Client, Encoded>>();
  const queue = carrier.concat ? batchPerTick(carrier.concat.bind(carrier), handOver) : sendImmediately(handOver);
  const context: MemberContext<Client, Encoded> = {
    carrier,
    queue,
    handshakeMs,
    onLeave(member) {
      members.delete(member);
      application.leave(member);
    },
  };
  const application = app(() => new HostedRoom(context));

  function handOver(to: Recipients<Client, Encoded>, encoded: Encoded, messages: number, payloadBytes: number): void {
    const slow: Member<Client, Encoded>[] = [];
    let receivers = 0;
    to.nativeRoom?.push(encoded);
    for (const member of to.members) {
      if (!to.nativeRoom && !carrier.push(member.client, encoded)) continue;
      receivers++;
      if (carrier.queuedBytes(member.client) > queueBytes) slow.push(member);
    }
    if (!carrier.countsPayloadsOut) {
      counts.payloadsOut += receivers * messages;
      counts.payloadBytesOut += receivers * payloadBytes;
    }
    for (const member of slow) {
      carrier.drop(member.client);
      member.leave();
    }
  }

  return {
    counts,
    join(client) {
      const member = new Member(client, context);
      members.add(member);
      application.join(member);
      return {
        receive(payload, text) {
          if (!member.present) return;
          counts.payloadsIn++;
          counts.payloadBytesIn += payload.length;
          application.receive(member, payload, text);
        },
        leave: () => member.leave(),
      };
    },
    flush: queue.flush,
    closeAll() {
      for (const member of members) member.close();
    },
  };
}
