import { setTimeout as delay } from "node:timers/promises";
import { stringify } from "yaml";
import { messageText } from "../../clients/lib/dialect/conditions.ts";
import { findText } from "./find-text.ts";
import type { Connect, Connection } from "../../scenarios/contract.ts";
import type { Dialect } from "../../scenarios/lib/dialect.ts";
import { UserError } from "../../scenarios/lib/errors.ts";
import { dialectClient } from "../../scenarios/transports.ts";
import { withoutSecrets } from "../../scenarios/lib/secrets.ts";
import { visitorValues, withValues } from "../../scenarios/lib/visitor.ts";
import { markedText } from "../../scenarios/runner/visit-target.ts";
import {
  loadTransport,
  optionsFor,
  transportLabel,
  withoutTlsSuffix,
} from "../../scenarios/transports/load-transport.ts";
import { cannotJoin } from "../../scenarios/runner/connect-advice.ts";
import type { ChosenTarget } from "./bench/target-flags.ts";

/** What a visit suggests: sentences for the terminal, and a dialect file where something came back. */
export interface Guess {
  findings: string[];
  yaml: string | undefined;
}

/** Ways to say a text, the most usual first. `{{text}}` is the text. */
const ways: readonly unknown[] = [
  "{{text}}",
  "{{text}}\n",
  { type: "message", text: "{{text}}" },
  { type: "message", data: "{{text}}" },
  { type: "chat", message: "{{text}}" },
  { event: "message", data: "{{text}}" },
  { text: "{{text}}" },
  { message: "{{text}}" },
  { msg: "{{text}}" },
];

/** Events of Socket.IO servers, the most usual first. */
const events = ["message", "chat message", "chat", "msg", "newMessage"];
const eventArguments: readonly unknown[] = [
  "{{text}}",
  { text: "{{text}}" },
  { message: "{{text}}" },
  { name: "{{client}}", msg: "{{text}}" },
];

/** Milliseconds to listen before the first text, and after each. */
const listenMs = 400;

/** Joins a server, says marked texts in several ways, and finds them in what comes back. */
export async function guessDialect(chosen: ChosenTarget, url: string): Promise<Guess> {
  const isSocketIo = withoutTlsSuffix(chosen.transport) ?? chosen.transport;
  const heard: Buffer[] = [];
  const connection = await join(chosen, heard);
  const findings = [`Joined as ${transportLabel(chosen.transport)}.`];
  await delay(listenMs);
  findings.push(
    heard.length > 0 ? `The server greets: ${messageText(heard[0]!)}` : "The server says nothing by itself.",
  );
  try {
    for (const [i, say] of candidates(isSocketIo === "socket.io").entries()) {
      const from = heard.length;
      const text = markedText(i);
      connection.send(Buffer.from(filled(say.template, text.toString())), true);
      await delay(listenMs);
      const found = heard.slice(from).flatMap((message) => findText(message, text) ?? [])[0];
      if (!found) continue;
      findings.push(`${say.title} came back ${found.where}.`);
      const yaml = withoutSecrets(fileText(url, chosen.transport, say.fields, found.hear, found.event));
      return { findings, yaml };
    }
  } finally {
    connection.close();
  }
  const after = heard.at(-1);
  findings.push(
    after
      ? `No text came back. The last message was ${messageText(after)}: write the dialect by hand, see scenarios/README.md.`
      : "No text came back, and nothing else: does the server want a client to join first? Write the dialect by hand, see scenarios/README.md.",
  );
  return { findings, yaml: undefined };
}

/** One way to say a text. */
interface Candidate {
  title: string;
  /** What is sent, with `{{text}}`. */
  template: string;
  /** Fields of the dialect file that say so. */
  fields: object;
}

function candidates(socketIo: boolean): Candidate[] {
  if (socketIo)
    return events.flatMap((emit) =>
      eventArguments.map((argument) => ({
        title: `The event "${emit}" with ${JSON.stringify(argument)}`,
        template: `42${JSON.stringify([emit, argument])}`,
        fields: { emit, say: argument },
      })),
    );
  return ways.map((say) => ({
    title: JSON.stringify(say),
    template: typeof say === "string" ? say : JSON.stringify(say),
    fields: say === "{{text}}" ? {} : { say },
  }));
}

function filled(template: string, text: string): string {
  return template.replaceAll("{{text}}", text).replaceAll("{{client}}", "0");
}

async function join({ transport, target }: ChosenTarget, heard: Buffer[]): Promise<Connection> {
  const name = withoutTlsSuffix(transport) ?? transport;
  const dialect = openingDialect(name);
  const carrier = await loadTransport(name === "socket.io" ? "ws" : name);
  const { default: plain }: { default: Connect } = await carrier.client();
  const connect = dialect ? (await dialectClient()).withDialect(plain, dialect) : plain;
  const [given] = target.addresses;
  const path = name === "socket.io" ? { path: "/socket.io/?EIO=4&transport=websocket" } : {};
  const address = withValues({ ...given!, ...path }, visitorValues({ client: 0, room: 0, trial: "guess" }));
  const handler = { receive: (bytes: Buffer) => void heard.push(Buffer.from(bytes)), closed: () => undefined };
  return connect(address, handler, optionsFor(carrier, {})).catch((error: unknown) => {
    throw new UserError(withoutSecrets(cannotJoin(target, error)));
  });
}

const nothing = { ignore: [], speakerExcluded: false, match: "text", hear: "whole", greeting: false } as const;

/** A dialect that hears everything: Socket.IO as its packets, and TCP as lines. */
function openingDialect(name: string): Dialect | undefined {
  if (name === "tcp") return { ...nothing, name, enter: [], answer: {}, frame: { end: "\n" } };
  if (name !== "socket.io") return undefined;
  const enter = [{ until: { starts: "0{" } }, { send: "40", until: { starts: "40" } }];
  return { ...nothing, name, enter, answer: { "2": "3" } };
}

function fileText(url: string, transport: string, fields: object, hear: object, event: string | undefined): string {
  const name = withoutTlsSuffix(transport) ?? transport;
  const { emit, say, ...rest } = fields as { emit?: string; say?: unknown };
  const talk = emit === undefined ? {} : { "socket.io": { emit, on: event ?? emit } };
  const said = say === undefined || say === "{{text}}" ? {} : { say };
  const frame = name === "tcp" ? { frame: { end: "\n" } } : {};
  const content = { transport: name, url, ...rest, ...talk, ...frame, ...said, ...hear };
  return `# Written by npm run new-dialect. Fields: scenarios/README.md\n${stringify(content)}`;
}
