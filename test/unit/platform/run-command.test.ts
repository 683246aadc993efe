import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ms, seconds } from '../../../src/domain/units.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { createRedactor } from '../../../src/platform/redact.ts';
import { createCommandRunner } from '../../../src/platform/run-command.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

const commands = createCommandRunner({
  clock: createSystemClock(),
  redact: createRedactor(['correct-horse']),
});
const node = (script: string, ...args: string[]): readonly string[] => [
  process.execPath,
  '-e',
  script,
  ...args,
];
const isAlive = (pid: number): boolean => {
  const state = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
  return state !== '' && !/\) [ZX] /.test(state);
};

describe('createCommandRunner', () => {
  it('gives exit code and output of both streams, clean of colours and secrets', async () => {
    const script =
      "process.stdout.write('\\u001b[31mred\\u001b[0m correct-horse '); process.stderr.write('oops'); process.exitCode = 3";

    const result = await commands.run({ argv: node(script), timeLimit: seconds(10) });

    expect(result).toMatchObject({ kind: 'exited', code: 3 });
    expect(result).toHaveProperty('output', expect.stringContaining('red [redacted] '));
    expect(result).toHaveProperty('output', expect.stringContaining('oops'));
    expect(result.kind === 'exited' && result.took).toBeGreaterThan(1);
  });

  it('passes arguments as they are: nothing is read by a shell', async () => {
    const hostile = '; echo INJECTED $(id) `id` && | > *';

    const result = await commands.run({
      argv: node('process.stdout.write(process.argv[1])', hostile),
      timeLimit: seconds(10),
    });

    expect(result).toMatchObject({ kind: 'exited', output: hostile });
  });

  it('gives the command a clean environment, its folder, and no input', async () => {
    const folder = temporaryFolder();
    const script =
      "const i = require('fs').readFileSync(0, 'utf8'); process.stdout.write(JSON.stringify([Object.keys(process.env).sort(), process.cwd(), i]))";

    const result = await commands.run({
      argv: node(script),
      timeLimit: seconds(10),
      cwd: folder,
      env: { EXTRA: '1' },
    });

    expect(JSON.parse(result.kind === 'exited' ? result.output : '')).toEqual([
      ['EXTRA', 'LANG', 'NIGHTSHIFT_COMMAND', 'PATH'],
      folder,
      '',
    ]);
  });

  it('says by which signal a command died', async () => {
    const result = await commands.run({
      argv: node("process.kill(process.pid, 'SIGSEGV')"),
      timeLimit: seconds(10),
    });

    expect(result).toMatchObject({ kind: 'killed', signal: 'SIGSEGV' });
  });

  it.each([
    ['a missing program', ['/nowhere/tool'], undefined, 'ENOENT'],
    ['a missing folder', [process.execPath, '-e', ''], '/nowhere', 'ENOENT'],
    ['a file that is no program', [fileURLToPath(import.meta.url)], undefined, 'EACCES'],
    ['a relative program', ['node'], undefined, 'absolute path'],
    ['nothing', [], undefined, 'absolute path'],
    ['a NUL character', ['/bin/true', 'a\0b'], undefined, 'NUL'],
  ])('says that %s was not started', async (_, argv, cwd, reason) => {
    const result = await commands.run({ argv, timeLimit: seconds(1), ...(cwd === undefined ? {} : { cwd }) });

    expect(result).toEqual({ kind: 'not_started', reason: expect.stringContaining(reason) });
  });

  it('ends a command at its time limit, with its grandchildren', async () => {
    const script =
      "const c = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']); console.log(c.pid); setInterval(() => {}, 1000)";

    const result = await commands.run({ argv: node(script), timeLimit: ms(600) });

    expect(result.kind).toBe('timed_out');
    expect(isAlive(Number(result.kind === 'timed_out' ? result.output : 0))).toBe(false);
  });

  it('also ends a grandchild that left the group, and none of another command', async () => {
    const aside =
      "const c = require('child_process').spawn(process.execPath, ['-e', \"process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)\"], { detached: true, stdio: 'ignore' }); c.unref(); console.log(c.pid);";

    const left = await commands.run({ argv: node(aside), timeLimit: seconds(10) });
    const result = await commands.run({
      argv: node(`${aside} setInterval(() => {}, 1000)`),
      timeLimit: ms(800),
    });

    const living = Number(left.kind === 'exited' ? left.output : 0);
    const gone = Number(result.kind === 'timed_out' ? result.output : 0);
    await expect.poll(() => isAlive(gone)).toBe(false);
    expect(isAlive(living)).toBe(true);
    process.kill(living, 'SIGKILL');
  });

  it('kills a command that ignores SIGTERM', async () => {
    const script = "process.on('SIGTERM', () => {}); console.log(process.pid); setInterval(() => {}, 1000)";

    const result = await commands.run({ argv: node(script), timeLimit: ms(600) });

    expect(result).toMatchObject({ kind: 'timed_out' });
    expect(result.kind === 'timed_out' && result.took).toBeGreaterThan(5_000);
    expect(isAlive(Number(result.kind === 'timed_out' ? result.output : 0))).toBe(false);
  });

  it('answers at the exit although a grandchild holds the output open, and lets it live', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'told');
    writeFileSync(file, '');
    const service = `setTimeout(() => { process.stdout.write('still here'); require('fs').writeFileSync('${file}', 'spoke'); }, 700); setTimeout(() => {}, 1200)`;
    const script = `const c = require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(service)}], { stdio: 'inherit', detached: true }); c.unref(); console.log('started')`;

    const result = await commands.run({ argv: node(script), timeLimit: seconds(10) });

    expect(result).toMatchObject({ kind: 'exited', code: 0, output: 'started\n' });
    expect(result.kind === 'exited' && result.took).toBeLessThan(3_000);
    await expect.poll(() => readFileSync(file, 'utf8'), { timeout: 5_000 }).toBe('spoke');
  });

  it('ends a command when its caller gives up, and starts none for one who has', async () => {
    const stop = new AbortController();
    const running = commands.run({
      argv: node('setInterval(() => {}, 1000)'),
      timeLimit: seconds(60),
      signal: stop.signal,
    });

    createSystemClock().in(ms(200), () => stop.abort());

    expect(await running).toMatchObject({ kind: 'killed', signal: 'SIGTERM' });
    expect(
      await commands.run({ argv: ['/bin/true'], timeLimit: seconds(1), signal: stop.signal }),
    ).toMatchObject({
      kind: 'not_started',
    });
  });

  it('keeps head and tail of a flood without growing', { timeout: 60_000 }, async () => {
    const script =
      "const b = Buffer.alloc(1 << 20, 'x '); let n = 0; process.stdout.write('HEAD '); (function go() { while (n < 300) { n += 1; if (!process.stdout.write(b)) return process.stdout.once('drain', go); } process.stdout.write(' TAIL'); })()";
    const before = process.memoryUsage().rss;

    const result = await commands.run({ argv: node(script), timeLimit: seconds(50) });

    const output = result.kind === 'exited' ? result.output : '';
    expect(output.length).toBeLessThan(66_000);
    expect(output.startsWith('HEAD ')).toBe(true);
    expect(output.endsWith(' TAIL')).toBe(true);
    expect(output).toMatch(/\[314,\d{3},\d{3} bytes left out\]/);
    expect(process.memoryUsage().rss - before).toBeLessThan(80_000_000);
  });
});
