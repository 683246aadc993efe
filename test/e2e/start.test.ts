import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type BotProcess,
  buildOnce,
  createFolder,
  removeFolder,
  runCli,
  startBot,
} from '../support/bot-process.ts';

const bots: BotProcess[] = [];
const folders: string[] = [];
beforeAll(buildOnce, 120_000);
afterEach(async () => {
  for (const bot of bots.splice(0)) await bot.kill('SIGKILL');
  for (const folder of folders.splice(0)) removeFolder(folder);
});

async function start(options: Parameters<typeof startBot>[0] = {}): Promise<BotProcess> {
  const bot = await startBot(options);
  bots.push(bot);
  if (!folders.includes(bot.folder)) folders.push(bot.folder);
  return bot;
}

function folderWith(configs: Readonly<Record<string, string>>): string {
  const folder = createFolder();
  folders.push(folder);
  mkdirSync(join(folder, 'configs'), { recursive: true });
  for (const [name, text] of Object.entries(configs)) writeFileSync(join(folder, 'configs', name), text);
  return folder;
}

describe('nightshift start', () => {
  it('starts with no configuration, token or service: dry-run, ready, sampling, console link printed', async () => {
    const bot = await start({ env: { NIGHTSHIFT_TOKEN: '' } });

    const ready = await fetch(`${bot.url}/readyz`);
    const status = runCli(bot.folder, ['status', '--json'], { NIGHTSHIFT_TOKEN: '' });

    expect(ready.status).toBe(200);
    expect(bot.output()).toMatch(/http:\/\/127\.0\.0\.1:\d+\/login\?/);
    expect(status.code).toBe(0);
    expect(JSON.parse(status.stdout)).toMatchObject({ ok: true, data: { mode: 'dry-run', host: 'web-1' } });
  });

  it('opens its data folder to nobody else', async () => {
    const bot = await start({ env: { NIGHTSHIFT_TOKEN: '' } });

    const modes = spawnSync('stat', ['-c', '%a', join(bot.dataFolder, 'token')], { encoding: 'utf8' });

    expect(modes.stdout.trim()).toBe('600');
  });

  it('stops on SIGTERM within ten seconds with exit 0, and frees its lock', async () => {
    const bot = await start();
    const begun = Date.now();

    const code = await bot.kill('SIGTERM');

    expect(code).toBe(0);
    expect(Date.now() - begun).toBeLessThan(10_000);
    expect(readdirSync(bot.dataFolder)).not.toContain('nightshift.lock');
  });

  it('refuses a second bot on the same data, and says who holds it', async () => {
    const bot = await start();

    const second = runCli(bot.folder, ['start'], { NIGHTSHIFT_PORT: '0' });

    expect(second.code).toBe(2);
    expect(second.stderr).toContain('DATA_LOCKED');
    expect(second.stderr).toContain(String(bot.pid));
  });

  it('starts again at once on a data folder whose bot was killed', async () => {
    const first = await start();
    await first.kill('SIGKILL');

    const second = await start({ folder: first.folder });

    expect((await second.get('/api/status')).status).toBe(200);
  });

  it('says which address is taken when the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => other.once('listening', listening));
    const port = (other.address() as { port: number }).port;

    const done = runCli(folderWith({}), ['start'], { NIGHTSHIFT_PORT: String(port) });
    other.close();

    expect(done.code).toBe(2);
    expect(done.stderr).toContain('PORT_IN_USE');
    expect(done.stderr).toContain(String(port));
  });

  it('reports every fault of a bad configuration at once and exits 2', () => {
    const folder = folderWith({
      'bot.json': '{"mode":"production","intervall":5}',
      'anomaly_detection_config.json': '{"intervalSeconds":"5s"}',
      'healing_strategies.json': '{"strategies":[',
      'workers.json': '{"workers":[{"name":"w","command":["node","w.js"],"restart":{"backoffMinutes":1}}]}',
    });

    const done = runCli(folder, ['start']);

    expect(done.code).toBe(2);
    expect(done.stderr).toContain('bot.json: intervall: expected no such key');
    expect(done.stderr).toContain(
      'anomaly_detection_config.json: intervalSeconds: expected number, found "5s"',
    );
    expect(done.stderr).toMatch(/healing_strategies\.json: line 1 column \d+: expected JSON/);
    expect(done.stderr).toContain('workers.json: workers[0].restart.backoffMinutes: expected no such key');
    expect(readdirSync(folder)).not.toContain('data');
  });

  it('checks and prints its configuration without starting, with or without the word start', () => {
    const folder = folderWith({ 'bot.json': '{"messageBudgetPerHour":12}' });
    const secrets = { SMTP_URL: 'smtp://me:hunter22@mail.test', REDIS_URL: 'redis://:hunter33@127.0.0.1' };

    expect(runCli(folder, ['start', '--check-config']).code).toBe(0);
    expect(runCli(folder, ['--check-config']).stdout).toContain('All configuration files are valid');
    const printed = runCli(folder, ['--print-config'], secrets);
    expect(printed.code).toBe(0);
    expect(JSON.parse(printed.stdout)).toMatchObject({
      'bot.json': { messageBudgetPerHour: 12 },
      environment: { SMTP_URL: '••••••', REDIS_URL: '••••••' },
    });
    expect(printed.stdout).not.toMatch(/hunter/);
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it('reports a reference to a target that does not exist', () => {
    const folder = folderWith({
      'healing_strategies.json':
        '{"strategies":[{"name":"s","match":{"kinds":["worker_down"],"targets":["ghost"]},"actions":["alert"]}]}',
    });

    const done = runCli(folder, ['config', 'check']);

    expect(done.code).toBe(2);
    expect(`${done.stdout}${done.stderr}`).toContain('ghost');
  });

  it('keeps the last good configuration when a reload finds a fault', async () => {
    const bot = await start({ configs: { 'bot.json': { mode: 'dry-run' } } });
    writeFileSync(join(bot.folder, 'configs/bot.json'), '{"mode":"prodution"}');

    const reply = await bot.command('config reload');

    expect(reply).toMatchObject({ ok: false });
    expect(reply.text).toContain('prodution');
    expect(await bot.get('/api/status')).toMatchObject({ status: 200, body: { mode: 'dry-run' } });
  });

  it('comes up with healing paused when a state document is unreadable, and keeps the bad file', async () => {
    const first = await start();
    await first.command('freeze', { for: '1h', reason: 'test' });
    await first.kill('SIGTERM');
    const states = join(first.dataFolder, 'state');
    for (const name of readdirSync(states).filter((one) => /\.json(\.bak)?$/.test(one))) {
      writeFileSync(join(states, name), '\0\0\0broken');
    }

    const second = await start({ folder: first.folder });
    const { body } = await second.get('/api/status');

    expect(body).toMatchObject({ freeze: { scope: 'healing' } });
    expect(JSON.stringify(body)).toContain('could not be read');
    expect(readdirSync(states).some((name) => name.includes('.corrupt-'))).toBe(true);
  });
});

describe('the command line', () => {
  it('answers an unknown command with exit 2 and a near one', () => {
    const done = runCli(folderWith({}), ['statsu']);

    expect(done.code).toBe(2);
    expect(done.stderr).toContain('status');
  });

  it('says that no bot runs where it needs one', () => {
    const done = runCli(folderWith({}), ['incident', 'list']);

    expect(done.code).toBe(1);
    expect(done.stderr).toContain('No bot is running');
  });

  it('verifies the audit log of a stopped bot, and names the line somebody edited', async () => {
    const bot = await start();
    await bot.command('freeze', { for: '1h', reason: 'test' });
    await bot.kill('SIGTERM');
    const file = join(bot.dataFolder, 'audit/healing_log.jsonl');

    const intact = runCli(bot.folder, ['audit', 'verify']);
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(
      file,
      lines.map((line, index) => (index === 1 ? line.replace(/.$/, ' }') : line)).join('\n'),
    );
    const broken = runCli(bot.folder, ['audit', 'verify']);

    expect(intact.code).toBe(0);
    expect(broken.code).toBe(1);
    expect(`${broken.stdout}${broken.stderr}`).toMatch(/line 2/);
  });
});

describe('the running bot', () => {
  it('takes its first sample within a second of the process being up', async () => {
    const bot = await start();

    const first = /First sample after ([\d.]+) s/.exec(bot.output())?.[1];

    expect(Number(first)).toBeLessThan(1);
  });
});
