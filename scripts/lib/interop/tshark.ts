import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { captureFields, parsePacket, type Capture, type CapturedPacket } from "../../validation/capture.ts";
import { RunError, UserError } from "../../../scenarios/lib/errors.ts";
import { until } from "../../../scenarios/lib/until.ts";

/**
 * Captures a port of the loopback interface with tshark; resolves when packets are seen. Marks are datagrams to that port, where nobody
 * listens for any. Throws a UserError where there is no tshark, or where it may not capture.
 */
export async function capturePort(port: number): Promise<Capture> {
  const packets: CapturedPacket[] = [];
  let said = "";
  let ended: NodeJS.ErrnoException | number | undefined;
  const wanted = captureFields.flatMap((field) => ["-e", field]);
  const tshark = spawn(
    "tshark",
    ["-i", "lo", "-f", `port ${port}`, "-n", "-l", "-T", "fields", "-E", "occurrence=f", ...wanted],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  tshark.on("error", (error) => (ended = error));
  tshark.on("close", (code) => (ended ??= code ?? 0));
  tshark.stderr.on("data", (chunk) => (said += String(chunk)));
  createInterface({ input: tshark.stdout }).on("line", (line) => void packets.push(parsePacket(line, port)));

  const place = (number: number): number => packets.findIndex((packet) => "mark" in packet && packet.mark === number);
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
    const [, dropped] = /(\d+) packets? dropped/.exec(said) ?? [];
    if (Number(dropped ?? 0) > 0) throw new RunError(`tshark missed ${dropped} packets: run it on a quieter machine.`);
  };

  for (let tries = 0; packets.length === 0 && tries < 200; tries++) {
    if (ended !== undefined) throw cannotCapture(ended, said);
    await mark();
    await delay(50);
  }
  if (packets.length === 0) {
    await stop();
    throw new RunError(
      `tshark ran for ten seconds and saw no packet on port ${port}: try again, or look at its own output.`,
    );
  }

  return {
    packets,
    mark,
    async indexOfMark(number) {
      await until(() => place(number) >= 0, "tshark has seen all packets");
      return place(number);
    },
    stop,
  };
}

function cannotCapture(ended: NodeJS.ErrnoException | number, said: string): UserError {
  if (typeof ended !== "number" && ended.code === "ENOENT")
    return new UserError("There is no tshark to capture packets with: install it (Debian: apt-get install tshark).");
  const lines = said.split("\n").filter((line) => !/^(Running as|Capturing on|\s*$)/.test(line));
  const why = typeof ended === "number" ? (lines[0] ?? `it ended with code ${ended}`) : ended.message;
  return new UserError(`tshark cannot capture on the loopback interface, run it as root: ${why.trim()}`);
}
