import { describe, expect, it } from 'vitest';
import { followDrill } from '../../../../src/bot/cli/follow.ts';
import type { Reply } from '../../../../src/bot/commands/command.ts';

const ok = (data: unknown, text = 'status'): Reply => ({ ok: true, code: 'OK', text, data });
const running = (done: number) =>
  ok({ running: { done, total: 3, now: ['hung'] }, last: null, failure: null });

async function follow(begun: Reply, answers: readonly Reply[]) {
  const left = [...answers];
  const told: string[] = [];
  const reply = await followDrill(begun, {
    status: async () => left.shift() ?? ok({ running: null, last: null, failure: 'asked too often' }),
    sleep: async () => {},
    tell: (line) => void told.push(line),
  });
  return { reply, told };
}

describe('followDrill', () => {
  const begun = ok({ begun: true }, 'The drill has begun.');

  it('tells progress once a change, and answers with what came of it', async () => {
    const end = ok({ running: null, failure: null, last: { passed: true } }, 'Every bar was held.');
    const { reply, told } = await follow(begun, [running(0), running(0), running(1), end]);

    expect(reply).toEqual(end);
    expect(told).toEqual(['The drill has begun.', '0 of 3 done, now hung', '1 of 3 done, now hung']);
  });

  it.each([
    ['did not pass', { running: null, failure: null, last: { passed: false } }],
    ['did not come to its end', { running: null, failure: 'stopped', last: { passed: true } }],
  ])('has failed when the drill %s', async (_, data) => {
    expect((await follow(begun, [ok(data)])).reply).toMatchObject({ ok: false, code: 'FAILED', data });
  });

  it('waits for nothing on a dry run or a refusal', async () => {
    const refusal: Reply = { ok: false, code: 'REFUSED', text: 'a drill is under way', data: null };

    expect((await follow(refusal, [])).reply).toBe(refusal);
    expect((await follow(ok({ dryRun: true }), [])).told).toEqual([]);
  });

  it('ends when the bot is gone', async () => {
    const gone: Reply = { ok: false, code: 'FAILED', text: 'No bot is running here', data: null };

    expect((await follow(begun, [running(0), gone])).reply).toBe(gone);
  });
});
