import { describe, expect, it } from 'vitest';
import { judgeDisk, judgeNode, judgeSkew } from '../../../../src/app/doctor/host-checks.ts';
import { bytes, epochMs, mebibytes, ms, ratio, seconds } from '../../../../src/domain/units.ts';

describe('judgeNode', () => {
  it.each(['18.20.4', '20.18.3'])('finds Node %s too old', (version) => {
    expect(judgeNode(version)).toMatchObject({ kind: 'finding', mend: expect.stringContaining('20.19') });
  });

  it.each(['20.19.0', '22.1.0', '24.0.0', '26.3.1'])('takes Node %s', (version) => {
    expect(judgeNode(version).kind).toBe('ok');
  });
});

describe('judgeDisk', () => {
  const least = mebibytes(200);
  const disk = { mount: '/', used: ratio(0.5), inodes: ratio(0.5), free: mebibytes(200) };

  it('asks for room below what healing needs, and not at it', () => {
    expect(judgeDisk({ ...disk, free: bytes(least - 1) }, least).kind).toBe('finding');
    expect(judgeDisk(disk, least).kind).toBe('ok');
  });

  it('finds a disk without inodes full', () => {
    expect(judgeDisk({ ...disk, inodes: ratio(0.99) }, least).kind).toBe('finding');
  });

  it('says of a disk that does not answer that it is not known', () => {
    expect(judgeDisk({ ...disk, free: null }, least).kind).toBe('skipped');
  });
});

describe('judgeSkew', () => {
  const ours = epochMs(1_800_000_000_000);

  it.each([
    [-31_500, 'behind'],
    [31_500, 'ahead of'],
  ])('says that a clock which is %i ms off is %s the other one', (off, words) => {
    const answer = judgeSkew('Slack', epochMs(ours - off), ours, ms(0));

    expect(answer).toMatchObject({ kind: 'finding', text: expect.stringContaining(`${words} Slack`) });
  });

  it('does not take a slow answer for a wrong clock', () => {
    expect(judgeSkew('Slack', epochMs(ours - 35_000), ours, seconds(6)).kind).toBe('ok');
  });
});
