// The report's pages in a real browser: nothing on the console, nothing wider than the screen, and
// axe-core finds nothing to object to (contrast, landmarks and all its other rules), each page in
// light and dark, on a telephone and on a desk.
//
//   node tests/conformance/browser.mjs --modules DIR [--chromium PATH] PAGE.html...
//
// DIR holds `node_modules` with playwright-core and axe-core; the browser is the system's own.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const SCREENS = [
  { width: 390, height: 844 },
  { width: 1280, height: 800 },
];
const SCHEMES = ["light", "dark"];
const SWITCHES = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

function read(args) {
  const read = { chromium: "/usr/bin/chromium", modules: ".", pages: [] };
  for (let n = 0; n < args.length; n += 1) {
    if (args[n] === "--modules" || args[n] === "--chromium") {
      read[args[n].slice(2)] = args[(n += 1)];
    } else {
      read.pages.push(resolve(args[n]));
    }
  }
  return read;
}

/** Elements that reach beyond the screen and are in no box that scrolls by itself. */
function beyond() {
  const width = document.documentElement.clientWidth;
  const scrolls = (e) =>
    e && (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
  const wide = [...document.body.querySelectorAll("*")].filter(
    (e) => e.getBoundingClientRect().right > width + 1 && !scrolls(e.parentElement),
  );
  return wide.slice(0, 5).map((e) => e.outerHTML.slice(0, 120));
}

function told(violation) {
  const nodes = violation.nodes.slice(0, 3).map((n) => `      ${n.target.join(" ")}: ${n.failureSummary.replace(/\s+/g, " ")}`);
  return [`${violation.id}: ${violation.help} (${violation.nodes.length})`, ...nodes].join("\n");
}

/** What is wrong with a page on one screen in one scheme. */
async function look(page, axe, address) {
  const wrong = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) wrong.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
  page.on("requestfailed", (request) => wrong.push(`not loaded: ${request.url()}`));
  await page.goto(address);
  const [scrolled, shown] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  if (scrolled > shown) wrong.push(`${scrolled} px wide on ${shown}: ${(await page.evaluate(beyond)).join("\n      ")}`);
  // Folded parts are read too.
  await page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run());
  wrong.push(...found.violations.map(told));
  return { wrong, passed: found.passes.map((rule) => rule.id) };
}

const given = read(process.argv.slice(2));
const require = createRequire(pathToFileURL(resolve(given.modules, "node_modules", "none.js")));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath: given.chromium, args: SWITCHES });
let failed = 0;
for (const path of given.pages) {
  for (const viewport of SCREENS) {
    for (const colorScheme of SCHEMES) {
      const context = await browser.newContext({ viewport, colorScheme });
      const page = await context.newPage();
      const { wrong, passed } = await look(page, axe, pathToFileURL(path).href);
      // Rules that looked at nothing say nothing.
      for (const rule of ["color-contrast", "landmark-one-main", "region", "document-title", "html-has-lang"]) {
        if (!passed.includes(rule) && !wrong.some((w) => w.startsWith(`${rule}:`))) wrong.push(`${rule} was not looked at`);
      }
      console.log(`${wrong.length ? "WRONG" : "ok   "} ${path} ${viewport.width} px, ${colorScheme}, ${passed.length} rules`);
      wrong.forEach((w) => console.log(`    ${w}`));
      failed += wrong.length;
      await context.close();
    }
  }
}
await browser.close();
process.exit(failed ? 1 : 0);
