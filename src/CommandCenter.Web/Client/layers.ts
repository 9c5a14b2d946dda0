// From the store to what is drawn: the ordered list of the wall's layers. Pure; wall.ts turns the descriptions into deck.gl layers.
// Calm by default: a device that is well is a small grey dot, colour belongs to the abnormal. Colour never stands alone: warnings carry shape and 级.
import type { Colour, DeviceSituation, IncidentSituation, WarningSituation } from "./frame.ts";
import type { Palette, Rgba } from "./palette.ts";
import { withAlpha } from "./palette.ts";
import { isOfficial, noGround, officials } from "./officials.ts";
import type { Ground, OfficialArea, OfficialName, OfficialWords } from "./officials.ts";
import { isShown, pulses, rank, severityShape } from "./severity.ts";
import type { Store } from "./store.ts";

/** Points in the binary form that the graphics card takes; `ids` tells which item a picked index is. */
export interface Points {
  readonly length: number;
  readonly ids: readonly string[];
  readonly positions: Float64Array;
  readonly fills: Uint8Array;
  readonly lines: Uint8Array;
  readonly radii: Float32Array;
}

export interface Mark {
  readonly id: string;
  readonly position: readonly [number, number];
  readonly text: string;
  readonly colour: Rgba;
  readonly size: number;
  readonly angle: number;
}

export interface Call {
  readonly id: string;
  readonly position: readonly [number, number];
}

export interface Scene {
  readonly officialAreas: readonly OfficialArea[];
  readonly officialNames: readonly OfficialName[];
  readonly devices: Points;
  readonly halos: Points;
  /** Where an unacknowledged red one calls. The style sheet moves it, so that a call costs no drawing of the map. */
  readonly calls: readonly Call[];
  readonly clusters: Points;
  readonly clusterCounts: readonly Mark[];
  readonly glyphs: readonly Mark[];
  readonly vehicles: readonly Mark[];
  readonly signs: readonly Mark[];
  readonly incidents: readonly Mark[];
  readonly incidentNames: readonly Mark[];
}

/** One character per device kind, shown when the map is near enough. */
const kindGlyph: Readonly<Record<string, string>> = {
  water_level: "水", rain_gauge: "雨", river_gauge: "河", gas: "燃", smoke: "烟", hydrant: "栓", manhole: "井", noise: "噪", air: "气", weather: "象",
  camera: "视", crowd: "人", elevator: "梯", elder_care: "老", vehicle: "车", bridge: "桥", power: "电", server: "机", link: "网",
};

