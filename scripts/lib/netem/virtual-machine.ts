import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { RunError, UserError } from "../../../scenarios/lib/errors.ts";
import { hostProgram } from "./host-programs.ts";

/** A machine to boot. */
export interface MachineRequest {
  kernel: string;
  /** Archive that is its first file system. */
  files: string;
  limitMs: number;
  signal: AbortSignal;
  /** Called with each line that it prints on its serial console. */
  onLine(line: string): void;
}

/**
 * The processor is emulated, so /dev/kvm is not needed. Its clock counts instructions, one a nanosecond, and does not wait
 * while the machine sleeps: what is measured inside does not depend on the speed of this machine.
 * Random numbers are from the processor: there is no other device.
 */
const qemuArguments =
  "-accel tcg -icount shift=0,sleep=off -cpu Nehalem,+rdrand -m 1024 -nic none -display none -serial stdio -monitor none -no-reboot";

/** Runs a machine until it switches itself off. Throws a UserError where that takes too long, and a RunError where qemu fails. */
export async function runMachine({ kernel, files, limitMs, signal, onLine }: MachineRequest): Promise<void> {
  const kernelLine = "console=ttyS0 quiet panic=-1";
  const child = spawn(
    hostProgram("qemu-system-x86_64"),
    [...qemuArguments.split(" "), "-kernel", kernel, "-initrd", files, "-append", kernelLine],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const end = (): void => void child.kill("SIGKILL");
  process.once("exit", end);
  signal.addEventListener("abort", end);
  const limit = setTimeout(end, limitMs);
  let errors = "";
  child.stderr.on("data", (chunk) => (errors += String(chunk)));
  createInterface({ input: child.stdout }).on("line", onLine);
  const [code, killedBy] = (await once(child, "close")) as [number | null, string | null];
  clearTimeout(limit);
  signal.removeEventListener("abort", end);
  process.removeListener("exit", end);
  if (code === 0 || signal.aborted) return;
  if (killedBy === "SIGKILL")
    throw new UserError(
      `The virtual machine did not end within ${Math.round(limitMs / 1000)} s: give it more with --timeout, or stop other programs.`,
    );
  throw new RunError(`qemu could not run the kernel: ${errors.trim().split("\n").at(-1)}`);
}
