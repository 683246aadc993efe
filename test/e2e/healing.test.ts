import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BotProcess, buildOnce, removeFolder, startBot, until } from '../support/bot-process.ts';
import { audit, createFilePatient, type FilePatient, inState, watched } from '../support/file-patient.ts';

const bots: BotProcess[] = [];
const folders: string[] = [];
beforeAll(buildOnce, 120_000);
afterEach(async () => {
  for (const bot of bots.splice(0)) await bot.kill('SIGKILL');
  for (const folder of folders.splice(0)) removeFolder(folder);
});

function patient(options: Parameters<typeof createFilePatient>[0] = {}): FilePatient {
  const made = createFilePatient(options);
  folders.push(made.folder);
  return made;
}

async function start(options: Parameters<typeof startBot>[0]): Promise<BotProcess> {
  const bot = await startBot(options);
  bots.push(bot);
  return bot;
}

const count = (folder: string, kind: string): number =>
  audit(folder).filter((line) => line.kind === kind).length;

describe('healing a service that went down', () => {
  it('restarts it, verifies by fresh evidence, resolves, and tells it all in the audit log', async () => {
    const shop = patient();
    const bot = await start(shop);
    await watched(bot);

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
    await watched(bot);

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
    await watched(bot);
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
    await watched(bot);
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
    await watched(bot);
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
    await watched(bot);
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
