import { nowUs } from "../lib/clock.ts";
import type { NetworkConditions } from "../lib/network-conditions.ts";
import { serveCalls } from "./ipc.ts";
import { PathMeter, type PathUsage } from "./path-meter.ts";
import { PathScheduler, type PathCounts, type Way } from "./path-scheduler.ts";
import { openTunSystem, type TunDevice, type TunSystem } from "./tun-device.ts";

/** State of a path's emulator at a moment. */
export interface EmulatorState extends PathCounts, PathUsage {
  /** Packets that the kernel did not take back. */
  refused: number;
}

/** Calls that the emulator process answers. It runs in the namespace of the servers. */
export interface EmulatorCalls {
  /** Creates both ends of the path, one here and one in the namespace of that process, and begins to pass packets. */
  open(request: { clientNamespace: number; conditions: NetworkConditions; seed: number }): Promise<void>;
  state(): EmulatorState;
}

/** Longest sleep: calls of the bench wait for so long. */
const longestWaitUs = 5_000;
/** Time without a look at the calls of the bench. */
const sliceUs = 2_000;
/** Packets that are read at a time from one end, so that what is due leaves in between. */
const batch = 64;
/** Largest packet: the MTU of the devices is 1,500. */
const packetBytes = 2_048;

/** A packet on its way. */
interface Packet {
  buffer: Buffer;
  bytes: number;
}

let emulator: Emulator | undefined;

/** Reads packets at one end of the path, holds them for as long as the scheduler says, and writes them at the other. */
class Emulator {
  private readonly meter = new PathMeter();
  private refused = 0;
  private readonly free: Buffer[] = [];
  private readonly system: TunSystem;
  private readonly ends: readonly [servers: TunDevice, clients: TunDevice];
  private readonly scheduler: PathScheduler<Packet>;

  constructor(
    system: TunSystem,
    ends: readonly [servers: TunDevice, clients: TunDevice],
    scheduler: PathScheduler<Packet>,
  ) {
    this.system = system;
    this.ends = ends;
    this.scheduler = scheduler;
  }

  state(): EmulatorState {
    return { ...this.scheduler.counts, ...this.meter.read(), refused: this.refused };
  }

  run(): void {
    const untilUs = nowUs() + sliceUs;
    do {
      const waitUs = Math.min(this.scheduler.nextUs() - nowUs(), longestWaitUs);
      const [fromServers, fromClients] = this.system.poll(this.ends, waitUs);
      this.writeDue();
      if (fromServers) this.readFrom(this.ends[0], "down");
      if (fromClients) this.readFrom(this.ends[1], "up");
    } while (nowUs() < untilUs);
    setImmediate(() => this.run());
  }

  private readFrom(end: TunDevice, way: Way): void {
    for (let i = 0; i < batch; i++) {
      const buffer = this.free.pop() ?? Buffer.allocUnsafeSlow(packetBytes);
      const bytes = end.read(buffer);
      const isPassed =
        bytes > 0 &&
        buffer[0]! >> 4 === 4 && // what is not IPv4 has nobody to go to
        this.scheduler.offer({ buffer, bytes }, way, buffer.readUInt16BE(way === "down" ? 18 : 14), bytes, nowUs());
      if (!isPassed) this.free.push(buffer);
      if (bytes === 0) return;
    }
  }

  private writeDue(): void {
    for (let i = 0; i < batch; i++) {
      const atUs = nowUs();
      const departure = this.scheduler.takeDue(atUs);
      if (!departure) return;
      const { packet, way, dueUs } = departure;
      this.meter.left(atUs - dueUs);
      if (!this.ends[way === "down" ? 1 : 0].write(packet.buffer, packet.bytes)) this.refused++;
      this.free.push(packet.buffer);
    }
  }
}

serveCalls({
  async open({ clientNamespace, conditions, seed }) {
    const system = await openTunSystem();
    const servers = system.openDevice();
    system.enterNamespaceOf(clientNamespace);
    const clients = system.openDevice();
    emulator = new Emulator(system, [servers, clients], new PathScheduler(conditions, seed));
    setImmediate(() => emulator!.run());
  },
  state() {
    if (!emulator) throw new Error("the emulator was asked before it was opened");
    return emulator.state();
  },
} satisfies EmulatorCalls);
