// The page of the server, in a real browser: Debian's Chromium without a window.
//
// With --update it writes aria.txt again: what a screen reader is told.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { OPERATIONS } from "../../clients/js/harness.mjs";
import {
  ACCOUNT, BAD_POLICY, HOSTILE, OTHER, SECRETS, Server, call, hasChromium, startBrowser, store,
  storeHostile, succeed,
} from "./scene.mjs";

if (!hasChromium()) {
  assert.ok(!process.env.GLUE_SECURITY_NEEDS_CHROMIUM, "there is no Chromium: install Debian's package chromium");
  console.log("skipped: Debian's package chromium is not installed");
  process.exit(0);
}

const ARIA = new URL("aria.txt", import.meta.url);
const UPDATE = process.argv.includes("--update");
const SOURCES = new URL("../../../glue_security/server/page/", import.meta.url);

let server;
let browser;
let hostile;
const VIEWS = () => ({
  stored: `#/stored/${ACCOUNT}/us-east-1`,
  hostile: `#/stored/${ACCOUNT}/${hostile}`,
  history: "#/history",
  faults: "#/faults",
  clock: "#/clock",
});

before(async () => {
  server = await Server.start();
  await store(server);
  hostile = await storeHostile(server);
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

// Runs `body` with a page. Afterwards the page must have said nothing on the
// console, asked no other origin, and been sent no secret. `refusals` is true if
// the browser may report answers that refuse.
async function withPage(options, body) {
  const { of = server, hash = "#/stored", refusals = false, ...rest } = options;
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...rest });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const said = [];
  const bodies = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== of.url) said.push(`asks ${request.url()}`);
  });
  page.on("response", (response) => {
    bodies.push(response.text().then((text) => `${response.url()} ${text}`, () => ""));
  });
  try {
    await page.goto(`${of.url}/_glue_security/${hash}`);
    await body(page, context);
    const content = await page.content();
    for (const text of [content, ...(await Promise.all(bodies))]) {
      for (const secret of SECRETS) {
        assert.ok(!text.includes(secret), `a secret is in ${text.slice(0, 100)}`);
      }
    }
  } finally {
    await context.close();
  }
  const odd = said.filter((text) => !(refusals && /^Failed to load resource: .* 40[03]/.test(text)));
  assert.deepEqual(odd, []);
}

// Opens one view after the other in one page.
async function openEach(options, body) {
  await withPage(options, async (page) => {
    for (const [name, hash] of Object.entries(VIEWS())) {
      await page.evaluate((address) => { location.hash = address; }, hash);
      await settle(page, name);
      await body(page, name);
    }
  });
}

// Waits until the view has what it shows.
async function settle(page, name) {
  const sign = {
    stored: "#connections tbody tr >> nth=1",
    hostile: "#connections tbody tr >> nth=4",
    history: "#calls tbody tr >> nth=5",
    faults: "#no-faults:visible, #faults tbody tr:visible",
    clock: "#now:not(:empty)",
  }[name];
  await page.locator(sign).first().waitFor();
  await page.locator("#history-count:not(:empty)").waitFor();
  // The clock's own view may be hidden; its state is also in the navigation.
  await page.locator("#frozen:not(:empty)").waitFor({ state: "attached" });
}

const text = (page, selector) => page.locator(selector).innerText();

