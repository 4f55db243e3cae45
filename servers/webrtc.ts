import type { IncomingMessage, RequestListener } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { App, Options, Server } from "../scenarios/contract.ts";
import {
  describedPeer,
  isPeerClosed,
  channelLabels,
  offerPath,
  openPeerConnection,
  sendOnChannel,
  type DataChannel,
  type PeerConnection,
} from "./protocols/webrtc.ts";
import { hostApplication, type ServerConnection } from "./lib/hosting/host.ts";
import { httpServer } from "./lib/http/http-server.ts";
import { listen } from "./lib/hosting/listen.ts";

/** A client that has made an offer. */
interface Party {
  peer: PeerConnection;
  chat: DataChannel | undefined;
  alive: DataChannel | undefined;
  guest: ServerConnection | undefined;
  /** Whether the last heartbeat is not answered. */
  silent: boolean;
  patience: NodeJS.Timeout;
}

/** Bytes of a description, and room for many candidates. */
const mostOfferBytes = 64 * 1024;

/**
 * WebRTC data channels (RFC 8831) with `node-datachannel`: SCTP over DTLS over UDP, ordered and reliable; a string for text, bytes for binary. A
 * small HTTP server takes offers. What passes on the wire is the native library's to know, and it does not say: no bytes are counted. The
 * heartbeat is an empty message on a channel of its own; who has not answered by the next is dropped.
 */
export default async function serve(app: App, options: Options): Promise<Server> {
  const parties = new Set<Party>();

  function end(party: Party): void {
    if (!parties.delete(party)) return;
    clearTimeout(party.patience);
    party.peer.close();
    party.guest?.leave();
  }

  const { join, closeAll } = hostApplication<Party, string | Buffer>(
    app,
    {
      encode: (payload, text) => (text ? payload.toString() : payload),
      push: ({ chat }, message) => chat !== undefined && sendOnChannel(chat, message),
      queuedBytes: ({ chat }) => chat?.bufferedAmount() ?? 0,
      close(party) {
        const { chat } = party;
        party.chat = undefined;
        chat?.close(); // whose other end closes the connection when it has had everything
      },
      drop: end,
    },
    options,
  );

  function open(party: Party, chat: DataChannel): void {
    party.chat = chat;
    chat.onClosed(() => party.chat && end(party));
    chat.onError(() => end(party));
    const enter = (): void => {
      clearTimeout(party.patience);
      const connection = (party.guest = join(party));
      chat.onMessage((message) => {
        const payload = Buffer.from(message as string);
        if (payload.length <= options.maxPayloadBytes) connection.receive(payload, typeof message === "string");
        else end(party);
      });
    };
    if (chat.isOpen()) enter();
    else chat.onOpen(enter);
  }

  async function answer(offer: string): Promise<string> {
    const peer = await openPeerConnection(options.host, options.maxPayloadBytes);
    const patience = setTimeout(() => end(party), options.handshakeMs);
    const party: Party = { peer, chat: undefined, alive: undefined, guest: undefined, silent: false, patience };
    parties.add(party);
    peer.onStateChange((state) => isPeerClosed(state) && end(party));
    peer.onDataChannel((channel) => {
      if (channel.getLabel() === channelLabels.chat) return open(party, channel);
      party.alive = channel;
      channel.onMessage(() => (party.silent = false));
      channel.onClosed(() => (party.alive = undefined));
    });
    try {
      const description = describedPeer(peer);
      peer.setRemoteDescription(offer, "offer");
      return (await description).sdp;
    } catch (error) {
      end(party);
      throw error;
    }
  }

  const takeOffers: RequestListener = (request, response) => {
    const refuse = (status: number): void => void response.writeHead(status, { connection: "close" }).end();
    if (request.url !== offerPath) return refuse(404);
    if (request.method !== "POST") return refuse(405);
    bodyOf(request)
      .then(answer)
      .then(
        (sdp) => response.writeHead(201, { connection: "close", "content-type": "application/sdp" }).end(sdp),
        () => refuse(400),
      );
  };

  const listener = await listen(httpServer(options, options.idleMs, takeOffers), options);
  const heartbeat = setInterval(() => {
    for (const party of parties) {
      if (party.silent) end(party);
      else if (party.alive && sendOnChannel(party.alive, "")) party.silent = true;
    }
  }, options.heartbeatMs);

  return {
    addresses: listener.addresses,
    traffic: () => undefined,
    async close() {
      clearInterval(heartbeat);
      closeAll();
      const enough = performance.now() + 500;
      while (parties.size > 0 && performance.now() < enough) await delay(5);
      for (const party of parties) end(party);
      await listener.close();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) {
    body += String(chunk);
    if (body.length > mostOfferBytes) throw new Error("no offer is so long");
  }
  return body;
}
