import { describe, expect, it } from 'vitest';
import { type CliDeps, runCli } from '../../../../src/bot/cli/cli.ts';
import type { Reply } from '../../../../src/bot/commands/command.ts';
import { COMMANDS } from '../../../../src/bot/commands/table.ts';
import type { CommandCall } from '../../../../src/bot/parse.ts';
import { createCommandDesk } from '../../../../src/bot/run.ts';
import { OpsError } from '../../../../src/domain/errors.ts';
import type { HttpRequest, HttpResult } from '../../../../src/domain/ports.ts';
import { ms, seconds } from '../../../../src/domain/units.ts';
import { actor, incident, START } from '../../../support/builders.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { createFakeControls, type FakeWorld } from '../../../support/fake-controls.ts';
import { createMemoryHttp, createMemoryLogger } from '../../../support/memory-ports.ts';
import { approval, slowIncident } from '../../../support/night-builders.ts';
import { nightWorld } from '../../../support/night-world.ts';

const answered = (status: number, body: unknown): HttpResult => ({
  kind: 'answered',
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  took: ms(3),
});

const REFUSED: HttpResult = { kind: 'failed', reason: 'ECONNREFUSED', took: ms(1) };

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly calls: readonly HttpRequest[];
}

async function run(
  line: string,
  answer: (request: HttpRequest) => HttpResult | Promise<HttpResult> = () => REFUSED,
  over: Partial<CliDeps> = {},
): Promise<Run> {
  const out: string[] = [];
  const err: string[] = [];
  const http = createMemoryHttp(answer);
  const code = await runCli({
    argv: line === '' ? [] : line.split(' '),
    address: { lockUrl: 'http://127.0.0.1:8787', host: '127.0.0.1', port: 8_787, token: 'secret-token' },
    http,
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
    isTty: false,
    colours: true,
    width: 100,
    timezone: 'UTC',
    now: START,
    local: [{ command: 'start', summary: 'Starts the bot on this host', example: 'start --production' }],
    offline: async () => null,
    clock: createFakeClock(),
    confirm: null,
    progress: async () => ({ show: () => {}, end: () => {} }),
    ...over,
  });
  return { code, out: out.join(''), err: err.join(''), calls: http.calls };
}

const reply = (over: Partial<Reply> = {}): Reply => ({
  ok: true,
  code: 'OK',
  text: 'Done.',
  data: null,
  ...over,
});
const answers = (given: Partial<Reply>) => () => answered(200, reply(given));

/** A bot behind the HTTP client: the body as it came, through the real desk. */
function botOf(world: Partial<FakeWorld> = {}) {
  const desk = createCommandDesk({
    controls: createFakeControls(world),
    clock: createFakeClock(),
    log: createMemoryLogger(),
    timezone: 'UTC',
    redact: (text) => text,
  });
  return async (request: HttpRequest): Promise<HttpResult> =>
    answered(200, await desk.run(JSON.parse(request.body ?? '{}') as CommandCall, actor()));
}

