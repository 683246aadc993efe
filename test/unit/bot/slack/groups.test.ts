import { describe, expect, it } from 'vitest';
import { createGroupBook } from '../../../../src/bot/slack/groups.ts';
import { seconds } from '../../../../src/domain/units.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { createMemoryLogger } from '../../../support/memory-ports.ts';

function setUp(lists: Record<string, readonly string[]>) {
  const clock = createFakeClock();
  const asked: string[] = [];
  const members = async (group: string): Promise<readonly string[]> => {
    asked.push(group);
    const users = lists[group];
    if (users === undefined) throw new Error('missing_scope');
    return users;
  };
  return { clock, asked, book: createGroupBook(['S1', 'S2'], members, { clock, log: createMemoryLogger() }) };
}

describe('createGroupBook', () => {
  it('knows the groups of a person by Slack’s own lists', async () => {
    const { book } = setUp({ S1: ['U1'], S2: ['U1', 'U2'] });

    expect([await book.of('U1'), await book.of('U2'), await book.of('U3')]).toEqual([
      ['S1', 'S2'],
      ['S2'],
      [],
    ]);
  });

  it('asks again after a minute, not before', async () => {
    const { book, clock, asked } = setUp({ S1: [], S2: [] });

    await book.of('U1');
    await clock.advance(seconds(59));
    await book.of('U1');
    expect(asked).toHaveLength(2);
    await clock.advance(seconds(2));
    await book.of('U1');
    expect(asked).toHaveLength(4);
  });

  it('gives no role from a list that cannot be read, and asks again at the next press', async () => {
    const { book, asked } = setUp({ S2: ['U1'] });

    expect(await book.of('U1')).toEqual(['S2']);
    await book.of('U1');
    expect(asked.filter((group) => group === 'S1')).toHaveLength(2);
  });
});
