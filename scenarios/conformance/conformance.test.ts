import { describe, it } from "vitest";
import { unavailableHere } from "../able.ts";
import type { Transport } from "../contract.ts";
import { transports } from "../transports.ts";
import { hold } from "./kit.ts";
import { sentencesFor } from "./sentences.ts";

const unavailable = await unavailableHere();

const subjects = Object.entries<Transport>(transports).map(([name, transport]) => {
  const reason = unavailable.get(name);
  return [reason === undefined ? name : `${name} is unavailable: ${reason}`, { name, transport, reason }] as const;
});

describe.each(subjects)("%s", (_title, { name, transport, reason }) => {
  for (const sentence of sentencesFor(transport))
    it.skipIf(reason !== undefined)(sentence.says, () => hold(name, sentence), 30_000);
});
