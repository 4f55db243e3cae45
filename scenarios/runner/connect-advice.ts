import { errorMessage } from "../lib/errors.ts";
import type { Target } from "../definitions/target.ts";

/** Causes of a failed connection, by what the error says, and what to do. */
const advice: readonly [cause: RegExp, remedy: string][] = [
  [
    /DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT|self.signed certificate/i,
    "Its certificate is self-signed: trust it with --ca FILE, or do not check it with --insecure",
  ],
  [
    /UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|unable to verify the first certificate|local issuer/i,
    "Nobody whom this machine trusts has signed its certificate: give the signer's with --ca FILE",
  ],
  [
    /CERT_HAS_EXPIRED|certificate has expired/i,
    "Its certificate has expired: renew it, or do not check it with --insecure",
  ],
  [
    /ALTNAME_INVALID|does not match certificate/i,
    "Its certificate is for another name: use that name in the URL, or give it with --servername",
  ],
  [
    /WRONG_VERSION_NUMBER|packet length too long|wrong version number/i,
    "It does not speak TLS at this port: use the scheme without TLS",
  ],
  [/unrecognized.name/i, "It knows no server of this name (SNI): give the right one with --servername"],
  [
    /certificate required|bad certificate|handshake failure/i,
    "It wants something of the client in the TLS handshake: a certificate (--cert and --key), or another name (--servername)",
  ],
  [/ECONNREFUSED/, "Nothing listens there: start the server, or correct the address"],
  [/ENOENT/, "There is no such socket: start the server, or correct the path"],
  [/EACCES/, "This user may not open it: change its permissions"],
  [/EHOSTUNREACH|ENETUNREACH/, "There is no way to this address from this machine"],
  [
    /ECONNRESET|socket hang up|closed the connection/,
    "It closes connections at once: does it speak another protocol, or TLS, at this port?",
  ],
  [
    /\b(401|403)\b|Unauthorized|Forbidden|Not authorized|Bad (user|username)/i,
    "It refuses the client: give a token with --header, in the URL, or in the dialect",
  ],
  [/\b404\b/, "It knows no such path: correct the path of the URL"],
  [/\b(301|302|307|308)\b/, "It redirects to another address, which is not followed: give that address"],
  [/\b(502|503|504)\b/, "A proxy in front says that the server is away or full: start the server, or lower --clients"],
  [/\b429\b/, "It limits how often clients may connect: lower --connect-rate"],
  [
    /no response|not ready within|within \d+ ms/,
    "It accepts and then says nothing: is it another protocol, or a server that waits for something first?",
  ],
];

/** What to do about a connection that failed, as a sentence. Undefined where nothing is known of its error. */
export function connectRemedy(error: unknown): string | undefined {
  const { code = "" } = error as { code?: string };
  const [, remedy] = advice.find(([cause]) => cause.test(`${code} ${errorMessage(error)}`)) ?? [];
  return remedy && (remedy.endsWith("?") ? remedy : `${remedy}.`);
}

/** The reason of a failed connection in one line, without what OpenSSL says of itself. */
export function connectReason(error: unknown): string {
  return errorMessage(error)
    .replace(/^[0-9A-F]+:error:[0-9A-F]+:SSL routines:[^:]*:([^:]+):.*$/s, "$1")
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** Why a target cannot be joined and what to do, as sentences. `explaining`: every byte is shown already. */
export function cannotJoin({ title, dialect }: Target, error: unknown, explaining = false): string {
  const look = dialect ? `Look at the step in ${dialect.file ?? dialect.name}` : "";
  const elsewhere = explaining
    ? look && `${look}.`
    : dialect
      ? `${look}, or use --explain.`
      : "Use --explain to see every byte.";
  return `${title} cannot be joined (${connectReason(error)}). ${connectRemedy(error) ?? elsewhere}`.trimEnd();
}
