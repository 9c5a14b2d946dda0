// The wire contract of the hub: what a frame looks like when it has been checked. Times become milliseconds since the epoch here, and nowhere else.
// A C# golden frame (Client/golden/frame.json) is read by the tests on both sides, so neither can change alone.

export type DeviceState = "unknown" | "normal" | "stale" | "offline" | "maintenance";
export type Colour = "blue" | "yellow" | "orange" | "red";
export type WarningState = "pending" | "raised" | "cleared";

export interface EventSituation {
  readonly id: string;
  readonly type: string;
  readonly state: string;
  readonly confidence: number | null;
  readonly snapshot: string | null;
  readonly at: number;
}

export interface DeviceSituation {
  readonly id: string;
  readonly state: DeviceState;
  readonly colour: Colour | null;
  readonly lon: number | null;
  readonly lat: number | null;
  readonly at: number | null;
  readonly values: Readonly<Record<string, number>>;
  readonly kind: string;
  readonly name: string;
  readonly street: string;
  readonly domain: string;
  readonly heading: number | null;
  readonly event: EventSituation | null;
}

export interface WarningSituation {
  readonly id: string;
  readonly rule: string;
  readonly subject: string;
  readonly area: string;
  readonly lon: number | null;
  readonly lat: number | null;
  readonly colour: Colour;
  readonly state: WarningState;
  readonly raisedAt: number | null;
  readonly acknowledged: boolean;
  readonly shelved: boolean;
  readonly inhibited: boolean;
  /** Why it makes no sound: recorded, maintenance, cool_down; null: it may. */
  readonly silenced: string | null;
  readonly name: string;
  readonly version: number;
  readonly drill: boolean;
  /** Streets and overlays that it holds for beside its own area. */
  readonly areas: readonly string[];
  /** When an official warning ends by itself; null: it is not official. */
  readonly expiresAt: number | null;
  /** What an official warning covers: outer rings, each as longitude, latitude, … in degrees. */
  readonly rings: readonly (readonly number[])[];
}

export interface IncidentSituation {
  readonly id: string;
  readonly number: string;
  readonly title: string;
  readonly area: string;
  readonly lon: number | null;
  readonly lat: number | null;
  readonly state: string;
  readonly colour: Colour | null;
  readonly version: number;
}

export interface TaskSituation {
  readonly id: string;
  readonly incident: string;
  readonly state: string;
  readonly version: number;
}

export interface ChildSituation {
  readonly area: string;
  readonly at: number;
}

/** One ring of the seat; screens sound when they see a newer one than the last they know. */
export interface Ring {
  readonly at: number;
  readonly grave: boolean;
}

/** What calls at the area's seat, decided by the server for all its screens. */
export interface Seat {
  readonly flood: boolean;
  readonly ring: Ring | null;
}

export interface Counts {
  readonly seat: Seat;
  readonly children: readonly ChildSituation[];
  readonly lastReadingAt: number | null;
  readonly canaryMs: number | null;
}

export interface Removed {
  readonly devices: readonly string[];
  readonly warnings: readonly string[];
  readonly incidents: readonly string[];
  readonly tasks: readonly string[];
}

export interface Frame {
  readonly area: string;
  readonly epoch: string;
  readonly seq: number;
  readonly at: number;
  readonly heartbeat: boolean;
  readonly devices: readonly DeviceSituation[];
  readonly warnings: readonly WarningSituation[];
  readonly incidents: readonly IncidentSituation[];
  readonly tasks: readonly TaskSituation[];
  readonly removed: Removed;
  readonly counts: Counts;
}

export interface SnapshotPart {
  readonly frame: Frame;
  readonly part: number;
  readonly parts: number;
}

type Raw = Readonly<Record<string, unknown>>;

const deviceStates: ReadonlySet<string> = new Set(["unknown", "normal", "stale", "offline", "maintenance"]);
const colours: ReadonlySet<string> = new Set(["blue", "yellow", "orange", "red"]);
const warningStates: ReadonlySet<string> = new Set(["pending", "raised", "cleared"]);

function broken(path: string, wanted: string, got: unknown): never {
  throw new TypeError(`${path}: ${wanted} expected, got ${got === null ? "null" : typeof got}`);
}

