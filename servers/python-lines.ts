import { fileURLToPath } from "node:url";
import { serveExternalProcess, runsSuccessfully } from "./lib/external/external-process.ts";

/** The Python program. Its first lines describe what a server in any language has to do. */
const program = fileURLToPath(new URL("../../servers/lines.py", import.meta.url));

/** Raw TCP: each message is a line, as in tcp-lines. The server is a Python program on asyncio. */
export default serveExternalProcess(({ addresses, app, options }) => [
  "python3",
  program,
  `--app=${app}`,
  ...addresses.map(({ host, port }) => `--listen=${host}:${port}`),
  `--max-payload-bytes=${options.maxPayloadBytes}`,
  `--queue-bytes=${options.queueBytes}`,
  `--heartbeat-ms=${Math.round(options.heartbeatMs)}`,
]);

/** The reason why the server cannot run on this machine; undefined where it can. */
export async function pythonUnavailable(): Promise<string | undefined> {
  const recent = await runsSuccessfully("python3", "-c", "import sys; sys.exit(sys.version_info < (3, 9))");
  return recent ? undefined : "python3 is not installed, or is older than 3.9";
}
