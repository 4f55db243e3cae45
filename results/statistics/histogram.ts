import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  initWebAssembly,
  type Histogram,
} from "hdr-histogram-js";

await initWebAssembly();

export type { Histogram };

/** An empty HDR histogram of microseconds: three significant digits, from 1 us. It grows with its largest value. */
export function createHistogram(): Histogram {
  return build({
    useWebAssembly: true,
    bitBucketSize: 64,
    autoResize: true,
    highestTrackableValue: 60_000_000,
    numberOfSignificantValueDigits: 3,
  });
}

/** Values that are recorded together. */
const blockValues = 512;

/**
 * A histogram that values are recorded into in blocks. Between two single values, thousands of connections would evict
 * the counts and the code of the histogram from the CPU caches; a block pays for these cache misses once.
 */
export class HistogramRecorder {
  private readonly values = createHistogram();
  private readonly block = new Float64Array(blockValues);
  private pending = 0;

  /** Records a value in whole microseconds, not negative. */
  record(us: number): void {
    this.block[this.pending++] = us;
    if (this.pending === blockValues) this.recordBlock();
  }

  /** The histogram of all values so far, encoded. */
  encode(): string {
    this.recordBlock();
    return encodeHistogram(this.values);
  }

  private recordBlock(): void {
    for (let i = 0; i < this.pending; i++) this.values.recordValue(this.block[i]!);
    this.pending = 0;
  }
}

/** A histogram as text: HdrHistogram V2, compressed, base64. Any HdrHistogram library can read it. */
export function encodeHistogram(values: Histogram): string {
  return encodeIntoCompressedBase64(values);
}

/** The sum of encoded histograms. Throws where one cannot be read. */
export function mergeHistograms(encoded: readonly string[]): Histogram {
  const sum = createHistogram();
  for (const text of encoded) {
    const part = decodeFromCompressedBase64(text, 64, true);
    sum.add(part);
    part.destroy();
  }
  return sum;
}
