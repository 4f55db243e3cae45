import { describe, it } from "vitest";
import { transports } from "../transports.ts";
import { clientSentences } from "./client.ts";
import { hubSentences } from "./hub.ts";
import { hold } from "./kit.ts";

describe.each(Object.keys(transports))("%s", (name) => {
  for (const sentence of [...clientSentences, ...hubSentences]) it(sentence.says, () => hold(name, sentence), 30_000);
});
