/** What scripts rely on: the exit code of each command through the built terminal, with and without a running bot. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BotProcess, buildOnce, ROOT, removeFolder, startBot } from '../support/bot-process.ts';
import { createFilePatient, type FilePatient } from '../support/file-patient.ts';

interface Row {
  readonly line: string;
  readonly code: number;
}

/** 0 done, 1 failed, 2 bad usage or configuration, 3 refused, 4 nothing to act on. */
const RUNNING: readonly Row[] = [
  { line: 'status', code: 0 },
  { line: 'incident list', code: 0 },
  { line: 'incident show inc-0000', code: 4 },
  { line: 'why inc-0000', code: 4 },
  { line: 'ack inc-0000', code: 4 },
  { line: 'approvals', code: 0 },
  { line: 'approve apr-0000', code: 4 },
  { line: 'freeze --for 90d', code: 2 },
  { line: 'freeze --for 1h --reason test --dry-run', code: 0 },
  { line: 'heal run --target nothing --strategy service_down', code: 4 },
  { line: 'mode show', code: 0 },
  { line: 'strategies validate', code: 0 },
  { line: 'strategy mode --strategy service_down --mode maybe', code: 2 },
  { line: 'backup list', code: 0 },
  { line: 'backup show 20200101T000000Z', code: 4 },
  { line: 'budget set --cpu 80 --memory 70', code: 0 },
  { line: 'budget set --cpu lots', code: 2 },
  { line: 'worker status', code: 0 },
  { line: 'worker restart nobody', code: 4 },
  { line: 'audit verify', code: 0 },
  { line: 'report healing', code: 0 },
  { line: 'config check', code: 0 },
  { line: 'whoami', code: 0 },
  { line: 'tea', code: 2 },
  { line: 'status --sugar 2', code: 2 },
];

const ALONE: readonly Row[] = [
  { line: 'status', code: 1 },
  { line: 'version', code: 0 },
  { line: 'help', code: 0 },
  { line: 'audit verify', code: 0 },
  { line: 'strategies validate', code: 0 },
  { line: 'config check', code: 0 },
  { line: 'backup verify 20200101T000000Z', code: 4 },
  { line: 'restore --dry-run --yes', code: 4 },
  { line: 'replay --input nothing.csv', code: 1 },
  { line: 'completion csh', code: 2 },
  { line: 'tea', code: 2 },
];

let shop: FilePatient;
let bot: BotProcess;
beforeAll(async () => {
  buildOnce();
  shop = createFilePatient();
  bot = await startBot({ folder: shop.folder, configs: shop.configs });
}, 120_000);
afterAll(async () => {
  await bot.kill('SIGKILL');
  removeFolder(shop.folder);
});

function run(line: string): Promise<{ readonly code: number; readonly stdout: string }> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: shop.folder,
    NIGHTSHIFT_CONFIG_DIR: join(shop.folder, 'configs'),
    NIGHTSHIFT_DATA_DIR: join(shop.folder, 'data'),
    NIGHTSHIFT_TOKEN: bot.token,
    NIGHTSHIFT_PORT: new URL(bot.url).port,
  };
  const argv = [join(ROOT, 'dist/main.js'), ...line.split(' ')];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, argv, { cwd: shop.folder, env }, (_failed, stdout) =>
      resolve({ code: child.exitCode ?? -1, stdout }),
    );
  });
}

/** Commands that work on files take the data folder's lock: without a bot only one of them runs at a time. */
async function runAll(
  rows: readonly Row[],
  { ending = '', atOnce }: { readonly ending?: string; readonly atOnce: number },
): Promise<readonly (Row & { stdout: string })[]> {
  const left = rows.map((row, index) => ({ row, index }));
  const found: (Row & { stdout: string })[] = [];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      found[next.index] = { line: next.row.line, ...(await run(`${next.row.line}${ending}`)) };
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return found;
}

const codes = (rows: readonly Row[]): readonly Row[] => rows.map(({ line, code }) => ({ line, code }));

describe('exit codes', () => {
  it('are as documented with a running bot, where --json is one JSON document', async () => {
    const found = await runAll(RUNNING, { ending: ' --json', atOnce: 3 });

    expect(codes(found)).toEqual(RUNNING);
    for (const { line, stdout } of found) expect(() => JSON.parse(stdout), line).not.toThrow();
  }, 120_000);

  it('are as documented without one', async () => {
    await bot.kill('SIGTERM');

    expect(codes(await runAll(ALONE, { atOnce: 1 }))).toEqual(ALONE);
  }, 120_000);
});
