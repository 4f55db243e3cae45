import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";
import { endAllScripts, startScript } from "./lib/spawn-script.ts";

afterEach(endAllScripts);

const outsideModule = fileURLToPath(new URL("../../scripts/lib/template/module.js", import.meta.url));

async function proveBytes(transports: string) {
  const { seen, code } = startScript("prove-bytes.js", ["--transports", transports]);
  return { code: await code, ...seen };
}

it.each([
  ["a transport", "webrtc", "Nothing was proven: add a formula of webrtc to scripts/wire-bytes/formulas.ts.\n"],
  [
    "a module outside this repository",
    outsideModule,
    "Nothing was proven: a module outside this repository has no formula, so add module with npm run new-transport first.\n",
  ],
])(
  "prints for %s without a formula only that nothing was proven and what to do, and exits 2",
  async (_kind, name, err) => {
    expect(await proveBytes(name)).toEqual({ code: 2, out: "", err });
  },
);

it("proves the transports that have a formula, lists the others, and exits 0", async () => {
  const { code, out } = await proveBytes("tcp,webrtc");
  expect(out).toMatch(
    /\n(\d+) of \1 equal\nNot proven, because scripts\/wire-bytes\/formulas\.ts has no formula: webrtc\n$/,
  );
  expect(code).toBe(0);
}, 20_000);
