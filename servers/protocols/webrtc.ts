import { errorMessage } from "../../scenarios/lib/errors.ts";

/*
 * Types and functions for the package node-datachannel. It is not a dependency, because it contains a native library of
 * 9 MB. The types that are needed are declared here, so that everything compiles without it.
 */

/** One end of a data channel (W3C WebRTC, section 6.2). */
export interface DataChannel {
  getLabel(): string;
  /**
   * Throws where the channel is closed or the message is too large for the other side. Returns false where the message
   * has to wait.
   */
  sendMessage(text: string): boolean;
  sendMessageBinary(bytes: Buffer): boolean;
  bufferedAmount(): number;
  /**
   * Closes after everything that was sent before. The other side's `onClosed` is called when it has received all of
   * that.
   */
  close(): void;
  isOpen(): boolean;
  onOpen(handler: () => void): void;
  onClosed(handler: () => void): void;
  onError(handler: (reason: string) => void): void;
  onMessage(handler: (message: string | Buffer) => void): void;
}

/** A session description (RFC 8866), which each side sends to the other. */
export interface SessionDescription {
  sdp: string;
  type: "offer" | "answer";
}

/** One end of a WebRTC connection. */
export interface PeerConnection {
  /** Ends the connection at once. Messages in flight are lost. */
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

const packageName = "node-datachannel";

/**
 * Labels of a client's two channels. One carries messages, the other the server's heartbeats and their echoes, which
 * are empty messages.
 */
export const channelLabels = { chat: "chat", heartbeat: "alive" };

/** Path to which a client posts its offer. The response is 201 with the server's answer, as in WHIP (RFC 9725). */
export const offerPath = "/offer";

/** The reason why this machine has no data channels; undefined where it has. */
export async function webrtcUnavailable(): Promise<string | undefined> {
  try {
    await import(packageName);
    return undefined;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND";
    return missing
      ? `it needs a package that is not installed: npm install --no-save ${packageName}@0.33.4`
      : `the package ${packageName} cannot be loaded: ${errorMessage(error)}`;
  }
}

/**
 * Opens one end of a connection between hosts that reach each other through `host`. ICE uses the loopback interface
 * only if it is bound to it.
 */
export async function openPeerConnection(host: string, maxMessageSize: number): Promise<PeerConnection> {
  const { PeerConnection } = ((await import(packageName)) as { default: Library }).default;
  const loopback = host.startsWith("127.") && { bindAddress: host };
  return new PeerConnection("peer", { iceServers: [], maxMessageSize, ...loopback });
}

/** Resolves with the peer's own description when all its ICE candidates are known. */
export function describedPeer(peer: PeerConnection): Promise<SessionDescription> {
  return new Promise((resolve) =>
    peer.onGatheringStateChange((state) => {
      const description = peer.localDescription();
      if (state === "complete" && description) resolve(description);
    }),
  );
}

/** Sends a message. Returns false where the channel has just closed or the message is too large for the other side. */
export function sendOnChannel(channel: DataChannel, message: string | Buffer): boolean {
  try {
    if (typeof message === "string") channel.sendMessage(message);
    else channel.sendMessageBinary(message);
    return true;
  } catch {
    return false;
  }
}

/** True if a connection in this state cannot recover. */
export function isPeerClosed(state: string): boolean {
  return state === "disconnected" || state === "failed" || state === "closed";
}
