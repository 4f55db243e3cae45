import { errorMessage } from "../../scenarios/lib/errors.ts";

/*
 * What is used of the package node-datachannel, which is not a dependency: it brings a native library of 9 MB. Its types are written down here
 * as far as they are needed, so that everything compiles without it.
 */

/** One end of a data channel (W3C WebRTC, section 6.2). */
export interface DataChannel {
  getLabel(): string;
  /** Throws where the channel is closed or the message larger than the other side takes; false where it has to wait. */
  sendMessage(text: string): boolean;
  sendMessageBinary(bytes: Buffer): boolean;
  bufferedAmount(): number;
  /** Says goodbye after what was sent before; the other side's `onClosed` is called when it has had that. */
  close(): void;
  isOpen(): boolean;
  onOpen(handler: () => void): void;
  onClosed(handler: () => void): void;
  onError(handler: (reason: string) => void): void;
  onMessage(handler: (message: string | Buffer) => void): void;
}

/** A session description (RFC 8866), as either side gives it to the other. */
export interface SessionDescription {
  sdp: string;
  type: "offer" | "answer";
}

/** One end of a connection. */
export interface PeerConnection {
  /** Ends it at once; what is under way is lost. */
  close(): void;
  createDataChannel(label: string): DataChannel;
  localDescription(): SessionDescription | null;
  setRemoteDescription(sdp: string, type: SessionDescription["type"]): void;
  onDataChannel(handler: (channel: DataChannel) => void): void;
  onGatheringStateChange(handler: (state: string) => void): void;
  onStateChange(handler: (state: string) => void): void;
}

interface Library {
  PeerConnection: new (
    name: string,
    settings: { iceServers: []; bindAddress?: string; maxMessageSize: number },
  ) => PeerConnection;
}

const named = "node-datachannel";

/** Labels of a client's channels: messages on one; the server's heartbeat and its echo, both empty, on the other. */
export const channelLabels = { chat: "chat", heartbeat: "alive" };

/** Where an offer is posted, to be answered with 201 and the answer, as WHIP does it (RFC 9725). */
export const offerPath = "/offer";

/** Why there can be no data channels here; undefined where there can. */
export async function webrtcUnavailable(): Promise<string | undefined> {
  try {
    await import(named);
    return undefined;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND";
    return missing
      ? `it needs a package that is not installed: npm install --no-save ${named}@0.33.4`
      : `the package ${named} cannot be loaded: ${errorMessage(error)}`;
  }
}

/** Opens one end of a connection between hosts that reach each other by `host`; ICE leaves the loopback out unless told so. */
export async function openPeerConnection(host: string, maxMessageSize: number): Promise<PeerConnection> {
  const { PeerConnection } = ((await import(named)) as { default: Library }).default;
  const loopback = host.startsWith("127.") && { bindAddress: host };
  return new PeerConnection("peer", { iceServers: [], maxMessageSize, ...loopback });
}

/** Resolves to a peer's own description when it knows all its candidates. */
export function describedPeer(peer: PeerConnection): Promise<SessionDescription> {
  return new Promise((resolve) =>
    peer.onGatheringStateChange((state) => {
      const description = peer.localDescription();
      if (state === "complete" && description) resolve(description);
    }),
  );
}

/** Sends a message; false where the channel does not take it, because it has just closed or the other side takes none so large. */
export function sendOnChannel(channel: DataChannel, message: string | Buffer): boolean {
  try {
    if (typeof message === "string") channel.sendMessage(message);
    else channel.sendMessageBinary(message);
    return true;
  } catch {
    return false;
  }
}

/** Whether a state is one that a connection does not come back from. */
export function isPeerClosed(state: string): boolean {
  return state === "disconnected" || state === "failed" || state === "closed";
}
