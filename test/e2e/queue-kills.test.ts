/** A few kills of the built product while its queue works; `npm run bench -- queue --kills 100` is the full count. */
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { torture } from '../../bench/queue/torture.ts';
import { buildOnce } from '../support/bot-process.ts';

const MARK = '/usr/bin/mktemp';
const KILLS = Number(process.env['QUEUE_KILLS'] ?? 3);

describe.skipIf(!existsSync(MARK))(`kill -9 while tasks run (skipped without ${MARK})`, () => {
  beforeAll(buildOnce, 120_000);

  it('loses no accepted task, and runs none twice that is not idempotent', {
    timeout: 60_000 + KILLS * 10_000,
  }, async () => {
    const found = await torture({ kills: KILLS, tasks: KILLS * 40, lives: [300, 1_200] });

    expect(found).toMatchObject({ kills: KILLS, lost: 0, doubled: 0, wrong: 0, unmarked: 0, left: 0 });
    expect(found.done + found.marked).toBe(KILLS * 40);
  });
});
