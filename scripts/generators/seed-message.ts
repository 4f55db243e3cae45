import { echoPayload, type GeneratorLoad } from "./generator.ts";
import { formatCursor } from "../../servers/protocols/cursor.ts";

/*
 * A program: joins a polling server, sends one message, which comes back to its own mailbox, and prints the ask for it. As long as nobody
 * acknowledges the message, each such ask is answered at once with a batch of just this message.
 */

const { host, port } = JSON.parse(process.argv[2]!) as GeneratorLoad;
const base = `http://${host}:${port}`;
const joined = await fetch(`${base}/poll`, { method: "POST" });
const path = `/poll/${await joined.text()}`;
await fetch(`${base}${path}`, { method: "POST", body: echoPayload });
const ask = `${path}?after=${formatCursor(0)}`;
const answer = (await (await fetch(`${base}${ask}`)).json()) as string[];
if (answer.length !== 1 || answer[0] !== echoPayload)
  throw new Error(`an ask was answered with ${JSON.stringify(answer)}`);
process.stdout.write(ask);
