import type { NetworkRequest } from "../system/trial-network.ts";
import { openNetwork } from "../system/trial-network.ts";

/** A process that opens the network of its argument, prints the process ids of its parts, and waits to be killed. */
const { servers, clients, emulator } = await openNetwork(JSON.parse(process.argv[2]!) as NetworkRequest);
console.log(servers.pid, clients.pid, emulator?.pid);
