import { describe, expect, it } from 'vitest';
import type { ErrandEnd, ErrandRequest, ErrandRunner } from '../../../../src/domain/ports.ts';
import type { Errand } from '../../../../src/domain/strategy.ts';
import { minutes, seconds } from '../../../../src/domain/units.ts';
import { actor } from '../../../support/builders.ts';
import { createWorld, type World, type WorldOptions } from '../../../support/healing-world.ts';

const RESTORE: Errand = {
  kind: 'restore',
  backup: '20261122T033000Z',
  sections: ['config'],
  path: null,
  target: null,
  timeLimit: minutes(60),
  needsApproval: true,
};

const REQUEST: ErrandRequest = {
  errand: RESTORE,
  title: 'Restore config from 20261122T033000Z',
  effect: 'Back up what is there, then restore config',
  why: 'config: 1 changed.',
  undo: 'restore rollback',
  hash: 'shown',
  requestedBy: actor({ id: 'ada', person: 'ada' }),
};

interface Scene {
  readonly world: World;
  readonly runs: string[];
  hash: string;
  end: (value: ErrandEnd) => void;
}

async function scene(options: WorldOptions = {}): Promise<Scene> {
  const runs: string[] = [];
  const pending: ((value: ErrandEnd) => void)[] = [];
  const errands: ErrandRunner = {
    hashOf: () => ({ kind: 'hash', hash: it.hash }),
    run: (_, by, tell) => {
      runs.push(by.id);
      tell('Unpacking: 50 % of 2 GB.');
      return new Promise((resolve) => pending.push(resolve));
    },
    settled: async () => ({ kind: 'failed', reason: 'interrupted; everything was put back as it was' }),
  };
  const world = createWorld({ ...options, errands });
  await world.boot();
  const it: Scene = { world, runs, hash: 'shown', end: (value) => pending.shift()?.(value) };
  return it;
}

async function asked({ world }: Scene): Promise<string> {
  const result = await world.healer.ask(REQUEST);
  if (result.kind !== 'asked') throw new Error(result.reason);
  return result.approvalId;
}

const ben = actor({ surface: 'discord', id: 'ben', person: 'ben' });

describe('an errand', () => {
  it('has a card and waits; one yes runs it once, and its thread tells how it went', async () => {
    const one = await scene();
    const id = await asked(one);
    await one.world.advance(seconds(3));
    expect(one.runs).toEqual([]);
    expect(one.world.only()).toMatchObject({ title: REQUEST.title, state: { kind: 'awaiting_approval' } });

    const answers = await Promise.all(
      Array.from({ length: 20 }, () => one.world.healer.decide(id, 'approve', ben, '')),
    );
    await one.world.advance(seconds(3));

    expect(answers.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
    expect(one.runs).toEqual(['ben']);
    one.end({ kind: 'done', text: 'Restored config.' });
    await one.world.advance(seconds(2));
    expect(one.world.only().state).toMatchObject({ kind: 'resolved', reason: 'Restored config.' });
    const told = one.world.only().timeline.map(({ text }) => text);
    expect(told).toContain('Unpacking: 50 % of 2 GB.');
    expect(one.world.healer.tonight()).toMatchObject({ found: 0, healed: 0, paged: 0 });
  });

  it('never runs after a no, nor without an answer in time', async () => {
    for (const verdict of ['deny', 'silence'] as const) {
      const one = await scene();
      const id = await asked(one);

      if (verdict === 'deny') await one.world.healer.decide(id, 'deny', ben, 'not now');
      await one.world.advance(minutes(16));

      expect(one.runs).toEqual([]);
      expect(one.world.only().state.kind).toBe('resolved');
      expect(one.world.only().pagedAt).toBeNull();
    }
  });

  it('is void when what would run is not what was shown, and while everything is frozen', async () => {
    const changed = await scene();
    const id = await asked(changed);
    changed.hash = 'another';
    expect(await changed.world.healer.decide(id, 'approve', ben, '')).toMatchObject({ code: 'PLAN_CHANGED' });

    const frozen = await scene();
    const later = await asked(frozen);
    await frozen.world.healer.freeze('all', minutes(60), ben, 'deploy', false);
    await frozen.world.healer.decide(later, 'approve', ben, '');
    await frozen.world.advance(seconds(3));

    expect([...changed.runs, ...frozen.runs]).toEqual([]);
    expect(await frozen.world.healer.ask(REQUEST)).toMatchObject({ kind: 'refused' });
  });

  it('needs two people where twoPerson says so, and refuses a second one beside it', async () => {
    const one = await scene({ healing: { twoPerson: ['restore'] }, people: 2 });
    const id = await asked(one);

    expect(await one.world.healer.decide(id, 'approve', ben, '')).toMatchObject({ kind: 'one_more_needed' });
    const eve = actor({ id: 'eve', person: 'eve' });
    expect(await one.world.healer.decide(id, 'approve', eve, '')).toMatchObject({ kind: 'accepted' });
    await one.world.advance(seconds(3));

    expect(one.runs).toHaveLength(1);
    expect(await one.world.healer.ask(REQUEST)).toMatchObject({ kind: 'refused' });
  });

  it('is not repeated after a crash while it ran: its end is asked for and told', async () => {
    const one = await scene();
    const id = await asked(one);
    await one.world.healer.decide(id, 'approve', ben, '');
    await one.world.advance(seconds(2));
    one.world.kill();

    await one.world.boot();
    await one.world.advance(seconds(3));

    expect(one.runs).toHaveLength(1);
    expect(one.world.only().state).toMatchObject({
      kind: 'resolved',
      reason: 'Not done: interrupted; everything was put back as it was',
    });
  });
});
