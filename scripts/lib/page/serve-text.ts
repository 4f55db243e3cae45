import { textTable, wrapText, type TextColumn } from "../../../results/text/text-table.ts";
import type { Address } from "../../../scenarios/contract.ts";
import { authority, reachableAddress } from "../../../scenarios/lib/addresses.ts";
import type { Transport } from "../../../scenarios/transports/transport.ts";
import { transports } from "../../../scenarios/transports.ts";
import { pageRefusal } from "./about.ts";
import type { ServedTransport } from "./served-transport.ts";

/** The link that opens the page in a browser. */
function linkTo(address: Address, isTls = false): string {
  return `Open in a browser:\n  ${isTls ? "https" : "http"}://${authority(reachableAddress(address))}/\n`;
}

/** The link to the page of one server, or a sentence that says why there is none. */
export function pageText(name: string, transport: Transport, address: Address): string {
  const refusal = pageRefusal(name, transport);
  if (refusal !== undefined) return `${wrapText(refusal)}\n`;
  const isTls = address.certificate !== undefined;
  return (
    linkTo(address, isTls) + (isTls ? "It asks once whether you trust the certificate that the server has made.\n" : "")
  );
}

const columns: TextColumn<ServedTransport>[] = [
  { heading: "transport", value: ({ name }) => name },
  { heading: "address", value: ({ server }) => authority(server.addresses[0]!) },
];

/** What is served side by side, and what is not, since a browser cannot speak it. */
export function sideBySideText(page: Address, served: readonly ServedTransport[], isAll: boolean): string {
  const missing = Object.entries<Transport>(transports).filter(
    ([name, transport]) => transport.variantOf === undefined && pageRefusal(name, transport) !== undefined,
  );
  const namesOf = (isSpoken: boolean): string =>
    missing
      .filter(([, { page: wire }]) => (wire !== undefined) === isSpoken)
      .map(([name]) => name)
      .join(", ");
  const leftOut = wrapText(
    `Left out, since a page in a browser cannot speak them: ${namesOf(false)}. ` +
      `Left out, since browsers speak HTTP/2 over TLS alone: ${namesOf(true)} (--transport h2-sse+tls has a page).`,
  );
  return [linkTo(page), textTable(columns, served), "", ...(isAll ? [leftOut] : [])].join("\n");
}
