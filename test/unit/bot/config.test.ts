import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BotConfig } from '../../../src/bot/config.ts';

const faults = (data: unknown): readonly string[] => {
  const parsed = BotConfig.safeParse(data);
  return parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
};

describe('BotConfig', () => {
  it('takes the file as shipped, which only proposes', () => {
    const shipped = readFileSync(resolve(import.meta.dirname, '../../../configs/bot.json'), 'utf8');

    const parsed = BotConfig.parse(JSON.parse(shipped));

    expect(parsed.mode).toBe('dry-run');
    expect(parsed.people).toEqual([]);
  });

  it('needs nothing: every key has a default', () => {
    expect(BotConfig.parse({})).toMatchObject({
      mode: 'dry-run',
      surfaces: { slack: { enabled: 'auto' }, discord: { enabled: 'auto' } },
      messageBudgetPerHour: 60,
    });
  });

  it('names the same account mapped to two people, and a name given twice', () => {
    const people = [
      { name: 'ada', roles: ['approver'], slack: ['U1'] },
      { name: 'ada', roles: ['approver'], slack: ['U1'] },
    ];

    expect(faults({ people })).toEqual([
      'people.1.name: expected once, found "ada" again',
      'people.1.slack.0: expected once, found "U1" again',
    ]);
  });

  it.each([
    [{ surprise: 1 }],
    [{ timezone: 'Mars/Olympus' }],
    [{ people: [{ name: 'ada', roles: ['king'] }] }],
    [{ people: [{ name: 'ada', roles: ['viewer'], slack: ['@ada'] }] }],
    [{ tokens: [{ name: 'ci', scopes: [], tokenFile: 'x' }] }],
    [{ consoleUrl: 'javascript:alert(1)' }],
    [{ messageBudgetPerHour: 0 }],
  ])('refuses %j', (data) => {
    expect(faults(data)).not.toEqual([]);
  });
});
