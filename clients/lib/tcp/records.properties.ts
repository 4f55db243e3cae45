import { deepEqual } from "node:assert/strict";
import * as fc from "fast-check";
import { record, recordReader } from "../../../servers/protocols/records.ts";
import { cutAt, feed, twoPieces, cutPlaces, type Properties } from "../testing/stream-cuts.ts";
import { RecordReader } from "./records.ts";

/** Everything that a reader says, in order. */
type Saying = [payload: string, text: boolean] | Error;

const maxPayloadBytes = 5_000;

function lean(pieces: readonly Buffer[]): Saying[] {
  const said: Saying[] = [];
  class Said extends RecordReader {
    protected receive(bytes: Buffer, text: boolean): void {
      said.push([bytes.toString("hex"), text]);
    }
    protected refuse(error: RangeError): void {
      said.push(error);
    }
  }
  feed(new Said(maxPayloadBytes), pieces);
  return said;
}

function oracle(pieces: readonly Buffer[]): Saying[] {
  const said: Saying[] = [];
  const read = recordReader(
    maxPayloadBytes,
    (payload, text) => void said.push([payload.toString("hex"), text]),
    (error) => void said.push(error),
  );
  for (const piece of pieces) read(piece);
  return said;
}

const payload = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 4_990, maxLength: 5_002 }));
const whole = fc.tuple(payload, fc.boolean()).map(([bytes, text]) => record(Buffer.from(bytes), text));
const garbage = fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes));
const stream = fc
  .array(fc.oneof({ weight: 9, arbitrary: whole }, { weight: 1, arbitrary: garbage }), { maxLength: 8 })
  .map((parts) => Buffer.concat(parts));

/** What is true of the reader of records, with the library client's as the oracle. */
export const recordProperties: Properties = {
  "records are read as the library client reads them, in whatever pieces they come": fc.property(
    stream,
    cutPlaces,
    (bytes, at) => deepEqual(lean(cutAt(bytes, at)), oracle([bytes])),
  ),
  "records are read the same at every split": fc.property(
    stream.map((bytes) => bytes.subarray(0, 120)),
    (bytes) => {
      const expected = oracle([bytes]);
      for (const pieces of twoPieces(bytes)) deepEqual(lean(pieces), expected);
    },
  ),
};
