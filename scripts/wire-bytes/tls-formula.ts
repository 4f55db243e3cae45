import type { ByteCounts, Role } from "../../scenarios/contract.ts";
import type { ByteCost, WireFormula, ByteContext } from "./formula.ts";

/*
 * Bytes of TLS 1.3 (RFC 8446; section numbers below are its). Bytes that a program writes at once travel in records of
 * up to 16,384 bytes, each of which adds 22. So the cost over TLS is the plain cost, plus the records, plus the
 * handshakes.
 */

/**
 * Bytes that a record adds: its header, the byte that names its content type, and its authentication tag (sections 5.1
 * to 5.3).
 */
const recordOverheadBytes = 5 + 1 + 16;
/** Largest content of a record (section 5.1). */
const maxRecordBytes = 16_384;

/** Number of records that carry this many bytes, written at once. */
export const recordCount = (bytes: number): number => Math.ceil(bytes / maxRecordBytes);

/** Bytes of one record that carries this many bytes. */
export const recordBytes = (bytes: number): number => bytes + recordOverheadBytes;

/** ChangeCipherSpec, which has no meaning in TLS 1.3 and is sent for old middleboxes (section 5). */
const changeCipherSpecBytes = 5 + 1;
/** Bytes of a handshake message: its type and its length come first (section 4). */
const handshakeMessage = (bytes: number): number => 1 + 3 + bytes;
const extensionBytes = (bytes: number): number => 2 + 2 + bytes;
/** Finished: a hash of 48 bytes, because the cipher suite is TLS_AES_256_GCM_SHA384 (section 4.4.4). */
const finishedBytes = recordBytes(handshakeMessage(48));
/** Longest P-256 signature in DER. Small numbers in it make it a few bytes shorter. */
const maxSignatureBytes = 72;
/** Most bytes by which a signature is shorter than the longest. About one handshake in millions exceeds this. */
export const signatureJitterBytes = 4;

/**
 * ServerHello (section 4.1.3): version, random, session id, cipher suite, compression, and two extensions: the version
 * and an X25519 key share.
 */
const serverHello = 5 + handshakeMessage(2 + 32 + 1 + 32 + 2 + 1 + 2 + extensionBytes(2) + extensionBytes(2 + 2 + 32));

/** NewSessionTicket (section 4.6.1): lifetime, age mask, nonce, a ticket of 32 bytes, and no extensions. */
const ticketBytes = recordBytes(handshakeMessage(4 + 4 + 1 + 8 + 2 + 32 + 2));
const ticketCount = 2;

/**
 * Bytes of a full handshake (section 2). The ClientHello is measured, not computed, because its content is the choice
 * of the client's library; it also shows whether ALPN is used. All other messages follow from section 4 and the size of
 * the certificate.
 */
export function tlsHandshakeBytes({ address, hello }: ByteContext): ByteCounts {
  const certificate = Buffer.from((address.certificate ?? "").replaceAll(/-----.*-----/g, ""), "base64");
  const alpn = ["h2", "http/1.1"].find((each) => hello?.includes(String.fromCharCode(each.length) + each));
  const alpnBytes = alpn === undefined ? 0 : extensionBytes(2 + 1 + alpn.length);
  const encryptedExtensions = recordBytes(handshakeMessage(2 + alpnBytes));
  const certificateMessage = recordBytes(handshakeMessage(1 + 3 + 3 + certificate.length + 2));
  const certificateVerify = recordBytes(handshakeMessage(2 + 2 + maxSignatureBytes));
  return {
    in: (hello?.length ?? 0) + changeCipherSpecBytes + finishedBytes,
    out:
      serverHello +
      changeCipherSpecBytes +
      encryptedExtensions +
      certificateMessage +
      certificateVerify +
      finishedBytes +
      ticketCount * ticketBytes,
  };
}

/** Number of TLS records, by role and direction. */
export type RecordCounts = Partial<Record<Role, ByteCounts>>;

/**
 * Number of connections of a role that are opened. `closed`: the server also closes them, with an alert (section 6.1).
 */
type OpenedConnections = Partial<Record<Role, { opened: number; closed?: true }>>;
/** A close_notify alert. */
export const closeNotifyBytes = recordBytes(2);

/**
 * Division of a transport's bytes into writes, and so into TLS records. Where a field is left out, all bytes of one
 * direction are written at once.
 */
export interface RecordLayout {
  /** Records of a set-up, without its handshakes. Left out where the number varies: then the set-up has no formula. */
  setUp?: RecordCounts;
  /** Connections that a set-up opens. Default: one in each role of `setUp`. */
  opened?: OpenedConnections;
  /** Set where each request has a connection of its own. */
  connectionPerRequest?: true;
  send?(payload: Buffer, text: boolean, context: ByteContext): RecordCounts | undefined;
  delivery?(payload: Buffer, text: boolean, context: ByteContext): RecordCounts | undefined;
  /** Set where background traffic may share a record with other bytes, in either direction. */
  sharesRecords?: true;
  /** Background traffic over TLS. Default: that of the plain formula, in records. */
  backgroundTraffic?(context: ByteContext): readonly ByteCost[];
}

