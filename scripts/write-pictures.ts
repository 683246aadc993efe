/**
 * `npm run pictures`: writes docs/pictures/chat/*.png, the cards and the mail as a person sees them. What is drawn is
 * what is sent (test/support/chat-scenes.ts); the charts come from the product's own child process; chromium takes the
 * pictures. `sources.json` beside them keeps the hash of what each was made from: a test compares it with today's.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { createChartPainter } from '../src/bot/chart-png.ts';
import { createSystemClock } from '../src/platform/clock.ts';
import { createCommandRunner } from '../src/platform/run-command.ts';
import {
  type ChatScene,
  discordScene,
  mailScene,
  SCENE_ZONE,
  SCENES,
  sceneChart,
  slackScene,
} from '../test/support/chat-scenes.ts';
import { createMemoryLogger } from '../test/support/memory-ports.ts';
import { discordPage } from './pictures/discord-page.ts';
import type { Look } from './pictures/sheet.ts';
import { slackPage } from './pictures/slack-page.ts';
import { smallPng } from './pictures/small-png.ts';

export const PICTURES: string = join(resolve(import.meta.dirname, '..'), 'docs/pictures/chat');
const MOST_BYTES = 60_000;
const SCREEN = 620;
const PHONE = 390;
/** The decision is the card that is read at night: it is shown in all four looks. */
const IN_ALL_LOOKS = 'waiting';

interface Shot {
  readonly name: string;
  readonly width: number;
  readonly tone: Look['tone'];
  readonly html: string;
}

/** What each picture shows, hashed: the payload that is sent. */
export function sceneHashes(): Readonly<Record<string, string>> {
  const sources = [
    ...SCENES.flatMap((scene) => [
      [`slack-${scene.name}`, slackScene(scene)] as const,
      [`discord-${scene.name}`, discordScene(scene)] as const,
    ]),
    ['mail', mailScene()] as const,
  ];
  return Object.fromEntries(
    sources.map(([name, payload]) => [
      name,
      createHash('sha256').update(JSON.stringify(payload)).digest('hex'),
    ]),
  );
}

async function main(): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  const shots = await allShots();
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-lcd-text'],
  });
  try {
    for (const shot of shots) await take(browser, shot);
  } finally {
    await browser.close();
  }
  writeFileSync(join(PICTURES, 'sources.json'), `${JSON.stringify(sceneHashes(), null, 2)}\n`);
}

async function allShots(): Promise<readonly Shot[]> {
  const clock = createSystemClock();
  const commands = createCommandRunner({ clock, redact: (text) => text });
  const log = createMemoryLogger();
  const painter = createChartPainter({ commands, clock, log });
  const shots: Shot[] = [];
  const painted = async (svg: string | null): Promise<string | null> => {
    if (svg === null) return null;
    // A busy machine may take longer than the product waits for a picture.
    const png = (await painter.paint(svg)) ?? (await painter.paint(svg));
    if (png === null) throw new Error(`no chart: ${JSON.stringify(log.lines)}`);
    return `data:image/png;base64,${png.toString('base64')}`;
  };
  for (const scene of SCENES) {
    for (const [tone, phone] of looksOf(scene)) {
      const chart = await painted(sceneChart(scene, tone));
      shots.push(...chatShots(scene, { tone, phone, chart, clock: clockWords('time', scene.at / 1_000) }));
    }
  }
  const paged = SCENES.find(({ name }) => name === 'paged');
  const chart = paged === undefined ? null : await painted(sceneChart(paged, 'light'));
  for (const [tone, phone] of [
    ['light', false],
    ['dark', true],
  ] as const) {
    shots.push({
      name: nameOf('mail', tone, phone),
      width: phone ? PHONE : SCREEN,
      tone,
      html: mailPage(chart),
    });
  }
  return shots;
}

function looksOf({ name }: ChatScene): readonly (readonly [Look['tone'], boolean])[] {
  const two = [
    ['light', false],
    ['dark', true],
  ] as const;
  return name === IN_ALL_LOOKS ? [...two, ['dark', false], ['light', true]] : two;
}

function chatShots(scene: ChatScene, look: Look): readonly Shot[] {
  const shared = { width: look.phone ? PHONE : SCREEN, tone: look.tone };
  const relative = (style: string, at: number): string => clockWords(style, at, scene.at);
  return [
    {
      ...shared,
      name: nameOf(`slack-${scene.name}`, look.tone, look.phone),
      html: slackPage(slackScene(scene), look, clockWords),
    },
    {
      ...shared,
      name: nameOf(`discord-${scene.name}`, look.tone, look.phone),
      html: discordPage(discordScene(scene), look, relative),
    },
  ];
}

function nameOf(what: string, tone: Look['tone'], phone: boolean): string {
  return `${what}-${tone}${phone ? '-phone' : ''}.png`;
}

/** The mail is HTML already; only its inline picture is put in place. */
function mailPage(chart: string | null): string {
  return mailScene().html.replace('cid:chart', chart ?? '');
}

/** A moment as the platforms show it to somebody in the zone of the pictures. */
function clockWords(format: string, at: number, now = 0): string {
  if (format === 'R') return `in ${Math.round((at * 1_000 - now) / 60_000)} minutes`;
  const seconds = format.includes('secs') || format === 'T' ? ({ second: '2-digit' } as const) : {};
  const time = new Intl.DateTimeFormat('en-GB', {
    timeZone: SCENE_ZONE,
    hour: '2-digit',
    minute: '2-digit',
    ...seconds,
  });
  return `${format.includes('date') ? 'Today at ' : ''}${time.format(at * 1_000)}`;
}

async function take(browser: Browser, { name, width, tone, html }: Shot): Promise<void> {
  const context = await browser.newContext({ viewport: { width, height: 100 }, colorScheme: tone });
  const page = await context.newPage();
  await page.setContent(html, { waitUntil: 'load' });
  await page.evaluate('document.fonts.ready');
  const png = smallPng(await page.screenshot({ fullPage: true }));
  await context.close();
  if (png.length > MOST_BYTES) throw new Error(`${name} has ${png.length} bytes`);
  writeFileSync(join(PICTURES, name), png);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