test("the sources have no inline script or style, and load nothing from elsewhere", () => {
  for (const file of readdirSync(SOURCES).filter((name) => /\.(html|css|js|svg)$/.test(name))) {
    const source = readFileSync(new URL(file, SOURCES), "utf8");
    assert.doesNotMatch(source.replaceAll("http://www.w3.org/2000/svg", ""), /https?:\/\//, file);
    assert.doesNotMatch(source, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(/, file);
    assert.doesNotMatch(source, /@import|url\(/, file);
  }
  const html = readFileSync(new URL("index.html", SOURCES), "utf8");
  assert.doesNotMatch(html, /<style|style=|\son\w+=|<script(?! type="module" src=)/);
  // The form for rules offers exactly the operations that there are.
  const offered = /<select id="rule-operation"[^]*?<\/select>/.exec(html)[0];
  assert.deepEqual(
    [...offered.matchAll(/<option>(\w+)</g)].map((match) => match[1]).sort(),
    Object.keys(OPERATIONS).sort(),
  );
});

test("what is stored is shown", async () => {
  await withPage({ hash: VIEWS().stored }, async (page) => {
    await settle(page, "stored");
    const catalogs = await text(page, "#catalogs");
    for (const part of [ACCOUNT, OTHER, "us-east-1", "eu-west-1", "ap-southeast-2",
      "policy, settings, 2 configurations, 2 connections"]) {
      assert.ok(catalogs.includes(part), `${part} is not in ${catalogs}`);
    }
    assert.equal(await text(page, "#catalog-title"), `${ACCOUNT} / us-east-1`);
    assert.match(await text(page, "#policy .meta"), /Created\s*2026-01-31 12:00:00 UTC/);
    // The finding is marked at its place, and leads there.
    assert.match(await text(page, ".findings"), /1 warning[^]*Line 13, column 33[^]*TYPE_MISMATCH_BOOLEAN/);
    assert.match(await text(page, "mark"), /^"no"/);
    await page.getByRole("button", { name: "Line 13, column 33" }).click();
    assert.equal(await page.evaluate(() => document.activeElement.id), "finding-1");
    assert.match(await text(page, "#settings"), /CatalogEncryptionMode\s+SSE-KMS/);
    assert.match(await text(page, "#configurations"), /nightly-jobs[^]*SSE-KMS[^]*CSE-KMS[^]*plain\s+SSE-S3/);
    const connections = await text(page, "#connections");
    assert.match(connections, /orders\s+The orders of the shop\s+JDBC/);
    assert.match(connections, /USERNAME\s+reporting/);
    for (const name of ["PASSWORD", "JDBC_CONNECTION_URL", "KAFKA_CLIENT_KEYSTORE_PASSWORD"]) {
      assert.match(connections, new RegExp(`${name}\\s+hidden`));
    }
    assert.match(connections, /sealed by\s+arn:aws:kms:/);
    // A catalog without a policy says so.
    await page.getByRole("link", { name: /ap-southeast-2/ }).click();
    await page.locator("#catalog-title", { hasText: OTHER }).waitFor();
    await page.getByText("None was put.").waitFor();
    await page.locator("#settings", { hasText: "None were put" }).waitFor();
    await page.locator("#no-connections").waitFor();
  });
});

test("what cannot be read leaves nothing of another catalog", async () => {
  await withPage({ hash: VIEWS().stored, refusals: true }, async (page) => {
    await settle(page, "stored");
    await page.route("**/_glue_security/stored/*", (route) => route.fulfill({
      status: 403, contentType: "application/json", body: '{"error": "not today"}',
    }));
    await page.getByRole("link", { name: /ap-southeast-2/ }).click();
    await page.locator("#catalog-error", { hasText: "not today" }).waitFor();
    assert.ok((await text(page, "#catalog-title")).startsWith(OTHER));
    for (const part of ["#policy", "#settings"]) assert.equal(await text(page, part), "", part);
    for (const part of ["#configurations", "#connections", "#no-configurations", "#no-connections"]) {
      assert.ok(!(await page.locator(part).isVisible()), part);
    }
  });
});

test("a change appears by itself, and errors of a policy are marked", async () => {
  const other = await Server.start("--policy-checks=none", "--behavior=documented");
  try {
    await withPage({ of: other }, async (page) => {
      await page.locator("#nothing-stored").waitFor();
      assert.ok((await text(page, "#nothing-stored pre")).includes(other.url));
      await succeed(other, "PutResourcePolicy", { PolicyInJson: BAD_POLICY });
      await page.locator("mark").nth(1).waitFor();
      assert.match(await text(page, ".findings"), /errors[^]*stored all the same/);
      const marks = await page.locator("mark.error").allInnerTexts();
      assert.deepEqual(marks.map((mark) => mark.split("\n")[0]), ["{", '"allow"', '"Resourse"']);
      const shownLines = (await text(page, "#policy pre"));
      assert.ok(shownLines.includes('"Action": "glue:*"'));
      await other.control("POST", "/reset", {});
      await page.getByText("None was put.").waitFor();
    });
  } finally {
    await other.stop();
  }
});

test("hostile texts are texts", async () => {
  await withPage({ hash: VIEWS().hostile }, async (page) => {
    await settle(page, "hostile");
    const content = await text(page, "#stored");
    for (const part of [HOSTILE[0], HOSTILE[1], HOSTILE[3], "U+202E", "U+2066", "U+200B"]) {
      assert.ok(content.includes(part), part);
    }
    assert.doesNotMatch(content, /[\u202a-\u202e\u2066-\u2069\u200b]/);
    assert.match(content, /… 2,000 characters/);
    await page.locator("a[data-view=history]").click();
    await settle(page, "history");
    for (const button of await page.locator("#calls button").all()) await button.click();
    assert.ok((await text(page, "#calls")).includes("<img src=x onerror="));
    assert.equal(await page.evaluate(() => window.hit), undefined);
    assert.equal(await page.locator("img, script:not([src])").count(), 0);
  });
});

test("characters that cannot be seen are shown by their numbers", async () => {
  await withPage({}, async (page) => {
    const hidden = [
      0x00, 0x1b, 0x7f, 0x9b, 0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b, 0x180f,
      0x200b, 0x200f, 0x2028, 0x202e, 0x2060, 0x2069, 0x206f, 0x2800, 0x3164, 0xfe00, 0xfe0f,
      0xfeff, 0xffa0, 0xfff9, 0x1bca0, 0x1d173, 0x1d17a, 0xe0000, 0xe0001, 0xe007f, 0xe0100,
      0xe01ef, 0xe0fff,
    ];
    const result = await page.evaluate(async (points) => {
      const { shown } = await import("/_glue_security/page/dom.js");
      return points.map((point) => shown(`a${String.fromCodePoint(point)}b`)
        .map((node) => node.textContent ?? node).join(" "));
    }, hidden);
    assert.deepEqual(result, hidden.map((point) =>
      `a U+${point.toString(16).toUpperCase().padStart(4, "0")} b`));
    const seen = "\t\n\r ~\u00e4\u0301\u0915\u4e2d\u{1f600}";
    assert.deepEqual(await page.evaluate(async (text) => {
      const { shown } = await import("/_glue_security/page/dom.js");
      return shown(text);
    }, seen), [seen]);
  });
});

test("the browser refuses texts as markup, whatever a script of the page does", async () => {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${server.url}/_glue_security/`);
    const taken = await page.evaluate(() => {
      const tries = {
        markup: () => { document.body.innerHTML = "<b>x</b>"; },
        policy: () => { trustedTypes.createPolicy("own", {}); },
      };
      return Object.entries(tries).filter(([, attempt]) => {
        try {
          attempt();
          return true;
        } catch {
          return false;
        }
      }).map(([name]) => name);
    });
    assert.deepEqual(taken, []);
  } finally {
    await context.close();
  }
});

test("a rule is added, acts, and is deleted", async () => {
  const other = await Server.start();
  try {
  await store(other);
  await withPage({ of: other, hash: "#/faults", refusals: true }, async (page) => {
    const form = page.locator("#add-rule");
    await page.locator("#no-faults").waitFor();
    await form.getByLabel("Operation").selectOption("GetResourcePolicy");
    await form.getByLabel("Exception").fill("NoSuchException");
    await form.getByLabel("Message").fill("injected");
    await form.getByLabel("Delay in seconds").fill("0.5 s");
    await page.getByRole("button", { name: "Add the rule" }).click();
    // The server's own words, and nothing is lost.
    const refusal = await fetch(`${other.url}/_glue_security/faults`, {
      method: "POST",
      body: JSON.stringify({
        operation: "GetResourcePolicy", error: "NoSuchException", message: "injected", fault: "error",
        delay_seconds: "0.5 s",
      }),
    });
    await page.locator("#add-error:not(:empty)").waitFor();
    assert.equal(await text(page, "#add-error"), (await refusal.json()).error);
    assert.equal(await form.getByLabel("Message").inputValue(), "injected");
    assert.equal(await form.getByLabel("Operation").inputValue(), "GetResourcePolicy");
    assert.ok(await page.locator("#no-faults").isVisible());

    await form.getByLabel("Exception").fill("OperationTimeoutException");
    await form.getByLabel("Delay in seconds").fill("0");
    await page.getByRole("button", { name: "Add the rule" }).click();
    await page.getByText(/Rule \d+ is added/).waitFor();
    assert.equal(await text(page, "#add-error"), "");
    const row = page.locator("#rules tbody tr");
    assert.match(await row.innerText(), /GetResourcePolicy\s+OperationTimeoutException “injected”\s+once\s+0\s+0\s+1/);
    const failed = await call(other, "GetResourcePolicy", {});
    assert.deepEqual([failed.status, failed.body.__type, failed.body.Message],
      [400, "OperationTimeoutException", "injected"]);
    assert.equal((await call(other, "GetResourcePolicy", {})).status, 200);
    // What it has done appears by itself.
    await page.locator("#rules tbody tr", { hasText: /once\s*[12]\s*1\s*0/ }).waitFor();

    await form.getByLabel("Of", { exact: true }).selectOption("key_call");
    assert.ok(!(await page.locator("#rule-operation").isVisible()));
    await form.getByLabel("Key call").fill("Decrypt");
    await form.getByLabel("Made by").selectOption("glue");
    await form.getByLabel("Fault").selectOption("lose_answer");
    assert.ok(!(await form.getByLabel("Message").isVisible()));
    await form.getByLabel("Times").fill("forever");
    await page.getByRole("button", { name: "Add the rule" }).click();
    await page.locator("#rules tbody tr >> nth=1").waitFor();
    assert.match(await text(page, "#rules tbody tr >> nth=1"), /key call Decrypt, made by Glue\s+the answer is lost\s+forever/);
    await page.getByRole("button", { name: /Delete rule/ }).first().click();
    await page.getByText(/Rule \d+ is deleted/).waitFor();
    assert.equal(await row.count(), 1);
    // The focus stays near.
    assert.match(await page.evaluate(() => document.activeElement.ariaLabel), /Delete rule/);
    await page.getByRole("button", { name: /Delete rule/ }).click();
    await page.locator("#no-faults").waitFor();
    assert.deepEqual(await other.control("GET", "/faults"), []);
  });
  } finally {
    await other.stop();
  }
});

test("the clock is frozen, set and moved", async () => {
  await server.control("DELETE", "/clock");
  try {
    await withPage({ hash: "#/clock", refusals: true }, async (page) => {
      await page.getByText("running", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Freeze" }).click();
      await page.getByText("frozen", { exact: true }).last().waitFor();
      assert.equal((await server.control("GET", "/clock")).frozen, true);
      await page.getByRole("button", { name: "Let it run" }).click();
      await page.getByText("running", { exact: true }).waitFor();
      assert.equal((await server.control("GET", "/clock")).frozen, false);

      await page.locator("#set-now").fill("tomorrow");
      await page.getByLabel("and freeze it there").check();
      await page.getByRole("button", { name: "Set" }).click();
      await page.locator("#set-error:not(:empty)").waitFor();
      assert.match(await text(page, "#set-error"), /^now: /);
      assert.equal(await page.locator("#set-now").inputValue(), "tomorrow");
      await page.locator("#set-now").fill("2020-02-29T23:59:00Z");
      await page.getByRole("button", { name: "Set" }).click();
      await page.getByText("2020-02-29 23:59:00 UTC", { exact: true }).waitFor();
      assert.equal(await text(page, "#set-error"), "");
      assert.deepEqual(await server.control("GET", "/clock"), { now: "2020-02-29T23:59:00+00:00", frozen: true });

      await page.getByRole("button", { name: "+ 1 minute" }).click();
      await page.getByText("2020-03-01 00:00:00 UTC", { exact: true }).waitFor();
      await page.locator("#advance-seconds").fill("-1.5");
      await page.getByRole("button", { name: "Move", exact: true }).click();
      await page.getByText("2020-02-29 23:59:58.5 UTC", { exact: true }).waitFor();
      await page.locator("#advance-seconds").fill("much");
      await page.getByRole("button", { name: "Move", exact: true }).click();
      await page.locator("#advance-error:not(:empty)").waitFor();
      await page.getByRole("button", { name: "Back to the system’s time" }).click();
      await page.getByText("running", { exact: true }).waitFor();
    });
  } finally {
    await server.control("PUT", "/clock", { now: "2026-01-31T12:00:00Z", frozen: true });
  }
});

test("the history is live, filtered, paused and deleted", async () => {
  const other = await Server.start();
  try {
    await withPage({ of: other, hash: "#/history" }, async (page) => {
      const filters = page.locator("#filters");
      await page.locator("#no-history").waitFor();
      await store(other);
      const rows = page.locator("#calls tbody tr:not(.detail)");
      await rows.nth(10).waitFor();
      const all = await rows.count();
      assert.equal(all, 11);
      assert.equal(await page.locator("#timeline rect").count(), all);
      assert.equal(await page.locator("#timeline rect.error").count(), 1);
      // The latest call is the first row.
      assert.match(await rows.first().innerText(), /GetSecurityConfiguration\s+EntityNotFoundException/);

      await filters.getByLabel("Operation").selectOption("CreateConnection");
      assert.equal(await rows.count(), 2);
      assert.match(await text(page, "#history-status"), /^2 of 11 calls match/);
      await filters.getByLabel("Operation").selectOption("");
      await filters.getByLabel("Outcome").selectOption("error");
      assert.equal(await rows.count(), 1);
      await filters.getByLabel("Outcome").selectOption("");
      await filters.getByLabel("Account").fill(OTHER);
      assert.equal(await rows.count(), 1);
      await filters.getByLabel("Account").fill("");
      await filters.getByLabel(/^Text/).fill("the ORDERS of");
      assert.equal(await rows.count(), 2);
      assert.equal(await page.locator("#timeline rect").count(), 2);
      await filters.getByLabel(/^Text/).fill("no such text");
      assert.equal(await rows.count(), 0);
      await filters.getByLabel(/^Text/).fill("");

      const button = rows.first().getByRole("button");
      await button.click();
      assert.equal(await button.getAttribute("aria-expanded"), "true");
      assert.match(await text(page, ".detail"), /"Name": "missing"[^]*"__type": "EntityNotFoundException"/);
      // A row that is open stays so, with the focus, as calls come in.
      await succeed(other, "GetResourcePolicy", {});
      await rows.nth(11).waitFor();
      assert.equal(await page.locator(".detail").count(), 1);
      assert.equal(await page.evaluate(() => document.activeElement.textContent), "GetSecurityConfiguration");
      await page.locator("#timeline rect").first().click();
      assert.equal(await page.locator(".detail").count(), 2);

      await page.getByRole("button", { name: "Pause" }).click();
      await succeed(other, "GetResourcePolicies", {});
      await page.waitForResponse(/\/clock|\/faults/);
      assert.equal(await rows.count(), 12);
      await page.getByRole("button", { name: "Pause" }).click();
      await rows.nth(12).waitFor();

      await other.control("POST", "/faults", { operation: "GetConnections", fault: "lose_request" });
      await assert.rejects(call(other, "GetConnections", {}));
      await rows.first().getByText("GetConnections").waitFor();
      assert.match(await rows.first().innerText(), /OperationTimeoutException/);

      await other.control("POST", "/reset", {});
      await page.locator("#no-history").waitFor();
      await succeed(other, "GetDataCatalogEncryptionSettings", {});
      await rows.first().waitFor();
      assert.equal(await rows.count(), 1);
      await page.getByRole("button", { name: "Delete all" }).click();
      await page.locator("#no-history").waitFor();
      assert.deepEqual((await other.control("GET", "/history")).calls, []);
    });
  } finally {
    await other.stop();
  }
});

// Goes through the view with the tabulator.
async function walk(page, name) {
  await page.evaluate(() => {
    for (const element of document.querySelectorAll("a, button, input, select, summary, [tabindex]")) {
      if (element.tabIndex >= 0 && element.checkVisibility() && !element.disabled) element.dataset.wanted = "";
    }
    document.querySelector(".skip").focus();
  });
  // Only a focus that the keyboard moves is marked.
  await page.keyboard.press("Tab");
  await page.keyboard.press("Shift+Tab");
  const wanted = await page.locator("[data-wanted]").count();
  assert.ok(wanted > 5, name);
  for (let step = 0; step < wanted; ++step) {
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      delete element.dataset.wanted;
      const style = getComputedStyle(element);
      return { what: element.outerHTML.slice(0, 80), outline: `${style.outlineStyle} ${style.outlineWidth}` };
    });
    assert.equal(focus.outline, "solid 2px", `${name}: ${focus.what}`);
    await page.keyboard.press("Tab");
  }
  const left = await page.locator("[data-wanted]").evaluateAll((all) => all.map((e) => e.outerHTML.slice(0, 80)));
  assert.deepEqual(left, [], name);
}

test("the page is used with the keyboard alone", async () => {
  await withPage({ hash: VIEWS().stored }, async (page) => {
    await settle(page, "stored");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");
    await page.locator("a[data-view=faults]").focus();
    await page.keyboard.press("Enter");
    await page.locator("#rule-operation").focus();
    await page.keyboard.type("GetConnection");
    await page.locator("#rule-message").focus();
    await page.keyboard.type("by keyboard");
    await page.keyboard.press("Enter");
    await page.getByText(/Rule \d+ is added/).waitFor();
    assert.match(await text(page, "#rules tbody"), /GetConnection\s[^]*by keyboard/);
    await page.getByRole("button", { name: /Delete rule/ }).focus();
    await page.keyboard.press("Space");
    await page.locator("#no-faults").waitFor();
  });
});

// Numbers that differ from run to run.
const steady = (snapshot) => snapshot
  .replace(/key\/[0-9a-f-]{36}/g, "key/ID")
  .replace(/^(.*cell "(?:us|eu|ap|hostile)-[^"]*"\n.*cell) "\d+"$/gm, '$1 "N"')
  .replace(/((?:us|eu|ap|hostile)-\S*) \d+":?$/gm, '$1 N":')
  .replace(/History \d+/g, "History N");

async function checkNames(page, name) {
  const nameless = await page.locator("input, select, button, a, svg[role=img], [role=region]").evaluateAll(
    (all) => all.filter((e) => e.checkVisibility() &&
      !(e.labels?.[0]?.textContent.trim() || e.getAttribute("aria-label") || e.hasAttribute("aria-labelledby") ||
        e.textContent.trim())).map((e) => e.outerHTML.slice(0, 80)));
  assert.deepEqual(nameless, [], name);
  for (const table of await page.locator("table:visible").all()) {
    assert.equal(await table.locator("caption").count(), 1, name);
  }
  for (const one of ["h1", "main", "[aria-current=page]"]) {
    assert.equal(await page.locator(one).count(), 1, `${name}: ${one}`);
  }
}

// Returns the texts whose contrast is below that of WCAG 2.1 AA.
const CONTRAST = () => {
  const parse = (color) => {
    const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => c / 255).map(
      (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ratio = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const backOf = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const back = parse(getComputedStyle(e).backgroundColor);
      if (back[3] === 1) return back;
      if (back[3] !== 0) throw new Error("a background that is half seen");
    }
    return [255, 255, 255];
  };
  const bad = [];
  let looked = 0;
  const check = (what, color, back, least) => {
    ++looked;
    const found = ratio(parse(color), back);
    if (found < least) bad.push(`${found.toFixed(2)} ${what.slice(0, 60)}`);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest("noscript")) continue;
    check(walker.currentNode.data, getComputedStyle(element).color, backOf(element), 4.5);
  }
  for (const field of document.querySelectorAll("input, select")) {
    if (!field.checkVisibility() || field.type === "checkbox") continue;
    check(field.id, getComputedStyle(field, "::placeholder").color, backOf(field), 4.5);
    check(`the edge of ${field.id}`, getComputedStyle(field).borderTopColor, backOf(field.parentElement), 3);
  }
  for (const bar of document.querySelectorAll(".bar")) {
    const style = getComputedStyle(bar);
    check(`bar ${bar.classList}`, style.fill === "none" ? style.stroke : style.fill, backOf(bar), 3);
  }
  return { bad, looked };
};

async function checkContrast(page, name, back) {
  const { bad, looked } = await page.evaluate(CONTRAST);
  assert.deepEqual(bad, [], name);
  assert.ok(looked > 15, `${name}: only ${looked} texts`);
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), back);
}

test("a screen reader is told what aria.txt has; each text is seen, each control reached, in the light", async () => {
  let told = "";
  await openEach({ colorScheme: "light", reducedMotion: "reduce" }, async (page, name) => {
    if (name !== "hostile") told += `# ${name}\n${steady(await page.locator("body").ariaSnapshot())}\n\n`;
    await checkNames(page, name);
    if (name === "history") await page.locator("#calls button").first().click();
    await checkContrast(page, name, "rgb(255, 255, 255)");
    await walk(page, name);
    assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector("button")).transitionDuration), "0s");
  });
  if (UPDATE) writeFileSync(ARIA, told);
  assert.equal(told, readFileSync(ARIA, "utf8"));
});

