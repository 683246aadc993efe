/** What a newcomer does: start the demo, break the critical service in the browser, approve, see it healed. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type BotProcess,
  buildOnce,
  ROOT,
  removeFolder,
  runCli,
  startBot,
  until,
} from '../support/bot-process.ts';
import { browserMissing, launchBrowser, visit } from '../support/browser.ts';

const missing = browserMissing();
if (missing !== null) process.stdout.write(`skipped: ${missing}\n`);

describe.skipIf(missing !== null)('npm run demo', () => {
  let bot: BotProcess;
  let browser: Browser;
  beforeAll(async () => {
    buildOnce();
    bot = await startBot({ args: ['demo'] });
    browser = await launchBrowser();
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await bot?.kill('SIGTERM');
    if (bot) removeFolder(bot.folder);
  });

  it('shows the hang, asks, heals after the yes, and tells the story', async () => {
    const link = await until(
      20_000,
      () => /(http:\/\/127\.0\.0\.1:\d+\/login\?token=\w+)/.exec(bot.output())?.[1],
    );
    const { page, faults, close } = await visit(browser, link);
    await page.getByRole('button', { name: 'Hang: Break it', exact: true }).waitFor();
    await until(60_000, async () =>
      JSON.stringify((await bot.get('/api/status')).body).includes('probe_up') ? true : undefined,
    );

    await page.getByRole('button', { name: 'Hang: Break it', exact: true }).click();
    await page.getByText('One decision waits for you.').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Approve' }).first().click();
    const healed = await until(90_000, async () => {
      const { body } = await bot.get('/api/incidents');
      const { incidents } = body as {
        incidents: { id: string; target: string; state: string; stateDetail: { how?: string } }[];
      };
      return incidents.find((one) => one.target === 'demo-shop' && one.stateDetail.how === 'healed');
    });
    await page.goto(`${bot.url}/incidents/${healed.id}`);
    await page
      .getByText(/Healed/)
      .first()
      .waitFor();
    await page
      .getByText(/Verified, it helped/)
      .first()
      .waitFor();

    if (process.env['NIGHTSHIFT_PICTURES']) {
      mkdirSync(join(ROOT, 'docs/pictures'), { recursive: true });
      await page.screenshot({ path: join(ROOT, 'docs/pictures/incident.png'), fullPage: true });
    }
    expect(faults).toEqual([]);
    await close();
  }, 240_000);

  it('heals the worker by itself when it is broken from a second terminal', async () => {
    const broken = runCli(bot.folder, ['demo', 'break', 'crash']);
    expect(broken.code).toBe(0);

    await until(30_000, async () => {
      const { body } = await bot.get('/api/workers');
      return JSON.stringify(body).includes('"exitsInTenMinutes":1') ? true : undefined;
    });
    const back = await until(30_000, async () => {
      const reply = await bot.command('worker list');
      return /rpa-worker\s+running/i.test(reply.text) ? reply : undefined;
    });

    expect(back.ok).toBe(true);
  }, 90_000);
});
