// Leaves pictures of the page, to be looked at:
//   tests/clients/run_node.sh tests/server/page/pictures.mjs SERVER FOLDER

import { join } from "node:path";

import { ACCOUNT, BAD_POLICY, Server, startBrowser, store, storeHostile, succeed } from "./scene.mjs";

const folder = process.argv[3];
const server = await Server.start();
const browser = await startBrowser();
try {
  const empty = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  await empty.goto(`${server.url}/_glue_security/`);
  await empty.waitForSelector("#nothing-stored:visible");
  await empty.screenshot({ path: join(folder, "empty.png") });
  await empty.close();
  await store(server);
  const hostile = await storeHostile(server);
  const views = {
    stored: `#/stored/${ACCOUNT}/us-east-1`,
    hostile: `#/stored/${ACCOUNT}/${hostile}`,
    history: "#/history",
    faults: "#/faults",
    clock: "#/clock",
  };
  await server.control("POST", "/faults", { operation: "PutResourcePolicy", error: "OperationTimeoutException", message: "injected", count: 2 });
  await server.control("POST", "/faults", { key_call: "Decrypt", via: "glue", fault: "lose_answer", count: "forever", skip: 3 });
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1200, 360]) {
      const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
      for (const [name, hash] of Object.entries(views)) {
        await page.goto(`${server.url}/_glue_security/${hash}`);
        await page.waitForSelector("#history-count:not(:empty)");
        await page.waitForTimeout(300);
        if (name === "history") await page.locator("#calls button").nth(2).click();
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`), fullPage: true });
      }
      await page.close();
    }
  }
} finally {
  await browser.close();
  await server.stop();
}
