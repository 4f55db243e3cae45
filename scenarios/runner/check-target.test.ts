import { afterEach, expect, it } from "vitest";
import { apps, servedApps } from "../definitions/apps.ts";
import type { Address, App, Server } from "../contract.ts";
import { UserError } from "../lib/errors.ts";
import { scenarios } from "../scenarios.ts";
import { resolveSettings } from "../definitions/settings.ts";
import { checkTarget } from "./check-target.ts";
import { loadTransport, optionsFor } from "../transports/load-transport.ts";

let server: Server | undefined;

afterEach(stop);

async function serve(name: string, app: App): Promise<Address> {
  const transport = await loadTransport(name);
  const { default: start } = await transport.server();
  server = await start(app, optionsFor(transport, {}));
  const { host, port } = server.addresses[0]!;
  return { host, port }; // as a person names it, without a certificate
}

async function stop(): Promise<void> {
  await server?.close();
  server = undefined;
}

const check = (name: string, target: Address, scenario: keyof typeof scenarios, handshakeMs = 10_000) =>
  checkTarget(name, target, resolveSettings(scenario, scenarios[scenario], {}), { handshakeMs });

it.each(["ws", "long-poll", "udp", "tcp-lines+tls", "h2-sse+tls", "grpc+tls"])(
  "accepts a %s server that hosts the application of the scenario",
  async (name) => {
    for (const [app, scenario] of [
      [apps.chat, "chat-100"],
      [servedApps.chat.app, "chat-100"],
      [servedApps.chat.app, "echo"],
      [apps.echo, "echo"],
    ] as const) {
      await expect(check(name, await serve(name, app), scenario)).resolves.toHaveProperty("port");
      await stop();
    }
  },
);

it("leaves no connection behind", async () => {
  let present = 0;
  const address = await serve("ws", (openRoom) => {
    const application = servedApps.chat.app(openRoom);
    return {
      ...application,
      join: (connection) => (present++, application.join(connection)),
      leave: (connection) => (present--, application.leave(connection)),
    };
  });
  await check("ws", address, "chat-100");
  await expect.poll(() => present).toBe(0);
});

it("ignores messages of other clients", async () => {
  const chatter: App = (openRoom) => {
    const application = servedApps.chat.app(openRoom);
    return {
      ...application,
      join(connection) {
        application.join(connection);
        connection.send(Buffer.from("welcome!"), true);
      },
    };
  };
  await expect(check("ws", await serve("ws", chatter), "chat-100")).resolves.toHaveProperty("port");
});

it.each([
  [
    "nobody is there",
    "ws",
    "tcp",
    undefined,
    "echo",
    /cannot be joined \(.*ECONNREFUSED.*\)\. Nothing listens there: start the server/,
  ],
  ["it speaks something else", "ws", "tcp-lines", apps.echo, "echo", /cannot be joined \(/],
  ["it ends what it does not know", "tcp", "ws", apps.echo, "echo", /did not answer a first message \(/],
  ["it hosts no group chat", "ws", "ws", apps.echo, "chat-100", /hosts no group chat: .* did not reach another/],
  ["it speaks no TLS", "ws+tls", "ws", apps.echo, "echo", /does not speak TLS \(/],
  ["it speaks TLS", "ws", "ws+tls", apps.echo, "echo", /cannot be joined \(/],
  ["it says nothing", "tcp", "tcp", apps.sink, "echo", /did not answer a first message \(.* 0\.3 s\)/],
] as const)(
  "says in one sentence with the address where %s",
  async (_, transport, served, app, scenario, sentence) => {
    const address = await serve(served, app ?? apps.echo);
    if (!app) await stop();
    const failing = check(transport, address, scenario, 300);
    await expect(failing).rejects.toThrow(sentence);
    await expect(failing).rejects.toThrow(`${address.host}:${address.port} `);
    await expect(failing).rejects.toBeInstanceOf(UserError);
  },
  30_000,
);

it("an answer of the other kind is none: a text that comes back as binary", async () => {
  const binary: App = () => ({
    join: () => undefined,
    receive: (connection, payload) => connection.send(payload, false),
    leave: () => undefined,
  });
  const failing = check("ws", await serve("ws", binary), "echo", 50);
  await expect(failing).rejects.toThrow(/did not answer a first message/);
});

it("refuses a scenario that needs numbers of the server itself", async () => {
  const nobody = { host: "127.0.0.1", port: 1 };
  await expect(check("ws", nobody, "idle-100")).rejects.toThrow(
    /idle-100 needs numbers that only our own server reports/,
  );
});
