// The hub connection of one area: subscribes, puts snapshot parts together, hands on frames in order, asks again after a gap or a new epoch,
// and never gives up.
import { HttpTransportType, HubConnectionBuilder, LogLevel } from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";
import type { Frame } from "./frame.ts";
import { readFrame, readSnapshotPart } from "./frame.ts";
import type { Store } from "./store.ts";
import { applyFrame, emptyStore, follows, mergeFrames } from "./store.ts";

export interface Picture {
  readonly store: Store;
  readonly connected: boolean;
  /** Frames that could not be read or did not follow; each one asked for a snapshot. */
  readonly gaps: number;
}

export interface Connection {
  /** The newest picture; frames that came since the last call are merged first and applied once. */
  readonly take: () => Picture;
  readonly close: () => Promise<void>;
}

const retryMs = 1500;

export function connect(area: string, onFrame: (frame: Frame) => void, onRevoked: (reason: string) => void): Connection {
  let store = emptyStore(area);
  let waiting: Frame | null = null;
  let expected: { epoch: string; seq: number } | null = null;
  let parts: Frame[] = [];
  let gaps = 0;
  let closed = false;
  let connected = false;
  let subscribing = false;
  let retry: ReturnType<typeof setTimeout> | undefined;

  const hub = new HubConnectionBuilder()
    // Straight to the web socket: one request less to a live wall, and no fallback that would make each frame a request.
    .withUrl("/hubs/situation", { transport: HttpTransportType.WebSockets, skipNegotiation: true })
    .withHubProtocol(new MessagePackHubProtocol())
    .configureLogging(LogLevel.None)
    .build();
  // The server sends a heartbeat each second; without anything for this long the connection is given up and made anew.
  hub.serverTimeoutInMilliseconds = 8000;
  hub.keepAliveIntervalInMilliseconds = 4000;

  const subscribe = async (): Promise<void> => {
    if (subscribing || closed) return;
    subscribing = true;
    expected = null;
    parts = [];
    try {
      await hub.invoke("Subscribe", area);
    } catch {
      // The next frame that does not follow, or the lost connection, asks again.
    } finally {
      subscribing = false;
    }
  };

  const snapshot = (raw: unknown): void => {
    const part = readSnapshotPart(raw);
    if (part.frame.area !== area) return;
    if (part.part === 1) parts = [];
    parts.push(part.frame);
    onFrame(part.frame);
    if (part.part !== part.parts || parts.length !== part.parts) return;
    const whole = parts.reduce(mergeFrames);
    parts = [];
    waiting = null;
    store = applyFrame(emptyStore(area), whole);
    expected = { epoch: whole.epoch, seq: whole.seq };
  };

  const frame = (raw: unknown): void => {
    const next = readFrame(raw);
    if (next.area !== area) return;
    onFrame(next);
    if (expected === null) return;
    const follow = follows({ ...store, epoch: expected.epoch, seq: expected.seq }, next);
    if (follow === "repeated") return;
    if (follow === "gap") {
      gaps += 1;
      void subscribe();
      return;
    }
    expected = { epoch: next.epoch, seq: next.seq };
    waiting = waiting === null ? next : mergeFrames(waiting, next);
  };

  const guarded = (read: (raw: unknown) => void) => (raw: unknown): void => {
    try {
      read(raw);
    } catch {
      // A frame that cannot be read is a gap: the whole picture is asked for again, at most once per retry time.
      gaps += 1;
      clearTimeout(retry);
      retry = setTimeout(() => void subscribe(), retryMs);
    }
  };

  const start = async (): Promise<void> => {
    if (closed) return;
    try {
      await hub.start();
      connected = true;
      await subscribe();
    } catch {
      again();
    }
  };

  const again = (): void => {
    connected = false;
    if (closed) return;
    clearTimeout(retry);
    retry = setTimeout(() => void start(), retryMs);
  };

  hub.on("Snapshot", guarded(snapshot));
  hub.on("Frame", guarded(frame));
  hub.on("Revoked", (reason: unknown) => onRevoked(typeof reason === "string" ? reason : ""));
  hub.onclose(again);
  void start();

  return {
    take: () => {
      if (waiting !== null) {
        store = applyFrame(store, waiting);
        waiting = null;
      }
      return { store, connected, gaps };
    },
    close: async () => {
      closed = true;
      clearTimeout(retry);
      await hub.stop();
    },
  };
}
