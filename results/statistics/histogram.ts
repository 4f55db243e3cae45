import { inflateSync } from "node:zlib";
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

/** Cookie of the encoding: HdrHistogram V2, compressed, with counts of variable length. */
const compressedV2 = 0x1c849314;

/** Most bytes of a histogram that is not compressed: nine for each of its counts, of which it has fewer. */
const mostBytes = 9 * 2 ** 17;

/** True for an encoded histogram that is as it was written: its length and its checksum are right. */
export function isWholeHistogram(encoded: string): boolean {
  const bytes = Buffer.from(encoded, "base64");
  if (bytes.length < 8 || bytes.readInt32BE(0) !== compressedV2 || bytes.readInt32BE(4) !== bytes.length - 8)
    return false;
  try {
    inflateSync(bytes.subarray(8), { maxOutputLength: mostBytes });
    return bytes.toString("base64") === encoded;
  } catch {
    return false;
  }
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
