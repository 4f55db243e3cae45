import type { IncomingMessage, RequestListener } from "node:http";
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
import { closeMs, listen, waitAtMost } from "./lib/hosting/listen.ts";

/** A client that has made an offer. */
interface PeerSession {
  peer: PeerConnection;
  /** Carries messages. Undefined before it is open, and once the application has closed the connection. */
  messages: DataChannel | undefined;
  /** Carries heartbeats and their echoes. */
  heartbeat: DataChannel | undefined;
  connection: ServerConnection | undefined;
  /** The last heartbeat has no echo yet. */
  unanswered: boolean;
  /** Ends the session when the message channel is not open within `handshakeMs`. */
  handshakeTimer: NodeJS.Timeout;
}

/** Largest offer: a session description, and room for many ICE candidates. */
const maxOfferBytes = 64 * 1024;

/**
 * WebRTC data channels (RFC 8831) with `node-datachannel`: SCTP over DTLS over UDP, ordered and reliable. Text is a
 * string message, binary a message of bytes. A small HTTP server accepts the offers. The native library does not report
 * its bytes on the wire, so none are counted. The heartbeat is an empty message on a channel of its own; a client that
 * has not echoed it by the next one is dropped.
 */
export default async function serve(app: App, options: Options): Promise<Server> {
  const sessions = new Set<PeerSession>();

  function end(session: PeerSession): void {
    if (!sessions.delete(session)) return;
    clearTimeout(session.handshakeTimer);
    session.peer.close();
    session.connection?.leave();
  }

  const { join, closeAll } = hostApplication<PeerSession, string | Buffer>(
    app,
    {
      encode: (payload, text) => (text ? payload.toString() : payload),
      push: ({ messages }, message) => messages !== undefined && sendOnChannel(messages, message),
      queuedBytes: ({ messages }) => messages?.bufferedAmount() ?? 0,
      close(session) {
        const { messages } = session;
        session.messages = undefined;
        messages?.close(); // the client closes its connection when it has received everything
      },
      drop: end,
    },
    options,
  );

  function openMessages(session: PeerSession, channel: DataChannel): void {
    session.messages = channel;
    channel.onClosed(() => session.messages && end(session));
    channel.onError(() => end(session));
    const onOpen = (): void => {
      clearTimeout(session.handshakeTimer);
      const connection = (session.connection = join(session));
      channel.onMessage((message) => {
        const payload = Buffer.from(message as string);
        if (payload.length <= options.maxPayloadBytes) connection.receive(payload, typeof message === "string");
        else end(session);
      });
    };
    if (channel.isOpen()) onOpen();
    else channel.onOpen(onOpen);
  }

  function openHeartbeat(session: PeerSession, channel: DataChannel): void {
    session.heartbeat = channel;
    channel.onMessage(() => (session.unanswered = false));
    channel.onClosed(() => (session.heartbeat = undefined));
  }

  async function answer(offer: string): Promise<string> {
    const peer = await openPeerConnection(options.host, options.maxPayloadBytes);
    const session: PeerSession = {
      peer,
      messages: undefined,
      heartbeat: undefined,
      connection: undefined,
      unanswered: false,
      handshakeTimer: setTimeout(() => end(session), options.handshakeMs),
    };
    sessions.add(session);
    peer.onStateChange((state) => isPeerClosed(state) && end(session));
    peer.onDataChannel((channel) =>
      channel.getLabel() === channelLabels.chat ? openMessages(session, channel) : openHeartbeat(session, channel),
    );
    try {
      const description = describedPeer(peer);
      peer.setRemoteDescription(offer, "offer");
      return (await description).sdp;
    } catch (error) {
      end(session);
      throw error;
    }
  }

  const acceptOffer: RequestListener = (request, response) => {
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

  const listener = await listen(httpServer(options, options.idleMs, acceptOffer), options);
  const heartbeat = setInterval(() => {
    for (const session of sessions) {
      if (session.unanswered) end(session);
      else if (session.heartbeat && sendOnChannel(session.heartbeat, "")) session.unanswered = true;
    }
  }, options.heartbeatMs);

  return {
    addresses: listener.addresses,
    traffic: () => undefined,
    async close() {
      clearInterval(heartbeat);
      closeAll();
      await waitAtMost(closeMs, () => sessions.size === 0);
      for (const session of sessions) end(session);
      await listener.close();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) {
    body += String(chunk);
    if (body.length > maxOfferBytes) throw new Error(`the offer is longer than ${maxOfferBytes} bytes`);
  }
  return body;
}
