import { describe, it } from "vitest";
import type { Transport } from "../contract.ts";
import { transports } from "../transports.ts";
import { hold } from "./kit.ts";
import { sentencesFor } from "./sentences.ts";

describe.each(Object.entries<Transport>(transports))("%s", (name, transport) => {
  for (const sentence of sentencesFor(transport)) it(sentence.says, () => hold(name, sentence), 30_000);
});
