import type { Client } from "undici";
import { connection, exchange, type Answer } from "../../clients/lib/http.ts";
import { Kit, until, type Host } from "../../scenarios/conformance/kit.ts";
import type { Options } from "../../scenarios/contract.ts";
import { transports } from "../../scenarios/transports.ts";

/** A polling session whose asks and sends are made one by one, each on a connection of its own, to try the server half. */
export interface ByHand {
  host: Host;
  path: string;
  ask(after: number): Promise<Answer>;
  /** An ask of which it is known that the server holds it. */
  heldAsk(after: number): Promise<HeldAsk>;
  request(method: "GET" | "POST" | "DELETE", path: string, body?: string): Promise<Answer>;
  /** The hub sends a text to the session. */
  say(text: string): void;
  tidy(): Promise<void>;
}

/** An ask on its way. */
export interface HeldAsk {
  answer: Promise<Answer>;
  answered(): boolean;
  /** Destroys the connection; resolves to what the asker is told. */
  cut(): Promise<unknown>;
}

/** Hosts a hub that says nothing by itself, and joins it. */
export async function byHand(name: "short-poll" | "long-poll", overrides: Partial<Options> = {}): Promise<ByHand> {
  const kit = new Kit(name, transports[name]);
  const host = await kit.serve({}, overrides);
  const lines: Client[] = [];

  function line(): Client {
    const client = connection(host.addresses[0]!, kit.options, 60_000);
    lines.push(client);
    return client;
  }

  const request: ByHand["request"] = (method, path, body) => exchange(line(), { method, path, body: body ?? null });
  const path = `/poll/${(await request("POST", "/poll")).body.toString()}`;
  const ask = (after: number): Promise<Answer> => request("GET", `${path}?after=${after}`);

  return {
    host,
    path,
    ask,
    async heldAsk(after) {
      const bytesBefore = host.traffic()!.wire.down.in;
      let answered = false;
      const answer = ask(after).finally(() => (answered = true));
      const on = lines.at(-1)!;
      const failure = answer.catch((error: unknown) => error);
      await until(() => host.traffic()!.wire.down.in > bytesBefore, "the server has the ask");
      return { answer, answered: () => answered, cut: () => on.destroy().then(() => failure) };
    },
    request,
    say: (text) => host.joined[0]!.send(Buffer.from(text), true),
    async tidy() {
      for (const client of lines) await client.destroy();
      await kit.tidy();
    },
  };
}

/** An answer's status and texts. */
export function heard({ status, body }: Answer): [status: number, ...texts: string[]] {
  return status === 200 ? [status, ...(JSON.parse(body.toString()) as string[])] : [status];
}
