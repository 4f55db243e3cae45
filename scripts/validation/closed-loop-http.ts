import autocannon from "autocannon";
import { undiciClient, undiciRequest } from "../../clients/lib/library-http/undici.ts";
import type { Address, Options } from "../../scenarios/contract.ts";
import { RunError } from "../../scenarios/lib/errors.ts";

/** Interval at which autocannon checks for the end. Its default of a second would lengthen every measurement. */
const sampleMs = 100;

/** Opens this many sessions and returns the path of each. */
export async function joinSessions(address: Address, sessions: number, options: Options): Promise<string[]> {
  const client = undiciClient(address, options);
  try {
    const paths: string[] = [];
    while (paths.length < sessions) {
      const { status, body } = await undiciRequest(client, { method: "POST", path: "/poll" });
      if (status !== 201)
        throw new RunError(`The server's response to a joining client is ${status}, not 201: please report it.`);
      paths.push(`/poll/${body.toString()}`);
    }
    return paths;
  } finally {
    await client.destroy();
  }
}

/**
 * Runs autocannon with one connection for each request, which that connection repeats. Resolves after `durationMs`, or
 * soon after `stop`.
 */
export function runClosedLoopHttp(
  { host, port }: Address,
  requests: readonly autocannon.Request[],
  durationMs: number,
  stop: AbortSignal,
): Promise<autocannon.Result> {
  let clients = 0;
  return new Promise((resolve, reject) => {
    const instance = autocannon(
      {
        url: `http://${host}:${port}`,
        connections: requests.length,
        duration: durationMs / 1000,
        sampleInt: sampleMs,
        // Without a limit autocannon dials a server that has ended again and again without a pause.
        bailout: requests.length,
        // setRequest would apply to the first request only.
        setupClient: (client) => client.setRequests([{ ...requests[clients++]! }]),
      },
      (error: Error | null, result) => (error ? reject(error) : resolve(result)),
    );
    if (stop.aborted) instance.stop();
    else stop.addEventListener("abort", () => instance.stop(), { once: true });
  });
}
