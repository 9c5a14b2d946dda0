// The colours of the map, read from the style sheet's tokens: tokens.css is the only place that knows a colour.
import type { Colour, DeviceState } from "./frame.ts";

export type Rgba = readonly [number, number, number, number];

export interface Palette {
  readonly severity: Readonly<Record<Colour, Rgba>>;
  readonly device: Readonly<Record<DeviceState, Rgba>>;
  readonly incident: Rgba;
  readonly label: Rgba;
  readonly labelHalo: Rgba;
  readonly cluster: Rgba;
  readonly css: MapColours;
}

export interface MapColours {
  readonly ground: string;
  readonly neighbour: string;
  readonly neighbourLine: string;
  readonly district: string;
  readonly districtLine: string;
  readonly streetLine: string;
  readonly streetStale: string;
  readonly metro: string;
  readonly label: string;
  readonly labelQuiet: string;
  readonly labelHalo: string;
  readonly font: string;
}

/** Parses #rrggbb, #rrggbbaa, rgb() and rgba(); throws for anything else, because a wrong token must not end as an invisible map. */
export function parseColour(value: string): Rgba {
  const text = value.trim();
  const hex = /^#([0-9a-f]{6})([0-9a-f]{2})?$/i.exec(text);
  if (hex?.[1] !== undefined) {
    const rgb = Number.parseInt(hex[1], 16);
    return [(rgb >> 16) & 255, (rgb >> 8) & 255, rgb & 255, hex[2] === undefined ? 255 : Number.parseInt(hex[2], 16)];
  }
  const parts = /^rgba?\(([^)]+)\)$/i.exec(text)?.[1]?.split(/[\s,/]+/).filter(part => part !== "").map(Number);
  if (parts !== undefined && parts.length >= 3 && parts.every(part => Number.isFinite(part))) {
    return [parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0, Math.round((parts[3] ?? 1) * 255)];
  }
  throw new TypeError(`not a colour: "${value}"`);
}

export function withAlpha(colour: Rgba, alpha: number): Rgba {
  return [colour[0], colour[1], colour[2], Math.round(alpha * 255)];
}

/** Reads the tokens in force at the element. */
export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const css = (token: string): string => style.getPropertyValue(token).trim();
  const colour = (token: string): Rgba => parseColour(css(token));
  return {
    severity: {
      red: colour("--severity-red"), orange: colour("--severity-orange"), yellow: colour("--severity-yellow"), blue: colour("--severity-blue"),
    },
    device: {
      normal: colour("--map-device-normal"), stale: colour("--map-device-stale"), offline: colour("--map-device-offline"),
      unknown: colour("--map-device-unknown"), maintenance: colour("--map-device-maintenance"),
    },
    incident: colour("--map-incident"),
    label: colour("--map-label"),
    labelHalo: colour("--map-label-halo"),
    cluster: colour("--map-cluster"),
    css: {
      ground: css("--map-ground"), neighbour: css("--map-neighbour"), neighbourLine: css("--map-neighbour-line"), district: css("--map-district"),
      districtLine: css("--map-district-line"), streetLine: css("--map-street-line"), streetStale: css("--map-street-stale"), metro: css("--map-metro"),
      label: css("--map-label"), labelQuiet: css("--map-label-quiet"), labelHalo: css("--map-label-halo"), font: css("--font-text"),
    },
  };
}
