// The map of the device desk: the filtered devices as they live, one chosen, and a position to be picked. Blazor talks to it through DeviceMapHandle.
import type { PickingInfo } from "@deck.gl/core";
import { ScatterplotLayer } from "@deck.gl/layers";
import { MapboxOverlay } from "@deck.gl/mapbox";
import { Map as MapLibreMap, Marker, setWorkerUrl } from "maplibre-gl";
import type { GeoJSONSource } from "maplibre-gl";
import { areaOf, baseStyle, boundsOf, loadFeatures, nameAnchors, withArea } from "./basemap.ts";
import type { Bounds, Features, MapWords } from "./basemap.ts";
import { connect } from "./connection.ts";
import type { DeviceFilter } from "./devicefilter.ts";
import { devicePoints, everything, filtered } from "./devicefilter.ts";
import type { DeviceState } from "./frame.ts";
import type { Points } from "./layers.ts";
import { officialLayers } from "./officiallayers.ts";
import { groundOf, noGround, officials } from "./officials.ts";
import type { Ground, OfficialWords } from "./officials.ts";
import type { Rgba } from "./palette.ts";
import { parseColour, readPalette } from "./palette.ts";
import { firstSight, judge, seeBeat, seeFrame } from "./watchdog.ts";

export interface DeviceMapOptions extends MapWords {
  readonly area: string;
  /** Address of the map library's worker. */
  readonly worker: string;
  readonly official: OfficialWords;
}

export interface DeviceMapHandle {
  readonly filter: (filter: DeviceFilter) => void;
  /** Marks a device; with a position the map goes there. */
  readonly choose: (id: string | null, lon: number | null, lat: number | null) => void;
  /** While picking, a click says where; the pin can be dragged. */
  readonly pick: (active: boolean, lon: number | null, lat: number | null) => void;
  readonly home: () => void;
  readonly unmount: () => Promise<void>;
}

interface Blazor {
  readonly invokeMethodAsync: (method: string, ...values: readonly unknown[]) => Promise<unknown>;
}

/** A workplace needs no more: the list beside it moves once a second too. */
const drawEveryMs = 1000;

/** Hands a text to the person as a file. */
export function download(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken the address by the next turn.
  setTimeout(() => URL.revokeObjectURL(address), 0);
}