function record(value: unknown, path: string): Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Raw) : broken(path, "an object", value);
}

function text(value: unknown, path: string): string {
  return typeof value === "string" ? value : broken(path, "a text", value);
}

function textOrNull(value: unknown, path: string): string | null {
  return value === null || value === undefined ? null : text(value, path);
}

function number(value: unknown, path: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  return typeof value === "bigint" ? Number(value) : broken(path, "a number", value);
}

function numberOrNull(value: unknown, path: string): number | null {
  return value === null || value === undefined ? null : number(value, path);
}

/** RFC 3339 text in JSON; MessagePack may hand out a Date. */
function time(value: unknown, path: string): number {
  const at = value instanceof Date ? value.getTime() : Date.parse(text(value, path));
  return Number.isNaN(at) ? broken(path, "a time", value) : at;
}

function timeOrNull(value: unknown, path: string): number | null {
  return value === null || value === undefined ? null : time(value, path);
}

function word<T extends string>(value: unknown, words: ReadonlySet<string>, path: string): T {
  const found = text(value, path);
  return words.has(found) ? (found as T) : broken(path, `one of ${[...words].join(" ")}`, found);
}

function list<T>(value: unknown, path: string, read: (item: unknown, path: string) => T): readonly T[] {
  if (value === null || value === undefined) return [];
  return Array.isArray(value) ? value.map((item, index) => read(item, `${path}[${index}]`)) : broken(path, "a list", value);
}

function readEvent(value: unknown, path: string): EventSituation | null {
  if (value === null || value === undefined) return null;
  const raw = record(value, path);
  return {
    id: text(raw["id"], `${path}.id`),
    type: text(raw["type"], `${path}.type`),
    state: text(raw["state"], `${path}.state`),
    confidence: numberOrNull(raw["confidence"], `${path}.confidence`),
    snapshot: textOrNull(raw["snapshot"], `${path}.snapshot`),
    at: time(raw["at"], `${path}.at`),
  };
}

function readValues(value: unknown, path: string): Readonly<Record<string, number>> {
  if (value === null || value === undefined) return {};
  const values: Record<string, number> = {};
  for (const [name, item] of Object.entries(record(value, path))) values[name] = number(item, `${path}.${name}`);
  return values;
}

function readDevice(value: unknown, path: string): DeviceSituation {
  const raw = record(value, path);
  return {
    id: text(raw["id"], `${path}.id`),
    state: word<DeviceState>(raw["state"], deviceStates, `${path}.state`),
    colour: raw["colour"] === null || raw["colour"] === undefined ? null : word<Colour>(raw["colour"], colours, `${path}.colour`),
    lon: numberOrNull(raw["lon"], `${path}.lon`),
    lat: numberOrNull(raw["lat"], `${path}.lat`),
    at: timeOrNull(raw["at"], `${path}.at`),
    values: readValues(raw["values"], `${path}.values`),
    kind: text(raw["kind"], `${path}.kind`),
    name: text(raw["name"], `${path}.name`),
    street: text(raw["street"], `${path}.street`),
    domain: text(raw["domain"], `${path}.domain`),
    heading: numberOrNull(raw["heading"], `${path}.heading`),
    event: readEvent(raw["event"], `${path}.event`),
  };
}

function readSilenced(value: unknown, path: string): string | null {
  return value === null || value === undefined ? null : text(record(value, path)["why"], `${path}.why`);
}

function readWarning(value: unknown, path: string): WarningSituation {
  const raw = record(value, path);
  return {
    id: text(raw["id"], `${path}.id`),
    rule: text(raw["rule"], `${path}.rule`),
    subject: text(raw["subject"], `${path}.subject`),
    area: text(raw["area"], `${path}.area`),
    lon: numberOrNull(raw["lon"], `${path}.lon`),
    lat: numberOrNull(raw["lat"], `${path}.lat`),
    colour: word<Colour>(raw["colour"], colours, `${path}.colour`),
    state: word<WarningState>(raw["state"], warningStates, `${path}.state`),
    raisedAt: timeOrNull(raw["raisedAt"], `${path}.raisedAt`),
    acknowledged: raw["acknowledged"] !== null && raw["acknowledged"] !== undefined,
    shelved: raw["shelved"] !== null && raw["shelved"] !== undefined,
    inhibited: raw["inhibitedBy"] !== null && raw["inhibitedBy"] !== undefined,
    silenced: readSilenced(raw["silenced"], `${path}.silenced`),
    name: textOrNull(raw["subjectName"], `${path}.subjectName`) ?? text(raw["subject"], `${path}.subject`),
    version: number(raw["version"], `${path}.version`),
    drill: raw["drill"] === true,
    areas: list(raw["areas"], `${path}.areas`, text),
    expiresAt: timeOrNull(raw["expiresAt"], `${path}.expiresAt`),
    rings: list(raw["rings"], `${path}.rings`, (ring, at) => list(ring, at, number)),
  };
}

