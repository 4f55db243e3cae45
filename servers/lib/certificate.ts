import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";

/** A private key and the certificate that says whose it is, both as PEM. */
export interface Identity {
  key: string;
  certificate: string;
}

/*
 * Node can sign, but makes no certificates; the packages that do bring twenty others into the process that is measured. What is needed of
 * X.509 (RFC 5280) is little, in DER (ITU-T X.690): a tag, a length and the content.
 */

function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(content);
  const { length } = bytes;
  const lengthBytes = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...lengthBytes]), bytes]);
}

const sequence = (...content: readonly Buffer[]): Buffer => der(0x30, ...content);
const octets = (content: Buffer): Buffer => der(0x04, content);
const identifier = (hex: string): Buffer => der(0x06, Buffer.from(hex, "hex"));

/** What is spoken of, by its object identifier. */
const named = {
  ecdsaWithSha256: identifier("2a8648ce3d040302"),
  commonName: identifier("550403"),
  subjectAltName: identifier("551d11"),
  basicConstraints: identifier("551d13"),
};

const yes = der(0x01, Buffer.from([0xff]));
const algorithm = sequence(named.ecdsaWithSha256);
const name = sequence(der(0x31, sequence(named.commonName, der(0x0c, Buffer.from("localhost")))));

/** UTCTime (section 4.1.2.5.1), which tells years up to 2049. */
const utcTime = (ms: number): Buffer =>
  der(0x17, Buffer.from(`${new Date(ms).toISOString().slice(2, 19).replaceAll(/[-T:]/g, "")}Z`));

const dayMs = 24 * 60 * 60 * 1000;

/** A name or an address of the server, as section 4.2.1.6 has it. */
function generalName(host: string): Buffer {
  return isIP(host) ? der(0x87, addressBytes(host)) : der(0x82, Buffer.from(host));
}

/** An IPv4 address in 4 bytes, or an IPv6 address in 16. */
function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split(".").map(Number));
  // A URL spells an IPv6 address in one way: without a zone or dotted parts, and with one "::" at most.
  const [front, back] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const words = (part = ""): string[] => (part === "" ? [] : part.split(":").map((word) => word.padStart(4, "0")));
  const [first, last] = [words(front), words(back)];
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => "0000");
  return Buffer.from([...first, ...zeros, ...last].join(""), "hex");
}

/** All addresses that a server is reached at which listens on `host`. */
function namesOf(host: string): string[] {
  if (host !== "0.0.0.0" && host !== "::") return [host];
  const all = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
  return all.filter(({ scopeid = 0 }) => scopeid === 0).map(({ address }) => address);
}

/** The length of a signature of P-256 that comes most often: two numbers of 32 bytes, of which one begins with a bit that is set. */
const signatureBytes = 71;

/**
 * Makes a key (ECDSA, P-256) and a certificate that is signed by itself, for "localhost", 127.0.0.1, ::1 and each of `hosts`, good for a year
 * from now. Certificates for the same hosts are of the same length.
 */
export function selfSigned(hosts: readonly string[]): Identity {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const all = new Set(["localhost", "127.0.0.1", "::1", ...hosts.flatMap(namesOf)]);
  const serial = randomBytes(16);
  serial[0] = 0x40 | (serial[0]! & 0x3f); // positive, and of 16 bytes whatever chance says
  const now = Date.now();
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, serial),
    algorithm,
    name,
    sequence(utcTime(now - dayMs), utcTime(now + 365 * dayMs)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(
      0xa3,
      sequence(
        sequence(named.subjectAltName, octets(sequence(...[...all].map(generalName)))),
        sequence(named.basicConstraints, yes, octets(sequence(yes))),
      ),
    ),
  );
  let signature = sign("sha256", body, privateKey);
  while (signature.length !== signatureBytes) signature = sign("sha256", body, privateKey);
  const certificate = sequence(body, algorithm, der(0x03, Buffer.from([0]), signature)).toString("base64");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    certificate: `-----BEGIN CERTIFICATE-----\n${certificate.replaceAll(/.{1,64}/g, "$&\n")}-----END CERTIFICATE-----\n`,
  };
}
