// Which devices of the store the administrator's map shows, and how. Pure.
import type { DeviceSituation, DeviceState } from "./frame.ts";
import type { Points } from "./layers.ts";
import { points } from "./layers.ts";
import type { Palette, Rgba } from "./palette.ts";
import { withAlpha } from "./palette.ts";

export interface DeviceFilter {
  /** The only devices to show, from a search that looks at more than the map knows; null: every one. */
  readonly ids: readonly string[] | null;
  readonly streets: readonly string[];
  readonly kinds: readonly string[];
  readonly states: readonly DeviceState[];
}

export const everything: DeviceFilter = { ids: null, streets: [], kinds: [], states: [] };

type Placed = DeviceSituation & { readonly lon: number; readonly lat: number };

/** The devices with a position that the filter lets through. What is silent is unknown, whatever it said last. */
export function filtered(devices: Iterable<DeviceSituation>, filter: DeviceFilter, silentStreets: ReadonlySet<string>): readonly Placed[] {
  const ids = filter.ids === null ? null : new Set(filter.ids);
  const streets = new Set(filter.streets);
  const kinds = new Set(filter.kinds);
  const states = new Set(filter.states);
  const found: Placed[] = [];
  for (const device of devices) {
    if (device.lon === null || device.lat === null) continue;
    if (ids !== null && !ids.has(device.id)) continue;
    if (streets.size > 0 && !streets.has(device.street)) continue;
    if (kinds.size > 0 && !kinds.has(device.kind)) continue;
    const shown = silentStreets.has(device.street) && device.state !== "unknown" ? { ...device, state: "unknown" as const } : device;
    if (states.size > 0 && !states.has(shown.state)) continue;
    found.push(shown as Placed);
  }
  return found;
}

const none: Rgba = [0, 0, 0, 0];

/** Here the state is what matters, so it has the colour of its dot in the list: a wall stays grey, this is a workplace. Offline and unheard ones are rings. */
export function devicePoints(devices: readonly Placed[], palette: Palette, tones: Readonly<Record<DeviceState, Rgba>>, chosen: string | null): Points {
  const order: Readonly<Record<DeviceState, number>> = { normal: 0, maintenance: 1, unknown: 2, stale: 3, offline: 4 };
  const sorted = [...devices].sort((a, b) => order[a.state] - order[b.state]);
  return points(sorted.map(device => {
    const tone = tones[device.state];
    const hollow = device.state === "offline" || device.state === "unknown";
    return {
      id: device.id, lon: device.lon, lat: device.lat,
      fill: device.id === chosen ? palette.label : hollow ? none : device.state === "stale" ? withAlpha(tone, 0.35) : withAlpha(tone, 0.85),
      line: device.id === chosen ? palette.labelHalo : tone,
      radius: device.id === chosen ? 7 : hollow ? 4.6 : 4,
    };
  }));
}