test("each text is seen in the dark", async () => {
  await server.control("POST", "/faults", { operation: "UpdateConnection" });
  await openEach({ colorScheme: "dark" }, async (page, name) => {
    if (name === "history") await page.locator("#calls button").first().click();
    await checkContrast(page, name, "rgb(17, 20, 24)");
  });
  await server.control("DELETE", "/faults");
});

test("nothing is wider than 360 pixels", async () => {
  await openEach({ viewport: { width: 360, height: 700 } }, async (page, name) => {
    if (name === "history") await page.locator("#calls button").first().click();
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 360, name);
    const wide = await page.locator("main *:visible").evaluateAll((all) => all
      .filter((e) => !e.closest(".scroll") && !e.closest(".hidden") && e.getBoundingClientRect().right > 360.5)
      .map((e) => e.outerHTML.slice(0, 80)));
    assert.deepEqual(wide, [], name);
  });
});

test("the token is asked for, kept in the tab, and sent to nobody else", async () => {
  const guarded = await Server.start("--control-token=s3same");
  try {
    await withPage({ of: guarded, refusals: true }, async (page, context) => {
      const token = page.locator("#token");
      await token.waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.id), "token");
      assert.ok(!(await page.locator("#main").isVisible()));
      await token.fill("wrong");
      await page.getByRole("button", { name: "Use it" }).click();
      await page.getByText("the x-glue-security-token is wrong").waitFor();
      assert.equal(await token.inputValue(), "wrong");
      await token.fill("päss");
      await page.keyboard.press("Enter");
      await page.getByText("visible ASCII").waitFor();
      await token.fill("s3same");
      await page.keyboard.press("Enter");
      await page.locator("#nothing-stored").waitFor();
      await page.reload();
      await page.locator("#nothing-stored").waitFor();
      assert.ok(!(await token.isVisible()));
      assert.deepEqual(await page.evaluate(() => [localStorage.length, document.cookie, location.href.includes("s3same")]),
        [0, "", false]);
      // Another tab does not have it.
      const second = await context.newPage();
      await second.goto(`${guarded.url}/_glue_security/`);
      await second.locator("#token").waitFor();
    });
  } finally {
    await guarded.stop();
  }
});

test("a page of another origin may not read anything", async () => {
  const foreign = await Server.start();
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${foreign.url}/_glue_security/health`);
    for (const path of ["", "stored", "clock", "page/app.js"]) {
      const read = await page.evaluate(
        (url) => fetch(url).then(() => "read", () => "refused"), `${server.url}/_glue_security/${path}`);
      assert.equal(read, "refused", path);
    }
  } finally {
    await context.close();
    await foreign.stop();
  }
});

test("a server that ends is said, and nothing is lost", async () => {
  const other = await Server.start();
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${other.url}/_glue_security/#/faults`);
    await page.locator("#no-faults").waitFor();
    await page.locator("#rule-account").fill("1111");
    await other.stop();
    await page.getByText("The server does not answer. Trying again.").waitFor();
    await page.getByRole("button", { name: "Add the rule" }).click();
    await page.locator("#add-error", { hasText: "The server does not answer." }).waitFor();
    assert.equal(await page.locator("#rule-account").inputValue(), "1111");
  } finally {
    await context.close();
    other.kill();
  }
});
