import { Bench } from "tinybench";
import type { MicroTask } from "./tasks.ts";

/** What one task costs. */
export interface TaskCost {
  name: string;
  /** The median over samples, and how far half of them are from it at most. */
  nsPerMessage: number;
  spreadPercent: number;
  messagesPerS: number;
  bytesPerS: number | undefined;
}

/** How long a sample is at least, so that reading the clock twice does not count. */
const sampleMs = 0.2;

/** Times a task for `timeMs`, after a quarter of that to have it compiled. Rejects with what the task throws. */
export async function measureTask({ name, payloadBytes, prepare }: MicroTask, timeMs: number): Promise<TaskCost> {
  const call = prepare();
  const messages = call();
  const calls = callsPerSample(call, sampleMs);
  const bench = new Bench({ time: timeMs, warmupTime: timeMs / 4, iterations: 1, warmupIterations: 1, throws: true });
  bench.add(name, () => repeat(call, calls));
  const [task] = await bench.run();
  const { result } = task!;
  if (result.state !== "completed") throw new Error(`"${name}" was ${result.state}`);
  const { p50, mad } = result.latency;
  const messagesPerS = (calls * messages) / (p50 / 1000);
  return {
    name,
    nsPerMessage: 1e9 / messagesPerS,
    spreadPercent: (100 * mad) / p50,
    messagesPerS,
    bytesPerS: payloadBytes === undefined ? undefined : messagesPerS * payloadBytes,
  };
}

/** Calls something so often; the sum is returned so that no call is left out for having no effect. */
function repeat(call: () => number, calls: number): number {
  let sum = 0;
  for (let i = 0; i < calls; i++) sum += call();
  return sum;
}

/** How often something can be called in so many milliseconds: a power of two, found by trying. */
function callsPerSample(call: () => number, ms: number): number {
  for (let calls = 1; ; calls *= 2) {
    const start = performance.now();
    repeat(call, calls);
    if (performance.now() - start >= ms) return calls;
  }
}
