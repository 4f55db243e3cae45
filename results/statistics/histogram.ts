import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  initWebAssembly,
  type Histogram,
} from "hdr-histogram-js";

await initWebAssembly();

export type { Histogram };

/** An empty HDR histogram of microseconds: three significant digits, from 1 us, growing as far as the values go. */
export function createHistogram(): Histogram {
  return build({
    useWebAssembly: true,
    bitBucketSize: 64,
    autoResize: true,
    highestTrackableValue: 60_000_000,
    numberOfSignificantValueDigits: 3,
  });
}

/** Values that are about to be recorded at once. */
const blockValues = 512;

/**
 * A histogram that is recorded to a block of values at a time: a value by itself would find neither its counts nor the code that counts in
 * the processor's caches, since what thousands of connections do between one value and the next takes their place.
 */
export class HistogramRecorder {
  private readonly values = createHistogram();
  private readonly block = new Float64Array(blockValues);
  private waiting = 0;

  /** Whole microseconds, not negative. */
  record(us: number): void {
    this.block[this.waiting++] = us;
    if (this.waiting === blockValues) this.count();
  }

  /** Everything that was recorded so far. */
  encode(): string {
    this.count();
    return encodeHistogram(this.values);
  }

  private count(): void {
    for (let i = 0; i < this.waiting; i++) this.values.recordValue(this.block[i]!);
    this.waiting = 0;
  }
}

/** The histogram as text: HDR's V2 encoding, deflated, base64. Any HdrHistogram library reads it. */
export function encodeHistogram(values: Histogram): string {
  return encodeIntoCompressedBase64(values);
}

/** The sum of encoded histograms. Throws where one is not readable. */
export function mergeHistograms(encoded: readonly string[]): Histogram {
  const sum = createHistogram();
  for (const text of encoded) {
    const part = decodeFromCompressedBase64(text, 64, true);
    sum.add(part);
    part.destroy();
  }
  return sum;
}
