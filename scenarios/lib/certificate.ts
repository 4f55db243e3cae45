import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";

/** A private key and its certificate, both as PEM. */
export interface Identity {
  key: string;
  certificate: string;
}

/**
 * Makes a key (ECDSA, P-256) and a self-signed certificate for "localhost", 127.0.0.1, ::1 and each of `hosts`, valid
 * for a year from now. Certificates for the same hosts have the same length.
 */
export async function selfSigned(hosts: readonly string[]): Promise<Identity> {
  // Imported here, because it loads some twenty packages into a process that is measured.
  const { generate } = await import("selfsigned");
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
    if (hasUsualLength(new X509Certificate(certificate))) return { key, certificate };
  }
}

function daysFromNow(days: number): Date {
  return new Date(Date.now() + days * 24 * 60 * 60 * 1000);
}

/** All addresses at which a server that listens on `host` can be reached. */
function namesOf(host: string): string[] {
  if (host !== "0.0.0.0" && host !== "::") return [host];
  const all = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
  return all.filter(({ scopeid = 0 }) => scopeid === 0).map(({ address }) => address);
}

/** A GeneralName (RFC 5280, section 4.2.1.6): an IP address or a DNS name. */
function generalName(host: string): { type: 7; ip: string } | { type: 2; value: string } {
  return isIP(host) ? { type: 7, ip: host } : { type: 2, value: host };
}

/** End of a certificate whose signature has the most frequent length: the header of a bit string, then 71 bytes. */
const usualEnd = { bytes: 71, header: Buffer.from("034800", "hex") };

/**
 * True if serial number and signature have their most frequent length. Both are random, so some have another length.
 */
function hasUsualLength({ raw, serialNumber }: X509Certificate): boolean {
  const header = raw.subarray(-usualEnd.bytes - usualEnd.header.length, -usualEnd.bytes);
  return header.equals(usualEnd.header) && serialNumber.length === 18;
}
