import { chmodSync, existsSync, mkdirSync, rmdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { diagnose, doctor } from '../../../../src/app/doctor/doctor.ts';
import { type Environment, readEnvironment } from '../../../../src/app/environment.ts';
import type { CommandRunner } from '../../../../src/domain/ports.ts';
import { openOwnFolder } from '../../../../src/platform/own-folder.ts';
import { createDiscordDouble } from '../../../support/discord-double.ts';
import { createSlackDouble } from '../../../support/slack-double.ts';
import { temporaryFolder } from '../../../support/temp-folder.ts';

const GOOD = { NIGHTSHIFT_PORT: '0' };
/** Whether the host of the test is synchronised is not what is tried. */
const COMMANDS: CommandRunner = { run: async () => ({ kind: 'not_started', reason: 'not in a test' }) };

/** A folder as `nightshift init` leaves it, with what is to be wrong. */
function site(
  files: Readonly<Record<string, string>> = {},
  variables: NodeJS.Dict<string> = {},
): { folder: string; env: Environment } {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'configs'), { mode: 0o755 });
  mkdirSync(join(folder, 'data/state'), { recursive: true, mode: 0o700 });
  chmodSync(join(folder, 'data'), 0o700);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  return { folder, env: readEnvironment({ ...GOOD, ...variables }, folder) };
}

async function linesOf(
  { folder, env }: ReturnType<typeof site>,
  state: string,
): Promise<readonly { readonly name: string; readonly text: string; readonly mend: string | null }[]> {
  return (await diagnose(env, folder, { commands: COMMANDS })).lines.filter((line) => line.state === state);
}

const DOORS = { commands: COMMANDS, workingFolder: '/nonexistent' };

/** Runs the command; what it printed and its exit code. */
async function run(argv: readonly string[], env: Environment): Promise<{ code: number; out: string }> {
  let out = '';
  const write = (text: string | Uint8Array): boolean => {
    out += String(text);
    return true;
  };
  return { code: await doctor(argv, env, { write, isTTY: false, columns: 80 }, DOORS), out };
}

