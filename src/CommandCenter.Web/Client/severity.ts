// Which warnings a map shows, and how grave they look. Pure.
import type { Colour, WarningSituation } from "./frame.ts";

/** Shape and 级 of a colour: they say the same as the colour to one who cannot tell colours apart. */
export const severityShape: Readonly<Record<Colour, string>> = { red: "▲▲", orange: "▲", yellow: "◆", blue: "●" };

export const rank: Readonly<Record<Colour, number>> = { red: 4, orange: 3, yellow: 2, blue: 1 };

/** Raised, neither shelved nor held back by a graver one: what the wall shows. */
export function isShown(warning: WarningSituation): boolean {
  return warning.state === "raised" && !warning.shelved && !warning.inhibited && warning.silenced !== "maintenance";
}

/** Only an unacknowledged red one may move on the screen. */
export function pulses(warning: WarningSituation): boolean {
  return isShown(warning) && warning.colour === "red" && !warning.acknowledged && warning.silenced === null;
}
