import type { ByteCounts, Role } from "../../scenarios/contract.ts";
import type { ByteCost, WireFormula, ByteContext } from "./formula.ts";

/** A record's header, the byte that names its kind, and its seal; and the most that it holds (RFC 8446, sections 5.1, 5.2, 5.3). */
const aroundBytes = 5 + 1 + 16;
const maxBytes = 16_384;

/** Records that carry so many bytes which are handed over at once. */
export const recordsOf = (bytes: number): number => Math.ceil(bytes / maxBytes);

/** Bytes of the record that carries so many. */
export const sealed = (bytes: number): number => bytes + aroundBytes;
/** ChangeCipherSpec, which means nothing and is sent for the sake of old middleboxes (section 5). */
const dummyBytes = 5 + 1;
/** A message of the handshake: a kind and a length in front of it (section 4). */
const message = (bytes: number): number => 1 + 3 + bytes;
const extension = (bytes: number): number => 2 + 2 + bytes;
/** The suite is TLS_AES_256_GCM_SHA384, whose hash has so many bytes. */
const finished = sealed(message(48));
/** The longest signature of P-256 in DER: a few bytes less where its numbers are smaller. */
const signatureBytes = 72;
/** By how much it can be shorter, in all handshakes but one in millions. */
export const signatureJitterBytes = 4;

/** A version, a random, the client's session id, a suite, no compression, and extensions: the version and the share of a key for X25519. */
const serverHello = 5 + message(2 + 32 + 1 + 32 + 2 + 1 + 2 + extension(2) + extension(2 + 2 + 32));

/** How long a ticket is good for, a mask, a nonce, an id that nobody keeps, and no extensions (section 4.6.1). */
const ticket = sealed(message(4 + 4 + 1 + 8 + 2 + 32 + 2));
const tickets = 2;

/**
 * A full handshake (section 2). What the client begins with is its library's business, and so is whether it asks for a protocol by ALPN: as
 * it was seen. All else is what the sections of section 4 say, and what the certificate is.
 */
export function tlsHandshakeBytes({ address, hello }: ByteContext): ByteCounts {
  const certificate = Buffer.from((address.certificate ?? "").replaceAll(/-----.*-----/g, ""), "base64");
  const alpn = ["h2", "http/1.1"].find((each) => hello?.includes(String.fromCharCode(each.length) + each));
  const agreed = alpn === undefined ? 0 : extension(2 + 1 + alpn.length);
  return {
    in: (hello?.length ?? 0) + dummyBytes + finished,
    out:
      serverHello +
      dummyBytes +
      sealed(message(2 + agreed)) +
      sealed(message(1 + 3 + 3 + certificate.length + 2)) +
      sealed(message(2 + 2 + signatureBytes)) +
      finished +
      tickets * ticket,
  };
}

/** How many records something takes, by role and direction. */
export type RecordCount = Partial<Record<Role, ByteCounts>>;

/** Connections of a role that are opened; those that the server closes at once say so (section 6.1). */
type Opened = Partial<Record<Role, { opened: number; closed?: true }>>;
/** An alert that says so. */
export const closeNotifyBytes = sealed(2);

/** What is known of how a transport hands over what it says: where nothing is, all that goes one way at a time is handed over at once. */
export interface RecordLayout {
  /** Records that a set-up takes beside its handshakes. Left out where nobody knows. */
  setUp?: RecordCount;
  /** Connections that a set-up opens. Default: one in each role of the records. */
  opens?: Opened;
  /** Set where each request has a connection of its own. */
  closes?: true;
  send?(payload: Buffer, text: boolean, place: ByteContext): RecordCount | undefined;
  delivery?(payload: Buffer, text: boolean, place: ByteContext): RecordCount | undefined;
  /** Set where what comes between may be in one record with something else, either way. */
  shares?: true;
  backgroundTraffic?(place: ByteContext): readonly ByteCost[];
}

