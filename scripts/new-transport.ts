import { closeSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../results/model/environment.ts";
import { errorMessage, RunError, UserError } from "../scenarios/lib/errors.ts";
import { transports } from "../scenarios/transports.ts";
import { commandNamed, exitCodes, main } from "./lib/cli.ts";
import { assertFreeName, listPath, filesFor, type NewFiles } from "./lib/new-transport.ts";

const command = commandNamed(
  "new-transport",
  "Writes two working halves of a new transport and adds it to the list. Change them from there.",
)
  .argument("<name>", "name of the transport, such as my-transport")
  .addHelpText("after", "\nExample:\n  npm run new-transport -- my-transport");

const inProject = (path: string): string => join(projectFolder, path);
const read = (path: string): string => readFileSync(inProject(path), "utf8");

await main(() => {
  const [name] = command.parse().processedArgs as [string];
  assertFreeName(name, Object.keys(transports));
  const template = {
    server: read("scripts/lib/template/server.ts"),
    client: read("scripts/lib/template/client.ts"),
    transport: read("scripts/lib/template/transport.ts"),
  };
  const files = filesFor(name, template, read(listPath));
  writeAll(files);
  console.log(`Wrote ${Object.keys(files.halves).join(" and ")}, and added an entry to ${listPath}.

The transport works as it is:
  npm run conformance -- ${name}
  npm run bench -- --scenario chat-100 --transports ${name}

servers/README.md, "Adding a transport", explains what to change next.`);
  return exitCodes.done;
});

/** Writes the halves, then the list. On an error it writes nothing at all. It never overwrites a half. */
function writeAll({ halves, list }: NewFiles): void {
  const written: string[] = [];
  const draft = `${listPath}.new`;
  try {
    for (const [path, text] of [...Object.entries(halves), [draft, list] as const]) {
      const file = openSync(inProject(path), "wx");
      written.push(path);
      writeFileSync(file, text);
      closeSync(file);
    }
    renameSync(inProject(draft), inProject(listPath));
  } catch (error) {
    for (const path of written) rmSync(inProject(path), { force: true });
    const failed = [...Object.keys(halves), draft].find((path) => !written.includes(path));
    if ((error as NodeJS.ErrnoException).code === "EEXIST")
      throw new UserError(`${failed} exists already. Take another name, or move the file away.`, { cause: error });
    throw new RunError(`No file was written: ${errorMessage(error)}.`, { cause: error });
  }
}