const roles = ["up", "down", "duplex"] as const;

/** Records of a cost whose bytes are written at once in each direction of each role. */
function singleWriteRecords(cost: ByteCost): RecordCounts {
  const counts: RecordCounts = {};
  for (const role of roles) {
    const bytes = cost[role];
    if (bytes) counts[role] = { in: recordCount(bytes.in), out: recordCount(bytes.out) };
  }
  return counts;
}

/** A cost with the bytes that its records add. */
function withRecords(cost: ByteCost, records: RecordCounts = singleWriteRecords(cost)): ByteCost {
  const total: ByteCost = { ...cost };
  for (const role of roles) {
    const [bytes, count] = [cost[role], records[role]];
    if (bytes && count)
      total[role] = {
        in: bytes.in + recordOverheadBytes * count.in,
        out: bytes.out + recordOverheadBytes * count.out,
      };
  }
  if (cost.emptyPollBytes !== undefined && records.down)
    total.emptyPollBytes = cost.emptyPollBytes + recordOverheadBytes * (records.down.in + records.down.out);
  return total;
}

/**
 * A cost with the handshakes of the connections that it opens. The handshake of an empty poll counts as part of that
 * poll.
 */
export function withHandshakes(cost: ByteCost, opened: OpenedConnections, context: ByteContext): ByteCost {
  const handshake = tlsHandshakeBytes(context);
  const total: ByteCost = { ...cost, handshakes: {} };
  for (const role of roles) {
    const connections = opened[role];
    if (!connections) continue;
    const { opened: count, closed } = connections;
    const { in: bytesIn, out } = cost[role] ?? { in: 0, out: 0 };
    total[role] = {
      in: bytesIn + count * handshake.in,
      out: out + count * (handshake.out + (closed ? closeNotifyBytes : 0)),
    };
    total.handshakes![role] = count;
    if (role === "down" && cost.emptyPollBytes !== undefined)
      total.emptyPollBytes = cost.emptyPollBytes + count * (handshake.in + handshake.out);
  }
  return total;
}

/** One connection for each role that carries bytes. */
function onePerRole(cost: ByteCost | RecordCounts, closed?: true): OpenedConnections {
  const used = roles.filter((role) => cost[role]);
  return Object.fromEntries(used.map((role) => [role, { opened: 1, ...(closed && { closed }) }]));
}

/**
 * The four ways in which background traffic can share records: it adds a record in a direction, or it shares one and
 * adds none.
 */
const sharedRecordCounts: readonly ByteCounts[] = [
  { in: 1, out: 1 },
  { in: 1, out: 0 },
  { in: 0, out: 1 },
  { in: 0, out: 0 },
];

/** Formula of a transport over TLS, from its formula over plain TCP. */
export function tlsFormula(plain: WireFormula, layout: RecordLayout): WireFormula {
  const { setUp: plainSetUp, idle, backgroundTraffic: plainBackground, ...rest } = plain;
  const { setUp, opened, connectionPerRequest, sharesRecords, send, delivery } = layout;
  const overTls = (cost: ByteCost, context: ByteContext, records?: RecordCounts): ByteCost => {
    const inRecords = withRecords(cost, records);
    return connectionPerRequest ? withHandshakes(inRecords, onePerRole(cost, true), context) : inRecords;
  };
  const backgroundCosts = (cost: ByteCost, context: ByteContext): ByteCost[] =>
    sharesRecords ? sharedRecordCounts.map((duplex) => withRecords(cost, { duplex })) : [overTls(cost, context)];
  const backgroundTraffic =
    layout.backgroundTraffic ??
    (plainBackground &&
      ((context: ByteContext) => plainBackground(context).flatMap((cost) => backgroundCosts(cost, context))));
  return {
    ...rest,
    ...(plainSetUp &&
      setUp && {
        setUp: (context) =>
          withHandshakes(
            withRecords(plainSetUp(context), setUp),
            opened ?? onePerRole(setUp, connectionPerRequest),
            context,
          ),
      }),
    send: (payload, text, context) =>
      overTls(plain.send(payload, text, context), context, send?.(payload, text, context)),
    delivery: (payload, text, context) =>
      overTls(plain.delivery(payload, text, context), context, delivery?.(payload, text, context)),
    ...(backgroundTraffic && { backgroundTraffic }),
    ...(idle && { idle: { ...idle, cost: (context) => overTls(idle.cost(context), context) } }),
  };
}
