import type { NetworkRequest } from "../system/trial-network.ts";
import { openNetwork } from "../system/trial-network.ts";

/** A process that opens the network of its argument, prints the process ids of its parts, and waits to be killed. */
const { sides, emulator } = await openNetwork(JSON.parse(process.argv[2]!) as NetworkRequest);
const pids = [sides?.servers.pid, sides?.clients.pid, emulator?.pid];
console.log(...pids.filter((pid) => pid !== undefined));
