import { createPrivateKey, X509Certificate } from "node:crypto";
import { expect, it } from "vitest";
import { selfSigned } from "./certificate.ts";

const certificateFor = async (hosts: readonly string[]): Promise<X509Certificate> =>
  new X509Certificate((await selfSigned(hosts)).certificate);

it("belongs to its key, is self-signed, and is valid now and for a year", async () => {
  const { key, certificate } = await selfSigned(["127.0.0.1"]);
  const read = new X509Certificate(certificate);
  expect(read.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(read.verify(read.publicKey)).toBe(true);
  expect(read.checkIssued(read)).toBe(true);
  expect(read.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
  expect(Date.parse(read.validFrom)).toBeLessThan(Date.now());
  expect(Date.parse(read.validTo)).toBeGreaterThan(Date.now() + 300 * 24 * 60 * 60 * 1000);
});

it("names the local host and all requested hosts", async () => {
  const certificate = await certificateFor(["127.0.0.2", "192.0.2.1", "2001:db8::7", "fe80::1:2", "bench.example"]);
  for (const address of ["127.0.0.1", "::1", "127.0.0.2", "192.0.2.1", "2001:db8::7", "fe80::1:2"])
    expect(certificate.checkIP(address)).toBe(address);
  for (const host of ["localhost", "bench.example"]) expect(certificate.checkHost(host)).toBe(host);
  expect(certificate.checkIP("192.0.2.2")).toBeUndefined();
  expect(certificate.checkHost("elsewhere.example")).toBeUndefined();
});

it("names every address of this machine for a server that listens on all", async () => {
  const certificate = await certificateFor(["0.0.0.0"]);
  expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(certificate.checkIP("0.0.0.0")).toBeUndefined();
});

it("is new each time, and always has the same length", async () => {
  const all = await Promise.all(Array.from({ length: 50 }, () => certificateFor(["127.0.0.1"])));
  expect(new Set(all.map(({ serialNumber }) => serialNumber)).size).toBe(50);
  expect(new Set(all.map(({ raw }) => raw.length)).size).toBe(1);
});
