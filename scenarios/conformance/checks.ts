import type { Transport } from "../transports/transport.ts";
import { applicationChecks } from "./application-checks.ts";
import type { Check } from "./check.ts";
import { clientChecks } from "./client-checks.ts";
import { externalAppChecks } from "./external-app-checks.ts";
import { returnChecks } from "./return-checks.ts";
import { robustnessChecks } from "./robustness-checks.ts";

/*
 * The conformance suite: what every transport must do, whatever protocol it speaks. Contents:
 *
 * client-checks.ts: what a client can observe
 *   payload-empty, payload-one-byte, payload-every-byte, payload-latin-1, payload-line-ends, payload-nul,
 *   payload-quotes, payload-astral, payload-64-kib, payload-1-mib, payload-largest
 *                            a payload comes back unchanged, as text and as binary
 *   burst-echoed             1,000 messages stay separate and in order, both ways
 *   send-copies-payload      send() reads the payload before it returns
 *   hundred-clients          100 clients at once, each with its own echo
 *   connect-refused          connect() rejects if no server listens
 *   idle-connection          an idle connection outlives its time-outs
 *   client-closes            closed() once, without an error
 *   server-stops             closed() of every client, once
 *
 * application-checks.ts, traffic-check.ts: what the application on the server can observe
 *   join-and-leave-once      join() and leave() once per client
 *   killed-client            leave() for a client that is killed
 *   client-close-flushes     what was sent before close() arrives, what was sent after does not
 *   push-before-send         a client that has sent nothing receives
 *   burst-pushed             1,000 messages of the application, in order
 *   send-to-one              a message for one client
 *   room-members             a payload for the members of a room
 *   send-after-leave         messages to a client that has left are ignored
 *   application-closes       the application closes a connection
 *   slow-client              a client that does not read is dropped
 *   traffic-counts           the server's counters are exact
 *   two-servers              two servers in one process
 *
 * return-checks.ts: clients that come back (Options.reconnect), behind a relay that resets TCP connections
 *   comes-back               a client whose connection was reset sends and receives again
 *   returns-exactly          nothing comes twice, and a session that resumes misses nothing
 *   close-while-away         close() while it is about to come back ends it
 *   silent-after-close       nothing is called after closed(), and it does not come back
 *
 * external-app-checks.ts: for a server that is another program, in place of the application's checks
 *   external-chat-rooms      messages go to the sender's room
 *   external-chat-members    members leave and join
 *   external-sink            the server sends nothing
 *
 * robustness-checks.ts: limits, raw clients, addresses and shutdown
 *   oversized-payload        its sender is dropped
 *   garbage                  the server survives clients of no protocol
 *   additional-hosts         the server listens on several addresses
 *   clean-exit               the process ends by itself after close()
 */

/** Every check, by the heading that `npm run conformance -- --list` prints. */
export const checkGroups = {
  "What a client can observe": clientChecks,
  "What the application on the server can observe": applicationChecks,
  "What a client that comes back can observe": returnChecks,
  "What the applications of a server in another program must do": externalAppChecks,
  "Limits, raw clients, addresses and shutdown": robustnessChecks,
} satisfies Record<string, readonly Check[]>;

/**
 * The checks that a transport must pass, in the order in which they run. If the server is another program, nobody can
 * observe its application from here: the checks of external-app-checks.ts replace those of the application.
 */
export function checksFor(transport: Pick<Transport, "guarantees" | "overTcp" | "clientsPerPage">): Check[] {
  const { guarantees } = transport;
  const serverChecks = guarantees.apps === undefined ? applicationChecks : externalAppChecks;
  const checks = [...clientChecks, ...serverChecks, ...returnChecks, ...robustnessChecks];
  return checks.filter(({ appliesTo }) => appliesTo?.(guarantees, transport) ?? true);
}
