import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { NetworkNamespace } from "./network-namespace.ts";

/** A shell that runs one script after another, so that a command begins in less than the time of starting a program. */
export interface Shell {
  /** Resolves when the script has ended. Rejects with what it printed as an error where it failed. */
  run(script: string): Promise<void>;
  /** Ends the shell. A script that has not ended is rejected. */
  close(): void;
}

/** A line that no command prints. */
const endMark = "end-of-script";

/** Opens a shell inside a network namespace, or in the network of this machine. It ends with this process. */
export function openShell(namespace?: NetworkNamespace): Shell {
  const [program, ...words]: readonly string[] = [...(namespace?.execPrefix ?? []), "sh"];
  const child = spawn(program!, words, { stdio: ["pipe", "pipe", "pipe"] });
  let errors = "";
  const codes: number[] = [];
  let failure: Error | undefined;
  const waiting: { resolve(): void; reject(error: Error): void }[] = [];
  const fail = (error: Error): void => {
    failure ??= error;
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  child.stdin.on("error", fail);
  child.once("error", fail);
  child.once("exit", () => fail(new Error("its shell has ended")));
  /** Settles a script when both of its outputs have ended, in whichever order they are read. */
  function settle(): void {
    const end = errors.indexOf(`${endMark}\n`);
    if (codes.length === 0 || end < 0) return;
    const [code, said, next] = [codes.shift()!, errors.slice(0, end).trim(), waiting.shift()];
    errors = errors.slice(end + endMark.length + 1);
    if (code === 0) next?.resolve();
    else next?.reject(new Error(said || `it ended with code ${code}`));
    settle();
  }
  child.stderr.on("data", (chunk) => {
    errors += String(chunk);
    settle();
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (!line.startsWith(endMark)) return;
    codes.push(Number(line.slice(endMark.length)));
    settle();
  });
  return {
    run(script) {
      if (failure) return Promise.reject(failure);
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.stdin.write(`( set -e\n${script}\n)\nprintf '\\n${endMark} %s\\n' $?; echo ${endMark} >&2\n`);
      });
    },
    close() {
      fail(new Error("its shell is closed"));
      child.kill("SIGKILL");
    },
  };
}