function readIncident(value: unknown, path: string): IncidentSituation {
  const raw = record(value, path);
  return {
    id: text(raw["id"], `${path}.id`),
    number: text(raw["number"], `${path}.number`),
    title: text(raw["title"], `${path}.title`),
    area: text(raw["area"], `${path}.area`),
    lon: numberOrNull(raw["lon"], `${path}.lon`),
    lat: numberOrNull(raw["lat"], `${path}.lat`),
    state: text(raw["state"], `${path}.state`),
    colour: raw["colour"] === null || raw["colour"] === undefined ? null : word<Colour>(raw["colour"], colours, `${path}.colour`),
    version: number(raw["version"], `${path}.version`),
  };
}

function readTask(value: unknown, path: string): TaskSituation {
  const raw = record(value, path);
  return {
    id: text(raw["id"], `${path}.id`),
    incident: text(raw["incident"], `${path}.incident`),
    state: text(raw["state"], `${path}.state`),
    version: number(raw["version"], `${path}.version`),
  };
}

function readSeat(value: unknown, path: string): Seat {
  if (value === null || value === undefined) return { flood: false, ring: null };
  const raw = record(value, path);
  const ring = raw["ring"];
  if (ring === null || ring === undefined) return { flood: raw["flood"] === true, ring: null };
  const rung = record(ring, `${path}.ring`);
  return { flood: raw["flood"] === true, ring: { at: time(rung["at"], `${path}.ring.at`), grave: rung["grave"] === true } };
}

function readCounts(value: unknown, path: string): Counts {
  const raw = record(value, path);
  return {
    seat: readSeat(raw["seat"], `${path}.seat`),
    children: list(raw["children"], `${path}.children`, (item, at) => {
      const child = record(item, at);
      return { area: text(child["area"], `${at}.area`), at: time(child["at"], `${at}.at`) };
    }),
    lastReadingAt: timeOrNull(raw["lastReadingAt"], `${path}.lastReadingAt`),
    canaryMs: numberOrNull(raw["canaryMs"], `${path}.canaryMs`),
  };
}

function readRemoved(value: unknown, path: string): Removed {
  const raw = value === null || value === undefined ? {} : record(value, path);
  const ids = (name: string): readonly string[] => list(raw[name], `${path}.${name}`, text);
  return { devices: ids("devices"), warnings: ids("warnings"), incidents: ids("incidents"), tasks: ids("tasks") };
}

/** Checks a frame that came over the wire; throws a TypeError that names the field. */
export function readFrame(value: unknown): Frame {
  const raw = record(value, "frame");
  return {
    area: text(raw["area"], "frame.area"),
    epoch: text(raw["epoch"], "frame.epoch"),
    seq: number(raw["seq"], "frame.seq"),
    at: time(raw["at"], "frame.at"),
    heartbeat: raw["heartbeat"] === true,
    devices: list(raw["devices"], "frame.devices", readDevice),
    warnings: list(raw["warnings"], "frame.warnings", readWarning),
    incidents: list(raw["incidents"], "frame.incidents", readIncident),
    tasks: list(raw["tasks"], "frame.tasks", readTask),
    removed: readRemoved(raw["removed"], "frame.removed"),
    counts: readCounts(raw["counts"], "frame.counts"),
  };
}

/** A snapshot part is a frame with two members more. */
export function readSnapshotPart(value: unknown): SnapshotPart {
  const raw = record(value, "snapshot");
  return { frame: readFrame(raw), part: number(raw["part"], "snapshot.part"), parts: number(raw["parts"], "snapshot.parts") };
}
