import { nowUs } from "../clients/lib/clock.ts";
import { encode, histogram } from "../results/histogram.ts";
import type { Address, Inbox, Link, Options } from "./contract.ts";
import { openLedger, type Tally } from "./ledger.ts";
import { pace } from "./pace.ts";
import { payloads } from "./payloads.ts";
import { cast, plan } from "./plan.ts";
import type { Settings } from "./settings.ts";
import { loadTransport, optionsFor } from "./transports.ts";
import { atEdges, usage, type Usage } from "./usage.ts";

/** Which share of which trial is to be played, and where. */
export interface Order {
  transport: string;
  settings: Settings;
  options: Partial<Options>;
  addresses: readonly Address[];
  worker: number;
  /** Connects that may be under way at once. */
  inFlight: number;
}

/** When the first connect began and the last was done. */
export interface Connected {
  fromUs: number;
  toUs: number;
}

/** What was sent, and what that should cause. */
export interface Played {
  /** Measured messages handed to their links. */
  sent: number;
  /** Deliveries that these should cause, over all receivers of all workers. */
  expected: number;
  usage: [Usage, Usage];
}

export interface Progress {
  /** Clients that have connected, and those whose link is still open. */
  connected: number;
  open: number;
  tally: Tally;
}

/** Encoded histograms, in microseconds. */
export interface Values {
  connect: string;
  latency: string;
  service: string;
  sendLag: string;
}

/** Some clients of a trial, played by this process. */
export interface Player {
  connect(): Promise<Connected>;
  verify(): Promise<void>;
  play(window: { t0Us: number; t1Us: number }): Promise<Played>;
  progress(): Progress;
  values(): Values;
}

/** One simulated client. */
interface Client {
  number: number;
  link: Link | undefined;
  /** Called with each message: first the answer to its entrance, then what it is there for. */
  receive: Inbox["receive"];
}

/** Prepares one worker's share. `lost` is told of any link that ends before its time. */
export async function startPlayer(order: Order, lost: (reason: string) => void): Promise<Player> {
  const { settings, worker, addresses } = order;
  const scene = cast(settings);
  const script = plan(settings, scene.senders);
  const content = payloads(settings.payloadBytes, settings.payloadKind, settings.seed);
  const transport = await loadTransport(order.transport);
  const { default: connectLink } = await transport.client();
  const options = optionsFor(transport, order.options);

  const clients = scene.shares[worker]!.map((number): Client => ({
    number,
    link: undefined,
    receive: () => undefined,
  }));
  const byNumber = new Map(clients.map((client) => [client.number, client]));
  const lines = [...script.sender.keys()].filter((message) => byNumber.has(script.sender[message]!));
  const values = { connect: histogram(), latency: histogram(), service: histogram(), sendLag: histogram() };
  const ledger = openLedger(
    scene.shares[worker]!,
    scene,
    script,
    content,
    settings.durationMs * 1000,
    (_message, dueUs, lagUs, atUs) => {
      values.latency.recordValue(Math.round(atUs - dueUs));
      values.service.recordValue(Math.max(0, Math.round(atUs - dueUs - lagUs)));
    },
  );
  let connected = 0;
  let open = 0;

  async function connectOne(client: Client): Promise<void> {
    const startUs = nowUs();
    client.link = await connectLink(
      addresses[client.number % addresses.length]!,
      {
        receive: (payload, text) => client.receive(payload, text),
        closed(error) {
          open--;
          lost(`client ${client.number} lost its link: ${error?.message ?? "the server closed it"}`);
        },
      },
      { ...options, phase: scene.phases[client.number]! },
    );
    values.connect.recordValue(Math.round(nowUs() - startUs));
    connected++;
    open++;
  }

  return {
    /** In join order, a bounded number at a time. */
    async connect() {
      const fromUs = nowUs();
      const waiting = clients.values();
      const lanes = Array.from({ length: order.inFlight }, async () => {
        for (const client of waiting) await connectOne(client);
      });
      await Promise.all(lanes);
      return { fromUs, toUs: nowUs() };
    },

    async verify() {
      await Promise.all(
        clients.map((client) => {
          const entrance = Buffer.from(`room ${scene.roomOf(client.number)}`);
          return new Promise<void>((resolve, reject) => {
            client.receive = (payload) => {
              if (payload.equals(entrance)) resolve();
              else
                reject(new Error(`client ${client.number} entered its room and was answered "${payload.toString()}"`));
            };
            client.link!.send(entrance, true);
          });
        }),
      );
    },

    async play({ t0Us, t1Us }) {
      for (const [slot, client] of clients.entries())
        client.receive = (payload, text) => ledger.enter(slot, payload, text, nowUs() - t0Us);

      let sent = 0;
      let expected = 0;
      const due = Float64Array.from(lines, (message) => t0Us + script.dueUs[message]!);
      function say(line: number, atUs: number): void {
        const message = lines[line]!;
        const sender = script.sender[message]!;
        const lagUs = Math.round(atUs - due[line]!);
        byNumber
          .get(sender)!
          .link!.send(content.make(sender, script.seq[message]!, lagUs), settings.payloadKind === "text");
        if (message < script.warmup) return;
        sent++;
        expected += settings.app === "echo" ? 1 : scene.roomSize(scene.roomOf(sender));
        values.sendLag.recordValue(lagUs);
      }
      const [edges] = await Promise.all([atEdges(t0Us, t1Us, usage), pace(due, say, settings.precise)]);
      return { sent, expected, usage: edges };
    },

    progress: () => ({ connected, open, tally: ledger.tally() }),

    values: () => ({
      connect: encode(values.connect),
      latency: encode(values.latency),
      service: encode(values.service),
      sendLag: encode(values.sendLag),
    }),
  };
}
