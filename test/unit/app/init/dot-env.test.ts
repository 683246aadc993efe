import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeDotEnv } from '../../../../src/app/init/dot-env.ts';

describe('mergeDotEnv', () => {
  it('names every key as a comment and sets what was answered', () => {
    const { text, kept } = mergeDotEnv('', { SLACK_CHANNEL_ID: 'C1' });

    expect(parseEnv(text)).toEqual({ SLACK_CHANNEL_ID: 'C1' });
    expect(text).toMatch(/^# SMTP_URL=/m);
    expect(kept).toEqual([]);
  });

  it('leaves a value that is there, and says so', () => {
    const { text, kept } = mergeDotEnv('SLACK_CHANNEL_ID=C9\n', { SLACK_CHANNEL_ID: 'C1' });

    expect(parseEnv(text)).toEqual({ SLACK_CHANNEL_ID: 'C9' });
    expect(kept).toEqual(['SLACK_CHANNEL_ID']);
  });

  it('fills in a line that is commented or empty, in its place', () => {
    expect(mergeDotEnv('A=1\nSLACK_CHANNEL_ID=\nB=2\n', { SLACK_CHANNEL_ID: 'C1' }).text).toMatch(
      /^A=1\nSLACK_CHANNEL_ID=C1\nB=2\n/,
    );
    expect(mergeDotEnv('# SLACK_CHANNEL_ID=x\nB=2', { SLACK_CHANNEL_ID: 'C1' }).text).toMatch(
      /^SLACK_CHANNEL_ID=C1\nB=2\n/,
    );
  });

  it('never changes a value of any file, and changes nothing the second time', () => {
    const line = fc.tuple(
      fc.constantFrom('A', 'SMTP_URL', 'DISCORD_CHANNEL_ID', 'MAIL_TO'),
      fc.stringMatching(/^[a-z0-9:]{1,8}$/),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(line, { selector: ([key]) => key }),
        fc.stringMatching(/^[A-Z0-9]{2,9}$/),
        (lines, id) => {
          const existing = lines.map(([key, value]) => `${key}=${value}`).join('\n');
          const wanted = { DISCORD_CHANNEL_ID: id };

          const once = mergeDotEnv(existing, wanted).text;
          expect(parseEnv(once)).toEqual({ ...wanted, ...parseEnv(existing) });
          expect(mergeDotEnv(once, wanted).text).toBe(once);
        },
      ),
    );
  });
});
