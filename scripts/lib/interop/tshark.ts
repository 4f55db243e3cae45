import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { captureFields, parsePacket, type Capture, type CapturedPacket } from "../../validation/capture.ts";
import { RunError, UserError } from "../../../scenarios/lib/errors.ts";
import { until } from "../../../scenarios/lib/until.ts";

/**
 * Captures one port of the loopback interface with tshark. Resolves when packets are seen. Marks are UDP datagrams to
 * that port, where no UDP socket listens. Throws a UserError if tshark is not installed or may not capture.
 */
export async function capturePort(port: number): Promise<Capture> {
  const packets: CapturedPacket[] = [];
  let stderr = "";
  let ended: NodeJS.ErrnoException | number | undefined;
  const fields = captureFields.flatMap((field) => ["-e", field]);
  const tshark = spawn(
    "tshark",
    ["-i", "lo", "-f", `port ${port}`, "-n", "-l", "-T", "fields", "-E", "occurrence=f", ...fields],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  tshark.on("error", (error) => (ended = error));
  tshark.on("close", (code) => (ended ??= code ?? 0));
  tshark.stderr.on("data", (chunk) => (stderr += String(chunk)));
  createInterface({ input: tshark.stdout }).on("line", (line) => void packets.push(parsePacket(line, port)));

  const indexOf = (number: number): number => packets.findIndex((packet) => "mark" in packet && packet.mark === number);
  let marks = 0;
  const marker = createSocket("udp4");
  marker.unref();
  const mark = async (): Promise<number> => {
    const number = ++marks;
    await new Promise<void>((resolve) => marker.send(Buffer.alloc(number), port, "127.0.0.1", () => resolve()));
    return number;
  };

  const stop = async (): Promise<void> => {
    if (ended === undefined) tshark.kill("SIGINT");
    await until(() => ended !== undefined, "tshark has ended");
    const [, dropped] = /(\d+) packets? dropped/.exec(stderr) ?? [];
    if (Number(dropped ?? 0) > 0)
      throw new RunError(`tshark missed ${dropped} packets. Stop other programs and run the command again.`);
  };

  for (let tries = 0; packets.length === 0 && tries < 200; tries++) {
    if (ended !== undefined) throw cannotCapture(ended, stderr);
    await mark();
    await delay(50);
  }
  if (packets.length === 0) {
    await stop();
    throw new RunError(
      `tshark ran for ten seconds and saw no packet on port ${port}. Try again, or check what tshark prints by itself.`,
    );
  }

  return {
    packets,
    mark,
    async indexOfMark(number) {
      await until(() => indexOf(number) >= 0, "tshark has seen all packets");
      return indexOf(number);
    },
    stop,
  };
}

function cannotCapture(ended: NodeJS.ErrnoException | number, stderr: string): UserError {
  if (typeof ended !== "number" && ended.code === "ENOENT")
    return new UserError("tshark is not installed, and captures the packets. On Debian: apt-get install tshark.");
  const lines = stderr.split("\n").filter((line) => !/^(Running as|Capturing on|\s*$)/.test(line));
  const reason = typeof ended === "number" ? (lines[0] ?? `it ended with exit code ${ended}`) : ended.message;
  return new UserError(`tshark cannot capture on the loopback interface. Run the command as root: ${reason.trim()}`);
}
