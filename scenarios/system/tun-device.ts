import { closeSync, constants, openSync } from "node:fs";
import type * as Koffi from "koffi";
import { errorMessage, UserError } from "../lib/errors.ts";

/** Path of the kernel's TUN driver. */
export const tunPath = "/dev/net/tun";

/** Name of the device that is an end of the path, in its namespace. */
export const pathDevice = "path0";

/** An end of the path: a network device whose packets this process reads and writes. */
export interface TunDevice {
  fd: number;
  /** Reads a packet into `buffer`. Its length, or 0 if none waits. */
  read(buffer: Buffer): number;
  /** False where the kernel did not take the packet. */
  write(packet: Buffer, bytes: number): boolean;
}

/** What the emulator needs of the system. */
export interface TunSystem {
  /** Creates the device in the namespace that this process is in. Throws where that is not allowed. */
  openDevice(): TunDevice;
  /** Moves this process into the network namespace of another one. */
  enterNamespaceOf(pid: number): void;
  /** Waits until one of the devices has a packet, or for so long. Answers which have one. */
  poll(devices: readonly TunDevice[], waitUs: number): boolean[];
}

/** The native library. Throws a UserError where it is not installed. */
async function loadKoffi(): Promise<typeof Koffi> {
  try {
    return (await import("koffi")).default as unknown as typeof Koffi;
  } catch (cause) {
    throw new UserError("The tun emulator needs the package koffi: npm install --no-save koffi@3.3.4", { cause });
  }
}

/** Why there can be no TUN emulator here, as a clause; undefined if there can. */
export async function tunUnavailable(): Promise<string | undefined> {
  if (process.platform !== "linux") return `${process.platform} has no ${tunPath}`;
  try {
    closeSync(openSync(tunPath, constants.O_RDWR));
    await loadKoffi();
    return undefined;
  } catch (error) {
    return error instanceof UserError ? error.message : `${tunPath} cannot be opened (${errorMessage(error)})`;
  }
}

/** Constants of <linux/if_tun.h>, <sched.h> and <poll.h>. */
const [tunSetIff, iffTun, iffNoPi, cloneNewNet, pollIn] = [0x400454ca, 0x0001, 0x1000, 0x40000000, 1];
/** Size of a struct ifreq, and the place of its flags after the name. */
const [ifreqBytes, flagsAt] = [40, 16];
const pollfdBytes = 8;
/** PR_SET_TIMERSLACK of prctl(2): how late, in nanoseconds, the kernel may wake this thread. The default is 50 us. */
const setTimerSlack = 29;

/** Loads what the emulator calls. Throws a UserError without koffi. */
export async function openTunSystem(): Promise<TunSystem> {
  const koffi = await loadKoffi();
  const libc = koffi.load(null);
  const ioctl = libc.func("int ioctl(int fd, unsigned long request, void *argument)");
  const ppoll = libc.func("int ppoll(void *fds, unsigned long count, void *timeout, void *mask)");
  const setns = libc.func("int setns(int fd, int kind)");
  const prctl = libc.func("int prctl(int option, unsigned long value)");
  const read = libc.func("long read(int fd, void *buffer, unsigned long bytes)");
  const write = libc.func("long write(int fd, void *buffer, unsigned long bytes)");
  prctl(setTimerSlack, 1);
  const [fds, timeout] = [Buffer.alloc(2 * pollfdBytes), Buffer.alloc(16)];
  return {
    openDevice() {
      const fd = openSync(tunPath, constants.O_RDWR | constants.O_NONBLOCK);
      const request = Buffer.alloc(ifreqBytes);
      request.write(pathDevice);
      request.writeUInt16LE(iffTun | iffNoPi, flagsAt);
      if (ioctl(fd, tunSetIff, request) < 0)
        throw new Error(`${tunPath} gives this process no device: TUNSETIFF failed`);
      return {
        fd,
        read: (buffer) => Math.max(0, Number(read(fd, buffer, buffer.length))),
        write: (packet, bytes) => Number(write(fd, packet, bytes)) === bytes,
      };
    },
    enterNamespaceOf(pid) {
      const fd = openSync(`/proc/${pid}/ns/net`, constants.O_RDONLY);
      const entered = setns(fd, cloneNewNet) === 0;
      closeSync(fd);
      if (!entered) throw new Error(`cannot enter the network namespace of process ${pid}`);
    },
    poll(devices, waitUs) {
      for (const [i, { fd }] of devices.entries()) {
        fds.writeInt32LE(fd, i * pollfdBytes);
        fds.writeInt16LE(pollIn, i * pollfdBytes + 4);
        fds.writeInt16LE(0, i * pollfdBytes + 6);
      }
      timeout.writeBigInt64LE(0n, 0);
      timeout.writeBigInt64LE(BigInt(Math.round(1000 * Math.max(0, waitUs))), 8);
      ppoll(fds, devices.length, timeout, null);
      return devices.map((_, i) => (fds.readInt16LE(i * pollfdBytes + 6) & pollIn) !== 0);
    },
  };
}
