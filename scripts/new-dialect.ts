import { guessDialect } from "./lib/new-dialect.ts";
import { chooseTarget, type TargetFlags } from "./lib/bench/target-flags.ts";
import { commandNamed, exitCodes, main, userPath } from "./lib/cli.ts";
import { assertFree, writeText } from "./lib/result-files.ts";

interface Flags extends TargetFlags {
  transport?: string;
  out: string;
  force?: true;
}

const command = commandNamed(
  "new-dialect",
  "Visits a server of your own, guesses how it talks, and writes a dialect file for npm run bench -- --dialect.",
)
  .argument("<url>", "URL of the server, such as ws://127.0.0.1:8181")
  .option("--transport <name>", "transport of the server (default: what the URL says; for http: socket.io)")
  .option("--header <header>", "header of the handshake: 'Authorization: Bearer $TOKEN'", (text) => [text])
  .option("--subprotocol <name>", "WebSocket subprotocol to request")
  .option("--insecure", "do not check the server's certificate")
  .option("--yes-this-is-mine", "allow a public address")
  .option("--out <file>", "file to write", "dialect.yaml")
  .option("--force", "overwrite that file")
  .addHelpText(
    "after",
    "\nExamples:\n  npm run new-dialect -- ws://127.0.0.1:8181\n  npm run new-dialect -- http://127.0.0.1:3000 --out chat.yaml",
  );

await main(async () => {
  const { transport, out, force = false, ...flags } = command.parse().opts<Flags>();
  const [url] = command.args as [string];
  const path = userPath(out);
  assertFree(path, force);
  const isHttp = /^https?:/i.test(url);
  const chosen = await chooseTarget({ ...flags, target: url }, transport ?? (isHttp ? "socket.io" : undefined));
  const guess = await guessDialect(chosen, url);
  console.log(guess.findings.join("\n"));
  if (!guess.yaml) return exitCodes.rowFailed;
  writeText(path, guess.yaml, force ? true : undefined);
  console.log(`\n${guess.yaml}\nWritten to ${out}. See it at work:\n  npm run bench -- --dialect ${out} --explain`);
  return exitCodes.done;
});