/** Characters that marks can show, for the font atlas. */
export const markCharacters = [...Object.values(kindGlyph), "▲", "◆", "●", "■", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", ..."0123456789+"];

/** Below this zoom a crowded map shows one circle per cell; above it every device. */
export const clusterBelowZoom = 13.5;
export const clusterFromDevices = 1500;
export const glyphFromZoom = 13.2;
const clusterCellPx = 64;

/** More calls than this would be a flood of motion; the signs are there all the same. */
const callsMax = 40;

function graver(a: Colour | null, b: Colour | null): Colour | null {
  if (a === null) return b;
  return b === null || rank[a] >= rank[b] ? a : b;
}

function placed<T extends { readonly lon: number | null; readonly lat: number | null }>(item: T): item is T & { readonly lon: number; readonly lat: number } {
  return item.lon !== null && item.lat !== null;
}

export interface Point {
  readonly id: string;
  readonly lon: number;
  readonly lat: number;
  readonly fill: Rgba;
  readonly line: Rgba;
  readonly radius: number;
}

export function points(items: readonly Point[]): Points {
  const length = items.length;
  const positions = new Float64Array(length * 2);
  const fills = new Uint8Array(length * 4);
  const lines = new Uint8Array(length * 4);
  const radii = new Float32Array(length);
  items.forEach((item, index) => {
    positions[index * 2] = item.lon;
    positions[index * 2 + 1] = item.lat;
    fills.set(item.fill, index * 4);
    lines.set(item.line, index * 4);
    radii[index] = item.radius;
  });
  return { length, ids: items.map(item => item.id), positions, fills, lines, radii };
}

const none: Rgba = [0, 0, 0, 0];

/** A well device is a dot; a stale one a dot with a pale ring; offline and unheard ones are rings: silence is never drawn as calm. */
function devicePoint(device: DeviceSituation & { readonly lon: number; readonly lat: number }, palette: Palette): Point {
  const base = { id: device.id, lon: device.lon, lat: device.lat };
  const tone = palette.device[device.state];
  if (device.colour !== null) return { ...base, fill: palette.severity[device.colour], line: palette.labelHalo, radius: 6 };
  switch (device.state) {
    case "normal": return { ...base, fill: tone, line: none, radius: 3.4 };
    case "stale": return { ...base, fill: withAlpha(tone, 0.25), line: tone, radius: 4.2 };
    case "maintenance": return { ...base, fill: withAlpha(tone, 0.5), line: tone, radius: 4.2 };
    case "offline":
    case "unknown": return { ...base, fill: none, line: tone, radius: 4.6 };
  }
}

/** The gravest shown warning of each place, so that one place carries one sign. */
function gravestByPlace(store: Store): readonly (WarningSituation & { readonly lon: number; readonly lat: number })[] {
  const byPlace = new Map<string, WarningSituation & { readonly lon: number; readonly lat: number }>();
  for (const warning of store.warnings.values()) {
    // An official one is an area with a label of its own, not a place.
    if (!isShown(warning) || isOfficial(warning) || !placed(warning)) continue;
    const old = byPlace.get(warning.subject);
    if (old === undefined || rank[warning.colour] > rank[old.colour] || (warning.colour === old.colour && pulses(warning))) byPlace.set(warning.subject, warning);
  }
  return [...byPlace.values()].sort((a, b) => rank[a.colour] - rank[b.colour] || (a.id < b.id ? -1 : 1));
}

interface Cell {
  readonly id: string;
  readonly lon: number;
  readonly lat: number;
  readonly count: number;
  readonly worst: Colour | null;
}

/** Devices joined by cells of the screen at a zoom: centre of mass, count, gravest colour. */
export function cells(devices: Iterable<DeviceSituation>, zoom: number): readonly Cell[] {
  // Cells change with half steps of zoom, so that they do not flicker while the map moves.
  const worldPx = 512 * 2 ** (Math.floor(zoom * 2) / 2);
  const found = new Map<string, { lon: number; lat: number; count: number; worst: Colour | null }>();
  for (const device of devices) {
    if (!placed(device)) continue;
    const x = ((device.lon + 180) / 360) * worldPx;
    const sin = Math.sin((device.lat * Math.PI) / 180);
    const y = (0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)) * worldPx;
    const key = `${Math.floor(x / clusterCellPx)}:${Math.floor(y / clusterCellPx)}`;
    const cell = found.get(key);
    if (cell === undefined) {
      found.set(key, { lon: device.lon, lat: device.lat, count: 1, worst: device.colour });
    } else {
      cell.lon += (device.lon - cell.lon) / (cell.count + 1);
      cell.lat += (device.lat - cell.lat) / (cell.count + 1);
      cell.count += 1;
      cell.worst = graver(cell.worst, device.colour);
    }
  }
  return [...found].map(([id, cell]) => ({ id, ...cell }));
}

/** One mark per place: incidents within some ten metres of each other share it, named by the gravest. */
function incidentPlaces(store: Store): readonly (IncidentSituation & { readonly lon: number; readonly lat: number; readonly more: number })[] {
  const byPlace = new Map<string, IncidentSituation & { readonly lon: number; readonly lat: number; readonly more: number }>();
  for (const incident of store.incidents.values()) {
    if (!placed(incident)) continue;
    const key = `${incident.lon.toFixed(4)}:${incident.lat.toFixed(4)}`;
    const old = byPlace.get(key);
    const graverOne = old === undefined || (incident.colour !== null && graver(incident.colour, old.colour) === incident.colour && incident.colour !== old.colour) ? incident : old;
    byPlace.set(key, { ...graverOne, lon: incident.lon, lat: incident.lat, more: old === undefined ? 0 : old.more + 1 });
  }
  return [...byPlace.values()];
}

type Place = IncidentSituation & { readonly lon: number; readonly lat: number; readonly more: number };

const nameSize = 15;
const nameHeight = 30;
const namesMax = 40;

const nameOf = (place: Place): string => place.more === 0 ? place.title : `${place.title} +${place.more}`;

/** The places whose names can be read beside each other: the gravest first, then the newest; where names could lie upon each other, to whichever side of their marks
 *  they are written, the mark alone stands. */
function readable(places: readonly Place[], zoom: number): readonly Place[] {
  const world = 512 * 2 ** zoom;
  const widthOf = (place: Place): number => [...nameOf(place)].reduce((width, letter) => width + (letter < "\u0100" ? nameSize * 0.6 : nameSize), 16);
  const box = (place: Place) => ({
    x: (place.lon + 180) / 360 * world,
    y: (1 - Math.asinh(Math.tan(place.lat * Math.PI / 180)) / Math.PI) / 2 * world,
    width: widthOf(place),
  });
  const order = [...places].sort((a, b) =>
    (b.colour === null ? 0 : rank[b.colour]) - (a.colour === null ? 0 : rank[a.colour]) || b.number.localeCompare(a.number) || a.id.localeCompare(b.id));
  const written: { x: number; y: number; width: number }[] = [];
  return order.filter(place => {
    const own = box(place);
    if (written.length >= namesMax || written.some(other => Math.abs(other.y - own.y) < nameHeight && Math.abs(other.x - own.x) < other.width + own.width + 40)) return false;
    written.push(own);
    return true;
  });
}

