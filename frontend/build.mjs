// Bundles each file of src/ into ../webapp/static/dist under its own name; what several share becomes a chunk of its own.

import { buildParserFile } from "@lezer/generator";
import { build } from "esbuild";
import { readFile, readdir, rm } from "node:fs/promises";

const here = new URL(".", import.meta.url);
const out = new URL("../webapp/static/dist/", here);

// A grammar becomes the tables of its parser.
const grammars = {
  name: "grammars",
  setup(building) {
    building.onLoad({ filter: /\.grammar$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      return { contents: buildParserFile(source, { fileName: path }).parser, loader: "js" };
    });
  },
};

await rm(out, { recursive: true, force: true });
const names = (await readdir(new URL("src/", here))).filter((name) => name.endsWith(".js"));
await build({
  entryPoints: names.map((name) => `src/${name}`),
  absWorkingDir: decodeURIComponent(here.pathname),
  outdir: decodeURIComponent(out.pathname),
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  plugins: [grammars],
  minify: true,
  chunkNames: "shared-[hash]",
  legalComments: "linked",
  logLevel: "warning",
});
