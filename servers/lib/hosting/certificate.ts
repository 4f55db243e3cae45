import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";

/** A private key and the certificate that says whose it is, both as PEM. */
export interface Identity {
  key: string;
  certificate: string;
}

/**
 * Makes a key (ECDSA, P-256) and a certificate that is signed by itself, for "localhost", 127.0.0.1, ::1 and each of `hosts`, good for a year
 * from now. Certificates for the same hosts are of the same length.
 */
export async function selfSigned(hosts: readonly string[]): Promise<Identity> {
  const { generate } = await import("selfsigned"); // not above: it brings some twenty packages into a process that is measured
  const names = new Set(["localhost", "127.0.0.1", "::1", ...hosts.flatMap(namesOf)]);
  const settings: Parameters<typeof generate>[1] = {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: daysFromNow(-1),
    notAfterDate: daysFromNow(365),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "subjectAltName", altNames: [...names].map(generalName) },
    ],
  };
  for (;;) {
    const { private: key, cert: certificate } = await generate([{ name: "commonName", value: "localhost" }], settings);
    if (isOfUsualLength(new X509Certificate(certificate))) return { key, certificate };
  }
}

function daysFromNow(days: number): Date {
  return new Date(Date.now() + days * 24 * 60 * 60 * 1000);
}

/** All addresses that a server is reached at which listens on `host`. */
function namesOf(host: string): string[] {
  if (host !== "0.0.0.0" && host !== "::") return [host];
  const all = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
  return all.filter(({ scopeid = 0 }) => scopeid === 0).map(({ address }) => address);
}

/** A name or an address of the server (RFC 5280, section 4.2.1.6). */
function generalName(host: string): { type: 7; ip: string } | { type: 2; value: string } {
  return isIP(host) ? { type: 7, ip: host } : { type: 2, value: host };
}

/** What a certificate ends with whose signature is as long as it comes most often: 71 bytes, after the head of a bit string. */
const usualEnd = { bytes: 71, head: Buffer.from("034800", "hex") };

/** Chance shortens a serial number now and then, and shortens or lengthens a signature. */
function isOfUsualLength({ raw, serialNumber }: X509Certificate): boolean {
  const head = raw.subarray(-usualEnd.bytes - usualEnd.head.length, -usualEnd.bytes);
  return head.equals(usualEnd.head) && serialNumber.length === 18;
}