/** What the map shows of the store at a zoom. */
export function scene(store: Store, palette: Palette, zoom: number, silentStreets: ReadonlySet<string> = new Set(), ground: Ground = noGround,
  words: OfficialWords = { until: "{0}", drill: "" }): Scene {
  const warnings = gravestByPlace(store);
  const official = officials(store.warnings.values(), palette, ground, words, store.at);
  const signed = new Set(warnings.map(warning => warning.subject));
  // A street that is not heard says nothing about its devices: they are drawn as unknown, whatever they said last.
  const known = (device: DeviceSituation): DeviceSituation => silentStreets.has(device.street) && device.state !== "unknown" ? { ...device, state: "unknown" } : device;
  const located = [...store.devices.values()].map(known).filter(placed);
  const clustered = zoom < clusterBelowZoom && located.length >= clusterFromDevices;
  const still = located.filter(device => device.kind !== "vehicle");
  // Where a sign stands, the dot below it would only blur the sign.
  const shownDevices = (clustered ? still.filter(device => device.colour !== null) : still).filter(device => !signed.has(device.id));
  // The abnormal comes last and lies on top.
  const ordered = [...shownDevices].sort((a, b) => (a.colour === null ? 0 : rank[a.colour]) - (b.colour === null ? 0 : rank[b.colour]));
  const groups = clustered ? cells(still, zoom) : [];
  const places = incidentPlaces(store);
  const near = zoom >= glyphFromZoom;
  const halo = (warning: WarningSituation & { readonly lon: number; readonly lat: number }, alpha: number, radius: number): Point => ({
    id: warning.id, lon: warning.lon, lat: warning.lat,
    fill: withAlpha(palette.severity[warning.colour], alpha), line: withAlpha(palette.severity[warning.colour], 0.9), radius,
  });
  return {
    officialAreas: official.areas,
    officialNames: official.names,
    devices: points(ordered.map(device => devicePoint(device, palette))),
    halos: points(warnings.map(warning => halo(warning, warning.acknowledged ? 0.1 : 0.22, 9 + 3 * rank[warning.colour]))),
    calls: [...official.calls, ...warnings.filter(pulses).map((warning): Call => ({ id: warning.id, position: [warning.lon, warning.lat] }))].slice(-callsMax),
    clusters: points(groups.filter(group => group.count > 1).map(group => ({
      id: group.id, lon: group.lon, lat: group.lat, fill: withAlpha(palette.cluster, 0.8),
      line: group.worst === null ? palette.device.normal : palette.severity[group.worst], radius: 10 + 3 * Math.log2(group.count),
    }))),
    clusterCounts: groups.filter(group => group.count > 1).map(group => ({
      id: group.id, position: [group.lon, group.lat], text: String(group.count), colour: palette.label, size: 13, angle: 0,
    })),
    glyphs: near && !clustered
      ? still.map(device => ({
        id: device.id, position: [device.lon, device.lat], text: kindGlyph[device.kind] ?? "●",
        colour: device.colour === null ? palette.device[device.state] : palette.severity[device.colour], size: 14, angle: 0,
      }))
      : [],
    vehicles: located.filter(device => device.kind === "vehicle").map(device => ({
      id: device.id, position: [device.lon, device.lat], text: device.heading === null ? "■" : "▲",
      colour: device.colour === null ? palette.device[device.state] : palette.severity[device.colour], size: 13, angle: device.heading === null ? 0 : -device.heading,
    })),
    signs: warnings.map(warning => ({
      id: warning.id, position: [warning.lon, warning.lat], text: severityShape[warning.colour], colour: palette.severity[warning.colour],
      size: 13 + rank[warning.colour], angle: 0,
    })),
    incidents: places.map(incident => ({
      id: incident.id, position: [incident.lon, incident.lat], text: "■",
      colour: incident.colour === null ? palette.incident : palette.severity[incident.colour], size: 22, angle: 0,
    })),
    incidentNames: readable(places, zoom).map(incident => ({
      id: incident.id, position: [incident.lon, incident.lat], text: nameOf(incident), colour: palette.label, size: nameSize, angle: 0,
    })),
  };
}
