import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import { undiciClient, undiciRequest } from "./lib/library-http/undici.ts";
import {
  describedPeer,
  isPeerClosed,
  channelLabels,
  offerPath,
  openPeerConnection,
  sendOnChannel,
} from "../servers/protocols/webrtc.ts";

/**
 * A WebRTC data channel through `node-datachannel`, ordered and reliable. The offer is posted to the server as soon as
 * all candidates are known. It makes the client begin the DTLS handshake (RFC 4145, section 4): the server could begin
 * before its answer is here, which would end the connection. The connection ends when the server has sent no heartbeat
 * for 2.25 of its periods.
 */
export default async function connect(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
): Promise<Connection> {
  const peer = await openPeerConnection(address.localAddress ?? address.host, options.maxPayloadBytes);
  const description = describedPeer(peer); // called before the first channel makes the peer create its description
  const chat = peer.createDataChannel(channelLabels.chat);
  const heartbeat = peer.createDataChannel(channelLabels.heartbeat);
  return new Promise((resolve, reject) => {
    let state: "connecting" | "open" | "closing" | "closed" = "connecting";
    const timeout = setTimeout(giveUp, options.handshakeMs);
    let silence: NodeJS.Timeout | undefined;

    function finish(error?: Error): void {
      if (state === "closed") return;
      const connecting = state === "connecting";
      state = "closed";
      clearTimeout(timeout);
      clearTimeout(silence);
      peer.close();
      if (connecting) reject(error ?? new Error(`${address.host}:${address.port} closed the connection`));
      else handler.closed(error);
    }

    function giveUp(): void {
      const error = new Error(`no data channel with ${address.host}:${address.port} within ${options.handshakeMs} ms`);
      finish(state === "connecting" ? error : undefined);
    }

    function send(payload: Buffer, text: boolean): void {
      if (state !== "open" || sendOnChannel(chat, text ? payload.toString() : payload)) return;
      finish(new Error(`the data channel does not accept ${payload.length} bytes`));
    }

    function close(): void {
      if (state !== "open") return;
      state = "closing";
      timeout.refresh();
      chat.close(); // the server closes the connection after the last message
    }

    chat.onMessage((message) => handler.receive(Buffer.from(message as string), typeof message === "string"));
    chat.onError((reason) => finish(new Error(reason)));
    chat.onClosed(() => state !== "closing" && finish());
    heartbeat.onMessage(() => {
      silence?.refresh();
      if (state === "open") sendOnChannel(heartbeat, "");
    });
    peer.onStateChange((now) => isPeerClosed(now) && finish());
    chat.onOpen(() => {
      if (state !== "connecting") return;
      state = "open";
      clearTimeout(timeout);
      const silenceMs = 2.25 * options.heartbeatMs;
      silence = setTimeout(() => finish(new Error(`the server sent no heartbeat for ${silenceMs} ms`)), silenceMs);
      resolve({ send, close });
    });
    description
      .then(({ sdp }) => postOffer(sdp.replace("a=setup:actpass", "a=setup:active"), address, options))
      .then((sdp) => state === "connecting" && peer.setRemoteDescription(sdp, "answer"))
      .catch(finish);
  });
}

/** Posts the client's description. Resolves to the server's. */
async function postOffer(sdp: string, address: Address, options: Options): Promise<string> {
  const client = undiciClient(address, options);
  const headers = { "content-type": "application/sdp" };
  const posting = undiciRequest(client, { method: "POST", path: offerPath, headers, body: sdp });
  const { status, body } = await posting.finally(() => void client.destroy());
  if (status !== 201) throw new Error(`the server answered the offer with ${status} instead of 201`);
  return body.toString();
}