describe('runCli', () => {
  it('asks the running bot with its token, in the words of the API', async () => {
    const { code, out, calls } = await run('freeze 2h moving the database --dry-run', answers({}));

    expect(code).toBe(0);
    expect(out).toBe('Done.\n');
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({
      url: 'http://127.0.0.1:8787/api/commands',
      method: 'POST',
      headers: { authorization: 'Bearer secret-token' },
      timeLimit: seconds(65),
    });
    expect(JSON.parse(calls[0]?.body ?? '')).toEqual({
      command: 'freeze',
      options: { for: '2h', reason: 'moving the database' },
      dryRun: true,
    });
  });

  it('says every command so that the bot understands it', async () => {
    const bot = botOf({ incidents: [slowIncident()], approvals: [approval()] });
    for (const command of COMMANDS) {
      const { code, err } = await run(command.example, bot);

      expect(code, `${command.example}: ${err}`).not.toBe(2);
    }
  });

  it.each<[Partial<Reply>, number]>([
    [{ code: 'OK' }, 0],
    [{ ok: false, code: 'FAILED' }, 1],
    [{ ok: false, code: 'BAD_OPTION' }, 2],
    [{ ok: false, code: 'UNKNOWN_COMMAND' }, 2],
    [{ ok: false, code: 'FORBIDDEN' }, 3],
    [{ ok: false, code: 'REFUSED' }, 3],
    [{ ok: false, code: 'NOT_FOUND' }, 4],
  ])('ends %j with exit code %d', async (given, code) => {
    expect((await run('status', answers(given))).code).toBe(code);
  });

  it('writes what went wrong to stderr, and nothing to stdout', async () => {
    const { out, err } = await run(
      'thaw',
      answers({ ok: false, code: 'REFUSED', text: 'Nothing is frozen.' }),
    );

    expect(out).toBe('');
    expect(err).toBe('Nothing is frozen.\n');
  });

  it.each(['stauts', 'freeze --scope everything', 'worker', 'incident show'])(
    'refuses %s with exit code 2, without asking anybody',
    async (line) => {
      const { code, err, calls } = await run(line);

      expect(code).toBe(2);
      expect(err).toMatch(/expected/);
      expect(calls).toEqual([]);
    },
  );

  describe('--json', () => {
    it.each<[string, Partial<Reply>]>([
      ['status', {}],
      ['thaw', { ok: false, code: 'REFUSED', text: 'Nothing is frozen.' }],
    ])('prints exactly one document for %s', async (line, given) => {
      const { out, err } = await run(`${line} --json`, answers(given));

      expect(JSON.parse(out)).toEqual(reply(given));
      expect(err).toBe('');
    });

    it('prints one also for bad usage and for help', async () => {
      const bad = await run('stauts --json');
      const help = await run('help --json');

      expect(JSON.parse(bad.out)).toMatchObject({
        ok: false,
        code: 'UNKNOWN_COMMAND',
        data: { suggestion: 'status' },
      });
      expect(bad.code).toBe(2);
      expect(JSON.parse(help.out).data.commands.length).toBe(COMMANDS.length);
    });

    it('holds nothing that a terminal would obey', async () => {
      const { out } = await run('status --json', answers({ text: '\u001b]0;x\u0007\u009b31m' }));

      expect(out).not.toMatch(/[^\P{C}\n]/u);
      expect(JSON.parse(out).text).toBe('\u001b]0;x\u0007\u009b31m');
    });
  });

  describe('without a running bot', () => {
    it('answers from files what can be answered from files', async () => {
      const asked: unknown[] = [];
      const { code, out } = await run('audit verify', () => REFUSED, {
        offline: async (call) => {
          asked.push(call);
          return reply({ text: 'The audit log is whole.' });
        },
      });

      expect(code).toBe(0);
      expect(out).toBe('The audit log is whole.\n');
      expect(asked).toEqual([{ command: 'audit verify', options: {}, dryRun: false }]);
    });

    it('says that no bot runs, where it looked, and how to start it', async () => {
      const { code, err } = await run('status');

      expect(code).toBe(1);
      expect(err).toBe(
        'No bot is running here (tried http://127.0.0.1:8787), and status needs one. Start it with "nightshift start".\n',
      );
    });

    it('tells a broken file in one line', async () => {
      const { code, err } = await run('audit verify', () => REFUSED, {
        offline: async () => {
          throw new OpsError('STATE_CORRUPT', 'state/x.json cannot be read');
        },
      });

      expect([code, err]).toEqual([1, 'STATE_CORRUPT: state/x.json cannot be read\n']);
    });
  });

  it.each(['strategies validate', 'config check'])(
    '%s checks the files that are here, not a running bot',
    async (line) => {
      const { calls, code } = await run(line, answers({}), { offline: async () => reply() });

      expect(calls).toEqual([]);
      expect(code).toBe(0);
    },
  );

  it('ends a bad configuration with exit code 2', async () => {
    const offline = async (): Promise<Reply> => reply({ ok: false, code: 'FAILED', text: '1 fault found' });

    expect((await run('config check', () => REFUSED, { offline })).code).toBe(2);
  });

  describe("answers that are not the bot's", () => {
    it.each<[string, HttpResult, number, RegExp]>([
      [
        'a wrong token',
        answered(401, { error: { code: 'UNAUTHENTICATED', message: 'x' } }),
        3,
        /does not know this token/,
      ],
      ['another program', answered(200, '<html>'), 1, /something that is not Nightshift's/],
      ['a proxy error', answered(502, 'Bad gateway'), 1, /answered 502/],
      [
        'an API error',
        answered(429, { error: { code: 'RATE_LIMITED', message: 'Too many requests.' } }),
        1,
        /Too many requests\./,
      ],
      [
        'a refusal',
        answered(409, { error: { code: 'REFUSED', message: 'frozen', details: {} } }),
        3,
        /frozen/,
      ],
      ['silence', { kind: 'timed_out', took: seconds(65) }, 1, /No answer from .* within 65 s/],
    ])('%s', async (_, result, code, text) => {
      const ended = await run('status', () => result);

      expect(ended.code).toBe(code);
      expect(ended.err).toMatch(text);
    });
  });

  it('goes by host and port where no lock tells, and never calls a wildcard', async () => {
    const address = { lockUrl: null, host: '0.0.0.0', port: 9_000, token: null };

    const { calls } = await run('status', answers({}), { address });

    expect(calls[0]?.url).toBe('http://127.0.0.1:9000/api/commands');
    expect(calls[0]?.headers).not.toHaveProperty('authorization');
  });

  it('tries host and port when nobody answers at the address of the lock', async () => {
    const address = { lockUrl: 'http://127.0.0.1:1234/', host: '::1', port: 8_787, token: 't' };

    const { calls, code } = await run(
      'status',
      ({ url }) => (url.includes('1234') ? REFUSED : answered(200, reply())),
      {
        address,
      },
    );

    expect(calls.map(({ url }) => url)).toEqual([
      'http://127.0.0.1:1234/api/commands',
      'http://[::1]:8787/api/commands',
    ]);
    expect(code).toBe(0);
  });

  describe('help', () => {
    it.each(['', '--help', '-h', 'help'])(
      'of "%s" lists every command and what only this program has',
      async (line) => {
        const { code, out } = await run(line);

        expect(code).toBe(0);
        expect(out).toContain('  start  Starts the bot on this host');
        for (const command of COMMANDS) expect(out).toContain(`  ${command.words.join(' ')} `);
      },
    );

    it('of every command has usage and an example', async () => {
      for (const command of COMMANDS) {
        const { code, out } = await run(`${command.words.join(' ')} --help`);

        expect(code).toBe(0);
        expect(out).toContain(`Usage: ${command.words.join(' ')}`);
        expect(out).toContain(`Example: ${command.example}`);
      }
    });

    it.each(['strategies validate --help', 'worker status --help', 'restore --help', 'worker --help'])(
      'knows %s',
      async (line) => {
        expect((await run(line)).code).toBe(0);
      },
    );

    it('of what only this program has is usage and an example too', async () => {
      const { code, out } = await run('help start');

      expect(code).toBe(0);
      expect(out).toContain('Usage: nightshift start');
      expect(out).toContain('Example: nightshift start --production.');
      expect((await run('help tea')).code).not.toBe(0);
    });

    it('of an unknown command is bad usage', async () => {
      expect((await run('coffee --help')).code).toBe(2);
    });
  });

  describe('on a terminal', () => {
    const night = { incidents: [slowIncident(), incident()], approvals: [approval()] };

    it('draws a table with the same words', async () => {
      const { out } = await run('incident list', botOf(night), { isTty: true, colours: false });

      await expect(out).toMatchFileSnapshot('../../../golden/cli/incident-list.txt');
    });

    it.each([
      'approvals',
      'heal history',
      'strategy list',
      'strategy validate',
      'worker list',
      'maintenance list',
      'audit tail',
    ])('draws %s', async (line) => {
      const { out } = await run(line, botOf(nightWorld()), { isTty: true, colours: false, width: 140 });

      await expect(out).toMatchFileSnapshot(`../../../golden/cli/${line.replace(' ', '-')}.txt`);
    });

    it('wraps the last column where the line is short', async () => {
      const { out } = await run('incident timeline inc-7f3a', botOf(night), {
        isTty: true,
        colours: false,
        width: 44,
      });

      await expect(out).toMatchFileSnapshot('../../../golden/cli/timeline-narrow.txt');
      for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(44);
    });

    it('colours state words, and only with colours on', async () => {
      const coloured = await run('incident show inc-7f3a', botOf(night), { isTty: true });
      const plain = await run('incident show inc-7f3a', botOf(night), { isTty: true, colours: false });
      const piped = await run('incident show inc-7f3a', botOf(night));

      expect(coloured.out).toContain(
        '\u001b[33mWarning\u001b[0m · \u001b[33mWaiting\u001b[0m: billing-api is slow',
      );
      expect(plain.out).not.toContain('\u001b');
      expect(piped.out).toBe(plain.out);
    });

    it('lets no foreign text drive it', async () => {
      const evil = slowIncident({ title: '\u001b[2J\u202eevil\u0007' });

      const table = await run('incident list', botOf({ incidents: [evil] }), { isTty: true, colours: false });
      const text = await run('incident show inc-7f3a', botOf({ incidents: [evil] }), {
        isTty: true,
        colours: false,
      });

      for (const { out } of [table, text]) expect(out).not.toMatch(/[^\P{C}\n]/u);
    });
  });

  it('exports the audit log as one JSON object a line', async () => {
    const line = { seq: 1, text: 'a' };

    const { out } = await run('audit export', answers({ data: { lines: [line, line] } }));

    expect(out).toBe(`${JSON.stringify(line)}\n${JSON.stringify(line)}\n`);
  });

  it('knows --version', async () => {
    const { calls } = await run('--version', answers({ text: 'Nightshift 0.1.0 on web-1' }));

    expect(JSON.parse(calls[0]?.body ?? '')).toMatchObject({ command: 'version' });
  });
});
