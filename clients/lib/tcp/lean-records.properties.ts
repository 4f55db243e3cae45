import { deepEqual } from "node:assert/strict";
import * as fc from "fast-check";
import { record, recordReader } from "../../../servers/protocols/records.ts";
import type { Properties } from "../testing/all-properties.ts";
import { cutAt, feedPieces, allTwoPieceCuts, cutPlaces } from "../testing/stream-cuts.ts";
import { LeanRecordReader } from "./lean-records.ts";

/** A call of a reader. */
type ReaderCall = [payload: string, text: boolean] | Error;

const maxPayloadBytes = 5_000;

function readWithOurs(pieces: readonly Buffer[]): ReaderCall[] {
  const calls: ReaderCall[] = [];
  class RecordingReader extends LeanRecordReader {
    protected receive(bytes: Buffer, text: boolean): void {
      calls.push([bytes.toString("hex"), text]);
    }
    protected refuse(error: RangeError): void {
      calls.push(error);
    }
  }
  feedPieces(new RecordingReader(maxPayloadBytes), pieces);
  return calls;
}

function readWithLibraryClient(pieces: readonly Buffer[]): ReaderCall[] {
  const calls: ReaderCall[] = [];
  const read = recordReader(
    maxPayloadBytes,
    (payload, text) => void calls.push([payload.toString("hex"), text]),
    (error) => void calls.push(error),
  );
  for (const piece of pieces) read(piece);
  return calls;
}

const payload = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 4_990, maxLength: 5_002 }));
const completeRecord = fc.tuple(payload, fc.boolean()).map(([bytes, text]) => record(Buffer.from(bytes), text));
const garbage = fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes));
const stream = fc
  .array(fc.oneof({ weight: 9, arbitrary: completeRecord }, { weight: 1, arbitrary: garbage }), { maxLength: 8 })
  .map((parts) => Buffer.concat(parts));

export const properties: Properties = {
  "a stream in any pieces is read as the library client reads it": fc.property(stream, cutPlaces, (bytes, places) =>
    deepEqual(readWithOurs(cutAt(bytes, places)), readWithLibraryClient([bytes])),
  ),
  "a stream is read the same at every cut into two pieces": fc.property(
    stream.map((bytes) => bytes.subarray(0, 120)),
    (bytes) => {
      const expected = readWithLibraryClient([bytes]);
      for (const pieces of allTwoPieceCuts(bytes)) deepEqual(readWithOurs(pieces), expected);
    },
  ),
};
