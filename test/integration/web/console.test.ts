/** The console in a real browser, over one night: what a person sees, presses and types. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page, Route } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { browserMissing, launchBrowser, type Visit, visit } from '../../support/browser.ts';
import { API_TOKEN, startWeb, type TestWeb } from '../../support/web.ts';

const PAGES = [
  '/',
  '/incidents',
  '/incidents/inc-7f3a',
  '/incidents/inc-5b11',
  '/history?metric=latency%3Abilling-api',
  '/history?metric=cpu&window=7d',
  '/healing',
  '/workers',
  '/tasks',
  '/backups',
  '/audit',
  '/commands',
  '/more',
  '/nowhere',
] as const;

/** Compressed bytes that a first visit may cost; the specification allows 300 kB. */
const FIRST_VIEW_BYTES = 60_000;

const missing = browserMissing();
if (missing !== null) process.stdout.write(`console tests skipped: ${missing}\n`);

describe.skipIf(missing !== null)('the console in a browser', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'console-'));
  let browser: Browser;
  const open: Visit[] = [];
  const started: TestWeb[] = [];

  beforeAll(async () => {
    await build({ root: 'src/bot/web/page', logLevel: 'warn', build: { outDir: folder, emptyOutDir: true } });
    browser = await launchBrowser();
  }, 60_000);
  afterEach(async () => {
    for (const { close } of open.splice(0)) await close();
    for (const { web } of started.splice(0)) await web.stop();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(over: Parameters<typeof startWeb>[0] = {}): Promise<TestWeb> {
    const web = await startWeb({ clock: createSystemClock(), pageFolder: folder, ...over });
    started.push(web);
    return web;
  }

  async function enter({ web }: TestWeb, options: BrowserContextOptions = {}): Promise<Visit> {
    const seen = await visit(browser, web.issueLoginLink(), options);
    open.push(seen);
    await seen.page.locator('.app h1', { hasNotText: /^(Loading|Nothing is known yet\.)$/ }).waitFor();
    return seen;
  }

  async function goTo(page: Page, test: TestWeb, path: string): Promise<void> {
    await page.goto(`${test.web.url()}${path}`);
    await page.locator('main h1').waitFor();
    if (path.startsWith('/history')) await page.locator('.history canvas').waitFor();
    if (path.includes('inc-')) await page.locator('.chart svg').waitFor();
  }

  it('answers the question first, then shows exactly what waits', async () => {
    const test = await start();
    const { page, faults } = await enter(test);

    expect(await page.locator('h1').textContent()).toBe('One decision waits for you.');
    const card = page.locator('.ask');
    expect(await card.textContent()).toContain('Restart billing-api?');
    expect(await card.locator('code').textContent()).toBe('systemctl restart billing-api');
    expect(await card.textContent()).toMatch(/undo: none · 1 of 3 attempts.*No answer by \d\d:\d\d means no/);
    expect(await page.locator('.rows a').first().textContent()).toContain('Waiting');
    expect(new URL(page.url()).pathname).toBe('/');
    expect(faults).toEqual([]);
  });

  it('says that it loads, and claims nothing, until the first status is there', async () => {
    const { page } = await enter(await start());
    const held: Route[] = [];

    await page.route('**/api/events', (route) => void held.push(route));
    await page.reload();
    await page.locator('.app h1').waitFor();
    expect(await page.locator('.app h1').textContent()).toBe('Loading');
    await expect.poll(() => held.length).toBeGreaterThan(0);
    for (const route of held) await route.continue();

    await page.getByText('One decision waits for you.').waitFor();
  });

  it('takes one yes for two quick presses, and shows at once what follows', async () => {
    const test = await start();
    const { page } = await enter(test);

    await page.getByRole('button', { name: 'Approve' }).dblclick();
    await page.getByText('One incident is being looked after.').waitFor();

    expect(await page.locator('.ask').count()).toBe(0);
    expect(test.night.calls.filter((call) => call.startsWith('approve'))).toHaveLength(1);
  });

  it('shows on one page within two seconds what was decided on another', async () => {
    const test = await start();
    const [one, other] = [await enter(test), await enter(test)];

    await one.page.getByRole('button', { name: 'Deny' }).click();
    await other.page.getByText('One incident needs you.').waitFor({ timeout: 2_000 });

    expect(await other.page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  });

  it('shows the evidence of an incident: chart, marks, timeline, next step, and what if it does not help', async () => {
    const test = await start();
    const { page, faults } = await enter(test);

    await page.getByRole('link', { name: /billing-api is slow/ }).click();
    await page.locator('.chart svg').waitFor();

    expect(await page.locator('.chart svg').getAttribute('aria-label')).toMatch(
      /Latency of billing-api: normal 80–190 ms/,
    );
    expect(await page.locator('.marks').textContent()).toMatch(/1.*deploy a1b9f3.*2.*Enabled the cache/);
    expect(await page.locator('.line li').count()).toBe(5);
    expect(await page.locator('.side').first().textContent()).toContain('systemctl restart billing-api');
    expect(await page.getByText('If it does not help').count()).toBe(1);
    expect(await page.title()).toBe('billing-api is slow · Nightshift');
    expect(faults).toEqual([]);
  });

  it('can be used by keyboard alone', async () => {
    const test = await start();
    const { page } = await enter(test);

    await page.getByRole('button', { name: 'Approve' }).focus();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Deny');
    await page.keyboard.press('/');
    await page.getByLabel('Command').waitFor();
    await page.keyboard.type('status');
    await page.keyboard.press('Enter');
    await page.getByText('web-1 is well.').waitFor();
    await page.keyboard.press('ArrowUp');

    expect(await page.getByLabel('Command').inputValue()).toBe('status');
    expect(test.asked.map(({ call }) => call)).toEqual([{ text: 'status' }]);
  });

  it('says what a refused command means', async () => {
    const test = await start();
    const { page } = await enter(test);
    await goTo(page, test, '/commands');

    await page.getByLabel('Command').fill('/ops no');
    await page.keyboard.press('Enter');

    await page.getByText('Frozen until 03:10.').waitFor();
    expect(await page.locator('.said .word').textContent()).toBe('Refused');
  });

  it('asks before it lets Nightshift act, and freezes with one press', async () => {
    const test = await start();
    const { page } = await enter(test);
    await goTo(page, test, '/healing');
    await test.night.controls.setMode('dry-run', null, test.asked[0]?.actor as never, false);
    await page.getByText('Healing only proposes.').waitFor();

    await page.getByRole('button', { name: 'Switch to production' }).click();
    expect(test.night.calls).not.toContain('mode production');
    await page.getByRole('button', { name: 'Let it act' }).click();
    await page.getByText('Healing acts on its own.').waitFor();
    await page.getByLabel('Because').fill('a change tonight');
    await page.getByRole('button', { name: 'Freeze' }).click();
    await page.getByText(/Frozen until/).waitFor();

    expect(test.asked.map(({ call }) => call)).toEqual([
      { command: 'mode production', options: {}, dryRun: false },
      { command: 'freeze', options: { scope: 'all', for: '1h', reason: 'a change tonight' }, dryRun: false },
    ]);
  });

  it('says plainly that it is not connected, and comes back by itself', async () => {
    const test = await start();
    const { page } = await enter(test);
    const port = Number(new URL(test.web.url()).port);

    await test.web.stop();
    await page.getByText(/Not connected since \d\d:\d\d/).waitFor();
    const again = await startWeb({
      clock: createSystemClock(),
      pageFolder: folder,
      port,
      states: test.states,
    });
    started.push(again);
    await page.getByText(/Not connected/).waitFor({ state: 'detached', timeout: 15_000 });

    expect(await page.locator('h1').textContent()).toBe('One decision waits for you.');
  });

  it('lets people in by token, and tells a wrong token and a used link', async () => {
    const test = await start();
    const link = test.web.issueLoginLink();
    await (await visit(browser, link)).close();
    const seen = await visit(browser, link);
    open.push(seen);
    const { page } = seen;

    await page.getByText('This link was used already').waitFor();
    await page.getByLabel('Token').fill('not it');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This token is not known here.').waitFor();
    await page.getByLabel('Token').fill(API_TOKEN);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('One decision waits for you.').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
  });

  it('shows ways to break the patient in the demo only', async () => {
    const injected: string[] = [];
    const demo = {
      faults: () => [
        {
          name: 'hang',
          label: 'Hang the service',
          summary: 'It never answers.',
          active: injected.length > 0,
        },
      ],
      inject: async (fault: string) => {
        injected.push(fault);
        return { kind: 'done', text: 'The service hangs.' } as const;
      },
    };
    const { page } = await enter(await start({ demo }));

    await page.getByRole('button', { name: 'Hang the service: Break it' }).click();
    await page.getByText('under way').waitFor();

    expect(injected).toEqual(['hang']);
    expect(await (await enter(await start())).page.getByText('Break something').count()).toBe(0);
  });

  it('says a quiet night in one line', async () => {
    const { page } = await enter(await start({ night: { quiet: true } }));

    expect(await page.locator('h1').textContent()).toBe('All is well; 1 healed tonight.');
  });

  it('shows what comes from outside as text, never as markup', async () => {
    const test = await start();
    const [first] = test.night.incidents;
    if (first === undefined) throw new Error('the night has an incident');
    test.night.incidents[0] = { ...first, title: '<img src=x onerror=alert(1)>' };
    const { page, faults } = await enter(test);

    expect(await page.getByText('<img src=x onerror=alert(1)>').count()).toBeGreaterThan(0);
    expect(await page.locator('main img').count()).toBe(0);
    expect(faults).toEqual([]);
  });

  it('keeps to the strictest policy on every page', async () => {
    const test = await start();
    const { page, faults } = await enter(test);

    for (const path of PAGES) await goTo(page, test, path);

    expect(faults).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('has nothing that axe objects to, in %s', async (colorScheme) => {
    const test = await start({
      demo: {
        faults: () => [{ name: 'a', label: 'A', summary: 'B', active: false }],
        inject: async () => ({ kind: 'done', text: '' }),
      },
    });
    const { page } = await enter(test, { colorScheme, bypassCSP: true });
    const found: string[] = [];
    for (const path of PAGES) {
      await goTo(page, test, path);
      await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
      found.push(...(await violations(page)).map((one) => `${path}: ${one}`));
    }
    await page.context().clearCookies();
    await page.goto(`${test.web.url()}/login`);
    await page.getByLabel('Token').waitFor();
    found.push(...(await violations(page)));

    expect(found).toEqual([]);
  });

  it.each([360, 390])('needs no scrolling sideways at %i px, and has targets for a thumb', async (width) => {
    const test = await start();
    const { page } = await enter(test, { viewport: { width, height: 780 }, isMobile: true, hasTouch: true });

    for (const path of PAGES) {
      await goTo(page, test, path);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      const heights = await page
        .locator('main button:visible, .rail nav a:visible')
        .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
      expect(Math.min(...heights), path).toBeGreaterThanOrEqual(40);
    }
  });

  it('stays small', async () => {
    const test = await start();
    const { page } = await enter(test);

    const bytes = await page.evaluate<number>(
      "performance.getEntriesByType('resource').filter((entry) => entry.name.includes('/assets/')).reduce((sum, entry) => sum + entry.encodedBodySize, 0)",
    );

    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(FIRST_VIEW_BYTES);
    const all = readdirSync(join(folder, 'assets')).filter((name) => name.endsWith('.br'));
    const total = all.reduce((sum, name) => sum + statSync(join(folder, 'assets', name)).size, 0);
    expect(total).toBeLessThan(2 * FIRST_VIEW_BYTES);
  });
});

/** What axe finds, as `rule: element`. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    interface Axe {
      run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
    }
    const { axe: loaded } = globalThis as unknown as { axe: Axe };
    const { violations: found } = await loaded.run();
    return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}
