import type { Address, Options } from "../contract.ts";
import { apps } from "../definitions/apps.ts";
import { loadTransport } from "../transports/load-transport.ts";

/** Milliseconds after the server's close until this process, if it is still alive, reports what keeps it alive. */
const reportAfterMs = 3_000;

/** The first message to this process. */
interface HelperTask {
  task: "connect" | "serve and stop";
  transport: string;
  address: Address;
  options: Options;
}

process.once("message", async ({ task, transport: name, address, options }: HelperTask) => {
  const transport = await loadTransport(name);
  const { default: connect } = await transport.client();
  const handler = { receive: () => undefined, closed: () => undefined };
  if (task === "connect") {
    await connect(address, handler, options);
    process.send!("connected");
    return;
  }
  const { default: serve } = await transport.server();
  const server = await serve(apps.echo, options, "echo");
  let onEcho = (): void => undefined;
  const echo = new Promise<void>((resolve) => (onEcho = resolve));
  const connection = await connect(server.addresses[0]!, { ...handler, receive: onEcho }, options);
  connection.send(Buffer.from("round trip"), true);
  await echo;
  await server.close();
  process.channel!.unref(); // from here on, only what the transport left behind keeps this process alive
  setTimeout(() => process.send!(process.getActiveResourcesInfo().join(", ")), reportAfterMs).unref();
});
