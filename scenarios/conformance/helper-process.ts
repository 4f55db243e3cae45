import type { Address, Options } from "../contract.ts";
import { loadTransport } from "../transports/load-transport.ts";

/** How long a process that has closed its server may live on until it says what keeps it. */
const lingeringMs = 3_000;

/** What the suite asks of a process of its own. */
interface HelperTask {
  task: "connect" | "serve and stop";
  transport: string;
  address: Address;
  options: Options;
}

process.once("message", async (message: HelperTask) => {
  const transport = await loadTransport(message.transport);
  const { default: connect } = await transport.client();
  const handler = { receive: () => undefined, closed: () => undefined };
  if (message.task === "connect") {
    await connect(message.address, handler, message.options);
    process.send!("connected");
    return;
  }
  const { default: serve } = await transport.server();
  const server = await serve(
    () => ({
      join: () => undefined,
      receive: (connection, payload, text) => connection.send(payload, text),
      leave: () => undefined,
    }),
    message.options,
    "echo",
  );
  let answered = (): void => undefined;
  const answer = new Promise<void>((resolve) => (answered = resolve));
  const link = await connect(server.addresses[0]!, { ...handler, receive: answered }, message.options);
  link.send(Buffer.from("ready?"), true);
  await answer;
  await server.close();
  process.channel!.unref(); // from here on only what the transport left behind keeps this process alive
  setTimeout(() => process.send!(process.getActiveResourcesInfo().join(", ")), lingeringMs).unref();
});