export function mount(root: HTMLElement, canvas: HTMLElement, options: DeviceMapOptions, blazor: Blazor): DeviceMapHandle {
  const palette = readPalette(root);
  const style = getComputedStyle(root);
  const tone = (token: string): Rgba => parseColour(style.getPropertyValue(token).trim());
  const tones: Readonly<Record<DeviceState, Rgba>> = {
    normal: tone("--state-normal"), stale: tone("--state-stale"), offline: tone("--state-offline"), unknown: tone("--state-unknown"), maintenance: tone("--state-maintenance"),
  };
  let wanted: DeviceFilter = everything;
  let chosen: string | null = null;
  let picking = false;
  let pin: Marker | null = null;
  let home: Bounds | null = null;
  let ground: Ground = noGround;
  let view: Points | null = null;
  let dirty = true;
  let map: MapLibreMap | null = null;
  let overlay: MapboxOverlay | null = null;
  let sight = firstSight(performance.now());
  let silent = "";

  const connection = connect(options.area, frame => {
    const streets = frame.counts.children.length > 0 ? frame.counts.children : [{ area: frame.area, at: frame.at }];
    sight = seeFrame(sight, streets, performance.now());
    dirty = true;
  }, reason => { root.dataset["revoked"] = reason; });

  const picked = (info: PickingInfo): void => {
    const id = info.layer?.id === "devices" && info.index >= 0 ? view?.ids[info.index] : undefined;
    if (!picking && id !== undefined) void blazor.invokeMethodAsync("ChooseOnMapAsync", id);
  };

  const tell = (lon: number, lat: number): void => { void blazor.invokeMethodAsync("PickPositionAsync", lon, lat); };

  const setPin = (lon: number | null, lat: number | null): void => {
    if (map === null || lon === null || lat === null) {
      pin?.remove();
      pin = null;
      return;
    }
    if (pin === null) {
      const element = document.createElement("div");
      element.className = "map-pin";
      element.appendChild(document.createElement("i"));
      pin = new Marker({ element, draggable: true, anchor: "bottom" }).setLngLat([lon, lat]).addTo(map);
      pin.on("dragend", () => {
        const at = pin?.getLngLat();
        if (at !== undefined) tell(at.lng, at.lat);
      });
      return;
    }
    pin.setLngLat([lon, lat]);
  };

  try {
    setWorkerUrl(new URL(options.worker, document.baseURI).href);
    map = new MapLibreMap({
      container: canvas,
      style: baseStyle(palette, options),
      center: [119.857, 31.788],
      zoom: 10.8,
      attributionControl: false,
      localIdeographFontFamily: palette.css.font,
      dragRotate: false,
      pitchWithRotate: false,
      fadeDuration: 0,
      maxZoom: 19,
      minZoom: 9,
    });
    map.touchZoomRotate.disableRotation();
    overlay = new MapboxOverlay({ interleaved: false, layers: [], pickingRadius: 10, onClick: picked });
    map.addControl(overlay);
    map.on("click", event => {
      if (!picking) return;
      setPin(event.lngLat.lng, event.lngLat.lat);
      tell(event.lngLat.lng, event.lngLat.lat);
    });
    const ready = new Promise<void>(resolve => { map?.once("load", () => resolve()); });
    void Promise.all([ready, loadFeatures("neighbours"), loadFeatures("district"), loadFeatures("streets"), loadFeatures("metro")])
      .then(([, neighbours, district, streets, metro]) => {
        if (map === null) return;
        const put = (source: string, features: Features): void => { void map?.getSource<GeoJSONSource>(source)?.setData(features as never); };
        const areas = withArea(streets);
        put("neighbours", neighbours);
        put("district", district);
        put("streets", areas);
        put("names", nameAnchors(areas));
        put("metro", metro);
        home = boundsOf(areas.features.filter(feature => areaOf(feature) === options.area)) ?? boundsOf(district.features);
        ground = groundOf(district, areas, home);
        dirty = true;
        if (home !== null && chosen === null && pin === null) map.fitBounds(home, { padding: 16, animate: false });
        root.dataset["map"] = "ready";
      });
  } catch {
    // Without WebGL the position can still be typed; the page says so in words.
    map = null;
    root.dataset["map"] = "unavailable";
  }

  const draw = (): void => {
    // The page watches its own circuit; here only the frames can be late.
    sight = seeBeat(sight, performance.now());
    const judgement = judge(sight, performance.now());
    const grey = [...judgement.staleStreets].sort().join(" ");
    if (grey !== silent) {
      silent = grey;
      dirty = true;
    }
    root.dataset["live"] = judgement.stale ? "stale" : "live";
    if (!dirty) return;
    dirty = false;
    const { store } = connection.take();
    const shown = filtered(store.devices.values(), wanted, judgement.staleStreets);
    view = devicePoints(shown, palette, tones, chosen);
    root.dataset["shown"] = String(view.length);
    const official = officials(store.warnings.values(), palette, ground, options.official, store.at);
    const [officialAreas, officialNames] = officialLayers(official.areas, official.names, palette);
    root.dataset["officials"] = official.names.map(name => name.id).join(" ");
    overlay?.setProps({
      layers: [...officialAreas, ...officialNames, new ScatterplotLayer({
        id: "devices",
        data: {
          length: view.length,
          attributes: {
            getPosition: { value: view.positions, size: 2 },
            getFillColor: { value: view.fills, size: 4, normalized: true },
            getLineColor: { value: view.lines, size: 4, normalized: true },
            getRadius: { value: view.radii, size: 1 },
          },
        },
        radiusUnits: "pixels", lineWidthUnits: "pixels", getLineWidth: 1.6, stroked: true, filled: true, pickable: true, visible: view.length > 0,
      } as never)],
    });
  };
  const drawing = setInterval(draw, drawEveryMs);
  const drawNow = (): void => {
    dirty = true;
    draw();
  };
  const resized = new ResizeObserver(() => map?.resize());
  resized.observe(canvas);

  return {
    filter: filter => {
      wanted = filter;
      drawNow();
    },
    choose: (id, lon, lat) => {
      chosen = id;
      drawNow();
      if (lon !== null && lat !== null) map?.easeTo({ center: [lon, lat], zoom: Math.max(map.getZoom(), 13.5), duration: 0 });
    },
    pick: (active, lon, lat) => {
      picking = active;
      canvas.classList.toggle("picking", active);
      setPin(active ? lon : null, active ? lat : null);
    },
    home: () => { if (home !== null) map?.fitBounds(home, { padding: 16, duration: 0 }); },
    unmount: async () => {
      clearInterval(drawing);
      resized.disconnect();
      setPin(null, null);
      await connection.close();
      map?.remove();
    },
  };
}

/** Says in the address bar what is shown, so that it can be bookmarked and sent. */
export function say(path: string): void {
  history.replaceState(history.state, "", path);
}