const roles = ["up", "down", "duplex"] as const;

/** The records of what is handed over at once in each direction of each role. */
function atOnce(cost: ByteCost): RecordCount {
  const all: RecordCount = {};
  for (const role of roles) {
    const bytes = cost[role];
    if (bytes) all[role] = { in: recordsOf(bytes.in), out: recordsOf(bytes.out) };
  }
  return all;
}

/** What a cost is in so many records. */
function inRecords(cost: ByteCost, records: RecordCount = atOnce(cost)): ByteCost {
  const all: ByteCost = { ...cost };
  for (const role of roles) {
    const [bytes, count] = [cost[role], records[role]];
    if (bytes && count) all[role] = { in: bytes.in + aroundBytes * count.in, out: bytes.out + aroundBytes * count.out };
  }
  if (cost.emptyBytes !== undefined && records.down)
    all.emptyBytes = cost.emptyBytes + aroundBytes * (records.down.in + records.down.out);
  return all;
}

/** A cost and that of opening connections for it; where an ask that brings nothing opens one, the handshake is part of it. */
export function tlsOpening(cost: ByteCost, opened: Opened, place: ByteContext): ByteCost {
  const each = tlsHandshakeBytes(place);
  const all: ByteCost = { ...cost, handshakes: {} };
  for (const role of roles) {
    const connections = opened[role];
    if (!connections) continue;
    const { opened: count, closed } = connections;
    const { in: bytesIn, out } = cost[role] ?? { in: 0, out: 0 };
    all[role] = { in: bytesIn + count * each.in, out: out + count * (each.out + (closed ? closeNotifyBytes : 0)) };
    all.handshakes![role] = count;
    if (role === "down" && cost.emptyBytes !== undefined)
      all.emptyBytes = cost.emptyBytes + count * (each.in + each.out);
  }
  return all;
}

/** One connection for each role that something is said on. */
function oneEach(cost: ByteCost | RecordCount, closed?: true): Opened {
  const said = roles.filter((role) => cost[role]);
  return Object.fromEntries(said.map((role) => [role, { opened: 1, ...(closed && { closed }) }]));
}

/** Records of its own that something small takes each way. */
const sharings: readonly ByteCounts[] = [
  { in: 1, out: 1 },
  { in: 1, out: 0 },
  { in: 0, out: 1 },
  { in: 0, out: 0 },
];

/** What a transport must cost over TLS, given what it costs by itself. */
export function tlsFormula(plain: WireFormula, habits: RecordLayout): WireFormula {
  const { setUp: begins, idle, backgroundTraffic, ...rest } = plain;
  const { setUp, opens, closes, shares, send, delivery } = habits;
  const over = (cost: ByteCost, place: ByteContext, records?: RecordCount): ByteCost => {
    const sealedCost = inRecords(cost, records);
    return closes ? tlsOpening(sealedCost, oneEach(cost, true), place) : sealedCost;
  };
  const between = (cost: ByteCost, place: ByteContext): ByteCost[] =>
    shares ? sharings.map((duplex) => inRecords(cost, { duplex })) : [over(cost, place)];
  const also =
    habits.backgroundTraffic ??
    (backgroundTraffic && ((place: ByteContext) => backgroundTraffic(place).flatMap((cost) => between(cost, place))));
  return {
    ...rest,
    ...(begins &&
      setUp && {
        setUp: (place) => tlsOpening(inRecords(begins(place), setUp), opens ?? oneEach(setUp, closes), place),
      }),
    send: (payload, text, place) => over(plain.send(payload, text, place), place, send?.(payload, text, place)),
    delivery: (payload, text, place) =>
      over(plain.delivery(payload, text, place), place, delivery?.(payload, text, place)),
    ...(also && { backgroundTraffic: also }),
    ...(idle && { idle: { ...idle, cost: (place) => over(idle.cost(place), place) } }),
  };
}
