import { Agent, fetch } from "undici";
import { echoPayload, type GeneratorLoad } from "./generator.ts";
import { formatCursor } from "../../servers/protocols/cursor.ts";

/*
 * A program: joins a polling server, sends one message, which the echo puts into the session's own queue, and prints
 * the path of the poll for it. As long as no poll acknowledges the message, the server responds to each such poll at
 * once with a batch of this message.
 */

const { host, port } = JSON.parse(process.argv[2]!) as GeneratorLoad;
const base = `http://${host}:${port}`;
const dispatcher = new Agent(); // takes no proxy
const joined = await fetch(`${base}/poll`, { method: "POST", dispatcher });
const path = `/poll/${await joined.text()}`;
await fetch(`${base}${path}`, { method: "POST", body: echoPayload, dispatcher });
const pollPath = `${path}?after=${formatCursor(0)}`;
const messages = (await (await fetch(`${base}${pollPath}`, { dispatcher })).json()) as string[];
if (messages.length !== 1 || messages[0] !== echoPayload)
  throw new Error(`the response to the poll is ${JSON.stringify(messages)}, not the one message that was sent`);
process.stdout.write(pollPath, () => process.exit());
