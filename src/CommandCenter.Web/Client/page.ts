// Starts Blazor on every page, and brings the page back after the server was gone: first the same circuit, else the page anew.
import { healWith } from "./heal.ts";

interface BlazorStart {
  readonly circuit: { readonly reconnectionHandler: { readonly onConnectionDown: () => void; readonly onConnectionUp: () => void } };
}

declare const Blazor: {
  readonly start: (options: BlazorStart) => Promise<void>;
  readonly reconnect?: () => Promise<boolean>;
};

const mark = (state: "up" | "down"): void => { document.documentElement.dataset["circuit"] = state; };

Blazor.start({
  circuit: {
    reconnectionHandler: {
      onConnectionDown: () => {
        mark("down");
        void healWith(async () => Blazor.reconnect === undefined ? false : Blazor.reconnect());
      },
      onConnectionUp: () => mark("up"),
    },
  },
}).then(() => mark("up"), () => void healWith(async () => false));
