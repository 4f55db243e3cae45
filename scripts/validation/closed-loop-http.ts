import autocannon from "autocannon";
import { undiciClient, undiciRequest } from "../../clients/lib/library-http/undici.ts";
import type { Address, Options } from "../../scenarios/contract.ts";
import { RunError } from "../../scenarios/lib/errors.ts";

/** How often autocannon looks whether it is over. Its default of a second would be added to every measurement. */
const sampleMs = 100;

/** Opens so many sessions and says the path of each. */
export async function joinSessions(address: Address, sessions: number, options: Options): Promise<string[]> {
  const client = undiciClient(address, options, options.handshakeMs);
  try {
    const paths: string[] = [];
    while (paths.length < sessions) {
      const { status, body } = await undiciRequest(client, { method: "POST", path: "/poll" });
      if (status !== 201) throw new RunError(`The server answered ${status} to a client that joins: please report it.`);
      paths.push(`/poll/${body.toString()}`);
    }
    return paths;
  } finally {
    await client.destroy();
  }
}

/** Each connection repeats a request of its own. Resolves when the time is up, or soon after `until` has aborted. */
export function runClosedLoopHttp(
  { host, port }: Address,
  requests: readonly autocannon.Request[],
  durationMs: number,
  until: AbortSignal,
): Promise<autocannon.Result> {
  let clients = 0;
  return new Promise((resolve, reject) => {
    const instance = autocannon(
      {
        url: `http://${host}:${port}`,
        connections: requests.length,
        duration: durationMs / 1000,
        sampleInt: sampleMs,
        // A server that is gone would be dialled again without a pause.
        bailout: requests.length,
        // Not setRequest, which holds for the first request only.
        setupClient: (client) => client.setRequests([{ ...requests[clients++]! }]),
      },
      (error: Error | null, result) => (error ? reject(error) : resolve(result)),
    );
    if (until.aborted) instance.stop();
    else until.addEventListener("abort", () => instance.stop(), { once: true });
  });
}
