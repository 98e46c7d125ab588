// Builds the browser parts into web/static: one script, one style sheet. `--watch` keeps doing so.
import { mkdir } from "node:fs/promises";
import { context, build } from "esbuild";

const out = new URL("../static/", import.meta.url).pathname;
await mkdir(out, { recursive: true });
const options = {
  entryPoints: [
    { in: "src/app.ts", out: "app" },
    { in: "styles/app.css", out: "app" },
  ],
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022", "chrome110", "firefox110", "safari16"],
  outdir: out,
  logLevel: "warning",
};
if (process.argv.includes("--watch")) {
  const watching = await context(options);
  await watching.watch();
} else {
  await build(options);
}
