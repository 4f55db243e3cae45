import type { Address } from "../contract.ts";
import { fillTemplate, placeholdersIn, type PlaceholderValues } from "./template.ts";

/** A client as the placeholders of a dialect, a path or a header name it. */
export interface Visitor {
  client: number;
  room: number;
  /** Random name of the trial, so that two trials at one server share no room. */
  trial: string;
  /** The client's line of --data. */
  data?: Readonly<Record<string, string>> | undefined;
}

/** Values of the placeholders for one client: `{{client}}`, `{{room}}`, `{{trial}}`, `{{data.NAME}}`. */
export function visitorValues({ client, room, trial, data = {} }: Visitor): PlaceholderValues {
  const columns = Object.entries(data).map(([name, value]) => [`data.${name}`, value] as const);
  return {
    client: String(client),
    room: trial === "" ? String(room) : `${trial}-${room}`,
    trial,
    ...Object.fromEntries(columns),
  };
}

/** True if the path or a header of an address has a placeholder. */
export function hasPlaceholders({ path = "", headers = {}, subprotocol = "" }: Address): boolean {
  return [path, subprotocol, ...Object.values(headers)].some((text) => placeholdersIn(text).length > 0);
}

/** An address for one client: its placeholders filled, and the values for its dialect beside it. */
export function withValues(address: Address, values: PlaceholderValues): Address {
  const { path, headers, subprotocol } = address;
  const encoded = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, encodeURIComponent(value)]));
  const fill = (text: string): string => fillTemplate(text, values, false);
  return {
    ...address,
    values,
    ...(path !== undefined && { path: fillTemplate(path, encoded, false) }),
    ...(headers && { headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, fill(text)])) }),
    ...(subprotocol !== undefined && { subprotocol: fill(subprotocol) }),
  };
}
