import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type BotProcess,
  buildOnce,
  createFolder,
  removeFolder,
  startBot,
  until,
} from '../support/bot-process.ts';

const bots: BotProcess[] = [];
const folders: string[] = [];
beforeAll(buildOnce, 120_000);
afterEach(async () => {
  for (const bot of bots.splice(0)) await bot.kill('SIGKILL');
  for (const folder of folders.splice(0)) removeFolder(folder);
});

/** A service made of files: up while `up` exists; `restart` notes itself, waits, and brings it up again. */
function patient(
  options: { readonly critical?: boolean; readonly restartSeconds?: number; readonly heals?: boolean } = {},
) {
  const folder = createFolder();
  folders.push(folder);
  const file = (name: string): string => join(folder, name);
  mkdirSync(file('configs'));
  const script = (name: string, text: string): string => {
    writeFileSync(file(name), `#!/bin/bash\n${text}\n`);
    chmodSync(file(name), 0o755);
    return file(name);
  };
  writeFileSync(file('up'), '');
  const check = script('check', `test -e ${file('up')}`);
  const brings = options.heals === false ? '' : `touch ${file('up')}`;
  const restart = script(
    'restart',
    `echo begin >> ${file('runs')}\nsleep ${options.restartSeconds ?? 0}\n${brings}\necho end >> ${file('runs')}`,
  );
  const configs = {
    'bot.json': { mode: 'production' },
    'anomaly_detection_config.json': { intervalSeconds: 1 },
    'targets.json': {
      checkIntervalSeconds: 5,
      targets: [
        {
          name: 'shop',
          kind: 'command',
          critical: options.critical ?? false,
          check: [check],
          commands: { restart: [restart] },
        },
      ],
    },
    'healing_strategies.json': {
      criticalAllowList: options.critical ? ['shop'] : [],
      strategies: [
        {
          name: 'service_down',
          match: { kinds: ['service_down'] },
          actions: ['restart_service'],
          verifySeconds: 30,
        },
      ],
    },
  };
  return {
    folder,
    configs,
    goDown: () => rmSync(file('up')),
    runs: () => (existsSync(file('runs')) ? readFileSync(file('runs'), 'utf8').trim().split('\n') : []),
  };
}

async function start(options: Parameters<typeof startBot>[0]): Promise<BotProcess> {
  const bot = await startBot(options);
  bots.push(bot);
  return bot;
}

interface IncidentView {
  readonly id: string;
  readonly state: string;
  readonly stateDetail?: unknown;
}

async function incidents(bot: BotProcess): Promise<readonly IncidentView[]> {
  const { body } = await bot.get('/api/incidents');
  return (Array.isArray(body) ? body : (body as { incidents: IncidentView[] }).incidents) as IncidentView[];
}

async function inState(bot: BotProcess, state: string, limit = 60_000): Promise<IncidentView> {
  return until(limit, async () => (await incidents(bot)).find((one) => one.state === state));
}

