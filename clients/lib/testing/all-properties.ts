import { properties as frames } from "../websocket/frames.properties.ts";
import type { Properties } from "./stream-cuts.ts";
import { properties as packets } from "../socket-io/packets.properties.ts";
import { properties as records } from "../tcp/records.properties.ts";

/** Every property that the tests try some times and `npm run fuzz` for as long as it is told to. To add a module, name it here. */
export const properties: Properties = { ...records, ...frames, ...packets };