describe('diagnose', () => {
  it('believes timedatectl where it says that the clock is not synchronised', async () => {
    const { env, folder } = site();
    const run: CommandRunner['run'] = async ({ argv }) =>
      ({ kind: 'exited', code: 0, output: argv.includes('show') ? 'no\n' : '' }) as never;
    const { lines } = await diagnose(env, folder, { commands: { run } });

    const clock = lines.find(({ name }) => name === 'clock');
    expect(clock?.state).toBe(existsSync('/usr/bin/timedatectl') ? 'finding' : 'ok');
  });

  it('finds nothing wrong with a fresh installation', async () => {
    expect(await linesOf(site(), 'finding')).toEqual([]);
  });

  it('names all faults of all files at once, and still looks at the rest', async () => {
    const found = await linesOf(
      site({ 'configs/bot.json': '{"mode":"prod","x":1}', 'configs/backup.json': '{"staleHours":0}' }),
      'finding',
    );

    expect(found.map(({ text }) => text)).toEqual([
      expect.stringContaining('bot.json: mode: expected'),
      expect.stringContaining('bot.json: x: expected no such key'),
      expect.stringContaining('backup.json: staleHours: expected'),
    ]);
  });

  it.each([
    ['.env', '.env', 'chmod 600'],
    ['data/token', 'token file', 'chmod 600'],
  ])('finds %s when others can read it', async (file, name, mend) => {
    const there = site({ [file]: 'A=1\n' });
    chmodSync(join(there.folder, file), 0o644);

    expect(await linesOf(there, 'finding')).toMatchObject([{ name, mend: expect.stringContaining(mend) }]);
  });

  it('finds a data folder that others can look into, and a configuration folder that they can change', async () => {
    const there = site();
    chmodSync(join(there.folder, 'data'), 0o755);
    chmodSync(join(there.folder, 'configs'), 0o777);

    const names = (await linesOf(there, 'finding')).map(({ name }) => name);
    expect(names).toEqual(['config folder', 'data folder']);
  });

  it('does not blame a fresh clone for the mode of its data folder: the first start closes it', async () => {
    const there = site({ 'data/README.md': 'formats' });
    rmdirSync(join(there.folder, 'data/state'));
    chmodSync(join(there.folder, 'data'), 0o755);

    expect(await linesOf(there, 'finding')).toEqual([]);
    await openOwnFolder(join(there.folder, 'data'));
    expect(statSync(join(there.folder, 'data')).mode & 0o777).toBe(0o700);
  });

  it('leaves a folder open in which something else is: it may be shared', async () => {
    const there = site({ 'data/notes.txt': 'of somebody' });
    chmodSync(join(there.folder, 'data'), 0o755);

    await openOwnFolder(join(there.folder, 'data'));

    expect(statSync(join(there.folder, 'data')).mode & 0o777).toBe(0o755);
  });

  it('finds state that cannot be read and state that was put aside, and moves neither', async () => {
    const broken = site({ 'data/state/healing.json': '{broken' });
    const aside = site({ 'data/state/healing.json.corrupt-20261122T000000000Z': 'x' });

    expect(await linesOf(broken, 'finding')).toMatchObject([{ name: 'state' }]);
    expect(await linesOf(broken, 'finding')).toMatchObject([{ name: 'state' }]);
    expect(await linesOf(aside, 'finding')).toMatchObject([{ name: 'state' }]);
  });

  it('finds a clock that is behind what was written here last', async () => {
    const there = site({ 'data/state/x.json.bak': '{}' });
    utimesSync(join(there.folder, 'data/state/x.json.bak'), 4_000_000_000, 4_000_000_000);

    expect(await linesOf(there, 'finding')).toMatchObject([{ name: 'clock' }]);
  });

  it('finds an audit log whose chain does not hold', async () => {
    const there = site();
    mkdirSync(join(there.folder, 'data/audit'));
    writeFileSync(join(there.folder, 'data/audit/healing_log.jsonl'), '{"seq":1}\n{"seq":2}\n');

    expect(await linesOf(there, 'finding')).toMatchObject([{ name: 'audit log' }]);
  });

  it('finds a secret of a webhook that is not there', async () => {
    const bot = { webhooks: { sources: [{ source: 'github', secretFile: 'github.secret' }] } };
    const there = site({ 'configs/bot.json': JSON.stringify(bot) });

    expect(await linesOf(there, 'finding')).toMatchObject([{ name: 'secret of the source github' }]);
    writeFileSync(join(there.folder, 'configs/github.secret'), 'abc\n', { mode: 0o600 });
    expect(await linesOf(there, 'finding')).toEqual([]);
  });

  it('finds a Redis and a mail server that do not answer, and repeats no secret', async () => {
    const secrets = {
      REDIS_URL: 'redis://:hush-hush@127.0.0.1:1',
      SMTP_URL: 'smtp://u:hush-hush@127.0.0.1:1',
    };
    const found = await linesOf(site({}, { ...secrets, MAIL_TO: 'a@example.org' }), 'finding');

    expect(found.map(({ name }) => name)).toEqual(['redis', 'mail server']);
    expect(JSON.stringify(found)).not.toContain('hush-hush');
  });

  it('finds a port that something else has', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;

    const found = await linesOf(site({}, { NIGHTSHIFT_PORT: String(port) }), 'finding');
    expect(found).toMatchObject([{ name: 'bot', text: expect.stringContaining('EADDRINUSE') }]);
  });

  it('asks Slack and Discord what is missing, compares the clocks, and has the link that invites', async () => {
    const [slack, discord] = [await createSlackDouble(), await createDiscordDouble()];
    onTestFinished(() => Promise.all([slack.close(), discord.close()]).then(() => {}));
    const { folder, env } = site(
      {},
      {
        SLACK_BOT_TOKEN: slack.botToken,
        SLACK_APP_TOKEN: slack.appToken,
        SLACK_CHANNEL_ID: slack.channel,
        SLACK_API_URL: slack.apiUrl,
        DISCORD_TOKEN: discord.token,
        DISCORD_GUILD_ID: discord.guild,
        DISCORD_CHANNEL_ID: discord.channel,
        DISCORD_API_URL: discord.apiUrl,
      },
    );
    const { lines, invite } = await diagnose(env, folder, { commands: COMMANDS });
    const found = lines.filter(({ state }) => state === 'finding').map(({ name }) => name);

    expect(found).toEqual(['slack roles', 'discord roles']);
    expect(lines.filter(({ name }) => name.startsWith('clock and')).map(({ state }) => state)).toEqual([
      'ok',
      'ok',
    ]);
    expect(invite).toMatch(
      /^https:\/\/discord\.com\/oauth2\/authorize\?client_id=\d+&scope=bot\+applications\.commands/,
    );
  });

  it('finds half a Slack', async () => {
    const found = await linesOf(site({}, { SLACK_BOT_TOKEN: 'xoxb-1-2-3' }), 'finding');

    expect(found).toMatchObject([{ text: expect.stringContaining('SLACK_CHANNEL_ID') }]);
  });
});

describe('doctor', () => {
  it('ends with 0 when nothing is found, 1 for findings, 2 for a broken configuration', async () => {
    expect((await run([], site().env)).code).toBe(0);
    expect((await run([], site({ 'data/state/a.json': '' }).env)).code).toBe(1);
    expect((await run([], site({ 'configs/bot.json': '{' }).env)).code).toBe(2);
    expect((await run(['--what'], site().env)).code).toBe(2);
  });

  it('gives one JSON document with every check', async () => {
    const { out } = await run(['--json'], site({ 'data/state/a.json': '' }).env);

    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      code: 'FAILED',
      data: {
        findings: 1,
        invite: null,
        checks: expect.arrayContaining([
          { name: 'state', state: 'finding', text: expect.any(String), mend: expect.any(String) },
        ]),
      },
    });
  });
});
