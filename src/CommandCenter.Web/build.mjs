// Bundles the screens: Client/*.ts and Styles/*.css to wwwroot/built. With --tests: the unit tests to obj/client-tests, for node's own test runner.
import { build } from "esbuild";
import { copyFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const shared = { bundle: true, format: "esm", target: "es2022", absWorkingDir: here, logLevel: "warning" };

if (process.argv.includes("--tests")) {
  const outdir = join(here, "obj/client-tests");
  await rm(outdir, { recursive: true, force: true });
  const tests = (await readdir(join(here, "Client"))).filter(name => name.endsWith(".test.ts"));
  // The libraries for the browser stay out: what is tested is pure, and imports only their types.
  await build({ ...shared, platform: "node", sourcemap: "inline", outdir, entryPoints: tests.map(name => `Client/${name}`) });
  await writeFile(join(outdir, "package.json"), '{ "type": "module" }\n');
} else {
  const outdir = join(here, "wwwroot/built");
  await mkdir(outdir, { recursive: true });
  await Promise.all([
    build({ ...shared, platform: "browser", minify: true, legalComments: "linked", outdir, entryPoints: ["Client/page.ts", "Client/wall.ts", "Client/devicemap.ts"] }),
    build({ ...shared, minify: true, outdir, entryPoints: ["Styles/site.css"], external: ["*.woff2"] }),
    // MapLibre starts a module worker from an address of its own; it cannot be part of the bundle.
    copyFile(join(here, "node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs"), join(outdir, "map-worker.js")),
  ]);
}
