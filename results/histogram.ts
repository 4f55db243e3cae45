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
export function histogram(): Histogram {
  return build({
    useWebAssembly: true,
    bitBucketSize: 64,
    autoResize: true,
    highestTrackableValue: 60_000_000,
    numberOfSignificantValueDigits: 3,
  });
}

/** The histogram as text: HDR's V2 encoding, deflated, base64. Any HdrHistogram library reads it. */
export function encode(values: Histogram): string {
  return encodeIntoCompressedBase64(values);
}

/** The sum of encoded histograms. Throws where one is not readable. */
export function merge(encoded: readonly string[]): Histogram {
  const sum = histogram();
  for (const text of encoded) {
    const part = decodeFromCompressedBase64(text, 64, true);
    sum.add(part);
    part.destroy();
  }
  return sum;
}
