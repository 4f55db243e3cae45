import { Bench } from "tinybench";
import type { MicroTask } from "./tasks.ts";

/** Measured cost of one task. */
export interface TaskCost {
  name: string;
  /** Median over the samples. */
  nsPerMessage: number;
  /** Half of the samples are within this many percent of the median. */
  spreadPercent: number;
  messagesPerS: number;
  /** Payload bytes per second. Undefined where the size of a message does not matter. */
  bytesPerS: number | undefined;
}

/** Shortest sample in milliseconds: long enough that two readings of the clock do not matter. */
const sampleMs = 0.2;

/**
 * Times a task for `timeMs`, after a quarter of that time to have its code compiled. Rejects with any error of the
 * task, and where a call handles another number of messages than the task declares.
 */
export async function measureTask(
  { name, payloadBytes, messagesPerCall, prepare }: MicroTask,
  timeMs: number,
): Promise<TaskCost> {
  const call = prepare();
  const messages = call();
  if (messages !== messagesPerCall)
    throw new Error(`"${name}" handled ${messages} messages in a call instead of ${messagesPerCall}`);
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

/** Calls a function this many times. It returns the sum of the results, so that the compiler cannot remove a call. */
function repeat(call: () => number, calls: number): number {
  let sum = 0;
  for (let i = 0; i < calls; i++) sum += call();
  return sum;
}

/** Number of calls that take at least this many milliseconds: a power of two, found by trial. */
function callsPerSample(call: () => number, ms: number): number {
  for (let calls = 1; ; calls *= 2) {
    const start = performance.now();
    repeat(call, calls);
    if (performance.now() - start >= ms) return calls;
  }
}
