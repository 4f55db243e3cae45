import type { Address, ConnectionHandler, Connection, Options } from "../scenarios/contract.ts";
import {
  describedPeer,
  isPeerClosed,
  channelLabels,
  offerPath,
  openPeerConnection,
  sendOnChannel,
} from "../servers/protocols/webrtc.ts";

/**
 * A WebRTC data channel through `node-datachannel`, ordered and reliable. The offer is posted to the server once all candidates are known. It
 * says that the client begins with DTLS (RFC 4145, section 4): the server might before its answer is here, which ends the connection. Where the
 * server falls silent for two heartbeats, the link has ended.
 */
export default async function connect(
  address: Address,
  handler: ConnectionHandler,
  options: Options,
): Promise<Connection> {
  const peer = await openPeerConnection(address.host, options.maxPayloadBytes);
  const description = describedPeer(peer); // asked for before a channel makes the peer describe itself
  const chat = peer.createDataChannel(channelLabels.chat);
  const alive = peer.createDataChannel(channelLabels.heartbeat);
  return new Promise((resolve, reject) => {
    let state: "joining" | "open" | "closing" | "closed" = "joining";
    const patience = setTimeout(giveUp, options.handshakeMs);
    let silence: NodeJS.Timeout | undefined;

    function finish(error?: Error): void {
      if (state === "closed") return;
      const joining = state === "joining";
      state = "closed";
      clearTimeout(patience);
      clearTimeout(silence);
      peer.close();
      if (joining) reject(error ?? new Error(`${address.host}:${address.port} has ended the connection`));
      else handler.closed(error);
    }

    function giveUp(): void {
      const silent = `no data channel with ${address.host}:${address.port} in ${options.handshakeMs} ms`;
      finish(state === "joining" ? new Error(silent) : undefined);
    }

    function send(payload: Buffer, text: boolean): void {
      if (state !== "open" || sendOnChannel(chat, text ? payload.toString() : payload)) return;
      finish(new Error(`the data channel does not take ${payload.length} bytes`));
    }

    function close(): void {
      if (state !== "open") return;
      state = "closing";
      patience.refresh();
      chat.close(); // the server closes the connection when it has had everything
    }

    chat.onMessage((message) => handler.receive(Buffer.from(message as string), typeof message === "string"));
    chat.onError((reason) => finish(new Error(reason)));
    chat.onClosed(() => state !== "closing" && finish());
    alive.onMessage(() => {
      silence?.refresh();
      if (state === "open") sendOnChannel(alive, "");
    });
    peer.onStateChange((now) => isPeerClosed(now) && finish());
    chat.onOpen(() => {
      if (state !== "joining") return;
      state = "open";
      clearTimeout(patience);
      silence = setTimeout(() => finish(new Error("the server fell silent")), 2.25 * options.heartbeatMs);
      resolve({ send, close });
    });
    description
      .then(({ sdp }) => answered(sdp.replace("a=setup:actpass", "a=setup:active"), address, options))
      .then((sdp) => state === "joining" && peer.setRemoteDescription(sdp, "answer"))
      .catch(finish);
  });
}

/** The server's description for this one. */
async function answered(sdp: string, { host, port }: Address, { handshakeMs }: Options): Promise<string> {
  const response = await fetch(`http://${host}:${port}${offerPath}`, {
    method: "POST",
    headers: { "content-type": "application/sdp" },
    body: sdp,
    signal: AbortSignal.timeout(handshakeMs),
  });
  const answer = await response.text();
  if (response.status !== 201) throw new Error(`the server answered the offer with ${response.status}`);
  return answer;
}