function audit(folder: string): readonly { kind: string; actionId?: string; text: string }[] {
  const text = readFileSync(join(folder, 'data/audit/healing_log.jsonl'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

const count = (folder: string, kind: string): number =>
  audit(folder).filter((line) => line.kind === kind).length;

describe('healing a service that went down', () => {
  it('restarts it, verifies by fresh evidence, resolves, and tells it all in the audit log', async () => {
    const shop = patient();
    const bot = await start(shop);
    await until(20_000, async () =>
      JSON.stringify((await bot.get('/api/status')).body).includes('target_up:shop'),
    );

    shop.goDown();
    const healed = await inState(bot, 'resolved');

    expect(shop.runs()).toEqual(['begin', 'end']);
    const kinds = audit(shop.folder).map((line) => line.kind);
    expect(kinds).toEqual(expect.arrayContaining(['incident', 'intent', 'outcome', 'verification']));
    expect(kinds.indexOf('intent')).toBeLessThan(kinds.indexOf('outcome'));
    expect(await bot.command('audit verify')).toMatchObject({ ok: true });
    expect((await bot.command('incident show', { id: healed.id })).text).toMatch(/Healed/);
  }, 90_000);

  it('touches nothing in dry-run and says what it would do', async () => {
    const shop = patient();
    const bot = await start({ ...shop, args: ['start', '--dry-run'] });
    await until(20_000, async () =>
      JSON.stringify((await bot.get('/api/status')).body).includes('target_up:shop'),
    );

    shop.goDown();
    const held = await inState(bot, 'held');
    await new Promise((next) => setTimeout(next, 3_000));

    expect(shop.runs()).toEqual([]);
    expect(count(shop.folder, 'intent')).toBe(0);
    expect((await bot.command('incident timeline', { id: held.id })).text).toMatch(/would/i);
  }, 90_000);

  it('asks before it touches a critical service; twenty clicks on two doors are one execution', async () => {
    const shop = patient({ critical: true });
    const bot = await start(shop);
    await until(20_000, async () =>
      JSON.stringify((await bot.get('/api/status')).body).includes('target_up:shop'),
    );
    shop.goDown();
    await inState(bot, 'awaiting_approval');
    expect(shop.runs()).toEqual([]);
    const { body } = await bot.get('/api/approvals');
    const [approval] = (Array.isArray(body) ? body : (body as { approvals: { id: string }[] }).approvals) as {
      id: string;
    }[];

    const clicks = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0
          ? bot
              .post(`/api/approvals/${approval?.id}`, { decision: 'approve' })
              .then(({ status }) => status === 200)
          : bot.command('approve', { id: approval?.id }).then((reply) => reply.ok),
      ),
    );
    await inState(bot, 'resolved');

    expect(clicks.filter(Boolean)).toHaveLength(1);
    expect(shop.runs()).toEqual(['begin', 'end']);
    expect(count(shop.folder, 'intent')).toBe(1);
  }, 90_000);
});

describe('kill -9 of the bot', () => {
  it('right after the intent is on disk: never a second execution, always an outcome', async () => {
    const shop = patient({ restartSeconds: 2 });
    const bot = await start(shop);
    await until(20_000, async () =>
      JSON.stringify((await bot.get('/api/status')).body).includes('target_up:shop'),
    );
    shop.goDown();
    const file = join(shop.folder, 'data/audit/healing_log.jsonl');
    const end = Date.now() + 30_000;
    while (!readFileSync(file, 'utf8').includes('"intent"') && Date.now() < end)
      await new Promise((next) => setTimeout(next, 1));
    await bot.kill('SIGKILL');

    await start(shop);
    await until(60_000, () => (count(shop.folder, 'outcome') > 0 ? true : undefined));
    await new Promise((next) => setTimeout(next, 4_000));

    expect(count(shop.folder, 'intent')).toBe(1);
    expect(shop.runs().filter((line) => line === 'begin').length).toBeLessThanOrEqual(1);
  }, 120_000);

  it('during the act: the outcome is unknown, verified, and the act is not repeated', async () => {
    const shop = patient({ restartSeconds: 4 });
    const bot = await start(shop);
    await until(20_000, async () =>
      JSON.stringify((await bot.get('/api/status')).body).includes('target_up:shop'),
    );
    shop.goDown();
    await until(30_000, () => (shop.runs().includes('begin') ? true : undefined));
    await bot.kill('SIGKILL');

    const second = await start(shop);
    await inState(second, 'resolved', 90_000);

    expect(shop.runs().filter((line) => line === 'begin')).toHaveLength(1);
    expect(audit(shop.folder).some((line) => line.kind === 'outcome' && /unknown/i.test(line.text))).toBe(
      true,
    );
    expect(await second.command('audit verify')).toMatchObject({ ok: true });
  }, 150_000);

  it('during verification: verification goes on, the act is not repeated', async () => {
    const shop = patient();
    const bot = await start(shop);
    await until(20_000, async () =>
      JSON.stringify((await bot.get('/api/status')).body).includes('target_up:shop'),
    );
    shop.goDown();
    await until(30_000, () => (count(shop.folder, 'outcome') > 0 ? true : undefined));
    await bot.kill('SIGKILL');

    const second = await start(shop);
    await inState(second, 'resolved', 90_000);

    expect(shop.runs()).toEqual(['begin', 'end']);
    expect(count(shop.folder, 'intent')).toBe(1);
    expect(count(shop.folder, 'verification')).toBe(1);
  }, 150_000);
});
