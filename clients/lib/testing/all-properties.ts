import { frameProperties as frames } from "../websocket/frames.properties.ts";
import type { Properties } from "./stream-cuts.ts";
import { packetProperties as packets } from "../socket-io/packets.properties.ts";
import { recordProperties as records } from "../tcp/records.properties.ts";

/** Every property that the tests try some times and `npm run fuzz` for as long as it is told to. To add a module, name it here. */
export const allProperties: Properties = { ...records, ...frames, ...packets };
