import { connect, createServer, type AddressInfo } from "node:net";
import { createInterface } from "node:readline";

/*
 * A way to the broker that can be slow, and that can show another time: node broker-relay-process.js HOST PORT. It
 * listens on HOST, prints its port, and takes commands on its standard input: "delay MS" for the answers of the broker
 * (set it before anybody connects), "step US" for what the broker's clock shows more from now on. The clock of a host
 * cannot be set back and forth in a proof; to whoever reads the broker's clock, this looks the same.
 */

const [host = "", brokerPort = ""] = process.argv.slice(2);
let [delayMs, stepUs] = [0, 0];

/** The answer to TIME: two bulk strings, seconds and microseconds (RESP2). */
const timeAnswer = /\*2\r\n\$10\r\n(\d{10})\r\n\$\d\r\n(\d{1,6})\r\n/g;

function shifted(answer: Buffer): Buffer {
  if (stepUs === 0) return answer;
  const text = answer.toString("latin1").replace(timeAnswer, (_all, seconds: string, us: string) => {
    const shownUs = 1e6 * Number(seconds) + Number(us) + stepUs;
    const rest = String(shownUs % 1e6);
    return `*2\r\n$10\r\n${Math.floor(shownUs / 1e6)}\r\n$${rest.length}\r\n${rest}\r\n`;
  });
  return Buffer.from(text, "latin1");
}

const relay = createServer({ noDelay: true }, (client) => {
  const broker = connect({ host, port: Number(brokerPort), noDelay: true });
  client.pipe(broker);
  broker.on("data", (chunk) => {
    const answer = shifted(chunk);
    if (delayMs === 0) client.write(answer);
    else setTimeout(() => client.write(answer), delayMs);
  });
  for (const [one, other] of [
    [client, broker],
    [broker, client],
  ] as const) {
    one.on("error", () => other.destroy());
    one.on("close", () => other.destroy());
  }
});
relay.listen(0, host, () => console.log((relay.address() as AddressInfo).port));

for await (const line of createInterface(process.stdin)) {
  const [command, value] = line.split(" ");
  if (command === "delay") delayMs = Number(value);
  if (command === "step") stepUs = Number(value);
  console.log(`${line}: done`);
}
process.exit(0);
